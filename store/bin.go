package store

import (
	"context"
	"time"

	"planpost/core"
	"planpost/core/access"
)

// What lies in the bin keeps its rows and relations; a column says so, and
// every list, count and fact looks at it. A project takes its tasks and
// comments with it without a write to any of them: they are in the bin because
// it is. Lists therefore ask once which projects lie there, which are few,
// rather than looking at the project of every row.

const (
	liveComment = `k.deleted_at = 0`
	binOfTask   = `(t.deleted_at <> 0 or exists (select 1 from project o where o.id = t.project_id and o.deleted_at <> 0))`
	// A receipt may have no task.
	binOfReceipt = `(coalesce(t.deleted_at, 0) <> 0 or exists (select 1 from project o where o.id = ` + receiptProject + ` and o.deleted_at <> 0))`

	projectsInBin = `select id from project where account_id = $1 and deleted_at <> 0 order by id`
)

// withDelBy adds the fact that the person put the row into the bin.
func withDelBy(alias string, facts map[access.Fact]predicate) map[access.Fact]predicate {
	facts[access.DelBy] = func(q *question) string {
		return `(` + alias + `.deleted_at <> 0 and ` + alias + `.deleted_by = ` + q.me() + `)`
	}
	return facts
}

// live is the condition that a row of the kind does not lie in the bin.
func (x *tx) live(ctx context.Context, a *args, account core.ID, o *object) (string, error) {
	switch o {
	case &onProject:
		return `j.deleted_at = 0`, nil
	case &onLink:
		return "", nil
	case &onPerson:
		return ``, nil // lists of people say themselves whether they want who is gone
	}
	gone, err := list(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, projectsInBin, account)
	if err != nil {
		return "", err
	}
	sql := `t.deleted_at = 0`
	switch o {
	case &onReceipt:
		sql = `coalesce(t.deleted_at, 0) = 0`
	case &onComment:
		sql += ` and ` + liveComment
	}
	if o.id == onPlan.id {
		sql = `pl.deleted_at = 0`
	}
	if len(gone) > 0 {
		sql += ` and ` + o.project + ` not in ` + a.in(gone)
	}
	return "(" + sql + ")", nil
}

// binTables are the kinds of object that can lie in the bin.
var binTables = map[string]string{"project": "project", "task": "task", "comment": "comment", "attachment": "attachment", "company": "company", "person": "person", "plan": "plan"}

// SetBin implements core.BinTx.
func (x *tx) SetBin(ctx context.Context, account core.ID, o core.Object, at time.Time, by core.ID) error {
	table, ok := binTables[o.Kind]
	if !ok {
		return core.Fail(core.Invalid, "bin.kind")
	}
	if at.IsZero() {
		by = ""
	}
	n, err := x.exec(ctx, `update `+table+` set deleted_at = $3, deleted_by = $4 where account_id = $1 and id = $2`, account, o.ID, micros(at), by)
	if uniqueViolation(err) { // its place was taken meanwhile
		return core.Fail(core.Conflict, "bin.taken")
	}
	return must(n, err, o.Kind+".unknown")
}

// binKinds selects one kind each: kind, id, what it is called, the number of its task, who made it, when and who put it there.
var binKinds = []string{
	`select 'project' as kind, j.id, j.name as title, 0 as number, j.owner_id as maker, j.deleted_at, j.deleted_by from project j where j.account_id = $1 and j.deleted_at <> 0`,
	`select 'task', t.id, t.title, t.number, coalesce((select m.person_id from task_person m where m.task_id = t.id and m.relation = 'assigner'), ''), t.deleted_at, t.deleted_by
		from task t where t.account_id = $1 and t.deleted_at <> 0`,
	`select 'comment', k.id, substr(k.text, 1, 200), t.number, k.author_id, k.deleted_at, k.deleted_by
		from comment k join task t on t.id = k.task_id where k.account_id = $1 and k.deleted_at <> 0`,
	`select 'attachment', f.id, f.name, t.number, k.author_id, f.deleted_at, f.deleted_by
		from attachment f join comment k on k.id = f.comment_id join task t on t.id = f.task_id where f.account_id = $1 and f.deleted_at <> 0`,
	`select 'plan', pl.id, case when pl.number = '' then pl.title else pl.number || ' ' || pl.title end, 0, pl.created_by, pl.deleted_at, pl.deleted_by from plan pl where pl.account_id = $1 and pl.deleted_at <> 0`,
	`select 'company', c.id, c.name, 0, c.created_by, c.deleted_at, c.deleted_by from company c where c.account_id = $1 and c.deleted_at <> 0`,
	`select 'person', p.id, p.name, 0, p.created_by, p.deleted_at, p.deleted_by from person p where p.account_id = $1 and p.deleted_at <> 0 and p.kind <> 'user'`,
}

// ListBin implements core.BinTx.
func (x *tx) ListBin(ctx context.Context, account core.ID, f core.BinFilter) ([]core.BinItem, error) {
	a := args{}
	a.add(account)
	q := ``
	for i, kind := range binKinds {
		if i > 0 {
			q += ` union all `
		}
		q += kind
	}
	where := `true`
	if f.Of != "" {
		me := a.add(f.Of)
		where = `(b.maker = ` + me + ` or b.deleted_by = ` + me + `)`
	}
	if f.Object.ID != "" {
		where += ` and b.kind = ` + a.add(f.Object.Kind) + ` and b.id = ` + a.add(f.Object.ID)
	}
	if !f.Before.IsZero() {
		where += ` and (b.deleted_at, b.id) < (` + a.add(micros(f.Before)) + `, ` + a.add(f.BeforeID) + `)`
	}
	q = `select b.kind, b.id, b.title, b.number, b.maker, b.deleted_at, b.deleted_by, coalesce(s.name, '') from (` + q + `) b
		left join person s on s.id = b.deleted_by where ` + where + ` order by b.deleted_at desc, b.id desc limit ` + upTo(limit(f.Limit, 50))
	return list(ctx, x, func(r row, i *core.BinItem) error {
		return r.Scan(&i.Object.Kind, &i.Object.ID, &i.Title, &i.Number, &i.Maker, into(&i.DeletedAt), &i.DeletedBy, &i.DeletedByName)
	}, q, a.values...)
}
