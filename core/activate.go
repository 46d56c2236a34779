package core

import (
	"context"
	"time"
)

// Activation is what the form of an invitation brings.
type Activation struct {
	// Pass is what the browser keeps of the link.
	Pass string
	// Password is the new one, or that of the login which is there already.
	Password string
	// Own are the names of an account that its owner registered; of no meaning to who was invited.
	Own OwnAccount
	// IP and UserAgent are kept with the session.
	IP, UserAgent string
}

// VisitInvitation is VisitLink for an invitation, with what its form must ask for.
func (c *Core) VisitInvitation(ctx context.Context, pass, ip string) (LinkView, error) {
	v, err := c.LinkByPass(ctx, ActivationLink, pass, ip)
	if err != nil || v.State != LinkLive {
		return v, err
	}
	v.Login = v.Person.Address().Mailbox()
	err = c.store.View(ctx, func(tx Tx) error {
		_, v.Known, err = loginInUse(ctx, tx, v.Login)
		return err
	})
	return v, err
}

// loginInUse finds the host's identity of a login, and whether somebody signs
// in with it. One that leads nowhere belongs to whoever reads the mailbox.
func loginInUse(ctx context.Context, tx Tx, login string) (id Identity, used bool, err error) {
	id, err = tx.FindIdentity(ctx, normLogin(login))
	if KindOf(err) == NotFound {
		return Identity{}, false, nil
	}
	if err != nil {
		return id, false, err
	}
	people, err := activePeople(ctx, tx, id.ID)
	return id, len(people) > 0, err
}

// Activate sets the password that an invitation asks for, makes the person
// Active and opens a session. Only this does so; looking at the link does not (U2, X10).
func (c *Core) Activate(ctx context.Context, n Activation) (token string, err error) {
	v, err := c.VisitInvitation(ctx, n.Pass, n.IP)
	if err == nil {
		err = v.usable()
	}
	if err != nil {
		return "", err
	}
	words := []string{v.Person.Name, v.Account.Name}
	if unconfirmed(&v.Person) {
		if err := n.Own.check(&v.Account); err != nil {
			return "", err
		}
		words = []string{n.Own.Name, n.Own.AccountName}
	}
	login, proven, err := c.activationLogin(ctx, &v, n.Password, words)
	if err != nil {
		return "", err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.liveLink(ctx, tx, &v, n.IP); err != nil {
			return err
		}
		if ok, err := tx.ConsumeLink(ctx, v.Account.ID, v.Link.ID, c.Now()); err != nil || !ok {
			return firstError(err, Fail(Conflict, "link.used"))
		}
		p := v.Person
		changes := []Change{{"status", p.Status, Active}}
		if unconfirmed(&p) {
			named, err := n.Own.take(ctx, tx, &v.Account, &p)
			if err != nil {
				return err
			}
			changes = append(changes, named...)
		}
		if err := c.takeLogin(ctx, tx, &p, &login, proven); err != nil {
			return err
		}
		p.Status = Active
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		if err := tx.ConfirmAddress(ctx, p.Account, p.Addresses[0].ID, c.Now()); err != nil {
			return err
		}
		t, s, err := c.newSession(p.Identity, Credentials{IP: n.IP, UserAgent: n.UserAgent})
		if err != nil {
			return err
		}
		token, s.Person, s.Account = t, p.ID, p.Account
		if err := tx.CreateSession(ctx, &s); err != nil {
			return err
		}
		a := &Actor{Person: p, Account: v.Account, Via: "page", Auth: "link"}
		return c.noteChanges(ctx, tx, a, "user.activate", Object{"person", p.ID}, changes)
	})
	return token, err
}

// activationLogin checks the password outside the transaction: hashing takes
// its time. proven is the hash of a login that is in use and was proven.
func (c *Core) activationLogin(ctx context.Context, v *LinkView, password string, words []string) (login Identity, proven string, err error) {
	if !v.Known {
		if err := c.longEnough(ctx, "", &v.Account, password); err != nil {
			return login, "", err
		}
		login, err = c.newIdentity(v.Login, password, words...)
		return login, "", err
	}
	if ok, wait := c.limiter.Allow(ctx, "linkwrong:"+string(v.Link.ID), wrongOfLink, 10*time.Minute); !ok {
		return login, "", limited("signin.limited", wait)
	}
	proven, err = c.provenLogin(ctx, v.Login, password)
	if KindOf(err) == Conflict {
		err = Fail(Invalid, "password.wrong")
	}
	return Identity{LoginNorm: normLogin(v.Login)}, proven, err
}

// takeLogin links the person to a login: a new one, one that was proven, or
// one that leads nowhere any more, which then gets the new password.
func (c *Core) takeLogin(ctx context.Context, tx Tx, p *Person, login *Identity, proven string) error {
	known, used, err := loginInUse(ctx, tx, login.LoginNorm)
	switch {
	case err != nil:
		return err
	case known.ID == "" && proven == "":
		p.Identity = login.ID
		return tx.CreateIdentity(ctx, login)
	case known.ID == "" || used && known.PasswordHash != proven || !used && proven != "":
		return Fail(Conflict, "login.taken") // it changed meanwhile
	}
	p.Identity = known.ID
	if used {
		return nil
	}
	if err := tx.UpdatePassword(ctx, known.ID, login.PasswordHash); err != nil {
		return err
	}
	return tx.DeleteSessionsOf(ctx, known.ID)
}
