package core

import (
	"context"
	"time"
)

// Note is a notification as its reader's page shows it.
type Note struct {
	Notification
	// Number and Title are the task's; Who wrote what it is about, where somebody did.
	Number     int64
	Title, Who string
}

// NoteFilter narrows a person's list, newest first.
type NoteFilter struct {
	Unread bool
	Before ID
	Limit  int
}

// MostUnread is as far as unread notifications are counted: more is "many".
const MostUnread = 100

// Notes are the actor's own notifications, as far as he may still see what
// they are about; held messages that wait no more are not among the unread.
func (c *Core) Notes(ctx context.Context, a *Actor, f NoteFilter) (list []Note, more bool, err error) {
	limit := f.Limit
	f.Limit++
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = tx.Notes(ctx, a.Viewer(), f)
		return err
	})
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	return list, more, err
}

// UnreadNotes counts them up to MostUnread.
func (c *Core) UnreadNotes(ctx context.Context, a *Actor) (n int, err error) {
	err = c.store.Ask(ctx, func(tx Tx) error {
		n, err = tx.UnreadNotes(ctx, a.Viewer(), MostUnread)
		return err
	})
	return n, err
}

// ReadNotes marks the actor's notifications as read: these, or all when none is
// named, up to the newest that was shown.
func (c *Core) ReadNotes(ctx context.Context, a *Actor, ids []ID, newest ID) error {
	return c.read(ctx, a, func(tx Tx, at time.Time) (bool, error) {
		if err := c.require(ctx, tx, a, "notif.edit", Object{"person", a.Person.ID}); err != nil {
			return false, err
		}
		return tx.MarkNotes(ctx, a.Account.ID, a.Person.ID, ids, newest, at)
	})
}

// SawTask marks what the actor was told of a task as read: its page was shown
// to him. Who looks through another's eyes marks nothing.
func (c *Core) SawTask(ctx context.Context, a *Actor, task ID) error {
	if a.ViewedBy != nil || a.Person.ID == "" || a.Link.ID != "" {
		return nil
	}
	var waits bool
	err := c.store.Ask(ctx, func(tx Tx) (err error) {
		waits, err = tx.HasUnread(ctx, a.Person.ID, task)
		return err
	})
	if err != nil || !waits {
		return err
	}
	return c.read(ctx, a, func(tx Tx, at time.Time) (bool, error) {
		return tx.MarkRead(ctx, a.Account.ID, a.Person.ID, task, at)
	})
}

func (c *Core) read(ctx context.Context, a *Actor, mark func(Tx, time.Time) (bool, error)) error {
	var some bool
	err := c.store.InTx(ctx, func(tx Tx) (err error) {
		some, err = mark(tx, tx.Now())
		return err
	})
	if err == nil && some {
		c.tellPages([]ID{a.Person.ID})
	}
	return err
}

// tellPages lets the open pages of people know that their notifications changed.
func (c *Core) tellPages(people []ID) {
	for _, id := range people {
		if id != "" {
			c.bus.Publish(NotesTopic(id))
		}
	}
}
