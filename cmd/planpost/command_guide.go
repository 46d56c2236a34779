package main

import (
	"context"
	"fmt"
	"time"

	"planpost/core"
)

type guideCommand struct {
	inAccount
	Way  string `placeholder:"mx|forward" help:"How answers come in: mx (straight to this host) or forward (another server hands them on)."`
	Test bool   `help:"Write a test mail to the person of --as."`
}

// Run does what is asked and prints how far the setting up of mail is.
func (c *guideCommand) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if c.Way != "" {
			if err := g.core.ChooseMailWay(ctx, a, core.MailWay(c.Way)); err != nil {
				return err
			}
		}
		if c.Test {
			if err := g.core.SendTest(ctx, a); err != nil {
				return err
			}
		}
		v, err := g.core.MailGuide(ctx, a)
		if err != nil {
			return err
		}
		return g.showGuide(term, c.JSON, &v)
	})
}

func (g *gateway) showGuide(term *terminal, asJSON bool, v *core.GuideView) error {
	way, test := v.Guide.Way, "none sent"
	if way == "" {
		way = "not chosen"
	}
	switch {
	case v.Guide.Test == "":
	case !v.Guide.AnsweredAt.IsZero():
		test = "answered " + v.Guide.AnsweredAt.Format(time.RFC3339)
	default:
		test = string(v.Sent.Delivery.State) + ", not answered"
	}
	todo := 0
	for i := range v.Findings {
		if v.Findings[i].State == core.FindingWrong {
			todo++
		}
	}
	return g.show(term, asJSON, map[string]any{"way": v.Guide.Way, "test": v.Guide.Test, "state": v.Sent.Delivery.State, "answered": v.Guide.AnsweredAt, "wrong": todo},
		fmt.Sprintf("way: %s\nfindings that are wrong: %d (planpost health)\ntest mail: %s", way, todo, test))
}
