package core

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// Ways in which somebody proved who he is, as the log tells them.
const (
	ByPassword = "password"
	ByTOTP     = "password+totp"
	ByRecovery = "password+recovery"
)

// recoveryCodes is how many are given out at once; each opens the door once.
const recoveryCodes = 10

// factorPurpose names the key that secrets are sealed with.
const factorPurpose = "second factor"

// FactorState is what a person's own page tells of the second factor.
type FactorState struct {
	// Mode is off, allowed or required, for this person.
	Mode string
	// On tells that codes are asked for; CodesLeft how many recovery codes are unused.
	On        bool
	CodesLeft int
	// Outstanding tells that this session waits for it.
	Outstanding bool
	// Secret and URI are those of a factor that waits for its first code; empty otherwise.
	Secret, URI string
}

// lifted is the actor without the one gate that the second factor itself
// opens: who stands before it must be able to pass it.
func lifted(a *Actor) *Actor {
	free := *a
	free.Gates.SecondFactorOutstanding = false
	return &free
}

// requireOwnFactor asks for the right over the actor's own factor.
func (c *Core) requireOwnFactor(ctx context.Context, tx Tx, a *Actor) error {
	if a.Person.Identity == "" {
		return Fail(Conflict, "factor.nologin")
	}
	return c.require(ctx, tx, lifted(a), "session.second_factor.edit", Object{"person", a.Person.ID})
}

// Factor tells the state of the actor's own second factor.
func (c *Core) Factor(ctx context.Context, a *Actor) (st FactorState, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.requireOwnFactor(ctx, tx, a); err != nil {
			return err
		}
		st = FactorState{Outstanding: a.Gates.SecondFactorOutstanding}
		if st.Mode, err = policyFor(ctx, tx, &a.Person); err != nil {
			return err
		}
		f, ok, err := tx.FindSecondFactor(ctx, a.Person.Identity)
		if err != nil || !ok {
			return err
		}
		if st.On = !f.ConfirmedAt.IsZero(); st.On {
			st.CodesLeft, err = tx.RecoveryCodesLeft(ctx, f.Identity)
			return err
		}
		secret, err := c.keys.openSecret(factorPurpose, f.Identity, f.Secret)
		if err != nil {
			return err
		}
		login, err := tx.FindIdentityByID(ctx, f.Identity)
		st.Secret, st.URI = secretText(secret), otpauth(secret, "Planpost "+a.Account.Name, login.Login)
		return err
	})
	return st, err
}

// BeginFactor makes a secret that waits for its first code; an earlier one
// that waited ends.
func (c *Core) BeginFactor(ctx context.Context, a *Actor) error {
	secret := make([]byte, totpSecret)
	if _, err := io.ReadFull(c.rand, secret); err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := c.requireOwnFactor(ctx, tx, a); err != nil {
			return err
		}
		if mode, err := policyFor(ctx, tx, &a.Person); err != nil || mode == FactorOff {
			return firstError(err, Fail(Conflict, "factor.off"))
		}
		f, ok, err := tx.FindSecondFactor(ctx, a.Person.Identity)
		if err != nil {
			return err
		}
		if ok && !f.ConfirmedAt.IsZero() { // or who has only the password would put his own in its place
			return Fail(Conflict, "factor.exists")
		}
		sealed, err := c.keys.sealSecret(factorPurpose, a.Person.Identity, secret)
		if err != nil {
			return err
		}
		return tx.PutSecondFactor(ctx, &SecondFactor{Identity: a.Person.Identity, Secret: sealed, CreatedAt: tx.Now()})
	})
}

