package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/store/storetest"
)

// dueMails is how many mails are due while claims are timed, recipients to how many one event is told.
const (
	dueMails   = 1_000_000
	recipients = 10_000
)

// BenchmarkQueue: what one event told to many costs until all of its mails are
// in the queue, and what a claim costs while very many are due.
func BenchmarkQueue(b *testing.B) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			ctx := context.Background()
			cfg := Config{Data: b.TempDir(), Database: database(b), BaseURL: "http://plan.test", MailDomain: "plan.test"}
			g, err := openGateway(ctx, cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
			must(b, err)
			b.Cleanup(func() { must(b, g.close()) })
			manyTold(ctx, b, name, g)
			manyDue(ctx, b, name, g)
		})
	}
}

func manyTold(ctx context.Context, b *testing.B, name string, g *gateway) {
	account, owner, err := g.core.CreateAccount(ctx, core.Setup{AccountName: "Firm", Name: "Olga", Address: "olga@firm.test", Password: testPassword})
	must(b, err)
	a := &core.Actor{Person: owner, Account: account, Via: "cli"}
	told := make([]core.ID, recipients)
	t, err := g.core.CreateTask(ctx, a, core.NewTask{Title: "Everybody is told"})
	must(b, err)
	must(b, g.store.InTx(ctx, func(tx core.Tx) error {
		for i := range told {
			p := core.Person{ID: core.NewID(), Account: account.ID, Kind: core.ContactKind, Name: fmt.Sprintf("Contact %d", i), Access: core.NoAccess, Status: core.Active, CreatedAt: tx.Now()}
			given := mail.Address{Local: fmt.Sprintf("contact%d", i), Domain: "client.test"}
			p.Addresses = []core.PersonAddress{{ID: core.NewID(), Account: account.ID, Person: p.ID, Given: given, Norm: given.Norm(), Primary: true}}
			if err := tx.CreatePerson(ctx, &p); err != nil {
				return err
			}
			told[i] = p.ID
			t.People = append(t.People, core.TaskPerson{Person: p.ID, Relation: core.Participate})
		}
		return tx.SetTaskPeople(ctx, account.ID, t.ID, t.People)
	}))
	before, err := g.core.Counts(ctx)
	must(b, err)
	start := time.Now()
	_, err = g.core.Comment(ctx, a, core.NewComment{Task: t.ID, Text: "All of you", Tell: told})
	took := time.Since(start)
	must(b, err)
	after, err := g.core.Counts(ctx)
	must(b, err)
	if n := after.Deliveries - before.Deliveries; n != recipients {
		b.Fatalf("%d mails are queued, want %d", n, recipients)
	}
	logFigure(b, "queue/"+name+"/10000-recipients", took.Seconds(), "s", 0, 2)
}

func manyDue(ctx context.Context, b *testing.B, name string, g *gateway) {
	w := storetest.MakeWorld(b, g.store)
	person := w.Person(storetest.Contact(""))
	task := w.Task(storetest.With(person.ID, core.Participate))
	link := w.Link(person.ID, task.ID)
	const each = 10_000
	for i := range dueMails / each {
		r := w.Reply(link, fmt.Sprint("Words ", i))
		for j := range each {
			at := w.Account.CreatedAt.Add(-time.Duration(i*each+j) * time.Millisecond)
			r.Deliveries = append(r.Deliveries, core.Delivery{ID: core.NewID(), Account: w.Account.ID, Person: core.NewID(), Task: task.ID, Stream: core.WorkStream,
				Scope: core.ScopeExternal, State: core.DeliveryDue, DueAt: at, CreatedAt: at})
		}
		_, err := g.store.Accept(ctx, r)
		must(b, err)
	}
	var took []time.Duration
	for range 200 {
		start := time.Now()
		list, err := g.core.ClaimDeliveries(ctx, core.WorkStream, 80)
		took = append(took, time.Since(start))
		must(b, err)
		if len(list) != 80 {
			b.Fatalf("%d claimed", len(list))
		}
		for i := range list {
			now := g.core.Now()
			must(b, g.core.RecordAttempt(ctx, core.AttemptResult{Delivery: list[i], State: core.DeliverySent, Attempt: core.Attempt{StartedAt: now, EndedAt: now, Outcome: "sent"}}))
		}
	}
	slices.Sort(took)
	logFigure(b, "queue/"+name+"/claim-of-1000000/p99", took[len(took)*99/100].Seconds()*1e3, "ms", 0, 20)
}
