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
