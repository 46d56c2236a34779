package core

import (
	"context"

	"planpost/core/access"
)

// NewContact is an outsider to be made.
type NewContact struct {
	Name, Address, Locale string
	Company               ID
	Access                string
	CompanyTasks          bool
}

// CreateContact makes an outsider with a card. Advanced access owes the
// invitation in the same transaction, so that nobody has the one without the other.
func (c *Core) CreateContact(ctx context.Context, a *Actor, n NewContact) (p Person, err error) {
	if n.Access == "" {
		n.Access = NoAccess
	}
	if err := checkAccess(n.Access); err != nil {
		return p, err
	}
	made, err := c.newPerson(a.Account.ID, ContactKind, n.Name, n.Address)
	if err == nil {
		err = a.Account.checkLocale(n.Locale)
	}
	if err != nil {
		return p, err
	}
	made.Locale, made.Company, made.CompanyTasks, made.CreatedBy = n.Locale, n.Company, n.CompanyTasks, a.Person.ID
	if n.Access == AdvancedAccess {
		if err := c.limitInvites(ctx, a); err != nil {
			return p, err
		}
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		p = made
		if err := c.require(ctx, tx, a, "contact.create", Object{}); err != nil {
			return err
		}
		if n.Access != NoAccess {
			if err := c.require(ctx, tx, a, "contact.grant_access", Object{}); err != nil {
				return err
			}
		}
		if p.CompanyTasks {
			if err := c.require(ctx, tx, a, "contact.company_tasks.set", Object{}); err != nil {
				return err
			}
		}
		if p.Company != "" {
			if err := c.choosableCompany(ctx, tx, a, p.Company); err != nil {
				return err
			}
		}
		if err := tx.CreatePerson(ctx, &p); err != nil {
			return err
		}
		if err := c.note(ctx, tx, a, "contact.create", Object{"person", p.ID}); err != nil || n.Access == NoAccess {
			return err
		}
		return c.setAccess(ctx, tx, a, &p, n.Access)
	})
	if err == nil && n.Access == AdvancedAccess {
		c.wakeMailer()
	}
	return p, err
}

// contactTarget reads an outsider and asks a right about him; colleagues are not found by this road.
func (c *Core) contactTarget(ctx context.Context, tx Tx, a *Actor, id ID, action access.Action) (Person, error) {
	p, err := tx.FindPerson(ctx, a.Account.ID, id)
	if err != nil {
		return p, err
	}
	if err := c.require(ctx, tx, a, action, Object{"person", id}); err != nil {
		return p, err
	}
	if p.Staff() || p.Status == Deleted {
		return p, Fail(NotFound, "not_found")
	}
	return p, nil
}
