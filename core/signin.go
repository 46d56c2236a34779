package core

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// Credentials are what a sign-in form brings.
type Credentials struct {
	Login, Password string
	// IP and UserAgent are kept with the session, for the person to recognise it.
	IP, UserAgent string
}

// SignIn checks a password and opens a session. The token is for the cookie;
// only its hash is kept. When several people belong to the login, ChoosePerson comes next.
func (c *Core) SignIn(ctx context.Context, cr Credentials) (token string, people []Person, err error) {
	login := normLogin(cr.Login)
	if err := c.limitSignIn(ctx, login, cr.IP); err != nil {
		return "", nil, err
	}
	var id Identity
	err = c.store.View(ctx, func(tx Tx) error {
		var err error
		if id, err = tx.FindIdentity(ctx, login); err != nil && KindOf(err) != NotFound {
			return err
		}
		// An unknown login asks as many questions as a known one.
		people, err = activePeople(ctx, tx, cmp.Or(id.ID, noIdentity))
		return err
	})
	if err != nil {
		return "", nil, err
	}
	if !c.cfg.PasswordCost.fits(id.PasswordHash, cr.Password) || len(people) == 0 {
		return "", nil, Fail(Unauthenticated, "signin.wrong")
	}
	if err := c.refuseByNetwork(ctx, people, cr.IP); err != nil {
		return "", nil, err
	}
	token, err = c.openSession(ctx, id.ID, people, cr)
	return token, people, err
}

// network is what counts as one client: of IPv6 everybody has at least a /64.
func network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Unmap().Is4() {
		return ip
	}
	p, _ := a.WithZone("").Prefix(64)
	return p.String()
}

func activePeople(ctx context.Context, tx Tx, identity ID) ([]Person, error) {
	all, err := tx.PeopleOfIdentity(ctx, identity)
	active := all[:0]
	for _, p := range all {
		if p.Status == Active && p.BlockedAt.IsZero() {
			active = append(active, p)
		}
	}
	return active, err
}

func (c *Core) openSession(ctx context.Context, identity ID, people []Person, cr Credentials) (string, error) {
	token, s, err := c.newSession(identity, cr)
	if err != nil {
		return "", err
	}
	if len(people) == 1 {
		s.Person, s.Account = people[0].ID, people[0].Account
	}
	return token, c.store.InTx(ctx, func(tx Tx) error {
		if err := tx.CreateSession(ctx, &s); err != nil {
			return err
		}
		if s.Person == "" {
			return nil // the log that tells of it is that of the account which is chosen next
		}
		return noteSignIn(ctx, tx, &s)
	})
}

func noteSignIn(ctx context.Context, tx Tx, s *Session) error {
	return tx.AppendLog(ctx, &LogEntry{ID: NewID(), Account: s.Account, At: tx.Now(), Actor: s.Person, Via: "page", Auth: s.Auth, Code: "session.sign_in", Object: "person", ObjectID: s.Person})
}

// newToken is what a browser keeps of a session: 256 random bits.
func (c *Core) newToken() (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(c.rand, b); err != nil {
		return "", fmt.Errorf("session token: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// newSession makes a session that is not yet stored, and the token that leads to it.
func (c *Core) newSession(identity ID, cr Credentials) (token string, s Session, err error) {
	if token, err = c.newToken(); err != nil {
		return "", s, err
	}
	now := c.Now()
	return token, Session{ID: hashSecret(token), Identity: identity, UserAgent: cut(cr.UserAgent, 200), IP: cr.IP, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(c.cfg.SessionLife), Auth: ByPassword, ProvenAt: now}, nil
}

// SessionPeople are those a session may act as, with their accounts in the same order.
func (c *Core) SessionPeople(ctx context.Context, token string) (people []Person, accounts []Account, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		accounts = nil
		s, err := c.liveSession(ctx, tx, token)
		if err != nil {
			return err
		}
		if people, err = activePeople(ctx, tx, s.Identity); err != nil {
			return err
		}
		for _, p := range people {
			a, err := tx.FindAccount(ctx, p.Account)
			if err != nil {
				return err
			}
			accounts = append(accounts, a)
		}
		return nil
	})
	return people, accounts, err
}

// ChoosePerson makes the session act as one of its people; the log of that
// account tells it as a sign-in, and no other account learns of it.
func (c *Core) ChoosePerson(ctx context.Context, token string, person ID) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		s, err := c.liveSession(ctx, tx, token)
		if err != nil {
			return err
		}
		people, err := activePeople(ctx, tx, s.Identity)
		if err != nil {
			return err
		}
		for _, p := range people {
			if p.ID != person {
				continue
			}
			if s.Person == p.ID {
				return nil
			}
			if err := c.leaveViewing(ctx, tx, &s); err != nil {
				return err
			}
			if err := tx.ChooseSessionPerson(ctx, s.ID, p.Account, p.ID); err != nil {
				return err
			}
			s.Person, s.Account = p.ID, p.Account
			return noteSignIn(ctx, tx, &s)
		}
		return Fail(NotFound, "not_found")
	})
}

