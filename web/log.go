package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

var logRoutes = []route{
	{"GET", "/log", "account.log.view", (*Site).changes},
	{"GET", "/log.csv", "account.log.view", (*Site).logCSV},
	{"GET", "/log.jsonl", "account.log.view", (*Site).logLines},
}

type logView struct {
	Frame
	Areas, People, Vias []option
	From, Until         string
	// Object is the one thing whose entries are shown, empty for all.
	Object, ObjectName string
	CSV, Lines         string
	Items              []logRow
	// None is the key of what is said when there are none.
	None, More string
}

// logRow is one line of the change log.
type logRow struct {
	Code, Via, Auth       string
	Params                []string
	Actor, Behalf, Object string
	At                    time.Time
	URL                   string
	Changes               []core.Change
}

func (s *Site) changes(w http.ResponseWriter, v *visit) error {
	f, wrong := s.logFilter(v)
	view := logView{Frame: s.frame(v, v.t("page.log"))}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	f.Limit = page
	list, err := s.core.Log(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	for i := range list.Entries {
		view.Items = append(view.Items, s.logRow(v, &list.Entries[i], list.Names))
	}
	if list.Next != "" {
		view.More = v.after("before", string(list.Next))
	}
	return s.logPage(w, v, status, view, f)
}

// logPage fills the filters as they were asked for.
func (s *Site) logPage(w http.ResponseWriter, v *visit, status int, view logView, f core.LogFilter) error {
	q := v.URL.Query()
	view.Areas = options(v.locale, "logarea", f.Code, templates.Under("logarea.")...)
	view.Vias = options(v.locale, "via", f.Via, "page", "mail", "cli", "system")
	people, err := s.core.People(v.Context(), v.actor, core.PersonFilter{Kinds: []core.PersonKind{core.UserKind}, Limit: 200})
	if err != nil {
		return err
	}
	view.People = personOptions(people, f.Actor)
	view.From, view.Until = q.Get("from"), q.Get("until")
	if f.ObjectID != "" {
		view.Object = string(f.ObjectID)
		view.ObjectName = v.t("log.filter.thing")
		if len(view.Items) > 0 && view.Items[0].Object != "" {
			view.ObjectName = view.Items[0].Object
		}
	}
	switch {
	case len(view.Items) > 0:
	case view.More != "":
		view.None = "log.none.here"
	case f != (core.LogFilter{Limit: f.Limit}):
		view.None = "log.none.found"
	}
	q.Del("before")
	view.CSV, view.Lines = exported("/log.csv", q), exported("/log.jsonl", q)
	return s.render(w, v, status, "log", view)
}

func exported(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// logFilter reads the filter out of the address; wrong tells of a date that is none.
func (s *Site) logFilter(v *visit) (f core.LogFilter, wrong error) {
	q := v.URL.Query()
	f = core.LogFilter{Actor: v.asked("person"), ObjectID: v.asked("object"), Via: q.Get("via"), Before: v.asked("before")}
	if area := q.Get("area"); templates.Has("logarea." + area) {
		f.Code = area
	}
	f.From, f.Until, wrong = v.days()
	return f, wrong
}

// days are those that a list was asked for, in the reader's zone: from the first moment of one to the last of the other.
func (v *visit) days() (from, until time.Time, wrong error) {
	day := func(name string) time.Time {
		text := strings.TrimSpace(v.URL.Query().Get(name))
		if text == "" {
			return time.Time{}
		}
		t, err := time.ParseInLocation(time.DateOnly, text, v.zone)
		if err != nil {
			wrong = core.Fail(core.Invalid, "log.date", "date", text)
		}
		return t
	}
	from = day("from")
	if until = day("until"); !until.IsZero() {
		until = until.AddDate(0, 0, 1)
	}
	return from, until, wrong
}

// logRow says in words what an entry says in codes.
func (s *Site) logRow(v *visit, e *core.LogEntry, names map[core.ID]string) logRow {
	r := logRow{Code: e.Code, Via: e.Via, Auth: e.Auth, Actor: names[e.Actor], Behalf: names[e.Behalf], Object: names[e.ObjectID], At: e.At, URL: objectURL(e, names)}
	if task := e.Param("task"); r.Object == "" && names[core.ID(task)] != "" {
		at := core.LogEntry{Object: "task", ObjectID: core.ID(task)}
		r.Object, r.URL = names[at.ObjectID], objectURL(&at, names)
	}
	for i, p := range e.Params {
		if i%2 == 1 {
			p = nameIn(p, names)
		}
		r.Params = append(r.Params, p)
	}
	for _, ch := range e.Changes {
		if e.Code == "settings.edit" {
			ch.Was, ch.Now = settingWords(v.locale, ch.Field, ch.Was), settingWords(v.locale, ch.Field, ch.Now)
		}
		r.Changes = append(r.Changes, core.Change{Field: fieldName(v.locale, ch.Field), Was: nameIn(ch.Was, names), Now: nameIn(ch.Now, names)})
	}
	return r
}

// nameIn is the name behind an ID, and any other text as it is.
func nameIn(s string, names map[core.ID]string) string {
	if name, ok := names[core.ID(s)]; ok {
		return name
	}
	return s
}

// fieldName is what people call a field; one without a name is shown as it is.
func fieldName(locale, field string) string {
	if key := "logfield." + field; templates.Has(key) {
		return templates.T(locale, key)
	}
	if i := strings.LastIndexByte(field, '.'); i > 0 && templates.Has("notif.event."+field[:i]) { // an event by a channel
		return templates.T(locale, "notif.event."+field[:i]) + ": " + templates.T(locale, "notif."+field[i+1:])
	}
	return field
}

// objectURL is the page of what was changed, where it has one that an id leads to.
func objectURL(e *core.LogEntry, names map[core.ID]string) string {
	if e.ObjectID == "" {
		return ""
	}
	switch e.Object {
	case "person":
		return "/people/" + string(e.ObjectID)
	case "company":
		return companyURL(e.ObjectID)
	case "project":
		return "/projects/" + string(e.ObjectID)
	case "receipt":
		return "/messages/" + string(e.ObjectID)
	case "delivery":
		return "/outbox/" + string(e.ObjectID)
	case "task":
		if number, _, ok := strings.Cut(strings.TrimPrefix(names[e.ObjectID], "#"), " "); ok {
			return "/tasks/" + number
		}
	}
	return ""
}
