package web

import (
	"net/http"
	"strconv"

	"planpost/core"
)

// placeRoutes: what is set of a project, who takes part, and the bin.
var placeRoutes = []route{
	{"GET", "/projects/{id}/edit", "project.edit", (*Site).editProjectPage},
	{"POST", "/projects/{id}/edit", "project.edit", (*Site).editProject},
	{"POST", "/projects/{id}/transfer", "project.transfer", (*Site).transferProject},
	{"POST", "/projects/{id}/delete", "project.delete", (*Site).deleteProject},
	{"GET", "/projects/{id}/settings", "project.settings_backup", (*Site).projectSettings},
	{"POST", "/projects/{id}/settings", "project.settings_backup", (*Site).setProjectSettings},
	{"POST", "/projects/{id}/settings/plans", "project.settings_backup", (*Site).setPlanSettings},
	{"GET", "/projects/{id}/participants", "participant.list", (*Site).participants},
	{"GET", "/projects/{id}/blocked", "participant.list_blocked", (*Site).blockedParticipants},
	{"GET", "/projects/{id}/invite", "participant.invite", (*Site).invitePage},
	{"GET", "/projects/{id}/participants/{person}", "participant.list", (*Site).place},
	{"POST", "/projects/{id}/participants/{person}", "participant.set_role", (*Site).setPlace},
	{"POST", "/projects/{id}/participants/{person}/unblock", "participant.unblock", (*Site).unblockPlace},
	{"POST", "/projects/{id}/participants/{person}/remove", "participant.invite", (*Site).removePlace},
	{"POST", "/projects/{id}/leave", "participant.leave", (*Site).leaveProject},
	{"GET", "/bin", "bin.view", (*Site).bin},
	{"POST", "/bin", "bin.restore", (*Site).restore},
}

type editProjectView struct {
	Frame
	core.ProjectView
	Name                                      string
	Companies, Managers, Responsibles, Owners []option
	Visibilities, Hides                       []option
	MayAny                                    bool
	Can                                       map[string]bool
	// Sight is who sees more or less by what was asked for; Asked are its fields, to be sent again.
	Sight []core.Compared
	Asked []option
}

func (s *Site) editProjectPage(w http.ResponseWriter, v *visit) error {
	return s.showEdit(w, v, nil)
}

func (s *Site) showEdit(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := s.core.Project(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := editProjectView{Frame: s.frame(v, p.Project.Name), ProjectView: p, Name: p.Project.Name, Can: can(p.May)}
	for _, action := range []string{"project.edit", "project.set_counterparty", "project.set_client_manager", "project.set_visibility", "project.transfer", "project.delete"} {
		view.MayAny = view.MayAny || p.May[actionOf(action)]
	}
	if !view.MayAny {
		return core.Fail(core.Forbidden, "forbidden")
	}
	if err := s.fillEdit(v, &view); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		if v.PostForm.Has("name") {
			view.Name = v.PostFormValue("name")
		}
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "editproject", view)
}

func (s *Site) fillEdit(v *visit, view *editProjectView) (err error) {
	p := &view.ProjectView
	chosen := p.Project.Counterparty
	if chosen == "" { // a contact's card asks for it (X16)
		chosen = v.asked("counterparty")
	}
	if view.Companies, err = s.companyOptions(v, chosen); err != nil {
		return err
	}
	people, err := s.choosable(v, core.UserKind)
	if err != nil {
		return err
	}
	view.Managers = withKnown(s.doers(v, people, p.Project.ClientManager), &p.ClientManager)
	view.Responsibles = withKnown(s.doers(v, people, p.Project.Responsible), &p.Responsible)
	view.Owners = withKnown(personOptions(people, p.Project.Owner), &p.Owner)
	view.Visibilities = options(v.locale, "visibility", p.Project.Visibility, core.VisibleInside, core.VisibleParticipants)
	view.Hides = options(v.locale, "project.hides", map[bool]string{false: "no", true: "yes"}[p.Project.Hidden], "no", "yes")
	return nil
}

