package web

import (
	"net/http"
	"strings"

	"planpost/core"
)

// profileView is what people set for themselves.
type profileView struct {
	Frame
	Name      string
	Languages []option
	ZoneValue string
	Zones     []string
	// AccountZone counts while the person has none.
	AccountZone string
	Phone       string
	Swatches    swatches
	// OwnLogin is the second name for signing in; nil for who cannot have one.
	OwnLogin  *ownLogin
	ID        core.ID
	MayDeputy bool
	MayRates  bool
	// Login is for password managers; empty for who has no password to change.
	Login       string
	MinPassword int
	// PasswordProblem is what is wrong with a new password, told where it is typed.
	PasswordProblem *problem
	// Security leads to sessions and second factor, and tells who looked through these eyes.
	Security ownSecurity
}

func (s *Site) profile(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "user.profile.edit", core.Object{Kind: "person", ID: v.actor.Person.ID}); err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "profile", s.ownProfile(v))
}

func (s *Site) ownProfile(v *visit) profileView {
	me := &v.actor.Person
	return s.profileForm(v, core.Profile{Name: me.Name, Locale: me.Locale, Zone: me.Zone, Color: me.Color, Phone: me.Phone})
}

func (s *Site) profileForm(v *visit, p core.Profile) profileView {
	view := profileView{Frame: s.frame(v, v.t("page.profile")), Name: p.Name, Languages: v.languages(p.Locale), ZoneValue: p.Zone, Zones: zones,
		AccountZone: v.actor.Account.Zone, MinPassword: v.actor.Account.PasswordLength}
	if me := &v.actor.Person; s.may(v, "user.password.set", core.Object{Kind: "person", ID: me.ID}) {
		view.Login = first(me.Address().Mailbox(), me.Name)
	}
	view.Security = s.ownSecurity(v)
	view.Phone, view.Swatches, view.OwnLogin, view.ID = p.Phone, swatchesOf(p.Color), s.ownLogin(v), v.actor.Person.ID
	me := core.Object{Kind: "person", ID: view.ID}
	view.MayDeputy, view.MayRates = s.may(v, "user.deputy.set", me), s.may(v, "user.rate.view", me)
	return view
}

func (s *Site) setProfile(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	p := core.Profile{Name: v.PostFormValue("name"), Locale: locale(v.PostFormValue("locale")), Zone: strings.TrimSpace(v.PostFormValue("zone")),
		Color: v.PostFormValue("color"), Phone: v.PostFormValue("phone")}
	err := s.core.SetProfile(v.Context(), v.actor, p)
	switch {
	case err == nil:
		return redirect(w, v, "/me", "profile", "")
	case !mendable(err):
		return err
	}
	view := s.profileForm(v, p)
	return s.render(w, v, s.again(&view.Frame, v, err), "profile", view)
}

// setPassword changes the own password. The core ends every session and gives
// the one with which this browser goes on.
func (s *Site) setPassword(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	var token string
	var err error
	wanted := v.PostFormValue("newpassword")
	if wanted == v.PostFormValue("newpassword2") {
		token, err = s.core.SetPassword(v.Context(), v.actor, core.PasswordChange{Current: v.PostFormValue("oldpassword"), New: wanted, IP: s.ip(v.Request), UserAgent: v.UserAgent()})
	} else {
		err = core.Fail(core.Invalid, "password.twice")
	}
	switch {
	case err == nil:
		s.setCookie(w, token)
		return redirect(w, v, "/me", "password", "")
	case !mendable(err):
		return err
	}
	view := s.ownProfile(v)
	if view.Login == "" {
		return err // the form is not on the page; that of the error has one
	}
	status := s.again(&view.Frame, v, err)
	view.PasswordProblem, view.Problem = view.Problem, nil
	return s.render(w, v, status, "profile", view)
}
