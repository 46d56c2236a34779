package store

import (
	"context"

	"planpost/core"
)

const (
	holderColumns = `h.account_id, h.plan_id, h.person_id, h.version_id, h.position, h.since, h.how`
	raiseHolder   = `
		insert into plan_holder (plan_id, person_id, account_id, version_id, position, since, how) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (plan_id, person_id) do update
		set version_id = excluded.version_id, position = excluded.position, since = excluded.since, how = excluded.how
		where plan_holder.position < excluded.position`
	heldBy = `select ` + holderColumns + ` from plan_holder h join plan pl on pl.id = h.plan_id
		where h.account_id = $1 and h.person_id = $2 and pl.project_id = $3 order by pl.sort_key, h.plan_id`
)

func scanHolder(r row, h *core.Holder) error {
	return r.Scan(&h.Account, &h.Plan, &h.Person, &h.Version, &h.Position, into(&h.Since), &h.How)
}

// RaiseHolders implements core.HolderTx, as do the methods below.
func (x *tx) RaiseHolders(ctx context.Context, all ...core.Holder) error {
	for _, h := range all {
		if _, err := x.exec(ctx, raiseHolder, h.Plan, h.Person, h.Account, h.Version, h.Position, micros(h.Since), h.How); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) ListHolders(ctx context.Context, account core.ID, plans ...core.ID) ([]core.Holder, error) {
	if len(plans) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select ` + holderColumns + ` from plan_holder h where h.account_id = ` + a.add(account) + ` and h.plan_id in ` + a.in(plans) + ` order by h.plan_id, h.position, h.since, h.person_id`
	return list(ctx, x, scanHolder, q, a.values...)
}

func (x *tx) BehindHolders(ctx context.Context, account, project, person core.ID) ([]core.Holder, error) {
	a := args{}
	q := `select ` + holderColumns + ` from plan_holder h join plan pl on pl.id = h.plan_id join plan_version cv on cv.plan_id = pl.id and cv.state = 'current' and cv.position > h.position
		where pl.account_id = ` + a.add(account) + ` and pl.project_id = ` + a.add(project) + ` and pl.deleted_at = 0`
	if person != "" {
		q += ` and h.person_id = ` + a.add(person)
	}
	return list(ctx, x, scanHolder, q+` order by pl.sort_key, pl.id, h.position, h.person_id`, a.values...)
}

func (x *tx) CountHolders(ctx context.Context, account core.ID, plans ...core.ID) (map[core.ID]core.HolderCount, error) {
	counts := make(map[core.ID]core.HolderCount, len(plans))
	if len(plans) == 0 {
		return counts, nil
	}
	a := args{}
	q := `select h.plan_id, count(*), count(*) filter (where h.position < pv.position) from plan_holder h
		left join plan_version pv on pv.plan_id = h.plan_id and pv.state = 'current'
		where h.account_id = ` + a.add(account) + ` and h.plan_id in ` + a.in(plans) + ` group by h.plan_id`
	err := x.each(ctx, func(r row) error {
		var plan core.ID
		var n core.HolderCount
		if err := r.Scan(&plan, &n.All, &n.Behind); err != nil {
			return err
		}
		counts[plan] = n
		return nil
	}, q, a.values...)
	return counts, err
}

func (x *tx) HeldBy(ctx context.Context, account, person, project core.ID) ([]core.Holder, error) {
	return list(ctx, x, scanHolder, heldBy, account, person, project)
}
