package store

import (
	"context"

	"planpost/core"
)

const (
	setRate = `
		insert into person_rate (account_id, person_id, valid_from, amount, currency, deductions, set_by, set_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (account_id, person_id, valid_from) do update
		set amount = excluded.amount, currency = excluded.currency, deductions = excluded.deductions, set_by = excluded.set_by, set_at = excluded.set_at`
	deleteRate = `delete from person_rate where account_id = $1 and person_id = $2 and valid_from = $3`
	ratesOf    = `
		select account_id, person_id, valid_from, amount, currency, deductions, set_by, set_at from person_rate
		where account_id = $1 and person_id = $2 order by valid_from desc`
)

func (x *tx) SetRate(ctx context.Context, r *core.Rate) error {
	_, err := x.exec(ctx, setRate, r.Account, r.Person, r.From, r.Amount, r.Currency, r.Deductions, r.SetBy, micros(r.SetAt))
	return err
}

func (x *tx) DeleteRate(ctx context.Context, account, person core.ID, from string) error {
	n, err := x.exec(ctx, deleteRate, account, person, text(from))
	return must(n, err, "rate.unknown")
}

func (x *tx) RatesOf(ctx context.Context, account, person core.ID) ([]core.Rate, error) {
	return list(ctx, x, func(r row, v *core.Rate) error {
		return r.Scan(&v.Account, &v.Person, &v.From, &v.Amount, &v.Currency, &v.Deductions, &v.SetBy, into(&v.SetAt))
	}, ratesOf, account, person)
}
