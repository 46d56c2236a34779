package main

import (
	"context"
	"fmt"
	"time"

	"planpost/core"
)

type binCommand struct {
	List    binList    `cmd:"" help:"What lies in the bin, latest first."`
	Restore binRestore `cmd:"" help:"Take something out of the bin, with its relations."`
}

type binList struct{ inAccount }

func (c *binList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		list, err := g.core.Bin(ctx, a, core.BinFilter{Limit: 200})
		for i := range list {
			if err == nil {
				it := &list[i]
				err = g.show(term, c.JSON, map[string]any{"kind": it.Object.Kind, "id": it.Object.ID, "title": it.Title, "number": it.Number, "deleted_at": it.DeletedAt, "deleted_by": it.DeletedByName},
					fmt.Sprintf("%-8s %s  %s  %s  %s", it.Object.Kind, it.Object.ID, it.DeletedAt.Format(time.RFC3339), it.DeletedByName, it.Title))
			}
		}
		return err
	})
}

type binRestore struct {
	inAccount
	Kind string `arg:"" enum:"project,task,comment,attachment,company,person" help:"project, task, comment, attachment, company or person."`
	ID   string `arg:"" help:"Its id."`
}

func (c *binRestore) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		return g.core.Restore(ctx, a, core.Object{Kind: c.Kind, ID: core.ID(c.ID)})
	})
}
