package store

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

// People and companies as objects. Neither belongs to a project.
var (
	onPerson  = object{"person s", "s.id", "s.account_id", "", `(s.kind <> 'user' and s.deleted_at <> 0)`, withDelBy("s", personFacts())}
	onCompany = object{"company f", "f.id", "f.account_id", "", `f.deleted_at <> 0`, withDelBy("f", companyFacts())}
)

func personFacts() map[access.Fact]predicate {
	return map[access.Fact]predicate{
		access.Self: func(q *question) string { return `s.id = ` + q.me() },
		access.Mine: func(q *question) string { return `s.created_by = ` + q.me() },
		access.Open: func(*question) string { return `s.visibility = '` + core.VisibleInside + `'` },
		access.Rel:  worksWith,
	}
}

// worksWith: the person is inside and made the other's card, or both have a
// relation to a task, or a place in a project; what lies in the bin brings
// nobody together. The lists start from the person, who has few of them.
var worksWith = insiders(func(q *question) string {
	me := q.me()
	mine := `select m.person_id from task_person w join task_person m on m.task_id = w.task_id join task t on t.id = w.task_id
		where w.person_id = ` + me + ` and not ` + binOfTask
	there := `select m.person_id from participant m join project j on j.id = m.project_id
		where not m.guest and j.deleted_at = 0 and (` + me + ` in (j.owner_id, j.client_manager_id, j.responsible_id)
			or exists (select 1 from participant w where w.project_id = j.id and w.person_id = ` + me + ` and w.blocked_at = 0 and not w.guest))`
	if q.one { // ends at the first; in lists they are made once for all rows
		return `(s.created_by = ` + me + ` or exists (` + mine + ` and m.person_id = s.id) or exists (` + there + ` and m.person_id = s.id))`
	}
	return `(s.created_by = ` + me + ` or s.id in (` + mine + `) or s.id in (` + there + `))`
})

// companyFacts: a firm is known to all who may see contacts; one works with it
// who made it or works with somebody of it.
func companyFacts() map[access.Fact]predicate {
	return map[access.Fact]predicate{
		access.Mine: func(q *question) string { return `f.created_by = ` + q.me() },
		access.Open: func(*question) string { return yes },
		access.Rel: insiders(func(q *question) string {
			return `(f.created_by = ` + q.me() + ` or exists (select 1 from person s where s.company_id = f.id and s.deleted_at = 0 and ` + worksWith(q) + `))`
		}),
	}
}

// seesPeople is the condition under which the viewer may know of person s:
// those inside by user.view, the others by contact.view.
func (x *tx) seesPeople(ctx context.Context, a *args, v core.Viewer) (string, error) {
	inside, err := x.rights(ctx, a, v, "user.view", &onPerson)
	if err != nil {
		return "", err
	}
	outside, err := x.rights(ctx, a, v, "contact.view", &onPerson)
	if err != nil {
		return "", err
	}
	if inside.always && outside.always {
		return yes, nil
	}
	return `case when s.kind = 'user' then ` + inside.where() + ` else ` + outside.where() + ` end`, nil
}

// PersonFacts implements core.FactTx.
func (x *tx) PersonFacts(ctx context.Context, p *core.Person, person core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onPerson, person, "person.unknown")
}

// CompanyFacts implements core.FactTx.
func (x *tx) CompanyFacts(ctx context.Context, p *core.Person, company core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onCompany, company, "company.unknown")
}
