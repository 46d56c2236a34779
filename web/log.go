package web

import (
	"net/http"
	"time"

	"planpost/core"
)

type logView struct {
	Frame
	Items []logRow
	More  string
}

// logRow is one line of the change log.
type logRow struct {
	Code   string
	Params []string
	Actor  string
	Via    string
	At     time.Time
	URL    string
}

func (s *Site) changes(w http.ResponseWriter, v *visit) error {
	entries, err := s.core.Log(v.Context(), v.actor, v.asked("before"), page+1)
	if err != nil {
		return err
	}
	view := logView{Frame: s.frame(v, v.t("page.log"))}
	if len(entries) > page {
		entries = entries[:page]
		view.More = v.after("before", string(entries[page-1].ID))
	}
	names := make(map[core.ID]string)
	for i := range entries {
		e := &entries[i]
		if _, known := names[e.Actor]; !known && e.Actor != "" {
			names[e.Actor] = s.nameOf(v, e.Actor)
		}
		view.Items = append(view.Items, logRow{Code: e.Code, Params: e.Params, Actor: names[e.Actor], Via: e.Via, At: e.At, URL: objectURL(e)})
	}
	return s.render(w, v, http.StatusOK, "log", view)
}

// objectURL is the page of what was changed, where it has one that an id leads to.
func objectURL(e *core.LogEntry) string {
	if e.ObjectID == "" {
		return ""
	}
	switch e.Object {
	case "person":
		return "/people/" + string(e.ObjectID)
	case "project":
		return "/projects/" + string(e.ObjectID)
	case "receipt":
		return "/messages/" + string(e.ObjectID)
	case "delivery":
		return "/outbox/" + string(e.ObjectID)
	}
	return ""
}
