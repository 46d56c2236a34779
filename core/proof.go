package core

import (
	"context"
	"fmt"
	"time"
)

// Proof is what somebody gives once more before a dangerous deed: a browser
// left open must not be enough for it.
type Proof struct {
	Password string
	// Code is that of the second factor, where there is one.
	Code string
}

// Prove checks the actor's own password again and, where a second factor is
// set up, a code. It is asked right before the deed, in the same request.
// Who has a shell on the host proves nothing by a password.
func (c *Core) Prove(ctx context.Context, a *Actor, p Proof) error {
	if a.Operator || a.Via == "cli" {
		return nil
	}
	if a.ViewedBy != nil || a.Person.Identity == "" {
		return Fail(Forbidden, "forbidden")
	}
	if ok, wait := c.limiter.Allow(ctx, "password:"+string(a.Person.Identity), 10, 30*time.Second); !ok {
		return Fail(Limited, "signin.limited", "minutes", fmt.Sprint(int(wait.Minutes())+1))
	}
	var login Identity
	var needed bool
	err := c.store.View(ctx, func(tx Tx) (err error) {
		if login, err = tx.FindIdentityByID(ctx, a.Person.Identity); err != nil {
			return err
		}
		needed, err = codeNeeded(ctx, tx, a)
		return err
	})
	if err != nil {
		return err
	}
	if !c.cfg.PasswordCost.fits(login.PasswordHash, p.Password) {
		return Fail(Invalid, "password.wrong")
	}
	how := ByPassword
	if needed {
		if how, err = c.proveCode(ctx, a, p.Code); err != nil {
			return err
		}
	}
	if a.Session == "" {
		return nil
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		s, err := tx.FindSession(ctx, a.Session)
		if err != nil {
			return err
		}
		if needed {
			s.Auth, s.FactorAt = how, c.Now()
		}
		return tx.ProveSession(ctx, s.ID, s.Auth, c.Now(), s.FactorAt)
	})
}

func (c *Core) proveCode(ctx context.Context, a *Actor, code string) (how string, err error) {
	if err := c.limitCodes(ctx, a.Person.Identity); err != nil {
		return "", err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		f, ok, err := tx.FindSecondFactor(ctx, a.Person.Identity)
		if err != nil || !ok {
			return firstError(err, Fail(Conflict, "factor.none"))
		}
		how, err = c.takeCode(ctx, tx, &f, code)
		return err
	})
	return how, err
}

// ProofNeedsCode tells a page whether Prove will ask for a code.
func (c *Core) ProofNeedsCode(ctx context.Context, a *Actor) (needed bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		needed, err = codeNeeded(ctx, tx, a)
		return err
	})
	return needed, err
}

func codeNeeded(ctx context.Context, tx Tx, a *Actor) (bool, error) {
	mode, err := policyFor(ctx, tx, &a.Person)
	if err != nil || mode == FactorOff {
		return false, err
	}
	f, ok, err := tx.FindSecondFactor(ctx, a.Person.Identity)
	return ok && !f.ConfirmedAt.IsZero(), err
}
