package core

import (
	"context"
	"time"

	"planpost/core/access"
)

// BinItem is something that lies in the bin.
type BinItem struct {
	// Object's kind is project, plan, task, comment, attachment, company or person.
	Object Object
	// Title is what it is called; Number that of the task, of a comment and a file too.
	Title  string
	Number int64
	// Maker is who made it, empty when nobody is known.
	Maker         ID
	DeletedAt     time.Time
	DeletedBy     ID
	DeletedByName string
}

// BinFilter narrows the bin, which is ordered by when things came there, latest first.
type BinFilter struct {
	// Of narrows to what this person made or put there.
	Of ID
	// Object finds one thing.
	Object Object
	// Before continues behind the thing that came there then.
	Before   time.Time
	BeforeID ID
	Limit    int
}

// BinTx reads and writes what lies in the bin.
type BinTx interface {
	// SetBin puts the object into the bin; the zero time takes it out again.
	SetBin(ctx context.Context, account ID, o Object, at time.Time, by ID) error
	ListBin(ctx context.Context, account ID, f BinFilter) ([]BinItem, error)
}

// toBin puts an object into the bin for who may do the action, and stops the
// mail that waits to speak of it. Relations stay, so that it can come back whole.
func (c *Core) toBin(ctx context.Context, tx Tx, a *Actor, action access.Action, o Object, extra ...access.Fact) error {
	if err := c.require(ctx, tx, a, action, o, extra...); err != nil {
		return err
	}
	if o.Kind == "person" { // nobody writes to the card, chooses it or signs in with it
		p, err := tx.FindPerson(ctx, a.Account.ID, o.ID)
		if err != nil {
			return err
		}
		p.Status = Deleted
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
	}
	if err := tx.SetBin(ctx, a.Account.ID, o, tx.Now(), a.Person.ID); err != nil {
		return err
	}
	waiting := EndFilter{Account: a.Account.ID}
	switch o.Kind {
	case "project":
		waiting.Project = o.ID
	case "task":
		waiting.Task = o.ID
	}
	if waiting.Project != "" || waiting.Task != "" { // a mail about a comment may speak of others too; it asks when it is sent
		if _, err := tx.EndDeliveries(ctx, waiting, "delivery.in_bin", tx.Now()); err != nil {
			return err
		}
	}
	return c.note(ctx, tx, a, string(action), o)
}

// DeleteProject puts a project into the bin, with all that belongs to it. Only
// its owner may (P3); who must do it otherwise transfers it first, which is logged.
func (c *Core) DeleteProject(ctx context.Context, a *Actor, id ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		if _, err := tx.FindProject(ctx, a.Account.ID, id); err != nil {
			return err
		}
		return c.toBin(ctx, tx, a, "project.delete", Object{"project", id})
	})
	c.projectChanged(a, err)
	return err
}

// projectChanged tells open pages, unless nothing happened.
func (c *Core) projectChanged(a *Actor, err error) {
	if err == nil {
		c.bus.Publish(TasksTopic(a.Account.ID))
	}
}

// Bin lists what lies in the bin, to who may see it: everything, or what they
// made or put there.
func (c *Core) Bin(ctx context.Context, a *Actor, f BinFilter) (list []BinItem, err error) {
	f.Limit = pageSize(f.Limit)
	err = c.store.View(ctx, func(tx Tx) error {
		all, err := c.may(ctx, tx, a, "bin.view", Object{})
		if err != nil {
			return err
		}
		if all.Allowed {
			list, err = tx.ListBin(ctx, a.Account.ID, f)
			return err
		}
		if err := c.require(ctx, tx, a, "bin.view", Object{}, access.DelBy); err != nil {
			return err
		}
		f.Of = a.Person.ID
		found, err := tx.ListBin(ctx, a.Account.ID, f)
		if err != nil {
			return err
		}
		list = nil
		for i := range found { // who is blocked in a project sees nothing of it here either
			ans, err := c.may(ctx, tx, a, "bin.view", found[i].Object, found[i].facts(a)...)
			if err != nil {
				return err
			}
			if ans.Allowed {
				list = append(list, found[i])
			}
		}
		return nil
	})
	return list, err
}

