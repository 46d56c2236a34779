package core

import (
	"context"
	"slices"
	"time"
)

// inviteLife is how long an invitation works from when it is mailed.
func inviteLife(ctx context.Context, tx Tx, account ID) (time.Duration, error) {
	a, err := tx.FindAccount(ctx, account)
	return time.Duration(a.InviteDays) * 24 * time.Hour, err
}

// Invited is how it stands with a person's activation link.
type Invited struct {
	State LinkState
	// Mail is queued, deferred, sent or bounced; MailedAt when the last one was owed.
	Mail              string
	MailedAt, Expires time.Time
}

// InviteUser makes a member of staff who is Pending until a password is set
// by the mailed link, and owes that mail (U1, P6).
func (c *Core) InviteUser(ctx context.Context, a *Actor, n NewUser) (p Person, err error) {
	if !slices.Contains([]Role{Administrator, TechnicalAdministrator, Manager, Employee}, n.Role) {
		return p, Fail(Invalid, "role", "role", string(n.Role))
	}
	if p, err = c.newPerson(a.Account.ID, UserKind, n.Name, n.Address); err != nil {
		return p, err
	}
	if err := a.Account.checkLocale(n.Locale); err != nil {
		return p, err
	}
	p.Role, p.Locale, p.Zone, p.Manager, p.Caps = n.Role, n.Locale, n.Zone, n.Manager, n.Caps
	p.Status, p.CreatedBy = Pending, a.Person.ID
	if err := c.limitInvites(ctx, a); err != nil {
		return p, err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.mayMakeUser(ctx, tx, a, &n); err != nil {
			return err
		}
		if err := tx.CreatePerson(ctx, &p); err != nil {
			return err
		}
		if err := c.oweInvitation(ctx, tx, a, &p, ""); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "user.invite", Object{"person", p.ID}, "role", string(n.Role))
	})
	c.wakeMailer()
	return p, err
}

// mayMakeUser asks the rights to make a user of that role under that manager.
func (c *Core) mayMakeUser(ctx context.Context, tx Tx, a *Actor, n *NewUser) error {
	if err := c.require(ctx, tx, a, "user.invite", Object{}); err != nil {
		return err
	}
	if n.Role == Administrator {
		if err := c.require(ctx, tx, a, "account.roles.appoint_admin", Object{}); err != nil {
			return err
		}
	}
	if n.Manager != "" {
		if manager, err := tx.FindPerson(ctx, a.Account.ID, n.Manager); err != nil || !manager.Staff() {
			return firstError(err, Fail(Invalid, "person.gone"))
		}
	}
	return nil
}

// limitInvites keeps an account from becoming a sender of mail to strangers.
func (c *Core) limitInvites(ctx context.Context, a *Actor) error {
	if ok, wait := c.limiter.Allow(ctx, "invite:"+string(a.Account.ID), 300, time.Minute); !ok {
		return limited("invite.limited", wait)
	}
	return nil
}

// oweInvitation makes the activation link of a person, or finds it, and owes its mail.
// A link that is there already is mailed again only under another key.
func (c *Core) oweInvitation(ctx context.Context, tx Tx, a *Actor, p *Person, key string) error {
	if len(p.Addresses) == 0 {
		return Fail(Conflict, "invite.address")
	}
	id, err := RandomID(c.rand)
	if err != nil {
		return err
	}
	life, err := inviteLife(ctx, tx, p.Account)
	if err != nil {
		return err
	}
	expires := c.Now().Add(life)
	l := Link{ID: id, Account: p.Account, Kind: ActivationLink, Person: p.ID, Object: p.ID, Scope: p.Addresses[0].Norm,
		CreatedBy: a.Person.ID, CreatedAt: c.Now(), ExpiresAt: expires}
	if err := tx.EnsureLink(ctx, &l); err != nil {
		return err
	}
	if l.ID != id && key != "" {
		if err := tx.RenewLink(ctx, l.Account, l.ID, l.Generation, expires); err != nil {
			return err
		}
	}
	_, err = c.oweLink(ctx, tx, &l, key)
	return err
}

// Invite mails the invitation again, or for the first time to somebody who was
// brought in without one. Earlier mails go on working, unless fresh is set: then
// their links end with this one (links.md, 1).
func (c *Core) Invite(ctx context.Context, a *Actor, person ID, fresh bool) error {
	if err := c.limitInvites(ctx, a); err != nil {
		return err
	}
	if ok, wait := c.limiter.Allow(ctx, "invite:"+string(person), 5, 10*time.Minute); !ok {
		return limited("invite.limited", wait)
	}
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.invitable(ctx, tx, a, person)
		if err != nil {
			return err
		}
		if p.Staff() && p.Status == Active {
			p.Status = Pending // brought in without an invitation
			if err := tx.UpdatePerson(ctx, &p); err != nil {
				return err
			}
		}
		code := "user.invite.again"
		if fresh {
			code = "user.invite.fresh"
			if err := c.raiseInvitation(ctx, tx, a, &p); err != nil {
				return err
			}
		}
		if err := c.oweInvitation(ctx, tx, a, &p, " asked "+c.Now().Format("200601021504")); err != nil {
			return err
		}
		return c.note(ctx, tx, a, code, Object{"person", person})
	})
	c.wakeMailer()
	return err
}

