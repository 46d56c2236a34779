package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"planpost/core"
	"planpost/core/access"
)

// errFactor tells that the session waits for its second factor.
var errFactor = core.Fail(core.Unauthenticated, "factor.outstanding")

// gates are asked before any page of somebody signed in: lists are made from
// the person alone, so what concerns the session must be stopped here.
func (s *Site) gates(v *visit, action access.Action) error {
	a := v.actor
	if action == "session.sign_out" || action == "session.sign_in" {
		return nil
	}
	switch {
	case a.Gates.IPRefused:
		if err := s.core.NoteRefusal(v.Context(), a.Account.ID, a.Person.ID, core.IPSessions, a.IP); err != nil {
			return err
		}
		return core.Fail(core.Forbidden, "ip.refused")
	case a.Gates.SecondFactorOutstanding && action != "session.second_factor.edit":
		return errFactor
	case a.ViewedBy != nil && v.Method != http.MethodGet && v.Method != http.MethodHead:
		return core.Fail(core.Forbidden, "viewing.readonly")
	case a.ViewedBy != nil && (v.URL.Path == "/me" || strings.HasPrefix(v.URL.Path, "/me/")):
		return core.Fail(core.Forbidden, "viewing.own", "person", a.Person.Name)
	}
	return nil
}

// stillHere tells whether the session is still let in as the person it was: a
// stream of events ends with it, at once.
func (s *Site) stillHere(v *visit) bool {
	a, err := s.core.Session(v.Context(), v.token, s.ip(v.Request))
	return err == nil && a.Person.ID == v.actor.Person.ID && !a.Gates.IPRefused && !a.Gates.SecondFactorOutstanding
}

// noteViewed writes down what is shown to who looks through another's eyes,
// before it is shown.
func (s *Site) noteViewed(v *visit) error {
	if v.actor == nil || v.actor.ViewedBy == nil || v.Method != http.MethodGet || strings.HasPrefix(v.URL.Path, "/events") {
		return nil
	}
	return s.core.NoteViewed(context.WithoutCancel(v.Context()), v.actor, v.URL.Path)
}

// viewingBar is the banner above every page of a viewing.
type viewingBar struct {
	Viewer, Person string
	// Minutes are left, begun ones counted.
	Minutes int
}

func (s *Site) viewingBar(v *visit) *viewingBar {
	if v.actor == nil || v.actor.ViewedBy == nil {
		return nil
	}
	left := v.actor.ViewUntil.Sub(s.core.Now())
	return &viewingBar{v.actor.ViewedBy.Name, v.actor.Person.Name, max(1, int((left+time.Minute-1)/time.Minute))}
}
