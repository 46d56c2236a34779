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

// longestDecision is how much an approver may write, in bytes.
const longestDecision = 4000

// Decide is what an approver says to the index in review: it is approved, or
// it has to be corrected, with words. One correction ends the request; the
// rule says whether one approval is enough. The approved index is current from
// then on, and its author and who asked are told (AP7 to AP9).
func (c *Core) Decide(ctx context.Context, a *Actor, approval ID, deed, words string) (p Plan, err error) {
	words = cut(strings.TrimSpace(c.redact(words)), longestDecision)
	switch {
	case deed != Approve && deed != Correct:
		return p, Fail(Invalid, "approval.deed")
	case deed == Correct && words == "":
		return p, Fail(Invalid, "approval.empty")
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		ap, err := tx.FindApproval(ctx, a.Account.ID, approval)
		if err != nil {
			return err
		}
		v, err := tx.FindVersion(ctx, a.Account.ID, ap.Version)
		if err != nil {
			return err
		}
		if p, err = tx.FindPlan(ctx, a.Account.ID, v.Plan); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "approval.decide", ap.object()); err != nil {
			return err
		}
		if ap.State != ApprovalWaiting {
			return Fail(Conflict, "approval.ended")
		}
		return c.decide(ctx, tx, a, &p, &v, &ap, deed, words)
	})
	c.plansChanged(a, err)
	return p, err
}

func (c *Core) decide(ctx context.Context, tx Tx, a *Actor, p *Plan, v *Version, ap *Approval, deed, words string) error {
	of, err := tx.Approvers(ctx, ap.Account, ap.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(of, func(r Approver) bool { return r.Person == a.Person.ID })
	if i < 0 {
		return Fail(NotFound, "approval.unknown")
	}
	mine := &of[i]
	was := mine.State
	if was != ApprovalWaiting && was != NotDelivered {
		return Fail(Conflict, "approval.decided")
	}
	mine.State, mine.DecidedAt, mine.Assurance, mine.Words, mine.Comment = ApprovalApproved, tx.Now(), a.Auth, deed, words
	if deed == Correct {
		mine.State = ApprovalCorrection
	}
	if err := tx.SetApprover(ctx, mine, was); err != nil {
		return err
	}
	if err := c.note(ctx, tx, a, "approval."+deed, ap.object(), "name", p.Name(), "index", v.Index); err != nil {
		return err
	}
	if err := c.tellDecision(ctx, tx, a, p, v, ap, deed, words); err != nil {
		return err
	}
	switch {
	case deed == Correct:
		ap.State = ApprovalCorrection
	case ap.Rule == ApproveAny, !slices.ContainsFunc(of, func(r Approver) bool { return r.State != ApprovalApproved }):
		ap.State = ApprovalApproved
	default:
		return nil // others have not said anything yet
	}
	ap.EndedAt = tx.Now()
	if err := tx.EndApproval(ctx, ap); err != nil {
		return err
	}
	if ap.State == ApprovalApproved {
		return c.makeCurrent(ctx, tx, a, p, v)
	}
	return nil
}

// askApprovers owes each one who was asked a mail (AP6).
func (c *Core) askApprovers(ctx context.Context, tx Tx, a *Actor, p *Plan, v *Version, ap *Approval, of []Approver) error {
	project, err := tx.FindProject(ctx, p.Account, p.Project)
	if err != nil {
		return err
	}
	code := "plan.waiting"
	if ap.Message != "" {
		code = "plan.waiting.message"
	}
	for _, r := range of {
		if err := c.oweNotice(ctx, tx, p.Account, r.Person, code, "plan", p.Name(), "index", v.Index, "project", project.Name, "who", a.Person.Name, "message", ap.Message, "approval", string(ap.ID)); err != nil {
			return err
		}
	}
	return nil
}

// tellDecision tells who asked and whom the index stands for; who decided knows.
func (c *Core) tellDecision(ctx context.Context, tx Tx, a *Actor, p *Plan, v *Version, ap *Approval, deed, words string) error {
	code := "plan.approved"
	switch {
	case deed == Correct:
		code = "plan.corrected"
	case words != "":
		code = "plan.approved.words"
	}
	for _, id := range distinct([]ID{ap.Requester, v.Author, v.UploadedBy}) {
		if id == a.Person.ID {
			continue
		}
		if err := c.oweNotice(ctx, tx, p.Account, id, code, "plan", p.Name(), "index", v.Index, "who", a.Person.Name, "words", words, "approval", string(ap.ID)); err != nil {
			return err
		}
	}
	return nil
}

// ApprovalView is a request as the page of its plan shows it.
type ApprovalView struct {
	Approval
	Approvers []ApproverView
	// MayDecide tells that the viewer is asked and has not said anything.
	MayDecide bool
}

// ApproverView is somebody who was asked, with what he said.
type ApproverView struct {
	Approver
	Of Person
}

// approvalViews are the requests for versions of a plan, by version.
func (c *Core) approvalViews(ctx context.Context, tx Tx, a *Actor, p *Plan) (map[ID]ApprovalView, error) {
	list, err := tx.ListApprovals(ctx, p.Account, ApprovalFilter{Plan: p.ID, Limit: 200})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var ids []ID
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	of, err := tx.Approvers(ctx, p.Account, ids...)
	if err != nil {
		return nil, err
	}
	all := make(map[ID]ApprovalView, len(list))
	for i := range list {
		ap := &list[i]
		if _, newer := all[ap.Version]; newer {
			continue
		}
		seen, err := c.may(ctx, tx, a, "approval.view", ap.object())
		if err = unlessGone(err); err != nil {
			return nil, err
		}
		if !seen.Allowed {
			continue
		}
		view := ApprovalView{Approval: *ap}
		for _, r := range of {
			if r.Approval != ap.ID {
				continue
			}
			person, err := tx.FindPerson(ctx, p.Account, r.Person)
			if err != nil {
				return nil, err
			}
			view.Approvers = append(view.Approvers, ApproverView{r, person})
			if r.Person == a.Person.ID && r.State == ApprovalWaiting && ap.State == ApprovalWaiting {
				got, err := c.may(ctx, tx, a, "approval.decide", ap.object())
				if err != nil {
					return nil, err
				}
				view.MayDecide = got.Allowed
			}
		}
		all[ap.Version] = view
	}
	return all, nil
}

// readApprovalNotice leads to the plan, and asks again: a request that has
// ended asks nobody, and who may not see the plan any more hears nothing of it.
func (c *Core) readApprovalNotice(ctx context.Context, tx Tx, l *Letter, approval ID) error {
	ap, err := tx.FindApproval(ctx, l.Account.ID, approval)
	if err != nil {
		return err
	}
	v, err := tx.FindVersion(ctx, l.Account.ID, ap.Version)
	if err != nil {
		return err
	}
	p, err := tx.FindPlan(ctx, l.Account.ID, v.Plan)
	if err != nil {
		return err
	}
	if l.Project, err = tx.FindProject(ctx, l.Account.ID, p.Project); err != nil {
		return err
	}
	seen, err := c.may(ctx, tx, &Actor{Person: l.Person, Account: l.Account, Via: "mail"}, p.right("plan.view"), p.object())
	switch err = unlessGone(err); {
	case err != nil:
		return err
	case !seen.Allowed:
		return Fail(Conflict, "delivery.right")
	case noticeEvent(l.Delivery.Params[1]) == PlanWaiting && ap.State != ApprovalWaiting:
		return Fail(Conflict, "delivery.nothing_left")
	}
	l.LinkURL = c.cfg.BaseURL + "/plans/" + string(p.ID)
	return nil
}
