package store

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

const (
	hoursColumns = `h.id, h.account_id, h.task_id, h.person_id, h.day, h.minutes, h.note, h.via, h.created_at`
	findHours    = `select ` + hoursColumns + ` from hours h where h.account_id = $1 and h.id = $2`
	deleteHours  = `delete from hours where account_id = $1 and id = $2`
	minutesOn    = `select coalesce(sum(minutes), 0) from hours where account_id = $1 and person_id = $2 and day = $3`
)

var hoursTable = newTable("hours", "", "id key", "account_id key", "task_id key", "person_id key", "day text", "minutes int", "note text", "via text", "created_at int")

func hoursRow(h *core.Hours) []any {
	return []any{h.ID, h.Account, h.Task, h.Person, h.Day, h.Minutes, text(h.Note), h.Via, micros(h.CreatedAt)}
}

func hoursFields(h *core.Hours) []any {
	return []any{&h.ID, &h.Account, &h.Task, &h.Person, &h.Day, &h.Minutes, &h.Note, &h.Via, into(&h.CreatedAt)}
}

// hoursFacts are those of the task, except that only who worked them has to do
// with the hours: what a colleague wrote down is his.
func hoursFacts() map[access.Fact]predicate {
	facts := taskFacts("t.id", "t.project_id")
	own := insiders(func(q *question) string { return `h.person_id = ` + q.me() })
	facts[access.Self], facts[access.Rel] = own, own
	managed := insiders(func(q *question) string {
		return `exists (select 1 from person s where s.id = h.person_id and s.manager_id = ` + q.me() + `)`
	})
	facts[access.Mgr] = managed
	for _, f := range []access.Fact{access.Asg, access.Ase, access.Ase1, access.Par, access.Aud, access.Masg, access.Mase, access.Mpar} {
		delete(facts, f) // each of them would bring back the task's
	}
	return facts
}

// CreateHours implements core.HoursTx, as do the methods below.
func (x *tx) CreateHours(ctx context.Context, h *core.Hours) error {
	return x.insert(ctx, hoursTable, hoursRow(h))
}

func (x *tx) FindHours(ctx context.Context, account, id core.ID) (core.Hours, error) {
	return find(ctx, x, "hours.unknown", func(r row, h *core.Hours) error { return r.Scan(hoursFields(h)...) }, findHours, account, id)
}

func (x *tx) DeleteHours(ctx context.Context, account, id core.ID) error {
	n, err := x.exec(ctx, deleteHours, account, id)
	return must(n, err, "hours.unknown")
}

func (x *tx) MinutesOn(ctx context.Context, account, person core.ID, day string) (int, error) {
	n, err := x.count(ctx, minutesOn, account, person, text(day))
	return int(n), err
}

func (x *tx) ListHours(ctx context.Context, v core.Viewer, f core.HoursFilter) ([]core.HoursItem, error) {
	a := &args{}
	from, err := x.hoursOf(ctx, a, v, f)
	if err != nil || from == "" {
		return nil, err
	}
	task, project, err := x.hoursNames(ctx, a, v)
	if err != nil {
		return nil, err
	}
	remove, err := x.mayColumn(ctx, a, v, "time.record", &onHours)
	if err != nil {
		return nil, err
	}
	q := `select ` + hoursColumns + `, t.number, t.project_id, ` + task + `, ` + project + `, t.title, coalesce(j.name, ''), ` + remove + from +
		` order by h.day desc, h.id desc limit ` + upTo(max(f.Limit, 1))
	return list(ctx, x, func(r row, i *core.HoursItem) error {
		var mayProject bool
		err := r.Scan(append(hoursFields(&i.Hours), &i.Number, &i.Project, &i.MayTask, &mayProject, &i.Title, &i.ProjectName, &i.MayRemove)...)
		i.Title, i.ProjectName = known(i.Title, i.MayTask), known(i.ProjectName, mayProject)
		return err
	}, q, a.values...)
}

// known is a name for who may know it.
func known(name string, may bool) string {
	if !may {
		return ""
	}
	return name
}

// hoursNames are the rights to the names of a record's task and project, as columns.
func (x *tx) hoursNames(ctx context.Context, a *args, v core.Viewer) (task, project string, err error) {
	if task, err = x.mayColumn(ctx, a, v, "task.view", &onTask); err != nil {
		return "", "", err
	}
	project, err = x.mayColumn(ctx, a, v, "project.view", &onProject)
	return task, `(j.id is not null and ` + project + `)`, err
}

// hoursOf is what a list and its sums read from; empty when the viewer may see nothing.
func (x *tx) hoursOf(ctx context.Context, a *args, v core.Viewer, f core.HoursFilter) (string, error) {
	allowed, err := x.rights(ctx, a, v, "time.view", &onHours)
	if err != nil || allowed.never() {
		return "", err
	}
	q := ` from hours h join task t on t.id = h.task_id left join project j on j.id = t.project_id where h.account_id = ` + a.add(v.Account) + ` and ` + allowed.where()
	for _, part := range []struct{ value, sql string }{
		{f.From, ` and h.day >= `}, {f.Until, ` and h.day <= `}, {string(f.Person), ` and h.person_id = `}, {string(f.Task), ` and h.task_id = `}, {string(f.Project), ` and t.project_id = `},
	} {
		if part.value != "" {
			q += part.sql + a.add(text(part.value))
		}
	}
	return q, nil
}

func (x *tx) SumHours(ctx context.Context, v core.Viewer, f core.HoursFilter, by core.HoursBy) ([]core.HoursSum, error) {
	a := &args{}
	from, err := x.hoursOf(ctx, a, v, f)
	if err != nil || from == "" {
		return nil, err
	}
	columns, err := x.sumColumns(ctx, a, v, by)
	if err != nil {
		return nil, err
	}
	q := `select id, number, name, sum(minutes) as spent from (select h.minutes, ` + columns + from + `) s group by id, number, name order by spent desc, id limit 1000`
	return list(ctx, x, func(r row, s *core.HoursSum) error { return r.Scan(&s.ID, &s.Number, &s.Name, &s.Minutes) }, q, a.values...)
}

// sumColumns are id, number and name of what is added up.
func (x *tx) sumColumns(ctx context.Context, a *args, v core.Viewer, by core.HoursBy) (string, error) {
	switch by {
	case core.HoursByPerson:
		return `h.person_id as id, 0 as number, coalesce((select w.name from person w where w.id = h.person_id), '') as name`, nil
	case core.HoursByProject:
		may, err := x.mayColumn(ctx, a, v, "project.view", &onProject)
		return `t.project_id as id, 0 as number, case when j.id is not null and ` + may + ` then j.name else '' end as name`, err
	}
	may, err := x.mayColumn(ctx, a, v, "task.view", &onTask)
	return `h.task_id as id, t.number as number, case when ` + may + ` then t.title else '' end as name`, err
}

// HoursFacts implements core.FactTx.
func (x *tx) HoursFacts(ctx context.Context, p *core.Person, hours core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onHours, hours, "hours.unknown")
}
