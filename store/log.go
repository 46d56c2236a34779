package store

import (
	"context"

	"planpost/core"
)

const logColumns = `id, account_id, at, actor_id, via, code, object, object_id, params, changes, auth, behalf_id`

const (
	logAfter = `select ` + logColumns + ` from change_log where account_id = $1 and id > $2 and id < $3 order by id limit $4`
	logFloor = `select id from change_log where account_id = $1 and id < $2 order by id desc limit 1 offset $3`
)

// logReach is how many lines of the log one page looks at, so that a filter
// which fits hardly any of them costs no more than that.
const logReach = 20_000

var logTable = newTable("change_log", "", "account_id key", "id key", "at int", "actor_id key", "via text", "code text",
	"object text", "object_id key", "params text", "changes text", "auth text", "behalf_id key")

func logRow(e *core.LogEntry) []any {
	return []any{e.Account, e.ID, micros(e.At), e.Actor, e.Via, e.Code, e.Object, e.ObjectID, jsonOf(e.Params), jsonOf(e.Changes), e.Auth, e.Behalf}
}

func scanLog(r row, e *core.LogEntry) error {
	return r.Scan(&e.ID, &e.Account, into(&e.At), &e.Actor, &e.Via, &e.Code, &e.Object, &e.ObjectID, asJSON[string]{&e.Params},
		asJSON[core.Change]{&e.Changes}, &e.Auth, &e.Behalf)
}

func (x *tx) AppendLog(ctx context.Context, e *core.LogEntry) error {
	return x.insert(ctx, logTable, logRow(e))
}

// ListLog looks at logReach lines at most.
func (x *tx) ListLog(ctx context.Context, account core.ID, f core.LogFilter) (page core.LogPage, err error) {
	floor, reached, err := lookup(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, logFloor, account, last(f.Before), logReach)
	if err != nil {
		return page, err
	}
	a := args{}
	where := logWhere(&a, account, f)
	if reached {
		where += ` and id >= ` + a.add(floor)
	}
	n := limit(f.Limit, 200)
	page.Entries, err = list(ctx, x, scanLog, `select `+logColumns+` from change_log where `+where+` order by id desc limit `+upTo(n+1), a.values...)
	switch {
	case len(page.Entries) > n:
		page.Entries = page.Entries[:n]
		page.Next = page.Entries[n-1].ID
	case reached:
		page.Next = floor
	}
	return page, err
}

func logWhere(a *args, account core.ID, f core.LogFilter) string {
	where := `account_id = ` + a.add(account) + ` and id < ` + a.add(last(f.Before))
	if f.Actor != "" {
		where += ` and actor_id = ` + a.add(f.Actor)
	}
	if f.Object != "" {
		where += ` and object = ` + a.add(f.Object)
	}
	if f.ObjectID != "" {
		where += ` and object_id = ` + a.add(f.ObjectID)
	}
	if f.Via != "" {
		where += ` and via = ` + a.add(f.Via)
	}
	if f.Code != "" {
		where += ` and (code = ` + a.add(f.Code) + ` or code like ` + a.add(f.Code+".%") + `)`
	}
	if !f.From.IsZero() {
		where += ` and at >= ` + a.add(micros(f.From))
	}
	if !f.Until.IsZero() {
		where += ` and at < ` + a.add(micros(f.Until))
	}
	return where
}

func (x *tx) LogAfter(ctx context.Context, account, after, before core.ID, n int) ([]core.LogEntry, error) {
	return list(ctx, x, scanLog, logAfter, account, after, before, limit(n, 1000))
}

func (x *tx) FindLog(ctx context.Context, account core.ID, ids []core.ID) ([]core.LogEntry, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select ` + logColumns + ` from change_log where account_id = ` + a.add(account) + ` and id in ` + a.in(ids)
	return list(ctx, x, scanLog, q, a.values...)
}

// namesOf are the tables whose rows have a name.
var namesOf = []string{
	`select id, name from company where account_id = $1 and id in `,
	`select id, name from project where account_id = $1 and id in `,
	`select id, '#' || cast(number as text) || ' ' || title from task where account_id = $1 and id in `,
}

func (x *tx) NamesOf(ctx context.Context, account core.ID, ids []core.ID, names map[core.ID]string) error {
	for _, q := range namesOf {
		if len(ids) == 0 {
			return nil
		}
		a := args{}
		a.add(account)
		err := x.each(ctx, func(r row) error {
			var id core.ID
			var name string
			err := r.Scan(&id, &name)
			names[id] = name
			return err
		}, q+a.in(ids), a.values...)
		if err != nil {
			return err
		}
	}
	return nil
}
