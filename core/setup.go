package core

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	_ "time/tzdata" // a host without zone files still knows every zone
)

// Setup is what the first visit of an empty instance asks for.
type Setup struct {
	Code                      string
	AccountName, Locale, Zone string
	Name, Address, Password   string
	// Acknowledged says that the address is meant, although it looks like a person's.
	Acknowledged bool
}

// setupKey is where the hash of the one-time code waits.
const setupKey = "setup"

// SetupNeeded tells whether the host has no account yet.
func (c *Core) SetupNeeded(ctx context.Context) (needed bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		accounts, err := tx.ListAccounts(ctx)
		needed = len(accounts) == 0
		return err
	})
	return needed, err
}

// NewSetupCode makes the code that guards the first visit; an earlier one ends.
func (c *Core) NewSetupCode(ctx context.Context) (string, error) {
	b := make([]byte, 12)
	if _, err := io.ReadFull(c.rand, b); err != nil {
		return "", fmt.Errorf("set-up code: %w", err)
	}
	var code strings.Builder
	for i, v := range b {
		if i > 0 && i%4 == 0 {
			code.WriteByte('-')
		}
		code.WriteByte(addressText[v&31])
	}
	return code.String(), c.store.InTx(ctx, func(tx Tx) error {
		return tx.PutValue(ctx, setupKey, hashSecret(normCode(code.String())))
	})
}

func normCode(s string) string {
	return strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(s))
}

// SetUp makes the host's first account and its owner. The code works once.
func (c *Core) SetUp(ctx context.Context, s Setup) (Account, Person, error) {
	if ok, _ := c.limiter.Allow(ctx, "setup", 10, time.Minute); !ok {
		return Account{}, Person{}, Fail(Limited, "tries")
	}
	return c.createAccount(ctx, s, func(tx Tx) error {
		ok, err := tx.TakeValue(ctx, setupKey, hashSecret(normCode(s.Code)))
		if err == nil && !ok {
			return Fail(Forbidden, "setup.code")
		}
		if better := SuggestRoleAddress(s.Address, s.Name); err == nil && better != "" && !s.Acknowledged {
			return Fail(Conflict, "setup.personal", "better", better)
		}
		return err
	})
}

// CreateAccount makes an account and its owner for the operator.
func (c *Core) CreateAccount(ctx context.Context, s Setup) (Account, Person, error) {
	return c.createAccount(ctx, s, func(Tx) error { return nil })
}

func (c *Core) createAccount(ctx context.Context, s Setup, guard func(Tx) error) (Account, Person, error) {
	a, p, err := c.newAccount(s)
	if err != nil {
		return Account{}, Person{}, err
	}
	login, err := c.newIdentity(s.Address, s.Password, s.Name, s.AccountName)
	if err != nil {
		return Account{}, Person{}, err
	}
	p.Addresses[0].ConfirmedAt = c.Now()
	proven, err := c.provenLogin(ctx, s.Address, s.Password)
	if err != nil {
		return Account{}, Person{}, err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := guard(tx); err != nil {
			return err
		}
		if err := c.linkIdentity(ctx, tx, &p, &login, proven); err != nil {
			return err
		}
		var params []string
		if s.Acknowledged {
			params = []string{"acknowledged", p.Address().Mailbox()}
		}
		return c.putAccount(ctx, tx, &a, &p, params...)
	})
	return a, p, err
}

// putAccount writes an account and its owner.
func (c *Core) putAccount(ctx context.Context, tx Tx, a *Account, p *Person, params ...string) error {
	if err := tx.CreateAccount(ctx, a); err != nil {
		return err
	}
	if err := tx.CreatePerson(ctx, p); err != nil {
		return err
	}
	return tx.AppendLog(ctx, &LogEntry{ID: NewID(), Account: a.ID, At: tx.Now(), Actor: p.ID, Via: "page", Code: "account.create", Object: "account", ObjectID: a.ID, Params: params})
}

// newAccount checks what makes an account and its owner; neither is stored yet.
func (c *Core) newAccount(s Setup) (a Account, p Person, err error) {
	chosen := DefaultSettings()
	if chosen.Name, err = checkAccountName(s.AccountName); err != nil {
		return a, p, err
	}
	if s.Zone != "" {
		if chosen.Zone, err = checkZone(s.Zone); err != nil {
			return a, p, err
		}
	}
	if s.Locale != "" {
		if chosen.Locale, err = checkKnownLanguage(s.Locale); err != nil {
			return a, p, err
		}
	}
	id := NewID()
	key, err := c.newAccountKey(id)
	if err != nil {
		return a, p, err
	}
	a = Account{ID: id, AccountSettings: chosen, Key: key, CreatedAt: c.Now()}
	p, err = c.newPerson(a.ID, UserKind, s.Name, s.Address)
	if err != nil {
		return a, p, err
	}
	p.Role = Owner
	return a, p, err
}
