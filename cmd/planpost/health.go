package main

import (
	"context"

	"planpost/core"
)

// checkHealth looks at every group of findings whose time has come, or that
// somebody asked for, and keeps what it finds.
func (g *gateway) checkHealth(ctx context.Context) error {
	due, err := g.core.HealthDue(ctx)
	if err != nil {
		return err
	}
	for _, group := range due {
		list := g.look(ctx, group)
		if ctx.Err() != nil {
			return ctx.Err() // half an answer is none
		}
		if err := g.core.KeepFindings(ctx, group, list); err != nil {
			return err
		}
	}
	return nil
}

// look looks at one group.
func (g *gateway) look(ctx context.Context, group string) []core.Finding {
	if group == core.HealthRecords {
		return recordFindings(ctx, &g.cfg, g.core)
	}
	return signInFindings(ctx, &g.cfg)
}
