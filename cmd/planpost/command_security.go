package main

import (
	"context"
	"fmt"
	"time"

	"planpost/core"
)

type ipCommand struct {
	List     ipList     `cmd:"" help:"The rules: who may come in from which network, and when."`
	Add      ipAdd      `cmd:"" help:"Add a rule."`
	Remove   ipRemove   `cmd:"" help:"Remove a rule."`
	Test     ipTest     `cmd:"" help:"May this person come in from there then?"`
	Refusals ipRefusals `cmd:"" help:"Who was refused lately."`
	Off      ipOff      `cmd:"" help:"Break-glass: take all rules away, let everyone in from everywhere, tell the administrators."`
}

type ipList struct{ inAccount }

func (c *ipList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		rules, err := g.core.IPRules(ctx, a)
		if err != nil {
			return err
		}
		for i := range rules {
			if err := g.showRule(term, c.JSON, &rules[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (g *gateway) showRule(term *terminal, asJSON bool, r *core.IPRule) error {
	return g.show(term, asJSON, map[string]any{"id": r.ID, "class": r.Class, "who": r.Who, "person": r.Person, "network": r.Network, "days": r.Days, "from": r.From, "until": r.Until},
		string(r.ID)+"  "+r.String())
}

type ipAdd struct {
	inAccount
	Network string `required:"" help:"An address, a network like 192.0.2.0/24, or everywhere."`
	Who     string `default:"everyone" help:"everyone, staff, outside, a role, or person with --person."`
	Person  string `placeholder:"ADDRESS" help:"The one person, by address."`
	Class   string `default:"sessions" enum:"sessions,links" help:"sessions or links."`
	Days    string `help:"Digits of weekdays, Monday is 1; every day when not given."`
	From    string `help:"Time like 08:00, in the account's zone."`
	Until   string `help:"Time like 18:00."`
}

func (c *ipAdd) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		r := core.IPRule{Class: c.Class, Who: c.Who, Network: c.Network, Days: c.Days, From: c.From, Until: c.Until}
		if c.Person != "" {
			p, err := g.core.Addressed(ctx, a, c.Person)
			if err != nil {
				return err
			}
			r.Who, r.Person = core.WhoPerson, p.ID
		}
		r, err := g.core.AddIPRule(ctx, a, r)
		if err != nil {
			return err
		}
		return g.showRule(term, c.JSON, &r)
	})
}

type ipRemove struct {
	inAccount
	ID string `arg:"" help:"The rule, as ip list shows it."`
}

func (c *ipRemove) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if err := g.core.RemoveIPRule(ctx, a, core.ID(c.ID)); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"removed": c.ID}, "the rule is removed")
	})
}

type ipTest struct {
	inAccount
	Person string    `arg:"" help:"Who, by address."`
	IP     string    `arg:"" help:"From where."`
	At     time.Time `help:"When, like 2026-05-04T09:15:00Z; now when not given."`
	Class  string    `default:"sessions" enum:"sessions,links" help:"sessions or links."`
}

func (c *ipTest) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.Addressed(ctx, a, c.Person)
		if err != nil {
			return err
		}
		if c.At.IsZero() {
			c.At = g.core.Now()
		}
		rule, err := g.core.TestIPRules(ctx, a, core.IPQuestion{Person: p.ID, Class: c.Class, IP: c.IP, At: c.At})
		if err != nil {
			return err
		}
		if rule == nil {
			return g.show(term, c.JSON, map[string]any{"allowed": false}, "no: no rule lets this person in")
		}
		return g.show(term, c.JSON, map[string]any{"allowed": true, "rule": rule.ID}, "yes: "+rule.String())
	})
}

type ipRefusals struct{ inAccount }

