package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

// The benchmarks of this file ask a store of many comments:
//
//	PLANPOST_BENCH_COMMENTS  how many, in a twentieth as many tasks (20,000)
//	PLANPOST_BENCH_DIR       where the SQLite file is kept for the next run (nowhere)
//	PLANPOST_BENCH_POSTGRES  URL of a database that is kept (none: one is made and dropped)

func commentsWanted() int {
	n, err := strconv.Atoi(os.Getenv("PLANPOST_BENCH_COMMENTS"))
	if err != nil {
		return 20000
	}
	return n
}

// word gives words as rare as in speech: the first few are in every second
// comment, the last ones in a handful of all.
func word(z *rand.Zipf) string { return "w" + strconv.FormatUint(z.Uint64(), 36) + "x" }

func manyComments(b *testing.B, run func(b *testing.B, s *store.Store, w *storetest.World)) {
	n := commentsWanted()
	b.Run("sqlite", func(b *testing.B) {
		url := storetest.SQLite(b)
		if dir := os.Getenv("PLANPOST_BENCH_DIR"); dir != "" {
			url = "sqlite:" + filepath.Join(dir, fmt.Sprintf("comments-%d.db", n))
		}
		s := storetest.Open(b, store.Config{URL: url})
		run(b, s, fill(b, s, n))
	})
	b.Run("postgres", func(b *testing.B) {
		url := os.Getenv("PLANPOST_BENCH_POSTGRES")
		if url == "" {
			url = storetest.Postgres(b)
		}
		s := storetest.Open(b, store.Config{URL: url})
		run(b, s, fill(b, s, n))
	})
}

// fill makes the data unless it is there.
func fill(b *testing.B, s *store.Store, n int) *storetest.World {
	var accounts []core.Account
	view(b, s, func(ctx context.Context, tx core.Tx) (err error) {
		accounts, err = tx.ListAccounts(ctx)
		return err
	})
	if len(accounts) > 0 {
		w := &storetest.World{T: b, S: s, Account: accounts[0]}
		view(b, s, func(ctx context.Context, tx core.Tx) (err error) {
			w.Owner, err = tx.OwnerOf(ctx, w.Account.ID)
			return err
		})
		return w
	}
	w := storetest.MakeWorld(b, s)
	few := w.Person(func(p *core.Person) { p.Name = "Few" })
	contact := w.Person(storetest.Contact(""), func(p *core.Person) { p.Name = "Contact" })
	others := make([]core.ID, 20)
	for i := range others {
		others[i] = w.Person().ID
	}
	projects := make([]core.ID, 100)
	for i := range projects {
		projects[i] = w.Project().ID
	}
	r := rand.New(rand.NewPCG(1, 2))
	z := rand.NewZipf(r, 1.1, 8, 200000)
	tasks := max(n/20, 1)
	ids := make([]core.ID, 0, tasks)
	for at := 0; at < tasks; at += 500 {
		inTx(b, s, func(ctx context.Context, tx core.Tx) error {
			for i := at; i < min(at+500, tasks); i++ {
				t := w.NewTask(storetest.In(projects[i%100]), storetest.With(others[i%20], core.Assignee))
				t.Title, t.Description = sentence(z, 5), sentence(z, 30)
				if i%(tasks/50) == 0 {
					t.People = append(t.People, core.TaskPerson{Person: few.ID, Relation: core.Participate}, core.TaskPerson{Person: contact.ID, Relation: core.Participate})
				}
				if i%3 == 0 {
					t.Status, t.ClosedAt = core.TaskDone, t.CreatedAt
				}
				if err := tx.CreateTask(ctx, &t); err != nil {
					return err
				}
				ids = append(ids, t.ID)
			}
			return nil
		})
	}
	start := time.Now()
	for at := 0; at < n; at += 500 {
		inTx(b, s, func(ctx context.Context, tx core.Tx) error {
			for i := at; i < min(at+500, n); i++ {
				c := core.Comment{ID: core.NewID(), Account: w.Account.ID, Task: ids[r.IntN(tasks)], Author: w.Owner.ID, Text: sentence(z, 40), Via: "page",
					CreatedAt: storetest.Now(), Recipients: []core.ID{others[i%20], contact.ID}}
				if err := tx.CreateComment(ctx, &c); err != nil {
					return err
				}
			}
			return nil
		})
		if _, err := s.IndexPending(context.Background(), 600); err != nil {
			b.Fatal(err)
		}
		if at%50000 == 0 {
			b.Logf("%d comments after %v", at, time.Since(start).Round(time.Second))
		}
	}
	for left := true; left; {
		n, err := s.IndexPending(context.Background(), 600)
		if err != nil {
			b.Fatal(err)
		}
		left = n.Number > 0
	}
	store.Analyze(b, s)
	return w
}

