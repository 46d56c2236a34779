package core

import (
	"context"
	"slices"

	"planpost/core/access"
)

// A mail of work that is not addressed to its reader brings a link to stop such
// mail, for its task or for the whole project. One click in a mail program does
// it (RFC 8058); looking at the page does not.

// MuteView is what the link leads to.
type MuteView struct {
	LinkView
	Task    Task
	Project Project // zero for a task without one
	// TaskMuted and ProjectMuted tell what is muted now.
	TaskMuted, ProjectMuted bool
}

// subscription tells whether a letter tells of what goes on, and asks nothing of
// its reader: only that can be unsubscribed from.
func (l *Letter) subscription() bool {
	return l.Staff && l.Event != TaskAssigned && len(l.Held) == 0 && !slices.ContainsFunc(l.Reasons, func(r string) bool { return r == "told" || r == string(Assignee) })
}

// muteHolds tells whether the addressee still has to do with the task.
func muteHolds(ctx context.Context, tx Tx, v *LinkView) (bool, error) {
	facts, blocked, err := tx.TaskFacts(ctx, &v.Person, v.Link.Object)
	if KindOf(err) == NotFound {
		return false, nil
	}
	return !blocked && readable(&Actor{Person: v.Person, Account: v.Account}, "task.view", facts), err
}

// MuteLink reads the token of an address. It changes nothing.
func (c *Core) MuteLink(ctx context.Context, token, ip string) (v MuteView, err error) {
	id, generation, ok := c.keys.OpenLink(MuteLink, token)
	if !ok {
		return v, Fail(NotFound, "link.unknown")
	}
	if ok, wait := c.limiter.Allow(ctx, "link:"+string(id), viewsOfLink, viewsOfLinkPer); !ok {
		return v, limited("link.limited", wait)
	}
	err = c.store.View(ctx, func(tx Tx) error {
		v = MuteView{}
		return c.readMute(ctx, tx, &v, id, generation, ip)
	})
	return v, c.refusedLink(ctx, &v.LinkView, ip, err)
}

func (c *Core) readMute(ctx context.Context, tx Tx, v *MuteView, id ID, generation int, ip string) (err error) {
	if v.LinkView, err = c.readLink(ctx, tx, MuteLink, id, generation, ip); err != nil || v.State != LinkLive {
		return err
	}
	if v.Task, err = tx.FindTask(ctx, v.Account.ID, v.Link.Object); err != nil {
		return err
	}
	if v.Task.Project != "" {
		if v.Project, err = tx.FindProject(ctx, v.Account.ID, v.Task.Project); err != nil {
			return err
		}
	}
	muted, err := tx.Mutes(ctx, v.Account.ID, []ID{v.Person.ID})
	for _, m := range muted {
		v.TaskMuted = v.TaskMuted || m.Object == v.Task.ID
		v.ProjectMuted = v.ProjectMuted || v.Project.ID != "" && m.Object == v.Project.ID
	}
	return err
}

// MuteByLink mutes the task or the project of a link for its addressee, or lets
// it be heard again. The link is read again in the transaction.
func (c *Core) MuteByLink(ctx context.Context, token, ip, kind string, on bool) error {
	id, generation, ok := c.keys.OpenLink(MuteLink, token)
	if !ok {
		return Fail(NotFound, "link.unknown")
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		v := MuteView{}
		if err := c.readMute(ctx, tx, &v, id, generation, ip); err != nil {
			return err
		}
		if err := v.usable(); err != nil {
			return err
		}
		o := Object{"task", v.Task.ID}
		if kind == "project" {
			o = Object{"project", v.Project.ID}
		}
		if o.ID == "" {
			return Fail(Invalid, "form")
		}
		a := &Actor{Person: v.Person, Account: v.Account, Via: "page", Auth: "link", IP: ip, Link: v.Link, Gates: access.Gates{Link: access.LinkActive}}
		return c.mute(ctx, tx, a, o, o, on)
	})
}
