package store_test

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

func view(t testing.TB, s core.Store, fn func(ctx context.Context, tx core.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := s.View(ctx, func(tx core.Tx) error { return fn(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

func inTx(t testing.TB, s core.Store, fn func(ctx context.Context, tx core.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := s.InTx(ctx, func(tx core.Tx) error { return fn(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

func accept(t testing.TB, s core.Store, a *core.Acceptance) core.AcceptResult {
	t.Helper()
	r, err := s.Accept(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func counts(t testing.TB, s core.Store) (c core.Counts) {
	t.Helper()
	view(t, s, func(ctx context.Context, tx core.Tx) (err error) {
		c, err = tx.Counts(ctx)
		return err
	})
	return c
}

// a task of which two are told, and the link of an outsider
func conversation(t testing.TB, s *store.Store) (w *storetest.World, link core.Link, told []core.ID) {
	w = storetest.MakeWorld(t, s)
	a, b, out := w.Person(), w.Person(), w.Person(storetest.Contact(""))
	task := w.Task(storetest.With(a.ID, core.Assignee), storetest.With(b.ID, core.Participate), storetest.With(out.ID, core.Participate))
	return w, w.Link(out.ID, task.ID), []core.ID{a.ID, b.ID}
}

func TestAnAcceptanceIsWrittenWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		a := w.Reply(link, "Thank you, that works.", told...)
		a.Message.Facts = core.MessageFacts{Signed: "pgp", Invitations: []core.Invitation{{Summary: "Survey", Start: a.Message.ReceivedAt, End: a.Message.ReceivedAt.Add(time.Hour), AllDay: true}}}
		r := accept(t, s, a)
		if r.Duplicate || r.Message != a.Message.ID {
			t.Errorf("result %+v", r)
		}
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			m, err := tx.FindMessage(ctx, w.Account.ID, a.Message.ID)
			if err != nil {
				return err
			}
			if m.Subject != a.Message.Subject || len(m.Trace) != 2 || len(m.Cuts) != 1 || !m.ReceivedAt.Equal(a.Message.ReceivedAt) {
				t.Errorf("message %+v", m)
			}
			raw, err := tx.FindRaw(ctx, w.Account.ID, m.ID)
			if err != nil || string(raw) != string(a.Raw) {
				t.Errorf("source of %d bytes, %v", len(raw), err)
			}
			c, err := tx.FindComment(ctx, w.Account.ID, a.Comments[0].ID)
			if err != nil || c.Text != "Thank you, that works." || len(c.Recipients) != 2 {
				t.Errorf("comment %+v, %v", c, err)
			}
			list, err := tx.ListDeliveries(ctx, w.Account.ID, core.DeliveryFilter{Comment: c.ID})
			if err != nil || len(list) != 2 || list[0].Address == "" || list[0].TaskNumber != 1 {
				t.Errorf("deliveries %+v, %v", list, err)
			}
			ways, err := tx.CommentWays(ctx, w.Account.ID, []core.ID{c.ID})
			if facts := ways[c.ID].Facts; !reflect.DeepEqual(facts, a.Message.Facts) || !reflect.DeepEqual(m.Facts, facts) {
				t.Errorf("facts %+v, of the message %+v", facts, m.Facts)
			}
			if err != nil || ways[c.ID].Receipt != a.Receipts[0].ID || len(ways[c.ID].Cuts) != 1 || len(ways[c.ID].Sent) != 2 {
				t.Errorf("ways %+v, %v", ways, err)
			}
			return nil
		})
		done, err := s.IndexPending(t.Context(), 1000)
		if err != nil || len(done.Accounts) != 1 || done.Accounts[0] != w.Account.ID {
			t.Errorf("moved with the index: %+v, %v", done, err)
		}
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			task, err := tx.FindTask(ctx, w.Account.ID, link.Object)
			if err != nil || !task.UpdatedAt.Equal(a.Message.ReceivedAt) {
				t.Errorf("activity of the task: %v, message of %v, %v", task.UpdatedAt, a.Message.ReceivedAt, err)
			}
			return nil
		})
	})
}

func TestAMessageThatComesAgainDelaysNoMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		for _, later := range []time.Duration{0, time.Minute} {
			a := w.Reply(link, "the same text", told...)
			for k := range a.Deliveries {
				d := &a.Deliveries[k]
				d.Gather, d.DueAt, d.GatherUntil = true, d.CreatedAt.Add(time.Minute+later), d.CreatedAt.Add(time.Hour)
				if later > 0 {
					d.Scope = "another" // would be a mail of its own
				}
			}
			if r := accept(t, s, a); r.Duplicate != (later > 0) {
				t.Errorf("after %v: %+v", later, r)
			}
		}
		if c := counts(t, s); c.Deliveries != int64(len(told)) || c.Messages != 1 {
			t.Errorf("a message that was there already wrote something: %+v", c)
		}
	})
}

func TestTheSameMessageTwiceCountsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		first := w.Reply(link, "the same text", told...)
		accept(t, s, first)
		before := counts(t, s)
		again := w.Reply(link, "the same text", told...)
		other := again.Receipts[0]
		other.ID, other.Key = core.NewID(), "another recipient"
		again.Receipts = append(again.Receipts, other)
		r := accept(t, s, again)
		if !r.Duplicate || r.Message != first.Message.ID {
			t.Errorf("result %+v", r)
		}
		if len(r.Known) != 1 || r.Known[0].Key != string(link.ID) || r.Known[0].Disposition != core.Posted || r.Known[0].Again != 1 {
			t.Errorf("known %+v", r.Known)
		}
		after := counts(t, s)
		if after != before {
			t.Errorf("counts %+v, want %+v", after, before)
		}
		// For the recipient it had not before, it becomes what it would have become alone.
		further := w.Reply(link, "the same text", told...)
		further.Known, further.Message.ID, further.Raw = true, first.Message.ID, nil
		further.Receipts[0].Message, further.Receipts[0].Key = first.Message.ID, "another recipient"
		further.Comments[0].Message = first.Message.ID
		if r := accept(t, s, further); r.Duplicate {
			t.Errorf("further %+v", r)
		}
		if c := counts(t, s); c.Messages != before.Messages || c.Raw != before.Raw || c.Receipts != before.Receipts+1 || c.Comments != before.Comments+1 {
			t.Errorf("counts %+v, before %+v", c, before)
		}
		// A second time it is a duplicate too.
		further.Comments[0].ID, further.Receipts[0].ID = core.NewID(), core.NewID()
		if r := accept(t, s, further); !r.Duplicate || len(r.Known) != 2 {
			t.Errorf("the further one again: %+v", r)
		}
	})
}

func TestManyAtTheSameTimeAreAllThereOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		const n = 120
		var wg sync.WaitGroup
		duplicates := make(chan bool, n)
		for i := range n {
			wg.Go(func() {
				a := w.Reply(link, fmt.Sprint("reply ", i%100), told...) // twenty of them twice
				for k := range a.Deliveries {
					a.Deliveries[k].Gather, a.Deliveries[k].GatherUntil = true, a.Deliveries[k].DueAt.Add(time.Minute)
				}
				r, err := s.Accept(context.Background(), a)
				if err != nil {
					t.Error(err)
				}
				duplicates <- r.Duplicate
			})
		}
		wg.Wait()
		close(duplicates)
		twice := 0
		for d := range duplicates {
			if d {
				twice++
			}
		}
		c := counts(t, s)
		if twice != 20 || c.Messages != 100 || c.Raw != 100 || c.Receipts != 100 || c.Comments != 100 || c.Notifications != 200 {
			t.Errorf("%d duplicates, %+v", twice, c)
		}
		if c.Deliveries != 2 {
			t.Errorf("%d deliveries, want one for each who is told, which gathers", c.Deliveries)
		}
	})
}

func TestABadMessageDoesNotHurtOthersOfItsGroup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		var wg sync.WaitGroup
		var mu sync.Mutex
		failed := 0
		for i := range 60 {
			wg.Go(func() {
				a := w.Reply(link, fmt.Sprint("reply ", i), told...)
				if i%20 == 3 {
					a.Receipts[0].Disposition = "nonsense"
				}
				if _, err := s.Accept(context.Background(), a); err != nil {
					mu.Lock()
					failed++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if c := counts(t, s); failed != 3 || c.Messages != 57 || c.Comments != 57 || c.Receipts != 57 || c.Deliveries != 114 {
			t.Errorf("%d failed, %+v", failed, c)
		}
	})
}

func TestAPersonWhoseAddressExistsByNowIsThatPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, _ := conversation(t, s)
		known := w.Person()
		make := func(text string, address core.PersonAddress) *core.Acceptance {
			a := w.Reply(link, text)
			p := core.Person{ID: core.NewID(), Account: w.Account.ID, Kind: core.AddressKind, Name: "New", Status: core.Active, CreatedAt: storetest.Now()}
			address.Person, address.ID = p.ID, core.NewID()
			p.Addresses = []core.PersonAddress{address}
			a.People = []core.Person{p}
			task := w.NewTask(func(t *core.Task) { t.People = []core.TaskPerson{{Person: p.ID, Relation: core.Assigner}} })
			a.Tasks = []core.Task{task}
			a.Comments[0].Task, a.Comments[0].Author, a.Comments[0].Recipients = task.ID, p.ID, []core.ID{p.ID}
			a.Receipts[0].Task, a.Receipts[0].Person = task.ID, p.ID
			a.Log[0].Actor = p.ID
			d := core.Delivery{ID: core.NewID(), Account: w.Account.ID, Person: p.ID, Task: task.ID, Stream: core.WorkStream, Scope: "external", State: core.DeliveryDue, CreatedAt: storetest.Now(), DueAt: storetest.Now()}
			a.Deliveries = []core.Delivery{d}
			a.Notifications = []core.Notification{{ID: core.NewID(), Account: w.Account.ID, Person: p.ID, Event: core.CommentAdded, Task: task.ID, Comment: a.Comments[0].ID, Delivery: d.ID}}
			return a
		}
		check := func(a *core.Acceptance, r core.AcceptResult, want core.ID, number int64) {
			t.Helper()
			if len(r.Numbers) != 1 || r.Numbers[0] != number {
				t.Errorf("numbers %v, want %d", r.Numbers, number)
			}
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				task, err := tx.FindTask(ctx, w.Account.ID, a.Tasks[0].ID)
				if err != nil {
					return err
				}
				c, err := tx.FindComment(ctx, w.Account.ID, a.Comments[0].ID)
				if err != nil {
					return err
				}
				d, err := tx.FindDelivery(ctx, "", a.Deliveries[0].ID)
				if err != nil {
					return err
				}
				if task.Number != number || task.People[0].Person != want || c.Author != want || c.Recipients[0] != want || d.Person != want {
					t.Errorf("task %+v, comment %+v, delivery %+v: want %s everywhere", task, c, d, want)
				}
				return nil
			})
		}
		a := make("from somebody known", known.Addresses[0])
		check(a, accept(t, s, a), known.ID, 2)

		fresh := w.Address("", "fresh@example.net")
		a = make("from somebody new", fresh)
		check(a, accept(t, s, a), a.People[0].ID, 3)
		b := make("from the same again", fresh)
		check(b, accept(t, s, b), a.People[0].ID, 4)
	})
}

