package web

import (
	"net/http"
	"slices"
	"strings"

	"planpost/core"
)

// taskEditRoutes: what is set of a task.
var taskEditRoutes = []route{
	{"GET", "/tasks/{number}/edit", "task.edit", (*Site).editTaskPage},
	{"POST", "/tasks/{number}/edit", "task.edit", (*Site).editTask},
	{"POST", "/tasks/{number}/add", "task.add_participant", (*Site).addTaskPerson},
	{"POST", "/tasks/{number}/delete", "task.delete", (*Site).deleteTask},
	{"POST", "/tasks/{number}/comments/{id}/hide", "comment.set_hidden", (*Site).hideComment},
	{"GET", "/tasks/{number}/comments/{id}/history", "comment.view_hidden", (*Site).historyPage},
	{"GET", "/tasks/{number}/comments/{id}/publish", "comment.view_hidden", (*Site).publishPage},
	{"POST", "/tasks/{number}/comments/{id}/publish", "comment.publish", (*Site).publish},
	{"GET", "/tasks/{number}/comments/{id}/move", "comment.move", (*Site).movePage},
	{"POST", "/tasks/{number}/comments/{id}/move", "comment.move", (*Site).moveComment},
	{"POST", "/tasks/{number}/comments/{id}/delete", "comment.delete", (*Site).deleteComment},
	{"POST", "/tasks/{number}/comments/{id}/undo", "delivery.cancel", (*Site).undoMail},
	{"POST", "/tasks/{number}/attachments/{id}/delete", "attachment.delete", (*Site).deleteAttachment},
}

type editTaskView struct {
	Frame
	Task                              core.Task
	TaskTitle, Description            string
	Projects, Companies, Visibilities []option
	CompanyAccess, People, Relations  []option
	Can                               map[string]bool
}

// sightView asks before something becomes visible to people from outside.
type sightView struct {
	Frame
	Sight []core.Compared
	// Doubtful are those at whose address is to be looked twice.
	Doubtful []core.Doubtful
	// Back is the page that was left, Action takes the form again; Asked are its fields.
	Back, BackName, Action string
	Asked                  []option
}

func (s *Site) editTaskPage(w http.ResponseWriter, v *visit) error { return s.showTaskEdit(w, v, nil) }

func (s *Site) showTaskEdit(w http.ResponseWriter, v *visit, wrong error) error {
	number, err := v.number()
	if err != nil {
		return err
	}
	t, err := s.core.Task(v.Context(), v.actor, number, "")
	if err != nil {
		return err
	}
	view := editTaskView{Frame: s.frame(v, t.Task.Title), Task: t.Task, TaskTitle: t.Task.Title, Description: t.Description, Can: can(t.May)}
	if !slices.ContainsFunc([]string{"task.edit", "task.set_visibility", "task.set_counterparty", "task.delete"}, func(name string) bool { return view.Can[name] }) {
		return core.Fail(core.Forbidden, "forbidden")
	}
	if err := s.fillTaskEdit(v, &view, &t); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		if v.PostForm.Has("title") {
			view.TaskTitle, view.Description = v.PostFormValue("title"), v.PostFormValue("description")
		}
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "edittask", view)
}

func (s *Site) fillTaskEdit(v *visit, view *editTaskView, t *core.TaskView) (err error) {
	if view.Projects, err = s.projectOptions(v, t.Task.Project); err != nil {
		return err
	}
	if t.Project.ID != "" && !slices.ContainsFunc(view.Projects, func(o option) bool { return o.Value == string(t.Project.ID) }) {
		view.Projects = append(view.Projects, option{string(t.Project.ID), t.Project.Name, true})
	}
	if view.Companies, err = s.companyOptions(v, t.Task.Counterparty); err != nil {
		return err
	}
	if own := t.Task.Counterparty; own != "" && own == t.Counterparty.ID && !slices.ContainsFunc(view.Companies, func(o option) bool { return o.Value == string(own) }) {
		view.Companies = append(view.Companies, option{string(own), t.Counterparty.Name, true})
	}
	view.Visibilities = options(v.locale, "visibility", t.Task.Visibility, core.VisibleParticipants, core.VisibleInside)
	if view.Can["task.add_participant"] {
		people, err := s.choosable(v)
		if err != nil {
			return err
		}
		view.People = s.doers(v, people, "")
		view.Relations = options(v.locale, "relation", "participant", "participant", "coassignee", "auditor")
	}
	view.CompanyAccess = options(v.locale, "task.company", map[bool]string{true: "no", false: "yes"}[t.Task.NoCompanyAccess], "yes", "no")
	return nil
}

// taskEdit reads what the form says; a field that is not in it stays as it is.
func (v *visit) taskEdit() (e core.TaskEdit) {
	for name, field := range map[string]**string{"title": &e.Title, "description": &e.Description, "visibility": &e.Visibility} {
		if v.PostForm.Has(name) {
			value := v.PostFormValue(name)
			*field = &value
		}
	}
	for name, field := range map[string]**core.ID{"project": &e.Project, "counterparty": &e.Counterparty} {
		if v.PostForm.Has(name) {
			value := v.one(name)
			*field = &value
		}
	}
	if v.PostForm.Has("company") {
		value := v.PostFormValue("company") == "no"
		e.NoCompanyAccess = &value
	}
	return e
}

