package core

import (
	"context"
	"slices"
	"strconv"

	"planpost/core/access"
)

// TaskEdit is what is to be changed of a task; what is nil stays, and is not
// asked about.
type TaskEdit struct {
	Title, Description *string
	// Project moves the task; empty takes it out of any.
	Project    *ID
	Visibility *string
	// NoCompanyAccess takes the task out of "all tasks of the company".
	NoCompanyAccess *bool
	// Counterparty of its own; empty means the project's (P13).
	Counterparty *ID
	// People are who works on it and when it is due.
	People *TaskPeople
}

// actions are the rights that the edit asks.
func (e *TaskEdit) actions() (list []access.Action) {
	if e.Visibility != nil || e.NoCompanyAccess != nil {
		list = append(list, "task.set_visibility")
	}
	if e.Counterparty != nil {
		list = append(list, "task.set_counterparty")
	}
	if e.People != nil {
		list = append(list, "task.set_people_dates")
	}
	if e.Title != nil || e.Description != nil || e.Project != nil || len(list) == 0 {
		list = append(list, "task.edit")
	}
	return list
}

// code is what the change log calls the edit.
func (e *TaskEdit) code() string {
	if *e == (TaskEdit{People: e.People}) && e.People != nil {
		return "task.set_people_dates"
	}
	return "task.edit"
}

// check refuses what is wrong without a look at the task.
func (e *TaskEdit) check() error {
	if e.People == nil {
		return nil
	}
	return checkDue(e.People.DueDate, e.People.DueTime)
}

// EditTask changes a task in one step, with one line in the change log.
func (c *Core) EditTask(ctx context.Context, a *Actor, id ID, e TaskEdit) (t Task, err error) {
	if err := e.check(); err != nil {
		return t, err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		was, err := c.editable(ctx, tx, a, id, &e)
		if err != nil {
			return err
		}
		if t, err = c.editTask(ctx, tx, a, was, &e); err != nil {
			return err
		}
		changes := taskChanges(&was, &t)
		if len(changes) == 0 {
			return nil
		}
		notices, err := c.joinedNotices(ctx, tx, a, &t, was.People)
		if err != nil {
			return err
		}
		if err := c.oweAll(ctx, tx, &t, "", notices); err != nil {
			return err
		}
		if err := c.taskLines(ctx, tx, a, &was, &t); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, e.code(), Object{"task", id}, changes)
	})
	if err == nil {
		c.changed(&t)
	}
	return t, err
}

// editable finds the task and asks for every part of the edit.
func (c *Core) editable(ctx context.Context, tx Tx, a *Actor, id ID, e *TaskEdit) (Task, error) {
	t, err := tx.FindTask(ctx, a.Account.ID, id)
	if err != nil {
		return t, err
	}
	for _, action := range e.actions() {
		if err := c.require(ctx, tx, a, action, Object{"task", id}); err != nil {
			return t, err
		}
	}
	return t, nil
}

// editTask writes the edit and gives the task as it is then.
func (c *Core) editTask(ctx context.Context, tx Tx, a *Actor, was Task, e *TaskEdit) (Task, error) {
	t := was
	if e.Title != nil {
		if t.Title = oneLine(c.redact(*e.Title)); t.Title == "" {
			return t, Fail(Invalid, "task.title")
		}
	}
	if e.Description != nil {
		t.Description = c.redact(body(*e.Description))
	}
	if e.Visibility != nil {
		if t.Visibility = *e.Visibility; t.Visibility != VisibleInside && t.Visibility != VisibleParticipants {
			return t, Fail(Invalid, "visibility", "visibility", oneLine(t.Visibility))
		}
	}
	assign(&t.NoCompanyAccess, e.NoCompanyAccess)
	assign(&t.Counterparty, e.Counterparty)
	assign(&t.Project, e.Project)
	if t.Counterparty != "" && t.Counterparty != was.Counterparty {
		if _, err := tx.FindCompany(ctx, t.Account, t.Counterparty); err != nil {
			return t, err
		}
	}
	if t.Project != was.Project {
		if err := c.mayMove(ctx, tx, a, &was, &t); err != nil {
			return t, err
		}
	}
	if e.People != nil {
		if err := c.setPeople(ctx, tx, a, &t, *e.People); err != nil {
			return t, err
		}
		t.DueDate, t.DueTime = e.People.DueDate, e.People.DueTime
	}
	if len(taskChanges(&was, &t)) == 0 {
		return t, nil
	}
	t.UpdatedAt = tx.Now()
	return t, tx.UpdateTask(ctx, &t)
}

