package core

import (
	"context"
	"slices"
	"strings"
	"time"
)

// SecondFactor is the authenticator of a login. It belongs to the login and so
// to all accounts it leads to.
type SecondFactor struct {
	Identity ID
	// Secret is sealed with the host's keys.
	Secret []byte
	// LastStep is the newest step whose code was used: it and older ones are refused (RFC 6238 §5.2).
	LastStep  int64
	CreatedAt time.Time
	// ConfirmedAt is zero until a first code was given; until then nobody is asked for one.
	ConfirmedAt time.Time
}

// How a group treats the second factor.
const (
	FactorOff      = "off"      // nobody is asked for one
	FactorAllowed  = "allowed"  // who has set one up is asked
	FactorRequired = "required" // everybody must
	FactorChosen   = "chosen"   // the chosen must, others may
)

// FactorPolicy is an account's: for staff and for outsiders who sign in.
type FactorPolicy struct {
	Account        ID
	Staff, Outside string
	// Chosen are the people who must where the group's policy is FactorChosen.
	// Filled by Core.FactorPolicy only.
	Chosen []ID
}

// FactorTx reads and writes second factors and who must have one.
type FactorTx interface {
	// PutSecondFactor writes a login's factor in place of the one it had.
	PutSecondFactor(ctx context.Context, f *SecondFactor) error
	FindSecondFactor(ctx context.Context, identity ID) (f SecondFactor, ok bool, err error)
	// DeleteSecondFactor removes it with its recovery codes.
	DeleteSecondFactor(ctx context.Context, identity ID) error
	ConfirmSecondFactor(ctx context.Context, identity ID, at time.Time) error
	// SpendStep notes that a step's code was used; false when it or a later one was already.
	SpendStep(ctx context.Context, identity ID, step int64) (bool, error)
	// SetRecoveryCodes keeps the hashes of new codes; older codes end.
	SetRecoveryCodes(ctx context.Context, identity ID, hashes []string) error
	// SpendRecoveryCode uses a code up; false when there is none such or it was used.
	SpendRecoveryCode(ctx context.Context, identity ID, hash string, at time.Time) (bool, error)
	RecoveryCodesLeft(ctx context.Context, identity ID) (int, error)

	// FindFactorPolicy tells false while the account never set one.
	FindFactorPolicy(ctx context.Context, account ID) (p FactorPolicy, ok bool, err error)
	PutFactorPolicy(ctx context.Context, p *FactorPolicy) error
	FactorChosen(ctx context.Context, account, person ID) (bool, error)
	FactorChosenPeople(ctx context.Context, account ID) ([]ID, error)
}

// policyFor is how the account treats this person: off, allowed or required.
func policyFor(ctx context.Context, tx Tx, p *Person) (string, error) {
	policy, ok, err := tx.FindFactorPolicy(ctx, p.Account)
	if err != nil || !ok {
		return FactorAllowed, err
	}
	mode := policy.Outside
	if p.Staff() {
		mode = policy.Staff
	}
	if mode != FactorChosen {
		return mode, nil
	}
	chosen, err := tx.FactorChosen(ctx, p.Account, p.ID)
	if err != nil || !chosen {
		return FactorAllowed, err
	}
	return FactorRequired, nil
}

// factorOutstanding tells whether a session still lacks what the account asks
// of its holder: a code, or a factor to be set up. It is asked at every
// request, so a policy that changes counts at the next.
func factorOutstanding(ctx context.Context, tx Tx, s *Session, p *Person) (bool, error) {
	if !s.FactorAt.IsZero() {
		return false, nil
	}
	mode, err := policyFor(ctx, tx, p)
	if err != nil || mode == FactorOff {
		return false, err
	}
	if mode == FactorRequired {
		return true, nil
	}
	f, ok, err := tx.FindSecondFactor(ctx, s.Identity)
	return ok && !f.ConfirmedAt.IsZero(), err
}

// FactorPolicy tells what the account asks for, with the chosen people.
func (c *Core) FactorPolicy(ctx context.Context, a *Actor) (p FactorPolicy, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "account.2fa_policy.edit", Object{}); err != nil {
			return err
		}
		p, err = accountPolicy(ctx, tx, a.Account.ID)
		return err
	})
	return p, err
}

func accountPolicy(ctx context.Context, tx Tx, account ID) (FactorPolicy, error) {
	p, ok, err := tx.FindFactorPolicy(ctx, account)
	if err != nil {
		return p, err
	}
	if !ok {
		p = FactorPolicy{Account: account, Staff: FactorAllowed, Outside: FactorAllowed}
	}
	p.Chosen, err = tx.FactorChosenPeople(ctx, account)
	return p, err
}

// SetFactorPolicy changes what the account asks for. Who must have a factor
// and has none is led to set one up at the next request.
func (c *Core) SetFactorPolicy(ctx context.Context, a *Actor, n FactorPolicy) error {
	for _, mode := range []string{n.Staff, n.Outside} {
		switch mode {
		case FactorOff, FactorAllowed, FactorRequired, FactorChosen:
		default:
			return Fail(Invalid, "factor.policy")
		}
	}
	n.Account = a.Account.ID
	err := c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "account.2fa_policy.edit", Object{}); err != nil {
			return err
		}
		was, err := accountPolicy(ctx, tx, n.Account)
		if err != nil {
			return err
		}
		people, err := tx.FindPeople(ctx, n.Account, n.Chosen)
		if err != nil {
			return err
		}
		n.Chosen = n.Chosen[:0:0]
		for i := range people {
			n.Chosen = append(n.Chosen, people[i].ID)
		}
		if err := tx.PutFactorPolicy(ctx, &n); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "2fa.policy", Object{}, []Change{{"2fa.staff", was.Staff, n.Staff}, {"2fa.outside", was.Outside, n.Outside},
			{"2fa.chosen", idWords(was.Chosen), idWords(n.Chosen)}})
	})
	if err == nil {
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}

// idWords are ids in a fixed order, a space between them.
func idWords(list []ID) string {
	words := make([]string, len(list))
	for i, id := range list {
		words[i] = string(id)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
