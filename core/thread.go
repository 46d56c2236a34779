package core

import (
	"context"
	"time"

	"planpost/core/access"
)

// A thread link opens one conversation to its addressee, as far as that person
// may see it today. Reading needs the link alone; who writes has typed a code
// from the mailbox in this browser before, for a link is easily passed on.

// Thread is one conversation opened by its link.
type Thread struct {
	LinkView
	// Actor is the addressee with what the link carries; nil unless State is LinkLive.
	Actor *Actor
	// Number is the task's.
	Number int64
	// Proven tells that a code was typed in this browser; Dashboard that all conversations can be opened by one.
	Proven, Dashboard bool
}

// filesOfLink is how many files of its page a link gives, together with its way back after a pause.
const filesOfLink = 600

// Thread reads the token of an address; proofs are what the browser keeps of
// codes typed before. It changes nothing.
func (c *Core) Thread(ctx context.Context, token, ip string, proofs ...string) (Thread, error) {
	return c.thread(ctx, token, ip, proofs, "link:", viewsOfLink, viewsOfLinkPer)
}

// ThreadFile is Thread for what a page of it loads.
func (c *Core) ThreadFile(ctx context.Context, token, ip string) (Thread, error) {
	return c.thread(ctx, token, ip, nil, "linkfile:", filesOfLink, viewsOfLinkPer/10)
}

func (c *Core) thread(ctx context.Context, token, ip string, proofs []string, limit string, burst int, every time.Duration) (t Thread, err error) {
	id, generation, ok := c.keys.OpenLink(ThreadLink, token)
	if !ok {
		return t, Fail(NotFound, "link.unknown")
	}
	if ok, wait := c.limiter.Allow(ctx, limit+string(id), burst, every); !ok {
		return t, limited("link.limited", wait)
	}
	err = c.store.View(ctx, func(tx Tx) error {
		t = Thread{}
		if t.LinkView, err = c.readLink(ctx, tx, ThreadLink, id, generation, ip); err != nil || t.State != LinkLive {
			return err
		}
		t.Dashboard = t.Person.Access == BasicAccess
		task, err := tx.FindTask(ctx, t.Account.ID, t.Link.Object)
		if err != nil {
			return err
		}
		t.Number, t.Actor = task.Number, threadActor(&t.LinkView, ip)
		for _, proof := range proofs {
			s, p, err := c.liveGuest(ctx, tx, proof)
			if err != nil && KindOf(err) != NotFound {
				return err
			}
			if err == nil && p.ID == t.Person.ID && (s.Task == t.Link.Object || s.Task == "" && t.Dashboard) {
				t.Proven, t.Actor.Auth = true, "code"
			}
		}
		return nil
	})
	return t, c.refusedLink(ctx, &t.LinkView, ip, err)
}

// threadActor is the addressee as far as the link carries.
func threadActor(v *LinkView, ip string) *Actor {
	return &Actor{Person: v.Person, Account: v.Account, Via: "page", Auth: "link", IP: ip, Link: v.Link, Gates: access.Gates{Link: access.LinkActive}}
}

// threadHolds tells whether the addressee still has to do with the task: a
// thread link ends with that (permissions.md, gate 9).
func (c *Core) threadHolds(ctx context.Context, tx Tx, v *LinkView) (bool, error) {
	facts, blocked, err := tx.TaskFacts(ctx, &v.Person, v.Link.Object)
	if KindOf(err) == NotFound {
		return false, nil
	}
	if err != nil || blocked || !readable(&Actor{Person: v.Person, Account: v.Account}, "task.view", facts) {
		return false, err
	}
	ans, err := c.may(ctx, tx, threadActor(v, ""), "dashboard.view", Object{Kind: "dashboard"})
	return ans.Allowed, err
}

// AskThreadCode mails the code that lets somebody write in the conversation.
func (c *Core) AskThreadCode(ctx context.Context, t *Thread, ip string) error {
	if err := t.usable(); err != nil {
		return err
	}
	if err := c.limitCodeAsk(ctx, string(t.Person.ID), ip); err != nil {
		return err
	}
	return c.mailCode(ctx, &t.Person, t.Link.Object, "", func(tx Tx) error { return c.liveLink(ctx, tx, &t.LinkView, ip) })
}

// GiveThreadCode takes the code that was typed, and gives the token that the browser keeps of it.
func (c *Core) GiveThreadCode(ctx context.Context, t *Thread, typed string, cr Credentials) (token string, err error) {
	if err := t.usable(); err != nil {
		return "", err
	}
	var l Link
	err = c.store.View(ctx, func(tx Tx) (err error) {
		l, _, err = tx.FindLinkOf(ctx, CodeLink, t.Person.ID, t.Link.Object, "")
		return err
	})
	if err == nil && l.ID == "" {
		err = Fail(Invalid, "code.expired")
	}
	if err == nil {
		err = c.codeFits(ctx, &l, typed, &cr)
	}
	if err != nil {
		return "", err
	}
	token, s, err := c.newGuestSession(&t.Person, t.Link.Object, &cr)
	if err != nil {
		return "", err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.liveLink(ctx, tx, &t.LinkView, cr.IP); err != nil {
			return err
		}
		return c.spendCode(ctx, tx, &l, &s)
	})
	if err == nil {
		t.Proven, t.Actor.Auth = true, "code"
	}
	return token, err
}

// AskThreadAgain mails the link of a conversation anew after it expired, as AskLinkAgain does.
func (c *Core) AskThreadAgain(ctx context.Context, token, ip string) error {
	v, err := c.VisitLink(ctx, ThreadLink, token, ip)
	if err != nil {
		return err
	}
	return c.askAgain(ctx, &v, Visitor{IP: ip})
}
