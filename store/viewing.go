package store

import (
	"context"
	"time"

	"planpost/core"
)

const viewingColumns = `v.account_id, v.id, v.viewer_id, v.person_id, v.started_at, v.ends_at, v.ended_at`

const (
	createViewing = `insert into viewing (account_id, id, viewer_id, person_id, started_at, ends_at, ended_at) values ($1, $2, $3, $4, $5, $6, $7)`
	findViewing   = `select ` + viewingColumns + `, 0 from viewing v where v.account_id = $1 and v.id = $2`
	endViewing    = `update viewing set ended_at = $3 where account_id = $1 and id = $2 and ended_at = 0`
	listViewings  = `
		select ` + viewingColumns + `, coalesce((select sum(p.number) from viewing_page p where p.viewing_id = v.id), 0)
		from viewing v where v.account_id = $1 and v.person_id = $2 order by v.id desc limit $3`
	setSessionView  = `update session set view_id = $2, view_until = $3 where id = $1`
	countViewedPage = `
		insert into viewing_page (viewing_id, path, number, first_at, last_at) values ($1, $2, 1, $3, $3)
		on conflict (viewing_id, path) do update set number = viewing_page.number + 1, last_at = excluded.last_at`
	listViewedPages = `select path, number, first_at, last_at from viewing_page where viewing_id = $1 order by first_at, path limit $2`
)

func scanViewing(r row, v *core.Viewing) error {
	return r.Scan(&v.Account, &v.ID, &v.Viewer, &v.Person, into(&v.StartedAt), into(&v.EndsAt), into(&v.EndedAt), &v.Pages)
}

// CreateViewing implements core.ViewingTx, as do the methods below.
func (x *tx) CreateViewing(ctx context.Context, v *core.Viewing) error {
	_, err := x.exec(ctx, createViewing, v.Account, v.ID, v.Viewer, v.Person, micros(v.StartedAt), micros(v.EndsAt), micros(v.EndedAt))
	return err
}

func (x *tx) FindViewing(ctx context.Context, account, id core.ID) (core.Viewing, error) {
	return find(ctx, x, "viewing.unknown", scanViewing, findViewing, account, id)
}

func (x *tx) EndViewing(ctx context.Context, account, id core.ID, at time.Time) error {
	_, err := x.exec(ctx, endViewing, account, id, micros(at))
	return err
}

func (x *tx) ListViewings(ctx context.Context, account, person core.ID, n int) ([]core.Viewing, error) {
	return list(ctx, x, scanViewing, listViewings, account, person, limit(n, 20))
}

func (x *tx) SetSessionView(ctx context.Context, session string, viewing core.ID, until time.Time) error {
	n, err := x.exec(ctx, setSessionView, session, viewing, micros(until))
	return must(n, err, "session.unknown")
}

func (x *tx) CountViewedPage(ctx context.Context, viewing core.ID, path string, at time.Time) error {
	_, err := x.exec(ctx, countViewedPage, viewing, text(path), micros(at))
	return err
}

func (x *tx) ListViewedPages(ctx context.Context, viewing core.ID, n int) ([]core.ViewedPage, error) {
	return list(ctx, x, func(r row, p *core.ViewedPage) error {
		return r.Scan(&p.Path, &p.Number, into(&p.FirstAt), into(&p.LastAt))
	}, listViewedPages, viewing, limit(n, 200))
}
