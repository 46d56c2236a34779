package store

import (
	"context"
	"time"

	"planpost/core"
)

const ipRuleColumns = `account_id, id, class, who, person_id, network, days, from_time, until_time, created_at`

const (
	createIPRule   = `insert into ip_rule (` + ipRuleColumns + `) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	listIPRules    = `select ` + ipRuleColumns + ` from ip_rule where account_id = $1 order by id`
	deleteIPRule   = `delete from ip_rule where account_id = $1 and id = $2`
	deleteIPRules  = `delete from ip_rule where account_id = $1`
	countIPRefusal = `
		insert into ip_refusal (account_id, hour, person_id, class, ip, number, last_at) values ($1, $2, $3, $4, $5, 1, $6)
		on conflict (account_id, hour, person_id, class, ip) do update set number = ip_refusal.number + 1, last_at = excluded.last_at`
	deleteRefusals = `delete from ip_refusal where hour < $1`
	listIPRefusals = `
		select account_id, person_id, class, ip, number, last_at from ip_refusal where account_id = $1
		order by hour desc, last_at desc limit $2`
)

func scanIPRule(r row, p *core.IPRule) error {
	return r.Scan(&p.Account, &p.ID, &p.Class, &p.Who, &p.Person, &p.Network, &p.Days, &p.From, &p.Until, into(&p.CreatedAt))
}

// CreateIPRule implements core.IPRuleTx, as do the methods below.
func (x *tx) CreateIPRule(ctx context.Context, r *core.IPRule) error {
	_, err := x.exec(ctx, createIPRule, r.Account, r.ID, r.Class, r.Who, r.Person, r.Network, r.Days, r.From, r.Until, micros(r.CreatedAt))
	return err
}

func (x *tx) ListIPRules(ctx context.Context, account core.ID) ([]core.IPRule, error) {
	return list(ctx, x, scanIPRule, listIPRules, account)
}

func (x *tx) DeleteIPRule(ctx context.Context, account, id core.ID) error {
	n, err := x.exec(ctx, deleteIPRule, account, id)
	return must(n, err, "ip.rule.unknown")
}

func (x *tx) DeleteIPRules(ctx context.Context, account core.ID) error {
	_, err := x.exec(ctx, deleteIPRules, account)
	return err
}

func (x *tx) CountIPRefusal(ctx context.Context, r *core.IPRefusal) error {
	hour := r.LastAt.Truncate(time.Hour)
	_, err := x.exec(ctx, countIPRefusal, r.Account, micros(hour), r.Person, r.Class, text(r.IP), micros(r.LastAt))
	return err
}

func (x *tx) ListIPRefusals(ctx context.Context, account core.ID, n int) ([]core.IPRefusal, error) {
	return list(ctx, x, func(r row, f *core.IPRefusal) error {
		return r.Scan(&f.Account, &f.Person, &f.Class, &f.IP, &f.Number, into(&f.LastAt))
	}, listIPRefusals, account, limit(n, 50))
}

func (x *tx) DeleteIPRefusals(ctx context.Context, before time.Time) error {
	_, err := x.exec(ctx, deleteRefusals, micros(before))
	return err
}
