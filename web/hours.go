package web

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"planpost/core"
	"planpost/templates"
)

// hoursRoutes: who worked how long on what.
var hoursRoutes = []route{
	{"GET", "/hours", "time.view", (*Site).hours},
	{"GET", "/hours.csv", "time.view", (*Site).hoursCSV},
	{"POST", "/tasks/{number}/hours", "time.record", (*Site).recordHours},
	{"POST", "/hours/{id}/remove", "time.record", (*Site).removeHours},
}

// hoursView is recorded working time with its sums.
type hoursView struct {
	Frame
	From, Until              string
	People, Projects         []option
	Items                    []hoursRow
	Tasks, InProjects, Whose []sumRow
	Total                    string
	Cut                      bool
	CSV                      string
}

// hoursRow is one record in a list.
type hoursRow struct {
	core.HoursItem
	Spent, TaskURL string
}

// sumRow is one line of a sum.
type sumRow struct{ Name, URL, Spent string }

// hoursBlock is what a task's page tells of the hours on it.
type hoursBlock struct {
	Items                  []hoursRow
	Total, AllURL          string
	MayRecord, Shown, Open bool
	// Spent, Day and Note were typed and could not be saved.
	Spent, Day, Note string
}

func (s *Site) hoursBlock(v *visit, number int64) (b hoursBlock, err error) {
	if !v.staff() {
		return b, nil
	}
	h, err := s.core.HoursOf(v.Context(), v.actor, number)
	if err != nil {
		return b, err
	}
	b.Items, b.MayRecord, b.Day = s.hoursRows(&h.HoursPage), h.MayRecord, s.today(v)
	b.Shown = b.MayRecord || len(b.Items) > 0
	if h.Total > 0 {
		b.Total = core.Span(h.Total)
		b.AllURL = "/hours?task=" + strconv.FormatInt(number, 10)
	}
	if v.Method == http.MethodPost && v.PostForm.Has("spent") {
		b.Spent, b.Day, b.Note, b.Open = v.PostFormValue("spent"), v.PostFormValue("day"), v.PostFormValue("note"), true
	}
	return b, nil
}

func (s *Site) hoursRows(p *core.HoursPage) (rows []hoursRow) {
	for i := range p.Items {
		r := hoursRow{HoursItem: p.Items[i], Spent: core.Span(p.Items[i].Minutes)}
		if r.MayTask {
			r.TaskURL = taskURL(r.Number)
		}
		rows = append(rows, r)
	}
	return rows
}

// hoursFilter reads what the page was asked for: without dates this month, of
// one task all there is.
func (s *Site) hoursFilter(v *visit) (f core.HoursFilter, err error) {
	q := v.URL.Query()
	f.From, f.Until = q.Get("from"), q.Get("until")
	f.Person, f.Project = v.asked("person"), v.asked("project")
	if n := taskNumber(q.Get("task")); n > 0 {
		t, err := s.core.Task(v.Context(), v.actor, n, "")
		if err != nil {
			return f, err
		}
		f.Task = t.Task.ID
	} else if !q.Has("from") && !q.Has("until") {
		today, _ := time.Parse(time.DateOnly, s.today(v))
		f.From = today.AddDate(0, 0, 1-today.Day()).Format(time.DateOnly)
		f.Until = today.Format(time.DateOnly)
	}
	for _, day := range []string{f.From, f.Until} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return f, core.Fail(core.Invalid, "hours.day")
		}
	}
	return f, nil
}

func (s *Site) hours(w http.ResponseWriter, v *visit) error { return s.hoursPage(w, v, nil) }

