package store

import (
	"context"
	"slices"
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
	busy, err := x.busy(ctx, v.Person.ID, f.Assignee, f.Related)
	if err != nil {
		return nil, err
	}
	page := taskPage{a: a, v: v, f: f, allowed: allowed.where(), all: allowed.always, limit: upTo(limit(f.Limit, 50)), busy: busy, fence: x.s.dialect.fence()}
	if len(page.statuses()) == 0 {
		return nil, nil
	}
	items, err := list(ctx, x, scanTaskItem, page.query(), a.values...)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	return items, x.fillItems(ctx, items)
}

func scanTaskItem(r row, i *core.TaskItem) error {
	return r.Scan(append(taskFields(&i.Task), &i.ProjectName, &i.AssigneeName, &i.Comments)...)
}

const countTasksOf = `select count(*) from (select 1 from task_person where person_id = $1 limit 2000) x`

// busy tells who of the people has two thousand tasks or more.
func (x *tx) busy(ctx context.Context, people ...core.ID) (map[core.ID]bool, error) {
	busy := make(map[core.ID]bool)
	for _, p := range people {
		if p == "" {
			continue
		}
		n, err := x.count(ctx, countTasksOf, p)
		if err != nil {
			return nil, err
		}
		busy[p] = n >= 2000
	}
	return busy, nil
}

type taskPage struct {
	a       *args
	v       core.Viewer
	f       core.TaskFilter
	allowed string
	all     bool // nothing but the bin is kept back
	limit   string

	fence string

	// busy are people of the question with more tasks than are quickly sorted.
	busy map[core.ID]bool

	accountAt string
	own       source
}

const taskItemColumns = taskColumns + `, coalesce(j.name, ''),
	coalesce((select s.name from task_person m join person s on s.id = m.person_id where m.task_id = t.id and m.relation = 'assignee'), ''),
	(select count(*) from comment k where k.task_id = t.id)
		- (select count(*) from comment k where k.account_id = t.account_id and k.task_id = t.id and k.deleted_at <> 0)`

func (p *taskPage) query() string {
	return `select ` + taskItemColumns + `
		from (` + p.branches() + `) b
		join task t on t.id = b.task_id join activity n on n.task_id = b.task_id left join project j on j.id = t.project_id
		order by n.updated_at desc, t.id desc limit ` + p.limit
}

// branches gives the keys of the page, and perhaps of more. A walk in the
// order wanted has an index for one status at a time, so it takes each by itself.
func (p *taskPage) branches() string {
	statuses := p.statuses()
	var all []string
	for _, start := range p.starts() {
		if start.ids != "" {
			all = append(all, p.branch(start, `n.status in ('`+strings.Join(statuses, `', '`)+`')`))
			continue
		}
		for _, s := range statuses {
			all = append(all, p.branch(start, `n.status = '`+s+`'`))
		}
	}
	return strings.Join(all, " union ")
}

// The parentheses around a branch with a limit would be an error in SQLite; a select from it is none.
func (p *taskPage) branch(start source, status string) string {
	keys := `select n.task_id, n.updated_at ` + start.from() + ` and n.account_id = ` + p.account() + ` and ` + status + ` and ` + p.allowed + p.filter()
	order := ` order by n.updated_at desc, n.task_id desc limit ` + p.limit
	if start.ids != "" {
		return `select * from (select * from (` + keys + p.fence + `) n` + order + `) x`
	}
	return `select * from (` + keys + order + `) x`
}

