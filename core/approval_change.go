package core

import (
	"context"
	"slices"
	"time"
)

// changeApproval is the frame of what changes a request that waits.
func (c *Core) changeApproval(ctx context.Context, a *Actor, approval ID, change func(tx Tx, o *asking) error) (p Plan, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		o, err := c.askingOf(ctx, tx, a.Account.ID, approval)
		if err != nil {
			return err
		}
		p = o.Plan
		return change(tx, &o)
	})
	c.plansChanged(a, err)
	if err == nil {
		c.wakeMailer()
	}
	return p, err
}

// WithdrawApproval takes a request back: nobody is asked any more, the index
// stays in review and can be asked for anew.
func (c *Core) WithdrawApproval(ctx context.Context, a *Actor, approval ID) (Plan, error) {
	return c.changeApproval(ctx, a, approval, func(tx Tx, o *asking) error {
		if err := c.require(ctx, tx, a, "approval.withdraw", o.Approval.object()); err != nil {
			return err
		}
		o.Approval.State, o.EndedAt = ApprovalWithdrawn, tx.Now()
		if err := c.endApproval(ctx, tx, &o.Approval); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "approval.withdrawn", o.Approval.object(), "name", o.Plan.Name(), "index", o.Version.Index)
	})
}

// remindAgain is how soon somebody can be reminded by hand again.
const remindAgain = time.Hour

// RemindApproval asks all who have not said anything once more, and tells how
// many. Whom the mail did not reach is asked at the address he has now.
func (c *Core) RemindApproval(ctx context.Context, a *Actor, approval ID) (p Plan, n int, err error) {
	p, err = c.changeApproval(ctx, a, approval, func(tx Tx, o *asking) error {
		n = 0
		if err := c.require(ctx, tx, a, "approval.remind", o.Approval.object()); err != nil {
			return err
		}
		if o.Approval.State != ApprovalWaiting {
			return Fail(Conflict, "approval.ended")
		}
		if ok, wait := c.limiter.Allow(ctx, "approvalremind:"+string(approval), 1, remindAgain); !ok {
			return limited("approval.reminded", wait)
		}
		for i := range o.Approvers {
			r := &o.Approvers[i]
			if !r.waits() || approvedFor(r.place(), o.Approvers) {
				continue
			}
			was := r.State
			r.State = ApprovalWaiting
			if err := c.askApprover(ctx, tx, &o.Approval, r, askedAgain); err != nil {
				return err
			}
			if err := tx.SetApprover(ctx, r, was); err != nil {
				return err
			}
			n++
		}
		return c.note(ctx, tx, a, "approval.remind", o.Approval.object(), "name", o.Plan.Name(), "index", o.Version.Index)
	})
	return p, n, err
}

// askable are who can be asked about an index, but for those who were.
func (c *Core) askable(ctx context.Context, tx Tx, p *Plan, author ID, of []Approver) (list []Person, err error) {
	able, err := approversOf(ctx, tx, p.Account, p.Project)
	if err != nil {
		return nil, err
	}
	for _, id := range able {
		if id == author || slices.ContainsFunc(of, func(r Approver) bool { return r.Person == id }) {
			continue
		}
		switch err := c.mayApprove(ctx, tx, p, id); {
		case KindOf(err) == Invalid:
			continue
		case err != nil:
			return nil, err
		}
		person, err := tx.FindPerson(ctx, p.Account, id)
		if err != nil {
			return nil, err
		}
		list = append(list, person)
	}
	return list, nil
}

// SubstituteApprover asks another to decide in the actor's place. Either can
// then; what the substitute says counts as said by who was chosen.
func (c *Core) SubstituteApprover(ctx context.Context, a *Actor, approval, person ID) (Plan, error) {
	return c.changeApproval(ctx, a, approval, func(tx Tx, o *asking) error {
		if err := c.require(ctx, tx, a, "approval.set_substitute", o.Approval.object()); err != nil {
			return err
		}
		if err := c.open(ctx, tx, o, a); err != nil {
			return err
		}
		able, err := c.askable(ctx, tx, &o.Plan, o.Version.Author, o.Approvers)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(able, func(p Person) bool { return p.ID == person })
		if i < 0 {
			return Fail(Invalid, "approval.substitute")
		}
		mine, _ := o.of(a.Person.ID)
		r := Approver{Account: o.Approval.Account, Approval: approval, Person: person, SubstituteOf: mine.place(), State: ApprovalWaiting}
		if err := c.askApprover(ctx, tx, &o.Approval, &r, askedFirst); err != nil {
			return err
		}
		if err := tx.AddApprover(ctx, &r); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "approval.substitute", o.Approval.object(), "name", o.Plan.Name(), "index", o.Version.Index, "person", able[i].Name)
	})
}

// approvalReminders are the days after which who has not decided is reminded;
// after the last nothing more is sent (AP6).
var approvalReminders = []int{2, 5, 10}

// RemindApprovers reminds of requests that wait. It is a duty.
func (c *Core) RemindApprovers(ctx context.Context) error {
	after := ID("")
	const page = 100
	for {
		var list []Approval
		err := c.store.InTx(ctx, func(tx Tx) (err error) {
			now := c.Now()
			if list, err = tx.WaitingApprovals(ctx, now.AddDate(0, 0, -approvalReminders[0]), after, page); err != nil {
				return err
			}
			for i := range list {
				if err := c.remindOf(ctx, tx, &list[i], now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(list) > 0 {
			c.wakeMailer()
			after = list[len(list)-1].ID
		}
		if len(list) < page {
			return nil
		}
	}
}

// remindOf owes the reminder that is due; after a long standstill one, not all.
func (c *Core) remindOf(ctx context.Context, tx Tx, ap *Approval, now time.Time) error {
	due := 0
	for _, days := range approvalReminders {
		if !now.Before(ap.CreatedAt.AddDate(0, 0, days)) {
			due++
		}
	}
	of, err := tx.Approvers(ctx, ap.Account, ap.ID)
	if err != nil {
		return err
	}
	for i := range of {
		r := &of[i]
		if r.State != ApprovalWaiting || r.Reminded >= due || approvedFor(r.place(), of) {
			continue
		}
		r.Reminded = due
		if err := c.askApprover(ctx, tx, ap, r, askedAgain); err != nil {
			return err
		}
		if err := tx.SetApprover(ctx, r, ApprovalWaiting); err != nil {
			return err
		}
	}
	return nil
}

// NoteUndelivered marks those whom the mail that asks did not reach, and tells
// who asked. It is a duty, run several times a minute.
func (c *Core) NoteUndelivered(ctx context.Context) error {
	const page = 100
	for {
		n := 0
		err := c.store.InTx(ctx, func(tx Tx) error {
			list, err := tx.UndeliveredApprovers(ctx, page)
			if err != nil {
				return err
			}
			n = len(list)
			for i := range list {
				if err := c.undelivered(ctx, tx, &list[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n == 0 {
			return err
		}
		c.wakeMailer()
	}
}

func (c *Core) undelivered(ctx context.Context, tx Tx, r *Approver) error {
	o, err := c.askingOf(ctx, tx, r.Account, r.Approval)
	if err != nil {
		return err
	}
	p, err := tx.FindPerson(ctx, r.Account, r.Person)
	if err != nil {
		return err
	}
	r.State = NotDelivered
	if err := tx.SetApprover(ctx, r, ApprovalWaiting); err != nil {
		return err
	}
	return c.tellOfApproval(ctx, tx, r.Person, &o, "plan.undelivered", "who", p.Name, "address", p.Address().Mailbox())
}
