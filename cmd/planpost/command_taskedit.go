package main

import (
	"context"
	"fmt"
	"strings"

	"planpost/core"
)

type taskEdit struct {
	inAccount
	Number       int64    `arg:"" help:"Number of the task."`
	Title        *string  `help:"Title."`
	Description  *string  `help:"Description; - reads it from standard input."`
	Project      *string  `placeholder:"ID" help:"Project to move to, by id; empty for none."`
	Visibility   *string  `help:"inside or participants."`
	Company      *string  `enum:"yes,no" placeholder:"YES|NO" help:"Whether contacts who see all tasks of the client see this one: yes or no."`
	Counterparty *string  `placeholder:"ID" help:"Firm of the task's own, by id; empty for the project's."`
	Assignee     *string  `placeholder:"ADDRESS" help:"Who does it; empty for nobody."`
	Coassignee   []string `placeholder:"ADDRESS" help:"Add who does it too."`
	Participant  []string `placeholder:"ADDRESS" help:"Add who takes part."`
	Auditor      []string `placeholder:"ADDRESS" help:"Add who oversees it; never an outsider."`
	Due          *string  `placeholder:"2006-01-02" help:"Due date; empty for none."`
	DueTime      *string  `placeholder:"15:04" help:"Due time; empty for none."`
	Preview      bool     `help:"Only tell who from outside would gain or lose sight."`
}

func (c *taskEdit) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		v, err := g.core.Task(ctx, a, c.Number, "")
		if err != nil {
			return err
		}
		e, err := c.edit(term)
		if err != nil {
			return err
		}
		if e.People, err = c.people(ctx, g, a, &v.Task); err != nil {
			return err
		}
		if c.Preview {
			return c.foresee(ctx, term, g, a, v.Task.ID, e)
		}
		if _, err := g.core.EditTask(ctx, a, v.Task.ID, e); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"number": c.Number}, fmt.Sprintf("[#%d] saved", c.Number))
	})
}

func (c *taskEdit) edit(term *terminal) (e core.TaskEdit, err error) {
	e.Title, e.Description, e.Visibility = c.Title, c.Description, c.Visibility
	if c.Description != nil {
		text, err := textOrInput(term, *c.Description)
		if err != nil {
			return e, err
		}
		e.Description = &text
	}
	for given, field := range map[*string]**core.ID{c.Project: &e.Project, c.Counterparty: &e.Counterparty} {
		if given != nil {
			id := core.ID(*given)
			*field = &id
		}
	}
	if c.Company != nil {
		no := *c.Company == "no"
		e.NoCompanyAccess = &no
	}
	return e, nil
}

// people is nil when neither people nor dates are named.
func (c *taskEdit) people(ctx context.Context, g *gateway, a *core.Actor, t *core.Task) (*core.TaskPeople, error) {
	if c.Assignee == nil && len(c.Coassignee)+len(c.Participant)+len(c.Auditor) == 0 && c.Due == nil && c.DueTime == nil {
		return nil, nil
	}
	n := core.TaskPeople{CoAssignees: t.Of(core.CoAssignee), Participants: t.Of(core.Participate), Auditors: t.Of(core.Auditor), DueDate: t.DueDate, DueTime: t.DueTime}
	if ids := t.Of(core.Assignee); len(ids) > 0 {
		n.Assignee = ids[0]
	}
	if c.Assignee != nil {
		ids, err := g.peopleByAddress(ctx, a, []string{*c.Assignee})
		if err != nil {
			return nil, err
		}
		n.Assignee = ids[0]
	}
	for field, addresses := range map[*[]core.ID][]string{&n.CoAssignees: c.Coassignee, &n.Participants: c.Participant, &n.Auditors: c.Auditor} {
		ids, err := g.peopleByAddress(ctx, a, addresses)
		if err != nil {
			return nil, err
		}
		*field = append(*field, ids...)
	}
	if c.Due != nil {
		n.DueDate = *c.Due
	}
	if c.DueTime != nil {
		n.DueTime = *c.DueTime
	}
	return &n, nil
}

func (c *taskEdit) foresee(ctx context.Context, term *terminal, g *gateway, a *core.Actor, id core.ID, e core.TaskEdit) error {
	sight, err := g.core.PreviewTaskEdit(ctx, a, id, e)
	if err != nil {
		return err
	}
	value, lines := []map[string]any{}, []string{}
	for _, x := range sight {
		name := x.Gains.Person.Name
		value = append(value, map[string]any{"person": name, "gains": !x.Gains.Nothing(), "loses": !x.Loses.Nothing(), "comments": x.Gains.Comments})
		if !x.Gains.Nothing() {
			lines = append(lines, fmt.Sprintf("%s would see this task, with %d comments", name, x.Gains.Comments))
		}
		if !x.Loses.Nothing() {
			lines = append(lines, name+" would see less of this task")
		}
	}
	if len(lines) == 0 {
		lines = append(lines, "nothing changes for anybody from outside")
	}
	return g.show(term, c.JSON, map[string]any{"sight": value}, strings.Join(lines, "\n"))
}

type taskDelete struct {
	inAccount
	Number int64 `arg:"" help:"Number of the task."`
}

func (c *taskDelete) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		v, err := g.core.Task(ctx, a, c.Number, "")
		if err != nil {
			return err
		}
		if err := g.core.DeleteTask(ctx, a, v.Task.ID); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"number": c.Number}, fmt.Sprintf("[#%d] lies in the bin", c.Number))
	})
}