func TestNewPeopleOfOneAddressAtTheSameTimeAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, _ := conversation(t, s)
		address := w.Address("", "everybody@example.net")
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				a := w.Reply(link, fmt.Sprint("hello ", i))
				p := core.Person{ID: core.NewID(), Account: w.Account.ID, Kind: core.AddressKind, Status: core.Active}
				mine := address
				mine.ID, mine.Person = core.NewID(), p.ID
				p.Addresses = []core.PersonAddress{mine}
				a.People, a.Comments[0].Author, a.Receipts[0].Person = []core.Person{p}, p.ID, p.ID
				if _, err := s.Accept(context.Background(), a); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			list, err := tx.ListPeople(ctx, core.Viewer{Account: w.Account.ID, All: true}, core.PersonFilter{Kinds: []core.PersonKind{core.AddressKind}})
			if err != nil || len(list) != 1 {
				t.Errorf("%d people have the address, %v", len(list), err)
			}
			return err
		})
	})
}

func TestAReportEndsADeliveryOnlyWhenItIsPermanent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		a := w.Reply(link, "hello", told...)
		accept(t, s, a)
		report := func(text, status string, permanent bool, d core.ID) {
			b := w.Reply(link, text)
			b.Comments, b.Log = nil, nil
			b.Receipts[0].Disposition, b.Receipts[0].Comment, b.Receipts[0].Delivery = core.Recorded, "", d
			b.Reports = []core.DeliveryReport{{Account: w.Account.ID, Delivery: d, Status: status, Text: "mailbox", Permanent: permanent, At: storetest.Now()}}
			accept(t, s, b)
		}
		report("delayed", "4.2.0", false, a.Deliveries[0].ID)
		report("gone", "5.1.1", true, a.Deliveries[1].ID)
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			for i, want := range []core.DeliveryState{core.DeliveryDue, core.DeliveryFailed} {
				d, err := tx.FindDelivery(ctx, w.Account.ID, a.Deliveries[i].ID)
				if err != nil {
					return err
				}
				attempts, err := tx.ListAttempts(ctx, w.Account.ID, d.ID)
				if d.State != want || len(attempts) != 1 || attempts[0].Enhanced == "" {
					t.Errorf("delivery %+v with attempts %+v, %v: want %s", d, attempts, err, want)
				}
			}
			return nil
		})
	})
}
