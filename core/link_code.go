package core

import (
	"context"
	"time"
)

// A short code by mail proves that somebody reads a mailbox (links.md, 3). Its
// row is of person and object; the code follows from row and generation:
//
//	asked -> row, generation raised, mail owed -> typed -> generation raised: it works once
//	wrong five times -> row ended; the next row is made once a day

const (
	// codeLife is how long a code works, codeMailed for how long asking again mails nothing new.
	codeLife   = 10 * time.Minute
	codeMailed = time.Minute
)

// limitCodeAsk bounds how often codes are asked for: of a person, from an address and the network around it.
func (c *Core) limitCodeAsk(ctx context.Context, whose, ip string) error {
	for _, l := range []struct {
		key   string
		burst int
		every time.Duration
	}{
		{"code-net:" + wideNetwork(ip), 100, 10 * time.Second},
		{"code-ip:" + network(ip), 20, time.Minute},
		{"code:" + whose, 5, 30 * time.Minute},
	} {
		if ok, wait := c.limiter.Allow(ctx, l.key, l.burst, l.every); !ok {
			return limited("code.limited", wait)
		}
	}
	return nil
}

// mailCode owes the person the code that opens the object. Asked again while
// one works, the same is mailed: both mails are right then. scope tells apart
// the codes that several browsers asked for; still is asked in the transaction
// whether the person may have it.
func (c *Core) mailCode(ctx context.Context, p *Person, object ID, scope string, still func(Tx) error) error {
	want := Link{Account: p.Account, Kind: CodeLink, Person: p.ID, Object: object, Scope: scope}
	var known bool
	err := c.store.View(ctx, func(tx Tx) (err error) {
		_, known, err = tx.FindLinkOf(ctx, want.Kind, want.Person, want.Object, want.Scope)
		return err
	})
	if err != nil {
		return err
	}
	if !known { // the first, or the one before was locked
		if ok, wait := c.limiter.Allow(ctx, "codenew:"+string(p.ID)+string(object)+scope, 2, 24*time.Hour); !ok {
			return limited("code.locked", wait)
		}
	}
	if want.ID, err = RandomID(c.rand); err != nil {
		return err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := still(tx); err != nil {
			return err
		}
		return c.oweCode(ctx, tx, want)
	})
	c.wakeMailer()
	return err
}

func (c *Core) oweCode(ctx context.Context, tx Tx, l Link) error {
	now := c.Now()
	l.CreatedAt, l.ExpiresAt = now, now.Add(codeLife)
	was, ok, err := tx.FindLinkOf(ctx, l.Kind, l.Person, l.Object, l.Scope)
	if err != nil {
		return err
	}
	if ok && was.Generation >= maxGeneration {
		ok, err = false, tx.RevokeLink(ctx, was.Account, was.ID, "newer", now)
	}
	key := ""
	switch {
	case err != nil:
	case !ok:
		err = tx.EnsureLink(ctx, &l)
	case was.State(now) != LinkLive:
		l.ID, l.Generation = was.ID, was.Generation+1
		err = tx.RenewLink(ctx, l.Account, l.ID, l.Generation, l.ExpiresAt)
	case was.ExpiresAt.Sub(now) > codeLife-codeMailed:
		return nil
	default:
		l.ID, l.Generation, key = was.ID, was.Generation, " again "+now.Format(time.RFC3339)
		err = tx.RenewLink(ctx, l.Account, l.ID, l.Generation, l.ExpiresAt)
	}
	if err != nil {
		return err
	}
	_, err = c.oweLink(ctx, tx, &l, key)
	return err
}

// codeFits tells whether what was typed is the code of the row. Five wrong ones end it.
func (c *Core) codeFits(ctx context.Context, l *Link, typed string, cr *Credentials) error {
	if len(bareCode(typed)) != linkCodeLen { // a slip, or a machine that sends what it found; no try
		return Fail(Invalid, "code.wrong")
	}
	if l.State(c.Now()) != LinkLive {
		return Fail(Invalid, "code.expired")
	}
	if ok, _ := c.limiter.Allow(ctx, "codewrong:"+string(l.ID)+":"+itoa(int64(l.Generation)), wrongOfLink, 24*time.Hour); !ok {
		err := c.store.InTx(ctx, func(tx Tx) error { return tx.RevokeLink(ctx, l.Account, l.ID, "locked", c.Now()) })
		return firstError(err, Fail(Limited, "code.wrong_often"))
	}
	if !c.keys.LinkCodeFits(typed, l.ID, l.Generation) {
		err := c.store.InTx(ctx, func(tx Tx) error {
			return c.noteLink(ctx, tx, l, LinkCodeWrong, "", Visitor{IP: cr.IP, Agent: cr.UserAgent})
		})
		return firstError(err, Fail(Invalid, "code.wrong"))
	}
	return nil
}

// spendCode ends a code that fitted, and opens the session it was for. Of two
// at once the second finds it spent.
func (c *Core) spendCode(ctx context.Context, tx Tx, l *Link, s *GuestSession) error {
	now, err := tx.FindLink(ctx, l.ID)
	if err != nil {
		return err
	}
	if now.Generation != l.Generation || now.State(c.Now()) != LinkLive {
		return Fail(Invalid, "code.expired")
	}
	if err := tx.RenewLink(ctx, l.Account, l.ID, l.Generation+1, c.Now()); err != nil {
		return err
	}
	if err := tx.CreateGuestSession(ctx, s); err != nil {
		return err
	}
	if err := c.noteLink(ctx, tx, l, LinkCodeGiven, s.Person, Visitor{IP: s.IP, Agent: s.UserAgent}); err != nil {
		return err
	}
	return tx.AppendLog(ctx, &LogEntry{ID: NewID(), Account: s.Account, At: s.CreatedAt, Actor: s.Person, Via: "page", Auth: "code", Code: "session.code", Object: "person", ObjectID: s.Person})
}
