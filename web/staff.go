package web

import (
	"net/http"
	"strings"

	"planpost/core"
)

// staffRoutes: the cards of those inside and their life.
var staffRoutes = []route{
	{"GET", "/people/{id}/edit", "user.edit", (*Site).editUserPage},
	{"POST", "/people/{id}/edit", "user.edit", (*Site).editUser},
	{"POST", "/me/login", "user.login_name.set", (*Site).setLoginName},
	{"GET", "/people/{id}/rates", "user.rate.view", (*Site).rates},
	{"POST", "/people/{id}/rates", "user.rate.edit", (*Site).setRate},
	{"POST", "/people/{id}/rates/remove", "user.rate.edit", (*Site).removeRate},
	{"GET", "/people/{id}/deputy", "user.deputy.set", (*Site).deputyPage},
	{"POST", "/people/{id}/deputy", "user.deputy.set", (*Site).setDeputy},
	{"GET", "/people/{id}/work", "user.reassign_work", (*Site).openWork},
	{"POST", "/people/{id}/work", "user.reassign_work", (*Site).reassign},
	{"POST", "/people/{id}/deactivate", "user.deactivate", (*Site).deactivate},
	{"POST", "/people/{id}/activate", "user.deactivate", (*Site).reactivate},
	{"POST", "/people/{id}/delete", "user.delete", (*Site).deleteUser},
}

// staffPart is what a person's page tells of a member of staff.
type staffPart struct {
	Color                                                    string
	Team                                                     []card
	Deputy                                                   card
	From, Until                                              string
	Away                                                     bool
	Inactive                                                 bool
	MayEdit, MayRates, MayDeputy, MayWork, MayEnd, MayDelete bool
	MayRole                                                  bool
}

func (s *Site) staffPart(v *visit, p *core.PersonView) *staffPart {
	if !p.Person.Staff() || p.Person.Status == core.Deleted {
		return nil
	}
	today := s.core.Today(&v.actor.Account)
	part := &staffPart{Away: p.Person.AwayOn(today), Inactive: p.Person.Status == core.Inactive, MayEdit: p.May["user.edit"], MayRates: p.May["user.rate.view"],
		MayDeputy: p.May["user.deputy.set"], MayWork: p.May["user.reassign_work"], MayEnd: p.May["user.deactivate"] && p.Person.Role != core.Owner,
		MayDelete: p.May["user.delete"] && p.Person.Role != core.Owner}
	part.MayRole = s.may(v, "user.set_toggles", core.Object{Kind: "person", ID: p.Person.ID})
	for i := range p.Team {
		part.Team = append(part.Team, cardOf(v, &p.Team[i]))
	}
	if p.Deputy.ID != "" && p.Person.AwayUntil >= today {
		part.Deputy, part.From, part.Until = cardOf(v, &p.Deputy), p.Person.AwayFrom, p.Person.AwayUntil
	}
	return part
}

// swatches are the colours to choose from; Color is empty for the default.
type swatches struct {
	Color  string
	Colors []swatch
	// Legend and None are the keys of what it is for and of having no colour.
	Legend, None string
}

type swatch struct {
	Value        string
	Tone, Number int
	Chosen       bool
}

func swatchesOf(chosen string) swatches {
	s := swatches{Color: chosen, Legend: "staff.color", None: "staff.color.default"}
	for i, c := range core.Palette {
		s.Colors = append(s.Colors, swatch{c, i, i + 1, c == chosen})
	}
	return s
}

// editUserView is the form of a card.
type editUserView struct {
	Frame
	ID          core.ID
	Card        core.UserCard
	Swatches    swatches
	Languages   []option
	Zones       []string
	AccountZone string
	Managers    []option
}

func (s *Site) editUserPage(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := s.core.Person(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if err := s.need(v, "user.edit", core.Object{Kind: "person", ID: id}); err != nil {
		return err
	}
	if !p.Person.Staff() {
		return core.Fail(core.NotFound, "person.unknown")
	}
	view, err := s.userForm(v, id, core.CardOf(&p.Person))
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "edituser", view)
}

func (s *Site) userForm(v *visit, id core.ID, card core.UserCard) (editUserView, error) {
	view := editUserView{Frame: s.frame(v, v.t("page.edituser")), ID: id, Card: card, Swatches: swatchesOf(card.Color), Languages: v.languages(card.Locale),
		Zones: zones, AccountZone: v.actor.Account.Zone}
	people, err := s.choosable(v, core.UserKind)
	for _, o := range personOptions(people, card.Manager) {
		if o.Value != string(id) {
			view.Managers = append(view.Managers, o)
		}
	}
	return view, err
}

func (s *Site) editUser(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	card := core.UserCard{Name: v.PostFormValue("name"), Code: v.PostFormValue("code"), Color: v.PostFormValue("color"), Phone: v.PostFormValue("phone"),
		Locale: locale(v.PostFormValue("locale")), Zone: strings.TrimSpace(v.PostFormValue("zone")), Manager: v.one("manager")}
	err = s.core.EditUser(v.Context(), v.actor, id, card)
	switch {
	case err == nil:
		return redirect(w, v, "/people/"+string(id), "card", "")
	case !mendable(err):
		return err
	}
	view, formErr := s.userForm(v, id, card)
	if formErr != nil {
		return err
	}
	return s.render(w, v, s.again(&view.Frame, v, err), "edituser", view)
}

