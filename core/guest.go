package core

import (
	"context"
	"slices"
)

// SetAccess gives a contact a way in, or takes it away (X2, X8, X9): none,
// basic (the dashboard) or advanced (a sign-in of its own). Advanced owes one
// invitation; what is so already stays as it is. Less than advanced ends the
// invitation, the sign-in and its sessions in one go; advanced again begins anew.
func (c *Core) SetAccess(ctx context.Context, a *Actor, person ID, level string) error {
	if err := checkAccess(level); err != nil {
		return err
	}
	if level == AdvancedAccess {
		if err := c.limitInvites(ctx, a); err != nil {
			return err
		}
	}
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := tx.FindPerson(ctx, a.Account.ID, person)
		if err != nil {
			return err
		}
		return c.setAccess(ctx, tx, a, &p, level)
	})
	if err == nil {
		c.wakeMailer()
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}

// accessLevels are in the order of what they open.
var accessLevels = []string{NoAccess, BasicAccess, AdvancedAccess}

func checkAccess(level string) error {
	if !slices.Contains(accessLevels, level) {
		return Fail(Invalid, "access", "access", oneLine(level))
	}
	return nil
}

// accessOf is the person's level; mail knows people who have none said.
func accessOf(p *Person) string {
	if p.Access == "" {
		return NoAccess
	}
	return p.Access
}

func (c *Core) setAccess(ctx context.Context, tx Tx, a *Actor, p *Person, level string) error {
	was := accessOf(p)
	switch {
	case level == AdvancedAccess:
		return c.grantAccess(ctx, tx, a, p)
	case slices.Index(accessLevels, level) < slices.Index(accessLevels, was):
		return c.revokeAccess(ctx, tx, a, p, level)
	}
	o := Object{"person", p.ID}
	if err := c.require(ctx, tx, a, "contact.grant_access", o); err != nil || level == was {
		return err
	}
	if p.Staff() || !writable(p) {
		return Fail(Conflict, "invite.state")
	}
	p.Kind, p.Access = ContactKind, level // an address becomes a contact; the row stays
	if err := tx.UpdatePerson(ctx, p); err != nil {
		return err
	}
	return c.noteChanges(ctx, tx, a, "contact.access.set", o, []Change{{"access", was, level}})
}

// grantAccess gives advanced access.
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
	// The dashboard's door closes with the sign-in opened, and does not reopen when that is taken away.
	if err := tx.EndGuestSessions(ctx, EndFilter{Account: p.Account, Person: p.ID}); err != nil {
		return err
	}
	if err := c.oweInvitation(ctx, tx, a, p, ""); err != nil {
		return err
	}
	return c.noteChanges(ctx, tx, a, "contact.access.grant", o, []Change{{"access", was, p.Access}})
}

// revokeAccess leaves a contact less than it has.
func (c *Core) revokeAccess(ctx context.Context, tx Tx, a *Actor, p *Person, level string) error {
	o := Object{"person", p.ID}
	if err := c.require(ctx, tx, a, "contact.revoke_access", o); err != nil {
		return err
	}
	if p.Staff() {
		return Fail(Conflict, "invite.state")
	}
	was := p.Access
	if err := c.endSignIn(ctx, tx, p); err != nil {
		return err
	}
	p.Access = level
	if err := tx.UpdatePerson(ctx, p); err != nil {
		return err
	}
	return c.noteChanges(ctx, tx, a, "contact.access.revoke", o, []Change{{"access", was, level}})
}

// endSignIn ends a contact's invitation, resets and sessions, those of a code
// too, and parts it from its sign-in; the caller writes the person.
func (c *Core) endSignIn(ctx context.Context, tx Tx, p *Person) error {
	if err := tx.EndGuestSessions(ctx, EndFilter{Account: p.Account, Person: p.ID}); err != nil {
		return err
	}
	if err := c.endInvitations(ctx, tx, p, "access"); err != nil || p.Identity == "" {
		return err
	}
	if err := c.endResetsOf(ctx, tx, p, "access", ""); err != nil {
		return err
	}
	if err := tx.DeleteSessionsOfPerson(ctx, p.ID); err != nil {
		return err
	}
	p.Identity = ""
	return nil
}