// invitable reads somebody who may be invited: who has no sign-in yet and is meant to have one.
func (c *Core) invitable(ctx context.Context, tx Tx, a *Actor, person ID) (Person, error) {
	p, err := tx.FindPerson(ctx, a.Account.ID, person)
	if err != nil {
		return p, err
	}
	if p.Staff() {
		err = c.require(ctx, tx, a, "user.invite", Object{})
	} else {
		err = c.require(ctx, tx, a, "contact.grant_access", Object{"person", person})
	}
	if err != nil {
		return p, err
	}
	if p.Identity != "" || !writable(&p) || !p.Staff() && p.Access != AdvancedAccess {
		return p, Fail(Conflict, "invite.state")
	}
	return p, nil
}

// raiseInvitation makes every mail that brought the person's activation link worthless.
func (c *Core) raiseInvitation(ctx context.Context, tx Tx, a *Actor, p *Person) error {
	links, err := tx.LinksOf(ctx, p.Account, p.ID, ActivationLink)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.Generation == maxGeneration {
			err = tx.RevokeLink(ctx, l.Account, l.ID, "raised", c.Now())
		} else {
			err = tx.RenewLink(ctx, l.Account, l.ID, l.Generation+1, l.ExpiresAt)
		}
		if err != nil {
			return err
		}
		if err := c.noteLink(ctx, tx, &l, LinkRaised, a.Person.ID, Visitor{IP: a.IP}); err != nil {
			return err
		}
	}
	return nil
}

// endInvitations ends all activation links of a person; what is made next is another row.
func (c *Core) endInvitations(ctx context.Context, tx Tx, p *Person, reason string) error {
	links, err := tx.LinksOf(ctx, p.Account, p.ID, ActivationLink)
	if err != nil {
		return err
	}
	for _, l := range links {
		if err := tx.RevokeLink(ctx, l.Account, l.ID, reason, c.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Invitations tells how it stands with the invitations of those people who
// have no password yet; others are left out.
func (c *Core) Invitations(ctx context.Context, a *Actor, people []Person) (all map[ID]Invited, err error) {
	all = map[ID]Invited{}
	err = c.store.View(ctx, func(tx Tx) error {
		for i := range people {
			p := &people[i]
			if p.Account != a.Account.ID || p.Identity != "" || p.Status != Pending && p.Access != AdvancedAccess {
				continue
			}
			links, err := tx.LinksOf(ctx, p.Account, p.ID, ActivationLink)
			if err != nil {
				return err
			}
			if len(links) == 0 {
				all[p.ID] = Invited{State: LinkEnded}
				continue
			}
			d, _, err := tx.LetterOf(ctx, p.Account, links[0].ID)
			if err != nil {
				return err
			}
			all[p.ID] = Invited{State: links[0].State(c.Now()), Mail: mailState(&d), MailedAt: d.CreatedAt, Expires: links[0].ExpiresAt}
		}
		return nil
	})
	return all, err
}

// mailState is where a letter stands in words for who waits for its effect.
func mailState(d *Delivery) string {
	switch {
	case d.State == DeliveryFailed || d.State == DeliveryCancelled:
		return "bounced"
	case d.State == DeliveryDue && d.Attempts > 0 && d.LeaseUntil.IsZero():
		return "deferred"
	case d.State == DeliveryDue:
		return "queued"
	}
	return "sent"
}

// RemindInvited owes one more mail to those whose invitation ends soon; a duty.
func (c *Core) RemindInvited(ctx context.Context) error {
	owed := false
	err := c.store.InTx(ctx, func(tx Tx) error {
		now := c.Now()
		links, err := tx.ExpiringLinks(ctx, ActivationLink, now, now.Add(48*time.Hour), 500)
		if err != nil {
			return err
		}
		for i := range links {
			l := &links[i]
			if l.ExpiresAt.Sub(now) > l.ExpiresAt.Sub(l.CreatedAt)/3 { // a short one was mailed just now
				continue
			}
			fresh, err := c.oweLink(ctx, tx, l, " reminder "+l.ExpiresAt.Format(time.RFC3339))
			if err != nil {
				return err
			}
			owed = owed || fresh
		}
		return nil
	})
	if owed {
		c.wakeMailer()
	}
	return err
}
