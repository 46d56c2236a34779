package store

import (
	"context"
	"strings"

	"planpost/core"
	"planpost/core/access"
)

// rights compiles what the viewer may do with rows of a kind. It is never
// when there is nothing; a cell that is always true leaves the account alone.
func (x *tx) rights(ctx context.Context, a *args, v core.Viewer, action access.Action, o *object) (condition, error) {
	live, err := x.live(ctx, a, v.Account, o)
	if err != nil {
		return condition{}, err
	}
	if v.All {
		return condition{always: true, live: live}, nil
	}
	if !v.Person.BlockedAt.IsZero() || v.Person.Account != v.Account {
		return condition{}, nil
	}
	cell, ok := access.CellOf(action, v.Person.Subject())
	if !ok {
		return condition{}, nil
	}
	q := &question{a: a, person: &v.Person}
	known := capabilityFacts(&v.Person)
	if v.Link != "" {
		known[access.Lnk] = true
	}
	c := q.compile(cell, o, known)
	if v.Link != "" {
		c = q.carried(c, action, o, known, v.Link)
	}
	c.live = live
	if c.never() || o.project == "" {
		return c, nil
	}
	blocked, err := x.blockedSomewhere(ctx, &v.Person)
	if err != nil || !blocked {
		return c, err
	}
	c.live = ""
	return condition{any: []string{"(" + c.where() + " and not " + q.blockedIn(o.project) + ")"}, live: live}, nil
}

// carried narrows what the person may see to what a link carries of it: the one task, its comments and visits, or plans.
func (q *question) carried(own condition, action access.Action, o *object, known map[access.Fact]bool, task core.ID) condition {
	cell, _ := access.CellOf(action, access.Stranger)
	link := q.compile(cell, o, known)
	if own.never() || link.never() || o == &onProject {
		return condition{}
	}
	if o.id == onPlan.id {
		return condition{any: []string{"(" + q.carriedPlans(task) + " and " + own.allowed() + " and " + link.allowed() + ")"}}
	}
	return condition{any: []string{"(t.id = " + q.a.add(task) + " and " + own.allowed() + " and " + link.allowed() + ")"}}
}

const countBlocks = `select count(*) from participant where person_id = $1 and blocked_at <> 0`

// blockedSomewhere is asked once for a list, so that the many who are blocked
// nowhere pay nothing a row.
func (x *tx) blockedSomewhere(ctx context.Context, p *core.Person) (bool, error) {
	n, err := x.count(ctx, countBlocks, p.ID)
	return n > 0, err
}

// blockedIn: the person is blocked in the project. Its owner cannot be.
func (q *question) blockedIn(project string) string {
	if project == "" { // the object belongs to none
		return no
	}
	return `exists (select 1 from participant b join project o on o.id = b.project_id
		where b.project_id = ` + project + ` and b.person_id = ` + q.me() + ` and b.blocked_at <> 0 and o.owner_id <> b.person_id)`
}

// facts reads all facts of a kind for one row in one query, and whether the person is blocked there.
func (x *tx) facts(ctx context.Context, p *core.Person, o *object, id core.ID, code string) (access.Facts, bool, error) {
	q, order := factQuery(p, o, id)
	holds := make([]bool, len(order)+2)
	dest := make([]any, len(holds))
	for i := range holds {
		dest[i] = &holds[i]
	}
	_, ok, err := lookup(ctx, x, func(r row, _ *struct{}) error { return r.Scan(dest...) }, q.text, q.values...)
	if err != nil {
		return 0, false, err
	}
	if !ok {
		return 0, false, core.Fail(core.NotFound, code)
	}
	facts := core.CapFacts(p)
	for i, f := range order {
		facts = facts.When(holds[i], f)
	}
	facts = facts.WhenInBin(holds[len(order)+1])
	return facts.Closed(), holds[len(order)] || !p.BlockedAt.IsZero(), nil
}

// statement is one with its values.
type statement struct {
	text   string
	values []any
}

func factQuery(p *core.Person, o *object, id core.ID) (statement, []access.Fact) {
	a := &args{}
	q := &question{a: a, person: p, one: true}
	asked := make([]access.Fact, 0, len(o.facts))
	columns := make([]string, 0, len(o.facts)+2)
	for _, f := range access.AllFacts() { // in one order: the text is prepared once
		ask, ok := o.facts[f]
		if !ok {
			continue
		}
		if sql := ask(q); sql != no {
			asked = append(asked, f)
			columns = append(columns, sql)
		}
	}
	columns = append(columns, q.blockedIn(o.project), o.bin)
	text := `select ` + strings.Join(columns, ", ") + ` from ` + o.from + ` where ` + o.id + ` = ` + a.add(id) + ` and ` + o.account + ` = ` + a.add(p.Account)
	return statement{text, a.values}, asked
}

// TaskFacts: NotFound "task.unknown" when the person's account has no such task; the others likewise.
func (x *tx) TaskFacts(ctx context.Context, p *core.Person, task core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onTask, task, "task.unknown")
}

// ProjectFacts implements core.FactTx.
func (x *tx) ProjectFacts(ctx context.Context, p *core.Person, project core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onProject, project, "project.unknown")
}

// CommentFacts implements core.FactTx.
func (x *tx) CommentFacts(ctx context.Context, p *core.Person, comment core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onComment, comment, "comment.unknown")
}

// ReceiptFacts implements core.FactTx.
func (x *tx) ReceiptFacts(ctx context.Context, p *core.Person, receipt core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onReceipt, receipt, "receipt.unknown")
}
