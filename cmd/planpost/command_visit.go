package main

import (
	"context"
	"fmt"

	"planpost/core"
)

type visitCommand struct {
	Add    visitAdd    `cmd:"" help:"Plan a visit for a task."`
	List   visitList   `cmd:"" help:"Visits, the earliest first."`
	Move   visitMove   `cmd:"" help:"Give a visit another time or resource; what is not named stays."`
	Cancel visitCancel `cmd:"" help:"Call a visit off."`
	Done   visitDone   `cmd:"" help:"Say that a visit took place."`
	Assign visitAssign `cmd:"" help:"Give visits to somebody else, all or none."`
}

func (g *gateway) showVisit(term *terminal, json bool, v *core.Visit, what string) error {
	return g.show(term, json, map[string]any{"id": v.ID, "task": v.Task, "person": v.Person, "day": v.Day, "from": v.From, "until": v.Until, "state": v.State, "note": v.Note, "sequence": v.Sequence},
		fmt.Sprintf("%s %s %s-%s: %s", v.ID, v.Day, v.From, v.Until, what))
}

type visitAdd struct {
	inAccount
	Task   int64    `arg:"" help:"Number of the task."`
	Day    string   `required:"" placeholder:"2006-01-02" help:"Day, in the account's zone."`
	From   string   `placeholder:"15:04" help:"Beginning; with --until. Without both it is the whole day."`
	Until  string   `placeholder:"15:04" help:"End."`
	Person string   `placeholder:"ADDRESS" help:"Who goes."`
	Note   string   `help:"Note for those inside."`
	Tell   []string `placeholder:"ADDRESS" help:"People from outside, of the task, who get the calendar entry too."`
}

func (c *visitAdd) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		ids, err := g.peopleByAddress(ctx, a, append([]string{c.Person}, c.Tell...))
		if err != nil {
			return err
		}
		v, err := g.core.AddVisit(ctx, a, c.Task, core.NewVisit{Person: ids[0], Day: c.Day, From: c.From, Until: c.Until, Note: c.Note, Tell: ids[1:]})
		if err != nil {
			return err
		}
		return g.showVisit(term, c.JSON, &v, "planned")
	})
}

type visitList struct {
	inAccount
	From   string `placeholder:"2006-01-02" help:"First day."`
	Until  string `placeholder:"2006-01-02" help:"Last day."`
	Person string `placeholder:"ADDRESS" help:"Only of this resource."`
	Nobody bool   `help:"Only those that nobody is assigned to."`
	State  string `default:"open" enum:"open,planned,done,cancelled,any" help:"open (all but cancelled), planned, done, cancelled or any."`
}

func (c *visitList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		f := core.VisitFilter{From: c.From, Until: c.Until, Nobody: c.Nobody, State: c.State}
		if c.State == "any" {
			f.State = ""
		}
		var err error
		if f.Person, err = g.other(ctx, a, c.Person); err != nil {
			return err
		}
		list, err := g.core.Visits(ctx, a, f)
		if err != nil {
			return err
		}
		for i := range list {
			v := &list[i]
			value := map[string]any{"id": v.ID, "task": v.Number, "title": v.Title, "person": v.Resource.Name, "day": v.Day, "from": v.From, "until": v.Until, "state": v.State,
				"note": v.Note, "overlaps": v.Overlaps, "away": v.Away, "deputy": v.Deputy}
			warn := ""
			if v.Overlaps {
				warn += "  overlaps"
			}
			if v.Away {
				warn += "  away"
			}
			if err := g.show(term, c.JSON, value, fmt.Sprintf("%s %s %5s-%5s %-9s %s: [#%d] %s%s", v.ID, v.Day, v.From, v.Until, v.State, v.Resource.Name, v.Number, v.Title, warn)); err != nil {
				return err
			}
		}
		return nil
	})
}

type visitMove struct {
	inAccount
	ID     string   `arg:"" help:"Visit, by id."`
	Day    *string  `placeholder:"2006-01-02" help:"Day."`
	From   *string  `placeholder:"15:04" help:"Beginning; empty with an empty --until for the whole day."`
	Until  *string  `placeholder:"15:04" help:"End."`
	Person *string  `placeholder:"ADDRESS" help:"Who goes; empty for nobody."`
	Note   *string  `help:"Note for those inside."`
	Tell   []string `placeholder:"ADDRESS" help:"People from outside who get the new entry too."`
}

func (c *visitMove) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		v, err := g.core.Visit(ctx, a, core.ID(c.ID))
		if err != nil {
			return err
		}
		n := core.NewVisit{Person: v.Person, Day: v.Day, From: v.From, Until: v.Until, Note: v.Note}
		for field, given := range map[*string]*string{&n.Day: c.Day, &n.From: c.From, &n.Until: c.Until, &n.Note: c.Note} {
			if given != nil {
				*field = *given
			}
		}
		if c.Person != nil {
			if n.Person, err = g.other(ctx, a, *c.Person); err != nil {
				return err
			}
		}
		if n.Tell, err = g.peopleByAddress(ctx, a, c.Tell); err != nil {
			return err
		}
		moved, err := g.core.MoveVisit(ctx, a, v.ID, n)
		if err != nil {
			return err
		}
		return g.showVisit(term, c.JSON, &moved, "moved")
	})
}

type visitCancel struct {
	inAccount
	ID   string   `arg:"" help:"Visit, by id."`
	Tell []string `placeholder:"ADDRESS" help:"People from outside who are told too."`
}

func (c *visitCancel) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		tell, err := g.peopleByAddress(ctx, a, c.Tell)
		if err != nil {
			return err
		}
		v, err := g.core.CancelVisit(ctx, a, core.ID(c.ID), tell)
		if err != nil {
			return err
		}
		return g.showVisit(term, c.JSON, &v, "called off")
	})
}

type visitDone struct {
	inAccount
	ID string `arg:"" help:"Visit, by id."`
}

func (c *visitDone) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		v, err := g.core.FinishVisit(ctx, a, core.ID(c.ID))
		if err != nil {
			return err
		}
		return g.showVisit(term, c.JSON, &v, "done")
	})
}

type visitAssign struct {
	inAccount
	ID []string `arg:"" help:"Visits, by id."`
	To string   `placeholder:"ADDRESS" help:"Who goes; nobody without it."`
}

func (c *visitAssign) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		to, err := g.other(ctx, a, c.To)
		if err != nil {
			return err
		}
		ids := make([]core.ID, len(c.ID))
		for i, id := range c.ID {
			ids[i] = core.ID(id)
		}
		if err := g.core.AssignVisits(ctx, a, ids, to); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"assigned": len(ids)}, fmt.Sprintf("assigned %d", len(ids)))
	})
}
