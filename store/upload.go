package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	uploadColumns = `id, account_id, project_id, person_id, purpose, name, type, size, received, digest_state, done_hash, mark, pages, width, height, created_at, touched_at`
	findUpload    = `select ` + uploadColumns + ` from upload where account_id = $1 and id = $2`
	listUploads   = `select ` + uploadColumns + ` from upload where account_id = $1 and person_id = $2 and project_id = $3 order by id`
	advanceUpload = `update upload set received = $3, digest_state = $4, done_hash = $5, touched_at = $6, size = $7, pages = $8, width = $9, height = $10
		where account_id = $1 and id = $2 and received = $11 and done_hash = ''`
	deleteUpload = `delete from upload where account_id = $1 and id = $2`
	staleUploads = `select ` + uploadColumns + ` from upload where touched_at < $1 order by touched_at limit $2`
)

var uploadTable = newTable("upload", "", "id key", "account_id key", "project_id key", "person_id key", "purpose text", "name text", "type text", "size int", "received int",
	"digest_state bytes", "done_hash key", "mark text", "pages int", "width int", "height int", "created_at int", "touched_at int")

func scanUpload(r row, u *core.StagedUpload) error {
	return r.Scan(&u.ID, &u.Account, &u.Project, &u.Person, &u.Purpose, &u.Name, &u.Type, &u.Size, &u.Received, &u.DigestState, &u.DoneHash, &u.Mark, &u.Pages, &u.Width, &u.Height, into(&u.CreatedAt), into(&u.TouchedAt))
}

// CreateUpload implements core.UploadTx, as do the methods below.
func (x *tx) CreateUpload(ctx context.Context, u *core.StagedUpload) error {
	return x.insert(ctx, uploadTable, []any{u.ID, u.Account, u.Project, u.Person, u.Purpose, text(u.Name), text(u.Type), u.Size, u.Received, bytesOf(u.DigestState), u.DoneHash,
		text(u.Mark), u.Pages, u.Width, u.Height, micros(u.CreatedAt), micros(u.TouchedAt)})
}

func (x *tx) FindUpload(ctx context.Context, account, id core.ID) (core.StagedUpload, error) {
	return find(ctx, x, "upload.unknown", scanUpload, findUpload, account, id)
}

func (x *tx) ListUploads(ctx context.Context, account, person, project core.ID) ([]core.StagedUpload, error) {
	return list(ctx, x, scanUpload, listUploads, account, person, project)
}

func (x *tx) AdvanceUpload(ctx context.Context, u *core.StagedUpload, was int64) error {
	n, err := x.exec(ctx, advanceUpload, u.Account, u.ID, u.Received, bytesOf(u.DigestState), u.DoneHash, micros(u.TouchedAt), u.Size, u.Pages, u.Width, u.Height, was)
	return conflict(n, err, "upload.moved")
}

func (x *tx) DeleteUpload(ctx context.Context, account, id core.ID) error {
	n, err := x.exec(ctx, deleteUpload, account, id)
	return must(n, err, "upload.unknown")
}

func (x *tx) StaleUploads(ctx context.Context, before time.Time, limit int) ([]core.StagedUpload, error) {
	return list(ctx, x, scanUpload, staleUploads, micros(before), limit)
}
