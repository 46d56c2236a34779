package store

import (
	"context"
	"strings"

	"planpost/core"
	"planpost/core/access"
)

// A list of tasks is the newest few of very many. One statement with the whole
// condition would make the engine walk through everything for a person who may
// see little. So each way to a right is a branch of its own that starts where
// few rows are, such as the person's own relations, gives its newest, and the
// branches are put together.

// ListTasks gives what the viewer may see, latest activity first.
func (x *tx) ListTasks(ctx context.Context, v core.Viewer, f core.TaskFilter) ([]core.TaskItem, error) {
	a := &args{}
	allowed, err := x.rights(ctx, a, v, "task.view", &onTask)
	if err != nil || allowed.never() {
		return nil, err
	}
	page := taskPage{a: a, v: v, f: f, allowed: allowed.where(), limit: a.add(limit(f.Limit, 50))}
	items, err := list(ctx, x, scanTaskItem, page.query(), a.values...)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	return items, x.fillItems(ctx, items)
}

func scanTaskItem(r row, i *core.TaskItem) error {
	return r.Scan(append(taskFields(&i.Task), &i.ProjectName, &i.AssigneeName, &i.Comments)...)
}

type taskPage struct {
	a       *args
	v       core.Viewer
	f       core.TaskFilter
	allowed string
	limit   string
}

const taskItemColumns = taskColumns + `, coalesce(j.name, ''),
	coalesce((select s.name from task_person m join person s on s.id = m.person_id where m.task_id = t.id and m.relation = 'assignee'), ''),
	(select count(*) from comment k where k.task_id = t.id)`

func (p *taskPage) query() string {
	return `select ` + taskItemColumns + `
		from (` + p.branches() + `) b
		join task t on t.id = b.task_id join activity n on n.task_id = b.task_id left join project j on j.id = t.project_id
		order by n.updated_at desc, t.id desc limit ` + p.limit
}

// branches gives the keys of the page, and perhaps of more.
func (p *taskPage) branches() string {
	var all []string
	for _, where := range p.starts() {
		// The parentheses around a branch with a limit would be an error in SQLite; a select from it is none.
		all = append(all, `select * from (select n.task_id, n.updated_at from activity n join task t on t.id = n.task_id
			where `+where+p.filter()+` order by n.updated_at desc, n.task_id desc limit `+p.limit+`) x`)
	}
	return strings.Join(all, " union ")
}

// starts are the conditions that the branches start from.
func (p *taskPage) starts() []string {
	account := `n.account_id = ` + p.a.add(p.v.Account)
	switch {
	case p.f.Number > 0:
		return []string{account + ` and t.account_id = n.account_id and t.number = ` + p.a.add(p.f.Number) + ` and ` + p.allowed}
	case p.f.Assignee != "":
		return []string{account + ` and n.task_id in (select task_id from task_person where relation = 'assignee' and person_id = ` + p.a.add(p.f.Assignee) + `) and ` + p.allowed}
	case p.f.Mine && p.v.Person.ID != "":
		return []string{account + ` and n.task_id in (select task_id from task_person where person_id = ` + p.a.add(p.v.Person.ID) + `) and ` + p.allowed}
	case p.f.Project != "", p.allowed == yes:
		return []string{account + ` and ` + p.allowed}
	}
	sources, ok := p.sources()
	if !ok {
		return []string{account + ` and ` + p.allowed}
	}
	for i, s := range sources {
		sources[i] = account + ` and ` + s + ` and ` + p.allowed
	}
	return sources
}

// filter is what the caller asked for, and where the page begins.
func (p *taskPage) filter() string {
	b := strings.Builder{}
	switch p.f.Status {
	case "any":
	case "closed":
		b.WriteString(` and n.closed`)
	case "", "open":
		if p.f.Number == 0 {
			b.WriteString(` and not n.closed`)
		}
	default:
		b.WriteString(` and t.status = ` + p.a.add(p.f.Status))
		b.WriteString(map[bool]string{true: ` and n.closed`, false: ` and not n.closed`}[core.Closed(p.f.Status)])
	}
	if p.f.Project != "" {
		b.WriteString(` and n.project_id = ` + p.a.add(p.f.Project))
	}
	if p.f.Mine && p.f.Assignee != "" {
		b.WriteString(` and exists (select 1 from task_person w where w.task_id = n.task_id and w.person_id = ` + p.a.add(p.v.Person.ID) + `)`)
	}
	if !p.f.Before.IsZero() {
		b.WriteString(` and (n.updated_at, n.task_id) < (` + p.a.add(micros(p.f.Before)) + `, ` + p.a.add(p.f.BeforeID) + `)`)
	}
	return b.String()
}

