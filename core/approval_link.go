package core

import (
	"context"
	"slices"
	"strings"
	"time"
)

// The link in the mail that asks for an approval opens its page to the
// approver alone. Looking and fetching need the link; who decides types the code too.

// Requested is the page behind an approval link.
type Requested struct {
	LinkView
	Approval Approval
	Project  Project
	Plan     Plan
	Version  Version
	// Files are there while the request waits for this person.
	Files []PlanFile
	// Mine is what the reader was asked and said; For whom he stands in for, zero for nobody.
	Mine Approver
	For  Person
	// Asked counts the others who were asked, Approved those of them who approved.
	Asked, Approved int
	// Open tells that the reader can decide.
	Open bool
}

// VisitApproval reads what VisitLink gave the browser to keep; it changes nothing.
func (c *Core) VisitApproval(ctx context.Context, pass, ip string) (q Requested, err error) {
	id, generation, ok := c.keys.OpenLinkPass(ApprovalLink, pass)
	if !ok {
		return q, Fail(NotFound, "link.unknown")
	}
	if ok, wait := c.limiter.Allow(ctx, "link:"+string(id), viewsOfLink, viewsOfLinkPer); !ok {
		return q, limited("link.limited", wait)
	}
	err = c.store.View(ctx, func(tx Tx) error {
		q = Requested{}
		if q.LinkView, err = c.readLink(ctx, tx, ApprovalLink, id, generation, ip); err != nil || q.State != LinkLive {
			return err
		}
		return c.readRequested(ctx, tx, &q)
	})
	return q, c.refusedLink(ctx, &q.LinkView, ip, err)
}

func (c *Core) readRequested(ctx context.Context, tx Tx, q *Requested) error {
	o, err := c.askingOf(ctx, tx, q.Account.ID, q.Link.Object)
	if err != nil {
		return err
	}
	q.Approval, q.Plan, q.Version = o.Approval, o.Plan, o.Version
	if q.Project, err = tx.FindProject(ctx, q.Account.ID, o.Plan.Project); err != nil {
		return err
	}
	if mine, ok := o.of(q.Person.ID); ok {
		q.Mine = *mine
	}
	if q.Mine.SubstituteOf != "" {
		if q.For, err = tx.FindPerson(ctx, q.Account.ID, q.Mine.SubstituteOf); err != nil {
			return err
		}
	}
	for _, r := range o.Approvers {
		if r.Person == q.Person.ID || r.SubstituteOf != "" {
			continue
		}
		q.Asked++
		if r.State == ApprovalApproved {
			q.Approved++
		}
	}
	q.Open = o.Approval.State == ApprovalWaiting && q.Mine.waits()
	if q.Open {
		q.Files, err = tx.ListPlanFiles(ctx, q.Account.ID, o.Version.ID)
	}
	return err
}

// approvalHolds tells whether the addressee may still know of the request; who
// lost the right to approve has no link to what waits for him.
func (c *Core) approvalHolds(ctx context.Context, tx Tx, v *LinkView) (bool, error) {
	o, err := c.askingOf(ctx, tx, v.Link.Account, v.Link.Object)
	if err != nil {
		return false, unlessGone(err)
	}
	mine, ok := o.of(v.Person.ID)
	if !ok {
		return false, nil
	}
	if o.Approval.State == ApprovalWaiting && mine.waits() {
		able, err := approversOf(ctx, tx, o.Approval.Account, o.Approval.Project)
		if err != nil || !slices.Contains(able, v.Person.ID) {
			return false, err
		}
	}
	seen, err := c.may(ctx, tx, approvalReader(&v.Link, &v.Person, &v.Account), "approval.view", o.Approval.object())
	return seen.Allowed, unlessGone(err)
}

// approvalReader is the addressee of a link to a request. Those who sign in are
// members of the project, whom no link is needed for: it gives them no less.
func approvalReader(l *Link, p *Person, of *Account) *Actor {
	a := linkActor(l, p, of)
	if p.signsIn() {
		return &Actor{Person: *p, Account: *of, Via: a.Via, Auth: a.Auth}
	}
	return a
}

