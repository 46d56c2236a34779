package core

import (
	"context"
	"io"
	"mime"
	"slices"
	"strings"
)

// NewComment is what a person writes in a page.
type NewComment struct {
	Task   ID
	Text   string
	Hidden bool
	// Tell are the people addressed; they get their mail at once. Outsiders who are not among them get none.
	Tell  []ID
	Files []Upload
	// Ask is an index in review that those of Tell who may approve are asked about, with the comment as message; empty for none.
	Ask ID
}

// Upload is a file on its way in. Content is read once, to its end.
type Upload struct {
	Name, Type string
	Content    io.Reader
}

// Comment adds to a task's conversation and tells whom it concerns, in one
// transaction. Files are stored before it; one whose comment fails is an
// unreferenced file, never a comment without its file.
func (c *Core) Comment(ctx context.Context, a *Actor, n NewComment) (cm Comment, err error) {
	text := c.redact(body(n.Text))
	if text == "" && len(n.Files) == 0 {
		return cm, Fail(Invalid, "comment.empty")
	}
	o := Object{"task", n.Task}
	if err := c.mayComment(ctx, a, o, len(n.Files) > 0); err != nil {
		return cm, err // asked before files are read, and again with the write
	}
	cm = Comment{ID: NewID(), Account: a.Account.ID, Task: n.Task, Author: a.Person.ID, Text: text, Hidden: n.Hidden && (a.Operator || a.Person.Staff()), Via: a.Via, CreatedAt: c.Now()}
	if cm.Attachments, err = c.storeFiles(ctx, &cm, n.Files); err != nil {
		return cm, err
	}
	var t Task
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "task.comment", o); err != nil {
			return err
		}
		if t, err = tx.FindTask(ctx, a.Account.ID, n.Task); err != nil {
			return err
		}
		if err := c.post(ctx, tx, a, &t, &cm, n.Tell); err != nil || n.Ask == "" {
			return err
		}
		return c.askWith(ctx, tx, a, &t, &cm, &n)
	})
	if err == nil {
		c.changed(&t)
		c.plansChanged(a, nil)
	}
	return cm, err
}

func (c *Core) mayComment(ctx context.Context, a *Actor, o Object, files bool) error {
	return c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "task.comment", o); err != nil || !files {
			return err
		}
		return c.require(ctx, tx, a, "task.attach", o)
	})
}

// post writes a comment with its recipients, notifications and deliveries.
func (c *Core) post(ctx context.Context, tx Tx, a *Actor, t *Task, cm *Comment, tell []ID) error {
	people, err := peopleByID(ctx, tx, t.Account, t.Related())
	if err != nil {
		return err
	}
	outside, err := fromOutside(ctx, tx, cm, people)
	if err != nil {
		return err
	}
	notices := commentNotices(t, people, cm, outside, c.tellable(a, tell, people))
	cm.Recipients = recipientsOf(notices)
	if err := tx.CreateComment(ctx, cm); err != nil {
		return err
	}
	for i := range cm.Attachments {
		if err := tx.CreateAttachment(ctx, &cm.Attachments[i]); err != nil {
			return err
		}
	}
	if err := c.oweAll(ctx, tx, t, cm.ID, notices); err != nil {
		return err
	}
	t.UpdatedAt = tx.Now()
	if err := tx.UpdateTask(ctx, t); err != nil {
		return err
	}
	return c.note(ctx, tx, a, "comment.create", Object{"comment", cm.ID}, "task", string(t.ID))
}

// tellable leaves only those whom the actor can choose: an outsider never addresses another outsider.
func (c *Core) tellable(a *Actor, tell []ID, people map[ID]Person) (ids []ID) {
	for _, id := range tell {
		p := people[id]
		if a.Operator || a.Person.Staff() || p.Staff() {
			ids = append(ids, id)
		}
	}
	return ids
}

func recipientsOf(notices []notice) (ids []ID) {
	for i := range notices {
		ids = append(ids, notices[i].person.ID)
	}
	return ids
}

func (c *Core) storeFiles(ctx context.Context, cm *Comment, files []Upload) (list []Attachment, err error) {
	for _, f := range files {
		if err := c.redactUpload(&f); err != nil {
			return nil, err
		}
		ref, err := c.files.Put(ctx, cm.Account, f.Content, c.cfg.AttachmentLimit)
		if err != nil {
			return nil, err
		}
		att, err := c.uploaded(ctx, cm, &f, ref)
		if err != nil {
			return nil, err
		}
		list = append(list, att)
	}
	return list, nil
}

// fileName makes a name safe to show and to offer for download.
func fileName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	if s = strings.Trim(cut(oneLine(s), 200), ". "); s == "" {
		return "file"
	}
	return s
}

func mediaType(s string) string {
	t, _, err := mime.ParseMediaType(s)
	if err != nil {
		return "application/octet-stream"
	}
	return t
}

// EditComment changes the actor's own comment; the old text is kept by the history.
func (c *Core) EditComment(ctx context.Context, a *Actor, id ID, text string) error {
	text = c.redact(body(text))
	if text == "" {
		return Fail(Invalid, "comment.empty")
	}
	var t Task
	err := c.store.InTx(ctx, func(tx Tx) error {
		cm, err := tx.FindComment(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "comment.edit", Object{"comment", id}); err != nil {
			return err
		}
		if cm.Change != "" {
			return Fail(Conflict, "comment.system")
		}
		cm.Text, cm.HTML, cm.PutBack, cm.EditedAt = text, "", PutBack{}, tx.Now()
		if err := tx.UpdateComment(ctx, &cm); err != nil {
			return err
		}
		t = Task{ID: cm.Task, Account: cm.Account}
		return c.note(ctx, tx, a, "comment.edit", Object{"comment", id}, "task", string(cm.Task))
	})
	if err == nil {
		c.changed(&t)
	}
	return err
}

// Told tells whether id is among the comment's recipients.
func (cm *Comment) Told(id ID) bool { return slices.Contains(cm.Recipients, id) }
