package core

import (
	"context"
	"slices"
)

// PreviewTaskEdit tells who from outside gains or loses sight by a change of
// the task: contacts of its counterparties, the one before and the one after
// (P13), and people who get a relation or lose theirs (X24).
func (c *Core) PreviewTaskEdit(ctx context.Context, a *Actor, id ID, e TaskEdit) ([]Compared, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	var was Task
	var concerned []Person
	err := c.store.View(ctx, func(tx Tx) (err error) {
		if was, err = c.editable(ctx, tx, a, id, &e); err != nil {
			return err
		}
		concerned, err = c.concerned(ctx, tx, &was, &e)
		return err
	})
	if err != nil || len(concerned) == 0 {
		return nil, err
	}
	who := func(Tx) ([]Person, error) { return concerned, nil }
	list, err := c.foresee(ctx, TaskFilter{Number: was.Number}, who, func(tx Tx) ([]Person, error) {
		_, err := c.editTask(ctx, tx, a, was, &e)
		return concerned, err
	})
	return different(list), err
}

// concerned are those from outside for whom the edit may change something.
func (c *Core) concerned(ctx context.Context, tx Tx, was *Task, e *TaskEdit) (list []Person, err error) {
	if e.People != nil {
		both := Task{People: slices.Concat(was.People, taskPeople("", *e.People))}
		if list, err = tx.FindPeople(ctx, was.Account, both.Related()); err != nil {
			return nil, err
		}
	}
	if e.Project != nil || e.Counterparty != nil || e.NoCompanyAccess != nil {
		contacts, err := c.contactsOfBoth(ctx, tx, was, e)
		if err != nil {
			return nil, err
		}
		list = append(list, contacts...)
	}
	seen := make(map[ID]bool, len(list))
	return slices.DeleteFunc(list, func(p Person) bool {
		twice := seen[p.ID]
		seen[p.ID] = true
		return twice || p.Staff()
	}), nil
}

// contactsOfBoth are the contacts who see all tasks of the company that the
// task has, or of the one that it would have.
func (c *Core) contactsOfBoth(ctx context.Context, tx Tx, was *Task, e *TaskEdit) (list []Person, err error) {
	now := *was
	assign(&now.Project, e.Project)
	assign(&now.Counterparty, e.Counterparty)
	for _, t := range []*Task{was, &now} {
		company, err := companyOf(ctx, tx, t)
		if err != nil {
			return nil, err
		}
		contacts, err := tx.SeersOf(ctx, was.Account, company)
		if err != nil {
			return nil, err
		}
		list = append(list, contacts...)
	}
	return list, nil
}

// different leaves those for whom something changes.
func different(list []Compared) []Compared {
	return slices.DeleteFunc(list, Compared.Same)
}
