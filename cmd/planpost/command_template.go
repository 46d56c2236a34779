package main

import (
	"context"
	"fmt"

	"planpost/core"
)

type templateCommand struct {
	List   templateList   `cmd:"" help:"Task templates, by name."`
	Create templateCreate `cmd:"" help:"Make a task template."`
	Edit   templateEdit   `cmd:"" help:"Change a task template; what is not named stays."`
	Delete templateDelete `cmd:"" help:"Delete a task template; its tasks stay."`
}

type templateList struct{ inAccount }

func (c *templateList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		list, err := g.core.Templates(ctx, a)
		for i := range list {
			if err == nil {
				err = g.showTemplate(term, c.JSON, &list[i])
			}
		}
		return err
	})
}

func (g *gateway) showTemplate(term *terminal, asJSON bool, t *core.TaskTemplate) error {
	return g.show(term, asJSON, map[string]any{"id": t.ID, "name": t.Name, "title": t.Title, "project": t.Project, "assignee": t.Assignee, "participants": t.Participants,
		"visibility": t.Visibility, "days": t.DueDays, "outside": t.Outside}, fmt.Sprintf("%s  %s", t.ID, t.Name))
}

// templateFields are what a template has.
type templateFields struct {
	Name        *string  `help:"Name in the list; empty for the title."`
	Title       *string  `help:"Title of the tasks."`
	Description *string  `help:"Description of the tasks; - reads it from standard input."`
	Project     *string  `placeholder:"ID" help:"Project, by id; empty for none."`
	Assignee    *string  `placeholder:"ADDRESS" help:"Who does it; empty for nobody."`
	Participant []string `placeholder:"ADDRESS" help:"Who takes part; replaces those named before."`
	Visibility  *string  `help:"inside or participants."`
	Days        *int     `help:"Due in how many days; 0 for no date."`
	Outside     *bool    `negatable:"" help:"Whether people from outside may use it."`
}

func (c *templateFields) edit(ctx context.Context, term *terminal, g *gateway, a *core.Actor) (e core.TemplateEdit, err error) {
	e = core.TemplateEdit{Name: c.Name, Title: c.Title, Description: c.Description, Visibility: c.Visibility, DueDays: c.Days, Outside: c.Outside}
	if c.Description != nil {
		text, err := textOrInput(term, *c.Description)
		if err != nil {
			return e, err
		}
		e.Description = &text
	}
	if c.Project != nil {
		id := core.ID(*c.Project)
		e.Project = &id
	}
	if c.Assignee != nil {
		ids, err := g.peopleByAddress(ctx, a, []string{*c.Assignee})
		if err != nil {
			return e, err
		}
		e.Assignee = &ids[0]
	}
	if len(c.Participant) > 0 {
		ids, err := g.peopleByAddress(ctx, a, c.Participant)
		if err != nil {
			return e, err
		}
		e.Participants = &ids
	}
	return e, nil
}

func (c *templateFields) save(ctx context.Context, term *terminal, g *gateway, a *core.Actor, id core.ID, asJSON bool) error {
	e, err := c.edit(ctx, term, g, a)
	if err != nil {
		return err
	}
	t, err := g.core.SaveTemplate(ctx, a, id, e)
	if err != nil {
		return err
	}
	return g.showTemplate(term, asJSON, &t)
}

type templateCreate struct {
	inAccount
	templateFields
}

func (c *templateCreate) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error { return c.save(ctx, term, g, a, "", c.JSON) })
}

type templateEdit struct {
	inAccount
	ID string `arg:"" help:"Id of the template."`
	templateFields
}

func (c *templateEdit) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		return c.save(ctx, term, g, a, core.ID(c.ID), c.JSON)
	})
}

type templateDelete struct {
	inAccount
	ID string `arg:"" help:"Id of the template."`
}

func (c *templateDelete) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		return g.core.DeleteTemplate(ctx, a, core.ID(c.ID))
	})
}
