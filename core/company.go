package core

import (
	"context"

	"planpost/core/access"
)

// CreateCompany makes a firm; the right is that of contacts (permissions.md, Objects).
func (c *Core) CreateCompany(ctx context.Context, a *Actor, name string) (co Company, err error) {
	if name = oneLine(name); name == "" {
		return co, Fail(Invalid, "company.name")
	}
	co = Company{ID: NewID(), Account: a.Account.ID, Name: name, CreatedBy: a.Person.ID, CreatedAt: c.Now()}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "contact.create", Object{}); err != nil {
			return err
		}
		if err := tx.CreateCompany(ctx, &co); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "company.create", Object{"company", co.ID})
	})
	return co, err
}

// Companies lists the account's firms by name.
func (c *Core) Companies(ctx context.Context, a *Actor) (list []Company, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "contact.view", Object{}, access.Open); err != nil {
			return err
		}
		list, err = tx.ListCompanies(ctx, a.Account.ID)
		return err
	})
	return list, err
}

// choosableCompany sees that a firm is there and not in the bin.
func (c *Core) choosableCompany(ctx context.Context, tx Tx, a *Actor, id ID) error {
	co, err := tx.FindCompany(ctx, a.Account.ID, id)
	if err == nil && !co.DeletedAt.IsZero() {
		err = Fail(NotFound, "company.unknown")
	}
	return err
}

// CompanyUses tells who belongs to a firm and what is done for it, what lies in the bin left out.
type CompanyUses struct{ Contacts, Projects, Tasks int }

// CompanyView is a firm's page: as much of it as the viewer may see.
type CompanyView struct {
	Company  Company
	Contacts []Person
	Projects []ProjectItem
	// More tells that there are more contacts or projects than those.
	More bool
	Uses CompanyUses
	May  Rights
}

// companyRows is how many contacts and projects a firm's page lists.
const companyRows = 200

// Company gives one firm's page.
func (c *Core) Company(ctx context.Context, a *Actor, id ID) (v CompanyView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		o := Object{"company", id}
		if v.Company, err = tx.FindCompany(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "contact.view", o); err != nil {
			return err
		}
		f := PersonFilter{Kinds: []PersonKind{ContactKind, AddressKind}, Company: id, Limit: companyRows + 1}
		if v.Contacts, err = tx.ListPeople(ctx, a.Viewer(), f); err != nil {
			return err
		}
		if v.Projects, err = tx.ListProjectsOf(ctx, a.Viewer(), id, companyRows+1); err != nil {
			return err
		}
		veilProjects(a, v.Projects)
		v.More = len(v.Contacts) > companyRows || len(v.Projects) > companyRows
		v.Contacts, v.Projects = v.Contacts[:min(companyRows, len(v.Contacts))], v.Projects[:min(companyRows, len(v.Projects))]
		if v.Uses, err = tx.UsesOfCompany(ctx, a.Account.ID, id); err != nil {
			return err
		}
		v.May, err = c.rights(ctx, tx, a, o, "contact.edit", "contact.delete", "contact.create", "contact.grant_access")
		return err
	})
	return v, err
}

// EditCompany gives a firm another name.
func (c *Core) EditCompany(ctx context.Context, a *Actor, id ID, name string) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		co, err := tx.FindCompany(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "contact.edit", Object{"company", id}); err != nil {
			return err
		}
		if name = oneLine(name); name == "" {
			return Fail(Invalid, "company.name")
		}
		if name == co.Name {
			return nil
		}
		was := co.Name
		co.Name = name
		if err := tx.UpdateCompany(ctx, &co); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "company.edit", Object{"company", id}, []Change{{"name", was, name}})
	})
}

// fillUnlinked tells whether the company of a contact with access is counterparty
// nowhere, so that access shows the contact nothing, and the projects to choose from (X16).
func (c *Core) fillUnlinked(ctx context.Context, tx Tx, a *Actor, v *PersonView) error {
	p := &v.Person
	if p.Kind != ContactKind || accessOf(p) == NoAccess || p.Company == "" {
		return nil
	}
	linked, err := tx.CompanyHasWork(ctx, p.Account, p.Company)
	if err != nil || linked {
		return err
	}
	v.Unlinked = true
	list, err := tx.ListProjectsOf(ctx, a.Viewer(), "", 20)
	for _, j := range list {
		if j.Hidden {
			continue
		}
		ans, err := c.may(ctx, tx, a, "project.set_counterparty", Object{"project", j.ID})
		if err != nil {
			return err
		}
		if ans.Allowed {
			v.Linkable = append(v.Linkable, j)
		}
	}
	return err
}

// GrantCompany gives advanced access that was wanted for a company to a person
// of it, for access is a person's; Invalid "company.person" asks which one (X7).
func (c *Core) GrantCompany(ctx context.Context, a *Actor, company, person ID) error {
	if err := c.limitInvites(ctx, a); err != nil {
		return err
	}
	err := c.store.InTx(ctx, func(tx Tx) error {
		co, err := tx.FindCompany(ctx, a.Account.ID, company)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "contact.grant_access", Object{"company", company}); err != nil {
			return err
		}
		if person == "" {
			return Fail(Invalid, "company.person")
		}
		p, err := tx.FindPerson(ctx, a.Account.ID, person)
		if err != nil || p.Company != company {
			return firstError(err, Fail(Invalid, "company.person"))
		}
		if err := c.mayName(ctx, tx, a, &p); err != nil {
			return err
		}
		if err := c.grantAccess(ctx, tx, a, &p); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "company.access", Object{"company", company}, "company", co.Name, "person", string(p.ID))
	})
	if err == nil {
		c.wakeMailer()
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}
