package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"planpost/core"
)

// duty is periodic work. Each run takes a lease, so that of any number of
// processes one does it.
type duty struct {
	name  string
	every time.Duration
	run   func(context.Context) error
}

// duties is all periodic work of the gateway.
func (g *gateway) duties() []duty {
	return []duty{
		{"index search", 500 * time.Millisecond, g.indexPending},
		{"sweep sessions", 10 * time.Minute, g.core.SweepSessions},
		{"sweep registrations", 24 * time.Hour, g.core.SweepRegistrations},
		{"remind invited", time.Hour, g.core.RemindInvited},
		{"seal log", 10 * time.Second, g.core.SealLog},
		{"seal late log", time.Hour, g.core.SealLate},
		{"mask visits", 24 * time.Hour, g.core.MaskVisits},
		{"sweep uploads", time.Hour, g.core.SweepUploads},
		{"remind holders", 10 * time.Minute, g.core.RemindHolders},
		{"remind approvers", 10 * time.Minute, g.core.RemindApprovers},
		{"note undelivered", 15 * time.Second, g.core.NoteUndelivered},
		{"sweep files", 24 * time.Hour, g.files.Sweep},
		{"check health", 5 * time.Second, g.checkHealth},
		{"watch mail", 15 * time.Second, g.watchMail},
		{"watch mailboxes", 5 * time.Second, g.core.WatchMailboxes},
		{"prove mailboxes", 15 * time.Second, g.proveMailboxes},
	}
}

// indexPending moves new texts into the full-text index until none wait.
func (g *gateway) indexPending(ctx context.Context) error {
	for {
		n, err := g.core.IndexPending(ctx)
		if err != nil || n == 0 || ctx.Err() != nil {
			return err
		}
	}
}

// runDuties runs them until ctx ends.
func (g *gateway) runDuties(ctx context.Context) {
	owner := core.NewID()
	done := make(chan struct{})
	list := g.duties()
	for _, d := range list {
		go func() {
			defer func() { done <- struct{}{} }()
			g.runDuty(ctx, owner, d)
		}()
	}
	for range list {
		<-done
	}
}

func (g *gateway) runDuty(ctx context.Context, owner core.ID, d duty) {
	tick := time.NewTicker(d.every)
	defer tick.Stop()
	for {
		g.tryDuty(ctx, owner, d)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// leaseOf is how long a duty's lease lasts: long enough for its owner to
// renew it, so that it does not wander between processes.
func leaseOf(every time.Duration) time.Duration { return max(2*every, 30*time.Second) }

func (g *gateway) tryDuty(ctx context.Context, owner core.ID, d duty) {
	defer recovered(g.log, d.name)
	mine, err := g.leased(ctx, owner, d)
	if err == nil && mine {
		err = d.run(ctx)
	}
	if err != nil && ctx.Err() == nil {
		g.log.Warn("duty", "name", d.name, "err", err)
	}
}

// leased takes the lease. On SQLite there is one process, and the file's own lock says so.
func (g *gateway) leased(ctx context.Context, owner core.ID, d duty) (bool, error) {
	if !strings.HasPrefix(g.cfg.Database, "postgres") {
		return true, nil
	}
	return g.store.Lease(ctx, "duty "+d.name, owner, time.Now(), leaseOf(d.every))
}

// recovered keeps one turn's panic from ending the gateway.
func recovered(log *slog.Logger, what string) {
	if p := recover(); p != nil {
		log.Error("panic", "in", what, "panic", p, "stack", stack())
	}
}
