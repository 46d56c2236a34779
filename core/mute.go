package core

import (
	"context"
	"slices"
	"time"

	"planpost/core/access"
)

// Mute is a thread (a task) or a project of which a person wants to hear nothing
// but what is addressed to him.
type Mute struct {
	Account, Person ID
	// Kind is "task" or "project", Object its ID.
	Kind      string
	Object    ID
	CreatedAt time.Time
	// Number and Name are the task's number and title, or the project's name; read, never written.
	Number int64
	Name   string
}

// NotifTx reads and writes what people want to hear of, and what they have seen.
type NotifTx interface {
	// Notes gives the viewer's notifications with what they are about, of what he may see.
	Notes(ctx context.Context, v Viewer, f NoteFilter) ([]Note, error)
	// UnreadNotes counts those that Notes gives as unread, at most limit.
	UnreadNotes(ctx context.Context, v Viewer, limit int) (int, error)
	HasUnread(ctx context.Context, person, task ID) (bool, error)
	// MarkRead marks what a person was told of a task, MarkNotes these, or all up to the newest
	// when there are none; false when nothing was unread.
	MarkRead(ctx context.Context, account, person, task ID, at time.Time) (bool, error)
	MarkNotes(ctx context.Context, account, person ID, ids []ID, newest ID, at time.Time) (bool, error)
	// NotifChoices gives what these people have chosen.
	NotifChoices(ctx context.Context, account ID, people []ID) ([]NotifChoice, error)
	// SetNotifChoice writes one, and marks its person as Tuned.
	SetNotifChoice(ctx context.Context, n *NotifChoice) error
	// DropNotifChoice takes a choice back, so that what holds for all holds again.
	DropNotifChoice(ctx context.Context, n *NotifChoice) error
	// Rhythms gives those of these people that are not the zero one.
	Rhythms(ctx context.Context, account ID, people []ID) ([]Rhythm, error)
	// SetRhythm writes one, and marks its person as Tuned.
	SetRhythm(ctx context.Context, r *Rhythm) error
	// MoveWaiting gives the mails that wait for a person's hours, or for more of their thread, another time, and
	// the open digest one of its own.
	MoveWaiting(ctx context.Context, account, person ID, work, digest time.Time) error
	// MoveNotifications makes another delivery carry what one carries.
	MoveNotifications(ctx context.Context, account, from, to ID) error
	// SentSince counts the mails of the work stream that a person got, at most limit.
	SentSince(ctx context.Context, person ID, since time.Time, limit int) (int, error)
	// Mutes gives what these people have muted, without names.
	Mutes(ctx context.Context, account ID, people []ID) ([]Mute, error)
	// MutesOf gives what a person has muted and may still see, with names, by name.
	MutesOf(ctx context.Context, v Viewer) ([]Mute, error)
	// SetMute writes a mute and marks its person as Tuned; false when it is there.
	SetMute(ctx context.Context, m *Mute) (bool, error)
	// DropMute ends one; false when there is none.
	DropMute(ctx context.Context, m *Mute) (bool, error)
}

// SetMute mutes a task or a project for the actor, or lets it be heard again.
// It is one's own choice only, for what one may see; to hear again needs no right to see.
func (c *Core) SetMute(ctx context.Context, a *Actor, o Object, on bool) error {
	view := map[string]access.Action{"task": "task.view", "project": "project.view"}[o.Kind]
	switch {
	case view == "":
		return Fail(Invalid, "form")
	case a.Person.ID == "":
		return Fail(Invalid, "mute.self")
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		whose := o
		if !on && a.Link.ID == "" {
			whose = Object{"person", a.Person.ID}
		} else if err := c.require(ctx, tx, a, view, o); err != nil {
			return err
		}
		return c.mute(ctx, tx, a, o, whose, on)
	})
}

// mute asks the right about whose, and mutes o or lets it be heard again.
func (c *Core) mute(ctx context.Context, tx Tx, a *Actor, o, whose Object, on bool) error {
	if err := c.require(ctx, tx, a, "notif.mute", whose, access.Self); err != nil {
		return err
	}
	change, code := tx.DropMute, "notif.unmute"
	if on {
		change, code = tx.SetMute, "notif.mute"
	}
	done, err := change(ctx, &Mute{Account: a.Account.ID, Person: a.Person.ID, Kind: o.Kind, Object: o.ID, CreatedAt: tx.Now()})
	if err != nil || !done {
		return err
	}
	return c.note(ctx, tx, a, code, o)
}

// Muted tells what the actor has muted, of what he may still see.
func (c *Core) Muted(ctx context.Context, a *Actor) (list []Mute, err error) {
	if !a.Person.Tuned {
		return nil, nil
	}
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = tx.MutesOf(ctx, a.Viewer())
		return err
	})
	return list, err
}

// Mutes tells whether the actor has muted this very thing.
func (c *Core) Mutes(ctx context.Context, a *Actor, o Object) (on bool, err error) {
	if !a.Person.Tuned {
		return false, nil
	}
	err = c.store.Ask(ctx, func(tx Tx) error {
		list, err := tx.Mutes(ctx, a.Account.ID, []ID{a.Person.ID})
		on = slices.ContainsFunc(list, func(m Mute) bool { return m.Object == o.ID })
		return err
	})
	return on, err
}