// ConfirmFactor turns the waiting factor on by its first code and gives the
// recovery codes, this once. Other sessions of the login are asked for a code
// from now on.
func (c *Core) ConfirmFactor(ctx context.Context, a *Actor, code string) (codes []string, err error) {
	if err := c.limitCodes(ctx, a.Person.Identity); err != nil {
		return nil, err
	}
	codes, hashes, err := c.newRecoveryCodes(a.Person.Identity)
	if err != nil {
		return nil, err
	}
	return codes, c.inTxAndWake(ctx, func(tx Tx) error {
		if err := c.requireOwnFactor(ctx, tx, a); err != nil {
			return err
		}
		f, ok, err := tx.FindSecondFactor(ctx, a.Person.Identity)
		if err != nil {
			return err
		}
		if !ok || !f.ConfirmedAt.IsZero() {
			return Fail(Conflict, "factor.none")
		}
		if how, err := c.takeCode(ctx, tx, &f, code); err != nil || how != ByTOTP {
			return firstError(err, Fail(Invalid, "factor.wrong"))
		}
		if err := tx.ConfirmSecondFactor(ctx, f.Identity, tx.Now()); err != nil {
			return err
		}
		if err := tx.SetRecoveryCodes(ctx, f.Identity, hashes); err != nil {
			return err
		}
		if a.Session != "" {
			if err := tx.ProveSession(ctx, a.Session, ByTOTP, c.Now(), c.Now()); err != nil {
				return err
			}
		}
		return c.noteFactor(ctx, tx, a, "factor.on", &a.Person)
	})
}

// GiveFactor lets a session through that waits for its second factor: with a
// code of the authenticator or, once each, a recovery code.
func (c *Core) GiveFactor(ctx context.Context, a *Actor, code string) error {
	if a.ViewedBy != nil || a.Session == "" {
		return Fail(Forbidden, "forbidden")
	}
	if err := c.limitCodes(ctx, a.Person.Identity); err != nil {
		return err
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		f, ok, err := tx.FindSecondFactor(ctx, a.Person.Identity)
		if err != nil {
			return err
		}
		if !ok || f.ConfirmedAt.IsZero() {
			return Fail(Conflict, "factor.none")
		}
		how, err := c.takeCode(ctx, tx, &f, code)
		if err != nil {
			return err
		}
		if err := tx.ProveSession(ctx, a.Session, how, c.Now(), c.Now()); err != nil {
			return err
		}
		b := *a
		b.Auth = how
		return c.note(ctx, tx, &b, "session.second_factor", Object{"person", a.Person.ID})
	})
}

// limitCodes bounds guessing: six digits of which three are good stand a
// million to three against five tries and one more a minute.
func (c *Core) limitCodes(ctx context.Context, identity ID) error {
	if ok, wait := c.limiter.Allow(ctx, "factor:"+string(identity), 5, time.Minute); !ok {
		return Fail(Limited, "factor.limited", "minutes", fmt.Sprint(int(wait.Minutes())+1))
	}
	return nil
}

// takeCode uses a code up and tells what it was.
func (c *Core) takeCode(ctx context.Context, tx Tx, f *SecondFactor, code string) (how string, err error) {
	code = normCode(strings.TrimSpace(code))
	if len(code) != totpDigits {
		ok, err := tx.SpendRecoveryCode(ctx, f.Identity, recoveryHash(f.Identity, code), tx.Now())
		if err != nil || ok {
			return ByRecovery, err
		}
		return "", Fail(Invalid, "factor.wrong")
	}
	secret, err := c.keys.openSecret(factorPurpose, f.Identity, f.Secret)
	if err != nil {
		return "", err
	}
	step := stepOf(secret, code, c.Now())
	if step == 0 {
		return "", Fail(Invalid, "factor.wrong")
	}
	// A code that was used, and every older one, is worth nothing any more: it may have been read over a shoulder.
	ok, err := tx.SpendStep(ctx, f.Identity, step)
	if err == nil && !ok {
		err = Fail(Invalid, "factor.used")
	}
	return ByTOTP, err
}

// newRecoveryCodes are codes of 80 random bits each, too many to be guessed
// from their hashes.
func (c *Core) newRecoveryCodes(identity ID) (codes, hashes []string, err error) {
	b := make([]byte, 16)
	for range recoveryCodes {
		if _, err := io.ReadFull(c.rand, b); err != nil {
			return nil, nil, fmt.Errorf("recovery code: %w", err)
		}
		var code strings.Builder
		for i, v := range b {
			if i > 0 && i%4 == 0 {
				code.WriteByte('-')
			}
			code.WriteByte(addressText[int(v)%len(addressText)])
		}
		codes = append(codes, code.String())
		hashes = append(hashes, recoveryHash(identity, normCode(code.String())))
	}
	return codes, hashes, nil
}

func recoveryHash(identity ID, code string) string {
	return hashSecret("recovery code of " + string(identity) + ": " + code)
}