// statuses are those asked for; none when there is no such status.
func (p *taskPage) statuses() (list []string) {
	for _, s := range core.TaskStatuses() {
		switch p.f.Status {
		case s, "any":
			list = append(list, s)
		case "", "open":
			if p.f.Number > 0 || !core.Closed(s) {
				list = append(list, s)
			}
		case "closed":
			if core.Closed(s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// account is the placeholder of the viewer's account.
func (p *taskPage) account() string {
	if p.accountAt == "" {
		p.accountAt = p.a.add(p.v.Account)
	}
	return p.accountAt
}

// source is a set of tasks to start from: a query for their ids, or none and a
// condition on activity n.
type source struct{ ids, where string }

// from joins the set with its tasks. SQLite takes cross joins in the order
// they are written, and must: it would rather walk through all tasks in the
// order wanted, hoping that it soon meets some of the set.
func (s source) from() string {
	if s.ids == "" {
		return `from activity n cross join task t where t.id = n.task_id and ` + s.where
	}
	return `from (` + s.ids + `) s cross join activity n cross join task t where n.task_id = s.task_id and t.id = n.task_id`
}

// starts are the sets that the branches start from.
func (p *taskPage) starts() []source {
	everything := []source{{where: yes}}
	switch {
	case p.v.Link != "":
		return []source{{ids: `select id as task_id from task where id = ` + p.a.add(p.v.Link)}}
	case p.f.Number > 0:
		return []source{{ids: `select id as task_id from task where account_id = ` + p.account() + ` and number = ` + p.a.add(p.f.Number)}}
	case p.f.Assignee != "":
		return []source{p.tasksOf(p.f.Assignee, ` and relation = 'assignee'`)}
	case p.f.Related != "":
		return []source{p.tasksOf(p.f.Related, ``)}
	case p.f.Mine && p.v.Person.ID != "":
		return []source{p.tasksOf(p.v.Person.ID, ``)}
	case p.f.Project != "", p.all:
		return everything
	}
	if sources, ok := p.sources(); ok {
		return sources
	}
	return everything
}

// tasksOf are the tasks a person has a relation to. Of somebody who has to do
// with thousands, the newest are found sooner by walking through all tasks.
func (p *taskPage) tasksOf(person core.ID, relation string) source {
	if p.busy[person] {
		return source{where: `exists (select 1 from task_person y where y.task_id = n.task_id and y.person_id = ` + p.a.add(person) + relation + `)`}
	}
	return source{ids: `select distinct task_id from task_person where person_id = ` + p.a.add(person) + relation}
}

// filter is what the caller asked for, and where the page begins.
func (p *taskPage) filter() string {
	b := strings.Builder{}
	if p.f.Project != "" {
		b.WriteString(` and n.project_id = ` + p.a.add(p.f.Project) + ` and n.project_id <> ''`) // as written in the partial index
	}
	with := func(person core.ID) {
		b.WriteString(` and exists (select 1 from task_person w where w.task_id = n.task_id and w.person_id = ` + p.a.add(person) + `)`)
	}
	if p.f.Mine && (p.f.Assignee != "" || p.f.Related != "") {
		with(p.v.Person.ID)
	}
	if p.f.Related != "" && p.f.Assignee != "" {
		with(p.f.Related)
	}
	if !p.f.Before.IsZero() {
		b.WriteString(` and (n.updated_at, n.task_id) < (` + p.a.add(micros(p.f.Before)) + `, ` + p.a.add(p.f.BeforeID) + `)`)
	}
	return b.String()
}

// sources are sets of tasks which together hold all that the cell allows;
// false when a part of the cell has no such set.
func (p *taskPage) sources() ([]source, bool) {
	cell, ok := access.CellOf("task.view", p.v.Person.Subject())
	if !ok || cell.Always {
		return nil, false
	}
	q := &question{a: p.a, person: &p.v.Person}
	mark := q.mark()
	var all []source
	for _, t := range cell.Any {
		found, ok := q.sourcesOf(t, p)
		if !ok {
			q.reset(mark)
			return nil, false
		}
		for _, s := range found {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all, true
}

// sourcesOf gives the sets of the first fact of a term that has any.
func (q *question) sourcesOf(t access.Term, p *taskPage) ([]source, bool) {
	if never := (&question{a: &args{}, person: q.person}).term(t, &onTask, capabilityFacts(q.person)) == no; never {
		return nil, true
	}
	for _, l := range t {
		if l.Negated {
			continue
		}
		if s := q.sourcesOfFact(l.Fact, p); len(s) > 0 {
			return s, true
		}
	}
	return nil, false
}

func (q *question) sourcesOfFact(f access.Fact, p *taskPage) []source {
	switch f {
	case access.Asg, access.Ase, access.Ase1, access.Par:
		return []source{p.mine()}
	case access.Rel, access.Aud:
		return []source{p.mine(), q.tasksOfPlaces()}
	case access.Masg, access.Mase, access.Mpar, access.Mgr:
		return []source{{ids: `select distinct m.task_id from person e join task_person m on m.person_id = e.id where e.manager_id = ` + q.me() + ` and e.manager_id <> ''`}}
	case access.Mem, access.Padm, access.Pown:
		return []source{q.tasksOfPlaces(), q.tasksOfProjects("o.owner_id = " + q.me())}
	case access.Pmgr:
		return []source{q.tasksOfProjects("(o.client_manager_id = " + q.me() + " or o.responsible_id = " + q.me() + ")")}
	case access.Open:
		return []source{{where: `n.visibility = 'inside'`}}
	case access.Cpy:
		company := q.a.add(q.person.Company)
		return []source{
			{ids: `select id as task_id from task where counterparty_id = ` + company + ` and counterparty_id <> ''`},
			q.tasksOfProjects("o.counterparty_id = " + company + " and o.counterparty_id <> ''"),
		}
	}
	return nil
}

// mine is asked for by several facts, and is to be the same set each time.
func (p *taskPage) mine() source {
	if p.own == (source{}) {
		p.own = p.tasksOf(p.v.Person.ID, ``)
	}
	return p.own
}

func (q *question) tasksOfPlaces() source {
	return source{ids: `select c.task_id from participant m join activity c on c.project_id = m.project_id and c.project_id <> '' where m.person_id = ` + q.me()}
}

func (q *question) tasksOfProjects(where string) source {
	return source{ids: `select c.task_id from project o join activity c on c.project_id = o.id and c.project_id <> '' where o.account_id = ` +
		q.a.add(q.person.Account) + ` and ` + where}
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
