package store

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

const commentColumns = `k.id, k.account_id, k.task_id, k.author_id, k.text, k.html, k.hidden, k.via, k.message_id, k.verified,
	k.change, k.change_from, k.change_to, k.created_at, k.edited_at, k.put_back, k.deleted_at, k.deleted_by`

const (
	findComment   = `select ` + commentColumns + ` from comment k where k.account_id = $1 and k.id = $2`
	updateComment = `update comment set text = $3, html = $4, hidden = $5, edited_at = $6, task_id = $7, put_back = $8 where account_id = $1 and id = $2`
	wordsBefore   = `select ` + commentColumns + ` from comment k
		where k.task_id = $1 and k.account_id = $2 and k.id < $3 and k.deleted_at = 0 and k.change = '' and k.text <> '' order by k.id desc limit $4`
	// Newest first; an exchange with outsiders is rarely far from the end.
	lastExchange = `
		select ` + commentColumns + ` from comment k
		where k.account_id = $1 and k.task_id = $2 and not k.hidden and k.deleted_at = 0 and k.change = '' and (
			exists (select 1 from person p where p.id = k.author_id and p.kind <> 'user')
			or exists (select 1 from comment_recipient m join person p on p.id = m.person_id where m.comment_id = k.id and p.kind <> 'user'))
		order by k.id desc limit 1`
)

var (
	commentTable = newTable("comment", "", "id key", "account_id key", "task_id key", "author_id key", "text text", "html text", "hidden bool",
		"via text", "message_id key", "verified text", "change text", "change_from text", "change_to text", "created_at int", "edited_at int")
	recipientTable = newTable("comment_recipient", "on conflict (comment_id, person_id) do nothing", "comment_id key", "person_id key")
)

func commentRow(c *core.Comment) []any {
	return []any{c.ID, c.Account, c.Task, c.Author, text(c.Text), text(c.HTML), c.Hidden, c.Via, c.Message, c.Verified,
		c.Change, text(c.From), text(c.To), micros(c.CreatedAt), micros(c.EditedAt)}
}

func recipientRows(c *core.Comment, rows [][]any) [][]any {
	for _, p := range c.Recipients {
		rows = append(rows, []any{c.ID, p})
	}
	return rows
}

func scanComment(r row, c *core.Comment) error {
	return r.Scan(&c.ID, &c.Account, &c.Task, &c.Author, &c.Text, &c.HTML, &c.Hidden, &c.Via, &c.Message, &c.Verified,
		&c.Change, &c.From, &c.To, into(&c.CreatedAt), into(&c.EditedAt), putBack{&c.PutBack}, into(&c.DeletedAt), &c.DeletedBy)
}

// CreateComment writes the comment with its recipients and moves the task's activity.
func (x *tx) CreateComment(ctx context.Context, c *core.Comment) error {
	err := x.insertAll(ctx, []bulk{
		{commentTable, [][]any{commentRow(c)}}, {recipientTable, recipientRows(c, nil)},
		{pendingTable, [][]any{pendingRow(commentNew, c.Account, c.Task, c.ID, c.CreatedAt)}},
	})
	if err != nil {
		return err
	}
	_, err = x.exec(ctx, touchTask, c.Task, micros(c.CreatedAt))
	return err
}

// UpdateComment changes text, HTML, hiding, task and what was put back; who wrote it and to whom stays.
func (x *tx) UpdateComment(ctx context.Context, c *core.Comment) error {
	n, err := x.exec(ctx, updateComment, c.Account, c.ID, text(c.Text), text(c.HTML), c.Hidden, micros(c.EditedAt), c.Task, putBack{&c.PutBack})
	if err := must(n, err, "comment.unknown"); err != nil {
		return err
	}
	return x.insert(ctx, pendingTable, pendingRow(commentChanged, c.Account, c.Task, c.ID, c.CreatedAt))
}

// MoveComment writes the task of the comment, of its files, and of the receipt
// it came with. A search asks the rights of the task that its index names, so
// that is moved at once, too.
func (x *tx) MoveComment(ctx context.Context, c *core.Comment, project core.ID) error {
	if err := x.UpdateComment(ctx, c); err != nil {
		return err
	}
	for _, q := range []string{
		`update attachment set task_id = $3 where account_id = $1 and comment_id = $2`,
		`update search_pending set task_id = $3 where account_id = $1 and object_id = $2`,
		`update search_doc set task_id = $3 where account_id = $1 and object_id = $2`,
	} {
		if _, err := x.exec(ctx, q, c.Account, c.ID, c.Task); err != nil {
			return err
		}
	}
	if c.Message == "" {
		return nil
	}
	_, err := x.exec(ctx, `update receipt set task_id = $4, project_id = $5 where account_id = $1 and message_id = $2 and comment_id = $3`, c.Account, c.Message, c.ID, c.Task, project)
	return err
}

