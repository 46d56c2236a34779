package store

import (
	"context"

	"planpost/core"
)

const (
	sendingColumns = `tr.id, tr.account_id, tr.project_id, tr.number, tr.sender_id, tr.message, tr.print_only, tr.copies, tr.sheet, tr.folding, tr.created_at, tr.recalled_at, tr.recalled_by`
	createSending  = `
		insert into transmittal (id, account_id, project_id, number, sender_id, message, print_only, copies, sheet, folding, created_at, recalled_at, recalled_by)
		values ($1, $2, $3, (select coalesce(max(number), 0) + 1 from transmittal where project_id = $3), $4, $5, $6, $7, $8, $9, $10, 0, '')
		on conflict do nothing returning number`
	findSending       = `select ` + sendingColumns + ` from transmittal tr where tr.account_id = $1 and tr.id = $2`
	findSendingNumber = `select ` + sendingColumns + ` from transmittal tr where tr.account_id = $1 and tr.project_id = $2 and tr.number = $3`
	recallSending     = `update transmittal set recalled_at = $3, recalled_by = $4 where account_id = $1 and id = $2 and recalled_at = 0`
)

var (
	sendingItemTable      = newTable("transmittal_item", "on conflict (transmittal_id, version_id) do nothing", "transmittal_id key", "version_id key", "plan_id key")
	sendingRecipientTable = newTable("transmittal_recipient", "", "transmittal_id key", "person_id key", "link_id key", "delivery_id key")
)

func scanSending(r row, t *core.Transmittal) error {
	return r.Scan(&t.ID, &t.Account, &t.Project, &t.Number, &t.Sender, &t.Message, &t.PrintOnly, &t.Copies, &t.Sheet, &t.Folding, into(&t.CreatedAt), into(&t.RecalledAt), &t.RecalledBy)
}

// CreateTransmittal implements core.TransmittalTx, as do the methods below. Of
// two at once one loses its number and tries again as a whole.
func (x *tx) CreateTransmittal(ctx context.Context, t *core.Transmittal, items []core.TransmittalItem, to []core.TransmittalRecipient) error {
	t.Number = 0
	err := x.returning(ctx, func(r row) error { return r.Scan(&t.Number) }, createSending, t.ID, t.Account, t.Project, t.Sender, text(t.Message), t.PrintOnly, t.Copies,
		text(t.Sheet), text(t.Folding), micros(t.CreatedAt))
	if err != nil || t.Number == 0 {
		return firstOf(err, core.Fail(core.Conflict, "transmittal.again"))
	}
	var all, people [][]any
	for _, i := range items {
		all = append(all, []any{t.ID, i.Version, i.Plan})
	}
	for _, p := range to {
		people = append(people, []any{t.ID, p.Person, p.Link, p.Delivery})
	}
	return x.insertAll(ctx, []bulk{{sendingItemTable, all}, {sendingRecipientTable, people}})
}

func (x *tx) FindTransmittal(ctx context.Context, account, id core.ID) (core.Transmittal, error) {
	return find(ctx, x, "transmittal.unknown", scanSending, findSending, account, id)
}

func (x *tx) FindTransmittalNumber(ctx context.Context, account, project core.ID, number int64) (core.Transmittal, error) {
	return find(ctx, x, "transmittal.unknown", scanSending, findSendingNumber, account, project, number)
}

func (x *tx) ListTransmittals(ctx context.Context, account core.ID, f core.TransmittalFilter) ([]core.Transmittal, error) {
	a := args{}
	q := `select ` + sendingColumns + ` from transmittal tr where tr.account_id = ` + a.add(account)
	for _, part := range []struct {
		value        core.ID
		sql, further string
	}{
		{f.Project, ` and tr.project_id = `, ``}, {f.Sender, ` and tr.sender_id = `, ``}, {f.Before, ` and tr.id < `, ``},
		{f.Plan, ` and exists (select 1 from transmittal_item i where i.transmittal_id = tr.id and i.plan_id = `, `)`},
		{f.Version, ` and exists (select 1 from transmittal_item i where i.transmittal_id = tr.id and i.version_id = `, `)`},
		{f.Person, ` and exists (select 1 from transmittal_recipient i where i.transmittal_id = tr.id and i.person_id = `, `)`},
	} {
		if part.value != "" {
			q += part.sql + a.add(part.value) + part.further
		}
	}
	return list(ctx, x, scanSending, q+` order by tr.id desc limit `+upTo(limit(f.Limit, 50)), a.values...)
}

func (x *tx) TransmittalItems(ctx context.Context, account core.ID, transmittals ...core.ID) ([]core.TransmittalItem, error) {
	if len(transmittals) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select i.transmittal_id, i.version_id, i.plan_id from transmittal_item i join transmittal tr on tr.id = i.transmittal_id join plan pl on pl.id = i.plan_id
		where tr.account_id = ` + a.add(account) + ` and i.transmittal_id in ` + a.in(transmittals) + ` order by i.transmittal_id, pl.sort_key, i.version_id`
	return list(ctx, x, func(r row, i *core.TransmittalItem) error { return r.Scan(&i.Transmittal, &i.Version, &i.Plan) }, q, a.values...)
}

func (x *tx) TransmittalRecipients(ctx context.Context, account core.ID, transmittals ...core.ID) ([]core.TransmittalRecipient, error) {
	if len(transmittals) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select i.transmittal_id, i.person_id, i.link_id, i.delivery_id from transmittal_recipient i join transmittal tr on tr.id = i.transmittal_id
		where tr.account_id = ` + a.add(account) + ` and i.transmittal_id in ` + a.in(transmittals) + ` order by i.transmittal_id, i.person_id`
	return list(ctx, x, func(r row, i *core.TransmittalRecipient) error {
		return r.Scan(&i.Transmittal, &i.Person, &i.Link, &i.Delivery)
	}, q, a.values...)
}

func (x *tx) RecallTransmittal(ctx context.Context, t *core.Transmittal) error {
	n, err := x.exec(ctx, recallSending, t.Account, t.ID, micros(t.RecalledAt), t.RecalledBy)
	return conflict(n, err, "transmittal.recalled")
}
