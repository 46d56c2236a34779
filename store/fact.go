package store

import (
	"strings"

	"planpost/core"
	"planpost/core/access"
)

// question is one person's rights on the way into SQL.
type question struct {
	a      *args
	person *core.Person
	one    bool   // about one object, not about every row of a list
	self   string // placeholder of the person, once it is needed
	selfAt int    // its place among the values
}

func (q *question) me() string {
	if q.self == "" {
		q.selfAt = len(q.a.values)
		q.self = q.a.add(q.person.ID)
	}
	return q.self
}

// mark and reset take back values of conditions that turned out not to be
// needed: PostgreSQL wants every value named in the text.
func (q *question) mark() int { return len(q.a.values) }

func (q *question) reset(mark int) {
	q.a.values = q.a.values[:mark]
	if q.self != "" && q.selfAt >= mark {
		q.self = ""
	}
}

// predicate is the condition under which a fact holds between the person and
// the row at hand: SQL, or "true" or "false" where the person alone decides.
type predicate func(q *question) string

const (
	yes = "true"
	no  = "false"
)

// object is a kind of row that facts are about. Its predicates name the row by a fixed alias.
type object struct {
	from    string // the row's table and alias, with what its predicates join
	id      string
	account string
	project string // the row's project, in SQL
	bin     string // whether it lies in the bin, itself or with what it belongs to (see bin.go)
	facts   map[access.Fact]predicate
}

// The kinds of object. A comment and a receipt have the facts of their task.
var (
	onTask    = object{"task t", "t.id", "t.account_id", "t.project_id", binOfTask, withDelBy("t", taskFacts("t.id", "t.project_id"))}
	onProject = object{"project j", "j.id", "j.account_id", "j.id", `j.deleted_at <> 0`, withDelBy("j", projectFacts())}
	onComment = object{"comment k join task t on t.id = k.task_id", "k.id", "k.account_id", "t.project_id", `(k.deleted_at <> 0 or ` + binOfTask + `)`, withDelBy("k", commentFacts())}
	onVisit   = object{"visit v join task t on t.id = v.task_id", "v.id", "v.account_id", "t.project_id", binOfTask, visitFacts()}
	onHours   = object{"hours h join task t on t.id = h.task_id", "h.id", "h.account_id", "t.project_id", binOfTask, hoursFacts()}
	onReceipt = object{"receipt r left join task t on t.id = r.task_id", "r.id", "r.account_id", receiptProject, binOfReceipt, receiptFacts()}
)

// receiptProject: that of the receipt's task, or its own while it has none.
const receiptProject = "coalesce(t.project_id, r.project_id)"

// related: the person has one of the relations to the task.
func related(task string, relations ...core.Relation) predicate {
	return func(q *question) string {
		return `exists (select 1 from task_person m where m.task_id = ` + task + ` and m.person_id = ` + q.me() + ` and m.relation in ` + quoted(relations) + `)`
	}
}

// managed: the person manages somebody with one of the relations to the task.
func managed(task string, relations ...core.Relation) predicate {
	return insiders(func(q *question) string {
		return `exists (select 1 from task_person m join person s on s.id = m.person_id where m.task_id = ` + task +
			` and s.manager_id = ` + q.me() + ` and m.relation in ` + quoted(relations) + `)`
	})
}

