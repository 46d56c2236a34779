package core

import (
	"context"
	"time"
)

const (
	resetLife = 30 * time.Minute
	// resetsAlive is how many reset links of one person work at once.
	resetsAlive = 2
)

// AskReset mails a link for a new password to the address of a login. Whether
// there is such a login shows neither in the answer nor, since a page answers
// at a fixed time, in how long it takes (X12).
func (c *Core) AskReset(ctx context.Context, login, ip string) error {
	norm := normLogin(login)
	for _, l := range []struct {
		key   string
		burst int
		every time.Duration
	}{
		{"reset-net:" + wideNetwork(ip), 100, 10 * time.Second},
		{"reset-ip:" + network(ip), 10, time.Minute},
		{"reset:" + hashSecret(norm), 3, 10 * time.Minute},
	} {
		if ok, wait := c.limiter.Allow(ctx, l.key, l.burst, l.every); !ok {
			return limited("reset.limited", wait)
		}
	}
	var p Person
	err := c.store.View(ctx, func(tx Tx) (err error) {
		p, _, err = resettable(ctx, tx, norm)
		return err
	})
	if err != nil || p.ID == "" {
		return err
	}
	// Of one account no more goes out than somebody could have a use for. It is
	// asked before the transaction: a limiter may be another machine's.
	if ok, _ := c.limiter.Allow(ctx, "reset-account:"+string(p.Account), 60, 10*time.Second); !ok {
		return nil
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		p, address, err := resettable(ctx, tx, norm)
		if err != nil || p.ID == "" {
			return err
		}
		return c.oweReset(ctx, tx, &p, address)
	})
	c.wakeMailer()
	return err
}

// resettable is whom a reset of the login is mailed to, and the login's own
// address; the zero person when there is no such login or nobody to be mailed.
func resettable(ctx context.Context, tx Tx, login string) (p Person, address string, err error) {
	id, err := tx.FindIdentity(ctx, login)
	if KindOf(err) == NotFound {
		return p, "", nil
	}
	if err == nil {
		p, _, err = addressee(ctx, tx, &id)
	}
	return p, id.LoginNorm, err
}

// addressee is whom a reset is mailed to: somebody of the login who has the
// login's own address, for no account may lead it to another mailbox.
func addressee(ctx context.Context, tx Tx, id *Identity) (Person, bool, error) {
	people, err := activePeople(ctx, tx, id.ID)
	if err != nil {
		return Person{}, false, err
	}
	for _, p := range people {
		if !p.Staff() && p.Access != AdvancedAccess { // has no password
			continue
		}
		for _, a := range p.Addresses {
			if a.Norm != id.LoginNorm {
				continue
			}
			account, err := tx.FindAccount(ctx, p.Account)
			if err != nil || account.FrozenAt.IsZero() {
				return p, err == nil, err
			}
		}
	}
	return Person{}, false, nil
}

func (c *Core) oweReset(ctx context.Context, tx Tx, p *Person, address string) error {
	live, err := tx.LinksOf(ctx, p.Account, p.ID, ResetLink)
	if err != nil {
		return err
	}
	kept := 0
	for i := range live {
		if live[i].State(c.Now()) == LinkLive {
			if kept++; kept < resetsAlive {
				continue
			}
		}
		if err := tx.RevokeLink(ctx, p.Account, live[i].ID, "newer", c.Now()); err != nil {
			return err
		}
	}
	id, err := RandomID(c.rand)
	if err != nil {
		return err
	}
	l := Link{ID: id, Account: p.Account, Kind: ResetLink, Person: p.ID, Object: id, Scope: address, CreatedAt: c.Now(), ExpiresAt: c.Now().Add(resetLife)}
	if err := tx.EnsureLink(ctx, &l); err != nil {
		return err
	}
	_, err = c.oweLink(ctx, tx, &l, "")
	return err
}

// Reset sets a new password by a mailed link and ends every session of the
// login. It opens none: the person signs in, and a second factor is asked as ever.
func (c *Core) Reset(ctx context.Context, pass, password, ip string) error {
	v, err := c.LinkByPass(ctx, ResetLink, pass, ip)
	if err == nil {
		err = v.usable()
	}
	if err != nil {
		return err
	}
	if err := c.longEnough(ctx, v.Person.Identity, &v.Account, password); err != nil {
		return err
	}
	hash, err := c.cfg.PasswordCost.hash(password, v.Person.Name, v.Account.Name, v.Link.Scope)
	if err != nil {
		return err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.liveLink(ctx, tx, &v, ip); err != nil {
			return err
		}
		if v.Person.Identity == "" || v.Person.Status != Active {
			return Fail(Expired, "link.ended")
		}
		if ok, err := tx.ConsumeLink(ctx, v.Account.ID, v.Link.ID, c.Now()); err != nil || !ok {
			return firstError(err, Fail(Conflict, "link.used"))
		}
		if err := tx.UpdatePassword(ctx, v.Person.Identity, hash); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, v.Person.Identity); err != nil {
			return err
		}
		if err := c.endResets(ctx, tx, v.Person.Identity, v.Link.ID); err != nil {
			return err
		}
		a := &Actor{Person: v.Person, Account: v.Account, Via: "page", Auth: "link"}
		if err := c.note(ctx, tx, a, "user.password.reset", Object{"person", v.Person.ID}); err != nil {
			return err
		}
		return c.oweNotice(ctx, tx, v.Account.ID, v.Person.ID, "password.reset", "at", c.Now().Format(time.RFC3339))
	})
	if err == nil {
		c.wakeMailer()
		c.bus.Publish(DoorTopic(v.Account.ID))
	}
	return err
}

// endResets ends the reset links of a login, but for the one that was just used: its password is another now.
func (c *Core) endResets(ctx context.Context, tx Tx, identity, but ID) error {
	people, err := tx.PeopleOfIdentity(ctx, identity)
	if err != nil {
		return err
	}
	for i := range people {
		if err := c.endResetsOf(ctx, tx, &people[i], "password", but); err != nil {
			return err
		}
	}
	return nil
}

func (c *Core) endResetsOf(ctx context.Context, tx Tx, p *Person, reason string, but ID) error {
	links, err := tx.LinksOf(ctx, p.Account, p.ID, ResetLink)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.ID == but {
			continue
		}
		if err := tx.RevokeLink(ctx, p.Account, l.ID, reason, c.Now()); err != nil {
			return err
		}
	}
	return nil
}
