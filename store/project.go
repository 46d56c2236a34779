package store

import (
	"context"
	"strings"

	"planpost/core"
)

const projectColumns = `j.id, j.account_id, j.name, j.owner_id, j.counterparty_id, j.hidden, j.client_manager_id, j.responsible_id,
	j.visibility, j.inbound, j.no_sending, j.reply_approves, j.link_days, j.created_at, j.closed_at, j.deleted_at, j.deleted_by`

const (
	createProject = `
		insert into project (id, account_id, name, name_key, owner_id, counterparty_id, hidden, client_manager_id, responsible_id,
			visibility, inbound, inbound_key, created_at, closed_at, no_sending, reply_approves, link_days)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		on conflict (inbound_key) where inbound_key <> '' do nothing`
	updateProject = `
		update project set name = $3, name_key = $4, owner_id = $5, counterparty_id = $6, hidden = $7, client_manager_id = $8,
			responsible_id = $9, visibility = $10, inbound = $11, inbound_key = $12, closed_at = $13,
			no_sending = $14, reply_approves = $15, link_days = $16
		where account_id = $1 and id = $2`
	findProject          = `select ` + projectColumns + ` from project j where j.account_id = $1 and j.id = $2`
	findProjectByInbound = `select ` + projectColumns + ` from project j where j.inbound_key = $1 and j.inbound_key <> ''`
	setParticipant       = `
		insert into participant (project_id, person_id, account_id, is_admin, is_auditor, trade_role, approves, guest, blocked_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (project_id, person_id) do update
		set is_admin = excluded.is_admin, is_auditor = excluded.is_auditor, trade_role = excluded.trade_role,
			approves = excluded.approves, guest = excluded.guest, blocked_at = excluded.blocked_at`
	participantColumns = `account_id, project_id, person_id, is_admin, is_auditor, trade_role, approves, guest, blocked_at`
	listParticipants   = `select ` + participantColumns + ` from participant where account_id = $1 and project_id = $2 order by person_id`
	findParticipant    = `select ` + participantColumns + ` from participant where account_id = $1 and project_id = $2 and person_id = $3`
)

func projectFields(p *core.Project) []any {
	return []any{&p.ID, &p.Account, &p.Name, &p.Owner, &p.Counterparty, &p.Hidden, &p.ClientManager, &p.Responsible,
		&p.Visibility, &p.Inbound, &p.NoSending, &p.ReplyApproves, &p.LinkDays, into(&p.CreatedAt), into(&p.ClosedAt), into(&p.DeletedAt), &p.DeletedBy}
}

func scanProject(r row, p *core.Project) error { return r.Scan(projectFields(p)...) }

// CreateProject: Conflict "project.inbound_taken" when another project has the inbound address.
func (x *tx) CreateProject(ctx context.Context, p *core.Project) error {
	name := text(p.Name)
	n, err := x.exec(ctx, createProject, p.ID, p.Account, name, nameKey(name), p.Owner, p.Counterparty, p.Hidden, p.ClientManager, p.Responsible,
		p.Visibility, p.Inbound, strings.ToLower(p.Inbound), micros(p.CreatedAt), micros(p.ClosedAt), p.NoSending, p.ReplyApproves, p.LinkDays)
	return conflict(n, err, "project.inbound_taken")
}

func (x *tx) UpdateProject(ctx context.Context, p *core.Project) error {
	name := text(p.Name)
	n, err := x.exec(ctx, updateProject, p.Account, p.ID, name, nameKey(name), p.Owner, p.Counterparty, p.Hidden, p.ClientManager, p.Responsible,
		p.Visibility, p.Inbound, strings.ToLower(p.Inbound), micros(p.ClosedAt), p.NoSending, p.ReplyApproves, p.LinkDays)
	return must(n, err, "project.unknown")
}

func (x *tx) FindProject(ctx context.Context, account, id core.ID) (core.Project, error) {
	return find(ctx, x, "project.unknown", scanProject, findProject, account, id)
}

func (x *tx) FindProjectByInbound(ctx context.Context, local string) (core.Project, error) {
	return find(ctx, x, "project.unknown", scanProject, findProjectByInbound, strings.ToLower(text(local)))
}

func (x *tx) SetParticipant(ctx context.Context, p *core.Participant) error {
	_, err := x.exec(ctx, setParticipant, p.Project, p.Person, p.Account, p.Admin, p.Auditor, text(p.TradeRole), p.Approves, p.Guest, micros(p.BlockedAt))
	return err
}

