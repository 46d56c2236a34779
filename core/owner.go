package core

import (
	"context"
	"slices"

	"planpost/core/access"
)

// NewOwner says who gets an account, and what becomes of who had it.
type NewOwner struct {
	Person ID
	// Stay is the role that the owner so far has from then on.
	Stay Role
	// Confirmed says that a private mailbox is meant for the owner of an account.
	Confirmed bool
	Proof     Proof
}

// StayRoles are what an owner can become who gives the account away.
func StayRoles() []Role { return []Role{Administrator, TechnicalAdministrator, Manager, Employee} }

const transfer access.Action = "account.ownership.transfer"

// TransferOwnership makes another member of staff the account's owner. The
// owner proves once more who he is, both are mailed, and so are the
// administrators when the operator does it. An account has one owner at any time.
func (c *Core) TransferOwnership(ctx context.Context, a *Actor, n NewOwner) error {
	// Who may not do it is told so before he is asked for a password, and so is
	// who chose somebody that cannot be the owner.
	err := c.store.View(ctx, func(tx Tx) error {
		_, _, err := c.ownerToBe(ctx, tx, a, &n)
		return err
	})
	if err == nil {
		err = c.Prove(ctx, a, n.Proof)
	}
	if err != nil {
		return err
	}
	err = c.inTxAndWake(ctx, func(tx Tx) error {
		heir, params, err := c.ownerToBe(ctx, tx, a, &n)
		if err != nil {
			return err
		}
		was, err := tx.OwnerOf(ctx, a.Account.ID)
		if err != nil {
			return err
		}
		if err := c.giveAccount(ctx, tx, &was, &heir, n.Stay); err != nil {
			return err
		}
		if err := c.tellTransfer(ctx, tx, a, &was, &heir); err != nil {
			return err
		}
		changes := []Change{{"owner", string(was.ID), string(heir.ID)}, {"stays", string(Owner), string(n.Stay)}}
		return c.noteChanges(ctx, tx, a, "account.transfer", Object{"person", heir.ID}, changes, params...)
	})
	if err == nil {
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}

// ownerToBe finds who is to be the owner, and what the log says of his mailbox.
func (c *Core) ownerToBe(ctx context.Context, tx Tx, a *Actor, n *NewOwner) (p Person, params []string, err error) {
	if err := c.require(ctx, tx, a, transfer, Object{}); err != nil {
		return p, nil, err
	}
	if p, err = tx.FindPerson(ctx, a.Account.ID, n.Person); err != nil {
		return p, nil, err
	}
	if !slices.Contains(StayRoles(), n.Stay) {
		return p, nil, Fail(Invalid, "role", "role", oneLine(string(n.Stay)))
	}
	if p.Role == Owner {
		return p, nil, Fail(Conflict, "owner.already", "name", p.Name)
	}
	if !canSignIn(&p) {
		return p, nil, Fail(Conflict, "owner.cannot", "name", p.Name)
	}
	params, err = privateMailbox(&p, n.Confirmed)
	return p, params, err
}

// canSignIn tells that a member of staff can work here by now: an account must
// not get an owner or administrator who cannot come in.
func canSignIn(p *Person) bool {
	return p.Staff() && p.Status == Active && p.BlockedAt.IsZero() && p.Identity != ""
}

// giveAccount gives the account to heir. The owner so far is lowered first: the
// database lets no account have two. An owner answers to nobody.
func (c *Core) giveAccount(ctx context.Context, tx Tx, was, heir *Person, stay Role) error {
	was.Role = stay
	if err := tx.UpdatePerson(ctx, was); err != nil {
		return err
	}
	heir.Role, heir.Manager = Owner, ""
	return tx.UpdatePerson(ctx, heir)
}

func (c *Core) tellTransfer(ctx context.Context, tx Tx, a *Actor, was, heir *Person) error {
	params := []string{"account", a.Account.Name, "from", was.Name, "to", heir.Name}
	told := []ID{was.ID, heir.ID}
	for i, code := range []string{"account.given", "account.received"} {
		if err := c.oweNotice(ctx, tx, a.Account.ID, told[i], code, params...); err != nil {
			return err
		}
	}
	if !a.Operator {
		return nil
	}
	return c.tellAdministrators(ctx, tx, a.Account.ID, "account.transferred.host", params, told...)
}
