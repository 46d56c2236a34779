package main

import (
	"context"
	"fmt"
	"time"

	"planpost/core"
)

type outboxCommand struct {
	List   outboxList   `cmd:"" help:"Mails that wait, were sent or were not; latest first."`
	Show   outboxShow   `cmd:"" help:"One mail with every attempt, and what became of it."`
	Hold   outboxHold   `cmd:"" help:"Keep one that waits back until it is let go."`
	Cancel outboxCancel `cmd:"" help:"Never send one that waits."`
	Again  outboxAgain  `cmd:"" help:"Send one again that was not sent, or let one go that was kept back."`
}

type outboxList struct {
	inAccount
	State string `help:"Only these: due, sent, failed, cancelled, uncertain or held." enum:",due,sent,failed,cancelled,uncertain,held" default:""`
	Limit int    `default:"50" help:"Most mails listed."`
}

// Run lists mails.
func (c *outboxList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		f := core.DeliveryFilter{State: core.DeliveryState(c.State)}
		for left := c.Limit; left > 0; {
			f.Limit = min(left, 100)
			list, err := g.core.Deliveries(ctx, a, f)
			if err != nil {
				return err
			}
			for i := range list {
				if err := g.show(term, c.JSON, deliveryJSON(&list[i]), deliveryLine(&list[i])); err != nil {
					return err
				}
			}
			if left -= len(list); len(list) < f.Limit {
				return nil
			}
			f.Before = list[len(list)-1].Delivery.ID
		}
		return nil
	})
}

func deliveryJSON(it *core.DeliveryItem) map[string]any {
	d := &it.Delivery
	return map[string]any{"id": d.ID, "state": d.State, "stream": d.Stream, "person": it.PersonName, "address": it.Address, "task": it.TaskNumber,
		"reason": d.Reason, "text": d.Text, "attempts": d.Attempts, "created": d.CreatedAt, "due": d.DueAt}
}

func deliveryLine(it *core.DeliveryItem) string {
	d := &it.Delivery
	line := fmt.Sprintf("%s  %-9s  %-8s  %s  %s", d.ID, d.State, d.Stream, d.CreatedAt.Format(time.RFC3339), it.Address)
	if it.TaskNumber > 0 {
		line += fmt.Sprintf("  #%d", it.TaskNumber)
	}
	if d.Reason != "" {
		line += "  " + d.Reason
	}
	return line
}

// onMail is a command about one mail.
type onMail struct {
	inAccount
	Mail string `arg:"" help:"Mail, by id."`
}

type outboxShow struct{ onMail }

// Run shows one mail.
func (c *outboxShow) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		v, err := g.core.Delivery(ctx, a, core.ID(c.Mail))
		if err != nil {
			return err
		}
		value, text := deliveryJSON(&v.Item), deliveryLine(&v.Item)
		var tries []map[string]any
		for _, t := range v.Attempts {
			tries = append(tries, map[string]any{"at": t.StartedAt, "outcome": t.Outcome, "remote": t.Remote, "code": t.Code, "enhanced": t.Enhanced, "text": t.Text, "address": t.Address})
			text += fmt.Sprintf("\n  %s  %-9s %s %d %s %s", t.StartedAt.Format(time.RFC3339), t.Outcome, t.Remote, t.Code, t.Enhanced, t.Text)
		}
		value["tries"] = tries
		if at := v.Fate.OpenedAt; !at.IsZero() {
			value["opened"], text = at, text+"\n  "+at.Format(time.RFC3339)+"  opened"
		}
		if at := v.Fate.AnsweredAt; !at.IsZero() {
			value["answered"], text = at, text+"\n  "+at.Format(time.RFC3339)+"  answered"
		}
		return g.show(term, c.JSON, value, text)
	})
}

type outboxHold struct{ onMail }

// Run keeps one back.
func (c *outboxHold) Run(ctx context.Context, term *terminal) error {
	return c.do(ctx, term, (*core.Core).HoldDelivery)
}

type outboxCancel struct{ onMail }

// Run stops one.
func (c *outboxCancel) Run(ctx context.Context, term *terminal) error {
	return c.do(ctx, term, (*core.Core).CancelDelivery)
}

type outboxAgain struct{ onMail }

// Run sends one again.
func (c *outboxAgain) Run(ctx context.Context, term *terminal) error {
	return c.do(ctx, term, (*core.Core).SendAgain)
}

func (c *onMail) do(ctx context.Context, term *terminal, what func(*core.Core, context.Context, *core.Actor, core.ID) error) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		return what(g.core, ctx, a, core.ID(c.Mail))
	})
}
