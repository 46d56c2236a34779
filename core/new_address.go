package core

import (
	"context"
	"slices"
	"strings"
	"time"

	"planpost/mail"
)

// An address changes in two steps, so that nobody gets one that he does not
// read and nobody loses his unseen (links.md, 2):
//
//	asked for -> link to the new mailbox, link to stop it to the old one
//	          -> the new one's form, with the password -> changed
//
// The login moves with it where it was the old address.

// newAddressLife is how long both links work.
const newAddressLife = 24 * time.Hour

// NewAddress is a wish for another address; the proof is for one's own.
type NewAddress struct {
	Address string
	Proof   Proof
}

// AskNewAddress begins the change of a person's address. Who cannot sign in yet
// has proven nothing of the old one: there it is replaced at once, and an
// invitation goes to the new mailbox. waits tells which it was.
func (c *Core) AskNewAddress(ctx context.Context, a *Actor, person ID, n NewAddress) (waits bool, err error) {
	addr, err := mail.ParseMailbox(strings.TrimSpace(n.Address))
	if err != nil || c.ownAddress(addr) {
		return false, Fail(Invalid, "address", "address", oneLine(n.Address))
	}
	// Rights and mistakes come before the password.
	err = c.store.View(ctx, func(tx Tx) error {
		_, err := c.readdressable(ctx, tx, a, person, addr)
		return err
	})
	if err == nil && person == a.Person.ID {
		err = c.Prove(ctx, a, n.Proof)
	}
	if err != nil {
		return false, err
	}
	if ok, wait := c.limiter.Allow(ctx, "newaddress:"+string(person), 5, 10*time.Minute); !ok {
		return false, limited("newaddress.limited", wait)
	}
	err = c.inTxAndWake(ctx, func(tx Tx) error {
		p, err := c.readdressable(ctx, tx, a, person, addr)
		if err != nil {
			return err
		}
		if waits = p.Identity != ""; !waits {
			return c.replaceAddress(ctx, tx, a, &p, addr)
		}
		if err := c.oweNewAddress(ctx, tx, a, &p, addr); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "user.address.ask", Object{"person", p.ID}, "address", addr.Mailbox())
	})
	return waits, err
}

// readdressable reads a person whose address the actor may change to addr.
func (c *Core) readdressable(ctx context.Context, tx Tx, a *Actor, person ID, addr mail.Address) (p Person, err error) {
	if p, err = tx.FindPerson(ctx, a.Account.ID, person); err != nil {
		return p, err
	}
	if person == a.Person.ID {
		err = c.require(ctx, tx, a, "user.profile.edit", Object{"person", person})
	} else {
		err = c.require(ctx, tx, a, "user.edit", Object{"person", person})
	}
	switch {
	case err != nil:
		return p, err
	case person != a.Person.ID && !p.Staff():
		return p, Fail(NotFound, "not_found")
	case !writable(&p) || person == a.Person.ID && p.Identity == "":
		return p, Fail(Conflict, "newaddress.state")
	case p.Addresses[0].Norm == addr.Norm():
		return p, Fail(Invalid, "newaddress.same")
	}
	if other, err := tx.FindPersonByAddress(ctx, p.Account, addr.Norm()); err == nil && other.ID != p.ID {
		return p, Fail(Conflict, "address.taken")
	} else if err != nil && KindOf(err) != NotFound {
		return p, err
	}
	return p, nil
}

// oweNewAddress makes both links; those of an earlier wish end.
func (c *Core) oweNewAddress(ctx context.Context, tx Tx, a *Actor, p *Person, addr mail.Address) error {
	if err := c.endNewAddress(ctx, tx, p, "newer"); err != nil {
		return err
	}
	links := [2]Link{
		{Kind: EmailLink, Object: p.Addresses[0].ID, Scope: addr.Mailbox()},
		{Kind: EmailCancelLink, Scope: p.Addresses[0].Norm},
	}
	for i := range links {
		l := &links[i]
		id, err := RandomID(c.rand)
		if err != nil {
			return err
		}
		l.ID, l.Account, l.Person, l.CreatedBy, l.CreatedAt, l.ExpiresAt = id, p.Account, p.ID, a.Person.ID, c.Now(), c.Now().Add(newAddressLife)
		if l.Kind == EmailCancelLink {
			l.Object = links[0].ID
		}
		if err := tx.EnsureLink(ctx, l); err != nil {
			return err
		}
		if _, err := c.oweLink(ctx, tx, l, "", "to", addr.Mailbox()); err != nil {
			return err
		}
	}
	return nil
}

