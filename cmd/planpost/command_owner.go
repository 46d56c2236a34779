package main

import (
	"context"

	"planpost/core"
)

type accountTransfer struct {
	inAccount
	To      string `required:"" placeholder:"ADDRESS" help:"The new owner."`
	Stay    string `default:"admin" help:"What the owner so far becomes: admin, techadmin, manager or employee."`
	Private bool   `help:"The new owner may have a private mailbox, such as at gmail.com."`
}

// Run makes somebody else the owner; both are told.
func (c *accountTransfer) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.PersonByAddress(ctx, a.Account.ID, c.To)
		if err != nil {
			return err
		}
		if err := g.core.TransferOwnership(ctx, a, core.NewOwner{Person: p.ID, Stay: core.Role(c.Stay), Confirmed: c.Private}); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"account": a.Account.ID, "owner": p.ID}, p.Name+" owns "+a.Account.Name+" now")
	})
}

type adminCommand struct {
	Replace adminReplace `cmd:"" help:"Break-glass: put somebody in the place of an owner or administrator who is gone; logged, everyone concerned is told."`
}

type adminReplace struct {
	onHost
	Old string `arg:"" placeholder:"ADDRESS" help:"Who is gone; becomes an employee and is signed out."`
	New string `arg:"" placeholder:"ADDRESS" help:"Active staff who can sign in; gets the role."`
}

// Run is for when nobody can appoint an administrator in the pages any more.
func (c *adminReplace) Run(ctx context.Context, term *terminal) error {
	return c.asOperator(ctx, term, func(g *gateway, a *core.Actor) error {
		old, err := g.core.PersonByAddress(ctx, a.Account.ID, c.Old)
		if err != nil {
			return err
		}
		next, err := g.core.PersonByAddress(ctx, a.Account.ID, c.New)
		if err != nil {
			return err
		}
		if err := g.core.ReplaceAdministrator(ctx, a, old.ID, next.ID); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"old": old.ID, "new": next.ID, "role": old.Role}, next.Name+" is in the place of "+old.Name)
	})
}

type userPassword struct {
	onHost
	Address  string `arg:"" help:"E-mail address of the person."`
	Password string `default:"-" help:"The new password; - reads it from standard input."`
}

// Run opens the door to somebody whose password is lost while no mail goes out.
func (c *userPassword) Run(ctx context.Context, term *terminal) error {
	return c.asOperator(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.PersonByAddress(ctx, a.Account.ID, c.Address)
		if err != nil {
			return err
		}
		password, err := readPassword(term, c.Password)
		if err != nil {
			return err
		}
		if err := g.core.GivePassword(ctx, a, p.ID, password); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"person": p.ID}, p.Name+" has a new password; all sessions are ended")
	})
}

type userAddress struct {
	onUser
	New string `arg:"" placeholder:"NEW" help:"The other address."`
}

// Run changes an address, or mails the links with which it is confirmed and stopped.
func (c *userAddress) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		waits, err := g.core.AskNewAddress(ctx, a, p.ID, core.NewAddress{Address: c.New})
		if err != nil {
			return err
		}
		says := "the address is " + c.New
		if waits {
			says = "a link went to " + c.New + "; until it is confirmed nothing changes"
		}
		return g.show(term, c.JSON, map[string]any{"person": p.ID, "address": c.New, "waits": waits}, says)
	})
}