// NewRecoveryCodes gives new codes in place of all earlier ones.
func (c *Core) NewRecoveryCodes(ctx context.Context, a *Actor, p Proof) (codes []string, err error) {
	if err := c.Prove(ctx, a, p); err != nil {
		return nil, err
	}
	codes, hashes, err := c.newRecoveryCodes(a.Person.Identity)
	if err != nil {
		return nil, err
	}
	return codes, c.inTxAndWake(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "session.second_factor.edit", Object{"person", a.Person.ID}); err != nil {
			return err
		}
		f, ok, err := tx.FindSecondFactor(ctx, a.Person.Identity)
		if err != nil {
			return err
		}
		if !ok || f.ConfirmedAt.IsZero() {
			return Fail(Conflict, "factor.none")
		}
		if err := tx.SetRecoveryCodes(ctx, f.Identity, hashes); err != nil {
			return err
		}
		return c.noteFactor(ctx, tx, a, "factor.codes", &a.Person)
	})
}

// DropFactor turns the actor's own second factor off, where nobody requires it.
func (c *Core) DropFactor(ctx context.Context, a *Actor, p Proof) error {
	if err := c.Prove(ctx, a, p); err != nil {
		return err
	}
	return c.inTxAndWake(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "session.second_factor.edit", Object{"person", a.Person.ID}); err != nil {
			return err
		}
		people, err := activePeople(ctx, tx, a.Person.Identity)
		if err != nil {
			return err
		}
		for i := range people { // one login may lead to several accounts
			if mode, err := policyFor(ctx, tx, &people[i]); err != nil || mode == FactorRequired {
				return firstError(err, Fail(Conflict, "factor.required"))
			}
		}
		if err := tx.DeleteSecondFactor(ctx, a.Person.Identity); err != nil {
			return err
		}
		return c.noteFactor(ctx, tx, a, "factor.off", &a.Person)
	})
}

// ResetFactor takes away the second factor of somebody who lost it; his
// sessions end. What the account requires stays required: then he sets up a
// new one when he signs in next. A login that leads to other accounts too is
// reset by the operator only, because it guards those as well.
func (c *Core) ResetFactor(ctx context.Context, a *Actor, person ID) error {
	var login ID
	err := c.inTxAndWake(ctx, func(tx Tx) error {
		p, err := tx.FindPerson(ctx, a.Account.ID, person)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "session.second_factor.reset", Object{"person", person}); err != nil {
			return err
		}
		login = p.Identity
		if _, ok, err := tx.FindSecondFactor(ctx, login); err != nil || !ok || login == "" {
			return firstError(err, Fail(Conflict, "factor.none"))
		}
		if shared, err := leadsElsewhere(ctx, tx, &p); err != nil || shared && !a.Operator {
			return firstError(err, Fail(Conflict, "factor.shared"))
		}
		if err := tx.DeleteSecondFactor(ctx, login); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, login); err != nil {
			return err
		}
		return c.noteFactor(ctx, tx, a, "factor.reset", &p)
	})
	if err == nil {
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}

func leadsElsewhere(ctx context.Context, tx Tx, p *Person) (bool, error) {
	people, err := tx.PeopleOfIdentity(ctx, p.Identity)
	for i := range people {
		if people[i].Account != p.Account && people[i].Status != Deleted {
			return true, err
		}
	}
	return false, err
}

// noteFactor writes what happened to somebody's second factor and tells him.
func (c *Core) noteFactor(ctx context.Context, tx Tx, a *Actor, code string, p *Person) error {
	notice := code
	if a.Operator {
		notice += ".host"
		if err := c.tellAdministrators(ctx, tx, a.Account.ID, code+".admins", []string{"person", p.Name}); err != nil {
			return err
		}
	}
	if err := c.oweNotice(ctx, tx, p.Account, p.ID, notice, "who", a.Person.Name); err != nil {
		return err
	}
	return c.note(ctx, tx, a, code, Object{"person", p.ID})
}

// inTxAndWake is InTx for deeds that owe somebody a letter at once.
func (c *Core) inTxAndWake(ctx context.Context, fn func(Tx) error) error {
	err := c.store.InTx(ctx, fn)
	if err == nil {
		c.wakeMailer()
	}
	return err
}
