package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

type healthCommand struct {
	inAccount
	Check bool `help:"Have the running gateway look at everything anew; what it finds is there within minutes."`
}

// Run prints what the page of mail health shows.
func (c *healthCommand) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if c.Check {
			return g.core.CheckHealth(ctx, a)
		}
		h, err := g.core.MailHealth(ctx, a)
		if err != nil {
			return err
		}
		for i := range h.Findings {
			if err := g.showFinding(term, c.JSON, &h.Findings[i]); err != nil {
				return err
			}
		}
		return g.showNumbers(term, c.JSON, &h)
	})
}

func (g *gateway) showFinding(term *terminal, asJSON bool, f *core.Finding) error {
	says := findingOf(f)
	line := fmt.Sprintf("%-8s %s: %s", f.State, says.What, says.Says)
	if says.Cure != "" {
		line += "\n         " + says.Cure
	}
	return g.show(term, asJSON, map[string]any{"finding": f.Code, "group": f.Group, "state": f.State, "name": f.Name, "found": f.Found, "set": f.Set, "says": says.Says, "cure": says.Cure,
		"since": f.Since, "checked": f.CheckedAt}, line)
}

func (g *gateway) showNumbers(term *terminal, asJSON bool, h *core.MailHealth) error {
	rates := map[string]core.MailRate{"bounces": h.Bounces, "complaints": h.Complaints}
	for _, name := range []string{"bounces", "complaints"} {
		r := rates[name]
		if err := g.show(term, asJSON, map[string]any{"rate": name, "of": r.Of, "bad": r.Bad, "high": r.High()},
			fmt.Sprintf("%-8s %s in 30 days: %d of %d mails (%s), limit %s", rateMark(r), name, r.Bad, r.Of, templates.Share("en", r.Share()), templates.Share("en", r.Most))); err != nil {
			return err
		}
	}
	if h.Oldest.Delivery != "" {
		since := h.Oldest.Since.Format(time.RFC3339)
		if err := g.show(term, asJSON, map[string]any{"oldest": h.Oldest.Delivery, "since": since}, "due      since "+since+": mail "+string(h.Oldest.Delivery)); err != nil {
			return err
		}
	}
	for _, d := range h.Deferrals {
		if err := g.show(term, asJSON, map[string]any{"deferred": d.Domain, "mails": d.Mails, "since": d.Since, "next": d.Next, "text": d.Text},
			strings.TrimSpace(fmt.Sprintf("deferred %s: %d mails, first tried %s, again %s  %s", d.Domain, d.Mails, d.Since.Format(time.RFC3339), d.Next.Format(time.RFC3339), d.Text))); err != nil {
			return err
		}
	}
	for _, s := range h.Stopped {
		if err := g.show(term, asJSON, map[string]any{"stopped": s.Stream, "reason": s.Reason, "addresses": s.N}, fmt.Sprintf("stopped  %s, %s: %d addresses", s.Stream, s.Reason, s.N)); err != nil {
			return err
		}
	}
	return nil
}

func rateMark(r core.MailRate) string {
	switch {
	case r.High():
		return "high"
	case r.Few():
		return "few"
	}
	return "fine"
}
