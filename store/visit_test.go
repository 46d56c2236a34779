package store_test

import (
	"context"
	"maps"
	"slices"

	"planpost/core"
	"planpost/core/access"
	"planpost/store/storetest"
)

// randomVisits sends somebody, or nobody, out for every task.
func (g *graph) randomVisits() (list []core.Visit) {
	for _, id := range slices.Sorted(maps.Keys(g.tasks)) {
		v := core.Visit{ID: core.NewID(), Account: g.Account.ID, Task: id, Person: g.anyoneOr(""), Day: "2031-02-03", State: core.VisitPlanned, CreatedBy: g.Owner.ID,
			CreatedAt: storetest.Now(), UpdatedAt: storetest.Now()}
		if err := g.S.InTx(context.Background(), func(tx core.Tx) error { return tx.CreateVisit(context.Background(), &v) }); err != nil {
			g.T.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

// compareVisits: who is sent has to do with the visit, an outsider never by that.
func (g *graph) compareVisits(ctx context.Context, tx core.Tx, p *core.Person, visits []core.Visit) error {
	var want, got []core.ID
	for _, v := range visits {
		t := g.tasks[v.Task]
		f, blocked := g.taskFacts(p, &t).Without(access.DelBy).When(p.Staff() && v.Person == p.ID, access.Rel), g.blockedIn(p, t.Project)
		read, readBlocked, err := tx.VisitFacts(ctx, p, v.ID)
		if err != nil {
			return err
		}
		// Whether somebody put the task into the bin is a matter of the task.
		g.same("visit "+string(v.ID), p, read, f, readBlocked, blocked)
		if may(p, "visit.view", f, blocked) {
			want = append(want, v.ID)
		}
	}
	list, err := tx.ListVisits(ctx, g.viewer(p), core.VisitFilter{Limit: 100})
	for i := range list {
		v := &list[i]
		got = append(got, v.ID)
		t := g.tasks[v.Task]
		if sees := may(p, "task.view", g.taskFacts(p, &t), g.blockedIn(p, t.Project)); sees != v.MayTask {
			g.T.Errorf("visit %s: the task is open to %s %s: %v, want %v", v.ID, p.Subject(), p.ID, v.MayTask, sees)
		}
	}
	g.sameIDs("visits", p, got, want)
	return err
}
