package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"planpost/mail"
)

func hashSecret(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// newPerson checks name and address; the person is active and not yet stored.
func (c *Core) newPerson(account ID, kind PersonKind, name, address string) (Person, error) {
	addr, err := mail.ParseMailbox(strings.TrimSpace(address))
	if err != nil || c.ownAddress(addr) {
		return Person{}, Fail(Invalid, "address", "address", oneLine(address))
	}
	if name = oneLine(name); name == "" {
		name = addr.Mailbox()
	}
	p := Person{ID: NewID(), Account: account, Kind: kind, Name: name, Status: Active, Access: NoAccess, CreatedAt: c.Now()}
	p.Addresses = []PersonAddress{{ID: NewID(), Account: account, Person: p.ID, Given: addr, Norm: addr.Norm(), Primary: true}}
	return p, nil
}

func (c *Core) newIdentity(login, password string, contextWords ...string) (Identity, error) {
	hash, err := c.cfg.PasswordCost.hash(password, append(contextWords, login)...)
	if err != nil {
		return Identity{}, err
	}
	return Identity{ID: NewID(), Login: login, LoginNorm: normLogin(login), PasswordHash: hash, CreatedAt: c.Now()}, nil
}

// provenLogin gives the password hash of the host's identity with that login,
// empty when there is none. Identities are shared by accounts: only who knows
// the password may link one, or somebody could lay out a login of his own and
// wait until another account takes it for its user's.
func (c *Core) provenLogin(ctx context.Context, login, password string) (hash string, err error) {
	var known Identity
	err = c.store.View(ctx, func(tx Tx) error {
		known, err = tx.FindIdentity(ctx, normLogin(login))
		return err
	})
	if KindOf(err) == NotFound {
		return "", nil
	}
	if err == nil && !c.cfg.PasswordCost.fits(known.PasswordHash, password) {
		err = Fail(Conflict, "login.taken")
	}
	return known.PasswordHash, err
}

// linkIdentity uses the host's identity with that login, if its password was
// proven (see provenLogin), or makes it. An existing one keeps its password.
func (c *Core) linkIdentity(ctx context.Context, tx Tx, p *Person, login *Identity, proven string) error {
	known, err := tx.FindIdentity(ctx, login.LoginNorm)
	if KindOf(err) == NotFound {
		p.Identity = login.ID
		return tx.CreateIdentity(ctx, login)
	}
	if err == nil && known.PasswordHash != proven {
		return Fail(Conflict, "login.taken")
	}
	p.Identity = known.ID
	return err
}

func normLogin(s string) string {
	if a, err := mail.ParseMailbox(strings.TrimSpace(s)); err == nil {
		return a.Norm()
	}
	return strings.ToLower(strings.TrimSpace(s))
}
