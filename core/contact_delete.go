package core

import "context"

// DeleteContact puts a contact's card into the bin. Its links, its sign-in and
// the mail that waits for it end; what it took part in and said stays. Taken
// back, the card is there again and nothing else.
func (c *Core) DeleteContact(ctx context.Context, a *Actor, id ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.contactTarget(ctx, tx, a, id, "contact.delete")
		if err != nil {
			return err
		}
		if err := c.endSignIn(ctx, tx, &p); err != nil {
			return err
		}
		f := EndFilter{Account: p.Account, Person: p.ID}
		if _, err := tx.EndLinks(ctx, f, "deleted", tx.Now()); err != nil {
			return err
		}
		if _, err := tx.EndDeliveries(ctx, f, "delivery.in_bin", tx.Now()); err != nil {
			return err
		}
		p.Access, p.CompanyTasks = NoAccess, false
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		return c.toBin(ctx, tx, a, "contact.delete", Object{"person", id})
	})
	c.ended(a, err)
	if err == nil {
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}

// DeleteCompany puts a firm into the bin that nobody belongs to and nothing is done for.
func (c *Core) DeleteCompany(ctx context.Context, a *Actor, id ID) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		co, err := tx.FindCompany(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "contact.delete", Object{"company", id}); err != nil {
			return err
		}
		uses, err := tx.UsesOfCompany(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		if n := uses.Contacts + uses.Projects + uses.Tasks; n > 0 {
			return Fail(Conflict, "company.used", "name", co.Name, "number", itoa(int64(n)))
		}
		return c.toBin(ctx, tx, a, "contact.delete", Object{"company", id})
	})
}
