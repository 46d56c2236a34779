package core

import (
	"context"
	"slices"
)

// AddVisit plans a visit for a task, by the task's number: who plans the rounds
// need not see the task.
func (c *Core) AddVisit(ctx context.Context, a *Actor, number int64, n NewVisit) (v Visit, err error) {
	if err := n.times(); err != nil {
		return v, err
	}
	err = c.inTxAndWake(ctx, func(tx Tx) error {
		t, err := tx.FindTaskByNumber(ctx, a.Account.ID, number)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "visit.manage", Object{"task", t.ID}); err != nil {
			return err
		}
		if Closed(t.Status) {
			return Fail(Conflict, "visit.task_closed")
		}
		now := tx.Now()
		v = Visit{ID: NewID(), Account: t.Account, Task: t.ID, Person: n.Person, Day: n.Day, From: n.From, Until: n.Until, State: VisitPlanned,
			Note: c.redact(body(n.Note)), CreatedBy: a.Person.ID, CreatedAt: now, UpdatedAt: now}
		if err := c.checkResource(ctx, tx, t.Account, n.Person); err != nil {
			return err
		}
		if err := tx.CreateVisit(ctx, &v); err != nil {
			return err
		}
		if err := c.tellVisit(ctx, tx, a, &v, nil, n.Tell); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "visit.add", v.object(), v.changesOf(&Visit{}), "task", string(t.ID))
	})
	if err == nil {
		c.bus.Publish(TaskTopic(v.Task))
		c.tellPages(append(n.Tell, v.Person))
	}
	return v, err
}

// MoveVisit gives a planned visit another time, resource or note.
func (c *Core) MoveVisit(ctx context.Context, a *Actor, id ID, n NewVisit) (Visit, error) {
	if err := n.times(); err != nil {
		return Visit{}, err
	}
	return c.changeVisit(ctx, a, id, "visit.move", n.Tell, func(tx Tx, v *Visit) error {
		if n.Person != v.Person {
			if err := c.checkResource(ctx, tx, v.Account, n.Person); err != nil {
				return err
			}
		}
		v.Person, v.Day, v.From, v.Until, v.Note = n.Person, n.Day, n.From, n.Until, c.redact(body(n.Note))
		return nil
	})
}

// CancelVisit calls a planned visit off; tell are outsiders who are mailed too.
func (c *Core) CancelVisit(ctx context.Context, a *Actor, id ID, tell []ID) (Visit, error) {
	return c.changeVisit(ctx, a, id, "visit.cancel", tell, func(_ Tx, v *Visit) error {
		v.State = VisitCancelled
		return nil
	})
}

// FinishVisit says that a visit took place.
func (c *Core) FinishVisit(ctx context.Context, a *Actor, id ID) (Visit, error) {
	return c.changeVisit(ctx, a, id, "visit.done", nil, func(_ Tx, v *Visit) error {
		v.State = VisitDone
		return nil
	})
}

// changeVisit changes one planned visit and tells whom it concerns.
func (c *Core) changeVisit(ctx context.Context, a *Actor, id ID, code string, tell []ID, change func(Tx, *Visit) error) (v Visit, err error) {
	var was Visit
	err = c.inTxAndWake(ctx, func(tx Tx) error {
		if v, err = c.manageable(ctx, tx, a, id); err != nil {
			return err
		}
		was = v
		if err := change(tx, &v); err != nil {
			return err
		}
		if was == v && len(tell) == 0 {
			return nil
		}
		if err := c.writeVisit(ctx, tx, a, &v, &was, tell); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, code, v.object(), v.changesOf(&was), "task", string(v.Task))
	})
	if err == nil {
		c.bus.Publish(TaskTopic(v.Task))
		c.tellPages(append(tell, v.Person, was.Person))
	}
	return v, err
}

// manageable finds a visit that the actor may change and that is still to come.
func (c *Core) manageable(ctx context.Context, tx Tx, a *Actor, id ID) (Visit, error) {
	v, err := tx.FindVisit(ctx, a.Account.ID, id)
	if err != nil {
		return v, err
	}
	if err := c.require(ctx, tx, a, "visit.manage", v.object()); err != nil {
		return v, err
	}
	if v.State != VisitPlanned {
		return v, Fail(Conflict, "visit.over")
	}
	return v, nil
}

// writeVisit writes what is other than it was. Its sequence rises with what a
// calendar shows (RFC 5546 §2.1.4).
func (c *Core) writeVisit(ctx context.Context, tx Tx, a *Actor, v, was *Visit, tell []ID) error {
	if v.Day != was.Day || v.From != was.From || v.Until != was.Until || v.State != was.State || v.Person != was.Person {
		v.Sequence++
	}
	v.UpdatedAt = tx.Now()
	if err := tx.UpdateVisit(ctx, v); err != nil {
		return err
	}
	return c.tellVisit(ctx, tx, a, v, was, tell)
}

// AssignVisits gives planned visits to somebody, or to nobody when to is empty,
// all of them or none (U10).
func (c *Core) AssignVisits(ctx context.Context, a *Actor, ids []ID, to ID) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 {
		return Fail(Invalid, "visit.none")
	}
	var tasks, heard []ID
	err := c.inTxAndWake(ctx, func(tx Tx) error {
		tasks, heard = nil, []ID{to}
		if err := c.checkResource(ctx, tx, a.Account.ID, to); err != nil {
			return err
		}
		for _, id := range ids {
			v, err := c.manageable(ctx, tx, a, id)
			if err != nil {
				return err
			}
			was := v
			if err := c.giveVisit(ctx, tx, a, &v, to); err != nil {
				return err
			}
			if err := c.noteChanges(ctx, tx, a, "visit.assign", v.object(), v.changesOf(&was), "task", string(v.Task)); err != nil {
				return err
			}
			tasks, heard = append(tasks, v.Task), append(heard, was.Person)
		}
		return nil
	})
	c.tellPages(heard)
	for _, t := range tasks {
		c.bus.Publish(TaskTopic(t))
	}
	return err
}

// giveVisit writes another resource and mails both.
func (c *Core) giveVisit(ctx context.Context, tx Tx, a *Actor, v *Visit, to ID) error {
	if v.Person == to {
		return nil
	}
	was := *v
	v.Person = to
	return c.writeVisit(ctx, tx, a, v, &was, nil)
}

// checkResource takes nobody, or somebody of the staff who works here.
func (c *Core) checkResource(ctx context.Context, tx Tx, account, person ID) error {
	if person == "" {
		return nil
	}
	p, err := tx.FindPerson(ctx, account, person)
	if err != nil || !p.Staff() || p.Status != Active && p.Status != Pending || !p.BlockedAt.IsZero() {
		return firstError(err, Fail(Invalid, "visit.person"))
	}
	return nil
}
