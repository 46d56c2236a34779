package web

import (
	"net/http"
	"slices"
	"time"

	"planpost/core"
)

// securityRoutes: who may come in, and as whom.
var securityRoutes = []route{
	{"GET", "/factor", "session.second_factor.edit", (*Site).factorPage},
	{"POST", "/factor", "session.second_factor.edit", (*Site).giveFactor},
	{"GET", "/me/factor", "session.second_factor.edit", (*Site).ownFactor},
	{"POST", "/me/factor", "session.second_factor.edit", (*Site).confirmFactor},
	{"POST", "/me/factor/begin", "session.second_factor.edit", (*Site).beginFactor},
	{"POST", "/me/factor/codes", "session.second_factor.edit", (*Site).newCodes},
	{"POST", "/me/factor/off", "session.second_factor.edit", (*Site).dropFactor},
	{"GET", "/people/{id}/access", "user.sessions.end", (*Site).personAccess},
	{"POST", "/people/{id}/sessions", "user.sessions.end", (*Site).endSessions},
	{"POST", "/people/{id}/factor/reset", "session.second_factor.reset", (*Site).resetFactor},
	{"POST", "/people/{id}/view", "account.impersonate", (*Site).startViewing},
	{"POST", "/viewing/end", "session.sign_out", (*Site).endViewing},
	{"GET", "/security", "account.2fa_policy.edit", (*Site).security},
	{"POST", "/security", "account.2fa_policy.edit", (*Site).setFactorPolicy},
	{"GET", "/security/ip", "account.ip_rules.edit", (*Site).ipRules},
	{"POST", "/security/ip", "account.ip_rules.edit", (*Site).addIPRule},
	{"POST", "/security/ip/{id}/remove", "account.ip_rules.edit", (*Site).removeIPRule},
}

// securityView is who must have a second factor.
type securityView struct {
	Frame
	Staff, Outside []option
	People         []option
	MayIP          bool
}

var factorModes = []string{core.FactorOff, core.FactorAllowed, core.FactorRequired, core.FactorChosen}

func (s *Site) security(w http.ResponseWriter, v *visit) error {
	p, err := s.core.FactorPolicy(v.Context(), v.actor)
	if err != nil {
		return err
	}
	view, err := s.securityForm(v, p)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "security", view)
}

func (s *Site) securityForm(v *visit, p core.FactorPolicy) (view securityView, err error) {
	view = securityView{Frame: s.frame(v, v.t("page.security")), MayIP: s.may(v, "account.ip_rules.edit", core.Object{})}
	view.Staff = options(v.locale, "factorpolicy", p.Staff, factorModes...)
	view.Outside = options(v.locale, "factorpolicy", p.Outside, factorModes...)
	people, err := s.choosable(v, core.UserKind, core.ContactKind)
	if err != nil {
		return view, err
	}
	view.People = personOptions(people, "")
	for i := range view.People {
		view.People[i].Chosen = slices.Contains(p.Chosen, core.ID(view.People[i].Value))
	}
	return view, nil
}

func (s *Site) setFactorPolicy(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	p := core.FactorPolicy{Staff: v.PostFormValue("staff"), Outside: v.PostFormValue("outside"), Chosen: ids(v.PostForm["chosen"])}
	err := s.core.SetFactorPolicy(v.Context(), v.actor, p)
	switch {
	case err == nil:
		return redirect(w, v, "/security", "factorpolicy", "")
	case !mendable(err):
		return err
	}
	view, trouble := s.securityForm(v, p)
	if trouble != nil {
		return trouble
	}
	return s.render(w, v, s.again(&view.Frame, v, err), "security", view)
}

// accessView is one person's sign-in: sessions, second factor, looking with his eyes.
type accessView struct {
	Frame
	Person core.Person
	sessionList
	// MayReset and MayView are what the viewer may do besides ending sessions.
	MayReset, MayView bool
}

// ownSecurity is the part of one's own settings that leads to sessions and second factor.
type ownSecurity struct {
	ID        core.ID
	MayFactor bool
	Zone      *time.Location
	Viewings  []core.ViewingItem
}

