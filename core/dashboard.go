package core

import (
	"context"
	"slices"

	"planpost/mail"
)

// The dashboard is for contacts with basic access: no password, a code from
// the mailbox instead. The same address may be known in several accounts of the
// host; each mails a code of its own, and the one that is typed says which.

// dashboardsOf are the contacts whose dashboard a code to this address opens.
func (c *Core) dashboardsOf(ctx context.Context, tx Tx, norm string) ([]Person, error) {
	people, err := tx.ContactsByAddress(ctx, norm, 20)
	return slices.DeleteFunc(people, func(p Person) bool { return p.Access != BasicAccess || !reachable(&p) }), err
}

// AskDashboard mails a code to an address, if it is known. Whether it is shows
// neither in the answer nor, since a page answers at a fixed time, in how long it
// takes. ticket tells apart the browsers that ask; empty for a new one.
func (c *Core) AskDashboard(ctx context.Context, address string, ticket ID, ip string) (ID, error) {
	addr, err := mail.ParseMailbox(address)
	if err != nil {
		return "", Fail(Invalid, "address", "address", oneLine(address))
	}
	norm := addr.Norm()
	if err := c.limitCodeAsk(ctx, hashSecret(norm), ip); err != nil {
		return "", err
	}
	if ticket == "" {
		if ticket, err = RandomID(c.rand); err != nil {
			return "", err
		}
	}
	var people []Person
	err = c.store.View(ctx, func(tx Tx) (err error) {
		people, err = c.dashboardsOf(ctx, tx, norm)
		return err
	})
	for i := range people {
		p := &people[i]
		if err == nil {
			err = c.mailCode(ctx, p, p.ID, string(ticket), func(tx Tx) error { return c.stillDashboard(ctx, tx, p) })
		}
		if KindOf(err) == NotFound {
			err = nil
		}
	}
	return ticket, err
}

// stillDashboard reads a contact again: NotFound when it has no dashboard any more.
func (c *Core) stillDashboard(ctx context.Context, tx Tx, p *Person) error {
	now, err := tx.FindPerson(ctx, p.Account, p.ID)
	if err != nil {
		return err
	}
	account, err := tx.FindAccount(ctx, p.Account)
	if err != nil {
		return err
	}
	if now.Access != BasicAccess || !reachable(&now) || !account.FrozenAt.IsZero() {
		return Fail(NotFound, "session.none")
	}
	*p = now
	return nil
}

// GiveDashboardCode takes the code that was typed, and gives the token that
// the browser keeps. What is wrong with it is not told: that would tell which
// addresses are known.
func (c *Core) GiveDashboardCode(ctx context.Context, address string, ticket ID, typed string, cr Credentials) (token string, err error) {
	addr, err := mail.ParseMailbox(address)
	if err != nil || ticket == "" {
		return "", Fail(Invalid, "code.not")
	}
	if len(bareCode(typed)) != linkCodeLen {
		return "", Fail(Invalid, "code.not")
	}
	if ok, _ := c.limiter.Allow(ctx, "codeticket:"+string(ticket), wrongOfLink, codeLife); !ok {
		return "", Fail(Limited, "code.wrong_often")
	}
	var people []Person
	var codes []Link
	err = c.store.View(ctx, func(tx Tx) (err error) {
		codes = nil
		if people, err = c.dashboardsOf(ctx, tx, addr.Norm()); err != nil {
			return err
		}
		for i := range people {
			l, _, err := tx.FindLinkOf(ctx, CodeLink, people[i].ID, people[i].ID, string(ticket))
			if err != nil {
				return err
			}
			codes = append(codes, l)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	for i := range people {
		if codes[i].ID == "" || c.codeFits(ctx, &codes[i], typed, &cr) != nil {
			continue
		}
		return c.openDashboard(ctx, &people[i], &codes[i], &cr)
	}
	return "", Fail(Invalid, "code.not")
}

func (c *Core) openDashboard(ctx context.Context, p *Person, code *Link, cr *Credentials) (token string, err error) {
	token, s, err := c.newGuestSession(p, "", cr)
	if err != nil {
		return "", err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.stillDashboard(ctx, tx, p); err != nil {
			return err
		}
		return c.spendCode(ctx, tx, code, &s)
	})
	if KindOf(err) == NotFound || KindOf(err) == Invalid {
		err = Fail(Invalid, "code.not")
	}
	return token, err
}
