package main

import (
	"context"
	"fmt"

	"planpost/core"
)

type hoursCommand struct {
	Record hoursRecord `cmd:"" help:"Record your working time on a task; say with --as whose it is."`
	List   hoursList   `cmd:"" help:"Recorded hours, the newest first, or their sums."`
	Remove hoursRemove `cmd:"" help:"Take a record back."`
}

type hoursRecord struct {
	inAccount
	Task  int64  `arg:"" help:"Number of the task."`
	Spent string `arg:"" help:"How long: 1:30, 1h30, 1.5 h or 90 min."`
	Day   string `placeholder:"2006-01-02" help:"Day, in the account's zone; today when left out."`
	Note  string `help:"What was done."`
}

func (c *hoursRecord) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		h, err := g.core.RecordHours(ctx, a, c.Task, core.NewHours{Day: c.Day, Spent: c.Spent, Note: c.Note})
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, hoursValue(&h), fmt.Sprintf("%s %s %s: recorded", h.ID, h.Day, core.Span(h.Minutes)))
	})
}

func hoursValue(h *core.Hours) map[string]any {
	return map[string]any{"id": h.ID, "day": h.Day, "minutes": h.Minutes, "note": h.Note, "via": h.Via}
}

type hoursList struct {
	inAccount
	From   string `placeholder:"2006-01-02" help:"First day."`
	Until  string `placeholder:"2006-01-02" help:"Last day."`
	Person string `placeholder:"ADDRESS" help:"Only of this person."`
	Task   int64  `placeholder:"N" help:"Only of the task with this number."`
	By     string `enum:",task,project,person" default:"" help:"Sums by task, project or person instead of the records."`
}

func (c *hoursList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) (err error) {
		f := core.HoursFilter{From: c.From, Until: c.Until}
		if f.Person, err = g.other(ctx, a, c.Person); err != nil {
			return err
		}
		if c.Task > 0 {
			t, err := g.core.Task(ctx, a, c.Task, "")
			if err != nil {
				return err
			}
			f.Task = t.Task.ID
		}
		if c.By != "" {
			return c.sums(ctx, g, a, term, f)
		}
		list, err := g.core.HoursTable(ctx, a, f, 100_000)
		for i := range list {
			h := &list[i]
			value := hoursValue(&h.Hours)
			value["task"], value["title"], value["project"], value["person"] = h.Number, h.Title, h.ProjectName, h.Who.Name
			if err := g.show(term, c.JSON, value, fmt.Sprintf("%s %s %5s %s: [#%d] %s  %s", h.ID, h.Day, core.Span(h.Minutes), h.Who.Name, h.Number, h.Title, h.Note)); err != nil {
				return err
			}
		}
		return err
	})
}

func (c *hoursList) sums(ctx context.Context, g *gateway, a *core.Actor, term *terminal, f core.HoursFilter) error {
	page, err := g.core.Hours(ctx, a, f)
	if err != nil {
		return err
	}
	for _, n := range map[string][]core.HoursSum{"task": page.Tasks, "project": page.Projects, "person": page.Persons}[c.By] {
		if err := g.show(term, c.JSON, map[string]any{"id": n.ID, "name": n.Name, "number": n.Number, "minutes": n.Minutes}, fmt.Sprintf("%7s %s", core.Span(n.Minutes), n.Name)); err != nil {
			return err
		}
	}
	return nil
}

type hoursRemove struct {
	inAccount
	ID string `arg:"" help:"Record, by id."`
}

func (c *hoursRemove) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		h, err := g.core.RemoveHours(ctx, a, core.ID(c.ID))
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, hoursValue(&h), fmt.Sprintf("%s %s %s: taken back", h.ID, h.Day, core.Span(h.Minutes)))
	})
}
