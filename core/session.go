package core

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Session tells who a cookie's token stands for, come from ip. The person is
// empty while an account is still to be chosen. A changed right, status, rule
// or second factor counts at once: everything is read again (ASVS 8.3.2). What
// stands in the way is in the actor's Gates.
func (c *Core) Session(ctx context.Context, token, ip string) (*Actor, error) {
	a := &Actor{Via: "page", IP: ip}
	var s Session
	err := c.store.View(ctx, func(tx Tx) error {
		var err error
		if s, err = c.liveSession(ctx, tx, token); err != nil || s.Person == "" {
			return err
		}
		return c.embody(ctx, tx, a, &s)
	})
	if err != nil {
		return nil, err
	}
	a.Session = s.ID
	if now := c.Now(); now.Sub(s.LastSeenAt) > 10*time.Minute {
		err = c.store.InTx(ctx, func(tx Tx) error {
			return tx.TouchSession(ctx, s.ID, now, now.Add(c.cfg.SessionLife))
		})
	}
	return a, err
}

// embody fills the actor with the person of a session and what stands in his way.
func (c *Core) embody(ctx context.Context, tx Tx, a *Actor, s *Session) (err error) {
	if a.Person, err = tx.FindPerson(ctx, s.Account, s.Person); err != nil {
		return err
	}
	if a.Account, err = tx.FindAccount(ctx, s.Account); err != nil {
		return err
	}
	if a.Person.Status != Active || !a.Person.BlockedAt.IsZero() {
		return Fail(Unauthenticated, "session.none")
	}
	a.Auth = s.Auth
	allowed, err := c.networkAllows(ctx, tx, &a.Account, &a.Person, IPSessions, a.IP)
	if err != nil {
		return err
	}
	a.Gates.IPRefused = !allowed
	if a.Gates.SecondFactorOutstanding, err = factorOutstanding(ctx, tx, s, &a.Person); err != nil {
		return err
	}
	return c.borrow(ctx, tx, a, s)
}

// noIdentity is nobody's id.
const noIdentity = ID("none")

// limitSignIn bounds tries by login, by address and by the network around it:
// who has many addresses has them side by side.
func (c *Core) limitSignIn(ctx context.Context, login, ip string) error {
	for _, l := range []struct {
		key   string
		burst int
		every time.Duration
	}{
		{"signin-net:" + wideNetwork(ip), 200, 2 * time.Second},
		{"signin-ip:" + network(ip), 10, 30 * time.Second},
		{"signin:" + hashSecret(login), 10, 30 * time.Second},
	} {
		if ok, wait := c.limiter.Allow(ctx, l.key, l.burst, l.every); !ok {
			return Fail(Limited, "signin.limited", "minutes", fmt.Sprint(int(wait.Minutes())+1))
		}
	}
	return nil
}

// wideNetwork is a whole site's: /24 of IPv4, /48 of IPv6.
func wideNetwork(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	a = a.WithZone("").Unmap()
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, _ := a.Prefix(bits)
	return p.String()
}

// refuseByNetwork lets nobody sign in whom the rules keep out everywhere. It
// is asked after the password: strangers learn nothing of the rules.
func (c *Core) refuseByNetwork(ctx context.Context, people []Person, ip string) error {
	refused := 0
	for i := range people {
		p := &people[i]
		var ok bool
		err := c.store.Ask(ctx, func(tx Tx) error {
			account, err := tx.FindAccount(ctx, p.Account)
			if err == nil {
				ok, err = c.networkAllows(ctx, tx, &account, p, IPSessions, ip)
			}
			return err
		})
		if err != nil {
			return err
		}
		if ok {
			continue
		}
		refused++
		if err := c.NoteRefusal(ctx, p.Account, p.ID, IPSessions, ip); err != nil {
			return err
		}
	}
	if refused == len(people) {
		return Fail(Forbidden, "ip.refused")
	}
	return nil
}

