package store

import (
	"context"
	"time"

	"planpost/core"
)

// within narrows links and mails to one project or task; everything when both are empty.
func within(a *args, f core.EndFilter, object string) string {
	sql := ``
	if f.Project != "" {
		p := a.add(f.Project)
		sql += ` and (` + object + ` = ` + p + ` or exists (select 1 from task w where w.id = ` + object + ` and w.project_id = ` + p + `)
			or exists (select 1 from transmittal w where w.id = ` + object + ` and w.project_id = ` + p + `)
			or exists (select 1 from approval w where w.id = ` + object + ` and w.project_id = ` + p + `))`
	}
	if f.Task != "" {
		sql += ` and ` + object + ` = ` + a.add(f.Task)
	}
	return sql
}

// EndLinks ends the live links the filter names and raises their generation:
// the row alone would do, but a copy of it from before must not open anything.
func (x *tx) EndLinks(ctx context.Context, f core.EndFilter, reason string, at time.Time) (int, error) {
	a := args{}
	q := `update link set revoked_at = ` + a.add(micros(at)) + `, revoke_reason = ` + a.add(reason) + `, generation = generation + 1
		where revoked_at = 0 and account_id = ` + a.add(f.Account)
	if f.Person != "" {
		q += ` and person_id = ` + a.add(f.Person)
	}
	if f.CreatedBy != "" {
		q += ` and created_by <> '' and created_by = ` + a.add(f.CreatedBy)
	}
	n, err := x.exec(ctx, q+within(&a, f, "object_id"), a.values...)
	return int(n), err
}

// EndDeliveries cancels the mails that wait. One that is being sent this
// moment asks the rights once more itself.
func (x *tx) EndDeliveries(ctx context.Context, f core.EndFilter, reason string, at time.Time) (int, error) {
	a := args{}
	q := `update delivery set state = 'cancelled', done_at = ` + a.add(micros(at)) + `, reason = ` + a.add(reason) + `, gather = false, lease_until = 0, lease_token = ''
		where done_at = 0 and lease_until <= ` + a.add(micros(at)) + ` and account_id = ` + a.add(f.Account)
	if f.Person != "" {
		q += ` and person_id = ` + a.add(f.Person)
	}
	// The mail of a link is about what the link opens.
	about := `case when task_id <> '' or link_id = '' then task_id else (select l.object_id from link l where l.id = delivery.link_id) end`
	n, err := x.exec(ctx, q+within(&a, f, about), a.values...)
	return int(n), err
}

func (x *tx) DeleteParticipant(ctx context.Context, account, project, person core.ID) error {
	n, err := x.exec(ctx, `delete from participant where account_id = $1 and project_id = $2 and person_id = $3`, account, project, person)
	return must(n, err, "participant.unknown")
}

func (x *tx) FindParticipant(ctx context.Context, account, project, person core.ID) (core.Participant, bool, error) {
	return lookup(ctx, x, scanParticipant, findParticipant, account, project, person)
}

// OutsidersOf lists contacts of the companies, for a look at what they would see.
func (x *tx) OutsidersOf(ctx context.Context, account core.ID, companies []core.ID, n int) ([]core.Person, error) {
	if len(companies) == 0 {
		return nil, nil
	}
	a := args{}
	q := selectPeople + ` where p.id in (select l.id from person l where l.account_id = ` + a.add(account) + ` and l.kind = 'contact' and l.deleted_at = 0 and l.company_id in ` +
		a.in(companies) + ` order by l.name_key, l.id limit ` + upTo(n) + `) order by p.name_key, p.id, a.is_primary desc, a.id`
	return x.people(ctx, q, a.values...)
}

// SeersOf lists all who may see all tasks of a company (see seesCompanyTasks).
func (x *tx) SeersOf(ctx context.Context, account, company core.ID) ([]core.Person, error) {
	return x.people(ctx, selectPeople+` where p.account_id = $1 and p.company_id = $2 and p.company_id <> '' and p.kind <> 'user' and p.company_tasks and p.deleted_at = 0
		order by p.name_key, p.id, a.is_primary desc, a.id`, account, company)
}

// CompanyHasWork tells whether there is a project or task that the company's
// contacts see as its counterparty (facts PCPY and CPY). A task of its own counts
// in a hidden project too; one that names no company has its project's.
func (x *tx) CompanyHasWork(ctx context.Context, account, company core.ID) (bool, error) {
	n, err := x.count(ctx, `select count(*) where exists (
			select 1 from project where counterparty_id = $2 and counterparty_id <> '' and account_id = $1 and deleted_at = 0 and not hidden)
		or exists (
			select 1 from task t left join project j on j.id = t.project_id
			where t.counterparty_id = $2 and t.counterparty_id <> '' and t.account_id = $1 and t.deleted_at = 0 and not t.no_company_access and coalesce(j.deleted_at, 0) = 0)`, account, company)
	return n > 0, err
}