// sources are sets of tasks which together hold all that the cell allows;
// false when a part of the cell has no such set.
func (p *taskPage) sources() ([]string, bool) {
	cell, ok := access.CellOf("task.view", p.v.Person.Subject())
	if !ok || cell.Always {
		return nil, false
	}
	q := &question{a: p.a, person: &p.v.Person}
	mark := q.mark()
	var all []string
	seen := make(map[string]bool)
	for _, t := range cell.Any {
		found, ok := q.sourcesOf(t)
		if !ok {
			q.reset(mark)
			return nil, false
		}
		for _, s := range found {
			if !seen[s] {
				seen[s] = true
				all = append(all, s)
			}
		}
	}
	return all, true
}

// sourcesOf gives the sets of the first fact of a term that has any.
func (q *question) sourcesOf(t access.Term) ([]string, bool) {
	if never := (&question{a: &args{}, person: q.person}).term(t, &onTask, capabilityFacts(q.person)) == no; never {
		return nil, true
	}
	for _, l := range t {
		if l.Negated {
			continue
		}
		if s := q.sourcesOfFact(l.Fact); len(s) > 0 {
			return s, true
		}
	}
	return nil, false
}

func (q *question) sourcesOfFact(f access.Fact) []string {
	switch f {
	case access.Asg, access.Ase, access.Ase1, access.Par:
		return []string{q.tasksOfPerson()}
	case access.Rel, access.Aud:
		return []string{q.tasksOfPerson(), q.tasksOfPlaces()}
	case access.Masg, access.Mase, access.Mpar, access.Mgr:
		return []string{`n.task_id in (select m.task_id from person s join task_person m on m.person_id = s.id where s.manager_id = ` + q.me() + `)`}
	case access.Mem, access.Padm, access.Pown:
		return []string{q.tasksOfPlaces(), q.tasksOfProjects("o.owner_id = " + q.me())}
	case access.Pmgr:
		return []string{q.tasksOfProjects("(o.client_manager_id = " + q.me() + " or o.responsible_id = " + q.me() + ")")}
	case access.Open:
		return []string{`n.visibility = 'inside'`}
	case access.Cpy:
		company := q.a.add(q.person.Company)
		return []string{
			`n.task_id in (select id from task where counterparty_id = ` + company + ` and counterparty_id <> '')`,
			q.tasksOfProjects("o.counterparty_id = " + company + " and o.counterparty_id <> ''"),
		}
	}
	return nil
}

func (q *question) tasksOfPerson() string {
	return `n.task_id in (select task_id from task_person where person_id = ` + q.me() + `)`
}

func (q *question) tasksOfPlaces() string {
	return `n.task_id in (select c.task_id from participant m join activity c on c.project_id = m.project_id where m.person_id = ` + q.me() + `)`
}

func (q *question) tasksOfProjects(where string) string {
	return `n.task_id in (select c.task_id from project o join activity c on c.project_id = o.id where o.account_id = ` +
		q.a.add(q.person.Account) + ` and ` + where + `)`
}

// fillItems reads the people of all tasks of a page in one query.
func (x *tx) fillItems(ctx context.Context, items []core.TaskItem) error {
	at := make(map[core.ID]int, len(items))
	ids := make([]core.ID, len(items))
	for i := range items {
		at[items[i].ID], ids[i] = i, items[i].ID
	}
	a := args{}
	q := `select task_id, person_id, relation from task_person where task_id in ` + a.in(ids) + ` order by task_id, position`
	return x.each(ctx, func(r row) error {
		var id core.ID
		var p core.TaskPerson
		err := r.Scan(&id, &p.Person, &p.Relation)
		t := &items[at[id]].Task
		t.People = append(t.People, p)
		return err
	}, q, a.values...)
}
