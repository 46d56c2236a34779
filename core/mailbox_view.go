package core

import (
	"context"
	"time"

	"planpost/core/access"
)

// MailboxView is a mailbox as its page shows it.
type MailboxView struct {
	Mailbox Mailbox
	Folders []MailFolder
	// Counts are the messages on the server by what became of them.
	Counts map[FetchState]int
	// Aside are those that somebody should look at, the newest first.
	Aside []Fetched
	// Project is where mail goes that answers nothing; its ID is empty when it goes to none.
	Project Project
	// Masked hides who wrote and what about (technical administrators).
	Masked bool
	// May tells whether the asker may change it.
	May bool
	// Watch is its alarm and the proof of the way.
	Watch MailboxWatch
	// Replies tells that answers to our mail come to this mailbox.
	Replies bool
}

// Trouble is the folder with the trouble that holds longest; false when all is well.
func (v *MailboxView) Trouble() (f MailFolder, ok bool) {
	for i := range v.Folders {
		if one := &v.Folders[i]; one.Code != "" && (!ok || one.Since.Before(f.Since)) {
			f, ok = *one, true
		}
	}
	return f, ok
}

// ContactAt is when all folders had last been looked into; zero before.
func (v *MailboxView) ContactAt() (at time.Time) {
	for i := range v.Folders {
		if one := v.Folders[i].ContactAt; i == 0 || one.Before(at) {
			at = one
		}
	}
	return at
}

// ImportedAt is when mail came last.
func (v *MailboxView) ImportedAt() (at time.Time) {
	for i := range v.Folders {
		if one := v.Folders[i].ImportedAt; one.After(at) {
			at = one
		}
	}
	return at
}

// Old tells how much old mail was asked for, and how much of it is still to come.
func (v *MailboxView) Old() (total, left int) {
	for i := range v.Folders {
		total += v.Folders[i].Total
		left += v.Folders[i].Left
	}
	return total, left
}

// asideShown is how many messages that were set aside a page shows.
const asideShown = 50

// seesMailboxes asks whether somebody may see the account's mailboxes, and whether without who signs in.
func (c *Core) seesMailboxes(ctx context.Context, tx Tx, a *Actor) (masked bool, err error) {
	ans, err := c.may(ctx, tx, a, viewMailbox, Object{})
	if err != nil {
		return false, err
	}
	return ans.Must(access.Mask), denied(ans)
}

// Mailboxes are those of the account.
func (c *Core) Mailboxes(ctx context.Context, a *Actor) (list []MailboxView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list = nil
		masked, err := c.seesMailboxes(ctx, tx, a)
		if err != nil {
			return err
		}
		all, err := tx.ListMailboxes(ctx, a.Account.ID)
		for i := range all {
			v, err := c.mailboxView(ctx, tx, a, all[i], masked, false)
			if err != nil {
				return err
			}
			list = append(list, v)
		}
		return err
	})
	return list, err
}

// MailboxNamed finds the mailbox that somebody named by its id, name or address, as Mailboxes shows it.
func (c *Core) MailboxNamed(ctx context.Context, a *Actor, name string) (m Mailbox, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		masked, err := c.seesMailboxes(ctx, tx, a)
		if err != nil {
			return err
		}
		all, err := tx.ListMailboxes(ctx, a.Account.ID)
		if err != nil {
			return err
		}
		for i := range all {
			all[i].Sealed = nil
			if masked {
				all[i].mask()
			}
		}
		found, ok := MailboxOf(all, name)
		if m = found; !ok {
			return Fail(NotFound, "mailbox.unknown")
		}
		return nil
	})
	return m, err
}

// mask hides what is somebody's words: the name, and who signs in.
func (m *Mailbox) mask() { m.User, m.Name = "", m.Address.Mailbox() }

