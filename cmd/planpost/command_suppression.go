package main

import (
	"context"
	"fmt"
	"time"

	"planpost/core"
)

type suppressionCommand struct {
	List suppressionList `cmd:"" help:"Addresses whose mail is stopped, and why; latest first."`
	Add  suppressionAdd  `cmd:"" help:"Stop mail to an address."`
	Lift suppressionLift `cmd:"" help:"Let mail go to an address again. What a complaint stopped is lifted by a mail of its author only."`
}

type suppressionList struct {
	inAccount
	Address string `arg:"" optional:"" help:"Only this one."`
}

func (c *suppressionList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		f := core.SuppressionFilter{Address: c.Address, Limit: 200}
		for {
			list, err := g.core.Suppressions(ctx, a, f)
			if err != nil {
				return err
			}
			for i := range list {
				s := &list[i]
				err := g.show(term, c.JSON, map[string]any{"id": s.ID, "address": s.Address, "stream": s.Stream, "reason": s.Reason, "evidence": s.Evidence, "person": s.PersonName, "delivery": s.Delivery, "by": s.ByName, "at": s.CreatedAt},
					fmt.Sprintf("%s  %-8s  %-11s %s  %s  %s", s.ID, s.Stream, s.Reason, s.CreatedAt.Format(time.RFC3339), s.Address, s.Evidence))
				if err != nil {
					return err
				}
			}
			if len(list) < f.Limit {
				return nil
			}
			f.Before = list[len(list)-1].ID
		}
	})
}

type suppressionAdd struct {
	inAccount
	Address string `arg:"" help:"The address."`
	Stream  string `default:"work" enum:"work,digest" help:"Which mail: work or digest."`
	Why     string `help:"The reason, for who reads the list."`
}

func (c *suppressionAdd) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		return g.core.SuppressAddress(ctx, a, c.Address, core.Stream(c.Stream), c.Why)
	})
}

type suppressionLift struct {
	inAccount
	Address string `arg:"" help:"The address."`
}

func (c *suppressionLift) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		return g.core.LiftAddress(ctx, a, c.Address)
	})
}