func (x *tx) FindComment(ctx context.Context, account, id core.ID) (core.Comment, error) {
	c, err := find(ctx, x, "comment.unknown", scanComment, findComment, account, id)
	if err != nil {
		return c, err
	}
	one := []core.Comment{c}
	err = x.fillComments(ctx, one)
	return one[0], err
}

// ListComments asks the facts of the task once, and of each comment only what
// depends on the comment.
func (x *tx) ListComments(ctx context.Context, v core.Viewer, task, before core.ID, n int) ([]core.Comment, error) {
	a := &args{}
	allowed, err := x.commentRights(ctx, a, v, task)
	if err != nil || allowed.never() {
		return nil, err
	}
	q := `select ` + commentColumns + ` from comment k join task t on t.id = k.task_id
		where k.task_id = ` + a.add(task) + ` and k.account_id = ` + a.add(v.Account) + ` and k.id < ` + a.add(last(before)) + ` and ` + allowed.where() + `
		order by k.id desc limit ` + upTo(limit(n, 100))
	all, err := list(ctx, x, scanComment, q, a.values...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all, x.fillComments(ctx, all)
}

func (x *tx) WordsBefore(ctx context.Context, account, task, before core.ID, n int) ([]core.Comment, error) {
	return list(ctx, x, scanComment, wordsBefore, task, account, last(before), limit(n, 100))
}

// commentRights compiles which comments of one task the viewer may read.
func (x *tx) commentRights(ctx context.Context, a *args, v core.Viewer, task core.ID) (condition, error) {
	if v.All {
		return condition{always: true, live: liveComment}, nil
	}
	if v.Person.Account != v.Account {
		return condition{}, nil
	}
	facts, blocked, err := x.TaskFacts(ctx, &v.Person, task)
	if core.KindOf(err) == core.NotFound {
		return condition{}, nil
	}
	if err != nil || blocked || facts.InBin() {
		return condition{}, err
	}
	known := make(map[access.Fact]bool)
	for _, f := range access.AllFacts() {
		known[f] = facts.Has(f)
	}
	delete(known, access.Vis)
	delete(known, access.Mine)
	q := &question{a: a, person: &v.Person}
	if v.Link == "" {
		return q.readable(known, v.Person.Subject()), nil
	}
	if v.Link != task {
		return condition{}, nil
	}
	known[access.Lnk] = true
	return q.readableBy(known), nil
}

// readable: comments that are public and may be read as such, or hidden and may be read as such.
func (q *question) readable(known map[access.Fact]bool, subject access.Subject) condition {
	public, _ := access.CellOf("comment.view_public", subject)
	hidden, _ := access.CellOf("comment.view_hidden", subject)
	p, h := q.compile(public, &onComment, known), q.compile(hidden, &onComment, known)
	both := condition{always: p.always && h.always, live: liveComment}
	if both.always {
		return both
	}
	both.or(onlyWhen("not k.hidden", p))
	both.or(onlyWhen("k.hidden", h))
	return both
}

// readableBy: comments that the person may read and the link carries.
func (q *question) readableBy(known map[access.Fact]bool) condition {
	own, link := q.readable(known, q.person.Subject()), q.readable(known, access.Stranger)
	if own.never() || link.never() {
		return condition{}
	}
	return condition{any: []string{"(" + own.allowed() + " and " + link.allowed() + ")"}, live: liveComment}
}

func onlyWhen(sql string, c condition) string {
	switch {
	case c.never():
		return no
	case c.always && c.live == "":
		return sql
	}
	return "(" + sql + " and " + c.where() + ")"
}

// fillComments reads recipients and attachments of all of them in two queries.
func (x *tx) fillComments(ctx context.Context, all []core.Comment) error {
	at := make(map[core.ID]*core.Comment, len(all))
	ids := make([]core.ID, len(all))
	for i := range all {
		at[all[i].ID], ids[i] = &all[i], all[i].ID
	}
	a := args{}
	in := a.in(ids)
	return x.readAll(ctx,
		reading{func(r row) error {
			var id, person core.ID
			if err := r.Scan(&id, &person); err != nil {
				return err
			}
			at[id].Recipients = append(at[id].Recipients, person)
			return nil
		}, `select comment_id, person_id from comment_recipient where comment_id in ` + in + ` order by comment_id, person_id`, a.values},
		reading{func(r row) error {
			var f core.Attachment
			if err := scanAttachment(r, &f); err != nil {
				return err
			}
			at[f.Comment].Attachments = append(at[f.Comment].Attachments, f)
			return nil
		}, `select ` + attachmentColumns + ` from attachment
			where comment_id in ` + in + ` and deleted_at = 0 order by comment_id, id`, a.values})
}

func (x *tx) LastExchange(ctx context.Context, account, task core.ID) (core.Comment, bool, error) {
	c, ok, err := lookup(ctx, x, scanComment, lastExchange, account, task)
	if err != nil || !ok {
		return c, false, err
	}
	one := []core.Comment{c}
	err = x.fillComments(ctx, one)
	return one[0], err == nil, err
}
