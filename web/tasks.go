package web

import (
	"net/http"
	"strconv"
	"time"

	"planpost/core"
)

// tasksView is a list of tasks with its filters.
type tasksView struct {
	Frame
	MayCreate bool
	ProjectID core.ID
	// Filters shows the form of filters.
	Filters                       bool
	Statuses, Projects, Assignees []option
	Mine                          bool
	List                          taskList
	More                          string
	// Approvals wait for the viewer; on the own page only.
	Approvals []core.ApprovalItem
}

// taskList is a list as the partial "tasklist" takes it.
type taskList struct {
	Zone  *time.Location
	Items []taskRow
	Empty string // key of what is said instead of an empty list
	At    string // begins the addresses of the tasks
}

type taskRow struct {
	core.TaskItem
	Late bool
}

func (s *Site) taskList(v *visit, items []core.TaskItem, empty string) taskList {
	l := taskList{Zone: v.zone, Empty: empty, At: first(v.base, "/tasks")}
	day := s.today(v)
	for _, it := range items {
		l.Items = append(l.Items, taskRow{it, late(&it.Task, day)})
	}
	return l
}

// today is the civil date in the account's zone, in which due dates are meant.
func (s *Site) today(v *visit) string {
	return s.core.Now().In(s.zone(v.actor.Account.Zone)).Format(time.DateOnly)
}

// late tells that an open task is past its date. A task due today at an hour
// is late only tomorrow: the list is about days.
func late(t *core.Task, today string) bool {
	return t.DueDate != "" && t.DueDate < today && !core.Closed(t.Status)
}

// home shows the open tasks of who asks.
func (s *Site) home(w http.ResponseWriter, v *visit) error {
	f := core.TaskFilter{Mine: true, Limit: page + 1}
	readCursor(v, &f)
	items, err := s.core.Tasks(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view := tasksView{Frame: s.frame(v, v.t("page.home")), MayCreate: s.may(v, "task.create", core.Object{})}
	if view.Approvals, err = s.core.MyApprovals(v.Context(), v.actor); err != nil {
		return err
	}
	s.fillList(v, &view, items, "tasks.none.mine")
	return s.render(w, v, http.StatusOK, "tasks", view)
}

// tasks shows all tasks that the filters leave.
func (s *Site) tasks(w http.ResponseWriter, v *visit) error {
	q := v.URL.Query()
	f := core.TaskFilter{Project: v.asked("project"), Status: q.Get("status"), Assignee: v.asked("assignee"), Mine: q.Get("mine") != "", Limit: page + 1}
	if !knownStatus(f.Status) {
		f.Status = "open"
	}
	readCursor(v, &f)
	items, err := s.core.Tasks(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view := tasksView{Frame: s.frame(v, v.t("page.tasks")), Filters: true, Mine: f.Mine, MayCreate: s.may(v, "task.create", core.Object{}), ProjectID: f.Project}
	if view.Projects, err = s.projectOptions(v, f.Project); err != nil {
		return err
	}
	if v.staff() {
		people, err := s.choosable(v, core.UserKind)
		if err != nil {
			return err
		}
		view.Assignees = personOptions(people, f.Assignee)
	}
	view.Statuses = statusOptions(v.locale, f.Status)
	s.fillList(v, &view, items, "tasks.none")
	return s.render(w, v, http.StatusOK, "tasks", view)
}

func (s *Site) fillList(v *visit, view *tasksView, items []core.TaskItem, empty string) {
	if len(items) > page {
		items = items[:page]
		last := items[page-1]
		view.More = v.after("before", stamp(last.UpdatedAt), "beforeid", string(last.ID))
	}
	view.List = s.taskList(v, items, empty)
}

func readCursor(v *visit, f *core.TaskFilter) {
	if id := v.asked("beforeid"); id != "" {
		f.Before, f.BeforeID = instant(v.URL.Query().Get("before")), id
	}
}

func knownStatus(status string) bool {
	switch status {
	case "open", "closed", "any":
		return true
	}
	for _, s := range core.TaskStatuses() {
		if s == status {
			return true
		}
	}
	return false
}

func statusOptions(locale, chosen string) []option {
	list := options(locale, "filter", chosen, "open", "closed", "any")
	return append(list, options(locale, "status", chosen, core.TaskStatuses()...)...)
}

// newTaskView is the form for a task.
type newTaskView struct {
	Frame
	TaskTitle, Description string
	Projects, Visibilities []option
	Staff                  bool
	// Templates can begin the task; Template is the one that did.
	Templates []option
	Template  core.ID
	// MayTemplates leads to the templates themselves.
	MayTemplates bool
	// PeopleForm is nil for outsiders, who do not choose.
	PeopleForm *peopleForm
}

func (s *Site) newTaskPage(w http.ResponseWriter, v *visit) error {
	n, err := s.core.DraftTask(v.Context(), v.actor, v.asked("template"), v.asked("project"))
	if err != nil {
		return err
	}
	n.Template = v.asked("template")
	view, err := s.newTaskForm(v, n)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "newtask", view)
}

func (s *Site) newTaskForm(v *visit, n core.NewTask) (view newTaskView, err error) {
	view = newTaskView{Frame: s.frame(v, v.t("page.newtask")), TaskTitle: n.Title, Description: n.Description, Staff: v.staff(), Template: n.Template, MayTemplates: s.may(v, "template.edit", core.Object{})}
	offered, err := s.core.OfferedTemplates(v.Context(), v.actor)
	if err != nil {
		return view, err
	}
	for _, t := range offered {
		view.Templates = append(view.Templates, option{string(t.ID), t.Name, t.ID == n.Template})
	}
	view.Visibilities = options(v.locale, "visibility", n.Visibility, core.VisibleParticipants, core.VisibleInside)
	if view.Projects, err = s.projectOptions(v, n.Project); err != nil || !view.Staff {
		return view, err
	}
	view.PeopleForm, err = s.peopleForm(v, core.TaskPeople{Assignee: n.Assignee, CoAssignees: n.CoAssignees, Participants: n.Participants, Auditors: n.Auditors, DueDate: n.DueDate, DueTime: n.DueTime}, nil)
	return view, err
}

func (s *Site) createTask(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	p := v.taskPeople()
	n := core.NewTask{Title: v.PostFormValue("title"), Description: v.PostFormValue("description"), Project: v.one("project"), Visibility: v.PostFormValue("visibility"), Template: v.one("template"),
		Assignee: p.Assignee, CoAssignees: p.CoAssignees, Participants: p.Participants, Auditors: p.Auditors, DueDate: p.DueDate, DueTime: p.DueTime}
	if v.PostFormValue("seen") == "" {
		// What is wrong with the task itself is said when it is made.
		if doubtful, err := s.core.TaskCautions(v.Context(), v.actor, "", n, whom(p)); err == nil && len(doubtful) > 0 {
			return s.askSight(w, v, nil, doubtful, "/tasks/new", v.t("page.newtask"), "/tasks")
		}
	}
	t, err := s.core.CreateTask(v.Context(), v.actor, n)
	if err == nil {
		return redirect(w, v, taskURL(t.Number), "task", "")
	}
	if !mendable(err) {
		return err
	}
	view, formErr := s.newTaskForm(v, n)
	if formErr != nil {
		return err
	}
	return s.render(w, v, s.again(&view.Frame, v, err), "newtask", view)
}

func taskURL(number int64) string { return "/tasks/" + strconv.FormatInt(number, 10) }
