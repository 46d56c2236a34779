package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"planpost/core"
)

// done says what became of the person.
func (c *onUser) done(g *gateway, term *terminal, p *core.Person, what string) error {
	return g.show(term, c.JSON, map[string]any{"id": p.ID, "address": c.Address, "done": what}, c.Address+": "+what)
}

// other is the person that an option names; empty for none.
func (g *gateway) other(ctx context.Context, a *core.Actor, address string) (core.ID, error) {
	if address == "" {
		return "", nil
	}
	p, err := g.core.Addressed(ctx, a, address)
	return p.ID, err
}

type userWork struct{ onUser }

func (c *userWork) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		v, err := g.core.OpenWork(ctx, a, p.ID)
		if err != nil {
			return err
		}
		for _, w := range v.Items {
			name := w.Title
			if w.Number > 0 {
				name = fmt.Sprintf("#%d %s", w.Number, w.Title)
			}
			if err := g.show(term, c.JSON, map[string]any{"kind": w.Kind, "object": w.Object, "number": w.Number, "title": w.Title}, fmt.Sprintf("%-14s %s", w.Kind, name)); err != nil {
				return err
			}
		}
		return nil
	})
}

// refsOf are all pieces of open work of a kind, or of any.
func refsOf(ctx context.Context, g *gateway, a *core.Actor, person core.ID, kind string) (refs []core.WorkRef, err error) {
	v, err := g.core.OpenWork(ctx, a, person)
	for _, w := range v.Items {
		if kind == "" || kind == string(w.Kind) {
			refs = append(refs, w.WorkRef)
		}
	}
	return refs, err
}

type userReassign struct {
	onUser
	To   string `required:"" placeholder:"ADDRESS" help:"Who gets it."`
	Kind string `help:"Only this kind, as planpost user work names it; all when not given."`
}

func (c *userReassign) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		to, err := g.other(ctx, a, c.To)
		if err != nil {
			return err
		}
		refs, err := refsOf(ctx, g, a, p.ID, c.Kind)
		if err != nil {
			return err
		}
		if err := g.core.Reassign(ctx, a, p.ID, refs, to); err != nil {
			return err
		}
		return c.done(g, term, &p, fmt.Sprintf("moved %d", len(refs)))
	})
}

type userDeactivate struct {
	onUser
	To    string `placeholder:"ADDRESS" help:"Who gets all open work first."`
	Leave bool   `help:"Open work stays with the person."`
}

func (c *userDeactivate) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) (err error) {
		n := core.Leaving{Leave: c.Leave}
		if n.To, err = g.other(ctx, a, c.To); err != nil {
			return err
		}
		if n.To != "" {
			if n.Items, err = refsOf(ctx, g, a, p.ID, ""); err != nil {
				return err
			}
		}
		if err := g.core.Deactivate(ctx, a, p.ID, n); err != nil {
			return err
		}
		return c.done(g, term, &p, "inactive")
	})
}

type userActivate struct{ onUser }

func (c *userActivate) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if err := g.core.Reactivate(ctx, a, p.ID); err != nil {
			return err
		}
		return c.done(g, term, &p, "active")
	})
}

type userDelete struct{ onUser }

func (c *userDelete) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if err := g.core.DeleteUser(ctx, a, p.ID); err != nil {
			return err
		}
		return c.done(g, term, &p, "deleted")
	})
}

type userDeputy struct {
	onUser
	Deputy string `placeholder:"ADDRESS" help:"Who stands in; without it the absence ends."`
	From   string `help:"First day away, like 2030-01-31."`
	Until  string `help:"Last day away."`
}

func (c *userDeputy) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		deputy, err := g.other(ctx, a, c.Deputy)
		if err != nil {
			return err
		}
		if err := g.core.SetDeputy(ctx, a, p.ID, core.Absence{Deputy: deputy, From: c.From, Until: c.Until}); err != nil {
			return err
		}
		return c.done(g, term, &p, "absence saved")
	})
}

type userRate struct {
	onUser
	Amount     string `help:"Amount per hour, like 45.50."`
	Currency   string `default:"EUR" help:"Currency."`
	From       string `help:"From which day; today when not given."`
	Deductions bool   `help:"Deductions at source are in it."`
}

func (c *userRate) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if c.Amount != "" {
			if c.From == "" {
				c.From = g.core.Today(&a.Account)
			}
			if err := g.core.SetRate(ctx, a, p.ID, core.NewRate{From: c.From, Amount: c.Amount, Currency: c.Currency, Deductions: c.Deductions}); err != nil {
				return err
			}
		}
		list, err := g.core.Rates(ctx, a, p.ID)
		if err != nil {
			return err
		}
		for i := range list {
			r := &list[i]
			if err := g.show(term, c.JSON, map[string]any{"from": r.From, "amount": core.AmountText(r.Amount), "currency": r.Currency, "deductions": r.Deductions}, r.From+"  "+r.String()); err != nil {
				return err
			}
		}
		return nil
	})
}

type userLogin struct {
	onUser
	Name string `arg:"" optional:"" help:"The name; none takes it away."`
}

func (c *userLogin) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if err := g.core.SetLoginName(ctx, a, p.ID, c.Name); err != nil {
			return err
		}
		return c.done(g, term, &p, "login name saved")
	})
}

type contactImport struct {
	inAccount
	File    string `arg:"" help:"CSV file; - is standard input."`
	DryRun  bool   `help:"Only tell what would happen."`
	Kind    string `default:"contacts" enum:"contacts,staff,participants" help:"contacts, staff or participants."`
	Project string `help:"Project of the participants, by id."`
}

func (c *contactImport) Run(ctx context.Context, term *terminal) error {
	raw, err := readTable(term, c.File)
	if err != nil {
		return err
	}
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		do := g.core.ImportPeople
		if c.DryRun {
			do = g.core.PreviewImport
		}
		p, err := do(ctx, a, core.Import{Kind: core.ImportKind(c.Kind), Project: core.ID(c.Project), Raw: raw})
		if err != nil {
			return err
		}
		for i := range p.Rows {
			r := &p.Rows[i]
			problem := ""
			if r.Problem != nil {
				problem = words(r.Problem)
			}
			if err := g.show(term, c.JSON, map[string]any{"line": r.Line, "state": r.State, "name": r.Name, "address": r.Address, "problem": problem},
				fmt.Sprintf("%5d %-6s %s <%s> %s", r.Line, r.State, r.Name, r.Address, problem)); err != nil {
				return err
			}
		}
		return nil
	})
}

func readTable(term *terminal, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(term.in, 4<<20))
	}
	return os.ReadFile(name)
}