// editTask saves, unless clients gain or lose sight by it: then it first says who.
func (s *Site) editTask(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	t, err := s.taskByNumber(v)
	if err != nil {
		return err
	}
	e, base := v.taskEdit(), taskURL(t.Number)
	if v.PostFormValue("seen") == "" && (e.Counterparty != nil || e.Project != nil || e.NoCompanyAccess != nil) {
		sight, err := s.core.PreviewTaskEdit(v.Context(), v.actor, t.ID, e)
		if err != nil && !mendable(err) {
			return err
		}
		if len(sight) > 0 {
			return s.askSight(w, v, sight, nil, base+"/edit", t.Title, base+"/edit")
		}
	}
	_, err = s.core.EditTask(v.Context(), v.actor, t.ID, e)
	switch {
	case err == nil:
		return redirect(w, v, base, "tasksaved", "")
	case mendable(err):
		return s.showTaskEdit(w, v, err)
	}
	return err
}

// askSight shows who will see what, and whose address is doubtful, and sends the same form again when that is wanted.
func (s *Site) askSight(w http.ResponseWriter, v *visit, sight []core.Compared, doubtful []core.Doubtful, back, name, action string) error {
	title := "sight.title"
	if len(sight) == 0 {
		title = "caution.look"
	}
	view := sightView{Frame: s.frame(v, v.t(title)), Sight: sight, Doubtful: doubtful, Back: back, BackName: name, Action: action}
	for field, values := range v.PostForm {
		for _, value := range values {
			view.Asked = append(view.Asked, option{Value: field, Text: value})
		}
	}
	// Fields that come several times keep their order; the others only need one.
	slices.SortStableFunc(view.Asked, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
	return s.render(w, v, http.StatusOK, "tasksight", view)
}

// seesFirst shows what people from outside will see who are added to a task,
// before they are (X24).
func (s *Site) seesFirst(w http.ResponseWriter, v *visit, t *core.Task, n core.TaskPeople) (asked bool, err error) {
	if v.PostFormValue("seen") != "" {
		return false, nil
	}
	sight, err := s.core.PreviewTaskEdit(v.Context(), v.actor, t.ID, core.TaskEdit{People: &n})
	if err != nil {
		return false, nil // what is wrong is said when it is saved
	}
	doubtful, err := s.core.TaskCautions(v.Context(), v.actor, t.ID, core.NewTask{}, whom(n))
	if err != nil {
		doubtful = nil
	}
	if len(doubtful) == 0 && !slices.ContainsFunc(sight, func(x core.Compared) bool { return !x.Gains.Nothing() }) {
		return false, nil
	}
	base := taskURL(t.Number)
	return true, s.askSight(w, v, sight, doubtful, base+"?edit=people#people", t.Title, base+"/people")
}

// whom gives all that a form of a task's people names.
func whom(n core.TaskPeople) (list []core.ID) {
	for _, id := range slices.Concat([]core.ID{n.Assignee}, n.CoAssignees, n.Participants, n.Auditors) {
		if id != "" {
			list = append(list, id)
		}
	}
	return list
}

func (s *Site) addTaskPerson(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	t, err := s.taskByNumber(v)
	if err != nil {
		return err
	}
	person, r, base := v.one("person"), core.Relation(v.PostFormValue("relation")), taskURL(t.Number)
	if v.PostFormValue("seen") == "" && r != core.Auditor {
		sight, err := s.core.PreviewTaskPerson(v.Context(), v.actor, t.ID, person, r)
		if err != nil && !mendable(err) && core.KindOf(err) != core.NotFound {
			return err
		}
		doubtful, doubt := s.core.TaskCautions(v.Context(), v.actor, t.ID, core.NewTask{}, []core.ID{person})
		if err == nil && doubt == nil && !sight.Person.Staff() && (!sight.Nothing() || len(doubtful) > 0) {
			var gains []core.Compared
			if !sight.Nothing() {
				gains = append(gains, core.Compared{Gains: sight})
			}
			return s.askSight(w, v, gains, doubtful, base+"/edit", t.Title, base+"/add")
		}
	}
	err = s.core.AddTaskPerson(v.Context(), v.actor, t.ID, person, r)
	switch {
	case err == nil:
		return redirect(w, v, base, "people", "")
	case mendable(err):
		return s.showTaskEdit(w, v, err)
	}
	return err
}

func (s *Site) deleteTask(w http.ResponseWriter, v *visit) error {
	t, err := s.taskByNumber(v)
	if err != nil {
		return err
	}
	if err := s.core.DeleteTask(v.Context(), v.actor, t.ID); err != nil {
		return err
	}
	return redirect(w, v, "/tasks", "taskdeleted", "")
}
