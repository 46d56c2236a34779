package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	blockColumns = `id, account_id, number, person_id, project_id, blocked_by, at, links, sent_links, mails, downloads, approvals, fetched, delivered, sessions, lifted_at, lifted_by`
	takeBlock    = `update account set next_block = next_block + 1 where id = $1 returning next_block`
	findBlock    = `select ` + blockColumns + ` from block where account_id = $1 and id = $2`
	listBlocks   = `select ` + blockColumns + ` from block where account_id = $1 and person_id = $2 and project_id = $3 order by at desc, id desc`
	liftBlocks   = `update block set lifted_at = $4, lifted_by = $5 where account_id = $1 and person_id = $2 and project_id = $3 and lifted_at = 0`
)

var blockTable = newTable("block", "", "id key", "account_id key", "number int", "person_id key", "project_id key", "blocked_by key", "at int", "links int", "sent_links int", "mails int",
	"downloads int", "approvals int", "fetched int", "delivered int", "sessions bool", "lifted_at int", "lifted_by key")

func scanBlock(r row, b *core.Block) error {
	return r.Scan(&b.ID, &b.Account, &b.Number, &b.Person, &b.Project, &b.By, into(&b.At), &b.Links, &b.SentLinks, &b.Mails, &b.Downloads, &b.Approvals, &b.Fetched, &b.Delivered, &b.Sessions,
		into(&b.LiftedAt), &b.LiftedBy)
}

// crashed is when a download that has no end is that of a process which has ended.
const crashed = 24 * time.Hour

// standingFetches are the downloads by somebody, or by links that he had sent.
func standingFetches(a *args, f core.EndFilter) string {
	person := a.add(f.Person)
	sql := ` from plan_fetch y where y.account_id = ` + a.add(f.Account) + ` and (y.person_id = ` + person + ` or y.link_id <> '' and exists (select 1 from link l where l.id = y.link_id and l.created_by = ` + person + `))`
	if f.Project != "" {
		sql += ` and exists (select 1 from plan pl where pl.id = y.plan_id and pl.project_id = ` + a.add(f.Project) + `)`
	}
	return sql
}

func ranAt(a *args, at time.Time) string {
	return ` and y.at <= ` + a.add(micros(at)) + ` and (y.ended_at >= ` + a.add(micros(at)) + ` or y.ended_at = 0 and y.at > ` + a.add(micros(at.Add(-crashed))) + `)`
}

// standingCopies are the indices that somebody has: fetched whole by no machine, or held by his own word.
func standingCopies(a *args, f core.EndFilter) string {
	sql := ` from (select y.plan_id, y.version_id, y.ended_at as since` + standingFetches(a, f) + ` and y.whole and y.class <> 'scanner'
		union all select h.plan_id, h.version_id, h.since from plan_holder h where h.account_id = ` + a.add(f.Account) + ` and h.person_id = ` + a.add(f.Person)
	if f.Project != "" {
		sql += ` and exists (select 1 from plan pl where pl.id = h.plan_id and pl.project_id = ` + a.add(f.Project) + `)`
	}
	return sql + `) q`
}

// Standing implements core.BlockTx, as do the methods below.
func (x *tx) Standing(ctx context.Context, f core.EndFilter, at time.Time) (s core.Standing, err error) {
	about := `case when task_id <> '' or link_id = '' then task_id else (select l.object_id from link l where l.id = delivery.link_id) end`
	for _, one := range []struct {
		to    *int
		build func(*args) string
	}{
		{&s.Links, func(a *args) string {
			return `from link where revoked_at = 0 and account_id = ` + a.add(f.Account) + ` and person_id = ` + a.add(f.Person) + within(a, f, "object_id")
		}},
		{&s.SentLinks, func(a *args) string {
			p := a.add(f.Person)
			return `from link where revoked_at = 0 and account_id = ` + a.add(f.Account) + ` and created_by = ` + p + ` and person_id <> ` + p + within(a, f, "object_id")
		}},
		{&s.Mails, func(a *args) string {
			return `from delivery where done_at = 0 and lease_until <= ` + a.add(micros(at)) + ` and account_id = ` + a.add(f.Account) + ` and person_id = ` + a.add(f.Person) + within(a, f, about)
		}},
		{&s.Delivered, func(a *args) string {
			return `from delivery where state = 'sent' and account_id = ` + a.add(f.Account) + ` and person_id = ` + a.add(f.Person) + within(a, f, about)
		}},
		{&s.Approvals, func(a *args) string {
			q := `from approver n join approval ap on ap.id = n.approval_id where ap.state = 'waiting' and n.state in ('waiting', 'not_delivered') and ap.account_id = ` + a.add(f.Account) + ` and n.person_id = ` + a.add(f.Person)
			if f.Project != "" {
				q += ` and ap.project_id = ` + a.add(f.Project)
			}
			return q
		}},
		{&s.Downloads, func(a *args) string { return standingFetches(a, f) + ranAt(a, at) }},
	} {
		a := args{}
		q := `select count(*) ` + one.build(&a)
		if err := x.each(ctx, func(r row) error { return r.Scan(one.to) }, q, a.values...); err != nil {
			return s, err
		}
	}
	a := args{}
	q := `select count(distinct q.version_id)` + standingCopies(&a, f)
	return s, x.each(ctx, func(r row) error { return r.Scan(&s.Fetched) }, q, a.values...)
}

func (x *tx) StandingFetches(ctx context.Context, f core.EndFilter, at time.Time, n int) ([]core.Fetch, error) {
	a := args{}
	return list(ctx, x, scanFetch, `select `+fetchColumns+standingFetches(&a, f)+ranAt(&a, at)+` order by y.id desc limit `+upTo(n), a.values...)
}

func (x *tx) StandingCopies(ctx context.Context, f core.EndFilter, n int) ([]core.Holder, error) {
	a := args{}
	q := `select q.plan_id, q.version_id, max(q.since)` + standingCopies(&a, f) + ` group by q.plan_id, q.version_id order by max(q.since) desc, q.version_id limit ` + upTo(n)
	return list(ctx, x, func(r row, h *core.Holder) error {
		h.Account, h.Person = f.Account, f.Person
		return r.Scan(&h.Plan, &h.Version, into(&h.Since))
	}, q, a.values...)
}

func (x *tx) CreateBlock(ctx context.Context, b *core.Block) error {
	if err := x.returning(ctx, func(r row) error { return r.Scan(&b.Number) }, takeBlock, b.Account); err != nil {
		return err
	}
	b.Number--
	return x.insert(ctx, blockTable, []any{b.ID, b.Account, b.Number, b.Person, b.Project, b.By, micros(b.At), b.Links, b.SentLinks, b.Mails, b.Downloads, b.Approvals, b.Fetched, b.Delivered, b.Sessions,
		micros(b.LiftedAt), b.LiftedBy})
}

func (x *tx) FindBlock(ctx context.Context, account, id core.ID) (core.Block, error) {
	return find(ctx, x, "block.unknown", scanBlock, findBlock, account, id)
}

func (x *tx) ListBlocks(ctx context.Context, account, person, project core.ID) ([]core.Block, error) {
	return list(ctx, x, scanBlock, listBlocks, account, person, project)
}

func (x *tx) LiftBlocks(ctx context.Context, account, person, project, by core.ID) error {
	_, err := x.exec(ctx, liftBlocks, account, person, project, micros(x.now), by)
	return err
}
