package core

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

const (
	// UploadPart is how much a browser sends at a time, in bytes.
	UploadPart = 8 << 20
	// uploadsOpen bounds what one person may have begun in one project.
	uploadsOpen = 500
	// uploadKept is how long an upload that nobody touches is kept.
	uploadKept = 7 * 24 * time.Hour
	// PlanPurpose is a file that becomes part of a plan.
	PlanPurpose = "plan"
)

// NewUpload is a file that somebody begins to send.
type NewUpload struct {
	Project    ID
	Purpose    string
	Name, Type string
	// Size is -1 where it is not known.
	Size int64
	// Mark is what the browser says of when the file was changed.
	Mark string
}

// BeginUpload makes room for a file that comes in parts, or finds the one that
// the person began before: it goes on where it broke off.
func (c *Core) BeginUpload(ctx context.Context, a *Actor, n NewUpload) (u StagedUpload, err error) {
	n.Name, n.Type, n.Mark = uploadName(n.Name), mediaType(n.Type), cut(oneLine(n.Mark), 40)
	if n.Size == 0 {
		return u, Fail(Invalid, "upload.empty", "name", n.Name)
	}
	if n.Size < -1 || n.Purpose != PlanPurpose {
		return u, Fail(Invalid, "form")
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		u, err = c.beginUpload(ctx, tx, a, &n)
		return err
	})
	if err != nil {
		return u, err
	}
	if err := c.staging.Room(ctx, max(n.Size-u.Received, UploadPart)); err != nil {
		if u.Received == 0 { // nothing is lost by it
			err = errors.Join(err, c.DropUpload(ctx, a, u.Project, u.ID))
		}
		return u, err
	}
	return u, nil
}

func (c *Core) beginUpload(ctx context.Context, tx Tx, a *Actor, n *NewUpload) (u StagedUpload, err error) {
	if err := c.require(ctx, tx, a, "plan.create", Object{"project", n.Project}); err != nil {
		return u, err
	}
	list, err := tx.ListUploads(ctx, a.Account.ID, a.Person.ID, n.Project)
	if err != nil {
		return u, err
	}
	for _, u := range list {
		if n.Size > 0 && u.Name == n.Name && u.Size == n.Size && u.Mark == n.Mark && u.Purpose == n.Purpose && !u.Whole() {
			return u, nil
		}
	}
	if len(list) >= uploadsOpen {
		return u, Fail(Limited, "upload.too_many")
	}
	u = StagedUpload{ID: NewID(), Account: a.Account.ID, Project: n.Project, Person: a.Person.ID, Purpose: n.Purpose, Name: n.Name, Type: n.Type, Size: n.Size, Mark: n.Mark,
		CreatedAt: tx.Now(), TouchedAt: c.now()}
	return u, tx.CreateUpload(ctx, &u)
}

// uploadName makes a name safe and keeps its ending, which tells what the file
// is for, where it is too long.
func uploadName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	end := path.Ext(s)
	if len(end) > 12 || len(s) <= 200 {
		return fileName(s)
	}
	return fileName(cut(strings.TrimSuffix(s, end), 200-len(end)) + end)
}

// ownUpload finds an upload for its person, as long as he may still use it.
func (c *Core) ownUpload(ctx context.Context, tx Tx, a *Actor, id ID) (StagedUpload, error) {
	u, err := tx.FindUpload(ctx, a.Account.ID, id)
	if err != nil {
		return u, err
	}
	if u.Person != a.Person.ID {
		return StagedUpload{}, Fail(NotFound, "upload.unknown")
	}
	return u, c.require(ctx, tx, a, "plan.create", Object{"project", u.Project})
}

// uploadFor is ownUpload of a project.
func (c *Core) uploadFor(ctx context.Context, tx Tx, a *Actor, project, id ID) (StagedUpload, error) {
	u, err := c.ownUpload(ctx, tx, a, id)
	if err == nil && u.Project != project {
		return StagedUpload{}, Fail(NotFound, "upload.unknown")
	}
	return u, err
}

// AppendUpload writes the next part of a file, which begins behind its first at
// bytes. Conflict "upload.moved" when so much is not here, or more already: the
// row that is given back says how much; a part that came before changes nothing.
// When r breaks off, what came counts. The last part makes the file whole.
func (c *Core) AppendUpload(ctx context.Context, a *Actor, project, id ID, at int64, r io.Reader) (u StagedUpload, err error) {
	find := func() error {
		return c.store.View(ctx, func(tx Tx) error {
			u, err = c.uploadFor(ctx, tx, a, project, id)
			return err
		})
	}
	if err := find(); err != nil || u.Whole() {
		return u, err
	}
	file, err := c.staging.Stage(ctx, u.Account, u.ID)
	if err != nil {
		return u, err
	}
	defer file.Close()
	if err := find(); err != nil || u.Whole() { // again: who had the file before may have moved it
		return u, err
	}
	if u.Received != at {
		return u, Fail(Conflict, "upload.moved")
	}
	err = c.appendPart(ctx, file, &u, r)
	return u, err
}

// appendPart writes what r gives and notes it, also when r broke off.
func (c *Core) appendPart(ctx context.Context, file Staged, u *StagedUpload, r io.Reader) error {
	was, most := u.Received, int64(1<<62)
	if u.Size >= 0 {
		most = u.Size - was
	}
	n, state, cause := file.Append(ctx, r, was, u.DigestState, most)
	if n == 0 && cause != nil {
		return cause
	}
	if cause == nil && n == most && more(r) {
		return Fail(Invalid, "upload.longer", "name", u.Name)
	}
	u.Received, u.DigestState = was+n, state
	if u.Size < 0 && cause == nil { // one who does not know its size sends all of it at once
		u.Size = u.Received
	}
	if u.Size == 0 {
		return Fail(Invalid, "upload.empty", "name", u.Name)
	}
	if u.Received == u.Size {
		if err := c.makeWhole(ctx, file, u); err != nil {
			return err
		}
	}
	// The sender may be gone; what is durable is noted all the same.
	ctx = context.WithoutCancel(ctx)
	err := c.store.InTx(ctx, func(tx Tx) error {
		u.TouchedAt = c.now()
		return tx.AdvanceUpload(ctx, u, was)
	})
	return errors.Join(err, cause)
}

// more tells whether r goes on.
func more(r io.Reader) bool {
	n, _ := io.ReadFull(r, make([]byte, 1))
	return n > 0
}

// makeWhole names the content and reads what it says of itself.
func (c *Core) makeWhole(ctx context.Context, file io.ReadSeeker, u *StagedUpload) error {
	digest := sha256.New()
	if err := digest.(encoding.BinaryUnmarshaler).UnmarshalBinary(u.DigestState); err != nil {
		return fmt.Errorf("upload %s: digest: %w", u.ID, err)
	}
	u.DoneHash = hex.EncodeToString(digest.Sum(nil))
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("upload %s: %w", u.ID, err)
	}
	if c.sheets != nil {
		u.Sheet = c.sheets.Look(ctx, file)
	}
	return nil
}

// SendUpload takes a whole file of unknown size, as a form sends it. What broke
// off is not kept.
func (c *Core) SendUpload(ctx context.Context, a *Actor, n NewUpload, r io.Reader) (StagedUpload, error) {
	n.Size = -1
	u, err := c.BeginUpload(ctx, a, n)
	if err != nil {
		return u, err
	}
	id := u.ID
	if u, err = c.AppendUpload(ctx, a, n.Project, id, 0, r); err != nil {
		return u, errors.Join(err, c.DropUpload(context.WithoutCancel(ctx), a, n.Project, id))
	}
	return u, nil
}
