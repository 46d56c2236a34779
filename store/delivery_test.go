package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

func claim(t testing.TB, s core.Store, now time.Time, n int) (list []core.Delivery) {
	t.Helper()
	inTx(t, s, func(ctx context.Context, tx core.Tx) (err error) {
		list, err = tx.ClaimDeliveries(ctx, core.WorkStream, now, time.Minute, n)
		return err
	})
	return list
}

func finish(t testing.TB, s core.Store, r core.AttemptResult) (kept bool) {
	t.Helper()
	inTx(t, s, func(ctx context.Context, tx core.Tx) (err error) {
		kept, err = tx.FinishAttempt(ctx, &r)
		return err
	})
	return kept
}

func result(d core.Delivery, state core.DeliveryState, at time.Time) core.AttemptResult {
	return core.AttemptResult{Delivery: d, State: state, Attempt: core.Attempt{ID: core.NewID(), Account: d.Account, Delivery: d.ID, Number: d.Attempts,
		StartedAt: at, EndedAt: at, Remote: "mx.example.org", Code: 250, Enhanced: "2.0.0", Text: "OK", Outcome: string(state)}}
}

func TestADeliveryIsClaimedByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		stores := []*store.Store{open(), open()}
		w, link, told := conversation(t, stores[0])
		for i := range 50 {
			accept(t, stores[0], w.Reply(link, fmt.Sprint("reply ", i), told...))
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		claimed := make(map[core.ID]int)
		for i := range 6 {
			wg.Go(func() {
				for {
					list := claim(t, stores[i%2], storetest.Now(), 7)
					if len(list) == 0 {
						return
					}
					for _, d := range list {
						mu.Lock()
						claimed[d.ID]++
						mu.Unlock()
						if !finish(t, stores[i%2], result(d, core.DeliverySent, storetest.Now())) {
							t.Errorf("delivery %s: its lease was lost", d.ID)
						}
					}
				}
			})
		}
		wg.Wait()
		for id, n := range claimed {
			if n != 1 {
				t.Errorf("delivery %s was claimed %d times", id, n)
			}
		}
		if c := counts(t, stores[0]); len(claimed) != 100 || c.DueDeliveries != 0 || c.Attempts != 100 {
			t.Errorf("%d claimed, %+v", len(claimed), c)
		}
	})
}

func TestALeaseThatEndedIsDueAgainWithTheSameDate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		accept(t, s, w.Reply(link, "hello", told[0]))
		now := storetest.Now()
		first := claim(t, s, now, 10)
		if len(first) != 1 || first[0].Attempts != 1 || !first[0].SentDate.Equal(now) || first[0].LeaseToken == "" {
			t.Fatalf("first claim: %+v", first)
		}
		if again := claim(t, s, now.Add(59*time.Second), 10); len(again) != 0 {
			t.Errorf("claimed while leased: %+v", again)
		}
		second := claim(t, s, now.Add(61*time.Second), 10)
		if len(second) != 1 || second[0].Attempts != 2 || !second[0].SentDate.Equal(now) || second[0].LeaseToken == first[0].LeaseToken {
			t.Fatalf("second claim: %+v", second)
		}
		if finish(t, s, result(first[0], core.DeliverySent, now)) {
			t.Error("who lost the lease could finish")
		}
		retry := result(second[0], core.DeliveryDue, now)
		retry.RetryAt = now.Add(5 * time.Minute)
		if !finish(t, s, retry) {
			t.Error("who has the lease could not finish")
		}
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			at, ok, err := tx.NextDue(ctx, core.WorkStream, now)
			if !ok || !at.Equal(retry.RetryAt) {
				t.Errorf("next due: %v %v, want %v", at, ok, retry.RetryAt)
			}
			return err
		})
		third := claim(t, s, retry.RetryAt, 10)
		stopped := result(third[0], core.DeliveryDue, now)
		stopped.Uncounted, stopped.RetryAt = true, retry.RetryAt
		finish(t, s, stopped)
		fourth := claim(t, s, retry.RetryAt, 10)
		if fourth[0].Attempts != 3 {
			t.Errorf("an interrupted attempt counted: %d", fourth[0].Attempts)
		}
		sent := result(fourth[0], core.DeliverySent, now)
		sent.SentText, sent.Captured, sent.Delivery.Link = "what was sent", []byte("sealed"), link.ID
		finish(t, s, sent)
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			d, err := tx.FindDelivery(ctx, "", sent.Delivery.ID)
			if err != nil || d.State != core.DeliverySent || d.DoneAt.IsZero() || d.LeaseToken != "" || d.Link != link.ID {
				t.Errorf("sent: %+v, %v", d, err)
			}
			attempts, err := tx.ListAttempts(ctx, w.Account.ID, d.ID)
			if err != nil || len(attempts) != 3 || attempts[0].Outcome != "uncertain" || attempts[2].Remote != "mx.example.org" { // nobody knows what whoever lost the lease did
				t.Errorf("attempts: %+v, %v", attempts, err)
			}
			byDelivery, err := tx.FindSentText(ctx, w.Account.ID, d.ID)
			captured, err2 := tx.FindCaptured(ctx, w.Account.ID, d.ID)
			if byDelivery != "what was sent" || string(captured) != "sealed" {
				t.Errorf("kept: %q %q, %v %v", byDelivery, captured, err, err2)
			}
			for answer, want := range map[core.Answer]string{
				{}: "", {Delivery: d.ID}: "", {Quotes: true}: "what was sent", {Quotes: true, Delivery: d.ID}: "what was sent", {Quotes: true, Delivery: core.NewID()}: "",
			} {
				if c, err := tx.FindReplyContext(ctx, link.ID, answer); err != nil || c.Sent != want {
					t.Errorf("an answer to it, %+v: %q, %v", answer, c.Sent, err)
				}
			}
			return nil
		})
	})
}

