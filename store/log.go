package store

import (
	"context"

	"planpost/core"
)

const (
	listLog = `
		select id, account_id, at, actor_id, via, code, object, object_id, params, changes, auth, behalf_id from change_log
		where account_id = $1 and id < $2 order by id desc limit $3`
)

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

func (x *tx) ListLog(ctx context.Context, account, before core.ID, n int) ([]core.LogEntry, error) {
	return list(ctx, x, scanLog, listLog, account, last(before), limit(n, 100))
}
