package store

import (
	"context"

	"planpost/core"
)

const (
	templateColumns = `p.id, p.account_id, p.name, p.title, p.description, p.project_id, p.assignee_id, p.participants, p.visibility, p.due_days, p.outside,
		p.created_by, p.created_at, p.updated_at`
	createTemplate = `
		insert into task_template (id, account_id, name, name_key, title, description, project_id, assignee_id, participants, visibility, due_days, outside,
			created_by, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`
	updateTemplate = `
		update task_template set name = $3, name_key = $4, title = $5, description = $6, project_id = $7, assignee_id = $8, participants = $9, visibility = $10,
			due_days = $11, outside = $12, updated_at = $13
		where account_id = $1 and id = $2`
	deleteTemplate = `delete from task_template where account_id = $1 and id = $2`
	findTemplate   = `select ` + templateColumns + ` from task_template p where p.account_id = $1 and p.id = $2`
	listTemplates  = `select ` + templateColumns + ` from task_template p where p.account_id = $1 order by p.name_key, p.id`
)

func scanTemplate(r row, t *core.TaskTemplate) error {
	return r.Scan(&t.ID, &t.Account, &t.Name, &t.Title, &t.Description, &t.Project, &t.Assignee, asJSON[core.ID]{&t.Participants}, &t.Visibility, &t.DueDays, &t.Outside,
		&t.CreatedBy, into(&t.CreatedAt), into(&t.UpdatedAt))
}

// CreateTemplate implements core.TemplateTx, as do the methods below.
func (x *tx) CreateTemplate(ctx context.Context, t *core.TaskTemplate) error {
	_, err := x.exec(ctx, createTemplate, t.ID, t.Account, text(t.Name), nameKey(t.Name), text(t.Title), text(t.Description), t.Project, t.Assignee,
		jsonOf(t.Participants), t.Visibility, t.DueDays, t.Outside, t.CreatedBy, micros(t.CreatedAt), micros(t.UpdatedAt))
	return err
}

func (x *tx) UpdateTemplate(ctx context.Context, t *core.TaskTemplate) error {
	n, err := x.exec(ctx, updateTemplate, t.Account, t.ID, text(t.Name), nameKey(t.Name), text(t.Title), text(t.Description), t.Project, t.Assignee,
		jsonOf(t.Participants), t.Visibility, t.DueDays, t.Outside, micros(t.UpdatedAt))
	return must(n, err, "template.unknown")
}

func (x *tx) DeleteTemplate(ctx context.Context, account, id core.ID) error {
	n, err := x.exec(ctx, deleteTemplate, account, id)
	return must(n, err, "template.unknown")
}

func (x *tx) FindTemplate(ctx context.Context, account, id core.ID) (core.TaskTemplate, error) {
	return find(ctx, x, "template.unknown", scanTemplate, findTemplate, account, id)
}

func (x *tx) ListTemplates(ctx context.Context, account core.ID) ([]core.TaskTemplate, error) {
	return list(ctx, x, scanTemplate, listTemplates, account)
}
