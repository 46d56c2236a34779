package core

import (
	"context"
	"slices"
	"time"

	"planpost/core/access"
)

// LinkView is what the page of a link knows of it.
type LinkView struct {
	Link    Link
	State   LinkState
	Account Account
	// Person is the addressee, By who made the link; By is zero when the system did.
	Person, By Person
	// Contact is whom to write to when the link has ended.
	Contact string
	// Login is the address that the addressee signs in with; Known that it has a password on this host
	// that is in use elsewhere and must be proven.
	Login string
	Known bool
	// Pass is what the browser keeps instead of the token.
	Pass string
}

// viewsOfLink are how often a link's page is shown, together with its way back after a pause.
const (
	viewsOfLink    = 30
	viewsOfLinkPer = 2 * time.Second
	wrongOfLink    = 5
)

// VisitLink reads the token of an address. It changes nothing. NotFound
// "link.unknown" is for whatever never was one of ours.
func (c *Core) VisitLink(ctx context.Context, kind LinkKind, token, ip string) (LinkView, error) {
	id, generation, ok := c.keys.OpenLink(kind, token)
	if !ok {
		return LinkView{}, Fail(NotFound, "link.unknown")
	}
	return c.visitLink(ctx, kind, id, generation, ip)
}

// LinkByPass reads what VisitLink gave the browser to keep.
func (c *Core) LinkByPass(ctx context.Context, kind LinkKind, pass, ip string) (LinkView, error) {
	id, generation, ok := c.keys.OpenLinkPass(kind, pass)
	if !ok {
		return LinkView{}, Fail(NotFound, "link.unknown")
	}
	return c.visitLink(ctx, kind, id, generation, ip)
}

func (c *Core) visitLink(ctx context.Context, kind LinkKind, id ID, generation int, ip string) (v LinkView, err error) {
	if ok, wait := c.limiter.Allow(ctx, "link:"+string(id), viewsOfLink, viewsOfLinkPer); !ok {
		return v, limited("link.limited", wait)
	}
	err = c.store.View(ctx, func(tx Tx) error {
		v, err = c.readLink(ctx, tx, kind, id, generation, ip)
		return err
	})
	return v, c.refusedLink(ctx, &v, ip, err)
}

// refusedLink counts what the rules of networks refused, and gives err back.
func (c *Core) refusedLink(ctx context.Context, v *LinkView, ip string, err error) error {
	if CodeOf(err) != "ip.refused" {
		return err
	}
	return firstError(c.NoteRefusal(ctx, v.Account.ID, v.Person.ID, IPLinks, ip), err)
}

// readLink reads a link with all that may end it. Only a token of the row's own
// generation may know more than that it has ended.
func (c *Core) readLink(ctx context.Context, tx Tx, kind LinkKind, id ID, generation int, ip string) (v LinkView, err error) {
	v.Link, err = tx.FindLink(ctx, id)
	if err == nil && v.Link.Kind != kind {
		err = Fail(NotFound, "link.unknown")
	}
	if err != nil {
		return v, err
	}
	if v.Account, err = tx.FindAccount(ctx, v.Link.Account); err != nil {
		return v, err
	}
	if v.Person, err = tx.FindPerson(ctx, v.Link.Account, v.Link.Person); err != nil {
		return v, err
	}
	if v.Link.CreatedBy != "" {
		if v.By, err = tx.FindPerson(ctx, v.Link.Account, v.Link.CreatedBy); err != nil {
			return v, err
		}
	}
	owner, err := tx.OwnerOf(ctx, v.Link.Account)
	if err != nil && KindOf(err) != NotFound {
		return v, err
	}
	v.Contact = owner.Address().Mailbox()
	v.Pass = c.keys.LinkPass(kind, id, v.Link.Generation)
	v.State = v.Link.State(c.Now())
	if v.State == LinkEnded || generation != v.Link.Generation || !v.Account.FrozenAt.IsZero() || !writable(&v.Person) || !stillFor(&v.Link, &v.Person) {
		v.State = LinkEnded
		return v, nil
	}
	holds := true
	switch kind {
	case ThreadLink:
		holds, err = c.threadHolds(ctx, tx, &v)
	case MuteLink:
		holds, err = muteHolds(ctx, tx, &v)
	case DownloadLink:
		holds, err = c.downloadHolds(ctx, tx, &v)
	case ApprovalLink:
		holds, err = c.approvalHolds(ctx, tx, &v)
	}
	if err != nil {
		return v, err
	}
	if !holds {
		v.State = LinkEnded
		return v, nil
	}
	allowed, err := c.networkAllows(ctx, tx, &v.Account, &v.Person, IPLinks, ip)
	if err == nil && !allowed {
		err = Fail(Forbidden, "ip.refused")
	}
	return v, err
}

