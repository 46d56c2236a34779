package main

import (
	"context"
	"fmt"
	"strings"

	"planpost/core"
)

type userNotify struct {
	onUser
	Set []string `arg:"" optional:"" placeholder:"EVENT.CHANNEL=on|off" help:"What to switch, such as task.changed.mail=off; channels are mail and page."`
}

// Run switches what somebody is told and how, or lists it.
func (c *userNotify) Run(ctx context.Context, term *terminal) error {
	choices, err := c.choices()
	if err != nil {
		return err
	}
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if len(choices) > 0 {
			if err := g.core.SetNotif(ctx, a, p.ID, choices); err != nil {
				return err
			}
		}
		_, rows, err := g.core.NotifTable(ctx, a, p.ID)
		if err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			mail, page := r.Hears(core.MailChannel), r.Hears(core.PageChannel)
			line := fmt.Sprintf("%-18s mail %-3s page %s", r.Event, onOff(mail), onOff(page))
			switch {
			case r.Since != "":
				line = fmt.Sprintf("%-18s from when there are %s", r.Event, r.Since)
			case r.Fixed:
				line = fmt.Sprintf("%-18s mail always", r.Event)
			}
			value := map[string]any{"event": r.Event, "mail": mail, "page": page, "fixed": r.Fixed, "since": r.Since}
			if err := g.show(term, c.JSON, value, line); err != nil {
				return err
			}
		}
		return nil
	})
}

type userMail struct {
	onUser
	Digest string `help:"What is not addressed to the person: off (a mail for each task), hourly or daily." placeholder:"off|hourly|daily"`
	Days   string `help:"Working days by number, such as 12345 for Monday to Friday; - for none: mail always comes."`
	Hours  string `help:"Working hours, such as 08:00-16:30." placeholder:"FROM-UNTIL"`
	Resume bool   `help:"Digests come again after they were unsubscribed from."`
}

// Run says when mail about work comes to somebody, or tells it.
func (c *userMail) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		r, stopped, err := g.core.RhythmOf(ctx, a, p.ID)
		if err != nil {
			return err
		}
		if c.Digest != "" || c.Days != "" || c.Hours != "" {
			if err := c.change(&r); err != nil {
				return err
			}
			if err := g.core.SetRhythm(ctx, a, r); err != nil {
				return err
			}
		}
		if c.Resume {
			if err := g.core.ResumeDigest(ctx, a, p.ID); err != nil {
				return err
			}
		}
		if r, stopped, err = g.core.RhythmOf(ctx, a, p.ID); err != nil {
			return err
		}
		line := "digest " + string(r.Digest)
		if r.Days != "" {
			line += ", mail on days " + r.Days + " " + r.From + "-" + r.Until
		}
		if stopped {
			line += ", digests unsubscribed from"
		}
		return g.show(term, c.JSON, map[string]any{"digest": r.Digest, "days": r.Days, "from": r.From, "until": r.Until, "unsubscribed": stopped}, line)
	})
}

func (c *userMail) change(r *core.Rhythm) error {
	if c.Digest != "" {
		r.Digest = core.Digest(c.Digest)
	}
	if c.Days != "" {
		r.Days = strings.Trim(c.Days, "-")
	}
	if c.Hours == "" {
		return nil
	}
	var ok bool
	if r.From, r.Until, ok = strings.Cut(c.Hours, "-"); !ok {
		return fmt.Errorf("%q is not like 08:00-16:30", c.Hours)
	}
	return nil
}

func (c *userNotify) choices() (list []core.NotifChoice, err error) {
	for _, s := range c.Set {
		name, state, _ := strings.Cut(s, "=")
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 || state != "on" && state != "off" {
			return nil, fmt.Errorf("%q is not like task.changed.mail=off", s)
		}
		list = append(list, core.NotifChoice{Event: core.Event(name[:dot]), Channel: core.Channel(name[dot+1:]), On: state == "on"})
	}
	return list, nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

type taskMute struct {
	inAccount
	Number int64 `arg:"" help:"Number of the task."`
	Off    bool  `help:"Hear of it again."`
}

// Run mutes a task for who asks.
func (c *taskMute) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		v, err := g.core.Task(ctx, a, c.Number, "")
		if err != nil {
			return err
		}
		return g.mute(ctx, term, c.JSON, a, core.Object{Kind: "task", ID: v.Task.ID}, !c.Off)
	})
}

type projectMute struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
	Off     bool   `help:"Hear of it again."`
}

// Run mutes a project for who asks.
func (c *projectMute) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		return g.mute(ctx, term, c.JSON, a, core.Object{Kind: "project", ID: core.ID(c.Project)}, !c.Off)
	})
}

func (g *gateway) mute(ctx context.Context, term *terminal, asJSON bool, a *core.Actor, o core.Object, on bool) error {
	if err := g.core.SetMute(ctx, a, o, on); err != nil {
		return err
	}
	return g.show(term, asJSON, map[string]any{"kind": o.Kind, "id": o.ID, "muted": on}, o.Kind+" muted: "+onOff(on))
}