func sentence(z *rand.Zipf, n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = word(z)
	}
	return strings.Join(words, " ")
}

// readers are somebody who may read all, and somebody who may read fifty tasks.
func readers(b *testing.B, s *store.Store, w *storetest.World) map[string]core.Viewer {
	people := map[string]core.Viewer{"all": {Account: w.Account.ID, Person: w.Owner}}
	view(b, s, func(ctx context.Context, tx core.Tx) error {
		for _, name := range []string{"Few", "Contact"} {
			list, err := tx.ListPeople(ctx, core.Viewer{Account: w.Account.ID, All: true}, core.PersonFilter{Query: name})
			if err != nil {
				return err
			}
			people[strings.ToLower(name)] = core.Viewer{Account: w.Account.ID, Person: list[0]}
		}
		return nil
	})
	return people
}

// percentiles runs do and reports how long it took, in milliseconds.
func percentiles(b *testing.B, do func()) {
	var all []time.Duration
	for b.Loop() {
		start := time.Now()
		do()
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkSearch asks for the twenty newest hits.
func BenchmarkSearch(b *testing.B) {
	manyComments(b, func(b *testing.B, s *store.Store, w *storetest.World) {
		for name, v := range readers(b, s, w) {
			for what, q := range map[string]string{"rare": "w3q2x", "common": "w1x", "two-common": "w1x w2x", "two-middling": "w4x w1ax", "prefix": "w1", "none": "zzz"} {
				b.Run(name+"/"+what, func(b *testing.B) {
					hits := 0
					percentiles(b, func() {
						view(b, s, func(ctx context.Context, tx core.Tx) error {
							found, err := tx.Search(ctx, v, q, 0, 20)
							hits = len(found)
							return err
						})
					})
					b.ReportMetric(float64(hits), "hits")
				})
			}
		}
	})
}

// BenchmarkLists asks for the pages people open.
func BenchmarkLists(b *testing.B) {
	manyComments(b, func(b *testing.B, s *store.Store, w *storetest.World) {
		for name, v := range readers(b, s, w) {
			var first core.TaskItem
			page := func(f core.TaskFilter) func() {
				return func() {
					view(b, s, func(ctx context.Context, tx core.Tx) error {
						list, err := tx.ListTasks(ctx, v, f)
						if len(list) > 0 {
							first = list[len(list)-1]
						}
						return err
					})
				}
			}
			for what, f := range map[string]core.TaskFilter{"open": {}, "any": {Status: "any"}, "closed": {Status: "closed"}, "mine": {Mine: true}, "working": {Status: "working"}} {
				b.Run(name+"/tasks-"+what, func(b *testing.B) { percentiles(b, page(f)) })
			}
			page(core.TaskFilter{Status: "any"})()
			b.Run(name+"/tasks-next", func(b *testing.B) {
				percentiles(b, page(core.TaskFilter{Status: "any", Before: first.UpdatedAt, BeforeID: first.ID}))
			})
			b.Run(name+"/project", func(b *testing.B) { percentiles(b, page(core.TaskFilter{Project: first.Project})) })
			b.Run(name+"/projects", func(b *testing.B) {
				percentiles(b, func() {
					view(b, s, func(ctx context.Context, tx core.Tx) error {
						_, err := tx.ListProjects(ctx, v, "", "", 100)
						return err
					})
				})
			})
			b.Run(name+"/task", func(b *testing.B) {
				percentiles(b, func() {
					view(b, s, func(ctx context.Context, tx core.Tx) error {
						if _, err := tx.FindTask(ctx, w.Account.ID, first.ID); err != nil {
							return err
						}
						list, err := tx.ListComments(ctx, v, first.ID, "", 100)
						if err != nil || len(list) == 0 {
							return err
						}
						ids := make([]core.ID, len(list))
						for i := range list {
							ids[i] = list[i].ID
						}
						_, err = tx.CommentWays(ctx, w.Account.ID, ids)
						return err
					})
				})
			})
		}
	})
}
