package main

import (
	"context"
	"fmt"
	"strings"

	"planpost/core"
)

type userRole struct {
	onUser
	Role    string `arg:"" help:"admin, techadmin, manager or employee."`
	Private bool   `help:"An administrator may have a private mailbox, such as at gmail.com."`
}

// Run gives a role; the log has one entry of it.
func (c *userRole) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if err := g.core.SetRole(ctx, a, p.ID, core.NewRole{Role: core.Role(c.Role), Confirmed: c.Private}); err != nil {
			return err
		}
		return c.done(g, term, &p, c.Role)
	})
}

type userSwitch struct {
	onUser
	Set []string `arg:"" optional:"" placeholder:"NAME=on|off|default" help:"Switches to turn, such as intake=on."`
}

// Run turns switches, or lists how they stand.
func (c *userSwitch) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		states := make(map[string]core.SwitchState)
		for _, s := range c.Set {
			name, state, ok := strings.Cut(s, "=")
			if !ok {
				return fmt.Errorf("%q is not like intake=on", s)
			}
			states[name] = core.SwitchState(state)
		}
		if len(states) > 0 {
			if err := g.core.SetSwitches(ctx, a, p.ID, states); err != nil {
				return err
			}
		}
		v, err := g.core.Person(ctx, a, p.ID)
		if err != nil {
			return err
		}
		for _, s := range core.SwitchesOf(&v.Person) {
			value := map[string]any{"switch": s.Name, "state": s.State, "on": s.On, "by_role": s.Default}
			if err := g.show(term, c.JSON, value, fmt.Sprintf("%-10s %-8s %v", s.Name, s.State, map[bool]string{true: "on", false: "off"}[s.On])); err != nil {
				return err
			}
		}
		return nil
	})
}
