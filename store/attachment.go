package store

import (
	"context"

	"planpost/core"
)

const attachmentColumns = `id, account_id, task_id, comment_id, name, type, size, hash, content_id, fate, reason, kind, found, marks, created_at, deleted_at, deleted_by`

const (
	findAttachment  = `select ` + attachmentColumns + ` from attachment where account_id = $1 and id = $2`
	judgeAttachment = `update attachment set fate = $3, reason = $4 where account_id = $1 and id = $2`
	// A picture that was brought back is kept, whatever was seen of it.
	picturesOf = `
		select s.hash, count(*), 0 from picture_seen s where s.account_id = $1 and s.person_id = $2 and s.hash in `
	picturesKept = ` group by s.hash
		union all select k.hash, 0, 1 from picture_kept k where k.account_id = $1 and k.person_id = $2 and k.hash in `
)

var (
	attachmentTable = newTable("attachment", "", "id key", "account_id key", "task_id key", "comment_id key", "name text", "type text",
		"size int", "hash key", "content_id text", "fate text", "reason text", "kind text", "found text", "marks text", "created_at int", "deleted_at int", "deleted_by key")
	pictureSeenTable = newTable("picture_seen", "on conflict (account_id, person_id, hash, message_id) do nothing", "account_id key", "person_id key", "hash key", "message_id key")
	pictureKeptTable = newTable("picture_kept", "on conflict (account_id, person_id, hash) do nothing", "account_id key", "person_id key", "hash key", "kept_by key", "kept_at int")
)

func attachmentRow(a *core.Attachment) []any {
	return []any{a.ID, a.Account, a.Task, a.Comment, text(a.Name), text(a.Type), a.Size, a.Hash, text(a.ContentID),
		string(a.Fate), a.Reason, string(a.Kind), a.Found, wordList{&a.Marks}, micros(a.CreatedAt), micros(a.DeletedAt), a.DeletedBy}
}

func scanAttachment(r row, a *core.Attachment) error {
	return r.Scan(&a.ID, &a.Account, &a.Task, &a.Comment, &a.Name, &a.Type, &a.Size, &a.Hash, &a.ContentID,
		&a.Fate, &a.Reason, &a.Kind, &a.Found, wordList{&a.Marks}, into(&a.CreatedAt), into(&a.DeletedAt), &a.DeletedBy)
}

func pictureSeenRow(p *core.PictureSeen) []any {
	return []any{p.Account, p.Person, p.Hash, p.Message}
}

func (x *tx) CreateAttachment(ctx context.Context, a *core.Attachment) error {
	return x.insert(ctx, attachmentTable, attachmentRow(a))
}

func (x *tx) FindAttachment(ctx context.Context, account, id core.ID) (core.Attachment, error) {
	return find(ctx, x, "attachment.unknown", scanAttachment, findAttachment, account, id)
}

func (x *tx) JudgeAttachment(ctx context.Context, a *core.Attachment) error {
	n, err := x.exec(ctx, judgeAttachment, a.Account, a.ID, string(a.Fate), a.Reason)
	return must(n, err, "attachment.unknown")
}

// PicturesOf asks for all hashes in one query.
func (x *tx) PicturesOf(ctx context.Context, account, person core.ID, hashes []string) (map[string]core.PictureHistory, error) {
	all := make(map[string]core.PictureHistory, len(hashes))
	a := &args{values: []any{account, person}}
	keys := make([]core.ID, len(hashes))
	for i, h := range hashes {
		keys[i] = core.ID(h)
	}
	in := a.in(keys)
	err := x.each(ctx, func(r row) error {
		var hash string
		var seen, kept int
		if err := r.Scan(&hash, &seen, &kept); err != nil {
			return err
		}
		h := all[hash]
		all[hash] = core.PictureHistory{Messages: h.Messages + seen, Kept: h.Kept || kept > 0}
		return nil
	}, picturesOf+in+picturesKept+in, a.values...)
	return all, err
}

func (x *tx) CreatePictureSeen(ctx context.Context, p *core.PictureSeen) error {
	return x.insert(ctx, pictureSeenTable, pictureSeenRow(p))
}

func (x *tx) KeepPicture(ctx context.Context, account, person core.ID, hash string, by core.ID) error {
	return x.insert(ctx, pictureKeptTable, []any{account, person, hash, by, micros(x.Now())})
}