func (c *Core) liveSession(ctx context.Context, tx Tx, token string) (Session, error) {
	if len(token) != 64 {
		return Session{}, Fail(Unauthenticated, "session.none")
	}
	s, err := tx.FindSession(ctx, hashSecret(token))
	if KindOf(err) == NotFound || err == nil && !c.Now().Before(s.ExpiresAt) {
		return Session{}, Fail(Unauthenticated, "session.none")
	}
	return s, err
}

// PasswordChange is what somebody types to change the own password.
type PasswordChange struct {
	Current, New string
	// IP and UserAgent are those of the session that goes on.
	IP, UserAgent string
}

// SetPassword changes the actor's own password and ends every session of the
// login, in all accounts. The token is for the cookie of the one new session
// with which the person goes on: a copy of the old one is worth nothing.
func (c *Core) SetPassword(ctx context.Context, a *Actor, n PasswordChange) (token string, err error) {
	login, err := c.ownLogin(ctx, a)
	if err != nil {
		return "", err
	}
	words := []string{a.Person.Name, a.Account.Name, login.Login}
	if err := c.longEnough(ctx, login.ID, &a.Account, n.New); err != nil {
		return "", err
	}
	if err := checkPassword(n.New, words); err != nil {
		return "", err // costs no try: nothing was guessed
	}
	if ok, wait := c.limiter.Allow(ctx, "password:"+string(login.ID), 10, 30*time.Second); !ok {
		return "", Fail(Limited, "signin.limited", "minutes", fmt.Sprint(int(wait.Minutes())+1))
	}
	if !c.cfg.PasswordCost.fits(login.PasswordHash, n.Current) {
		return "", Fail(Invalid, "password.wrong")
	}
	if n.New == n.Current {
		return "", Fail(Invalid, "password.same")
	}
	hash, err := c.cfg.PasswordCost.hash(n.New, words...)
	if err != nil {
		return "", err
	}
	token, s, err := c.newSession(login.ID, Credentials{IP: n.IP, UserAgent: n.UserAgent})
	if err != nil {
		return "", err
	}
	s.Person, s.Account = a.Person.ID, a.Account.ID
	factor, err := c.factorOf(ctx, a) // who had given it need not give it again
	if err != nil {
		return "", err
	}
	s.Auth, s.FactorAt = cmp.Or(a.Auth, ByPassword), factor
	return token, c.inTxAndWake(ctx, func(tx Tx) error {
		o := Object{"person", a.Person.ID}
		if err := c.require(ctx, tx, a, "user.password.set", o); err != nil {
			return err
		}
		now, err := tx.FindIdentityByID(ctx, login.ID)
		if err == nil && now.PasswordHash != login.PasswordHash { // changed meanwhile, in another browser
			err = Fail(Invalid, "password.wrong")
		}
		if err != nil {
			return err
		}
		if err := tx.UpdatePassword(ctx, login.ID, hash); err != nil {
			return err
		}
		if err := c.endResets(ctx, tx, login.ID, ""); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, login.ID); err != nil {
			return err
		}
		if err := tx.CreateSession(ctx, &s); err != nil {
			return err
		}
		if err := c.oweNotice(ctx, tx, a.Account.ID, a.Person.ID, "password.changed"); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "user.password", o)
	})
}

// ownLogin is the actor's identity, if the actor may change its password.
func (c *Core) ownLogin(ctx context.Context, a *Actor) (login Identity, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "user.password.set", Object{"person", a.Person.ID}); err != nil {
			return err
		}
		login, err = tx.FindIdentityByID(ctx, a.Person.Identity)
		return err
	})
	return login, err
}

// SignOut ends a session.
func (c *Core) SignOut(ctx context.Context, token string) error {
	return c.store.InTx(ctx, func(tx Tx) error { return tx.DeleteSession(ctx, hashSecret(token)) })
}

// keepRefusals is how long it is known who was refused from which address.
const keepRefusals = 90 * 24 * time.Hour

// SweepSessions removes sessions that ended and refusals that are long past; a duty.
func (c *Core) SweepSessions(ctx context.Context) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := tx.DeleteIPRefusals(ctx, c.Now().Add(-keepRefusals)); err != nil {
			return err
		}
		if err := tx.DeleteExpiredGuestSessions(ctx, c.Now(), 500); err != nil {
			return err
		}
		_, err := tx.DeleteExpiredSessions(ctx, c.Now(), 500)
		return err
	})
}
