package store

import (
	"context"

	"planpost/core"
)

const (
	fetchColumns = `id, account_id, plan_id, version_id, file_id, person_id, link_id, transmittal_id, at, ended_at, class, reason, size, sent, whole, cut, agent, network`
	endFetch     = `update plan_fetch set ended_at = $3, class = $4, reason = $5, sent = $6, whole = $7, cut = $8 where account_id = $1 and id = $2`
)

var (
	fetchTable = newTable("plan_fetch", "", "id key", "account_id key", "plan_id key", "version_id key", "file_id key", "person_id key", "link_id key", "transmittal_id key",
		"at int", "ended_at int", "class text", "reason text", "size int", "sent int", "whole bool", "cut bool", "agent text", "network text")
	createPlanReceipt = `
		insert into plan_receipt (version_id, person_id, account_id, at, link_id, how, recorded_by) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (version_id, person_id) do nothing`
)

func scanFetch(r row, f *core.Fetch) error {
	return r.Scan(&f.ID, &f.Account, &f.Plan, &f.Version, &f.File, &f.Person, &f.Link, &f.Transmittal, into(&f.At), into(&f.EndedAt), &f.Class, &f.Reason, &f.Size, &f.Sent,
		&f.Whole, &f.Cut, &f.Agent, &f.Network)
}

// CreateFetches implements core.FetchTx, as do the methods below.
func (x *tx) CreateFetches(ctx context.Context, all ...core.Fetch) error {
	var rows [][]any
	for _, f := range all {
		rows = append(rows, []any{f.ID, f.Account, f.Plan, f.Version, f.File, f.Person, f.Link, f.Transmittal, micros(f.At), micros(f.EndedAt), f.Class, f.Reason, f.Size, f.Sent,
			f.Whole, f.Cut, text(f.Agent), f.Network})
	}
	return x.insert(ctx, fetchTable, rows...)
}

func (x *tx) EndFetch(ctx context.Context, f *core.Fetch) error {
	n, err := x.exec(ctx, endFetch, f.Account, f.ID, micros(f.EndedAt), f.Class, f.Reason, f.Sent, f.Whole, f.Cut)
	return must(n, err, "fetch.unknown")
}

func (x *tx) ListFetches(ctx context.Context, account core.ID, f core.FetchFilter) ([]core.Fetch, error) {
	a := args{}
	q := `select ` + fetchColumns + ` from plan_fetch where account_id = ` + a.add(account)
	for _, part := range []struct {
		value core.ID
		sql   string
	}{
		{f.Plan, ` and plan_id = `}, {f.Version, ` and version_id = `}, {f.Person, ` and person_id = `}, {f.Link, ` and link_id = `},
		{f.Transmittal, ` and transmittal_id <> '' and transmittal_id = `}, {f.Before, ` and id < `},
	} {
		if part.value != "" {
			q += part.sql + a.add(part.value)
		}
	}
	if f.Running {
		q += ` and ended_at = 0`
	}
	return list(ctx, x, scanFetch, q+` order by id desc limit `+upTo(limit(f.Limit, 50)), a.values...)
}

func (x *tx) CreatePlanReceipt(ctx context.Context, r *core.PlanReceipt) (bool, error) {
	n, err := x.exec(ctx, createPlanReceipt, r.Version, r.Person, r.Account, micros(r.At), r.Link, r.How, r.RecordedBy)
	return n > 0, err
}

func (x *tx) ListPlanReceipts(ctx context.Context, account core.ID, versions ...core.ID) ([]core.PlanReceipt, error) {
	if len(versions) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select account_id, version_id, person_id, at, link_id, how, recorded_by from plan_receipt where account_id = ` + a.add(account) + ` and version_id in ` + a.in(versions) +
		` order by version_id, at, person_id`
	return list(ctx, x, func(r row, p *core.PlanReceipt) error {
		return r.Scan(&p.Account, &p.Version, &p.Person, into(&p.At), &p.Link, &p.How, &p.RecordedBy)
	}, q, a.values...)
}
