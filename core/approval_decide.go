package core

import (
	"context"
	"slices"
	"strings"
)

// Deeds of an approver.
const (
	Approve = "approve"
	Correct = "correct"
)

// What an approver may say and add at most.
const (
	longestDecision   = 4000 // bytes
	mostApprovalFiles = 20
)

// Decision is what an approver says to an index in review.
type Decision struct {
	// Deed is Approve or Correct.
	Deed, Words string
	// Files show what is wrong.
	Files []Upload
}

func (d *Decision) check() error {
	switch {
	case d.Deed != Approve && d.Deed != Correct:
		return Fail(Invalid, "approval.deed")
	case d.Deed == Correct && d.Words == "" && len(d.Files) == 0:
		return Fail(Invalid, "approval.empty")
	case len(d.Files) > mostApprovalFiles:
		return Fail(Invalid, "approval.files", "most", itoa(mostApprovalFiles))
	}
	return nil
}

// Decide approves the index in review or wants it corrected, with words or
// files. One correction ends the request; its rule says whether one approval is
// enough. The approved index is current from then on, and its author and who
// asked are told (AP7 to AP9).
func (c *Core) Decide(ctx context.Context, a *Actor, approval ID, d Decision) (Plan, error) {
	return c.decideAs(ctx, a, approval, &d, func(Tx) error { return nil })
}

// decideAs keeps the files before the transaction; still is asked in it.
func (c *Core) decideAs(ctx context.Context, a *Actor, approval ID, d *Decision, still func(Tx) error) (p Plan, err error) {
	d.Words = cut(strings.TrimSpace(c.redact(d.Words)), longestDecision)
	if err := d.check(); err != nil {
		return p, err
	}
	may := func(tx Tx) (o asking, err error) {
		if err := still(tx); err != nil {
			return o, err
		}
		if o, err = c.askingOf(ctx, tx, a.Account.ID, approval); err != nil {
			return o, err
		}
		if err := c.require(ctx, tx, a, "approval.decide", o.Approval.object()); err != nil {
			return o, err
		}
		return o, c.open(ctx, tx, &o, a)
	}
	if len(d.Files) > 0 { // asked before files are read, and again with the write
		if err := c.store.View(ctx, func(tx Tx) error { _, err := may(tx); return err }); err != nil {
			return p, err
		}
	}
	files, err := c.storeApprovalFiles(ctx, a, approval, d.Files)
	if err != nil {
		return p, err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		o, err := may(tx)
		if err != nil {
			return err
		}
		p = o.Plan
		return c.decide(ctx, tx, a, &o, d, files)
	})
	c.plansChanged(a, err)
	if err == nil {
		c.wakeMailer()
	}
	return p, err
}

// open tells whether the request waits, and for this person, who may still approve.
func (c *Core) open(ctx context.Context, tx Tx, o *asking, a *Actor) error {
	mine, ok := o.of(a.Person.ID)
	switch {
	case !ok:
		return Fail(NotFound, "approval.unknown")
	case !mine.waits():
		return Fail(Conflict, "approval.decided")
	case o.Approval.State != ApprovalWaiting:
		return Fail(Conflict, "approval.ended")
	}
	able, err := approversOf(ctx, tx, o.Approval.Account, o.Approval.Project)
	if err == nil && !slices.Contains(able, a.Person.ID) {
		err = Fail(Forbidden, "approval.not_yours")
	}
	return err
}

// storeApprovalFiles keeps the bytes; those of a decision that fails are
// unreferenced files, never a decision without its file.
func (c *Core) storeApprovalFiles(ctx context.Context, a *Actor, approval ID, list []Upload) (files []ApprovalFile, err error) {
	for i, f := range list {
		if err := c.redactUpload(&f); err != nil {
			return nil, err
		}
		ref, err := c.files.Put(ctx, a.Account.ID, f.Content, c.cfg.AttachmentLimit)
		if err != nil {
			return nil, err
		}
		files = append(files, ApprovalFile{ID: NewID(), Account: a.Account.ID, Approval: approval, Person: a.Person.ID, Position: i, Name: fileName(f.Name), Type: mediaType(f.Type), Size: ref.Size, Hash: ref.Hash})
	}
	return files, nil
}

// decide writes what the actor, who was asked, says.
func (c *Core) decide(ctx context.Context, tx Tx, a *Actor, o *asking, d *Decision, files []ApprovalFile) error {
	mine, _ := o.of(a.Person.ID)
	was := mine.State
	mine.State, mine.DecidedAt, mine.Assurance, mine.Words, mine.Comment = ApprovalApproved, tx.Now(), a.Auth, d.Deed, d.Words
	if d.Deed == Correct {
		mine.State = ApprovalCorrection
	}
	if err := tx.SetApprover(ctx, mine, was); err != nil {
		return err
	}
	if err := tx.CreateApprovalFiles(ctx, files...); err != nil {
		return err
	}
	if err := c.note(ctx, tx, a, "approval."+d.Deed, o.Approval.object(), "name", o.Plan.Name(), "index", o.Version.Index); err != nil {
		return err
	}
	if err := c.tellDecision(ctx, tx, a, o, d, len(files)); err != nil {
		return err
	}
	switch {
	case d.Deed == Correct:
		o.Approval.State = ApprovalCorrection
	case settled(o.Rule, o.Approvers):
		o.Approval.State = ApprovalApproved
	default:
		return nil // others have not said anything yet
	}
	o.EndedAt = tx.Now()
	if err := c.endApproval(ctx, tx, &o.Approval); err != nil {
		return err
	}
	if o.Approval.State == ApprovalApproved {
		return c.makeCurrent(ctx, tx, a, &o.Plan, &o.Version)
	}
	return nil
}

// endApproval writes how a request ended; mail that was to ask for it does not leave any more.
func (c *Core) endApproval(ctx context.Context, tx Tx, ap *Approval) error {
	if err := tx.EndApproval(ctx, ap); err != nil {
		return err
	}
	_, err := tx.EndDeliveries(ctx, EndFilter{Account: ap.Account, Task: ap.ID}, "delivery.nothing_left", tx.Now())
	return err
}

// tellDecision tells who asked and whom the index stands for; who decided knows.
func (c *Core) tellDecision(ctx context.Context, tx Tx, a *Actor, o *asking, d *Decision, files int) error {
	code := "plan.approved"
	switch {
	case d.Deed == Correct:
		code = "plan.corrected"
	case d.Words != "":
		code = "plan.approved.words"
	}
	return c.tellOfApproval(ctx, tx, a.Person.ID, o, code, "who", a.Person.Name, "words", d.Words, "files", itoa(int64(files)))
}

// tellOfApproval tells who asked and whom the index stands for, but for one.
func (c *Core) tellOfApproval(ctx context.Context, tx Tx, but ID, o *asking, code string, params ...string) error {
	for _, id := range distinct([]ID{o.Requester, o.Version.Author, o.Version.UploadedBy}) {
		if id == but {
			continue
		}
		if err := c.oweNotice(ctx, tx, o.Approval.Account, id, code, append([]string{"plan", o.Plan.Name(), "index", o.Version.Index, "approval", string(o.Approval.ID)}, params...)...); err != nil {
			return err
		}
	}
	return nil
}
