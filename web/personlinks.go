package web

import (
	"net/http"
	"strconv"
	"time"

	"planpost/core"
	"planpost/templates"
)

// personLinkRoutes: the links that people hold by mail.
var personLinkRoutes = []route{
	{"GET", "/people/{id}/links", "link.list", (*Site).personLinks},
	{"GET", "/links/{id}", "link.list", (*Site).linkPage},
	{"POST", "/links/{id}/revoke", "link.revoke", (*Site).revokeLink},
	{"POST", "/links/{id}/extend", "link.extend", (*Site).extendLink},
}

// personLinksView are the living links of one person.
type personLinksView struct {
	Frame
	Person core.ID
	Name   string
	Zone   *time.Location
	Links  []linkRow
	More   bool
}

type linkRow struct {
	ID, Kind, Covers          string
	MadeAt, ExpiresAt, SeenAt time.Time
	Machines                  int
	// Opens tells that it leads to a page, so that it can be visited.
	Opens, MayEnd bool
}

func (s *Site) personLinks(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	l, err := s.core.LinksOfPerson(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := personLinksView{Frame: s.frame(v, v.t("links.title", "person", l.Person.Name)), Person: id, Name: l.Person.Name, Zone: v.zone, More: l.More}
	for i := range l.Links {
		item := &l.Links[i]
		row := linkRow{ID: string(item.Link.ID), Kind: string(item.Link.Kind), MadeAt: item.Link.CreatedAt, ExpiresAt: item.Link.ExpiresAt, SeenAt: item.SeenAt,
			Machines: item.Machines, Opens: item.Link.Kind.Path() != "", MayEnd: item.MayEnd, Covers: item.Project}
		if item.Task > 0 {
			row.Covers = "#" + strconv.FormatInt(item.Task, 10) + " " + item.Title
		}
		view.Links = append(view.Links, row)
	}
	return s.render(w, v, http.StatusOK, "personlinks", view)
}

// linkHistoryView is one link with its visits.
type linkHistoryView struct {
	Frame
	ID, Kind, State string
	Person          core.ID
	Name, By        string
	Zone            *time.Location
	Link            core.Link
	Visits          []linkVisitRow
	Events          []linkEventRow
	Opens, MayEnd   bool
	MayExtend       bool
}

// linkEventRow is what happened to a link besides visits; Reason is a code.
type linkEventRow struct {
	At                               time.Time
	Code, By, Reason, Where, MailURL string
}

func linkEvents(h *core.LinkHistory) (rows []linkEventRow) {
	for i := range h.Events {
		e := &h.Events[i]
		row := linkEventRow{At: e.At, Code: e.Code, By: h.People[e.Actor].Name, Reason: e.Reason, Where: first(e.IP, e.Network)}
		if e.Delivery != "" && h.MayMails {
			row.MailURL = "/outbox/" + string(e.Delivery)
		}
		rows = append(rows, row)
	}
	return rows
}

type linkVisitRow struct {
	At      time.Time
	Class   string
	Reasons []string
	Where   string
}

func (s *Site) linkPage(w http.ResponseWriter, v *visit) error { return s.linkHistory(w, v, nil) }

func (s *Site) linkHistory(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	h, err := s.core.LinkHistory(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := linkHistoryView{Frame: s.frame(v, templates.Coded(v.locale, "linkkind", string(h.Link.Kind))), ID: string(id), Kind: string(h.Link.Kind), State: string(h.State),
		Person: h.Person.ID, Name: h.Person.Name, By: h.By.Name, Zone: v.zone, Link: h.Link, Opens: h.Link.Kind.Path() != "", MayEnd: h.MayEnd, MayExtend: h.MayExtend}
	view.Events = linkEvents(&h)
	for i := range h.Visits {
		n := &h.Visits[i]
		view.Visits = append(view.Visits, linkVisitRow{n.At, string(n.Class), n.Reasons, first(n.IP, n.Network)})
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "linkhistory", view)
}

func (s *Site) revokeLink(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/links/", "linkended", func(id core.ID) error {
		_, err := s.core.RevokeLink(v.Context(), v.actor, id)
		return err
	}, s.linkHistory)
}

func (s *Site) extendLink(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/links/", "linkextended", func(id core.ID) error {
		_, err := s.core.ExtendLink(v.Context(), v.actor, id)
		return err
	}, s.linkHistory)
}

// noteVisit writes down that somebody opened a link. That this did not work is no reason to turn the
// person away.
func (s *Site) noteVisit(v *visit, l *core.Link, note func(core.Visitor) error) {
	switch v.Method {
	case http.MethodGet:
	case http.MethodHead:
		note = func(by core.Visitor) error { return s.core.NoteProbe(v.Context(), l, by) }
	default:
		return
	}
	if err := note(s.cameBy(v)); err != nil {
		s.log.Warn("visit of a link", "link", l.ID, "error", err)
	}
}

// cameBy is what a request tells of who it comes from.
func (s *Site) cameBy(v *visit) core.Visitor {
	return core.Visitor{IP: s.ip(v.Request), Agent: v.UserAgent(), Language: v.Header.Get("Accept-Language") != ""}
}

// opened is noteVisit for the token's own address, returned for the page behind it.
func (s *Site) opened(v *visit, l *core.LinkView) {
	s.noteVisit(v, &l.Link, func(by core.Visitor) error { return s.core.NoteVisit(v.Context(), &l.Link, by) })
}

func (s *Site) returned(v *visit, l *core.LinkView) {
	s.noteVisit(v, &l.Link, func(by core.Visitor) error { return s.core.NoteReturn(v.Context(), &l.Link, by) })
}