func (s *Site) ownSecurity(v *visit) (own ownSecurity) {
	o := core.Object{Kind: "person", ID: v.actor.Person.ID}
	if !s.may(v, "user.sessions.end", o) {
		return own
	}
	own = ownSecurity{ID: o.ID, MayFactor: s.may(v, "session.second_factor.edit", o), Zone: v.zone}
	var err error
	if own.Viewings, err = s.core.Viewings(v.Context(), v.actor); err != nil {
		s.log.Error("viewings", "error", err)
	}
	return own
}

// sessionList is the partial "sessionlist".
type sessionList struct {
	Self      bool
	Sessions  []sessionRow
	EndURL    string
	MayEndAll bool
}

// sessionsOf lists where a person is signed in, and what ends it.
func (s *Site) sessionsOf(v *visit, id core.ID, end string) (l sessionList, err error) {
	items, err := s.core.Sessions(v.Context(), v.actor, id)
	if err != nil {
		return l, err
	}
	l = sessionList{Self: id == v.actor.Person.ID, EndURL: end}
	for _, item := range items {
		l.Sessions = append(l.Sessions, sessionRow{item, device(v.locale, item.UserAgent)})
		l.MayEndAll = l.MayEndAll || !item.Here
	}
	return l, nil
}

// sessionRow is one session.
type sessionRow struct {
	core.SessionItem
	Device string
}

func (s *Site) personAccess(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	view, err := s.accessPage(v, id)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "access", view)
}

func (s *Site) accessPage(v *visit, id core.ID) (view accessView, err error) {
	list, err := s.sessionsOf(v, id, "/people/"+string(id)+"/sessions")
	if err != nil {
		return view, err
	}
	o := core.Object{Kind: "person", ID: id}
	view = accessView{sessionList: list, Person: v.actor.Person, MayReset: s.may(v, "session.second_factor.reset", o), MayView: s.may(v, "account.impersonate", o)}
	if view.Person.ID = id; !view.Self {
		view.Person.Name = s.nameOf(v, id)
		view.MayView = view.MayView && v.actor.ViewedBy == nil
	} else {
		view.MayView, view.MayReset = false, false
	}
	view.Frame = s.frame(v, v.t("personaccess.title", "person", view.Person.Name))
	return view, nil
}

// again shows the page of a person's sign-in with what went wrong above it.
func (s *Site) accessAgain(w http.ResponseWriter, v *visit, id core.ID, err error) error {
	if !mendable(err) {
		return err
	}
	view, trouble := s.accessPage(v, id)
	if trouble != nil {
		return err
	}
	return s.render(w, v, s.again(&view.Frame, v, err), "access", view)
}

// onPerson does one thing to the person of the path.
func (s *Site) onPerson(w http.ResponseWriter, v *visit, done string, do func(core.ID) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		return s.accessAgain(w, v, id, err)
	}
	return redirect(w, v, "/people/"+string(id)+"/access", done, "")
}

func (s *Site) endSessions(w http.ResponseWriter, v *visit) error {
	return s.onPerson(w, v, "sessions", func(id core.ID) error {
		if one := v.PostFormValue("session"); one != "" {
			return s.core.EndSession(v.Context(), v.actor, id, one)
		}
		return s.core.EndSessions(v.Context(), v.actor, id)
	})
}

func (s *Site) resetFactor(w http.ResponseWriter, v *visit) error {
	return s.onPerson(w, v, "factorreset", func(id core.ID) error { return s.core.ResetFactor(v.Context(), v.actor, id) })
}

func (s *Site) startViewing(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.core.StartViewing(v.Context(), v.actor, id); err != nil {
		return s.accessAgain(w, v, id, err)
	}
	http.Redirect(w, v.Request, "/", http.StatusSeeOther)
	return nil
}

func (s *Site) endViewing(w http.ResponseWriter, v *visit) error {
	if v.actor == nil {
		return errChoose
	}
	person := v.actor.Person.ID
	if err := s.core.EndViewing(v.Context(), v.actor); err != nil && core.CodeOf(err) != "viewing.none" { // over by itself meanwhile
		return err
	}
	return redirect(w, v, "/people/"+string(person)+"/access", "viewingend", "")
}