// mayMove asks whether a task may go into another project. That decides what a
// company sees where the task takes its counterparty from the project; an
// outsider can still put an own task where it belongs, among the own company's projects.
func (c *Core) mayMove(ctx context.Context, tx Tx, a *Actor, was, now *Task) error {
	o := Object{"project", now.Project}
	if now.Project != "" {
		p, err := tx.FindProject(ctx, now.Account, now.Project)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "project.view", o); err != nil {
			return err
		}
		if !p.DeletedAt.IsZero() || !p.ClosedAt.IsZero() {
			return Fail(Conflict, "task.project_closed", "name", p.Name)
		}
	}
	before, err := companyOf(ctx, tx, was)
	if err != nil {
		return err
	}
	after, err := companyOf(ctx, tx, now)
	if err != nil || before == after || before == "" && after == a.Person.Company {
		return err
	}
	return c.require(ctx, tx, a, "task.set_counterparty", Object{"task", was.ID})
}

// companyOf is the task's counterparty: its own, else the project's (P13).
func companyOf(ctx context.Context, tx Tx, t *Task) (ID, error) {
	if t.Counterparty != "" || t.Project == "" {
		return t.Counterparty, nil
	}
	p, err := tx.FindProject(ctx, t.Account, t.Project)
	return p.Counterparty, err
}

func taskChanges(was, now *Task) (changes []Change) {
	for _, ch := range []Change{
		{"title", was.Title, now.Title}, {"description", was.Description, now.Description}, {"project", string(was.Project), string(now.Project)},
		{"visibility", was.Visibility, now.Visibility}, {"counterparty", string(was.Counterparty), string(now.Counterparty)},
		{"no_company_access", strconv.FormatBool(was.NoCompanyAccess), strconv.FormatBool(now.NoCompanyAccess)},
		{"due", dueOf(was), dueOf(now)},
	} {
		if ch.Was != ch.Now {
			changes = append(changes, ch)
		}
	}
	return append(changes, peopleChanges(was, now)...)
}

// peopleChanges has one change for each person, so that each is found by name;
// a new assignee stands beside the one before.
func peopleChanges(was, now *Task) (changes []Change) {
	if was, now := one(was.Of(Assignee)), one(now.Of(Assignee)); was != now {
		changes = append(changes, Change{"assignee", string(was), string(now)})
	}
	for _, tp := range was.People {
		if tp.Relation != Assignee && !slices.Contains(now.People, tp) {
			changes = append(changes, Change{string(tp.Relation), string(tp.Person), ""})
		}
	}
	for _, tp := range now.People {
		if tp.Relation != Assignee && !slices.Contains(was.People, tp) {
			changes = append(changes, Change{string(tp.Relation), "", string(tp.Person)})
		}
	}
	return changes
}

// one is the first, empty when there is none.
func one(ids []ID) ID {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// DeleteTask puts a task into the bin, with its conversation.
func (c *Core) DeleteTask(ctx context.Context, a *Actor, id ID) error {
	var t Task
	err := c.store.InTx(ctx, func(tx Tx) (err error) {
		if t, err = tx.FindTask(ctx, a.Account.ID, id); err != nil {
			return err
		}
		return c.toBin(ctx, tx, a, "task.delete", Object{"task", id})
	})
	if err == nil {
		c.changed(&t)
	}
	return err
}
