package core

import (
	"context"
	"slices"
	"time"

	"planpost/mail"
)

// AwayNote is a person's out-of-office note on a task.
type AwayNote struct {
	Person ID
	// Until is the last day away, a civil date "2006-01-02", or empty when the note does not say.
	Until string
	// Deputy stands in; empty for an absence known only by a note.
	Deputy ID
	// Receipt leads to the note's page, empty for who may not see it.
	Receipt ID
	At      time.Time
}

// How long absence notes are looked for, and how long one without a date is believed.
const (
	awayKept    = 500 * 24 * time.Hour
	awayUnknown = 14 * 24 * time.Hour
)

// awayReason is the reason of receipts that are absence notes of their person.
const awayReason = "class." + string(mail.AutoAway)

// away are the people of a task who are not there now, the newest word of
// each; for those inside only, who else is away is nobody's business.
func (c *Core) away(ctx context.Context, tx Tx, a *Actor, v *TaskView) ([]AwayNote, error) {
	if !a.inside() {
		return nil, nil
	}
	now := c.Now()
	notes, err := tx.AwayNotes(ctx, v.Task.Account, v.Task.ID, now.Add(-awayKept))
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(a.Account.Zone)
	if err != nil {
		zone = time.UTC
	}
	today := now.In(zone).Format(time.DateOnly)
	told, err := absent(ctx, tx, &v.Task, today)
	if err != nil {
		return nil, err
	}
	notes = append(told, notes...) // what was said here counts more than a note in a mail
	seen := make(map[ID]bool, len(notes))
	return slices.DeleteFunc(notes, func(n AwayNote) bool {
		if seen[n.Person] {
			return true
		}
		seen[n.Person] = true
		if n.Until == "" {
			return now.Sub(n.At) > awayUnknown
		}
		return n.Until < today
	}), nil
}

// automatic ends the receipt of what a machine wrote. It becomes no comment,
// changes no task and tells nobody. A note counts as a person's absence only
// when it comes from one of his addresses.
func (d *decision) automatic(ctx context.Context, tx Tx, r *Receipt) error {
	class := d.in.Class
	r.end(Recorded, "class."+string(class.Kind), "rule", class.Rule)
	switch class.Auto {
	case mail.AutoReceived:
		r.Reason = "class." + string(mail.AutoReceived)
	case mail.AutoAway:
		return d.absence(ctx, tx, r)
	}
	return d.takeReports(ctx, tx, r)
}

// absence finds whose absence it is: who the address was given to, or, as
// RFC 3834 §4 has them answer the reverse-path, who the mail went to.
func (d *decision) absence(ctx context.Context, tx Tx, r *Receipt) error {
	person, task := r.Person, r.Task
	if person == "" && r.Delivery != "" {
		out, err := tx.FindDelivery(ctx, d.account.ID, r.Delivery)
		if err != nil && KindOf(err) != NotFound {
			return err
		}
		person, task = out.Person, out.Task
	}
	if person == "" || task == "" || len(d.in.Message.From) != 1 {
		return nil
	}
	people, err := peopleByID(ctx, tx, d.account.ID, []ID{person})
	if err != nil {
		return err
	}
	norm := d.in.Message.From[0].Norm()
	p := people[person]
	if !slices.ContainsFunc(p.Addresses, func(a PersonAddress) bool { return a.Norm == norm }) {
		return nil
	}
	r.Person, r.Task, r.Reason = person, task, awayReason
	return nil
}