func TestNotificationsGatherUntilTheMailIsClaimed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		start := storetest.Now()
		send := func(text string, after time.Duration) *core.Acceptance {
			a := w.Reply(link, text, told[0])
			d := &a.Deliveries[0]
			d.Gather, d.DueAt, d.GatherUntil = true, start.Add(after+time.Minute), start.Add(after+5*time.Minute)
			accept(t, s, a)
			return a
		}
		of := func(d core.ID) (n []core.Notification) {
			view(t, s, func(ctx context.Context, tx core.Tx) (err error) {
				n, err = tx.NotificationsOf(ctx, w.Account.ID, d)
				return err
			})
			return n
		}
		due := func() (at time.Time) {
			view(t, s, func(ctx context.Context, tx core.Tx) (err error) {
				at, _, err = tx.NextDue(ctx, core.WorkStream, start)
				return err
			})
			return at
		}
		first := send("one", 0).Deliveries[0].ID
		send("two", 30*time.Second)
		if got, want := due(), start.Add(90*time.Second); !got.Equal(want) {
			t.Errorf("due at %v, want %v: a minute of quiet after the second", got, want)
		}
		send("three", 4*time.Minute+50*time.Second)
		if got, want := due(), start.Add(5*time.Minute); !got.Equal(want) {
			t.Errorf("due at %v, want %v: the most that the first waits", got, want)
		}
		if n := of(first); len(n) != 3 {
			t.Errorf("%d notifications in one mail, want 3", len(n))
		}
		if list := claim(t, s, start.Add(5*time.Minute), 10); len(list) != 1 || list[0].ID != first {
			t.Fatalf("claimed %+v", list)
		}
		later := send("four", 5*time.Minute)
		if n := of(later.Deliveries[0].ID); len(n) != 1 {
			t.Errorf("what came after the claim is in a mail of its own: %d", len(n))
		}
	})
}

