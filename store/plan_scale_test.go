package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

// A project of 20,000 plans with five versions each and, at every tenth plan,
// eleven holders. The list and the holders are asked as its page asks them.
func BenchmarkPlansOfALargeProject(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := storetest.Open(b, store.Config{URL: url(b)})
			w := storetest.MakeWorld(b, s)
			member := w.Person()
			project, plans := manyPlans(b, w, member.ID, 20000, 5)
			v := core.Viewer{Account: w.Account.ID, Person: member}
			ask := map[string]func(ctx context.Context, tx core.Tx, i int) error{
				"first page": func(ctx context.Context, tx core.Tx, _ int) error {
					return onePage(ctx, tx, v, core.PlanFilter{Project: project})
				},
				"page in the middle": func(ctx context.Context, tx core.Tx, i int) error {
					p := plans[i*997%len(plans)]
					return onePage(ctx, tx, v, core.PlanFilter{Project: project, After: "a-000010000", AfterID: p})
				},
				"filter by text": func(ctx context.Context, tx core.Tx, i int) error {
					return onePage(ctx, tx, v, core.PlanFilter{Project: project, Text: fmt.Sprintf("floor %d", i%900)})
				},
				"filter by state": func(ctx context.Context, tx core.Tx, _ int) error {
					return onePage(ctx, tx, v, core.PlanFilter{Project: project, State: "in_review"})
				},
				"holders of a plan": func(ctx context.Context, tx core.Tx, i int) error {
					_, err := tx.ListHolders(ctx, w.Account.ID, plans[i%2000*10])
					return err
				},
				"holders of a page": func(ctx context.Context, tx core.Tx, i int) error {
					_, err := tx.CountHolders(ctx, w.Account.ID, plans[i%390*50:i%390*50+50]...)
					return err
				},
			}
			for what, do := range ask {
				b.Run(what, func(b *testing.B) {
					var took []time.Duration
					for i := 0; b.Loop(); i++ {
						start := time.Now()
						view(b, s, func(ctx context.Context, tx core.Tx) error { return do(ctx, tx, i) })
						took = append(took, time.Since(start))
					}
					slices.Sort(took)
					b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				})
			}
		})
	}
}

func onePage(ctx context.Context, tx core.Tx, v core.Viewer, f core.PlanFilter) error {
	f.Limit = 51
	list, err := tx.ListPlans(ctx, v, f)
	if err != nil {
		return err
	}
	if _, err = tx.CountPlans(ctx, v, f); err == nil && len(list) == 0 && f.Text == "" {
		err = fmt.Errorf("nothing is listed")
	}
	if err == nil {
		_, err = tx.PlanRoles(ctx, v, f.Project)
	}
	return err
}

// manyPlans fills a project; every twentieth plan is secured, every seventh has a version in review.
func manyPlans(b *testing.B, w *storetest.World, member core.ID, n, versions int) (core.ID, []core.ID) {
	project := w.Project().ID
	w.Participant(project, member)
	holders := make([]core.ID, 11)
	for i := range holders {
		holders[i] = w.Person().ID
	}
	ids := make([]core.ID, 0, n)
	now := storetest.Now()
	for at := 0; at < n; at += 500 {
		inTx(b, w.S, func(ctx context.Context, tx core.Tx) error {
			ids = ids[:at]
			for i := at; i < at+500; i++ {
				p := core.Plan{ID: core.NewID(), Account: w.Account.ID, Project: project, Kind: core.DrawingKind, Number: fmt.Sprintf("A-%d", i), Title: fmt.Sprintf("Floor %d, part %d", i%900, i%7),
					TradeRole: "Architect", Secured: i%20 == 0, CreatedBy: w.Owner.ID, CreatedAt: now, UpdatedAt: now}
				if err := tx.CreatePlan(ctx, &p); err != nil {
					return err
				}
				ids = append(ids, p.ID)
				var last core.Version
				for k := range versions {
					v := core.Version{ID: core.NewID(), Account: w.Account.ID, Plan: p.ID, Index: string(rune('A' + k)), State: core.Superseded, Author: w.Owner.ID, UploadedBy: w.Owner.ID,
						CreatedAt: now, CurrentAt: now, EndedAt: now}
					switch {
					case k == versions-1 && i%7 == 0:
						v.State, v.CurrentAt, v.EndedAt = core.InReview, time.Time{}, time.Time{}
					case k == versions-1, k == versions-2 && i%7 == 0:
						v.State, v.EndedAt = core.Current, time.Time{}
					}
					f := core.PlanFile{ID: core.NewID(), Account: w.Account.ID, Version: v.ID, Name: "plan.pdf", Class: core.PrintFile, Hash: "0"}
					if err := tx.CreateVersion(ctx, &v, []core.PlanFile{f}); err != nil {
						return err
					}
					if k == 2 {
						last = v
					}
				}
				if i%10 != 0 {
					continue
				}
				for _, h := range holders {
					if err := tx.RaiseHolders(ctx, core.Holder{Account: w.Account.ID, Plan: p.ID, Person: h, Version: last.ID, Position: last.Position, Since: now, How: "download"}); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	return project, ids
}
