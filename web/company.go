package web

import (
	"net/http"

	"planpost/core"
)

// companyRoutes: firms that contacts belong to and projects are done for.
var companyRoutes = []route{
	{"GET", "/companies", "contact.view", (*Site).companies},
	{"GET", "/companies/{id}", "contact.view", (*Site).company},
	{"GET", "/companies/{id}/edit", "contact.edit", (*Site).editCompanyPage},
	{"POST", "/companies/{id}/edit", "contact.edit", (*Site).editCompany},
	{"POST", "/companies/{id}/guest", "contact.grant_access", (*Site).grantCompany},
	{"POST", "/companies/{id}/delete", "contact.delete", (*Site).deleteCompany},
}

func companyURL(id core.ID) string { return "/companies/" + string(id) }

type companiesView struct {
	Frame
	Items      []option
	MayContact bool
}

func (s *Site) companies(w http.ResponseWriter, v *visit) error {
	list, err := s.core.Companies(v.Context(), v.actor)
	if err != nil {
		return err
	}
	view := companiesView{Frame: s.frame(v, v.t("page.companies")), MayContact: s.may(v, "contact.create", core.Object{})}
	for i := range list {
		view.Items = append(view.Items, option{Value: companyURL(list[i].ID), Text: list[i].Name})
	}
	return s.render(w, v, http.StatusOK, "companies", view)
}

type companyView struct {
	Frame
	core.CompanyView
	People []card
	// Askable are who could get the access that somebody wants to give the company (X7).
	Askable []option
	Can     map[string]bool
}

func (s *Site) company(w http.ResponseWriter, v *visit) error { return s.companyPage(w, v, nil) }

func (s *Site) companyPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	c, err := s.core.Company(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := companyView{Frame: s.frame(v, c.Company.Name), CompanyView: c, Can: can(c.May)}
	var askable []core.Person
	for i := range c.Contacts {
		p := &c.Contacts[i]
		view.People = append(view.People, cardOf(v, p))
		if p.Kind == core.ContactKind && p.Access != core.AdvancedAccess && p.BlockedAt.IsZero() && len(p.Addresses) > 0 {
			askable = append(askable, *p)
		}
	}
	view.Askable = personOptions(askable, v.one("person"))
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "company", view)
}

type editCompanyView struct {
	Frame
	ID        core.ID
	Name      string
	Was       string
	MayDelete bool
}

func (s *Site) editCompanyPage(w http.ResponseWriter, v *visit) error {
	return s.companyForm(w, v, nil)
}

func (s *Site) companyForm(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	c, err := s.core.Company(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if err := s.need(v, "contact.edit", core.Object{Kind: "company", ID: id}); err != nil {
		return err
	}
	view := editCompanyView{Frame: s.frame(v, v.t("page.editcompany")), ID: id, Name: c.Company.Name, Was: c.Company.Name, MayDelete: c.May["contact.delete"]}
	status := http.StatusOK
	if wrong != nil {
		if v.PostForm.Has("name") {
			view.Name = v.PostFormValue("name")
		}
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "editcompany", view)
}

func (s *Site) editCompany(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/companies/", "companysaved", func(id core.ID) error {
		return s.core.EditCompany(v.Context(), v.actor, id, v.PostFormValue("name"))
	}, s.companyForm)
}

// grantCompany gives a person of the company the access, and asks which one when none is named.
func (s *Site) grantCompany(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/companies/", "companyaccess", func(id core.ID) error {
		return s.core.GrantCompany(v.Context(), v.actor, id, v.one("person"))
	}, s.companyPage)
}

func (s *Site) deleteCompany(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = s.core.DeleteCompany(v.Context(), v.actor, id)
	switch {
	case err == nil:
		return redirect(w, v, "/companies", "companydeleted", "")
	case mendable(err):
		return s.companyForm(w, v, err)
	}
	return err
}