// What one event owes to many is written at once: each notification leads to
// the mail that tells of it, which is an earlier one where that still gathers.
func TestWhatAnEventOwesLeadsToItsMails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, _, told := conversation(t, s)
		start := storetest.Now()
		a, b, c := told[0], w.Person(storetest.Contact("")).ID, w.Person(storetest.Contact("")).ID
		task := w.Task(storetest.With(a, core.Participate)).ID
		mail := func(person core.ID, gather bool, after time.Duration) *core.Delivery {
			d := &core.Delivery{ID: core.NewID(), Account: w.Account.ID, Person: person, Task: task, Stream: core.WorkStream, Scope: core.ScopeInternal,
				State: core.DeliveryDue, DueAt: start.Add(after), CreatedAt: start}
			if gather {
				d.Gather, d.GatherUntil = true, start.Add(time.Hour)
			}
			return d
		}
		owed := func(d *core.Delivery) core.Owed {
			return core.Owed{Mail: d, Note: core.Notification{ID: core.NewID(), Account: w.Account.ID, Person: d.Person, Event: core.CommentAdded, Task: task, CreatedAt: start}}
		}
		write := func(list ...core.Owed) {
			inTx(t, s, func(ctx context.Context, tx core.Tx) error { return tx.Owe(ctx, list) })
		}
		write(owed(mail(a, true, time.Minute)))
		earlier := mail(a, true, 0) // becomes the first one of a
		list := []core.Owed{owed(mail(b, false, 0)), owed(earlier), owed(mail(c, true, time.Minute)), owed(mail(c, true, 2*time.Minute)), owed(mail(b, false, 0))}
		list = append(list, core.Owed{Note: core.Notification{ID: core.NewID(), Account: w.Account.ID, Person: b, Event: core.CommentAdded, Task: task, Page: true, CreatedAt: start}})
		write(list...)
		write() // nothing is owed
		count := map[core.ID]int{}
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			if notes, err := tx.ListNotifications(ctx, w.Account.ID, b, true, 10); err != nil || len(notes) != 3 {
				t.Errorf("%d notifications of %s, %v; want two with a mail and one without", len(notes), b, err)
			}
			for _, o := range list[:5] {
				notes, err := tx.NotificationsOf(ctx, w.Account.ID, o.Note.Delivery)
				if err != nil {
					return err
				}
				if !slices.ContainsFunc(notes, func(n core.Notification) bool { return n.ID == o.Note.ID && n.Person == o.Note.Person }) {
					t.Errorf("the mail %q does not tell of %+v", o.Note.Delivery, o.Note)
				}
				d, err := tx.FindDelivery(ctx, w.Account.ID, o.Note.Delivery)
				if err != nil || d.Person != o.Note.Person {
					t.Errorf("the mail of %s: %+v, %v", o.Note.Person, d, err)
				}
				count[d.ID]++
			}
			d, err := tx.FindDelivery(ctx, w.Account.ID, list[3].Note.Delivery)
			if want := start.Add(2 * time.Minute); err != nil || !d.DueAt.Equal(want) {
				t.Errorf("what two joined at once is due at %v, %v; want %v", d.DueAt, err, want)
			}
			return nil
		})
		if len(count) != 4 || list[2].Note.Delivery != list[3].Note.Delivery || list[0].Note.Delivery == list[4].Note.Delivery {
			t.Errorf("%d mails, want 4: two of %s, one each of the others", len(count), b)
		}
	})
}

func TestADeliveryIsStoppedAndSentAgainByHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		accept(t, s, w.Reply(link, "hello", told[0]))
		now := storetest.Now()
		set := func(id core.ID, to core.DeliveryState, at time.Time) (ok bool) {
			inTx(t, s, func(ctx context.Context, tx core.Tx) (err error) {
				ok, err = tx.SetDeliveryState(ctx, w.Account.ID, id, to, "by_hand", at)
				return err
			})
			return ok
		}
		d := claim(t, s, now, 1)[0]
		if set(d.ID, core.DeliveryCancelled, now) {
			t.Error("a leased delivery was cancelled under the mailer's hands")
		}
		if !set(d.ID, core.DeliveryCancelled, now.Add(2*time.Minute)) || len(claim(t, s, now.Add(3*time.Minute), 1)) != 0 {
			t.Error("a due delivery was not cancelled")
		}
		if set(d.ID, core.DeliveryCancelled, now.Add(2*time.Minute)) {
			t.Error("cancelled twice")
		}
		if !set(d.ID, core.DeliveryDue, now.Add(4*time.Minute)) || len(claim(t, s, now.Add(4*time.Minute), 1)) != 1 {
			t.Error("an ended delivery is not due again")
		}
	})
}

func TestUnreadNotificationsComeFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		other := w.Link(link.Person, w.Task().ID)
		accept(t, s, w.Reply(link, "one", told[0]))
		accept(t, s, w.Reply(other, "two", told[0]))
		inTx(t, s, func(ctx context.Context, tx core.Tx) error {
			_, err := tx.MarkRead(ctx, w.Account.ID, told[0], other.Object, tx.Now())
			return err
		})
		for unread, want := range map[bool]core.ID{true: link.Object, false: other.Object} {
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				list, err := tx.ListNotifications(ctx, w.Account.ID, told[0], unread, 10)
				if err != nil || len(list) != 2 || list[0].Task != want {
					t.Errorf("unread first %v: %+v, %v", unread, list, err)
				}
				return nil
			})
		}
	})
}

func TestOfAThreadTheEarlierMailGoesFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		now := storetest.Now()
		owe := func(text string, change func(d *core.Delivery)) core.ID {
			a := w.Reply(link, text, told[0])
			if change != nil {
				change(&a.Deliveries[0])
			}
			accept(t, s, a)
			return a.Deliveries[0].ID
		}
		claimed := func(at time.Time, want ...core.ID) []core.Delivery {
			t.Helper()
			list := claim(t, s, at, 10)
			var got []core.ID
			for _, d := range list {
				got = append(got, d.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("claimed %v, want %v", got, want)
			}
			return list
		}
		waits := owe("gathered for a while", func(d *core.Delivery) {
			d.Gather, d.DueAt, d.GatherUntil = true, now.Add(10*time.Minute), now.Add(20*time.Minute)
		})
		first, second := owe("one", nil), owe("two", nil)
		list := claimed(now.Add(time.Second), first) // not the second beside it; what gathers keeps nobody waiting
		retry := result(list[0], core.DeliveryDue, now)
		retry.RetryAt = now.Add(time.Minute)
		finish(t, s, retry)
		claimed(now.Add(2 * time.Second)) // the first is tried again before the second goes
		list = claimed(retry.RetryAt, first)
		lost := result(list[0], core.DeliveryDue, now)
		lost.RetryAt, lost.Reason = retry.RetryAt.Add(15*time.Minute), "delivery.uncertain"
		finish(t, s, lost)
		list = claimed(retry.RetryAt, second) // the first may have arrived
		finish(t, s, result(list[0], core.DeliverySent, now))
		list = claimed(now.Add(11*time.Minute), waits)
		finish(t, s, result(list[0], core.DeliverySent, now))
		claimed(lost.RetryAt, first)
	})
}

func TestWhatWaitsForItsTurnIsOvertakenByNoneOfItsThread(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		now := storetest.Now()
		for _, text := range []string{"one", "two"} {
			accept(t, s, w.Reply(link, text, told[0]))
		}
		list := claim(t, s, now.Add(time.Second), 10)
		if len(list) != 1 {
			t.Fatalf("%d claimed", len(list))
		}
		paced := result(list[0], core.DeliveryDue, now)
		paced.Uncounted, paced.RetryAt = true, now.Add(time.Minute)
		finish(t, s, paced)
		if got := claim(t, s, now.Add(2*time.Second), 10); len(got) != 0 {
			t.Errorf("the second went before the first: %v", got)
		}
		if got := claim(t, s, paced.RetryAt, 10); len(got) != 1 || got[0].ID != list[0].ID {
			t.Errorf("claimed %v", got)
		}
	})
}

func TestStreamsAreClaimedApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		a := w.Reply(link, "a code", told[0])
		a.Deliveries[0].Stream, a.Deliveries[0].Task = core.SecurityStream, ""
		accept(t, s, a)
		for range 20 {
			accept(t, s, w.Reply(link, "work", told[1]))
		}
		if list := claim(t, s, storetest.Now().Add(time.Second), 100); len(list) != 1 {
			t.Errorf("%d of the work stream, want the first of its thread", len(list))
		}
		inTx(t, s, func(ctx context.Context, tx core.Tx) error {
			list, err := tx.ClaimDeliveries(ctx, core.SecurityStream, storetest.Now().Add(time.Second), time.Minute, 10)
			if len(list) != 1 || list[0].ID != a.Deliveries[0].ID {
				t.Errorf("of the security stream: %+v", list)
			}
			return err
		})
	})
}
