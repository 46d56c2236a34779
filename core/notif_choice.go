package core

import (
	"context"
	"slices"
)

// NotifRow is one row of somebody's table: an event, and by which channels he hears of it.
type NotifRow struct {
	EventKind
	// By are the channels in force.
	By []Channel
}

// Hears tells whether a channel is in force.
func (r *NotifRow) Hears(ch Channel) bool { return slices.Contains(r.By, ch) }

// NotifTable is what a person hears of and how, in full.
func (c *Core) NotifTable(ctx context.Context, a *Actor, person ID) (p Person, rows []NotifRow, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		var mine *taste
		if p, mine, err = c.tasteOf(ctx, tx, a, person); err != nil {
			return err
		}
		rows = nil
		for _, k := range EventKinds(p.Staff()) {
			row := NotifRow{EventKind: k}
			for _, ch := range Channels {
				if k.Since == "" && mine.wants(k.Event, ch) {
					row.By = append(row.By, ch)
				}
			}
			rows = append(rows, row)
		}
		return nil
	})
	return p, rows, err
}

// tasteOf reads a person's choices for who may edit them.
func (c *Core) tasteOf(ctx context.Context, tx Tx, a *Actor, person ID) (Person, *taste, error) {
	p, err := tx.FindPerson(ctx, a.Account.ID, person)
	if err != nil {
		return p, nil, err
	}
	if err := c.require(ctx, tx, a, "notif.edit", Object{"person", person}); err != nil {
		return Person{}, nil, err
	}
	all, err := tastes(ctx, tx, a.Account.ID, []*Person{&p})
	return p, all[person], err
}

// SetNotif chooses channels for a person: his own, or by who may edit his.
// Security letters cannot be switched off, nor what does not exist yet be
// switched on: Conflict "notif.fixed", "notif.later".
func (c *Core) SetNotif(ctx context.Context, a *Actor, person ID, choices []NotifChoice) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		p, mine, err := c.tasteOf(ctx, tx, a, person)
		if err != nil {
			return err
		}
		if p.Kind == AddressKind {
			return Fail(Conflict, "notif.nobody")
		}
		var changes []Change
		for _, n := range choices {
			n.Account, n.Person = a.Account.ID, person
			was := mine.wants(n.Event, n.Channel)
			if err := n.check(&p, was); err != nil {
				return err
			}
			if was == n.On {
				continue
			}
			if err := n.keep(ctx, tx); err != nil {
				return err
			}
			changes = append(changes, Change{string(n.Event) + "." + string(n.Channel), onOff(was), onOff(n.On)})
		}
		if len(changes) == 0 {
			return nil
		}
		return c.noteChanges(ctx, tx, a, "notif.edit", Object{"person", person}, changes)
	})
}

// check tells why a choice cannot be made. To ask for what holds anyway is no mistake.
func (n *NotifChoice) check(p *Person, was bool) error {
	kind, ok := eventKind(n.Event)
	switch {
	case !ok || !p.Staff() && !kind.Outside:
		return Fail(Invalid, "notif.event", "event", cut(oneLine(string(n.Event)), 40))
	case n.Channel == PhoneChannel || kind.Since != "":
		return Fail(Conflict, "notif.later")
	case !slices.Contains(Channels, n.Channel):
		return Fail(Invalid, "notif.channel", "channel", cut(oneLine(string(n.Channel)), 40))
	case kind.MailOnly && n.Channel != MailChannel && n.On:
		return Fail(Conflict, "notif.mailonly")
	case kind.Fixed && was != n.On:
		return Fail(Conflict, "notif.fixed")
	}
	return nil
}

// keep writes what differs from what holds for all, and drops what does not.
func (n *NotifChoice) keep(ctx context.Context, tx Tx) error {
	if (*taste)(nil).wants(n.Event, n.Channel) == n.On {
		return tx.DropNotifChoice(ctx, n)
	}
	return tx.SetNotifChoice(ctx, n)
}
