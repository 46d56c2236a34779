package store

import (
	"context"
	"time"

	"planpost/core"
)

const taskColumns = `t.id, t.account_id, t.number, t.project_id, t.title, t.description, t.status, t.due_date, t.due_time, t.visibility,
	t.counterparty_id, t.no_company_access, t.created_at, n.updated_at, t.closed_at, t.deleted_at, t.deleted_by`

const (
	selectTask = `select ` + taskColumns + ` from task t join activity n on n.task_id = t.id`
	findTask   = selectTask + ` where t.account_id = $1 and t.id = $2`
	findNumber = selectTask + ` where t.account_id = $1 and t.number = $2`
	// A read of an account that does not exist gives no row, and so no task.
	takeNumbers = `update account set next_number = next_number + $2 where id = $1 returning next_number`
	updateTask  = `
		update task set project_id = $3, title = $4, description = $5, status = $6, due_date = $7, due_time = $8, visibility = $9,
			counterparty_id = $10, no_company_access = $11, closed_at = $12
		where account_id = $1 and id = $2`
	updateActivity = `
		update activity set project_id = $3, visibility = $4, status = $5, updated_at = $6 where account_id = $1 and task_id = $2`
	taskPeople       = `select task_id, person_id, relation from task_person where task_id = $1 order by position`
	deleteTaskPeople = `delete from task_person where account_id = $1 and task_id = $2`
)

var (
	taskTable = newTable("task", "", "id key", "account_id key", "number int", "project_id key", "title text", "description text", "status text",
		"due_date text", "due_time text", "visibility text", "counterparty_id key", "no_company_access bool", "created_at int", "closed_at int")
	activityTable   = newTable("activity", "", "task_id key", "account_id key", "project_id key", "visibility text", "status text", "updated_at int")
	taskPersonTable = newTable("task_person", "", "task_id key", "person_id key", "relation text", "account_id key", "position int")
	pendingTable    = newTable("search_pending", "on conflict (object_id) do nothing", "object_id key", "kind text", "account_id key", "task_id key", "created_at int")
)

func taskFields(t *core.Task) []any {
	return []any{&t.ID, &t.Account, &t.Number, &t.Project, &t.Title, &t.Description, &t.Status, &t.DueDate, &t.DueTime, &t.Visibility,
		&t.Counterparty, &t.NoCompanyAccess, into(&t.CreatedAt), into(&t.UpdatedAt), into(&t.ClosedAt), into(&t.DeletedAt), &t.DeletedBy}
}

func scanTask(r row, t *core.Task) error { return r.Scan(taskFields(t)...) }

func taskRow(t *core.Task) []any {
	return []any{t.ID, t.Account, t.Number, t.Project, text(t.Title), text(t.Description), t.Status, t.DueDate, t.DueTime, t.Visibility,
		t.Counterparty, t.NoCompanyAccess, micros(t.CreatedAt), micros(t.ClosedAt)}
}

func activityRow(t *core.Task) []any {
	return []any{t.ID, t.Account, t.Project, t.Visibility, t.Status, micros(t.UpdatedAt)}
}

func taskPersonRows(account, task core.ID, people []core.TaskPerson) [][]any {
	rows := make([][]any, 0, len(people))
	for i, p := range people {
		rows = append(rows, []any{task, p.Person, string(p.Relation), account, i})
	}
	return rows
}

// Kinds of pending texts. One that was changed may be in the index as it was before.
const (
	commentNew     = "c"
	commentChanged = "C"
	taskNew        = "t"
	taskChanged    = "T"
)

func pendingRow(kind string, account, task, object core.ID, at time.Time) []any {
	return []any{object, kind, account, task, micros(at)}
}

// CreateTask writes the task with its people and gives it its number.
func (x *tx) CreateTask(ctx context.Context, t *core.Task) error {
	next, err := x.takeNumbers(ctx, t.Account, 1)
	if err != nil {
		return err
	}
	t.Number = next
	return x.writeTasks(ctx, []*core.Task{t})
}

// takeNumbers gives the first of n numbers that nobody else gets.
func (x *tx) takeNumbers(ctx context.Context, account core.ID, n int) (int64, error) {
	var next int64
	err := x.returning(ctx, func(r row) error { return r.Scan(&next) }, takeNumbers, account, n)
	if err == nil && next == 0 {
		return 0, core.Fail(core.NotFound, "account.unknown")
	}
	return next - int64(n), err
}

func (x *tx) writeTasks(ctx context.Context, tasks []*core.Task) error {
	var rows, activity, people, pending [][]any
	for _, t := range tasks {
		rows = append(rows, taskRow(t))
		activity = append(activity, activityRow(t))
		people = append(people, taskPersonRows(t.Account, t.ID, t.People)...)
		pending = append(pending, pendingRow(taskNew, t.Account, t.ID, t.ID, t.UpdatedAt))
	}
	return x.insertAll(ctx, []bulk{{taskTable, rows}, {activityTable, activity}, {taskPersonTable, people}, {pendingTable, pending}})
}

func (x *tx) UpdateTask(ctx context.Context, t *core.Task) error {
	n, err := x.exec(ctx, updateTask, t.Account, t.ID, t.Project, text(t.Title), text(t.Description), t.Status, t.DueDate, t.DueTime, t.Visibility,
		t.Counterparty, t.NoCompanyAccess, micros(t.ClosedAt))
	if err := must(n, err, "task.unknown"); err != nil {
		return err
	}
	if _, err := x.exec(ctx, updateActivity, t.Account, t.ID, t.Project, t.Visibility, t.Status, micros(t.UpdatedAt)); err != nil {
		return err
	}
	return x.insert(ctx, pendingTable, pendingRow(taskChanged, t.Account, t.ID, t.ID, t.UpdatedAt))
}

func (x *tx) SetTaskPeople(ctx context.Context, account, task core.ID, people []core.TaskPerson) error {
	if _, err := x.exec(ctx, deleteTaskPeople, account, task); err != nil {
		return err
	}
	return x.insert(ctx, taskPersonTable, taskPersonRows(account, task, people)...)
}

func (x *tx) FindTask(ctx context.Context, account, id core.ID) (core.Task, error) {
	t, err := find(ctx, x, "task.unknown", scanTask, findTask, account, id)
	if err != nil {
		return t, err
	}
	return t, x.fillPeople(ctx, &t)
}

func (x *tx) FindTaskByNumber(ctx context.Context, account core.ID, number int64) (core.Task, error) {
	t, err := find(ctx, x, "task.unknown", scanTask, findNumber, account, number)
	if err != nil {
		return t, err
	}
	return t, x.fillPeople(ctx, &t)
}

func (x *tx) fillPeople(ctx context.Context, t *core.Task) error {
	return x.each(ctx, func(r row) error { return scanTaskPerson(r, t) }, taskPeople, t.ID)
}

func scanTaskPerson(r row, t *core.Task) error {
	var id core.ID
	var p core.TaskPerson
	err := r.Scan(&id, &p.Person, &p.Relation)
	t.People = append(t.People, p)
	return err
}
