package core

import (
	"context"
	"time"
)

// People outside who have no password prove by a code that they read their
// mailbox. The browser in which they typed it keeps a token for a while:
//
//	code typed -> GuestSession row -> cookie -> GuestSession row read at each request
//
// One of a conversation lets them write there, beside its link; one of the
// dashboard opens all that a person with basic access may see.

// GuestSession is a browser in which somebody outside typed a code.
type GuestSession struct {
	// ID is the hash of the token that the browser keeps.
	ID              string
	Account, Person ID
	// Task is the one conversation that it is for; empty for the dashboard.
	Task ID
	// Address is the mailbox that the code went to, normalised: who no longer has it is let in no more.
	Address                          string
	UserAgent, IP                    string
	CreatedAt, LastSeenAt, ExpiresAt time.Time
}

const (
	// DashboardLife is how long a code opens the dashboard, ThreadProof how long it lets one write in a conversation.
	DashboardLife = 7 * 24 * time.Hour
	ThreadProof   = threadLife
)

// GuestTx reads and writes the browsers of people outside.
type GuestTx interface {
	CreateGuestSession(ctx context.Context, s *GuestSession) error
	// FindGuestSession: NotFound "session.none" when there is none.
	FindGuestSession(ctx context.Context, id string) (GuestSession, error)
	TouchGuestSession(ctx context.Context, id string, seen time.Time) error
	DeleteGuestSession(ctx context.Context, id string) error
	// GuestSessionsOf gives those of a person that have not expired, the last used first, at most limit.
	GuestSessionsOf(ctx context.Context, account, person ID, now time.Time, limit int) ([]GuestSession, error)
	// EndGuestSessions ends those that the filter names.
	EndGuestSessions(ctx context.Context, f EndFilter) error
	DeleteExpiredGuestSessions(ctx context.Context, now time.Time, limit int) error
	// ContactsByAddress gives at most limit contacts of all accounts with this address.
	ContactsByAddress(ctx context.Context, norm string, limit int) ([]Person, error)
}

// newGuestSession is the row of a browser that has just given the code; task is empty for the dashboard.
func (c *Core) newGuestSession(p *Person, task ID, cr *Credentials) (token string, s GuestSession, err error) {
	if token, err = c.newToken(); err != nil {
		return "", s, err
	}
	now, life := c.Now(), DashboardLife
	if task != "" {
		life = ThreadProof
	}
	return token, GuestSession{ID: hashSecret(token), Account: p.Account, Person: p.ID, Task: task, Address: p.Addresses[0].Norm, UserAgent: cut(cr.UserAgent, 200), IP: cr.IP,
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(life)}, nil
}

// liveGuest reads the session of a token with its person; NotFound when it is none or no more.
func (c *Core) liveGuest(ctx context.Context, tx Tx, token string) (s GuestSession, p Person, err error) {
	none := Fail(NotFound, "session.none")
	if token == "" {
		return s, p, none
	}
	if s, err = tx.FindGuestSession(ctx, hashSecret(token)); err != nil {
		return s, p, err
	}
	if p, err = tx.FindPerson(ctx, s.Account, s.Person); err != nil {
		return s, p, err
	}
	if !c.Now().Before(s.ExpiresAt) || !p.has(s.Address) || !reachable(&p) || p.Staff() {
		return s, p, none
	}
	return s, p, nil
}

// has tells whether the normalised address is one of the person's.
func (p *Person) has(norm string) bool {
	for i := range p.Addresses {
		if p.Addresses[i].Norm == norm {
			return true
		}
	}
	return false
}

// GuestSession tells who opens the dashboard with a cookie's token, come from
// ip; Unauthenticated when nobody does. Everything is read again, as for sessions.
func (c *Core) GuestSession(ctx context.Context, token, ip string) (*Actor, error) {
	a := &Actor{Via: "page", Auth: "code", IP: ip}
	var s GuestSession
	err := c.store.View(ctx, func(tx Tx) (err error) {
		if s, a.Person, err = c.liveGuest(ctx, tx, token); err != nil {
			return err
		}
		if a.Account, err = tx.FindAccount(ctx, s.Account); err != nil {
			return err
		}
		if s.Task != "" || a.Person.Access != BasicAccess {
			return Fail(NotFound, "session.none")
		}
		allowed, err := c.networkAllows(ctx, tx, &a.Account, &a.Person, IPLinks, ip)
		a.Gates.IPRefused = !allowed
		if err != nil {
			return err
		}
		return c.require(ctx, tx, a, "dashboard.view", Object{Kind: "dashboard"})
	})
	switch {
	case KindOf(err) == NotFound && !a.Gates.IPRefused:
		return nil, Fail(Unauthenticated, "session.none")
	case a.Gates.IPRefused:
		if err := c.NoteRefusal(ctx, a.Account.ID, a.Person.ID, IPLinks, ip); err != nil {
			return nil, err
		}
		return nil, Fail(Forbidden, "ip.refused")
	case err != nil:
		return nil, err
	}
	a.Session = s.ID
	if now := c.Now(); now.Sub(s.LastSeenAt) > 10*time.Minute {
		err = c.store.InTx(ctx, func(tx Tx) error { return tx.TouchGuestSession(ctx, s.ID, now) })
	}
	return a, err
}

// EndGuestSession signs the browser of a token out.
func (c *Core) EndGuestSession(ctx context.Context, token string) error {
	return c.store.InTx(ctx, func(tx Tx) error { return tx.DeleteGuestSession(ctx, hashSecret(token)) })
}
