package core

import (
	"context"
	"strings"
	"time"

	"planpost/mail"
)

// Who registers owns the account (requirements.md A1), once he has shown that
// he reads the mailbox:
//
//	address -> an account that works for nobody, its owner Pending -> mail -> form -> Activate
//
// The page that takes the address takes no other words: what a stranger types
// must not reach somebody else's mailbox. The names are asked behind the link.

// unconfirmedLife is how long an account waits for its owner before it is forgotten.
const unconfirmedLife = 30 * 24 * time.Hour

// Register begins an account for whoever reads the mailbox, in that language,
// and mails the link that goes on. The answer is the same whatever is known of
// the address. NotFound where the host does not let anybody register.
func (c *Core) Register(ctx context.Context, address, locale, ip string) error {
	if !c.cfg.Registration {
		return Fail(NotFound, "not_found")
	}
	addr, err := mail.ParseMailbox(strings.TrimSpace(address))
	if err != nil || c.ownAddress(addr) {
		return Fail(Invalid, "address", "address", oneLine(address))
	}
	for _, l := range []struct {
		key   string
		burst int
		every time.Duration
	}{
		{"register-net:" + wideNetwork(ip), 50, 2 * time.Minute},
		{"register-ip:" + network(ip), 5, 10 * time.Minute},
		{"register", 300, time.Minute},
		{"register:" + hashSecret(addr.Norm()), 3, time.Hour},
	} {
		if ok, wait := c.limiter.Allow(ctx, l.key, l.burst, l.every); !ok {
			return limited("register.limited", wait)
		}
	}
	a, p, err := c.newAccount(Setup{AccountName: addr.Domain, Locale: locale, Address: addr.Mailbox()})
	if err != nil {
		return err
	}
	p.Status = Pending
	return c.inTxAndWake(ctx, func(tx Tx) error {
		// One account at most waits for an address, however often it is typed.
		again, ok, err := tx.FindUnconfirmed(ctx, addr.Norm())
		if err != nil {
			return err
		}
		if ok {
			return c.oweInvitation(ctx, tx, &Actor{}, &again, " asked "+c.Now().Format("200601021504"))
		}
		if err := c.putAccount(ctx, tx, &a, &p); err != nil {
			return err
		}
		return c.oweInvitation(ctx, tx, &Actor{}, &p, "")
	})
}

// OwnAccount are the names that an owner gives to begin with, see Register.
type OwnAccount struct{ AccountName, Name, Zone string }

// unconfirmed tells that the person waits to become the owner of an account that he registered.
func unconfirmed(p *Person) bool { return p.Role == Owner && p.Status == Pending }

// check fills what was left empty and refuses what cannot be.
func (n *OwnAccount) check(a *Account) (err error) {
	if n.AccountName, err = checkAccountName(n.AccountName); err != nil {
		return err
	}
	if n.Name = oneLine(n.Name); n.Name == "" {
		return Fail(Invalid, "person.name")
	}
	if n.Zone == "" {
		n.Zone = a.Zone
	}
	n.Zone, err = checkZone(n.Zone)
	return err
}

// take writes the names that the owner gave.
func (n *OwnAccount) take(ctx context.Context, tx Tx, a *Account, p *Person) (changes []Change, err error) {
	changes = []Change{{"account.name", a.Name, n.AccountName}, {"zone", a.Zone, n.Zone}, {"name", p.Name, n.Name}}
	p.Name = n.Name
	if err := tx.PutSetting(ctx, a.ID, "name", n.AccountName); err != nil {
		return nil, err
	}
	return changes, tx.PutSetting(ctx, a.ID, "zone", n.Zone)
}

// SweepRegistrations forgets accounts whose owner never came; a duty.
func (c *Core) SweepRegistrations(ctx context.Context) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		ids, err := tx.UnconfirmedAccounts(ctx, c.Now().Add(-unconfirmedLife), 100)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := tx.ForgetAccount(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
}