func (c *ipRefusals) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		list, err := g.core.IPRefusals(ctx, a, 200)
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := g.show(term, c.JSON, map[string]any{"person": r.Person, "class": r.Class, "ip": r.IP, "number": r.Number, "last_at": r.LastAt},
				fmt.Sprintf("%s  %s  %s  %d times, %s", r.Person, r.IP, r.Class, r.Number, r.LastAt.Format(time.RFC3339))); err != nil {
				return err
			}
		}
		return nil
	})
}

type ipOff struct{ inAccount }

func (c *ipOff) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if err := g.core.OpenNetwork(ctx, a); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"off": true}, "everyone can come in from everywhere")
	})
}

// onUser is what commands about one person take.
type onUser struct {
	inAccount
	Address string `arg:"" help:"E-mail address of the person."`
}

func (c *onUser) person(ctx context.Context, term *terminal, do func(*gateway, *core.Actor, core.Person) error) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.Addressed(ctx, a, c.Address)
		if err != nil {
			return err
		}
		return do(g, a, p)
	})
}

type userFactorCommand struct {
	Reset userFactorReset `cmd:"" help:"Take a lost second factor away; sessions end, the person and the administrators are told, a required one stays required."`
}

type userFactorReset struct{ onUser }

func (c *userFactorReset) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if err := g.core.ResetFactor(ctx, a, p.ID); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"reset": p.ID}, "the second factor of "+p.Name+" is reset")
	})
}

type userSessionsCommand struct {
	List userSessionsList `cmd:"" help:"Where a person is signed in."`
	End  userSessionsEnd  `cmd:"" help:"End all sessions of a person."`
}

type userSessionsList struct{ onUser }

func (c *userSessionsList) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		list, err := g.core.Sessions(ctx, a, p.ID)
		if err != nil {
			return err
		}
		for _, s := range list {
			if err := g.show(term, c.JSON, map[string]any{"id": s.ID, "ip": s.IP, "user_agent": s.UserAgent, "auth": s.Auth, "since": s.CreatedAt, "last_used": s.LastSeenAt},
				fmt.Sprintf("%s  %-15s  since %s, last used %s  %s", s.ID[:12], s.IP, s.CreatedAt.Format(time.RFC3339), s.LastSeenAt.Format(time.RFC3339), s.UserAgent)); err != nil {
				return err
			}
		}
		return nil
	})
}

type userSessionsEnd struct{ onUser }

func (c *userSessionsEnd) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if err := g.core.EndSessions(ctx, a, p.ID); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"ended": p.ID}, p.Name+" is signed out everywhere")
	})
}

type accountFactor struct {
	inAccount
	Staff   string   `enum:",off,allowed,required,chosen" default:"" help:"off, allowed, required or chosen; unchanged when not given."`
	Outside string   `enum:",off,allowed,required,chosen" default:"" help:"The same for people from outside."`
	Chosen  []string `placeholder:"ADDRESS" help:"The chosen people, by address, instead of those before."`
}

// Run changes who must have a second factor, where something is given, and shows what is in force.
func (c *accountFactor) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.FactorPolicy(ctx, a)
		if err != nil {
			return err
		}
		changed := c.Staff+c.Outside != "" || len(c.Chosen) > 0
		if c.Staff != "" {
			p.Staff = c.Staff
		}
		if c.Outside != "" {
			p.Outside = c.Outside
		}
		if len(c.Chosen) > 0 {
			p.Chosen = nil
		}
		for _, address := range c.Chosen {
			one, err := g.core.Addressed(ctx, a, address)
			if err != nil {
				return err
			}
			p.Chosen = append(p.Chosen, one.ID)
		}
		if changed {
			if err := g.core.SetFactorPolicy(ctx, a, p); err != nil {
				return err
			}
		}
		return g.show(term, c.JSON, map[string]any{"staff": p.Staff, "outside": p.Outside, "chosen": p.Chosen},
			fmt.Sprintf("second factor: staff %s, outside %s, %d chosen", p.Staff, p.Outside, len(p.Chosen)))
	})
}
