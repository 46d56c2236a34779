package main

import (
	"context"
	"fmt"
	"strings"

	"planpost/core"
)

type transmittalCommand struct {
	List   transmittalList   `cmd:"" help:"What was sent of a project when to whom, the newest first."`
	Show   transmittalShow   `cmd:"" help:"One sending: who opened, downloaded and confirmed it."`
	Send   transmittalSend   `cmd:"" help:"Send the current index of plans by link; nobody learns of the others."`
	Recall transmittalRecall `cmd:"" help:"End the links of a sending and stop its mail; blocks nobody."`
}

type transmittalList struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
}

func (c *transmittalList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		f := core.TransmittalFilter{Project: core.ID(c.Project), Limit: 200}
		for {
			_, list, err := g.core.Transmittals(ctx, a, f)
			if err != nil {
				return err
			}
			for i := range list {
				t := &list[i]
				var to []string
				for _, p := range t.To {
					to = append(to, p.Name)
				}
				state := ""
				if !t.RecalledAt.IsZero() {
					state = " recalled"
				}
				value := map[string]any{"id": t.ID, "number": t.Number, "sender": t.Sender.Name, "to": to, "plans": t.Plans, "sent": t.CreatedAt, "recalled": t.RecalledAt}
				if err := g.show(term, c.JSON, value, fmt.Sprintf("%s  %d  %s%s  %d plans from %s to %s", t.ID, t.Number, onDay(t.CreatedAt), state, t.Plans, t.Sender.Name, strings.Join(to, ", "))); err != nil {
					return err
				}
				f.Before = t.ID
			}
			if len(list) < f.Limit {
				return nil
			}
		}
	})
}

type transmittalShow struct {
	inAccount
	ID string `arg:"" help:"Sending, by id."`
}

func (c *transmittalShow) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error { return g.showTransmittal(ctx, term, c.JSON, a, core.ID(c.ID)) })
}

func (g *gateway) showTransmittal(ctx context.Context, term *terminal, asJSON bool, a *core.Actor, id core.ID) error {
	t, err := g.core.TransmittalPage(ctx, a, id)
	if err != nil {
		return err
	}
	for i := range t.To {
		r := &t.To[i]
		value := map[string]any{"sending": t.ID, "number": t.Number, "person": r.Person.ID, "name": r.Person.Name, "address": r.Person.Address().Mailbox(), "mail": r.Delivery.State, "link": r.Link.ID,
			"state": r.Link.State(g.core.Now()), "opened": r.OpenedAt, "downloaded": r.Fetched, "confirmed": r.Confirmed}
		line := fmt.Sprintf("%s  %s: mail %s, link %s, opened %s, %d downloaded, %d confirmed", t.ID, r.Person.Name, r.Delivery.State, r.Link.State(g.core.Now()), onDay(r.OpenedAt), r.Fetched, r.Confirmed)
		if err := g.show(term, asJSON, value, line); err != nil {
			return err
		}
	}
	return nil
}

type transmittalSend struct {
	inAccount
	Project   string   `arg:"" help:"Project, by id."`
	Plan      []string `arg:"" help:"Plans, by id; the current index of each goes."`
	To        []string `required:"" placeholder:"ADDRESS" help:"To whom; an address that nobody has yet becomes one of the project."`
	Role      string   `placeholder:"TRADE" help:"Trade of the addresses that are new."`
	Message   string   `help:"What to say to them."`
	PrintOnly bool     `help:"Send printing files only."`
	Copies    int      `help:"Copies, for a print shop."`
	Sheet     string   `help:"original, A0, A1, A2, A3 or A4, for a print shop."`
	Folding   string   `help:"flat, folded or rolled, for a print shop."`
}

func (c *transmittalSend) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		n := core.NewTransmittal{Project: core.ID(c.Project), Message: c.Message, PrintOnly: c.PrintOnly, Copies: c.Copies, Sheet: c.Sheet, Folding: c.Folding}
		for _, id := range c.Plan {
			p, err := g.core.PlanPage(ctx, a, core.ID(id))
			if err != nil {
				return err
			}
			for i := range p.Versions {
				if p.Versions[i].State == core.Current {
					n.Versions = append(n.Versions, p.Versions[i].ID)
				}
			}
		}
		for _, address := range c.To {
			n.Addresses = append(n.Addresses, core.SendAddress{Address: address, Role: c.Role})
		}
		t, err := g.core.SendPlans(ctx, a, n)
		if err != nil {
			return err
		}
		return g.showTransmittal(ctx, term, c.JSON, a, t.ID)
	})
}

type transmittalRecall struct {
	inAccount
	ID string `arg:"" help:"Sending, by id."`
}

func (c *transmittalRecall) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		links, mails, err := g.core.RecallTransmittal(ctx, a, core.ID(c.ID))
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": c.ID, "links": links, "mails": mails}, fmt.Sprintf("recalled; ended: %d links, %d mails", links, mails))
	})
}