// DecideByLink decides with the code that stands in the mail. Five wrong ones
// end it: another is mailed, at most once a day, with another link.
func (c *Core) DecideByLink(ctx context.Context, pass, code string, d Decision, cr Credentials) error {
	q, err := c.VisitApproval(ctx, pass, cr.IP)
	if err != nil {
		return err
	}
	if err := q.usable(); err != nil {
		return err
	}
	d.Words = strings.TrimSpace(d.Words)
	if err := d.check(); err != nil { // before the code: what is forgotten costs no try
		return err
	}
	if err := c.approvalCodeFits(ctx, &q, code, &cr); err != nil {
		return err
	}
	a := approvalReader(&q.Link, &q.Person, &q.Account)
	a.Auth, a.IP = "code", cr.IP
	_, err = c.decideAs(ctx, a, q.Approval.ID, &d, func(tx Tx) error { return c.liveLink(ctx, tx, &q.LinkView, cr.IP) })
	return err
}

func (c *Core) approvalCodeFits(ctx context.Context, q *Requested, typed string, cr *Credentials) error {
	if plainCode(typed) == "" {
		return Fail(Invalid, "approval.code_missing")
	}
	l := &q.Link
	if ok, _ := c.limiter.Allow(ctx, "codewrong:"+string(l.ID)+":"+itoa(int64(l.Generation)), wrongOfLink, 24*time.Hour); !ok {
		return c.newApprovalCode(ctx, q)
	}
	if c.keys.ApprovalCodeFits(typed, l.ID, l.Generation, q.Version.Index) {
		return nil
	}
	err := c.store.InTx(ctx, func(tx Tx) error {
		return c.noteLink(ctx, tx, l, LinkCodeWrong, "", Visitor{IP: cr.IP, Agent: cr.UserAgent})
	})
	if other := indexOfCode(typed); other != "" && other != plainCode(q.Version.Index) {
		return firstError(err, Fail(Invalid, "approval.code_index", "index", q.Version.Index))
	}
	return firstError(err, Fail(Invalid, "approval.code"))
}

// newApprovalCode mails another code in place of one that was typed wrong too often.
func (c *Core) newApprovalCode(ctx context.Context, q *Requested) error {
	if ok, _ := c.limiter.Allow(ctx, "approvalcode:"+string(q.Link.ID), 1, 24*time.Hour); !ok {
		return Fail(Limited, "approval.code_locked")
	}
	err := c.store.InTx(ctx, func(tx Tx) error {
		o, err := c.askingOf(ctx, tx, q.Account.ID, q.Approval.ID)
		if err != nil {
			return err
		}
		mine, ok := o.of(q.Person.ID)
		if !ok || !mine.waits() {
			return Fail(Conflict, "approval.decided")
		}
		was := mine.State
		if err := c.askApprover(ctx, tx, &o.Approval, mine, askedNewCode); err != nil {
			return err
		}
		return tx.SetApprover(ctx, mine, was)
	})
	if err == nil {
		c.wakeMailer()
		err = Fail(Limited, "approval.code_new", "address", q.Person.Address().Masked())
	}
	return err
}

// orderOfApproval is what a ticket of an approval's page stands for.
func (c *Core) orderOfApproval(ctx context.Context, tx Tx, v *LinkView, object ID) (o Order, err error) {
	q := Requested{LinkView: *v}
	if err := c.readRequested(ctx, tx, &q); err != nil {
		return o, err
	}
	reader := approvalReader(&v.Link, &v.Person, &v.Account)
	if err := c.require(ctx, tx, reader, q.Plan.right(q.Version.downloadRight()), q.Version.object()); err != nil && KindOf(err) != NotFound && KindOf(err) != Forbidden {
		return o, err
	} else if err != nil {
		q.Files = nil
	}
	o = Order{Account: v.Account.ID, Project: q.Project.ID, Person: v.Person, Link: v.Link}
	for _, f := range q.Files {
		if f.ID == object {
			o.Files = append(o.Files, OrderedFile{q.Plan, q.Version, f})
		}
	}
	return o, nil
}
