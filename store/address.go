package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	confirmAddress = `update address set confirmed_at = $3 where account_id = $1 and id = $2 and confirmed_at = 0`
	addressTaken   = `select count(*) from address where account_id = $1 and norm = $2 and id <> $3`
	replaceAddress = `update address set name = $3, local_part = $4, domain = $5, norm = $6, words = $7, confirmed_at = $8 where account_id = $1 and id = $2`
	deleteAddress  = `delete from address where account_id = $1 and id = $2`
	setMainAddress = `update address set is_primary = (id = $3) where account_id = $1 and person_id = $2`
	loginTaken     = `select count(*) from identity where login_norm = $1 and id <> $2`
	moveLogin      = `update identity set login = $2, login_norm = $3 where id = $1`
)

// ConfirmAddress keeps the first time that it was proven.
func (x *tx) ConfirmAddress(ctx context.Context, account, address core.ID, at time.Time) error {
	_, err := x.exec(ctx, confirmAddress, account, address, micros(at))
	return err
}

// ReplaceAddress asks first: a broken unique index would end a transaction of PostgreSQL.
func (x *tx) ReplaceAddress(ctx context.Context, a *core.PersonAddress) error {
	taken, err := x.count(ctx, addressTaken, a.Account, text(a.Norm), a.ID)
	if err != nil {
		return err
	}
	if taken > 0 {
		return core.Fail(core.Conflict, "address.taken")
	}
	n, err := x.exec(ctx, replaceAddress, a.Account, a.ID, text(a.Given.Name), text(a.Given.Local), text(a.Given.Domain), text(a.Norm),
		findable(a.Given.Local, a.Given.Domain), micros(a.ConfirmedAt))
	return must(n, err, "address.unknown")
}

// DeleteAddress implements core.PersonTx.
func (x *tx) DeleteAddress(ctx context.Context, account, address core.ID) error {
	n, err := x.exec(ctx, deleteAddress, account, address)
	return must(n, err, "address.unknown")
}

// SetMainAddress implements core.PersonTx.
func (x *tx) SetMainAddress(ctx context.Context, account, person, address core.ID) error {
	_, err := x.exec(ctx, setMainAddress, account, person, address)
	return err
}

// MoveLogin gives an identity another address to sign in with.
func (x *tx) MoveLogin(ctx context.Context, identity core.ID, login, norm string) error {
	taken, err := x.count(ctx, loginTaken, text(norm), identity)
	if err != nil {
		return err
	}
	if taken > 0 {
		return core.Fail(core.Conflict, "login.taken")
	}
	n, err := x.exec(ctx, moveLogin, identity, text(login), text(norm))
	return must(n, err, "identity.unknown")
}
