package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	versionColumns = `pv.id, pv.account_id, pv.plan_id, pv.idx, pv.position, pv.state, pv.author_id, pv.uploaded_by, pv.note, pv.approval, pv.created_at, pv.current_at, pv.ended_at, pv.ended_by`
	createVersion  = `
		insert into plan_version (id, account_id, plan_id, idx, idx_norm, position, state, author_id, uploaded_by, note, approval, created_at, current_at, ended_at, ended_by)
		values ($1, $2, $3, $4, $5, (select coalesce(max(position), 0) + 1 from plan_version where plan_id = $3), $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict do nothing returning position`
	indexThere  = `select count(*) from plan_version where plan_id = $1 and idx_norm = $2`
	moveVersion = `
		update plan_version set state = $3, current_at = $4, ended_at = $5, ended_by = $6
		where account_id = $1 and id = $2 and state = $7`
	editVersion  = `update plan_version set author_id = $3, note = $4 where account_id = $1 and id = $2`
	findVersion  = `select ` + versionColumns + ` from plan_version pv where pv.account_id = $1 and pv.id = $2`
	listVersions = `select ` + versionColumns + ` from plan_version pv where pv.account_id = $1 and pv.plan_id = $2 order by pv.position desc`

	versionsToRemind = `select ` + versionColumns + ` from plan_version pv
		where pv.state = 'current' and pv.position > 1 and pv.reminded < 3 and pv.current_at <= $1 and pv.reminded = $2 order by pv.current_at limit $3`
	markReminded = `update plan_version set reminded = $3 where account_id = $1 and id = $2`

	planFileColumns = `id, account_id, version_id, position, name, type, class, size, hash, pages, width, height`
	findPlanFile    = `select ` + planFileColumns + ` from plan_file where account_id = $1 and id = $2`
)

var planFileTable = newTable("plan_file", "", "id key", "account_id key", "version_id key", "position int", "name text", "type text", "class text", "size int", "hash key",
	"pages int", "width int", "height int")

func versionFields(v *core.Version) []any {
	return []any{&v.ID, &v.Account, &v.Plan, &v.Index, &v.Position, &v.State, &v.Author, &v.UploadedBy, &v.Note, &v.Approval, into(&v.CreatedAt), into(&v.CurrentAt), into(&v.EndedAt), &v.EndedBy}
}

func scanVersion(r row, v *core.Version) error { return r.Scan(versionFields(v)...) }

func planFileRow(f *core.PlanFile) []any {
	return []any{f.ID, f.Account, f.Version, f.Position, text(f.Name), text(f.Type), string(f.Class), f.Size, f.Hash, f.Pages, f.Width, f.Height}
}

func scanPlanFile(r row, f *core.PlanFile) error {
	return r.Scan(&f.ID, &f.Account, &f.Version, &f.Position, &f.Name, &f.Type, &f.Class, &f.Size, &f.Hash, &f.Pages, &f.Width, &f.Height)
}

// CreateVersion implements core.PlanTx, as do the methods below. Two uploads of
// the same index at once end in one version and one conflict.
func (x *tx) CreateVersion(ctx context.Context, v *core.Version, files []core.PlanFile) error {
	position := 0
	err := x.returning(ctx, func(r row) error { return r.Scan(&position) }, createVersion, v.ID, v.Account, v.Plan, text(v.Index), numberNorm(v.Index),
		string(v.State), v.Author, v.UploadedBy, text(v.Note), v.Approval, micros(v.CreatedAt), micros(v.CurrentAt), micros(v.EndedAt), v.EndedBy)
	if err != nil {
		return err
	}
	if position == 0 {
		n, err := x.count(ctx, indexThere, v.Plan, numberNorm(v.Index))
		if err == nil && n > 0 {
			return core.Fail(core.Conflict, "version.index_taken", "index", v.Index)
		}
		return firstOf(err, core.Fail(core.Conflict, "version.exists"))
	}
	v.Position = position
	var rows [][]any
	for i := range files {
		rows = append(rows, planFileRow(&files[i]))
	}
	return x.insert(ctx, planFileTable, rows...)
}

func (x *tx) MoveVersion(ctx context.Context, v *core.Version, was core.VersionState) error {
	n, err := x.exec(ctx, moveVersion, v.Account, v.ID, string(v.State), micros(v.CurrentAt), micros(v.EndedAt), v.EndedBy, string(was))
	if uniqueViolation(err) { // another became current, or came into review, at the same time
		return core.Fail(core.Conflict, "version.changed")
	}
	return conflict(n, err, "version.changed")
}

func (x *tx) EditVersion(ctx context.Context, v *core.Version) error {
	n, err := x.exec(ctx, editVersion, v.Account, v.ID, v.Author, text(v.Note))
	return must(n, err, "version.unknown")
}

func (x *tx) FindVersion(ctx context.Context, account, id core.ID) (core.Version, error) {
	return find(ctx, x, "version.unknown", scanVersion, findVersion, account, id)
}

func (x *tx) ListVersions(ctx context.Context, account, plan core.ID) ([]core.Version, error) {
	return list(ctx, x, scanVersion, listVersions, account, plan)
}

func (x *tx) FindPlanFile(ctx context.Context, account, id core.ID) (core.PlanFile, error) {
	return find(ctx, x, "plan.file_unknown", scanPlanFile, findPlanFile, account, id)
}

func (x *tx) ListPlanFiles(ctx context.Context, account core.ID, versions ...core.ID) ([]core.PlanFile, error) {
	if len(versions) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select ` + planFileColumns + ` from plan_file where account_id = ` + a.add(account) + ` and version_id in ` + a.in(versions) + ` order by version_id, position, id`
	return list(ctx, x, scanPlanFile, q, a.values...)
}

func (x *tx) VersionsToRemind(ctx context.Context, step int, at time.Time, limit int) ([]core.Version, error) {
	return list(ctx, x, scanVersion, versionsToRemind, micros(at), step, limit)
}

func (x *tx) MarkReminded(ctx context.Context, account, id core.ID, step int) error {
	_, err := x.exec(ctx, markReminded, account, id, step)
	return err
}