func (s *Site) hoursPage(w http.ResponseWriter, v *visit, wrong error) error {
	if !v.ever("time.view") {
		return core.Fail(core.NotFound, "not_found")
	}
	f, err := s.hoursFilter(v)
	if err != nil && !mendable(err) {
		return err
	}
	view := hoursView{Frame: s.frame(v, v.t("page.hours")), From: f.From, Until: f.Until}
	if err == nil {
		err = s.fillHours(v, &view, f)
	}
	if err != nil && !mendable(err) {
		return err
	}
	status := http.StatusOK
	if wrong == nil {
		wrong = err
	}
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	if view.Projects, err = s.projectOptions(v, f.Project); err != nil {
		return err
	}
	people, err := s.choosable(v, core.UserKind)
	if err != nil {
		return err
	}
	view.People, view.CSV = personOptions(people, f.Person), "/hours.csv?"+v.URL.RawQuery
	return s.render(w, v, status, "hours", view)
}

func (s *Site) fillHours(v *visit, view *hoursView, f core.HoursFilter) error {
	f.Limit = page
	list, err := s.core.Hours(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view.Items, view.Cut = s.hoursRows(&list), list.Cut
	view.Tasks = sumRows(list.Tasks, func(n *core.HoursSum) (string, string) {
		if n.Name == "" {
			return "#" + strconv.FormatInt(n.Number, 10), ""
		}
		return "#" + strconv.FormatInt(n.Number, 10) + " " + n.Name, taskURL(n.Number)
	})
	view.InProjects = sumRows(list.Projects, func(n *core.HoursSum) (string, string) {
		switch {
		case n.ID == "":
			return v.t("task.noproject"), ""
		case n.Name == "":
			return v.t("hours.elsewhere"), ""
		}
		return n.Name, "/projects/" + string(n.ID)
	})
	view.Whose = sumRows(list.Persons, func(n *core.HoursSum) (string, string) { return n.Name, "" })
	if list.Total > 0 {
		view.Total = core.Span(list.Total)
	}
	return nil
}

func sumRows(sums []core.HoursSum, name func(*core.HoursSum) (name, url string)) (rows []sumRow) {
	for i := range sums {
		r := sumRow{Spent: core.Span(sums[i].Minutes)}
		r.Name, r.URL = name(&sums[i])
		rows = append(rows, r)
	}
	return rows
}

func (s *Site) recordHours(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	number, err := v.number()
	if err != nil {
		return err
	}
	_, err = s.core.RecordHours(v.Context(), v.actor, number, core.NewHours{Day: v.PostFormValue("day"), Spent: v.PostFormValue("spent"), Note: v.PostFormValue("note")})
	switch {
	case err == nil:
		return redirect(w, v, taskURL(number), "hours", "hours")
	case mendable(err):
		return s.taskPage(w, v, draft{}, err)
	}
	return err
}

// removeHours takes a record back and leads to where that was asked.
func (s *Site) removeHours(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if _, err := s.core.RemoveHours(v.Context(), v.actor, id); err != nil {
		return err
	}
	return redirect(w, v, first(next(v.PostFormValue("back")), "/hours"), "hoursremoved", "")
}

// maxExport is how many records a table takes; more are asked for by dates.
const maxExport = 100_000

// hoursCSV gives the records of the page's filter as a table, the newest first.
func (s *Site) hoursCSV(w http.ResponseWriter, v *visit) error {
	if !v.ever("time.view") {
		return core.Fail(core.NotFound, "not_found")
	}
	f, err := s.hoursFilter(v)
	if err != nil {
		return err
	}
	list, err := s.core.HoursTable(v.Context(), v.actor, f, maxExport)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="hours.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"day", "person", "code", "project", "task", "title", "hours", "minutes", "note"})
	for i := range list {
		h := &list[i]
		line := []string{h.Day, h.Who.Name, h.Who.Code, h.ProjectName, strconv.FormatInt(h.Number, 10), h.Title, core.Span(h.Minutes), strconv.Itoa(h.Minutes), h.Note}
		for n := range line {
			line[n] = plainCell(templates.BuryText(v.locale, line[n]))
		}
		_ = out.Write(line) // what fails here is told by Error below
	}
	out.Flush()
	return gone(out.Error())
}
