package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"planpost/core"
)

// visitRoutes: who goes where and when.
var visitRoutes = []route{
	{"GET", "/calendar", "visit.view", (*Site).calendar},
	{"POST", "/calendar/assign", "visit.manage", (*Site).assignVisits},
	{"GET", "/visits/new", "visit.manage", (*Site).newVisit},
	{"POST", "/visits", "visit.manage", (*Site).addVisit},
	{"GET", "/visits/{id}", "visit.view", (*Site).visitPage},
	{"POST", "/visits/{id}", "visit.manage", (*Site).moveVisit},
	{"POST", "/visits/{id}/cancel", "visit.manage", (*Site).cancelVisit},
	{"POST", "/visits/{id}/done", "visit.manage", (*Site).finishVisit},
}

// calendarView is a day, a week or a month of visits.
type calendarView struct {
	Frame
	View, Day                      string
	Views                          []navItem
	From, Until                    string
	EarlierURL, LaterURL, TodayURL string
	People, To                     []option
	Days                           []calendarDay
	Empty, MayNew, MayPick, All    bool
	AllURL, NoneURL, Back          string
}

// calendarDay is one day. Weekday is 1 for Monday; Quiet days have no visits and are left out on small screens.
type calendarDay struct {
	Day            string
	Weekday        int
	Today, Quiet   bool
	First, Several bool
	Items          []visitRow
}

// visitRow is a visit in a list.
type visitRow struct {
	core.VisitItem
	Who             card
	URL, TaskURL    string
	Planned, Picked bool
}

func (s *Site) visitRow(v *visit, i *core.VisitItem) visitRow {
	r := visitRow{VisitItem: *i, URL: "/visits/" + string(i.ID), Planned: i.State == core.VisitPlanned}
	if i.Resource.ID != "" {
		r.Who = cardOf(v, &i.Resource)
	}
	if v.base != "" {
		r.URL = "" // a visit's own page is for who signs in
		return r
	}
	if i.MayTask {
		r.TaskURL = taskURL(i.Number)
	}
	return r
}

// daysOf is the first and last day of what is shown around a day.
func daysOf(view string, day time.Time) (from, until time.Time) {
	switch view {
	case "day":
		return day, day
	case "month":
		from = day.AddDate(0, 0, 1-day.Day())
		return from, from.AddDate(0, 1, -1)
	}
	from = day.AddDate(0, 0, -weekdayOf(day)+1)
	return from, from.AddDate(0, 0, 6)
}

// weekdayOf counts from Monday, which is 1 (ISO 8601).
func weekdayOf(day time.Time) int { return (int(day.Weekday())+6)%7 + 1 }

func (s *Site) calendar(w http.ResponseWriter, v *visit) error { return s.calendarPage(w, v, nil) }

func (s *Site) calendarPage(w http.ResponseWriter, v *visit, wrong error) error {
	q := v.URL.Query()
	if wrong != nil {
		q = v.PostForm
	}
	view := calendarView{View: q.Get("view"), Day: q.Get("day"), All: q.Get("select") == "all"}
	if view.View != "day" && view.View != "month" {
		view.View = "week"
	}
	day, err := time.Parse(time.DateOnly, view.Day)
	if err != nil || day.Year() < 1900 || day.Year() > 9000 {
		day, _ = time.Parse(time.DateOnly, s.today(v))
	}
	view.Day = day.Format(time.DateOnly)
	from, until := daysOf(view.View, day)
	view.From, view.Until = from.Format(time.DateOnly), until.Format(time.DateOnly)
	who := q.Get("who")
	f := core.VisitFilter{From: view.From, Until: view.Until, State: "open", Nobody: who == "nobody"}
	f.Person, _ = core.ParseID(who)
	list, err := s.core.Visits(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	address := func(kind string, at time.Time, more string) string {
		return "/calendar?view=" + kind + "&day=" + at.Format(time.DateOnly) + "&who=" + escape(who) + more
	}
	for _, kind := range []string{"day", "week", "month"} {
		view.Views = append(view.Views, navItem{URL: address(kind, day, ""), Key: "calendar." + kind, Current: kind == view.View})
	}
	today, _ := time.Parse(time.DateOnly, s.today(v))
	view.EarlierURL, view.LaterURL, view.TodayURL = address(view.View, from.AddDate(0, 0, -1), ""), address(view.View, until.AddDate(0, 0, 1), ""), address(view.View, today, "")
	view.AllURL, view.NoneURL, view.Back = address(view.View, day, "&select=all"), address(view.View, day, ""), address(view.View, day, "")
	s.fillDays(v, &view, from, until, list)
	if err := s.calendarPeople(v, &view, who); err != nil {
		return err
	}
	if view.MayNew, err = s.core.MayPlan(v.Context(), v.actor); err != nil {
		return err
	}
	view.Frame = s.frame(v, v.t("page.calendar"))
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "calendar", view)
}

func (s *Site) fillDays(v *visit, view *calendarView, from, until time.Time, list []core.VisitItem) {
	today := s.today(v)
	view.Empty = len(list) == 0
	for day := from; !day.After(until); day = day.AddDate(0, 0, 1) {
		d := calendarDay{Day: day.Format(time.DateOnly), Weekday: weekdayOf(day), First: day.Equal(from), Several: view.View != "day"}
		d.Today = d.Day == today
		for i := range list {
			if list[i].Day != d.Day {
				continue
			}
			row := s.visitRow(v, &list[i])
			if row.MayManage && row.Planned {
				view.MayPick = true
				row.Picked = view.All || slices.Contains(v.PostForm["visit"], string(row.ID))
			}
			d.Items = append(d.Items, row)
		}
		d.Quiet = len(d.Items) == 0
		view.Days = append(view.Days, d)
	}
}

func (s *Site) calendarPeople(v *visit, view *calendarView, who string) error {
	people, err := s.choosable(v, core.UserKind)
	if err != nil || len(people) == 0 {
		return err
	}
	chosen, _ := core.ParseID(who)
	view.People = append([]option{{"", v.t("calendar.everybody"), who == ""}, {"nobody", v.t("visit.nobody"), who == "nobody"}}, personOptions(people, chosen)...)
	view.To = s.doers(v, people, v.one("to"))
	return nil
}

// assignVisits gives what is ticked to somebody else, all or none (U10).
func (s *Site) assignVisits(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	to := v.PostFormValue("to")
	if to == "" { // nobody is a choice of its own, not a field left out
		return s.calendarPage(w, v, core.Fail(core.Invalid, "visit.to"))
	}
	err := s.core.AssignVisits(v.Context(), v.actor, ids(v.PostForm["visit"]), v.one("to"))
	switch {
	case err == nil:
		return redirect(w, v, next(v.PostFormValue("back")), "visitsassigned", "")
	case mendable(err):
		return s.calendarPage(w, v, err)
	}
	return err
}

// taskNumber is the number of a task that a form or an address names.
func taskNumber(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0
	}
	return n
}
