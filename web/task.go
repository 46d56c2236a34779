package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

// taskView is a task's page.
type taskView struct {
	Frame
	Task         core.Task
	Project      core.Project
	Counterparty core.Company
	Description  string
	Talk         talk

	MayComment, MayAttach, MayHide   bool
	MayStatus, MayPeople, PeopleOpen bool
	MayEdit                          bool
	Staff                            bool
	Tell                             []tellRow
	// Asks are indices in review that those told can be asked to approve.
	Asks                []option
	Draft               draft
	FileLimit           int64
	Statuses            []option
	Relations           []relationCards
	PeopleForm          *peopleForm
	Late                bool
	MessagesURL, WhyURL string
	Away                []awayRow
	Visits              visitBlock
	Hours               hoursBlock
	Mute                *muteBlock
}

// draft is what was typed and could not be saved.
type draft struct {
	// Comment is the one that was edited; empty for a new one.
	Comment core.ID
	Text    string
	Hidden  bool
	Tell    []core.ID
	// Ask is the index that was to be approved.
	Ask core.ID
	// Kept tells that there is a draft, so that its choices count.
	Kept bool
	// Files tells that there were files, which a browser does not send twice by itself.
	Files   bool
	Problem *problem
}

// keep puts a draft and what is wrong with it where it was typed; false when
// that place is not on the page.
func (view *taskView) keep(d draft) bool {
	d.Problem = view.Problem
	if d.Comment == "" && view.MayComment {
		view.Draft, view.Problem = d, nil
		return true
	}
	if view.Talk.keep(d) {
		view.Problem = nil
		return true
	}
	return false
}

// keep puts the draft of an edit into its entry; false when that is not there.
func (k *talk) keep(d draft) bool {
	for i := range k.Entries {
		if e := &k.Entries[i]; e.ID == d.Comment && e.EditURL != "" {
			e.Draft, k.Still = &d, true
			return true
		}
	}
	return false
}

// tellRow is one person that a comment can be addressed to.
type tellRow struct {
	ID              core.ID
	Name            string
	Relation        core.Relation
	Outside, Chosen bool
	NoMail          bool
	Cautions        []core.Caution
}

// relationCards are the people with one relation.
type relationCards struct {
	Relation core.Relation
	People   []card
}

func (s *Site) task(w http.ResponseWriter, v *visit) error {
	return s.taskPage(w, v, draft{}, nil)
}

// taskPage shows the task; wrong is what a form of it met.
func (s *Site) taskPage(w http.ResponseWriter, v *visit, d draft, wrong error) error {
	number, err := v.number()
	if err != nil {
		return err
	}
	t, err := s.core.Task(v.Context(), v.actor, number, v.asked("before"))
	if err != nil {
		return err
	}
	if err := s.core.SawTask(v.Context(), v.actor, t.Task.ID); err != nil {
		return err
	}
	view := taskView{Frame: s.frame(v, "#"+v.PathValue("number")+" "+t.Task.Title), Task: t.Task, Project: t.Project, Counterparty: t.Counterparty, Description: t.Description,
		Talk: s.talk(v, &t), Staff: v.staff(), FileLimit: s.core.Config().AttachmentLimit, Late: late(&t.Task, s.today(v))}
	view.MayComment, view.MayAttach, view.MayPeople = t.May["task.comment"], t.May["task.attach"], t.May["task.set_people_dates"]
	view.MayEdit = t.May["task.edit"] || t.May["task.set_visibility"] || t.May["task.set_counterparty"] || t.May["task.delete"]
	view.MayHide = view.Staff && t.May["comment.view_hidden"]
	view.MayStatus = t.May["task.set_status"] || t.May["task.close"]
	if view.Staff && t.May["inbound.view"] {
		view.MessagesURL = "/messages?task=" + v.PathValue("number")
	}
	if s.may(v, "account.log.view", core.Object{}) {
		view.WhyURL = whyURL(t.Task.Number)
	}
	view.Away = awayRows(&t)
	if view.Visits, err = s.visitBlock(v, t.Task.Number); err != nil {
		return err
	}
	if view.Hours, err = s.hoursBlock(v, t.Task.Number); err != nil {
		return err
	}
	if view.Mute, err = s.muteOf(v, core.Object{Kind: "task", ID: t.Task.ID}, taskURL(number)); err != nil {
		return err
	}
	view.Statuses = taskStatuses(v.locale, &t)
	view.Tell = tellRows(&t, d)
	if t.Task.Project != "" && v.staff() && len(view.Tell) > 0 {
		indices, err := s.core.AskableIndices(v.Context(), v.actor, t.Task.Project)
		if err != nil {
			return err
		}
		for i := range indices {
			o := &indices[i]
			view.Asks = append(view.Asks, option{string(o.Version.ID), v.t("comment.ask.of", "plan", o.Plan.Name(), "index", o.Version.Index), o.Version.ID == d.Ask})
		}
	}
	view.Relations = relationsOf(v, &t)
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
		if d.Kept && !view.keep(d) {
			return wrong // its own page keeps what was typed
		}
	}
	// The form names everybody there is, so it is made only for who asks for it.
	view.PeopleOpen = view.MayPeople && (v.URL.Query().Get("edit") == "people" || strings.HasSuffix(v.URL.Path, "/people"))
	if view.PeopleOpen {
		people := peopleOf(&t.Task)
		if wrong != nil {
			people = v.taskPeople()
		}
		if view.PeopleForm, err = s.peopleForm(v, people, t.People); err != nil {
			return err
		}
	}
	return s.render(w, v, status, "task", view)
}

