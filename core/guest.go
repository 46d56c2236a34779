package core

import "context"

// SetAdvancedAccess gives a contact a sign-in of its own, or takes it away
// (X8, X9). On owes one invitation; what is on stays as it is. Off ends the
// invitation, the sign-in and its sessions in one go; on again begins anew.
func (c *Core) SetAdvancedAccess(ctx context.Context, a *Actor, person ID, on bool) error {
	if on {
		if err := c.limitInvites(ctx, a); err != nil {
			return err
		}
	}
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := tx.FindPerson(ctx, a.Account.ID, person)
		if err != nil {
			return err
		}
		if on {
			return c.grantAccess(ctx, tx, a, &p)
		}
		return c.revokeAccess(ctx, tx, a, &p)
	})
	if err == nil {
		c.wakeMailer()
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}

func (c *Core) grantAccess(ctx context.Context, tx Tx, a *Actor, p *Person) error {
	o := Object{"person", p.ID}
	if err := c.require(ctx, tx, a, "contact.grant_access", o); err != nil {
		return err
	}
	switch {
	case p.Kind != ContactKind || len(p.Addresses) == 0 || !writable(p):
		return Fail(Conflict, "invite.state")
	case p.Access == AdvancedAccess:
		return nil
	}
	was := p.Access
	p.Access = AdvancedAccess
	if err := tx.UpdatePerson(ctx, p); err != nil {
		return err
	}
	if err := c.oweInvitation(ctx, tx, a, p, ""); err != nil {
		return err
	}
	return c.noteChanges(ctx, tx, a, "contact.access.grant", o, []Change{{"access", was, p.Access}})
}

func (c *Core) revokeAccess(ctx context.Context, tx Tx, a *Actor, p *Person) error {
	o := Object{"person", p.ID}
	if err := c.require(ctx, tx, a, "contact.revoke_access", o); err != nil {
		return err
	}
	if p.Kind != ContactKind || p.Access != AdvancedAccess {
		return nil
	}
	if err := c.endInvitations(ctx, tx, p, "access"); err != nil {
		return err
	}
	if p.Identity != "" {
		if err := c.endResets(ctx, tx, p.Identity, ""); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, p.Identity); err != nil {
			return err
		}
	}
	p.Access, p.Identity = NoAccess, ""
	if err := tx.UpdatePerson(ctx, p); err != nil {
		return err
	}
	return c.noteChanges(ctx, tx, a, "contact.access.revoke", o, []Change{{"access", AdvancedAccess, NoAccess}})
}
