package core

import (
	"context"
	"time"
)

// OfferedTemplates are those the actor can make a task from: everything for
// those inside, for others what is meant for them. Only names and IDs are filled.
func (c *Core) OfferedTemplates(ctx context.Context, a *Actor) (list []TaskTemplate, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "task.create", Object{}); err != nil {
			return err
		}
		all, err := tx.ListTemplates(ctx, a.Account.ID)
		list = nil
		for i := range all {
			if t := &all[i]; a.inside() || t.Outside {
				list = append(list, TaskTemplate{ID: t.ID, Account: t.Account, Name: t.Name})
			}
		}
		return err
	})
	return list, err
}

// DraftTask is a task as a template begins it: what the actor can still change
// before it is made. Its project follows the order template, filter, first
// available, none (X20); the first available counts for people from outside,
// who often do not know one. Both template and filter may be empty.
func (c *Core) DraftTask(ctx context.Context, a *Actor, template, filter ID) (n NewTask, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "task.create", Object{}); err != nil {
			return err
		}
		n = NewTask{Visibility: VisibleParticipants}
		t, err := c.offered(ctx, tx, a, template)
		if err != nil {
			return err
		}
		n.Title, n.Description, n.DueDate = t.Title, t.Description, c.dueIn(a, t.DueDays)
		if a.inside() && template != "" {
			n.Visibility = t.Visibility
			if err := whoStayed(ctx, tx, &t, &n); err != nil {
				return err
			}
		}
		n.Project, err = c.firstOf(ctx, tx, a, t.Project, filter)
		return err
	})
	return n, err
}

// offered is the template that the actor asks for; the zero one when he asks for none.
func (c *Core) offered(ctx context.Context, tx Tx, a *Actor, id ID) (TaskTemplate, error) {
	if id == "" {
		return TaskTemplate{}, nil
	}
	t, err := tx.FindTemplate(ctx, a.Account.ID, id)
	if err == nil && !a.inside() && !t.Outside {
		err = Fail(NotFound, "template.unknown")
	}
	return t, err
}

// whoStayed names the template's people who can still be named.
func whoStayed(ctx context.Context, tx Tx, t *TaskTemplate, n *NewTask) error {
	people, err := peopleByID(ctx, tx, t.Account, append([]ID{t.Assignee}, t.Participants...))
	if err != nil {
		return err
	}
	here := func(id ID) bool { return people[id].Status == Active && people[id].BlockedAt.IsZero() }
	if here(t.Assignee) {
		n.Assignee = t.Assignee
	}
	for _, id := range t.Participants {
		if here(id) {
			n.Participants = append(n.Participants, id)
		}
	}
	return nil
}

// dueIn is the day so many days from today in the account's zone; empty for none.
func (c *Core) dueIn(a *Actor, days int) string {
	zone, err := time.LoadLocation(a.Account.Zone)
	if days == 0 || err != nil {
		return ""
	}
	return c.Now().In(zone).AddDate(0, 0, days).Format(time.DateOnly)
}

// firstOf is the first of the projects that the actor can make a task in; for
// people from outside else their first, which is the oldest; else none.
func (c *Core) firstOf(ctx context.Context, tx Tx, a *Actor, wanted ...ID) (ID, error) {
	for _, id := range wanted {
		if id == "" {
			continue
		}
		p, err := tx.FindProject(ctx, a.Account.ID, id)
		if err == nil {
			err = c.require(ctx, tx, a, "project.view", Object{"project", id})
		}
		if kind := KindOf(err); kind == NotFound || kind == Forbidden || err == nil && !p.ClosedAt.IsZero() {
			continue
		}
		return id, err
	}
	if a.inside() {
		return "", nil
	}
	return tx.FirstProject(ctx, a.Viewer())
}

// firstProject is where the task of somebody from outside goes who chose no project.
func (c *Core) firstProject(ctx context.Context, tx Tx, a *Actor, template ID) (ID, error) {
	t, err := c.offered(ctx, tx, a, template)
	if err != nil {
		return "", err
	}
	return c.firstOf(ctx, tx, a, t.Project)
}

// confirmTask tells somebody from outside where the new task is, so that a
// project that was set unasked can be corrected.
func (c *Core) confirmTask(ctx context.Context, tx Tx, a *Actor, t *Task) error {
	if a.inside() {
		return nil
	}
	if t.Project == "" {
		return c.oweNotice(ctx, tx, t.Account, a.Person.ID, "task.created", "number", itoa(t.Number), "title", t.Title)
	}
	p, err := tx.FindProject(ctx, t.Account, t.Project)
	if err != nil {
		return err
	}
	return c.oweNotice(ctx, tx, t.Account, a.Person.ID, "task.created.in", "number", itoa(t.Number), "title", t.Title, "project", p.Name)
}