func (c *Core) endNewAddress(ctx context.Context, tx Tx, p *Person, reason string) error {
	for _, kind := range []LinkKind{EmailLink, EmailCancelLink} {
		links, err := tx.LinksOf(ctx, p.Account, p.ID, kind)
		if err != nil {
			return err
		}
		for _, l := range links {
			if err := tx.RevokeLink(ctx, l.Account, l.ID, reason, c.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// replaceAddress puts another address in the place of one that nobody has confirmed.
func (c *Core) replaceAddress(ctx context.Context, tx Tx, a *Actor, p *Person, addr mail.Address) error {
	was := p.Addresses[0]
	now := was
	now.Given, now.Norm, now.ConfirmedAt = addr, addr.Norm(), time.Time{}
	if err := tx.ReplaceAddress(ctx, &now); err != nil {
		return err
	}
	if p.Status == Pending {
		if err := c.endInvitations(ctx, tx, p, "address"); err != nil {
			return err
		}
		p.Addresses[0] = now
		if err := c.oweInvitation(ctx, tx, a, p, ""); err != nil {
			return err
		}
	}
	return c.noteChanges(ctx, tx, a, "user.address", Object{"person", p.ID}, []Change{{"address", was.Given.Mailbox(), addr.Mailbox()}})
}

// NewAddressView is what the page of either link shows.
type NewAddressView struct {
	LinkView
	// Old is to be replaced by New.
	Old, New string
}

// VisitNewAddress reads the link to confirm a change, or that to stop it.
func (c *Core) VisitNewAddress(ctx context.Context, kind LinkKind, pass, ip string) (v NewAddressView, err error) {
	if v.LinkView, err = c.LinkByPass(ctx, kind, pass, ip); err != nil || v.State != LinkLive {
		return v, err
	}
	v.Old, v.New = v.Person.Address().Mailbox(), v.Link.Scope
	if kind == EmailCancelLink {
		err = c.store.View(ctx, func(tx Tx) error {
			l, err := tx.FindLink(ctx, v.Link.Object)
			v.New = l.Scope
			return err
		})
	}
	return v, err
}

// ConfirmNewAddress changes the address, for who reads the new mailbox and
// knows the password.
func (c *Core) ConfirmNewAddress(ctx context.Context, pass, password, ip string) error {
	v, err := c.LinkByPass(ctx, EmailLink, pass, ip)
	if err == nil {
		err = v.usable()
	}
	if err != nil {
		return err
	}
	if ok, wait := c.limiter.Allow(ctx, "linkwrong:"+string(v.Link.ID), wrongOfLink, 10*time.Minute); !ok {
		return limited("signin.limited", wait)
	}
	var login Identity
	err = c.store.View(ctx, func(tx Tx) (err error) {
		login, err = tx.FindIdentityByID(ctx, v.Person.Identity)
		return err
	})
	if err != nil {
		return err
	}
	if !c.cfg.PasswordCost.fits(login.PasswordHash, password) {
		return Fail(Invalid, "password.wrong")
	}
	return c.inTxAndWake(ctx, func(tx Tx) error {
		if err := c.liveLink(ctx, tx, &v, ip); err != nil {
			return err
		}
		if ok, err := tx.ConsumeLink(ctx, v.Account.ID, v.Link.ID, c.Now()); err != nil || !ok {
			return firstError(err, Fail(Conflict, "link.used"))
		}
		now, err := tx.FindIdentityByID(ctx, v.Person.Identity)
		if err == nil && now.PasswordHash != login.PasswordHash {
			err = Fail(Invalid, "password.wrong")
		}
		if err != nil {
			return err
		}
		return c.moveAddress(ctx, tx, &v, &login)
	})
}

// moveAddress writes the new address, and the login where it was the old one.
func (c *Core) moveAddress(ctx context.Context, tx Tx, v *LinkView, login *Identity) error {
	p := &v.Person
	i := slices.IndexFunc(p.Addresses, func(a PersonAddress) bool { return a.ID == v.Link.Object })
	addr, err := mail.ParseMailbox(v.Link.Scope)
	if err != nil || i < 0 {
		return Fail(Expired, "link.ended")
	}
	was := p.Addresses[i]
	now := was
	now.Given, now.Norm, now.ConfirmedAt = addr, addr.Norm(), c.Now()
	if err := tx.ReplaceAddress(ctx, &now); err != nil {
		return err
	}
	if login.LoginNorm == was.Norm {
		if err := tx.MoveLogin(ctx, login.ID, addr.Mailbox(), now.Norm); err != nil {
			return err
		}
	}
	links, err := tx.LinksOf(ctx, p.Account, p.ID, EmailCancelLink)
	if err != nil {
		return err
	}
	for _, l := range links { // it is too late to stop it
		if err := tx.RevokeLink(ctx, l.Account, l.ID, "changed", c.Now()); err != nil {
			return err
		}
	}
	if err := c.endResets(ctx, tx, login.ID, ""); err != nil { // they lie in the old mailbox
		return err
	}
	a := &Actor{Person: *p, Account: v.Account, Via: "page", Auth: "link"}
	if err := c.oweNotice(ctx, tx, p.Account, p.ID, "address.changed", "from", was.Given.Mailbox(), "to", addr.Mailbox()); err != nil {
		return err
	}
	return c.noteChanges(ctx, tx, a, "user.address", Object{"person", p.ID}, []Change{{"address", was.Given.Mailbox(), addr.Mailbox()}})
}

// StopNewAddress ends a change from the old mailbox. Typed is that address once
// more: a machine that opens mail and sends forms shall not stop anything.
func (c *Core) StopNewAddress(ctx context.Context, pass, typed, ip string) error {
	v, err := c.LinkByPass(ctx, EmailCancelLink, pass, ip)
	if err == nil {
		err = v.usable()
	}
	if err != nil {
		return err
	}
	if normLogin(typed) != v.Link.Scope {
		return Fail(Invalid, "newaddress.typed")
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := c.liveLink(ctx, tx, &v, ip); err != nil {
			return err
		}
		if ok, err := tx.ConsumeLink(ctx, v.Account.ID, v.Link.ID, c.Now()); err != nil || !ok {
			return firstError(err, Fail(Conflict, "link.used"))
		}
		if err := tx.RevokeLink(ctx, v.Account.ID, v.Link.Object, "stopped", c.Now()); err != nil {
			return err
		}
		a := &Actor{Person: v.Person, Account: v.Account, Via: "page", Auth: "link"}
		return c.note(ctx, tx, a, "user.address.stop", Object{"person", v.Person.ID})
	})
}
