package web

import (
	"net/http"

	"planpost/core"
)

type projectsView struct {
	Frame
	MayCreate bool
	MayBin    bool
	Items     []core.ProjectItem
	More      string
}

func (s *Site) projects(w http.ResponseWriter, v *visit) error {
	items, err := s.core.Projects(v.Context(), v.actor, v.URL.Query().Get("after"), v.asked("afterid"), page+1)
	if err != nil {
		return err
	}
	view := projectsView{Frame: s.frame(v, v.t("page.projects")), MayCreate: s.may(v, "project.create", core.Object{}),
		MayBin: v.staff() && v.actor.Person.Role != core.TechnicalAdministrator}
	if len(items) > page {
		items = items[:page]
		view.More = v.after("after", items[page-1].Name, "afterid", string(items[page-1].ID))
	}
	view.Items = items
	return s.render(w, v, http.StatusOK, "projects", view)
}

type projectView struct {
	Frame
	core.ProjectView
	MayTask, MayPlans, MaySeePeople, MayInvite, MayEdit, MaySettings, MayLock, MayLeave bool
	Participants                                                                        []participantCard
	List                                                                                taskList
	Mute                                                                                *muteBlock
}

type participantCard struct {
	Person         card
	URL            string
	Admin, Auditor bool
}

func (s *Site) project(w http.ResponseWriter, v *visit) error { return s.projectPage(w, v, nil) }

func (s *Site) projectPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := s.core.Project(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	tasks, err := s.core.Tasks(v.Context(), v.actor, core.TaskFilter{Project: id, Limit: page})
	if err != nil {
		return err
	}
	view := projectView{Frame: s.frame(v, p.Project.Name), ProjectView: p, MayTask: p.May["task.create"], MayPlans: p.May["plan.list"], MaySeePeople: p.May["participant.list"], MayInvite: p.May["participant.invite"],
		MaySettings: p.May["project.settings_backup"], MayLock: p.May["participant.list_blocked"], MayLeave: p.May["participant.leave"], List: s.taskList(v, tasks, "tasks.none.project")}
	for i := range p.Participants {
		m := &p.Participants[i]
		// An outsider learns of those inside and of himself.
		if v.staff() || m.Of.Staff() || m.Person == v.actor.Person.ID {
			view.Participants = append(view.Participants, participantCard{cardOf(v, &m.Of), placeURL(id, m.Person), m.Admin, m.Auditor})
		}
	}
	if view.Mute, err = s.muteOf(v, core.Object{Kind: "project", ID: id}, "/projects/"+string(id)); err != nil {
		return err
	}
	for _, action := range []string{"project.edit", "project.set_counterparty", "project.set_client_manager", "project.set_visibility", "project.transfer", "project.delete"} {
		view.MayEdit = view.MayEdit || p.May[actionOf(action)]
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "project", view)
}

type newProjectView struct {
	Frame
	Name                              string
	Companies, Managers, Responsibles []option
	Visibilities                      []option
	Hidden                            bool
}

func (s *Site) newProjectPage(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "project.create", core.Object{}); err != nil {
		return err
	}
	view, err := s.newProjectForm(v, core.NewProject{Visibility: core.VisibleInside})
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "newproject", view)
}

func (s *Site) newProjectForm(v *visit, n core.NewProject) (view newProjectView, err error) {
	view = newProjectView{Frame: s.frame(v, v.t("page.newproject")), Name: n.Name, Hidden: n.Hidden}
	if view.Companies, err = s.companyOptions(v, n.Counterparty); err != nil {
		return view, err
	}
	people, err := s.choosable(v, core.UserKind)
	view.Managers, view.Responsibles = s.doers(v, people, n.ClientManager), s.doers(v, people, n.Responsible)
	view.Visibilities = options(v.locale, "visibility", n.Visibility, core.VisibleInside, core.VisibleParticipants)
	return view, err
}

// companyOptions are the firms a form can name; none for who may not see contacts.
func (s *Site) companyOptions(v *visit, chosen core.ID) (list []option, err error) {
	companies, err := s.core.Companies(v.Context(), v.actor)
	if kind := core.KindOf(err); err != nil && (kind == core.Forbidden || kind == core.NotFound) {
		return nil, nil
	}
	for _, c := range companies {
		list = append(list, option{string(c.ID), c.Name, c.ID == chosen})
	}
	return list, err
}

func (s *Site) createProject(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	n := core.NewProject{Name: v.PostFormValue("name"), Counterparty: v.one("counterparty"), ClientManager: v.one("clientmanager"), Responsible: v.one("responsible"),
		Visibility: v.PostFormValue("visibility"), Hidden: v.PostFormValue("hidden") != ""}
	p, err := s.core.CreateProject(v.Context(), v.actor, n)
	if err == nil {
		return redirect(w, v, "/projects/"+string(p.ID), "project", "")
	}
	if !mendable(err) {
		return err
	}
	view, formErr := s.newProjectForm(v, n)
	if formErr != nil {
		return err
	}
	return s.render(w, v, s.again(&view.Frame, v, err), "newproject", view)
}