// factorOf is when the actor's session was given its second factor.
func (c *Core) factorOf(ctx context.Context, a *Actor) (at time.Time, err error) {
	if a.Session == "" {
		return at, nil
	}
	err = c.store.Ask(ctx, func(tx Tx) error {
		s, err := tx.FindSession(ctx, a.Session)
		at = s.FactorAt
		if KindOf(err) == NotFound {
			return nil
		}
		return err
	})
	return at, err
}

// SessionItem is a session as its holder, or who may end it, sees it.
type SessionItem struct {
	Session
	// Here tells that it is the actor's own, of this very request.
	Here bool
	// AccountName is where it works; empty while none is chosen.
	AccountName string
	// ByCode tells that a code from the mailbox was typed there, and no password;
	// then it is for the conversation Task alone, or for all of them when that is zero.
	ByCode bool
	Task   int64
}

// Sessions lists where a person is signed in, the last used first. Of others
// only the sessions of this account are told.
func (c *Core) Sessions(ctx context.Context, a *Actor, person ID) (items []SessionItem, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		items = nil
		p, err := c.sessionsOf(ctx, tx, a, person)
		if err != nil {
			return err
		}
		if items, err = c.guestItems(ctx, tx, a, &p); err != nil || p.Identity == "" {
			return err
		}
		list, err := tx.SessionsOf(ctx, p.Identity, c.Now())
		if err != nil {
			return err
		}
		own := p.ID == a.Person.ID
		for _, s := range list {
			if !own && s.Person != p.ID {
				continue
			}
			item := SessionItem{Session: s, Here: s.ID == a.Session}
			if s.Account != "" {
				account, err := tx.FindAccount(ctx, s.Account)
				if err != nil {
					return err
				}
				item.AccountName = account.Name
			}
			items = append(items, item)
		}
		slices.SortStableFunc(items, func(x, y SessionItem) int { return y.LastSeenAt.Compare(x.LastSeenAt) })
		return nil
	})
	return items, err
}

func (c *Core) sessionsOf(ctx context.Context, tx Tx, a *Actor, person ID) (Person, error) {
	p, err := tx.FindPerson(ctx, a.Account.ID, person)
	if err != nil {
		return p, err
	}
	return p, c.require(ctx, tx, a, "user.sessions.end", Object{"person", person})
}

// EndSession ends one session of a person.
func (c *Core) EndSession(ctx context.Context, a *Actor, person ID, session string) error {
	return c.endSessions(ctx, a, person, func(tx Tx, p *Person) error {
		if g, err := tx.FindGuestSession(ctx, session); KindOf(err) != NotFound {
			if err != nil || g.Account != p.Account || g.Person != p.ID {
				return firstError(err, Fail(NotFound, "session.unknown"))
			}
			return tx.DeleteGuestSession(ctx, session)
		}
		s, err := tx.FindSession(ctx, session)
		if err != nil || s.Identity != p.Identity || p.ID != a.Person.ID && s.Person != p.ID {
			return firstError(err, Fail(NotFound, "session.unknown"))
		}
		return tx.DeleteSession(ctx, session)
	})
}

// EndSessions ends all sessions of a person's login, in all accounts it leads
// to: one that works elsewhere could come back here without a password. What
// codes from the mailbox opened in this account ends too. The actor's own
// session goes on.
func (c *Core) EndSessions(ctx context.Context, a *Actor, person ID) error {
	return c.endSessions(ctx, a, person, func(tx Tx, p *Person) error {
		ended, err := c.endGuests(ctx, tx, a, p)
		if err != nil {
			return err
		}
		if p.Identity == "" {
			if ended == 0 && p.ID != a.Person.ID {
				return Fail(NotFound, "session.unknown")
			}
			return nil
		}
		if p.ID == a.Person.ID {
			return tx.DeleteOtherSessions(ctx, p.Identity, a.Session)
		}
		return tx.DeleteSessionsOf(ctx, p.Identity)
	})
}

func (c *Core) endSessions(ctx context.Context, a *Actor, person ID, end func(Tx, *Person) error) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.sessionsOf(ctx, tx, a, person)
		if err != nil {
			return err
		}
		if err := end(tx, &p); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "session.end", Object{"person", person})
	})
	if err == nil {
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}
