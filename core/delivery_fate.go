package core

import (
	"context"
	"time"
)

// DeliveryFate is what became of a mail once it was handed over. Times are zero for what did not happen, or
// nobody knows of.
type DeliveryFate struct {
	// OpenedAt is when a person first opened a page by a link of the mail, or, inside, saw what it tells of.
	OpenedAt time.Time
	// AnsweredAt is when the first answer to it came by mail, and Answer the comment that it became.
	AnsweredAt time.Time
	Answer     ID
}

// fate reads what became of a mail. attempts are its own.
func (c *Core) fate(ctx context.Context, tx Tx, d *Delivery, attempts []Attempt) (f DeliveryFate, err error) {
	var sent time.Time
	address := ""
	for _, t := range attempts {
		if t.Address != "" && (sent.IsZero() || t.StartedAt.Before(sent)) {
			sent, address = t.StartedAt, t.Address
		}
	}
	if sent.IsZero() {
		return f, nil
	}
	if f.OpenedAt, err = c.openedAt(ctx, tx, d, address, sent); err != nil || d.Task == "" {
		return f, err
	}
	f.Answer, f.AnsweredAt, err = tx.AnswerTo(ctx, d.Account, d.Task, d.Person, c.keys.MessageIDOf(d.ID, c.cfg.MailDomain))
	return f, err
}

func (c *Core) openedAt(ctx context.Context, tx Tx, d *Delivery, address string, sent time.Time) (first time.Time, err error) {
	earlier := func(at time.Time) {
		if !at.Before(sent) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	notes, err := tx.NotificationsOf(ctx, d.Account, d.ID)
	if err != nil {
		return first, err
	}
	for _, n := range notes {
		if n.Page {
			earlier(n.ReadAt)
		}
	}
	link := d.Link
	if d.Kind == TaskLetter && d.Task != "" {
		l, _, err := tx.FindLinkOf(ctx, ThreadLink, d.Person, d.Task, address)
		if err != nil {
			return first, err
		}
		link = l.ID
	}
	if link == "" {
		return first, nil
	}
	visits, err := tx.LinkVisits(ctx, d.Account, link, eventsShown)
	for _, v := range visits {
		if v.Class == VisitPerson {
			earlier(v.At)
		}
	}
	return first, err
}
