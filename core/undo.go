package core

import (
	"context"
	"slices"
	"time"
)

// Mail to people outside waits a little before it leaves, so that who wrote to
// the wrong one can take it back. Security mail never waits.

// reasonUndone is why a mail that was taken back did not leave.
const reasonUndone = "delivery.undone"

// waits tells whether a mail has not been begun and can be taken back.
func (d *Delivery) waits(now time.Time) bool {
	return d.State == DeliveryDue && !d.Gather && d.Attempts == 0 && d.Stream != SecurityStream && d.DueAt.After(now)
}

// undoable counts the mails of a comment to people outside that can be taken back.
func (cv *CommentView) undoable(people map[ID]Person, now time.Time) {
	for i := range cv.Sent {
		d := &cv.Sent[i].Delivery
		if p := people[d.Person]; p.ID == "" || p.Staff() || !d.waits(now) {
			continue
		}
		cv.Undoable++
		if d.DueAt.After(cv.LeavesAt) {
			cv.LeavesAt = d.DueAt
		}
	}
}

// UndoMail takes back the mails of a comment to people outside that have not
// left, and tells how many. Conflict "undo.late" when all have.
func (c *Core) UndoMail(ctx context.Context, a *Actor, comment ID) (t Task, n int, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		n = 0
		cm, err := tx.FindComment(ctx, a.Account.ID, comment)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, viewComment(&cm), Object{"comment", cm.ID}); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "delivery.cancel", Object{"comment", comment}); err != nil {
			return err
		}
		if t, err = tx.FindTask(ctx, a.Account.ID, cm.Task); err != nil {
			return err
		}
		list, err := tx.ListDeliveries(ctx, a.Account.ID, DeliveryFilter{Comment: comment, State: DeliveryDue, Limit: 1000})
		if err != nil {
			return err
		}
		for i := range list {
			d := &list[i].Delivery
			p, err := tx.FindPerson(ctx, a.Account.ID, d.Person)
			if err != nil {
				return err
			}
			if p.Staff() || !d.waits(c.Now()) {
				continue
			}
			done, err := tx.SetDeliveryState(ctx, a.Account.ID, d.ID, DeliveryCancelled, reasonUndone, c.Now())
			if err != nil {
				return err
			}
			if done {
				n++
			}
		}
		if n == 0 {
			return Fail(Conflict, "undo.late")
		}
		return c.note(ctx, tx, a, "delivery.cancel", Object{"comment", comment}, "task", string(cm.Task), "mails", itoa(int64(n)))
	})
	if err == nil {
		c.changed(&t)
		c.bus.Publish(OutboxTopic(a.Account.ID))
	}
	return t, n, err
}

// undoFor is the account's UndoSeconds where somebody outside is told.
func undoFor(ctx context.Context, tx Tx, account ID, people []*Person) (int, error) {
	if !slices.ContainsFunc(people, func(p *Person) bool { return !p.Staff() }) {
		return -1, nil
	}
	a, err := tx.FindAccount(ctx, account)
	return a.UndoSeconds, err
}

// undoOf is how long mail to people outside waits.
func (c *Core) undoOf(seconds int) time.Duration {
	if seconds < 0 {
		return c.cfg.Undo
	}
	return time.Duration(seconds) * time.Second
}
