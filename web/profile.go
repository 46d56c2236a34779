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
}

func (s *Site) profile(w http.ResponseWriter, v *visit) error {
	me := &v.actor.Person
	if err := s.need(v, "user.profile.edit", core.Object{Kind: "person", ID: me.ID}); err != nil {
		return err
	}
	view := s.profileForm(v, core.Profile{Name: me.Name, Locale: me.Locale, Zone: me.Zone})
	return s.render(w, v, http.StatusOK, "profile", view)
}

func (s *Site) profileForm(v *visit, p core.Profile) profileView {
	return profileView{Frame: s.frame(v, v.t("page.profile")), Name: p.Name, Languages: languages(p.Locale), ZoneValue: p.Zone, Zones: zones, AccountZone: v.actor.Account.Zone}
}

func (s *Site) setProfile(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	p := core.Profile{Name: v.PostFormValue("name"), Locale: locale(v.PostFormValue("locale")), Zone: strings.TrimSpace(v.PostFormValue("zone"))}
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
