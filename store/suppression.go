package store

import (
	"context"
	"time"

	"planpost/core"
)

const suppressionColumns = `s.id, s.account_id, s.address, s.stream, s.reason, s.evidence, s.delivery_id, s.receipt_id, s.created_by, s.created_at, s.lifted_at, s.lifted_by`

const (
	findSuppression = `select ` + suppressionColumns + ` from suppression s where s.account_id = $1 and s.address = $2 and s.stream = $3 and s.lifted_at = 0`
	liftSuppression = `update suppression set lifted_at = $3, lifted_by = $4 where account_id = $1 and id = $2 and lifted_at = 0`
	liftWritten     = `update suppression set lifted_at = $3 where account_id = $1 and address = $2 and reason in ('bounce', 'complaint') and lifted_at = 0`
)

// A complaint takes the place of what stopped the same before: nobody but its
// author lifts it.
const graver = `on conflict (account_id, address, stream) where lifted_at = 0 do update set reason = excluded.reason, evidence = excluded.evidence,
	delivery_id = excluded.delivery_id, receipt_id = excluded.receipt_id, created_by = excluded.created_by, created_at = excluded.created_at
	where excluded.reason = 'complaint' and suppression.reason <> 'complaint'`

var suppressionTable = newTable("suppression", graver, "id key", "account_id key", "address key", "stream text",
	"reason text", "evidence text", "delivery_id key", "receipt_id key", "created_by key", "created_at int", "lifted_at int", "lifted_by key")

func suppressionRow(s *core.Suppression) []any {
	return []any{s.ID, s.Account, s.Address, string(s.Stream), string(s.Reason), text(s.Evidence), s.Delivery, s.Receipt, s.By, micros(s.CreatedAt), micros(s.LiftedAt), s.LiftedBy}
}

func suppressionFields(s *core.Suppression) []any {
	return []any{&s.ID, &s.Account, &s.Address, &s.Stream, &s.Reason, &s.Evidence, &s.Delivery, &s.Receipt, &s.By, into(&s.CreatedAt), into(&s.LiftedAt), &s.LiftedBy}
}

// Suppress implements core.SuppressionTx.
func (x *tx) Suppress(ctx context.Context, s *core.Suppression) error {
	_, err := x.exec(ctx, suppressionTable.one, suppressionRow(s)...)
	return err
}

// FindSuppression implements core.SuppressionTx.
func (x *tx) FindSuppression(ctx context.Context, account core.ID, address string, stream core.Stream) (core.Suppression, bool, error) {
	return lookup(ctx, x, func(r row, s *core.Suppression) error { return r.Scan(suppressionFields(s)...) }, findSuppression, account, address, string(stream))
}

// ListSuppressions implements core.SuppressionTx.
func (x *tx) ListSuppressions(ctx context.Context, account core.ID, f core.SuppressionFilter) ([]core.SuppressionItem, error) {
	a := args{}
	where := `s.account_id = ` + a.add(account) + ` and s.lifted_at = 0 and s.id < ` + a.add(last(f.Before))
	if f.ID != "" {
		where += ` and s.id = ` + a.add(f.ID)
	}
	if f.Address != "" {
		where += ` and s.address = ` + a.add(f.Address)
	}
	if f.Person != "" {
		where += ` and p.id = ` + a.add(f.Person)
	}
	q := `select ` + suppressionColumns + `, coalesce(p.id, ''), coalesce(p.name, ''), coalesce(b.name, '') from suppression s
		left join address d on d.account_id = s.account_id and d.norm = s.address left join person p on p.id = d.person_id left join person b on b.id = s.created_by
		where ` + where + ` order by s.id desc limit ` + upTo(limit(f.Limit, 100))
	return list(ctx, x, func(r row, i *core.SuppressionItem) error {
		return r.Scan(append(suppressionFields(&i.Suppression), &i.Person, &i.PersonName, &i.ByName)...)
	}, q, a.values...)
}

// LiftSuppression implements core.SuppressionTx.
func (x *tx) LiftSuppression(ctx context.Context, account, id core.ID, at time.Time, by core.ID) error {
	n, err := x.exec(ctx, liftSuppression, account, id, micros(at), by)
	return must(n, err, "suppression.unknown")
}

// LiftWritten implements core.SuppressionTx.
func (x *tx) LiftWritten(ctx context.Context, account core.ID, address string, at time.Time) (int, error) {
	n, err := x.exec(ctx, liftWritten, account, address, micros(at))
	return int(n), err
}
