package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	deleteFindings = `delete from health_finding where grp = $1`
	createFinding  = `
		insert into health_finding (grp, position, code, name, state, found, record, since, checked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	listFindings = `
		select grp, code, name, state, found, record, since, checked_at from health_finding
		where $1 = '' or grp = $1 order by grp, position`
	addReplyMode = `insert into reply_mode (since, mode) values ($1, $2) on conflict (since) do update set mode = excluded.mode`
	replyModes   = `select since, mode from reply_mode order by since`
	askHealth    = `
		insert into health_check (grp, asked_at, checked_at) values ($1, $2, 0)
		on conflict (grp) do update set asked_at = excluded.asked_at`
	checkedHealth = `
		insert into health_check (grp, asked_at, checked_at) values ($1, 0, $2)
		on conflict (grp) do update set checked_at = excluded.checked_at`
	healthTimes = `select asked_at, checked_at from health_check where grp = $1`
)

// PutFindings implements core.HealthTx, as do the methods below.
func (x *tx) PutFindings(ctx context.Context, group string, all []core.Finding) error {
	if _, err := x.exec(ctx, deleteFindings, group); err != nil {
		return err
	}
	for i := range all {
		f := &all[i]
		if _, err := x.exec(ctx, createFinding, group, i, f.Code, text(f.Name), string(f.State), text(f.Found), text(f.Set), micros(f.Since), micros(f.CheckedAt)); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) ListFindings(ctx context.Context, group string) ([]core.Finding, error) {
	return list(ctx, x, func(r row, f *core.Finding) error {
		return r.Scan(&f.Group, &f.Code, &f.Name, &f.State, &f.Found, &f.Set, into(&f.Since), into(&f.CheckedAt))
	}, listFindings, group)
}

func (x *tx) AddReplyMode(ctx context.Context, m core.ModeChange) error {
	_, err := x.exec(ctx, addReplyMode, micros(m.Since), string(m.Mode))
	return err
}

func (x *tx) ReplyModes(ctx context.Context) ([]core.ModeChange, error) {
	return list(ctx, x, func(r row, m *core.ModeChange) error { return r.Scan(into(&m.Since), &m.Mode) }, replyModes)
}

func (x *tx) AskHealth(ctx context.Context, group string, at time.Time) error {
	_, err := x.exec(ctx, askHealth, group, micros(at))
	return err
}

func (x *tx) CheckedHealth(ctx context.Context, group string, at time.Time) error {
	_, err := x.exec(ctx, checkedHealth, group, micros(at))
	return err
}

func (x *tx) HealthTimes(ctx context.Context, group string) (asked, checked time.Time, err error) {
	type times struct{ asked, checked time.Time }
	t, _, err := lookup(ctx, x, func(r row, t *times) error { return r.Scan(into(&t.asked), into(&t.checked)) }, healthTimes, group)
	return t.asked, t.checked, err
}
