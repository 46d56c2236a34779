package store

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

const (
	visitColumns = `v.id, v.account_id, v.task_id, v.person_id, v.day, v.from_time, v.until_time, v.state, v.note, v.sequence, v.created_by, v.created_at, v.updated_at`
	createVisit  = `
		insert into visit (id, account_id, task_id, person_id, day, from_time, until_time, state, note, sequence, created_by, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	updateVisit = `
		update visit set person_id = $3, day = $4, from_time = $5, until_time = $6, state = $7, note = $8, sequence = $9, updated_at = $10
		where account_id = $1 and id = $2`
	findVisit = `select ` + visitColumns + ` from visit v where v.account_id = $1 and v.id = $2`

	// overlaps: the resource is planned elsewhere at that time; a whole day meets everything of the day.
	overlaps = `(v.state = 'planned' and v.person_id <> '' and exists (select 1 from visit o where o.person_id = v.person_id and o.person_id <> ''
		and o.day = v.day and o.id <> v.id and o.state = 'planned'
		and (o.from_time = '' or v.from_time = '' or o.from_time < v.until_time and v.from_time < o.until_time)))`
)

// visitFacts are those of the task; who is sent has to do with the visit,
// though perhaps with nothing else of the task.
func visitFacts() map[access.Fact]predicate {
	facts := taskFacts("t.id", "t.project_id")
	sent := insiders(func(q *question) string { return `v.person_id = ` + q.me() })
	facts[access.Rel] = either(facts[access.Rel], sent)
	return facts
}

func visitFields(v *core.Visit) []any {
	return []any{&v.ID, &v.Account, &v.Task, &v.Person, &v.Day, &v.From, &v.Until, &v.State, &v.Note, &v.Sequence, &v.CreatedBy, into(&v.CreatedAt), into(&v.UpdatedAt)}
}

// CreateVisit implements core.VisitTx, as do the methods below.
func (x *tx) CreateVisit(ctx context.Context, v *core.Visit) error {
	_, err := x.exec(ctx, createVisit, v.ID, v.Account, v.Task, v.Person, v.Day, v.From, v.Until, v.State, text(v.Note), v.Sequence, v.CreatedBy,
		micros(v.CreatedAt), micros(v.UpdatedAt))
	return err
}

func (x *tx) UpdateVisit(ctx context.Context, v *core.Visit) error {
	n, err := x.exec(ctx, updateVisit, v.Account, v.ID, v.Person, v.Day, v.From, v.Until, v.State, text(v.Note), v.Sequence, micros(v.UpdatedAt))
	return must(n, err, "visit.unknown")
}

func (x *tx) FindVisit(ctx context.Context, account, id core.ID) (core.Visit, error) {
	return find(ctx, x, "visit.unknown", func(r row, v *core.Visit) error { return r.Scan(visitFields(v)...) }, findVisit, account, id)
}

func (x *tx) ListVisits(ctx context.Context, v core.Viewer, f core.VisitFilter) ([]core.VisitItem, error) {
	a := &args{}
	allowed, err := x.rights(ctx, a, v, "visit.view", &onVisit)
	if err != nil || allowed.never() {
		return nil, err
	}
	task, err := x.mayColumn(ctx, a, v, "task.view", &onTask)
	if err != nil {
		return nil, err
	}
	manage, err := x.mayColumn(ctx, a, v, "visit.manage", &onVisit)
	if err != nil {
		return nil, err
	}
	q := `select ` + visitColumns + `, t.number, t.title, ` + overlaps + `, ` + task + `, ` + manage + `
		from visit v join task t on t.id = v.task_id where v.account_id = ` + a.add(v.Account) + ` and ` + allowed.where()
	for _, part := range []struct{ value, sql string }{
		{f.From, ` and v.day >= `}, {f.Until, ` and v.day <= `}, {string(f.Person), ` and v.person_id = `}, {string(f.Task), ` and v.task_id = `},
	} {
		if part.value != "" {
			q += part.sql + a.add(part.value)
		}
	}
	if f.Nobody {
		q += ` and v.person_id = ''`
	}
	switch f.State {
	case "":
	case "open":
		q += ` and v.state <> 'cancelled'`
	default:
		q += ` and v.state = ` + a.add(f.State)
	}
	q += ` order by v.day, v.from_time, v.id limit ` + upTo(limit(f.Limit, 50))
	return list(ctx, x, func(r row, i *core.VisitItem) error {
		return r.Scan(append(visitFields(&i.Visit), &i.Number, &i.Title, &i.Overlaps, &i.MayTask, &i.MayManage)...)
	}, q, a.values...)
}

// mayColumn is a right as a column of a list. What never holds takes its values
// back: PostgreSQL wants every value named in the text.
func (x *tx) mayColumn(ctx context.Context, a *args, v core.Viewer, action access.Action, o *object) (string, error) {
	mark := len(a.values)
	c, err := x.rights(ctx, a, v, action, o)
	if err != nil || c.never() {
		a.values = a.values[:mark]
		return no, err
	}
	return c.where(), nil
}

// VisitFacts implements core.FactTx.
func (x *tx) VisitFacts(ctx context.Context, p *core.Person, visit core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onVisit, visit, "visit.unknown")
}
