package web

import (
	"net/http"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

type signinView struct {
	Frame
	Login, Next string
	// Register tells that anybody may open an account here.
	Register bool
	// Hint is shown below the form; empty.
	Hint string
}

func (s *Site) signinPage(w http.ResponseWriter, v *visit) error {
	if v.actor != nil {
		http.Redirect(w, v.Request, next(v.FormValue("next")), http.StatusSeeOther)
		return nil
	}
	if s.empty(v) {
		http.Redirect(w, v.Request, "/setup", http.StatusSeeOther)
		return nil
	}
	view := signinView{Frame: s.frame(v, v.t("page.signin")), Register: s.core.Config().Registration, Next: next(v.FormValue("next"))}
	return s.render(w, v, http.StatusOK, "signin", view)
}

func (s *Site) signIn(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	to := next(v.PostFormValue("next"))
	token, people, err := s.core.SignIn(v.Context(), core.Credentials{
		Login: v.PostFormValue("login"), Password: v.PostFormValue("password"), IP: s.ip(v.Request), UserAgent: v.UserAgent(),
	})
	if err != nil {
		if core.KindOf(err) == core.Internal {
			return err
		}
		view := signinView{Frame: s.bareFrame(v, v.t("page.signin")), Register: s.core.Config().Registration, Login: v.PostFormValue("login"), Next: to}
		return s.render(w, v, s.again(&view.Frame, v, err), "signin", view)
	}
	s.setCookie(w, token)
	if len(people) != 1 {
		to = "/choose?next=" + escape(to)
	}
	http.Redirect(w, v.Request, to, http.StatusSeeOther)
	return nil
}

type chooseView struct {
	Frame
	Next    string
	Choices []choice
}

// choice is one account that a person can work in.
type choice struct {
	ID            core.ID
	Account, Name string
	Role          core.Role
}

func (s *Site) choosePage(w http.ResponseWriter, v *visit) error {
	people, accounts, err := s.core.SessionPeople(v.Context(), v.token)
	if core.KindOf(err) == core.Unauthenticated {
		http.Redirect(w, v.Request, "/signin", http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	names := make(map[core.ID]string, len(accounts))
	for _, a := range accounts {
		names[a.ID] = a.Name
	}
	view := chooseView{Frame: s.frame(v, v.t("choose.title")), Next: next(v.FormValue("next"))}
	for _, p := range people {
		view.Choices = append(view.Choices, choice{p.ID, names[p.Account], p.Name, p.Role})
	}
	return s.render(w, v, http.StatusOK, "choose", view)
}

func (s *Site) choose(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, ok := core.ParseID(v.PostFormValue("person"))
	if !ok {
		return core.Fail(core.NotFound, "not_found")
	}
	if err := s.core.ChoosePerson(v.Context(), v.token, id); err != nil {
		return err
	}
	http.Redirect(w, v.Request, next(v.PostFormValue("next")), http.StatusSeeOther)
	return nil
}

func (s *Site) signOut(w http.ResponseWriter, v *visit) error {
	if err := s.core.SignOut(v.Context(), v.token); err != nil {
		return err
	}
	s.setCookie(w, "")
	return redirect(w, v, "/signin", "signedout", "")
}

type setupView struct {
	Frame
	Code, Company, Name, Address string
	MinPassword                  int
	// Personal asks once more about an address that looks like a person's.
	Personal  bool
	Languages []option
	ZoneValue string
	Zones     []string
}

// minPassword is told to browsers; the core decides.
const minPassword = 12

// empty tells whether nobody has set the instance up yet.
func (s *Site) empty(v *visit) bool {
	if s.settled.Load() {
		return false
	}
	needed, err := s.core.SetupNeeded(v.Context())
	if err == nil && !needed {
		s.settled.Store(true)
	}
	return err == nil && needed
}

func (s *Site) setupPage(w http.ResponseWriter, v *visit) error {
	if !s.empty(v) {
		http.Redirect(w, v.Request, "/signin", http.StatusSeeOther)
		return nil
	}
	return s.render(w, v, http.StatusOK, "setup", s.setupForm(v))
}

func (s *Site) setupForm(v *visit) setupView {
	view := setupView{Frame: s.bareFrame(v, v.t("setup.title")), Code: v.FormValue("code"), Company: v.PostFormValue("account"), Name: v.PostFormValue("name"),
		Address: v.PostFormValue("address"), MinPassword: minPassword, ZoneValue: v.PostFormValue("zone"), Zones: zones}
	if view.ZoneValue == "" {
		view.ZoneValue = "UTC"
	}
	view.Languages = languages(first(v.PostFormValue("locale"), v.locale), templates.Locales())
	return view
}

func languages(chosen string, offered []string) (list []option) {
	for _, l := range offered {
		list = append(list, option{l, templates.LocaleName(l), l == chosen})
	}
	return list
}

func (s *Site) setUp(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if !s.empty(v) {
		return core.Fail(core.NotFound, "not_found")
	}
	setup := core.Setup{Code: v.PostFormValue("code"), AccountName: v.PostFormValue("account"), Locale: v.PostFormValue("locale"), Zone: strings.TrimSpace(v.PostFormValue("zone")),
		Name: v.PostFormValue("name"), Address: v.PostFormValue("address"), Password: v.PostFormValue("password"), Acknowledged: v.PostFormValue("acknowledged") != ""}
	if _, _, err := s.core.SetUp(v.Context(), setup); err != nil {
		if core.KindOf(err) == core.Internal {
			return err
		}
		view := s.setupForm(v)
		view.Personal = setup.Acknowledged || core.CodeOf(err) == "setup.personal"
		return s.render(w, v, s.again(&view.Frame, v, err), "setup", view)
	}
	s.settled.Store(true)
	token, _, err := s.core.SignIn(v.Context(), core.Credentials{Login: setup.Address, Password: setup.Password, IP: s.ip(v.Request), UserAgent: v.UserAgent()})
	if err != nil { // the account exists; signing in by hand will tell what is wrong
		return redirect(w, v, "/signin", "setup", "")
	}
	s.setCookie(w, token)
	return redirect(w, v, "/health/guide", "", "") // a new host needs its mail set up first
}

// zones are offered while typing; every IANA name is taken.
var zones = []string{
	"UTC", "Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/Paris", "Europe/Brussels", "Europe/Luxembourg", "Europe/Sofia", "Europe/London", "Europe/Dublin",
	"Europe/Amsterdam", "Europe/Athens", "Europe/Bucharest", "Europe/Budapest", "Europe/Copenhagen", "Europe/Helsinki", "Europe/Istanbul", "Europe/Lisbon", "Europe/Madrid",
	"Europe/Oslo", "Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Warsaw", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
	"America/Montreal", "America/Sao_Paulo", "Africa/Casablanca", "Africa/Tunis", "Asia/Dubai", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
}

// today is the civil date in a zone.
func today(now time.Time, zone *time.Location) string { return now.In(zone).Format(time.DateOnly) }