// setLoginName changes the own second name for signing in.
func (s *Site) setLoginName(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	err := s.core.SetLoginName(v.Context(), v.actor, v.actor.Person.ID, v.PostFormValue("loginname"))
	switch {
	case err == nil:
		return redirect(w, v, "/me", "loginname", "")
	case !mendable(err):
		return err
	}
	view := s.ownProfile(v)
	if view.OwnLogin == nil {
		return err
	}
	view.OwnLogin.Name = v.PostFormValue("loginname")
	return s.render(w, v, s.again(&view.Frame, v, err), "profile", view)
}

// ownLogin is the second name for signing in, on the own page.
type ownLogin struct{ Name string }

func (s *Site) ownLogin(v *visit) *ownLogin {
	me := &v.actor.Person
	if !me.Staff() || me.Identity == "" {
		return nil
	}
	name, err := s.core.LoginName(v.Context(), v.actor, me.ID)
	if err != nil {
		return nil
	}
	return &ownLogin{name}
}

// ratesView is what an hour of somebody costs, and from when.
type ratesView struct {
	Frame
	ID         core.ID
	Name       string
	Items      []rateRow
	MayEdit    bool
	Form       core.NewRate
	Currencies []option
}

type rateRow struct {
	From, Amount, Currency string
	Deductions, Now        bool
}

func (s *Site) rates(w http.ResponseWriter, v *visit) error { return s.ratesPage(w, v, nil) }

func (s *Site) ratesPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	list, err := s.core.Rates(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	today := s.core.Today(&v.actor.Account)
	view := ratesView{ID: id, Name: v.actor.Person.Name, MayEdit: s.may(v, "user.rate.edit", core.Object{Kind: "person", ID: id})}
	if p, err := s.core.Person(v.Context(), v.actor, id); err == nil {
		view.Name = p.Person.Name
	}
	view.Frame = s.frame(v, v.t("page.rates"))
	view.Form = core.NewRate{From: first(v.PostFormValue("from"), today), Amount: v.PostFormValue("amount"), Currency: v.PostFormValue("currency"), Deductions: v.PostFormValue("deductions") != ""}
	now, has := core.RateOn(list, today)
	for i := range list {
		r := &list[i]
		view.Items = append(view.Items, rateRow{r.From, core.AmountText(r.Amount), r.Currency, r.Deductions, has && r.From == now.From})
		view.Form.Currency = first(view.Form.Currency, r.Currency)
	}
	for _, c := range core.Currencies {
		view.Currencies = append(view.Currencies, option{c, c, c == view.Form.Currency})
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "rates", view)
}

func (s *Site) setRate(w http.ResponseWriter, v *visit) error {
	return s.changeRates(w, v, "rate", func(id core.ID) error {
		return s.core.SetRate(v.Context(), v.actor, id, core.NewRate{From: v.PostFormValue("from"), Amount: v.PostFormValue("amount"),
			Currency: v.PostFormValue("currency"), Deductions: v.PostFormValue("deductions") != ""})
	})
}

func (s *Site) removeRate(w http.ResponseWriter, v *visit) error {
	return s.changeRates(w, v, "rateremoved", func(id core.ID) error {
		return s.core.DeleteRate(v.Context(), v.actor, id, v.PostFormValue("from"))
	})
}

func (s *Site) changeRates(w http.ResponseWriter, v *visit, done string, change func(core.ID) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = change(id)
	switch {
	case err == nil:
		return redirect(w, v, "/people/"+string(id)+"/rates", done, "")
	case mendable(err):
		return s.ratesPage(w, v, err)
	}
	return err
}

// deputyView is who stands in for somebody, and when.
type deputyView struct {
	Frame
	ID          core.ID
	Name        string
	From, Until string
	Set         bool
	People      []option
}

func (s *Site) deputyPage(w http.ResponseWriter, v *visit) error {
	p, err := s.deputyOf(v)
	if err != nil {
		return err
	}
	return s.deputyForm(w, v, p, core.Absence{Deputy: p.Deputy, From: p.AwayFrom, Until: p.AwayUntil}, nil)
}

// deputyOf is the person of the path. Who may set only his own deputy need not see other people.
func (s *Site) deputyOf(v *visit) (*core.Person, error) {
	id, err := v.id("id")
	if err != nil {
		return nil, err
	}
	p := v.actor.Person
	if id != p.ID {
		view, err := s.core.Person(v.Context(), v.actor, id)
		if err != nil {
			return nil, err
		}
		p = view.Person
	}
	if !p.Staff() {
		return nil, core.Fail(core.NotFound, "person.unknown")
	}
	return &p, s.need(v, "user.deputy.set", core.Object{Kind: "person", ID: id})
}

func (s *Site) deputyForm(w http.ResponseWriter, v *visit, p *core.Person, n core.Absence, wrong error) error {
	people, err := s.choosable(v, core.UserKind)
	if err != nil {
		return err
	}
	view := deputyView{Frame: s.frame(v, v.t("page.deputy")), ID: p.ID, Name: p.Name, From: n.From, Until: n.Until, Set: p.Deputy != ""}
	for _, o := range personOptions(people, n.Deputy) {
		if o.Value != string(p.ID) {
			view.People = append(view.People, o)
		}
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "deputy", view)
}

func (s *Site) setDeputy(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	n := core.Absence{Deputy: v.one("deputy"), From: v.PostFormValue("from"), Until: v.PostFormValue("until")}
	err = s.core.SetDeputy(v.Context(), v.actor, id, n)
	switch {
	case err == nil:
		return redirect(w, v, "/people/"+string(id)+"/deputy", "deputy", "")
	case !mendable(err):
		return err
	}
	p, formErr := s.deputyOf(v)
	if formErr != nil {
		return err
	}
	return s.deputyForm(w, v, p, n, err)
}