// withKnown adds who is chosen and could not be chosen anew, so that saving the form changes nothing.
func withKnown(list []option, p *core.Person) []option {
	for _, o := range list {
		if o.Value == string(p.ID) {
			return list
		}
	}
	if p.ID == "" {
		return list
	}
	return append(list, option{string(p.ID), p.Name, true})
}

// projectEdit reads what the form says; a field that is not in it stays as it is.
func (v *visit) projectEdit() (e core.ProjectEdit) {
	text := func(name string, field **string) {
		if v.PostForm.Has(name) {
			value := v.PostFormValue(name)
			*field = &value
		}
	}
	id := func(name string, field **core.ID) {
		if v.PostForm.Has(name) {
			value := v.one(name)
			*field = &value
		}
	}
	flag := func(name string, field **bool) {
		if v.PostForm.Has(name) {
			value := v.PostFormValue(name) == "yes"
			*field = &value
		}
	}
	text("name", &e.Name)
	text("visibility", &e.Visibility)
	id("counterparty", &e.Counterparty)
	id("clientmanager", &e.ClientManager)
	id("responsible", &e.Responsible)
	flag("hidden", &e.Hidden)
	flag("closed", &e.Closed)
	return e
}

// editProject saves, unless clients gain or lose sight by it: then it first says who.
func (s *Site) editProject(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	e := v.projectEdit()
	if v.PostFormValue("seen") == "" && (e.Counterparty != nil || e.Hidden != nil) {
		sight, err := s.core.PreviewProject(v.Context(), v.actor, id, e)
		if err != nil && !mendable(err) {
			return err
		}
		if len(sight) > 0 {
			return s.showSight(w, v, id, sight)
		}
	}
	_, err = s.core.EditProject(v.Context(), v.actor, id, e)
	switch {
	case err == nil:
		return redirect(w, v, "/projects/"+string(id), "projectsaved", "")
	case mendable(err):
		return s.showEdit(w, v, err)
	}
	return err
}

func (s *Site) showSight(w http.ResponseWriter, v *visit, id core.ID, sight []core.Compared) error {
	p, err := s.core.Project(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := editProjectView{Frame: s.frame(v, v.t("sight.title")), ProjectView: p, Sight: sight}
	for _, name := range []string{"name", "visibility", "counterparty", "clientmanager", "responsible", "hidden", "closed"} {
		if v.PostForm.Has(name) {
			view.Asked = append(view.Asked, option{Value: name, Text: v.PostFormValue(name)})
		}
	}
	return s.render(w, v, http.StatusOK, "projectsight", view)
}

func (s *Site) transferProject(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/projects/", "transferred", func(id core.ID) error {
		return s.core.TransferProject(v.Context(), v.actor, id, v.one("owner"))
	}, s.showEdit)
}

func (s *Site) deleteProject(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.core.DeleteProject(v.Context(), v.actor, id); err != nil {
		return err
	}
	return redirect(w, v, "/projects", "projectdeleted", "")
}

func (s *Site) projectSettings(w http.ResponseWriter, v *visit) error {
	return s.projectSettingsPage(w, v, nil)
}

func (s *Site) projectSettingsPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.need(v, "project.settings_backup", core.Object{Kind: "project", ID: id}); err != nil {
		return err
	}
	p, err := s.core.Project(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view, status := projectView{Frame: s.frame(v, v.t("project.settings")), ProjectView: p}, http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "projectsettings", view)
}

// setPlanSettings sets how plans of the project are sent and approved.
func (s *Site) setPlanSettings(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	days, _ := strconv.Atoi(v.PostFormValue("linkdays"))
	sending, replies := v.PostFormValue("sending") != "", v.PostFormValue("replies") != ""
	_, err = s.core.EditProject(v.Context(), v.actor, id, core.ProjectEdit{Sending: &sending, ReplyApproves: &replies, LinkDays: &days})
	switch {
	case err == nil:
		return redirect(w, v, "/projects/"+string(id)+"/settings", "plansettings", "")
	case mendable(err):
		return s.projectSettingsPage(w, v, err)
	}
	return err
}

func (s *Site) setProjectSettings(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if _, err := s.core.RenewInbound(v.Context(), v.actor, id); err != nil {
		return err
	}
	return redirect(w, v, "/projects/"+string(id)+"/settings", "inbound", "")
}
