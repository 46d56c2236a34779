package core

import (
	"context"

	"planpost/core/access"
)

// changeComment does one thing to a comment for who may do the action.
func (c *Core) changeComment(ctx context.Context, a *Actor, id ID, action access.Action, change func(Tx, *Comment) error) (t Task, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		cm, err := tx.FindComment(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, action, Object{"comment", id}); err != nil {
			return err
		}
		if cm.Change != "" {
			return Fail(Conflict, "comment.system")
		}
		if err := change(tx, &cm); err != nil {
			return err
		}
		t, err = tx.FindTask(ctx, a.Account.ID, cm.Task)
		return err
	})
	if err == nil {
		c.changed(&t)
	}
	return t, err
}

// HideComment keeps a comment from people from outside. What was mailed to
// them stays mailed; what waits is asked about again when it is sent.
func (c *Core) HideComment(ctx context.Context, a *Actor, id ID) (Task, error) {
	return c.changeComment(ctx, a, id, "comment.set_hidden", func(tx Tx, cm *Comment) error {
		if cm.Hidden {
			return nil
		}
		cm.Hidden = true
		if err := tx.UpdateComment(ctx, cm); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "comment.set_hidden", Object{"comment", id}, []Change{{"hidden", "false", "true"}}, "task", string(cm.Task))
	})
}

// CommentReaders gives a hidden comment, its task, and who from outside would
// read it if it were published: what PublishComment wants to have been seen.
func (c *Core) CommentReaders(ctx context.Context, a *Actor, id ID) (cm Comment, t Task, readers []Person, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if cm, err = tx.FindComment(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "comment.publish", Object{"comment", id}); err != nil {
			return err
		}
		if !cm.Hidden {
			return Fail(Conflict, "comment.not_hidden")
		}
		if t, err = tx.FindTask(ctx, a.Account.ID, cm.Task); err != nil {
			return err
		}
		readers, err = c.readersOutside(ctx, tx, &t, nil)
		return err
	})
	return cm, t, readers, err
}

// readersOutside are those from outside who may read what is public in a task,
// without those who are known already.
func (c *Core) readersOutside(ctx context.Context, tx Tx, t *Task, known []ID) (readers []Person, err error) {
	people, err := tx.FindPeople(ctx, t.Account, t.Related())
	if err != nil {
		return nil, err
	}
	company, err := companyOf(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	if company != "" {
		contacts, err := tx.SeersOf(ctx, t.Account, company)
		if err != nil {
			return nil, err
		}
		people = append(people, contacts...)
	}
	seen := make(map[ID]bool, len(known)+len(people))
	for _, id := range known {
		seen[id] = true
	}
	for _, p := range people {
		if p.Staff() || seen[p.ID] {
			continue
		}
		seen[p.ID] = true
		found, err := tx.ListTasks(ctx, Viewer{Account: t.Account, Person: dashboard(p)}, TaskFilter{Number: t.Number, Status: "any", Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			readers = append(readers, p)
		}
	}
	return readers, nil
}

// PublishComment shows a hidden comment to people from outside. Conflict
// "comment.readers" when somebody would read it who is not among seen.
func (c *Core) PublishComment(ctx context.Context, a *Actor, id ID, seen []ID) (Task, error) {
	return c.changeComment(ctx, a, id, "comment.publish", func(tx Tx, cm *Comment) error {
		if !cm.Hidden {
			return Fail(Conflict, "comment.not_hidden")
		}
		t, err := tx.FindTask(ctx, a.Account.ID, cm.Task)
		if err != nil {
			return err
		}
		unseen, err := c.readersOutside(ctx, tx, &t, seen)
		if err != nil {
			return err
		}
		if len(unseen) > 0 {
			return Fail(Conflict, "comment.readers")
		}
		cm.Hidden = false
		if err := tx.UpdateComment(ctx, cm); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "comment.publish", Object{"comment", id}, []Change{{"hidden", "true", "false"}}, "task", string(cm.Task))
	})
}

// DeleteComment puts a comment into the bin.
func (c *Core) DeleteComment(ctx context.Context, a *Actor, id ID) (Task, error) {
	return c.changeComment(ctx, a, id, "comment.delete", func(tx Tx, cm *Comment) error {
		return c.toBin(ctx, tx, a, "comment.delete", Object{"comment", id})
	})
}
