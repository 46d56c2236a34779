package mailer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
)

// outbox stands for the core: deliveries in memory, with leases and a clock of its own.
type outbox struct {
	mu       sync.Mutex
	now      time.Time
	rows     []*core.Delivery
	attempts []core.AttemptResult
	letter   func(core.Delivery) (core.Letter, error)
	letters  int
	apart    bool  // letters cannot be read together
	unsigned error // what signing comes to
	wake     chan string
	changed  chan struct{}
}

func newOutbox(n int) *outbox {
	o := &outbox{now: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), wake: make(chan string, 1), changed: make(chan struct{}, 10000), letter: letterOf}
	for i := range n {
		o.add(fmt.Sprintf("d%025d", i))
	}
	return o
}

func (o *outbox) add(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = append(o.rows, &core.Delivery{ID: core.ID(id), Account: "a", Stream: core.WorkStream, State: core.DeliveryDue, DueAt: o.now, CreatedAt: o.now})
}

func letterOf(d core.Delivery) (core.Letter, error) {
	at := d.CreatedAt
	d.Link = "l"
	return core.Letter{
		Delivery: d, Account: core.Account{ID: "a", AccountSettings: core.AccountSettings{Name: "Nordlicht Innenausbau", Zone: "Europe/Berlin"}},
		Person: core.Person{ID: "p", Name: "Élodie Moreau"}, To: mail.Address{Name: "Élodie Moreau", Local: "elodie", Domain: "out.test"}, Locale: "fr",
		Task: core.Task{ID: "t", Number: 42, Title: "Façade: échantillons"}, Project: core.Project{ID: "pr", Name: "Maison Lumière"},
		Entries: []core.LetterEntry{{Author: core.Person{Name: "Anna Berg"}, Comment: core.Comment{Text: "Bonjour Élodie, voici les plans. Votre adresse: r-token@in.test", CreatedAt: at,
			Attachments: []core.Attachment{{ID: "f", Account: "a", Name: "plan.txt", Type: "text/plain", Size: 4, Hash: "h"}}}}},
		Event: core.CommentAdded, Reasons: []string{"told"},
		From: mail.Address{Name: "Nordlicht Innenausbau", Local: "planpost", Domain: "in.test"}, ReplyTo: mail.Address{Local: "r-token", Domain: "in.test"},
		ReversePath: mail.Address{Local: "b-token", Domain: "in.test"}, MessageID: "d-" + string(d.ID) + ".mac@in.test", References: []string{"t-t@in.test"}, Date: d.SentDate,
	}, nil
}

func (o *outbox) ClaimDeliveries(_ context.Context, stream core.Stream, limit int) (list []core.Delivery, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.rows {
		if d.Stream != stream || d.State != core.DeliveryDue || d.DueAt.After(o.now) || d.LeaseUntil.After(o.now) || len(list) == limit {
			continue
		}
		d.LeaseUntil, d.LeaseToken = o.now.Add(10*time.Minute), core.NewID()
		d.Attempts++
		if d.SentDate.IsZero() {
			d.SentDate = o.now
		}
		list = append(list, *d)
	}
	return list, nil
}

func (o *outbox) Letter(_ context.Context, d core.Delivery) (core.Letter, error) {
	o.mu.Lock()
	o.letters++
	o.mu.Unlock()
	return o.letter(d)
}

func (o *outbox) Letters(ctx context.Context, list []core.Delivery) (all []core.LetterRead, err error) {
	if o.apart {
		return nil, core.Fail(core.Unavailable, "store.unavailable")
	}
	for _, d := range list {
		l, err := o.Letter(ctx, d)
		all = append(all, core.LetterRead{Letter: l, Err: err})
	}
	return all, nil
}

func (o *outbox) RecordAttempt(_ context.Context, r core.AttemptResult) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.rows {
		if d.ID != r.Delivery.ID {
			continue
		}
		if d.LeaseToken != r.Delivery.LeaseToken {
			return nil
		}
		d.State, d.Reason, d.LeaseUntil, d.LeaseToken = r.State, r.Reason, time.Time{}, ""
		if r.State == core.DeliveryDue {
			d.DueAt = r.RetryAt
		}
		if r.Uncounted {
			d.Attempts--
		}
	}
	o.attempts = append(o.attempts, r)
	o.changed <- struct{}{}
	return nil
}

// Sign names the domain and the time in a field of its own.
func (o *outbox) Sign(_ context.Context, domain string, _ []byte, at time.Time) ([]byte, error) {
	if o.unsigned != nil {
		return nil, o.unsigned
	}
	return fmt.Appendf(nil, "X-Signed: %s %s\r\n", domain, at.UTC().Format(time.RFC3339)), nil
}

func (o *outbox) SealCaptured(_ *core.Letter, raw []byte) ([]byte, error) {
	return append([]byte("sealed:"), raw...), nil
}

func (o *outbox) NextDue(_ context.Context, stream core.Stream, after time.Time) (at time.Time, ok bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.rows {
		if d.Stream == stream && d.State == core.DeliveryDue && d.DueAt.After(after) && (!ok || d.DueAt.Before(at)) {
			at, ok = d.DueAt, true
		}
	}
	return at, ok, nil
}

func (o *outbox) Wake() <-chan string { return o.wake }

func (o *outbox) Now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

// pass lets time go by and wakes the mailer.
func (o *outbox) pass(d time.Duration) {
	o.mu.Lock()
	o.now = o.now.Add(d)
	o.mu.Unlock()
	select {
	case o.wake <- "mailer":
	default:
	}
}

func (o *outbox) row(i int) core.Delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.rows[i]
}

func (o *outbox) last() core.AttemptResult {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.attempts[len(o.attempts)-1]
}

// memory are attachments in memory, by hash.
type memory map[string]string

func (f memory) Open(_ context.Context, _ core.ID, hash string) (io.ReadSeekCloser, error) {
	s, ok := f[hash]
	if !ok {
		return nil, core.Fail(core.NotFound, "file.missing")
	}
	return nopCloser{bytes.NewReader([]byte(s))}, nil
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// transport is a Transport as a function that remembers what it was given.
type transport struct {
	mu   sync.Mutex
	got  []Outgoing
	send func(ctx context.Context, n int) Outcome
}

func (t *transport) Send(ctx context.Context, out Outgoing) Outcome {
	t.mu.Lock()
	t.got = append(t.got, out)
	n := len(t.got)
	t.mu.Unlock()
	return t.send(ctx, n)
}

func (t *transport) mails() []Outgoing {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Outgoing(nil), t.got...)
}

func outcome(o Outcome) *transport {
	return &transport{send: func(context.Context, int) Outcome { return o }}
}

func mailerFor(o *outbox, tr Transport) *Mailer {
	m := New(Config{Workers: 3, Grace: 50 * time.Millisecond}, Parts{Core: o, Files: memory{"h": "file"}, Transport: tr})
	m.spread = func() float64 { return 0.5 } // no jitter
	return m
}

// idle lets the mailer do all that is due.
func idle(t *testing.T, m *Mailer) {
	t.Helper()
	if err := m.UntilIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
}