// MailboxPage gives one of them.
func (c *Core) MailboxPage(ctx context.Context, a *Actor, id ID) (v MailboxView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		masked, err := c.seesMailboxes(ctx, tx, a)
		if err != nil {
			return err
		}
		m, err := tx.FindMailbox(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		v, err = c.mailboxView(ctx, tx, a, m, masked, true)
		return err
	})
	return v, err
}

func (c *Core) mailboxView(ctx context.Context, tx Tx, a *Actor, m Mailbox, masked, whole bool) (v MailboxView, err error) {
	v = MailboxView{Mailbox: m, Masked: masked}
	v.Mailbox.Sealed = nil
	if v.Folders, err = tx.MailFolders(ctx, m.ID); err != nil {
		return v, err
	}
	watched := v.Folders[:0]
	for _, f := range v.Folders {
		for _, name := range m.Folders {
			if f.Name == name {
				watched = append(watched, f)
			}
		}
	}
	v.Folders = watched
	if v.Counts, err = tx.CountFetched(ctx, m.ID); err != nil {
		return v, err
	}
	if v.Watch, err = tx.FindMailboxWatch(ctx, m.ID); err != nil {
		return v, err
	}
	rights, err := c.rights(ctx, tx, a, Object{}, editMailbox)
	if err != nil {
		return v, err
	}
	v.May = rights[editMailbox]
	if v.Masked {
		v.Mailbox.mask()
	}
	account, err := tx.FindAccount(ctx, a.Account.ID)
	if err != nil {
		return v, err
	}
	v.Replies = account.ReplyMailbox == m.ID
	if !whole {
		return v, nil
	}
	if v.Aside, err = tx.AsideFetched(ctx, m.ID, asideShown); err != nil {
		return v, err
	}
	for i := range v.Aside {
		if e := &v.Aside[i]; v.Masked {
			e.From, e.Subject = "", ""
		}
	}
	if m.Else != ElseHold && !v.Masked && m.Else != ElseIgnore {
		v.Project, err = tx.FindProject(ctx, m.Account, ID(m.Else))
		if KindOf(err) == NotFound {
			err = nil
		}
	}
	return v, err
}

// FetchedName names a message on a mailbox's server.
type FetchedName struct {
	Folder        ID
	Validity, UID uint32
}

// AskFetched has a message fetched that was set aside, whatever its size.
func (c *Core) AskFetched(ctx context.Context, a *Actor, mailbox ID, n FetchedName) error {
	return c.decideFetched(ctx, a, mailbox, n, "mailbox.fetch", func(e *Fetched) {
		e.State, e.Asked, e.Tries, e.NextTry = FetchWaiting, true, 0, c.Now()
	})
}

// LeaveAside leaves a message that was set aside on the server, and says no more about it.
func (c *Core) LeaveAside(ctx context.Context, a *Actor, mailbox ID, n FetchedName) error {
	return c.decideFetched(ctx, a, mailbox, n, "mailbox.leave", func(e *Fetched) { e.State, e.Asked, e.NextTry = FetchBefore, false, time.Time{} })
}

func (c *Core) decideFetched(ctx context.Context, a *Actor, mailbox ID, n FetchedName, code string, change func(*Fetched)) error {
	return c.changeMailbox(ctx, a, mailbox, code, true, func(tx Tx, m *Mailbox) error {
		folders, err := tx.MailFolders(ctx, m.ID)
		if err != nil {
			return err
		}
		for i := range folders {
			if folders[i].ID != n.Folder {
				continue
			}
			e, err := tx.FindFetched(ctx, n.Folder, n.Validity, n.UID)
			if err != nil {
				return err
			}
			if e.State == FetchDone || e.State == FetchBefore {
				return Fail(Conflict, "mailbox.message.decided")
			}
			change(&e)
			if err := tx.PutFetched(ctx, []Fetched{e}); err != nil {
				return err
			}
			m.UpdatedAt = c.Now() // it is looked into anew
			return tx.PutMailbox(ctx, m)
		}
		return Fail(NotFound, "mailbox.message.unknown")
	})
}
