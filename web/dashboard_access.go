package web

import (
	"net/http"

	"planpost/core"
)

// browsersView is where somebody outside typed a code, for himself to see and end.
type browsersView struct {
	Frame
	sessionList
}

func (s *Site) dashboardBrowsers(w http.ResponseWriter, v *visit) error {
	return s.browsersPage(w, v, nil)
}

func (s *Site) browsersPage(w http.ResponseWriter, v *visit, wrong error) error {
	list, err := s.sessionsOf(v, v.actor.Person.ID, dashboardURL+"/access")
	if err != nil {
		return err
	}
	view := browsersView{Frame: s.guestFrame(v, v.t("dash.browsers")), sessionList: list}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "guestaccesspage", view)
}

// endDashboardBrowsers ends one of them, or all but this one.
func (s *Site) endDashboardBrowsers(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	me := v.actor.Person.ID
	var err error
	if one := v.PostFormValue("session"); one != "" {
		err = s.core.EndSession(v.Context(), v.actor, me, one)
	} else {
		err = s.core.EndSessions(v.Context(), v.actor, me)
	}
	switch {
	case err == nil || core.CodeOf(err) == "session.unknown": // ended meanwhile: the list says so
		return redirect(w, v, dashboardURL+"/access", "sessions", "")
	case mendable(err):
		return s.browsersPage(w, v, err)
	}
	return err
}
