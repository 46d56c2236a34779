package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	putFactor = `
		insert into second_factor (identity_id, secret, last_step, created_at, confirmed_at) values ($1, $2, $3, $4, $5)
		on conflict (identity_id) do update set secret = excluded.secret, last_step = excluded.last_step,
			created_at = excluded.created_at, confirmed_at = excluded.confirmed_at`
	findFactor    = `select identity_id, secret, last_step, created_at, confirmed_at from second_factor where identity_id = $1`
	deleteFactor  = `delete from second_factor where identity_id = $1`
	spendStep     = `update second_factor set last_step = $2 where identity_id = $1 and last_step < $2`
	confirmFactor = `update second_factor set confirmed_at = $2 where identity_id = $1`

	addRecovery   = `insert into recovery_code (identity_id, hash, used_at) values ($1, $2, 0)`
	dropRecovery  = `delete from recovery_code where identity_id = $1`
	spendRecovery = `update recovery_code set used_at = $3 where identity_id = $1 and hash = $2 and used_at = 0`
	countRecovery = `select count(*) from recovery_code where identity_id = $1 and used_at = 0`
	findPolicy    = `select account_id, staff, outside from factor_policy where account_id = $1`
	isChosen      = `select count(*) from factor_chosen where account_id = $1 and person_id = $2`
	listChosen    = `select person_id from factor_chosen where account_id = $1 order by person_id`
	deleteChosen  = `delete from factor_chosen where account_id = $1`
	insertChosen  = `insert into factor_chosen (account_id, person_id) values ($1, $2)`
	putPolicy     = `
		insert into factor_policy (account_id, staff, outside) values ($1, $2, $3)
		on conflict (account_id) do update set staff = excluded.staff, outside = excluded.outside`
)

// PutSecondFactor implements core.FactorTx, as do the methods below.
func (x *tx) PutSecondFactor(ctx context.Context, f *core.SecondFactor) error {
	_, err := x.exec(ctx, putFactor, f.Identity, bytesOf(f.Secret), f.LastStep, micros(f.CreatedAt), micros(f.ConfirmedAt))
	return err
}

func (x *tx) FindSecondFactor(ctx context.Context, identity core.ID) (core.SecondFactor, bool, error) {
	return lookup(ctx, x, func(r row, f *core.SecondFactor) error {
		return r.Scan(&f.Identity, &f.Secret, &f.LastStep, into(&f.CreatedAt), into(&f.ConfirmedAt))
	}, findFactor, identity)
}

func (x *tx) DeleteSecondFactor(ctx context.Context, identity core.ID) error {
	if _, err := x.exec(ctx, dropRecovery, identity); err != nil {
		return err
	}
	_, err := x.exec(ctx, deleteFactor, identity)
	return err
}

func (x *tx) SpendStep(ctx context.Context, identity core.ID, step int64) (bool, error) {
	n, err := x.exec(ctx, spendStep, identity, step)
	return n == 1, err
}

func (x *tx) ConfirmSecondFactor(ctx context.Context, identity core.ID, at time.Time) error {
	n, err := x.exec(ctx, confirmFactor, identity, micros(at))
	return must(n, err, "factor.none")
}

func (x *tx) SetRecoveryCodes(ctx context.Context, identity core.ID, hashes []string) error {
	if _, err := x.exec(ctx, dropRecovery, identity); err != nil {
		return err
	}
	for _, h := range hashes {
		if _, err := x.exec(ctx, addRecovery, identity, h); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) SpendRecoveryCode(ctx context.Context, identity core.ID, hash string, at time.Time) (bool, error) {
	n, err := x.exec(ctx, spendRecovery, identity, hash, micros(at))
	return n == 1, err
}

func (x *tx) RecoveryCodesLeft(ctx context.Context, identity core.ID) (int, error) {
	n, err := x.count(ctx, countRecovery, identity)
	return int(n), err
}

func (x *tx) FindFactorPolicy(ctx context.Context, account core.ID) (core.FactorPolicy, bool, error) {
	return lookup(ctx, x, func(r row, p *core.FactorPolicy) error {
		return r.Scan(&p.Account, &p.Staff, &p.Outside)
	}, findPolicy, account)
}

func (x *tx) FactorChosen(ctx context.Context, account, person core.ID) (bool, error) {
	n, err := x.count(ctx, isChosen, account, person)
	return n > 0, err
}

func (x *tx) FactorChosenPeople(ctx context.Context, account core.ID) ([]core.ID, error) {
	return list(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, listChosen, account)
}

func (x *tx) PutFactorPolicy(ctx context.Context, p *core.FactorPolicy) error {
	if _, err := x.exec(ctx, putPolicy, p.Account, p.Staff, p.Outside); err != nil {
		return err
	}
	if _, err := x.exec(ctx, deleteChosen, p.Account); err != nil {
		return err
	}
	for _, id := range p.Chosen {
		if _, err := x.exec(ctx, insertChosen, p.Account, id); err != nil {
			return err
		}
	}
	return nil
}
