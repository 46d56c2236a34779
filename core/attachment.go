package core

import (
	"context"
	"io"
	"time"

	"planpost/mail"
)

// Attachment is a file of a comment. Its bytes are in Files under Hash.
type Attachment struct {
	ID, Account, Task, Comment ID
	// Name is made safe; Type is what the sender declared, Found what the bytes show ("" for nothing known).
	Name, Type string
	Size       int64
	// Hash is empty for a file that stays in the source of its message (FileLeft).
	Hash string
	// ContentID links it to the HTML of the mail it came in.
	ContentID string
	Fate      FileFate
	// Reason is a code, worded in templates under "fileway.<Reason>".
	Reason string
	// Kind says what it is, by its bytes rather than its name.
	Kind  mail.FileKind
	Found string
	// Marks are what is odd about the name, worded under "filemark.<mark>": steered, double, differs.
	Marks     []string
	CreatedAt time.Time
	// DeletedAt is when it came into the bin, zero outside; DeletedBy who put it there.
	DeletedAt time.Time
	DeletedBy ID
}

// FileFate is what became of one attachment; each has exactly one.
type FileFate string

// The closed list of fates, worded under "filefate.<fate>".
const (
	FileKept      FileFate = "kept"      // listed below the words
	FileInline    FileFate = "inline"    // shown in its place within the words
	FileSignature FileFate = "signature" // folded: a picture that comes with every mail of this person
	FileDangerous FileFate = "dangerous" // kept, never shown or opened in a page
	FileLeft      FileFate = "left"      // not unpacked; it is in the source of the message
)

// PictureSeen notes in which message of a person a small picture came.
type PictureSeen struct {
	Account, Person, Message ID
	Hash                     string
}

// PictureHistory is what is known of a person's picture.
type PictureHistory struct {
	// Messages is in how many it came; counting ends when that suffices to fold it.
	Messages int
	// Kept tells that somebody said it is no decoration.
	Kept bool
}

// AttachmentTx reads and writes attachments and what is learned of pictures.
type AttachmentTx interface {
	CreateAttachment(ctx context.Context, a *Attachment) error
	// FindAttachment finds one in the bin too.
	FindAttachment(ctx context.Context, account, id ID) (Attachment, error)
	// JudgeAttachment writes the fate and its reason.
	JudgeAttachment(ctx context.Context, a *Attachment) error
	// PicturesOf tells what is known of these pictures of a person, by hash; nothing known is missing.
	PicturesOf(ctx context.Context, account, person ID, hashes []string) (map[string]PictureHistory, error)
	CreatePictureSeen(ctx context.Context, p *PictureSeen) error
	// KeepPicture notes that a picture of a person is no decoration; twice is once.
	KeepPicture(ctx context.Context, account, person ID, hash string, by ID) error
}

// RestorePicture brings back a picture that was folded as part of a signature,
// and un-learns it: no picture of its author with these bytes is folded again.
func (c *Core) RestorePicture(ctx context.Context, a *Actor, id ID) (cm Comment, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		att, err := liveAttachment(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if cm, err = tx.FindComment(ctx, a.Account.ID, att.Comment); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, viewComment(&cm), Object{"comment", cm.ID}); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "task.attach", Object{"task", cm.Task}); err != nil {
			return err
		}
		if att.Fate != FileSignature {
			return Fail(Conflict, "attachment.not_folded")
		}
		att.Fate, att.Reason = FileKept, "brought_back"
		if namedIn(cm.HTML, att.ContentID) {
			att.Fate = FileInline
		}
		if err := tx.JudgeAttachment(ctx, &att); err != nil {
			return err
		}
		if err := tx.KeepPicture(ctx, att.Account, cm.Author, att.Hash, a.Person.ID); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "attachment.bring_back", Object{"comment", cm.ID}, "task", string(cm.Task), "name", att.Name)
	})
	if err == nil {
		c.changed(&Task{ID: cm.Task, Account: cm.Account})
	}
	return cm, err
}

// liveAttachment finds one that does not lie in the bin.
func liveAttachment(ctx context.Context, tx Tx, a *Actor, id ID) (Attachment, error) {
	att, err := tx.FindAttachment(ctx, a.Account.ID, id)
	if err == nil && !att.DeletedAt.IsZero() {
		return Attachment{}, Fail(NotFound, "not_found")
	}
	return att, err
}

// DeleteAttachment puts a file of a comment into the bin: it is in no page, no
// mail that waits and at no address until it is restored.
func (c *Core) DeleteAttachment(ctx context.Context, a *Actor, id ID) (att Attachment, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if att, err = liveAttachment(ctx, tx, a, id); err != nil {
			return err
		}
		return c.toBin(ctx, tx, a, "attachment.delete", Object{"attachment", id})
	})
	if err == nil {
		c.changed(&Task{ID: att.Task, Account: att.Account})
	}
	return att, err
}

// Attachment opens a file for who may see its comment. The caller closes it.
func (c *Core) Attachment(ctx context.Context, a *Actor, id ID) (att Attachment, content io.ReadSeekCloser, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if att, err = liveAttachment(ctx, tx, a, id); err != nil {
			return err
		}
		cm, err := tx.FindComment(ctx, a.Account.ID, att.Comment)
		if err != nil {
			return err
		}
		return c.require(ctx, tx, a, viewComment(&cm), Object{"comment", cm.ID})
	})
	if err != nil {
		return att, nil, err
	}
	if att.Fate == FileLeft {
		return att, nil, Fail(NotFound, "attachment.left")
	}
	content, err = c.files.Open(ctx, att.Account, att.Hash)
	return att, content, err
}
