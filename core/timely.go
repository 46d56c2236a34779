package core

import (
	"context"
	"errors"
	"time"
)

// Reasons why a mail of work does not go now.
const (
	reasonHours  = "delivery.hours"  // it waits for its reader's working hours
	reasonDigest = "delivery.digest" // it has joined the digest
)

// timely asks whether a mail of work may come now: it waits for its reader's
// working hours; and who got many in the last hour is told of the rest in a digest,
// but of what is addressed to him. A repeat is the same mail and comes when it comes.
func (c *Core) timely(ctx context.Context, tx Tx, l *Letter) error {
	if l.Delivery.Stream == SecurityStream || !l.Staff || l.Delivery.Attempts > 1 {
		return nil
	}
	mine, err := l.tasteOf(ctx, tx)
	if err != nil {
		return err
	}
	now := c.Now()
	if at := mine.open(now); at.After(now) {
		return Fail(Conflict, reasonHours, "until", at.UTC().Format(time.RFC3339))
	}
	most := l.Account.MailsAnHour
	if most == 0 || l.Delivery.Kind != TaskLetter || l.addressed() {
		return nil
	}
	n, err := tx.SentSince(ctx, l.Person.ID, now.Add(-time.Hour), most)
	if err == nil && n >= most {
		err = Fail(Conflict, reasonDigest)
	}
	return err
}

// addressed tells whether a mail is for its reader by name: a word to him, a task of his, a decision that waits for him.
func (l *Letter) addressed() bool {
	if len(l.Held) > 0 || l.Task.ID == "" {
		return true
	}
	kind, _ := eventKind(l.Event)
	for _, r := range l.Reasons {
		if r == "told" {
			return true
		}
	}
	return kind.Personal
}

// Postponed tells until when a mail that Letters refused waits for its reader.
func Postponed(err error) (until time.Time, ok bool) {
	var e *Error
	if !errors.As(err, &e) || e.Code != reasonHours || len(e.Params) < 2 {
		return until, false
	}
	until, err = time.Parse(time.RFC3339, e.Params[1])
	return until, err == nil
}

// joinDigest lets the digest of its reader tell of what a mail was to tell.
func (c *Core) joinDigest(ctx context.Context, tx Tx, d *Delivery) error {
	p, err := tx.FindPerson(ctx, d.Account, d.Person)
	if err != nil {
		return err
	}
	account, err := tx.FindAccount(ctx, d.Account)
	if err != nil {
		return err
	}
	all, err := tastes(ctx, tx, d.Account, []*Person{&p})
	if err != nil {
		return err
	}
	var rhythm *Rhythm
	if mine := all[p.ID]; mine != nil {
		rhythm = mine.rhythm
	}
	now := c.Now()
	join := Delivery{ID: NewID(), Account: d.Account, Person: d.Person, State: DeliveryDue, CreatedAt: now}
	join.gatherIn(rhythm.nextDigest(now, zoneOf(&p, &account)))
	if err := tx.CreateDelivery(ctx, &join); err != nil {
		return err
	}
	return tx.MoveNotifications(ctx, d.Account, d.ID, join.ID)
}