// facts are what the thing and the actor have to do with each other.
func (i *BinItem) facts(a *Actor) []access.Fact {
	me := a.Person.ID
	return access.FactsOf().When(me != "" && i.Maker == me, access.Mine).When(me != "" && i.DeletedBy == me, access.DelBy).List()
}

// Restore takes something out of the bin, with its relations as they were. What
// people may do with it is asked anew, as always.
func (c *Core) Restore(ctx context.Context, a *Actor, o Object) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		found, err := tx.ListBin(ctx, a.Account.ID, BinFilter{Object: o, Limit: 1})
		if err != nil {
			return err
		}
		if len(found) == 0 || o.ID == "" {
			return Fail(NotFound, "not_found")
		}
		if err := c.requireBin(ctx, tx, a, "bin.restore", &found[0]); err != nil {
			return err
		}
		if err := restorable(ctx, tx, a.Account.ID, o); err != nil {
			return err
		}
		if err := tx.SetBin(ctx, a.Account.ID, o, time.Time{}, ""); err != nil {
			return err
		}
		if o.Kind == "person" {
			if err := revive(ctx, tx, a.Account.ID, o.ID); err != nil {
				return err
			}
		}
		return c.note(ctx, tx, a, "bin.restore", o, "kind", o.Kind, "title", cut(oneLine(found[0].Title), 80))
	})
	c.projectChanged(a, err)
	return err
}

// requireBin asks for a thing in the bin. Who may not see it there is told of nothing.
func (c *Core) requireBin(ctx context.Context, tx Tx, a *Actor, action access.Action, i *BinItem) error {
	ans, err := c.may(ctx, tx, a, action, i.Object, i.facts(a)...)
	if err != nil || ans.Allowed {
		return err
	}
	return Fail(NotFound, "not_found")
}

// restorable refuses what would stay in the bin with what it belongs to.
func restorable(ctx context.Context, tx Tx, account ID, o Object) error {
	task := o.ID
	comment := o.ID
	switch o.Kind {
	case "task":
	case "plan":
		p, err := tx.FindPlan(ctx, account, o.ID)
		if err != nil {
			return err
		}
		return restorableIn(ctx, tx, account, p.Project)
	case "attachment":
		att, err := tx.FindAttachment(ctx, account, o.ID)
		if err != nil {
			return err
		}
		comment = att.Comment
		fallthrough
	case "comment":
		cm, err := tx.FindComment(ctx, account, comment)
		if err != nil {
			return err
		}
		if o.Kind == "attachment" && !cm.DeletedAt.IsZero() {
			return Fail(Conflict, "bin.comment_first")
		}
		task = cm.Task
	default:
		return nil
	}
	t, err := tx.FindTask(ctx, account, task)
	if err != nil {
		return err
	}
	if o.Kind != "task" && !t.DeletedAt.IsZero() {
		return Fail(Conflict, "bin.task_first", "title", t.Title)
	}
	return restorableIn(ctx, tx, account, t.Project)
}

// restorableIn refuses what would stay in the bin with its project.
func restorableIn(ctx context.Context, tx Tx, account, project ID) error {
	if project == "" {
		return nil
	}
	p, err := tx.FindProject(ctx, account, project)
	if err == nil && !p.DeletedAt.IsZero() {
		err = Fail(Conflict, "bin.project_first", "title", p.Name)
	}
	return err
}

// revive lets people write to a contact again and choose it.
func revive(ctx context.Context, tx Tx, account, id ID) error {
	p, err := tx.FindPerson(ctx, account, id)
	if err != nil || p.Status != Deleted {
		return err
	}
	p.Status = Active
	return tx.UpdatePerson(ctx, &p)
}
