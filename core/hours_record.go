package core

import (
	"context"
	"time"
)

// NewHours is working time to be recorded. Spent is as ParseSpan reads it; an
// empty Day is today.
type NewHours struct {
	Day, Spent, Note string
}

// RecordHours records the actor's own working time on a task, by the task's
// number. A closed task takes it as well: the evening comes after the work.
func (c *Core) RecordHours(ctx context.Context, a *Actor, number int64, n NewHours) (h Hours, err error) {
	minutes, ok := ParseSpan(n.Spent)
	if !ok {
		return h, Fail(Invalid, "hours.spent")
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		t, err := tx.FindTaskByNumber(ctx, a.Account.ID, number)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "time.record", Object{"task", t.ID}); err != nil {
			return err
		}
		h = Hours{ID: NewID(), Account: t.Account, Task: t.ID, Person: a.Person.ID, Day: n.Day, Minutes: minutes, Note: c.redact(body(n.Note)), Via: a.Via, CreatedAt: tx.Now()}
		if err := c.checkHours(ctx, tx, &a.Account, &h); err != nil {
			return err
		}
		if err := tx.CreateHours(ctx, &h); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "hours.record", h.object(), h.changesOf(&Hours{}), "task", string(t.ID))
	})
	if err == nil {
		c.bus.Publish(TaskTopic(h.Task))
	}
	return h, err
}

// checkHours refuses what nobody can have worked; beside are the person's records that are about to be written, too.
func (c *Core) checkHours(ctx context.Context, tx Tx, account *Account, h *Hours, beside ...Hours) error {
	today := c.Today(account)
	if h.Day == "" {
		h.Day = today
	}
	day, err := time.Parse(time.DateOnly, h.Day)
	switch {
	case h.Person == "":
		return Fail(Invalid, "hours.nobody")
	case err != nil || day.Year() < 2000:
		return Fail(Invalid, "hours.day")
	case h.Day > today:
		return Fail(Invalid, "hours.future")
	}
	there, err := tx.MinutesOn(ctx, h.Account, h.Person, h.Day)
	for i := range beside {
		if beside[i].Day == h.Day {
			there += beside[i].Minutes
		}
	}
	if err == nil && there+h.Minutes > fullDay {
		err = Fail(Invalid, "hours.full", "there", Span(there))
	}
	return err
}

// RemoveHours takes a record back: one's own, and administrators anybody's.
// The change log keeps what it said.
func (c *Core) RemoveHours(ctx context.Context, a *Actor, id ID) (h Hours, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if h, err = tx.FindHours(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "time.record", h.object()); err != nil {
			return err
		}
		if err := tx.DeleteHours(ctx, h.Account, h.ID); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "hours.remove", h.object(), (&Hours{}).changesOf(&h), "task", string(h.Task))
	})
	if err == nil {
		c.bus.Publish(TaskTopic(h.Task))
	}
	return h, err
}

// HoursPage is a list of recorded hours with its sums, of all that the filter
// lets through and the actor may see.
type HoursPage struct {
	Items                    []HoursItem
	Tasks, Projects, Persons []HoursSum
	Total                    int
	// Cut tells that there are more records than Items has.
	Cut bool
}

// Hours gives what the actor may see: those who manage all, others their own
// and those of the people they manage.
func (c *Core) Hours(ctx context.Context, a *Actor, f HoursFilter) (page HoursPage, err error) {
	f.Limit = pageSize(f.Limit)
	err = c.store.View(ctx, func(tx Tx) error {
		page, err = c.hours(ctx, tx, a, f)
		return err
	})
	return page, err
}

func (c *Core) hours(ctx context.Context, tx Tx, a *Actor, f HoursFilter) (page HoursPage, err error) {
	limit := f.Limit
	f.Limit++
	if page.Items, err = tx.ListHours(ctx, a.Viewer(), f); err != nil {
		return page, err
	}
	if page.Cut = len(page.Items) > limit; page.Cut {
		page.Items = page.Items[:limit]
	}
	for by, sums := range map[HoursBy]*[]HoursSum{HoursByTask: &page.Tasks, HoursByProject: &page.Projects, HoursByPerson: &page.Persons} {
		if *sums, err = tx.SumHours(ctx, a.Viewer(), f, by); err != nil {
			return page, err
		}
	}
	for i := range page.Persons {
		page.Total += page.Persons[i].Minutes
	}
	return page, nameWorkers(ctx, tx, a.Account.ID, page.Items)
}

func nameWorkers(ctx context.Context, tx Tx, account ID, items []HoursItem) error {
	var ids []ID
	for i := range items {
		ids = append(ids, items[i].Person)
	}
	people, err := peopleByID(ctx, tx, account, ids)
	for i := range items {
		items[i].Who = people[items[i].Person]
	}
	return err
}

// HoursTable gives all records without sums, the newest day first; Invalid when they are more than limit.
func (c *Core) HoursTable(ctx context.Context, a *Actor, f HoursFilter, limit int) (list []HoursItem, err error) {
	f.Limit = limit + 1
	err = c.store.View(ctx, func(tx Tx) error {
		if list, err = tx.ListHours(ctx, a.Viewer(), f); err != nil {
			return err
		}
		if len(list) > limit {
			return Fail(Invalid, "hours.toomany")
		}
		return nameWorkers(ctx, tx, a.Account.ID, list)
	})
	return list, err
}

// TaskHours are a task's recorded hours with what may be done about them.
type TaskHours struct {
	HoursPage
	MayRecord bool
}

// shownHours is how many records a task's page shows.
const shownHours = 10

// HoursOf gives the hours of a task by its number, as far as the actor may see them.
func (c *Core) HoursOf(ctx context.Context, a *Actor, number int64) (h TaskHours, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		h = TaskHours{}
		t, err := tx.FindTaskByNumber(ctx, a.Account.ID, number)
		if err != nil {
			return err
		}
		may, err := c.rights(ctx, tx, a, Object{"task", t.ID}, "time.record")
		if err != nil {
			return err
		}
		h.MayRecord = may["time.record"] && a.Person.ID != ""
		h.HoursPage, err = c.hours(ctx, tx, a, HoursFilter{Task: t.ID, Limit: shownHours})
		return err
	})
	return h, err
}