func (x *tx) ListParticipants(ctx context.Context, account, project core.ID) ([]core.Participant, error) {
	return list(ctx, x, scanParticipant, listParticipants, account, project)
}

func scanParticipant(r row, p *core.Participant) error {
	return r.Scan(&p.Account, &p.Project, &p.Person, &p.Admin, &p.Auditor, &p.TradeRole, &p.Approves, &p.Guest, into(&p.BlockedAt))
}

// ListProjects asks the rights of each project; an account has few.
func (x *tx) ListProjects(ctx context.Context, v core.Viewer, after string, afterID core.ID, n int) ([]core.ProjectItem, error) {
	return x.listProjects(ctx, v, n, func(a *args) string {
		if afterID == "" {
			return ``
		}
		return ` and (j.name_key, j.id) > (` + a.add(nameKey(after)) + `, ` + a.add(afterID) + `)`
	})
}

// ListProjectNames implements core.ProjectTx.
func (x *tx) ListProjectNames(ctx context.Context, v core.Viewer, n int) ([]core.Project, error) {
	a := args{}
	allowed, err := x.rights(ctx, &a, v, "project.view", &onProject)
	if err != nil || allowed.never() {
		return nil, err
	}
	q := `select j.id, j.name from project j where j.account_id = ` + a.add(v.Account) + ` and ` + allowed.where() + ` order by j.name_key, j.id limit ` + upTo(limit(n, 100))
	return list(ctx, x, func(r row, p *core.Project) error { return r.Scan(&p.ID, &p.Name) }, q, a.values...)
}

// ListProjectsOf implements core.ProjectTx.
func (x *tx) ListProjectsOf(ctx context.Context, v core.Viewer, counterparty core.ID, n int) ([]core.ProjectItem, error) {
	return x.listProjects(ctx, v, n, func(a *args) string {
		if counterparty == "" {
			return ` and j.counterparty_id = '' and j.closed_at = 0`
		}
		return ` and j.counterparty_id = ` + a.add(counterparty)
	})
}

func (x *tx) listProjects(ctx context.Context, v core.Viewer, n int, narrow func(*args) string) ([]core.ProjectItem, error) {
	a := args{}
	allowed, err := x.rights(ctx, &a, v, "project.view", &onProject)
	if err != nil || allowed.never() {
		return nil, err
	}
	tasks, err := x.openTasks(ctx, &a, v)
	if err != nil {
		return nil, err
	}
	where := `j.account_id = ` + a.add(v.Account) + ` and ` + allowed.where() + narrow(&a)
	q := `select ` + projectColumns + `, coalesce(c.name, ''), ` + tasks + `
		from project j left join company c on c.id = j.counterparty_id
		where ` + where + ` order by j.name_key, j.id limit ` + upTo(limit(n, 100))
	return list(ctx, x, func(r row, i *core.ProjectItem) error {
		return r.Scan(append(projectFields(&i.Project), &i.CounterpartyName, &i.OpenTasks)...)
	}, q, a.values...)
}

const countOpenTasks = `(select count(*) from activity n where n.project_id = j.id and n.project_id <> '' and n.status in ('new', 'working', 'waiting'))
			- (select count(*) from task t where t.account_id = j.account_id and t.deleted_at <> 0 and t.project_id = j.id and t.status in ('new', 'working', 'waiting'))`

// openTasks counts a project's open tasks: all of them for those inside; people
// from outside must not learn how many there are besides their own.
func (x *tx) openTasks(ctx context.Context, a *args, v core.Viewer) (string, error) {
	if v.All || v.Person.Staff() {
		return countOpenTasks, nil
	}
	allowed, err := x.rights(ctx, a, v, "task.view", &onTask)
	if err != nil || allowed.never() {
		return `0`, err
	}
	return `(select count(*) from task t where t.account_id = j.account_id and t.project_id = j.id and t.status in ('new', 'working', 'waiting') and ` + allowed.where() + `)`, nil
}

// FirstProject implements core.ProjectTx: ids are in the order in which they were made.
func (x *tx) FirstProject(ctx context.Context, v core.Viewer) (core.ID, error) {
	a := args{}
	allowed, err := x.rights(ctx, &a, v, "project.view", &onProject)
	if err != nil || allowed.never() {
		return "", err
	}
	q := `select j.id from project j where j.account_id = ` + a.add(v.Account) + ` and j.closed_at = 0 and ` + allowed.where() + ` order by j.id limit 1`
	id, _, err := lookup(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, q, a.values...)
	return id, err
}
