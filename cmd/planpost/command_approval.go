package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"planpost/core"
)

type approvalCommand struct {
	List       approvalList       `cmd:"" help:"Requests for approval of a project, the newest first."`
	Ask        approvalAsk        `cmd:"" help:"Ask anew about an index in review that waits for nobody."`
	Decide     approvalDecide     `cmd:"" help:"Approve an index or ask for a correction, as who was asked."`
	Substitute approvalSubstitute `cmd:"" help:"Ask another to decide in one's own place."`
	Remind     approvalRemind     `cmd:"" help:"Ask all who have not decided once more."`
	Withdraw   approvalWithdraw   `cmd:"" help:"Take a request back; the index stays in review."`
}

type approvalList struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
	State   string `help:"waiting, approved, correction, withdrawn or overtaken."`
}

func (c *approvalList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		f := core.ApprovalFilter{Project: core.ID(c.Project), State: core.ApprovalState(c.State), Limit: 500}
		list, err := g.core.Approvals(ctx, a, f)
		if err != nil {
			return err
		}
		for i := range list {
			ap := &list[i]
			value := map[string]any{"id": ap.ID, "plan": ap.Plan.ID, "name": ap.Plan.Name(), "version": ap.Version.ID, "index": ap.Version.Index, "rule": ap.Rule, "state": ap.State, "asked": ap.CreatedAt, "ended": ap.EndedAt}
			if err := g.show(term, c.JSON, value, fmt.Sprintf("%s  %-10s %s %s, asked %s", ap.ID, ap.State, ap.Plan.Name(), ap.Version.Index, onDay(ap.CreatedAt))); err != nil {
				return err
			}
		}
		return nil
	})
}

type approvalAsk struct {
	inAccount
	Version string   `arg:"" help:"Index, by the id that plan show gives."`
	Approve []string `required:"" placeholder:"ADDRESS" help:"Who has to approve it."`
	Any     bool     `help:"One of them is enough."`
	Message string   `help:"Message to them."`
}

func (c *approvalAsk) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		n := core.NewApproval{Message: c.Message, Rule: map[bool]string{true: core.ApproveAny, false: core.ApproveAll}[c.Any]}
		var err error
		if n.Approvers, err = g.peopleByAddress(ctx, a, c.Approve); err != nil {
			return err
		}
		p, err := g.core.AskApproval(ctx, a, core.ID(c.Version), n)
		return g.approvalDone(term, c.JSON, &p, "asked", err)
	})
}

func (g *gateway) approvalDone(term *terminal, asJSON bool, p *core.Plan, state string, err error) error {
	if err != nil {
		return err
	}
	return g.show(term, asJSON, map[string]any{"plan": p.ID, "name": p.Name(), "state": state}, p.Name()+": "+state)
}

// onApproval names a request.
type onApproval struct {
	inAccount
	ID string `arg:"" help:"Request, as approval list shows it."`
}

type approvalDecide struct {
	onApproval
	Deed  string   `arg:"" enum:"approve,correct" help:"approve or correct."`
	Words string   `help:"What has to be corrected, or a remark."`
	File  []string `type:"existingfile" placeholder:"FILE" help:"Files that show it."`
}

func (c *approvalDecide) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		d := core.Decision{Deed: c.Deed, Words: c.Words}
		for _, path := range c.File {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			d.Files = append(d.Files, core.Upload{Name: filepath.Base(path), Content: f})
		}
		p, err := g.core.Decide(ctx, a, core.ID(c.ID), d)
		return g.approvalDone(term, c.JSON, &p, c.Deed, err)
	})
}

type approvalSubstitute struct {
	onApproval
	Address string `arg:"" help:"Who decides in one's place, by e-mail address."`
}

func (c *approvalSubstitute) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		who, err := g.core.Addressed(ctx, a, c.Address)
		if err != nil {
			return err
		}
		p, err := g.core.SubstituteApprover(ctx, a, core.ID(c.ID), who.ID)
		return g.approvalDone(term, c.JSON, &p, "asked "+who.Name, err)
	})
}

type approvalRemind struct{ onApproval }

func (c *approvalRemind) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, n, err := g.core.RemindApproval(ctx, a, core.ID(c.ID))
		return g.approvalDone(term, c.JSON, &p, fmt.Sprintf("%d reminded", n), err)
	})
}

type approvalWithdraw struct{ onApproval }

func (c *approvalWithdraw) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.WithdrawApproval(ctx, a, core.ID(c.ID))
		return g.approvalDone(term, c.JSON, &p, "withdrawn", err)
	})
}
