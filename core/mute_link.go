package core

import (
	"context"
	"slices"

	"planpost/core/access"
)

// A mail of work that is not addressed to its reader brings a link to stop such
// mail, for its task or for the whole project; to people outside nothing comes of
// it then, for all is addressed to them (taste.silenced). One click in a mail program does
// it (RFC 8058); looking at the page does not.

// MuteView is what the link leads to.
type MuteView struct {
	LinkView
	Task    Task
	Project Project // zero for a task without one
	// TaskMuted and ProjectMuted tell what is muted now, DigestStopped of a digest's link that the digest is.
	TaskMuted, ProjectMuted, DigestStopped bool
}

// ofDigest tells that a MuteLink is that of its person's digest.
func (l *Link) ofDigest() bool { return l.Kind == MuteLink && l.Object == l.Person }

// Digest tells that the link is that of a digest.
func (v *MuteView) Digest() bool { return v.Link.ofDigest() }

// Number is what a person types into the page: the task's number, or a small one of the link's own.
func (v *MuteView) Number() int64 {
	if !v.Digest() {
		return v.Task.Number
	}
	sum := int64(0)
	for _, b := range []byte(v.Link.ID) {
		sum += int64(b)
	}
	return 100 + sum%900
}

// subscription tells whether a letter tells of what goes on, and asks nothing of
// its reader: only that can be unsubscribed from. People outside hear of little
// else than what is written to them: that a task is shared with them, and its end.
func (l *Letter) subscription() bool {
	if !l.Staff {
		return l.Event == TaskShared || l.Event == TaskChanged
	}
	return l.Event != TaskAssigned && len(l.Held) == 0 && !slices.ContainsFunc(l.Reasons, func(r string) bool { return r == "told" || r == string(Assignee) })
}

// muteHolds tells whether the addressee still has to do with the task.
func muteHolds(ctx context.Context, tx Tx, v *LinkView) (bool, error) {
	if v.Link.ofDigest() {
		return true, nil
	}
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
	if v.Digest() {
		s, ok, err := tx.FindSuppression(ctx, v.Account.ID, v.Link.Scope, DigestStream)
		v.DigestStopped = ok && s.Reason == SuppressUnsubscribed
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

// MuteByLink mutes the task or the project of a link for its addressee, or stops
// the digest that it came in, or lets it be heard again. The link is read again in the transaction.
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
		a := &Actor{Person: v.Person, Account: v.Account, Via: "page", Auth: "link", IP: ip, Link: v.Link, Gates: access.Gates{Link: access.LinkActive}}
		if v.Digest() {
			return c.stopDigest(ctx, tx, a, v.Link.Scope, on)
		}
		o := Object{"task", v.Task.ID}
		if kind == "project" {
			o = Object{"project", v.Project.ID}
		}
		if o.ID == "" {
			return Fail(Invalid, "form")
		}
		return c.mute(ctx, tx, a, o, o, on)
	})
}

// ResumeDigest lets the digests of somebody who unsubscribed from them come again: his own, or by who may edit his
// notifications.
func (c *Core) ResumeDigest(ctx context.Context, a *Actor, person ID) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		p, _, err := c.tasteOf(ctx, tx, a, person)
		if err != nil {
			return err
		}
		return c.digestStopped(ctx, tx, a, &p, p.Address().Norm(), false)
	})
}

// stopDigest asks the right of who comes by the link.
func (c *Core) stopDigest(ctx context.Context, tx Tx, a *Actor, address string, on bool) error {
	if err := c.require(ctx, tx, a, "notif.mute", Object{"person", a.Person.ID}, access.Self); err != nil {
		return err
	}
	return c.digestStopped(ctx, tx, a, &a.Person, address, on)
}

// digestStopped writes or lifts the suppression; what stops the digest for another reason stays.
func (c *Core) digestStopped(ctx context.Context, tx Tx, a *Actor, p *Person, address string, on bool) error {
	s, there, err := tx.FindSuppression(ctx, p.Account, address, DigestStream)
	switch {
	case err != nil || there == on:
		return err
	case on:
		s = Suppression{ID: NewID(), Account: p.Account, Address: address, Stream: DigestStream, Reason: SuppressUnsubscribed, By: p.ID, CreatedAt: tx.Now()}
		if err := tx.Suppress(ctx, &s); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "notif.mute", Object{"person", p.ID})
	case s.Reason != SuppressUnsubscribed:
		return Fail(Conflict, "suppression.other")
	}
	if err := tx.LiftSuppression(ctx, p.Account, s.ID, tx.Now(), a.Person.ID); err != nil {
		return err
	}
	return c.note(ctx, tx, a, "notif.unmute", Object{"person", p.ID})
}
