package web

import (
	"context"
	"net/http"

	"planpost/core"
	"planpost/templates"
)

type peopleView struct {
	Frame
	MayContact, MayUser bool
	MayImport           bool
	// MayBlocked offers the lock: Blocked lists who is blocked everywhere, who is in no other list.
	MayCompanies, MayBlocked, Blocked bool

	Waiting          int // for an invitation
	Find             string
	Kinds, Companies []option
	Items            []card
	More             string
}

func (s *Site) people(w http.ResponseWriter, v *visit) error {
	q := v.URL.Query()
	f := core.PersonFilter{Query: q.Get("q"), Company: v.asked("company"), AfterName: q.Get("after"), AfterID: v.asked("afterid"), Limit: page + 1}
	f.Blocked = q.Get("blocked") != ""
	f.NotBlocked = !f.Blocked
	kind := core.PersonKind(q.Get("kind"))
	if kind == core.UserKind || kind == core.ContactKind || kind == core.AddressKind {
		f.Kinds = []core.PersonKind{kind}
	}
	people, err := s.core.People(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view := peopleView{Frame: s.frame(v, v.t("page.people")), Find: f.Query, MayContact: s.may(v, "contact.create", core.Object{}), MayUser: s.may(v, "user.invite", core.Object{}), MayImport: s.may(v, "contact.import", core.Object{}),
		MayBlocked: s.may(v, "person.block_everywhere", core.Object{}), Blocked: f.Blocked}
	if view.Waiting, err = s.waiting(v); err != nil {
		return err
	}
	if len(people) > page {
		people = people[:page]
		view.More = v.after("after", people[page-1].Name, "afterid", string(people[page-1].ID))
	}
	if view.Companies, err = s.companyOptions(v, f.Company); err != nil {
		return err
	}
	view.MayCompanies = view.MayContact || len(view.Companies) > 0
	invites, err := s.invites(v, people)
	if err != nil {
		return err
	}
	for i := range people {
		c := cardOf(v, &people[i])
		c.Invite = invites[people[i].ID]
		for _, o := range view.Companies {
			if o.Value == string(people[i].Company) {
				c.Company = o.Text
			}
		}
		view.Items = append(view.Items, c)
	}
	view.Kinds = append([]option{{"", v.t("filter.all"), kind == ""}}, options(v.locale, "personkind", string(kind), "user", "contact", "address")...)
	return s.render(w, v, http.StatusOK, "people", view)
}

type personView struct {
	Frame
	Person            core.Person
	Card              card
	Manager, Language string
	Access            string
	MayBlock          bool
	MayAccess         bool // to sessions and second factor
	MayLinks          bool
	MayNotif          bool
	WhyURL            string
	// Invite is how it stands with the invitation; Guest the block of access. Each may be nil.
	Invite *invitedView
	Guest  *guestView
	List   taskList
	// Staff is nil for outsiders, Contact for those inside.
	Staff   *staffPart
	Contact *contactPart
	// Blocks are the receipts of blocks everywhere.
	Blocks []core.Block
}

func (s *Site) person(w http.ResponseWriter, v *visit) error { return s.personPage(w, v, nil) }

func (s *Site) personPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := s.core.Person(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := personView{Frame: s.frame(v, p.Person.Name), Person: p.Person, Card: cardOf(v, &p.Person), Manager: p.Manager.Name,
		MayBlock: p.May["person.block_everywhere"] && p.Person.Role != core.Owner && p.Person.Role != core.Administrator, List: s.taskList(v, p.Tasks, "tasks.none.person")}
	view.MayAccess = s.may(v, "user.sessions.end", core.Object{Kind: "person", ID: id})
	view.MayNotif = p.Person.Kind != core.AddressKind && p.Person.Status != core.Deleted && s.may(v, "notif.edit", core.Object{Kind: "person", ID: id})
	view.MayLinks = s.may(v, "link.list", core.Object{})
	invites, err := s.invites(v, []core.Person{p.Person})
	if err != nil {
		return err
	}
	view.Invite = invites[id]
	if view.Guest = s.guestOf(v, &p.Person); view.Invite != nil {
		view.Invite.May = view.Guest != nil || p.Person.Staff() && s.may(v, "user.invite", core.Object{})
	}
	if s.may(v, "account.log.view", core.Object{}) {
		view.WhyURL = "/why?person=" + string(id)
	}
	view.Card.Company, view.Blocks = p.Company.Name, p.Blocks
	view.Staff, view.Contact = s.staffPart(v, &p), s.contactPart(v, &p)
	if p.Person.Kind == core.ContactKind {
		view.Access = first(p.Person.Access, core.NoAccess)
	}
	if p.Person.Locale != "" {
		view.Language = templates.LocaleName(p.Person.Locale)
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "person", view)
}

func (s *Site) unblockPerson(w http.ResponseWriter, v *visit) error {
	return s.setBlock(w, v, "unblocked", s.core.UnblockPerson)
}

func (s *Site) setBlock(w http.ResponseWriter, v *visit, done string, set func(context.Context, *core.Actor, core.ID) error) error {
	return act(w, v, "/people/", done, func(id core.ID) error { return set(v.Context(), v.actor, id) }, s.personPage)
}

// newPersonView is the form for a contact, a colleague or a company.
type newPersonView struct {
	Frame
	Kind, Name, Address       string
	Languages                 []option
	Companies, Accesses       []option
	MayGrant, MayCompanyTasks bool
	CompanyTasks              bool
	Roles, Managers           []option
}

// newKind is what the form makes, and the right it needs.
func newKind(kind string) (string, string) {
	switch kind {
	case "user":
		return kind, "page.newuser"
	case "company":
		return kind, "page.newcompany"
	}
	return "contact", "page.newcontact"
}

func (s *Site) newPersonPage(w http.ResponseWriter, v *visit) error {
	kind, _ := newKind(v.URL.Query().Get("kind"))
	right := core.Object{}
	var err error
	if kind == "user" {
		err = s.need(v, "user.invite", right)
	} else {
		err = s.need(v, "contact.create", right)
	}
	if err != nil {
		return err
	}
	view, err := s.newPersonForm(v, kind)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "newperson", view)
}

