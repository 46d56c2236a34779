package main

import (
	"context"
	"fmt"

	"planpost/core"
)

// userInvite makes a member of staff who sets the password by the mailed link,
// or mails that link again.
type userInvite struct {
	inAccount
	Address string `arg:"" help:"E-mail address; also the login."`
	Name    string `help:"Name; the part before the @ when not given."`
	Role    string `default:"employee" enum:"admin,techadmin,manager,employee" help:"admin, techadmin, manager or employee."`
	Locale  string `help:"Language of the mail; the account's when not given."`
	Again   bool   `help:"Mail the invitation of somebody who is pending once more; earlier mails go on working."`
	Fresh   bool   `help:"Make earlier mails invalid and send a new one."`
}

func (c *userInvite) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if !c.Again && !c.Fresh {
			p, err := g.core.InviteUser(ctx, a, core.NewUser{Name: c.Name, Address: c.Address, Locale: c.Locale, Role: core.Role(c.Role)})
			if err != nil {
				return err
			}
			return g.showPerson(term, c.JSON, &p)
		}
		p, err := g.core.Addressed(ctx, a, c.Address)
		if err == nil {
			err = g.core.Invite(ctx, a, p.ID, c.Fresh)
		}
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": p.ID, "invited": true}, fmt.Sprintf("the invitation to %s is on its way", p.Address().Mailbox()))
	})
}

// contactAccess gives a contact a sign-in of its own or a dashboard, or takes it away.
type contactAccess struct {
	inAccount
	Address string `arg:"" help:"E-mail address of the contact."`
	Basic   bool   `help:"The dashboard only; advanced access ends."`
	Off     bool   `help:"Take all access away: link, sign-in and sessions end."`
	Again   bool   `help:"Mail the invitation again."`
	Preview bool   `help:"Only tell what the contact would see with that access."`
}

func (c *contactAccess) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.Addressed(ctx, a, c.Address)
		if err != nil {
			return err
		}
		level := core.AdvancedAccess
		switch {
		case c.Off:
			level = core.NoAccess
		case c.Basic:
			level = core.BasicAccess
		}
		switch {
		case c.Preview:
			return c.look(ctx, term, g, a, p.ID, level)
		case c.Again:
			err = g.core.Invite(ctx, a, p.ID, false)
		default:
			err = g.core.SetAccess(ctx, a, p.ID, level)
		}
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": p.ID, "access": level}, fmt.Sprintf("access of %s is saved", p.Address().Mailbox()))
	})
}

// look tells what somebody would see, project by project and task by task.
func (c *contactAccess) look(ctx context.Context, term *terminal, g *gateway, a *core.Actor, id core.ID, level string) error {
	s, err := g.core.PreviewAccess(ctx, a, id, level)
	for i := range s.Projects {
		if err == nil {
			err = g.show(term, c.JSON, map[string]any{"project": s.Projects[i].ID, "name": s.Projects[i].Name}, "project "+s.Projects[i].Name)
		}
	}
	if err == nil {
		err = g.showSight(term, c.JSON, "sees", &s.Sight)
	}
	return err
}
