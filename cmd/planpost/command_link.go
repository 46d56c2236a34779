package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"planpost/core"
)

type linkCommand struct {
	List   linkList   `cmd:"" help:"The living links that were mailed to a person; never their tokens."`
	Show   linkShow   `cmd:"" help:"One link with its visits."`
	Extend linkExtend `cmd:"" help:"Give a link to plans or to a request for approval its whole time anew."`
	Revoke linkRevoke `cmd:"" help:"End a link at once, in every mail that brought it."`
}

type linkList struct{ onUser }

func (c *linkList) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		l, err := g.core.LinksOfPerson(ctx, a, p.ID)
		if err != nil {
			return err
		}
		for i := range l.Links {
			item := &l.Links[i]
			value := map[string]any{"id": item.Link.ID, "kind": item.Link.Kind, "task": item.Task, "project": item.Project, "made": item.Link.CreatedAt,
				"expires": item.Link.ExpiresAt, "seen": item.SeenAt, "programs": item.Machines}
			covers := item.Project
			if item.Task > 0 {
				covers = fmt.Sprintf("#%d %s", item.Task, item.Title)
			}
			if err := g.show(term, c.JSON, value, fmt.Sprintf("%s  %-11s made %s, until %s, seen %s  %s", item.Link.ID, item.Link.Kind, onDay(item.Link.CreatedAt), onDay(item.Link.ExpiresAt), onDay(item.SeenAt), covers)); err != nil {
				return err
			}
		}
		return nil
	})
}

// onDay is a day, or a dash for none.
func onDay(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

type linkShow struct {
	inAccount
	ID string `arg:"" help:"The link, as link list shows it."`
}

func (c *linkShow) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		h, err := g.core.LinkHistory(ctx, a, core.ID(c.ID))
		if err != nil {
			return err
		}
		lines := []string{fmt.Sprintf("%s for %s: %s, made %s, until %s", h.Link.Kind, h.Person.Name, h.State, onDay(h.Link.CreatedAt), onDay(h.Link.ExpiresAt))}
		visits := []map[string]any{}
		for _, v := range h.Visits {
			where := v.IP
			if where == "" {
				where = v.Network
			}
			visits = append(visits, map[string]any{"at": v.At, "class": v.Class, "reasons": v.Reasons, "from": where, "agent": v.Agent})
			lines = append(lines, fmt.Sprintf("  %s  %-8s %s %s", v.At.Format(time.RFC3339), v.Class, where, strings.Join(v.Reasons, " ")))
		}
		events := []map[string]any{}
		for _, e := range h.Events {
			where := e.IP
			if where == "" {
				where = e.Network
			}
			events = append(events, map[string]any{"at": e.At, "code": e.Code, "by": e.Actor, "reason": e.Reason, "mail": e.Delivery, "from": where, "agent": e.Agent})
			lines = append(lines, strings.TrimRight(fmt.Sprintf("  %s  %s %s %s %s", e.At.Format(time.RFC3339), e.Code, e.Reason, h.People[e.Actor].Name, where), " "))
		}
		return g.show(term, c.JSON, map[string]any{"id": h.Link.ID, "kind": h.Link.Kind, "person": h.Person.ID, "state": h.State, "events": events, "visits": visits}, strings.Join(lines, "\n"))
	})
}

type linkExtend struct {
	inAccount
	ID string `arg:"" help:"The link, as link list shows it."`
}

func (c *linkExtend) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		l, err := g.core.ExtendLink(ctx, a, core.ID(c.ID))
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"extended": l.ID, "expires": l.ExpiresAt}, "valid until "+onDay(l.ExpiresAt))
	})
}

type linkRevoke struct {
	inAccount
	ID string `arg:"" help:"The link, as link list shows it."`
}

func (c *linkRevoke) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if _, err := g.core.RevokeLink(ctx, a, core.ID(c.ID)); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"ended": c.ID}, "the link is ended")
	})
}

// userInviteAll mails everybody who was brought in without an invitation.
type userInviteAll struct {
	inAccount
	DryRun bool `help:"Only name them."`
}

func (c *userInviteAll) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		for {
			people, more, err := g.core.Uninvited(ctx, a)
			if err != nil {
				return err
			}
			ids := make([]core.ID, len(people))
			for i := range people {
				ids[i] = people[i].ID
				if err := g.show(term, c.JSON, map[string]any{"id": people[i].ID, "name": people[i].Name, "address": people[i].Address().Mailbox()}, people[i].Name+"  "+people[i].Address().Mailbox()); err != nil {
					return err
				}
			}
			if c.DryRun || len(ids) == 0 {
				return nil
			}
			if n, err := g.core.InviteAll(ctx, a, ids); err != nil || !more || n == 0 {
				return err
			}
		}
	})
}