func (s *Site) newPersonForm(v *visit, kind string) (view newPersonView, err error) {
	kind, title := newKind(kind)
	view = newPersonView{Frame: s.frame(v, v.t(title)), Kind: kind, Name: v.PostFormValue("name"), Address: v.PostFormValue("address"),
		Languages: v.languages(v.PostFormValue("locale")), CompanyTasks: v.PostFormValue("companytasks") != ""}
	switch kind {
	case "contact":
		view.MayGrant, view.MayCompanyTasks = s.may(v, "contact.grant_access", core.Object{}), s.may(v, "contact.company_tasks.set", core.Object{})
		view.Accesses = options(v.locale, "access", first(v.PostFormValue("access"), core.NoAccess), core.NoAccess, core.BasicAccess, core.AdvancedAccess)
		view.Companies, err = s.companyOptions(v, core.ID(first(string(v.one("company")), string(v.asked("company")))))
	case "user":
		view.Roles = options(v.locale, "role", first(v.PostFormValue("role"), string(core.Employee)), s.roles(v)...)
		var people []core.Person
		people, err = s.choosable(v, core.UserKind)
		view.Managers = personOptions(people, v.one("manager"))
	}
	return view, err
}

func (s *Site) roles(v *visit) []string {
	list := []string{string(core.Employee), string(core.Manager), string(core.TechnicalAdministrator)}
	if s.may(v, "account.roles.appoint_admin", core.Object{}) {
		list = append(list, string(core.Administrator))
	}
	return list
}

func (s *Site) createPerson(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	kind, _ := newKind(v.PostFormValue("kind"))
	var p core.Person
	var made core.Company
	var err error
	switch kind {
	case "user":
		p, err = s.core.InviteUser(v.Context(), v.actor, core.NewUser{Name: v.PostFormValue("name"), Address: v.PostFormValue("address"),
			Locale: locale(v.PostFormValue("locale")), Role: core.Role(v.PostFormValue("role")), Manager: v.one("manager")})
	case "company":
		made, err = s.core.CreateCompany(v.Context(), v.actor, v.PostFormValue("name"))
	default:
		p, err = s.core.CreateContact(v.Context(), v.actor, core.NewContact{Name: v.PostFormValue("name"), Address: v.PostFormValue("address"), Locale: locale(v.PostFormValue("locale")),
			Company: v.one("company"), Access: v.PostFormValue("access"), CompanyTasks: v.PostFormValue("companytasks") != ""})
	}
	switch {
	case err == nil && kind == "company":
		return redirect(w, v, companyURL(made.ID), "company", "")
	case err == nil:
		return redirect(w, v, "/people/"+string(p.ID), "person", "")
	case !mendable(err):
		return err
	}
	view, formErr := s.newPersonForm(v, kind)
	if formErr != nil {
		return err
	}
	return s.render(w, v, s.again(&view.Frame, v, err), "newperson", view)
}

// locale is a chosen language; empty means that of the account.
func locale(s string) string {
	if s == "" {
		return ""
	}
	return templates.Match(s)
}
