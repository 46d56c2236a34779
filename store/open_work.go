package store

import (
	"context"
	"slices"

	"planpost/core"
)

const (
	openTasksOf = `
		select r.relation, t.id, t.number, t.title, coalesce(j.name, ''), t.due_date
		from task_person r join activity n on n.task_id = r.task_id join task t on t.id = r.task_id left join project j on j.id = t.project_id
		where r.account_id = $1 and r.person_id = $2 and r.relation <> 'assigner' and n.status in ('new', 'working', 'waiting')
		order by t.number`
	openVisitsOf = `
		select 'visit', v.id, t.number, t.title, coalesce(j.name, ''), v.day
		from visit v join task t on t.id = v.task_id left join project j on j.id = t.project_id
		where v.account_id = $1 and v.person_id = $2 and v.state = 'planned' and not ` + binOfTask + ` order by v.day, v.from_time, v.id`
	openPostsOf = `
		select 'projectowner', j.id, j.name from project j where j.account_id = $1 and j.owner_id = $2 and j.closed_at = 0
		union all select 'clientmanager', j.id, j.name from project j where j.account_id = $1 and j.client_manager_id = $2 and j.closed_at = 0
		union all select 'responsible', j.id, j.name from project j where j.account_id = $1 and j.responsible_id = $2 and j.closed_at = 0
		union all select 'member', j.id, j.name from participant m join project j on j.id = m.project_id
			where m.account_id = $1 and m.person_id = $2 and m.blocked_at = 0 and j.owner_id <> $2 and j.closed_at = 0
		union all select 'intake', s.account_id, coalesce((select n.value from setting n where n.account_id = $1 and n.name = 'name'), '')
			from setting s where s.account_id = $1 and s.name = 'intake' and s.value = $2
		union all select 'deputy', p.id, p.name from person p where p.account_id = $1 and p.deputy_id = $2 and p.status in ('active', 'pending')
		union all select 'team', p.id, p.name from person p where p.account_id = $1 and p.manager_id = $2 and p.status in ('active', 'pending')`
	countAdmins = `
		select count(*) from person where account_id = $1 and id <> $2 and kind = 'user' and role in ('owner', 'admin') and status = 'active' and blocked_at = 0`
	freeAddresses = `delete from address where account_id = $1 and person_id = $2`
)

func (x *tx) OpenWorkOf(ctx context.Context, account, person core.ID) ([]core.OpenWork, error) {
	scan := func(r row, w *core.OpenWork) error {
		return r.Scan(&w.Kind, &w.Object, &w.Number, &w.Title, &w.Project, &w.Due)
	}
	all, err := list(ctx, x, scan, openTasksOf, account, person)
	if err != nil {
		return nil, err
	}
	visits, err := list(ctx, x, scan, openVisitsOf, account, person)
	if err != nil {
		return nil, err
	}
	all = append(all, visits...)
	posts, err := list(ctx, x, func(r row, w *core.OpenWork) error { return r.Scan(&w.Kind, &w.Object, &w.Title) }, openPostsOf, account, person)
	all = append(all, posts...)
	slices.SortStableFunc(all, func(a, b core.OpenWork) int {
		return slices.Index(core.WorkKinds[:], a.Kind) - slices.Index(core.WorkKinds[:], b.Kind)
	})
	return all, err
}

func (x *tx) CountAdministrators(ctx context.Context, account, but core.ID) (int, error) {
	n, err := x.count(ctx, countAdmins, account, but)
	return int(n), err
}

// FreeAddresses lets others have a person's addresses.
func (x *tx) FreeAddresses(ctx context.Context, account, person core.ID) error {
	_, err := x.exec(ctx, freeAddresses, account, person)
	return err
}

const teamOf = selectPeople + ` where p.account_id = $1 and p.manager_id = $2 and p.manager_id <> '' and p.status in ('active', 'pending')
	order by p.name_key, p.id, a.is_primary desc, a.id`

func (x *tx) TeamOf(ctx context.Context, account, manager core.ID) ([]core.Person, error) {
	return x.people(ctx, teamOf, account, manager)
}
