package core

import (
	"context"
	"slices"
)

// PreviewTaskEdit tells which contacts of the counterparties, the one before
// and the one after, gain or lose sight by a change of the task (P13).
func (c *Core) PreviewTaskEdit(ctx context.Context, a *Actor, id ID, e TaskEdit) ([]Compared, error) {
	var was Task
	var concerned []Person
	err := c.store.View(ctx, func(tx Tx) (err error) {
		if was, err = c.editable(ctx, tx, a, id, &e); err != nil {
			return err
		}
		concerned, err = c.contactsOfBoth(ctx, tx, &was, &e)
		return err
	})
	if err != nil {
		return nil, err
	}
	who := func(Tx) ([]Person, error) { return concerned, nil }
	list, err := c.foresee(ctx, TaskFilter{Number: was.Number}, who, func(tx Tx) ([]Person, error) {
		_, err := c.editTask(ctx, tx, a, was, &e)
		return concerned, err
	})
	return different(list), err
}

// contactsOfBoth are the contacts of the task's company as it is and as it would be.
func (c *Core) contactsOfBoth(ctx context.Context, tx Tx, was *Task, e *TaskEdit) ([]Person, error) {
	now := *was
	assign(&now.Project, e.Project)
	assign(&now.Counterparty, e.Counterparty)
	var companies []ID
	for _, t := range []*Task{was, &now} {
		id, err := companyOf(ctx, tx, t)
		if err != nil {
			return nil, err
		}
		if id != "" && !slices.Contains(companies, id) {
			companies = append(companies, id)
		}
	}
	if len(companies) == 0 {
		return nil, nil
	}
	return tx.OutsidersOf(ctx, was.Account, companies, sightPeople)
}

// different leaves those for whom something changes.
func different(list []Compared) []Compared {
	return slices.DeleteFunc(list, Compared.Same)
}

// PreviewTaskPeople tells which outsiders gain or lose sight when a task gets
// these people (X24).
func (c *Core) PreviewTaskPeople(ctx context.Context, a *Actor, id ID, n TaskPeople) ([]Compared, error) {
	if err := checkDue(n.DueDate, n.DueTime); err != nil {
		return nil, err
	}
	var t Task
	var outside []Person
	err := c.store.View(ctx, func(tx Tx) (err error) {
		if t, err = tx.FindTask(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "task.set_people_dates", Object{"task", id}); err != nil {
			return err
		}
		now := Task{People: append(slices.Clone(t.People), taskPeople("", n)...)}
		people, err := peopleByID(ctx, tx, t.Account, now.Related())
		outside = nil
		for _, id := range now.Related() {
			if p := people[id]; p.ID != "" && !p.Staff() {
				outside = append(outside, p)
			}
		}
		return err
	})
	if err != nil || len(outside) == 0 {
		return nil, err
	}
	who := func(Tx) ([]Person, error) { return outside, nil }
	list, err := c.foresee(ctx, TaskFilter{Number: t.Number}, who, func(tx Tx) ([]Person, error) {
		now := t // this may run again
		return outside, c.setPeople(ctx, tx, a, &now, n)
	})
	return different(list), err
}
