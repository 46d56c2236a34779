package core

import (
	"context"
	"time"
)

// ApprovalLetter asks somebody to approve an index; Delivery.Link is the row of
// his link, the first of Delivery.Params why it is sent.
const ApprovalLetter LetterKind = "approval"

// Why an ApprovalLetter is sent.
const (
	askedFirst   = "first"
	askedAgain   = "again"
	askedNewCode = "code"
	askedHow     = "remark"
)

// approvalLife is how long a request can be decided by its link.
const approvalLife = 30 * 24 * time.Hour

// ApprovalNews is what an ApprovalLetter tells.
type ApprovalNews struct {
	Approval Approval
	Plan     Plan
	Version  Version
	Files    []PlanFile
	// Why is "first", "again", "code" after a code that was typed wrong too often, or "remark" after an answer that was no decision.
	Why string
	// For is whom the reader stands in for; zero for who was chosen.
	For Person
	// Session tells that the reader signs in to decide, ByReply that the project takes a reply with the code for a decision.
	Session, ByReply bool
}

// signsIn tells whether a person decides in a session of his own.
func (p *Person) signsIn() bool { return p.Staff() || p.Access == AdvancedAccess }

// askApprover makes the link of an approver, or gives it its whole life anew,
// and owes the mail. The caller writes r.
func (c *Core) askApprover(ctx context.Context, tx Tx, ap *Approval, r *Approver, why string) error {
	p, err := tx.FindPerson(ctx, ap.Account, r.Person)
	if err != nil {
		return err
	}
	l, err := c.approvalLink(ctx, tx, ap, &p, r.Link, why == askedNewCode)
	if err != nil {
		return err
	}
	r.Link = l.ID
	if !writable(&p) {
		return nil
	}
	if mine, err := tastes(ctx, tx, p.Account, []*Person{&p}); err != nil || !mine[p.ID].wants(PlanWaiting, MailChannel) {
		return err
	}
	d := c.plainLetter(ap.Account, p.ID, ApprovalLetter, why)
	d.Link, d.Scope = l.ID, string(d.ID)
	if !p.Staff() && why == askedFirst {
		account, err := tx.FindAccount(ctx, ap.Account)
		if err != nil {
			return err
		}
		d.DueAt = d.DueAt.Add(c.undoOf(account.UndoSeconds))
	}
	if err := tx.CreateDelivery(ctx, &d); err != nil {
		return err
	}
	r.Delivery = d.ID
	return nil
}

// approvalLink is the row of a link to a request: the one there is, with a
// whole life, or another when that has ended or is of a mailbox that is not the person's any more.
func (c *Core) approvalLink(ctx context.Context, tx Tx, ap *Approval, p *Person, known ID, fresh bool) (Link, error) {
	now := c.Now()
	if known != "" {
		l, err := tx.FindLink(ctx, known)
		if err != nil {
			return l, err
		}
		if l.RevokedAt.IsZero() && p.has(l.Scope) {
			if fresh {
				l.Generation++
			}
			return l, tx.RenewLink(ctx, l.Account, l.ID, l.Generation, now.Add(approvalLife))
		}
	}
	id, err := RandomID(c.rand)
	if err != nil {
		return Link{}, err
	}
	l := Link{ID: id, Account: ap.Account, Kind: ApprovalLink, Person: p.ID, Object: ap.ID, Scope: p.Address().Norm(), CreatedBy: ap.Requester, CreatedAt: now, ExpiresAt: now.Add(approvalLife)}
	return l, tx.EnsureLink(ctx, &l)
}

// readApproval reads an ApprovalLetter and asks again: a request that has ended asks nobody.
func (c *Core) readApproval(ctx context.Context, tx Tx, l *Letter) error {
	if err := c.readLinkLetter(ctx, tx, l); err != nil {
		return err
	}
	mine, err := l.tasteOf(ctx, tx)
	if err != nil {
		return err
	}
	if !mine.wants(PlanWaiting, MailChannel) {
		return Fail(Conflict, reasonOff)
	}
	n := &l.Approval
	n.Session = l.Person.signsIn()
	if len(l.Delivery.Params) > 0 {
		n.Why = l.Delivery.Params[0]
	}
	o, err := c.askingOf(ctx, tx, l.Account.ID, l.Link.Object)
	if err != nil {
		return err
	}
	n.Approval, n.Plan, n.Version = o.Approval, o.Plan, o.Version
	if l.By, err = tx.FindPerson(ctx, l.Account.ID, n.Approval.Requester); err != nil {
		return err
	}
	if l.Project, err = tx.FindProject(ctx, l.Account.ID, n.Plan.Project); err != nil {
		return err
	}
	mineRow, ok := o.of(l.Person.ID)
	switch {
	case !ok || n.Approval.State != ApprovalWaiting || !mineRow.waits():
		return Fail(Conflict, "delivery.nothing_left")
	case mineRow.SubstituteOf != "":
		if n.For, err = tx.FindPerson(ctx, l.Account.ID, mineRow.SubstituteOf); err != nil {
			return err
		}
	}
	reader := linkActor(&l.Link, &l.Person, &l.Account)
	if n.Session {
		reader = &Actor{Person: l.Person, Account: l.Account, Via: "mail"}
	}
	seen, err := c.may(ctx, tx, reader, "approval.view", n.Approval.object())
	if err = unlessGone(err); err != nil {
		return err
	}
	if !seen.Allowed {
		return Fail(Conflict, "delivery.right")
	}
	n.ByReply = l.Project.ReplyApproves
	n.Files, err = tx.ListPlanFiles(ctx, l.Account.ID, n.Version.ID)
	return err
}

// addressApproval makes the code and the addresses of the mail that asks.
func (c *Core) addressApproval(l *Letter, mode ReplyMode) {
	l.Code = c.keys.ApprovalCode(l.Link.ID, l.Link.Generation, l.Approval.Version.Index)
	l.ReplyTo = c.replyAddress(&l.Account, mode, c.keys.ReplyLocal(l.Link.ID))
	l.References = []string{"a-" + string(l.Approval.Approval.ID) + "@" + c.cfg.MailDomain}
	if l.Approval.Session {
		l.LinkURL = c.cfg.BaseURL + "/plans/" + string(l.Approval.Plan.ID)
	}
}

// asking is a request for approval with all it is about.
type asking struct {
	Approval
	Plan      Plan
	Version   Version
	Approvers []Approver
}

func (c *Core) askingOf(ctx context.Context, tx Tx, account, approval ID) (o asking, err error) {
	if o.Approval, err = tx.FindApproval(ctx, account, approval); err != nil {
		return o, err
	}
	if o.Version, o.Plan, err = findIndex(ctx, tx, account, o.Approval.Version); err != nil {
		return o, err
	}
	o.Approvers, err = tx.Approvers(ctx, account, approval)
	return o, err
}

func (o *asking) of(person ID) (*Approver, bool) {
	for i := range o.Approvers {
		if o.Approvers[i].Person == person {
			return &o.Approvers[i], true
		}
	}
	return nil, false
}
