package web

import (
	"net/http"

	"planpost/core"
)

// contactRoutes: the cards of people outside.
var contactRoutes = []route{
	{"GET", "/contacts/{id}/edit", "contact.edit", (*Site).editContactPage},
	{"POST", "/contacts/{id}/edit", "contact.edit", (*Site).editContact},
	{"POST", "/contacts/{id}/visibility", "contact.set_visibility", (*Site).setVisibility},
	{"POST", "/contacts/{id}/delete", "contact.delete", (*Site).deleteContact},
}

// contactPart is what a person's page tells of somebody outside.
type contactPart struct {
	CompanyURL, Visibility     string
	MayEdit, MaySee, MayDelete bool
	Visibilities               []option
	// Unlinked: with access, and nothing is done for the company; Linkable are projects to choose from.
	Unlinked bool
	Linkable []option
}

func (s *Site) contactPart(v *visit, p *core.PersonView) *contactPart {
	if p.Person.Staff() || p.Person.Status == core.Deleted {
		return nil
	}
	part := &contactPart{Visibility: p.Person.Visibility, MayEdit: p.May["contact.edit"], MaySee: p.May["contact.set_visibility"], MayDelete: p.May["contact.delete"], Unlinked: p.Unlinked,
		Visibilities: options(v.locale, "contactvisibility", p.Person.Visibility, core.VisibleInside, core.VisibleParticipants)}
	if p.Company.ID != "" && p.Company.DeletedAt.IsZero() && v.staff() {
		part.CompanyURL = companyURL(p.Company.ID)
	}
	for i := range p.Linkable {
		j := &p.Linkable[i]
		part.Linkable = append(part.Linkable, option{Value: "/projects/" + string(j.ID) + "/edit?counterparty=" + string(p.Company.ID), Text: j.Name})
	}
	return part
}

// contactView is the form of a contact's card.
type contactView struct {
	Frame
	ID                   core.ID
	Card                 core.ContactCard
	Main                 string
	Others               []string // the mailboxes besides the main one, with room for a new one
	Languages, Companies []option
	MayCompanyTasks      bool
	SignsIn              bool
}

func (s *Site) editContactPage(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := s.contactToEdit(v, id)
	if err != nil {
		return err
	}
	view, err := s.contactForm(v, p, core.ContactCardOf(&p.Person))
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "editcontact", view)
}

// contactToEdit asks the right before the form is shown.
func (s *Site) contactToEdit(v *visit, id core.ID) (*core.PersonView, error) {
	p, err := s.core.Person(v.Context(), v.actor, id)
	if err != nil {
		return nil, err
	}
	if err := s.need(v, "contact.edit", core.Object{Kind: "person", ID: id}); err != nil {
		return nil, err
	}
	if p.Person.Staff() || p.Person.Status == core.Deleted {
		return nil, core.Fail(core.NotFound, "not_found")
	}
	return &p, nil
}

func (s *Site) contactForm(v *visit, p *core.PersonView, card core.ContactCard) (view contactView, err error) {
	id := p.Person.ID
	view = contactView{Frame: s.frame(v, v.t("page.editcontact")), ID: id, Card: card, Languages: v.languages(card.Locale), SignsIn: p.Person.Identity != "",
		MayCompanyTasks: s.may(v, "contact.company_tasks.set", core.Object{Kind: "person", ID: id})}
	if len(card.Addresses) > 0 {
		view.Main, view.Others = card.Addresses[0], append(view.Others, card.Addresses[1:]...)
	}
	view.Others = append(view.Others, "")
	view.Companies, err = s.companyOptions(v, card.Company)
	if p.Company.ID == card.Company { // in the bin perhaps; saving must not change it
		view.Companies = withKnown(view.Companies, &core.Person{ID: p.Company.ID, Name: p.Company.Name})
	}
	return view, err
}

// contactCard reads the form. A switch that the form did not offer stays as it is.
func (v *visit) contactCard(p *core.Person, mayTasks bool) core.ContactCard {
	n := core.ContactCard{Name: v.PostFormValue("name"), Phone: v.PostFormValue("phone"), Locale: locale(v.PostFormValue("locale")), Company: v.one("company"),
		CompanyTasks: v.PostFormValue("companytasks") != "", Addresses: append([]string{v.PostFormValue("address")}, v.PostForm["otheraddress"]...)}
	if !mayTasks {
		n.CompanyTasks = p.CompanyTasks
	}
	return n
}

// editContact saves, unless the contact gains or loses sight by it: then it first says what.
func (s *Site) editContact(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := s.contactToEdit(v, id)
	if err != nil {
		return err
	}
	card := v.contactCard(&p.Person, s.may(v, "contact.company_tasks.set", core.Object{Kind: "person", ID: id}))
	if v.PostFormValue("seen") == "" && (card.Company != p.Person.Company || card.CompanyTasks != p.Person.CompanyTasks) {
		sight, err := s.core.PreviewContact(v.Context(), v.actor, id, card)
		if err == nil && !sight.Same() {
			return s.askSight(w, v, []core.Compared{sight}, nil, "/contacts/"+string(id)+"/edit", p.Person.Name, "/contacts/"+string(id)+"/edit")
		}
		if err != nil && !mendable(err) {
			return err
		}
	}
	err = s.core.EditContact(v.Context(), v.actor, id, card)
	switch {
	case err == nil:
		return redirect(w, v, "/people/"+string(id), "card", "")
	case !mendable(err):
		return err
	}
	view, formErr := s.contactForm(v, p, card)
	if formErr != nil {
		return err
	}
	return s.render(w, v, s.again(&view.Frame, v, err), "editcontact", view)
}

func (s *Site) setVisibility(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/people/", "visibility", func(id core.ID) error {
		return s.core.SetContactVisibility(v.Context(), v.actor, id, v.PostFormValue("visibility"))
	}, s.personPage)
}

func (s *Site) deleteContact(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = s.core.DeleteContact(v.Context(), v.actor, id)
	switch {
	case err == nil:
		return redirect(w, v, "/people", "contactdeleted", "")
	case mendable(err):
		return s.personPage(w, v, err)
	}
	return err
}