func quoted(relations []core.Relation) string {
	var list []string
	for _, r := range relations {
		list = append(list, "'"+string(r)+"'")
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// insiders: only users have it.
func insiders(p predicate) predicate {
	return func(q *question) string {
		if !q.person.Staff() {
			return no
		}
		return p(q)
	}
}

// either holds when one of the predicates does.
func either(list ...predicate) predicate {
	return func(q *question) string {
		var all condition
		for _, p := range list {
			all.or(p(q))
		}
		return all.where()
	}
}

// participates: a place in the project that is not blocked, with a further condition.
func participates(project, further string) predicate {
	return func(q *question) string {
		return `exists (select 1 from participant m where m.project_id = ` + project + ` and m.person_id = ` + q.me() + ` and m.blocked_at = 0 and not m.guest` + further + `)`
	}
}

// inProject: the project has the person in one of the columns.
func inProject(project string, columns ...string) predicate {
	return func(q *question) string {
		var list []string
		for _, c := range columns {
			list = append(list, "o."+c+" = "+q.me())
		}
		return `exists (select 1 from project o where o.id = ` + project + ` and (` + strings.Join(list, " or ") + `))`
	}
}

// projectRelations are the facts that a task shares with its project.
func projectRelations(project string) map[access.Fact]predicate {
	owner := inProject(project, "owner_id")
	return map[access.Fact]predicate{
		access.Pown: owner,
		access.Padm: either(owner, participates(project, " and m.is_admin")),
		access.Mem:  either(owner, participates(project, "")),
		access.Pmgr: insiders(inProject(project, "client_manager_id", "responsible_id")),
	}
}

func taskFacts(task, project string) map[access.Fact]predicate {
	facts := projectRelations(project)
	// An auditor may close and delete: never an outsider, whatever a row says.
	facts[access.Aud] = insiders(either(related(task, core.Auditor), participates(project, " and m.is_auditor")))
	facts[access.Asg] = related(task, core.Assigner)
	facts[access.Ase] = related(task, core.Assignee, core.CoAssignee)
	facts[access.Ase1] = related(task, core.Assignee)
	facts[access.Par] = related(task, core.Participate)
	facts[access.Rel] = either(related(task, core.Assigner, core.Assignee, core.CoAssignee, core.Participate), facts[access.Aud])
	facts[access.Masg] = managed(task, core.Assigner)
	facts[access.Mase] = managed(task, core.Assignee, core.CoAssignee)
	facts[access.Mpar] = managed(task, core.Participate)
	facts[access.Mgr] = managed(task, core.Assigner, core.Assignee, core.CoAssignee, core.Participate)
	facts[access.Open] = func(*question) string { return `t.visibility = 'inside'` }
	facts[access.Cpy] = ofCompany
	return facts
}

// ofCompany: the task's counterparty is the contact's company; a task that
// names none has its project's, unless that hides the project from it.
func ofCompany(q *question) string {
	if !seesCompanyTasks(q.person) {
		return no
	}
	company := q.a.add(q.person.Company)
	return `(not t.no_company_access and (t.counterparty_id = ` + company + ` or t.counterparty_id = '' and exists (
		select 1 from project o where o.id = t.project_id and o.counterparty_id = ` + company + ` and not o.hidden)))`
}

func seesCompanyTasks(p *core.Person) bool {
	return p.Kind == core.ContactKind && p.CompanyTasks && p.Company != ""
}

func projectFacts() map[access.Fact]predicate {
	facts := projectRelations("j.id")
	facts[access.Aud] = insiders(participates("j.id", " and m.is_auditor"))
	facts[access.Open] = func(*question) string { return `j.visibility = 'inside'` }
	facts[access.Pcpy] = func(q *question) string {
		if q.person.Kind != core.ContactKind || q.person.Company == "" {
			return no
		}
		return `(j.counterparty_id = ` + q.a.add(q.person.Company) + ` and not j.hidden)`
	}
	facts[access.Ptask] = either(ownTaskIn, facts[access.Aud], companyTaskIn)
	return facts
}

// ownTaskIn: the person has a relation to a task of project j. It starts from
// the person, whose tasks are few, not from those of the project.
func ownTaskIn(q *question) string {
	relations := []core.Relation{core.Assigner, core.Assignee, core.CoAssignee, core.Participate}
	if q.person.Staff() {
		relations = append(relations, core.Auditor)
	}
	if q.one { // ends at the first such task; the list below is made once for all rows
		return `exists (select 1 from task_person m join task t on t.id = m.task_id
			where m.person_id = ` + q.me() + ` and t.project_id = j.id and t.deleted_at = 0 and m.relation in ` + quoted(relations) + `)`
	}
	return `j.id in (select t.project_id from task_person m join task t on t.id = m.task_id
		where m.person_id = ` + q.me() + ` and t.deleted_at = 0 and m.relation in ` + quoted(relations) + `)`
}

// companyTaskIn: project j has a task that the person sees for its company (see ofCompany).
func companyTaskIn(q *question) string {
	if !seesCompanyTasks(q.person) {
		return no
	}
	company := q.a.add(q.person.Company)
	return `(j.id in (select t.project_id from task t where t.counterparty_id = ` + company + ` and t.counterparty_id <> '' and t.deleted_at = 0 and not t.no_company_access)
		or j.counterparty_id = ` + company + ` and not j.hidden and exists (
			select 1 from activity n join task t on t.id = n.task_id where n.project_id = j.id and n.project_id <> '' and t.counterparty_id = '' and t.deleted_at = 0 and not t.no_company_access))`
}

// receiptFacts: most of what a task would answer is unknown while there is none.
func receiptFacts() map[access.Fact]predicate {
	facts := taskFacts("r.task_id", receiptProject)
	for _, f := range []access.Fact{access.Open, access.Cpy} {
		p := facts[f]
		facts[f] = func(q *question) string {
			sql := p(q)
			if sql == no {
				return no
			}
			return "coalesce(" + sql + ", false)"
		}
	}
	return facts
}

func commentFacts() map[access.Fact]predicate {
	facts := taskFacts("t.id", "t.project_id")
	facts[access.Mine] = func(q *question) string { return `k.author_id = ` + q.me() }
	facts[access.Vis] = meantFor
	return facts
}

// meantFor: the comment is not hidden and addressed to the person, or written
// by the person, or, for who sees a company's tasks, addressed to a colleague.
// Where the account shows outsiders all that is not hidden, it suffices that
// they have to do with the task (X18).
func meantFor(q *question) string {
	any := condition{}
	any.or(`k.author_id = ` + q.me())
	any.or(`exists (select 1 from comment_recipient m where m.comment_id = k.id and m.person_id = ` + q.me() + `)`)
	if seesCompanyTasks(q.person) {
		any.or(ofCompany(q) + ` and exists (select 1 from comment_recipient m join person s on s.id = m.person_id
			where m.comment_id = k.id and s.company_id = ` + q.a.add(q.person.Company) + `)`)
	}
	if !q.person.Staff() {
		mine := condition{}
		mine.or(related("t.id", core.Assigner, core.Assignee, core.CoAssignee, core.Participate)(q))
		mine.or(ofCompany(q))
		any.or(`(exists (select 1 from setting s where s.account_id = ` + q.a.add(q.person.Account) + ` and s.name = 'unhidden' and s.value = 'on') and ` + mine.where() + `)`)
	}
	return `(not k.hidden and ` + any.where() + `)`
}

// condition is alternatives put together; the zero value never holds.
type condition struct {
	always bool
	any    []string
	live   string // holds of rows that do not lie in the bin; empty where nothing does
}

func (c *condition) or(sql string) {
	switch sql {
	case yes:
		c.always = true
	case no:
	default:
		c.any = append(c.any, sql)
	}
}

func (c *condition) never() bool { return !c.always && len(c.any) == 0 }

func (c *condition) where() string {
	allowed := c.allowed()
	switch {
	case c.live == "" || allowed == no:
		return allowed
	case allowed == yes:
		return c.live
	}
	return "(" + allowed + " and " + c.live + ")"
}

// allowed is where without a look at the bin.
func (c *condition) allowed() string {
	switch {
	case c.always:
		return yes
	case len(c.any) == 0:
		return no
	case len(c.any) == 1:
		return c.any[0]
	}
	return "(" + strings.Join(c.any, " or ") + ")"
}

// compile turns a cell of the permission table into SQL. known are facts that
// need not be asked: they hold or, when not in the set, do not.
func (q *question) compile(cell access.Cell, o *object, known map[access.Fact]bool) condition {
	if cell.Always || cell.Never {
		return condition{always: cell.Always && !cell.Never}
	}
	c, mark := condition{}, q.mark()
	for _, t := range cell.Any {
		c.or(q.term(t, o, known))
		if c.always {
			q.reset(mark)
			return condition{always: true}
		}
	}
	return c
}

func (q *question) term(t access.Term, o *object, known map[access.Fact]bool) string {
	var all []string
	mark := q.mark()
	for _, l := range t {
		sql := q.literal(l, o, known)
		if sql == no {
			q.reset(mark)
			return no
		}
		if sql != yes {
			all = append(all, sql)
		}
	}
	if len(all) == 0 {
		return yes
	}
	if len(all) == 1 {
		return all[0]
	}
	return "(" + strings.Join(all, " and ") + ")"
}

func (q *question) literal(l access.Literal, o *object, known map[access.Fact]bool) string {
	sql := no // a fact that the store knows nothing of does not hold
	if holds, ok := known[l.Fact]; ok {
		sql = map[bool]string{true: yes, false: no}[holds]
	} else if p, ok := o.facts[l.Fact]; ok {
		sql = p(q)
	}
	if !l.Negated {
		return sql
	}
	switch sql {
	case yes:
		return no
	case no:
		return yes
	}
	return "not " + sql
}

// capabilityFacts tells compile which switches are on and off.
func capabilityFacts(p *core.Person) map[access.Fact]bool {
	known := make(map[access.Fact]bool)
	on := core.CapFacts(p)
	for _, f := range access.AllFacts() {
		if strings.HasPrefix(f.String(), "CAP_") {
			known[f] = on.Has(f)
		}
	}
	return known
}