// stillFor tells whether the mailbox that a link was sent to is still the
// person's: who no longer reads it must not use it.
func stillFor(l *Link, p *Person) bool {
	switch l.Kind {
	case ActivationLink, ResetLink, EmailCancelLink, ThreadLink, MuteLink, DownloadLink, ApprovalLink:
		return p.has(l.Scope)
	case EmailLink: // Object is the address that is to be replaced, and it is still there
		return slices.ContainsFunc(p.Addresses, func(a PersonAddress) bool { return a.ID == l.Object })
	}
	return true
}

// liveLink reads a link again in the transaction that uses it.
func (c *Core) liveLink(ctx context.Context, tx Tx, v *LinkView, ip string) error {
	now, err := c.readLink(ctx, tx, v.Link.Kind, v.Link.ID, v.Link.Generation, ip)
	if err != nil {
		return err
	}
	now.Login, now.Known, now.Pass = v.Login, v.Known, v.Pass
	*v = now
	return v.usable()
}

// usable is the state as an error, which a page tells apart by its code.
func (v *LinkView) usable() error {
	switch v.State {
	case LinkLive:
		return nil
	case LinkUsed:
		return Fail(Conflict, "link.used")
	case LinkExpired:
		return Fail(Expired, "link.expired")
	}
	return Fail(Expired, "link.ended")
}

func limited(code string, wait time.Duration) *Error {
	return Fail(Limited, code, "minutes", itoa(int64(wait.Minutes())+1))
}

// AskLinkAgain mails a new link in place of one that expired, to the mailbox
// of the first and to no other, once a day; who made it sees in the log that it
// was asked for. A reset is asked for on its own page instead.
func (c *Core) AskLinkAgain(ctx context.Context, kind LinkKind, pass, ip string) error {
	v, err := c.LinkByPass(ctx, kind, pass, ip)
	if err != nil {
		return err
	}
	if kind != ActivationLink && kind != DownloadLink {
		return v.usable()
	}
	return c.askAgain(ctx, &v, Visitor{IP: ip})
}

func (c *Core) askAgain(ctx context.Context, v *LinkView, by Visitor) error {
	if v.State != LinkExpired {
		return v.usable()
	}
	if ok, wait := c.limiter.Allow(ctx, "linkagain:"+string(v.Link.ID), 1, 24*time.Hour); !ok {
		return limited("link.again", wait)
	}
	a := &Actor{Person: v.Person, Account: v.Account, Via: "page", Auth: "link"}
	err := c.store.InTx(ctx, func(tx Tx) error {
		life, err := inviteLife(ctx, tx, v.Account.ID)
		if v.Link.Kind == ThreadLink {
			a.Link, a.Gates.Link, life = v.Link, access.LinkExpired, threadLife
			err = c.require(ctx, tx, a, "link.request_new", Object{"task", v.Link.Object})
		}
		if v.Link.Kind == DownloadLink {
			a.Link, a.Gates.Link = v.Link, access.LinkExpired
			life, err = c.renewable(ctx, tx, a)
		}
		if err != nil {
			return err
		}
		if err := tx.RenewLink(ctx, v.Account.ID, v.Link.ID, v.Link.Generation, c.Now().Add(life)); err != nil {
			return err
		}
		if _, err := c.oweLink(ctx, tx, &v.Link, " again "+c.Now().Format(time.DateOnly)); err != nil {
			return err
		}
		if err := c.noteLink(ctx, tx, &v.Link, LinkAskedAgain, v.Person.ID, by); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "link.again", Object{"person", v.Person.ID})
	})
	c.wakeMailer()
	return err
}