// taskStatuses offers the statuses this person may give.
func taskStatuses(locale string, t *core.TaskView) (list []option) {
	for _, st := range core.TaskStatuses() {
		right := t.May["task.set_status"]
		if core.Closed(st) {
			right = t.May["task.close"]
		}
		if right || st == t.Task.Status {
			list = append(list, option{st, templates.Coded(locale, "status", st), st == t.Task.Status})
		}
	}
	return list
}

// tellRows ticks people from outside beforehand: most comments are for them,
// and who forgets them waits for an answer in vain. Whose address can be taken
// for another's is left to be ticked by hand.
func tellRows(t *core.TaskView, d draft) (list []tellRow) {
	for _, r := range t.Tell {
		p := r.Person
		row := tellRow{ID: p.ID, Name: p.Name, Relation: r.Relation, Outside: r.Outside, Chosen: r.Outside && !mistakable(r.Cautions), NoMail: len(p.Addresses) == 0, Cautions: r.Cautions}
		if d.Kept {
			row.Chosen = slices.Contains(d.Tell, p.ID)
		}
		list = append(list, row)
	}
	return list
}

func mistakable(list []core.Caution) bool {
	return slices.ContainsFunc(list, func(c core.Caution) bool { return c.Kind == core.CautionAlike })
}

func relationsOf(v *visit, t *core.TaskView) (list []relationCards) {
	for _, rel := range []core.Relation{core.Assigner, core.Assignee, core.CoAssignee, core.Participate, core.Auditor} {
		var cards []card
		for _, id := range t.Task.Of(rel) {
			p, ok := t.People[id]
			// Outsiders learn only of themselves and of those inside.
			if !ok || !v.staff() && !p.Staff() && p.ID != v.actor.Person.ID {
				continue
			}
			cards = append(cards, cardOf(v, &p))
		}
		if len(cards) > 0 {
			list = append(list, relationCards{rel, cards})
		}
	}
	return list
}

func peopleOf(t *core.Task) core.TaskPeople {
	p := core.TaskPeople{CoAssignees: t.Of(core.CoAssignee), Participants: t.Of(core.Participate), Auditors: t.Of(core.Auditor), DueDate: t.DueDate, DueTime: t.DueTime}
	if one := t.Of(core.Assignee); len(one) > 0 {
		p.Assignee = one[0]
	}
	return p
}

func (s *Site) setStatus(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	t, err := s.taskByNumber(v)
	if err != nil {
		return err
	}
	return s.changed(w, v, "status", s.core.SetStatus(v.Context(), v.actor, t.ID, v.PostFormValue("status")))
}

func (s *Site) setPeople(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	t, err := s.taskByNumber(v)
	if err != nil {
		return err
	}
	n := v.taskPeople()
	if asked, err := s.seesFirst(w, v, &t, n); asked {
		return err
	}
	return s.changed(w, v, "people", s.core.SetPeopleAndDates(v.Context(), v.actor, t.ID, n))
}

// changed ends a form of the task's page.
func (s *Site) changed(w http.ResponseWriter, v *visit, done string, err error) error {
	switch {
	case err == nil:
		return redirect(w, v, "/tasks/"+v.PathValue("number"), done, "")
	case mendable(err):
		return s.taskPage(w, v, draft{}, err)
	}
	return err
}

// taskByNumber finds the task of the path, if the visitor may see it.
func (s *Site) taskByNumber(v *visit) (core.Task, error) {
	number, err := v.number()
	if err != nil {
		return core.Task{}, err
	}
	list, err := s.core.Tasks(v.Context(), v.actor, core.TaskFilter{Number: number, Status: "any", Limit: 1})
	if err != nil {
		return core.Task{}, err
	}
	if len(list) == 0 {
		return core.Task{}, core.Fail(core.NotFound, "not_found")
	}
	return list[0].Task, nil
}

// talk is the conversation as the partial "conversation" takes it.
type talk struct {
	Zone       *time.Location
	TaskID     core.ID
	URL        string
	EarlierURL string
	NewestURL  string
	// Still keeps the script from fetching it again over what is being mended.
	Still   bool
	Entries []entry
}

// conversation gives the conversation alone, for the page's script.
func (s *Site) conversation(w http.ResponseWriter, v *visit) error {
	number, err := v.number()
	if err != nil {
		return err
	}
	t, err := s.core.Task(v.Context(), v.actor, number, v.asked("before"))
	if err != nil {
		return err
	}
	if err := s.core.SawTask(v.Context(), v.actor, t.Task.ID); err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "conversation", s.talk(v, &t))
}

func (s *Site) talk(v *visit, t *core.TaskView) talk {
	base := v.taskURL(t.Task.Number)
	k := talk{Zone: v.zone, TaskID: t.Task.ID, URL: base + "/conversation"}
	if before := v.asked("before"); before != "" {
		k.NewestURL = base
		k.URL += "?before=" + string(before)
	}
	if t.Earlier != "" {
		k.EarlierURL = base + "?before=" + string(t.Earlier)
	}
	look := v.staff() && s.may(v, "delivery.view", core.Object{Kind: "task", ID: t.Task.ID})
	for i := range t.Comments {
		k.Entries = append(k.Entries, entryOf(v, t, &t.Comments[i], look || t.Comments[i].Author == v.actor.Person.ID))
	}
	return k
}
