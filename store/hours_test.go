package store_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"planpost/core"
	"planpost/core/access"
	"planpost/store"
	"planpost/store/storetest"
)

// randomHours lets somebody have worked on every task.
func (g *graph) randomHours() (list []core.Hours) {
	for _, id := range slices.Sorted(maps.Keys(g.tasks)) {
		h := core.Hours{ID: core.NewID(), Account: g.Account.ID, Task: id, Person: g.anyoneOr(""), Day: "2026-02-03", Minutes: 30, Via: "page", CreatedAt: storetest.Now()}
		if err := g.S.InTx(context.Background(), func(tx core.Tx) error { return tx.CreateHours(context.Background(), &h) }); err != nil {
			g.T.Fatal(err)
		}
		list = append(list, h)
	}
	return list
}

// hoursFacts: what has to do with hours is who worked them, and who manages him.
func (g *graph) hoursFacts(p *core.Person, h *core.Hours) access.Facts {
	t := g.tasks[h.Task]
	f := g.taskFacts(p, &t).Without(access.DelBy)
	for _, gone := range []access.Fact{access.Asg, access.Ase, access.Ase1, access.Par, access.Aud, access.Rel, access.Masg, access.Mase, access.Mpar, access.Mgr} {
		f = f.Without(gone)
	}
	own, manages := p.Staff() && h.Person == p.ID, p.Staff() && g.people[h.Person].Manager == p.ID
	return f.When(own, access.Self).When(own, access.Rel).When(manages, access.Mgr).Closed()
}

func TestHoursListsAndSumsAgreeWithThePermissionTable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		for seed := range uint64(5) {
			g := randomGraph(t, s, seed)
			worked := g.randomHours()
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				for _, p := range g.people {
					if err := g.compareHours(ctx, tx, &p, worked); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
}

func (g *graph) compareHours(ctx context.Context, tx core.Tx, p *core.Person, worked []core.Hours) error {
	var want, got []core.ID
	minutes := 0
	for _, h := range worked {
		t := g.tasks[h.Task]
		f, blocked := g.hoursFacts(p, &h), g.blockedIn(p, t.Project)
		read, readBlocked, err := tx.HoursFacts(ctx, p, h.ID)
		if err != nil {
			return err
		}
		g.same("hours "+string(h.ID), p, read, f, readBlocked, blocked)
		if may(p, "time.view", f, blocked) {
			want = append(want, h.ID)
			minutes += h.Minutes
		}
	}
	list, err := tx.ListHours(ctx, g.viewer(p), core.HoursFilter{Limit: 1000})
	if err != nil {
		return err
	}
	for i := range list {
		h := &list[i]
		got = append(got, h.ID)
		t := g.tasks[h.Task]
		if sees := may(p, "task.view", g.taskFacts(p, &t), g.blockedIn(p, t.Project)); sees != h.MayTask || !sees && h.Title != "" {
			g.T.Errorf("hours %s: the task is open to %s %s: %v (%q), want %v", h.ID, p.Subject(), p.ID, h.MayTask, h.Title, sees)
		}
	}
	g.sameIDs("hours", p, got, want)
	for _, by := range []core.HoursBy{core.HoursByTask, core.HoursByProject, core.HoursByPerson} {
		sums, err := tx.SumHours(ctx, g.viewer(p), core.HoursFilter{}, by)
		if err != nil {
			return err
		}
		total := 0
		for _, n := range sums {
			total += n.Minutes
		}
		if total != minutes {
			g.T.Errorf("hours by %s for %s %s: %d minutes, want %d", by, p.Subject(), p.ID, total, minutes)
		}
	}
	return nil
}
