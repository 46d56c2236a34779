package core

import (
	"cmp"
	"context"
	"slices"

	"planpost/core/access"
)

// NewApproval is whom to ask, and how.
type NewApproval struct {
	Approvers []ID
	// Rule is ApproveAll, where it is empty, or ApproveAny.
	Rule    string
	Message string
}

// approversOf are the participants who may be asked to approve and can be
// written to, never a mere address: with none there is no system of approval (AP1).
func approversOf(ctx context.Context, tx Tx, account, project ID) (list []ID, err error) {
	places, err := tx.ListParticipants(ctx, account, project)
	for _, m := range places {
		if !m.Approves || m.Guest || !m.BlockedAt.IsZero() {
			continue
		}
		p, err := tx.FindPerson(ctx, account, m.Person)
		if err != nil {
			return nil, err
		}
		if writable(&p) && p.Subject() != access.AddressOnly {
			list = append(list, m.Person)
		}
	}
	return list, err
}

// approvalChosen: as soon as one participant may approve, it has to be chosen
// whether it is required, and nothing is chosen beforehand (AP2).
func (c *Core) approvalChosen(ctx context.Context, tx Tx, p *Plan, chosen *bool) (bool, error) {
	able, err := approversOf(ctx, tx, p.Account, p.Project)
	switch {
	case err != nil:
		return false, err
	case len(able) == 0 && chosen != nil && *chosen:
		return false, Fail(Conflict, "approval.nobody")
	case len(able) == 0:
		return false, nil
	case chosen == nil:
		return false, Fail(Invalid, "approval.choose")
	}
	return *chosen, nil
}

// askApproval writes the request for a version in review: at least one approver, never its author (AP4),
// and of a secured plan nobody who may not see it.
func (c *Core) askApproval(ctx context.Context, tx Tx, a *Actor, p *Plan, v *Version, n *NewApproval) error {
	if err := c.require(ctx, tx, a, "approval.require", p.object()); err != nil {
		return err
	}
	ap := Approval{ID: NewID(), Account: p.Account, Project: p.Project, Version: v.ID, Requester: cmp.Or(a.Person.ID, v.UploadedBy), Rule: n.Rule,
		Message: cut(body(c.redact(n.Message)), 4000), State: ApprovalWaiting, CreatedAt: tx.Now()}
	if ap.Rule == "" {
		ap.Rule = ApproveAll
	}
	if ap.Rule != ApproveAll && ap.Rule != ApproveAny {
		return Fail(Invalid, "approval.rule")
	}
	of, err := c.chosenApprovers(ctx, tx, p, v, n.Approvers)
	if err != nil {
		return err
	}
	if of, err = c.withSubstitutes(ctx, tx, p, v, of); err != nil {
		return err
	}
	for i := range of {
		of[i].Approval = ap.ID
		if err := c.askApprover(ctx, tx, &ap, &of[i], askedFirst); err != nil {
			return err
		}
	}
	if err := tx.CreateApproval(ctx, &ap, of); err != nil {
		return err
	}
	return c.note(ctx, tx, a, "approval.require", ap.object(), "name", p.Name(), "index", v.Index)
}

func (c *Core) chosenApprovers(ctx context.Context, tx Tx, p *Plan, v *Version, chosen []ID) (of []Approver, err error) {
	able, err := approversOf(ctx, tx, p.Account, p.Project)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(chosen))) {
		switch {
		case id == v.Author:
			return nil, Fail(Invalid, "approval.author")
		case !slices.Contains(able, id):
			return nil, Fail(Invalid, "approval.unable")
		}
		if err := c.mayApprove(ctx, tx, p, id); err != nil {
			return nil, err
		}
		of = append(of, Approver{Account: p.Account, Person: id, State: ApprovalWaiting})
	}
	if len(of) == 0 {
		return nil, Fail(Invalid, "approval.none")
	}
	return of, nil
}

// mayApprove tells whether somebody who is able to may be asked about this
// plan: of a secured one only who may see it.
func (c *Core) mayApprove(ctx context.Context, tx Tx, p *Plan, id ID) error {
	person, err := tx.FindPerson(ctx, p.Account, id)
	if err != nil {
		return err
	}
	facts, blocked, err := tx.PlanFacts(ctx, &person, p.ID)
	switch {
	case err != nil:
		return err
	case blocked || !writable(&person):
		return Fail(Invalid, "approval.unable")
	case !facts.Has(access.Mem):
		return Fail(Invalid, "approval.vault", "name", person.Name)
	}
	return nil
}

// withSubstitutes asks the deputies of those who are away too, if they are able to decide.
func (c *Core) withSubstitutes(ctx context.Context, tx Tx, p *Plan, v *Version, of []Approver) ([]Approver, error) {
	account, err := tx.FindAccount(ctx, p.Account)
	if err != nil {
		return nil, err
	}
	able, err := approversOf(ctx, tx, p.Account, p.Project)
	if err != nil {
		return nil, err
	}
	today := c.Today(&account)
	for _, r := range slices.Clone(of) {
		person, err := tx.FindPerson(ctx, p.Account, r.Person)
		if err != nil {
			return nil, err
		}
		d := person.Deputy
		if !person.AwayOn(today) || d == v.Author || !slices.Contains(able, d) || slices.ContainsFunc(of, func(o Approver) bool { return o.Person == d }) {
			continue
		}
		switch err := c.mayApprove(ctx, tx, p, d); {
		case KindOf(err) == Invalid:
		case err != nil:
			return nil, err
		default:
			of = append(of, Approver{Account: p.Account, Person: d, SubstituteOf: r.Person, State: ApprovalWaiting})
		}
	}
	return of, nil
}

// AskApproval asks anew about an index in review that waits for nobody any
// more: after a withdrawn request, or a correction that turned out not to be needed.
func (c *Core) AskApproval(ctx context.Context, a *Actor, version ID, n NewApproval) (p Plan, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		var v Version
		if v, p, err = findIndex(ctx, tx, a.Account.ID, version); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "approval.require", p.object()); err != nil {
			return err
		}
		if v.State != InReview {
			return Fail(Conflict, "approval.not_in_review", "index", v.Index)
		}
		return c.askApproval(ctx, tx, a, &p, &v, &n)
	})
	c.plansChanged(a, err)
	if err == nil {
		c.wakeMailer()
	}
	return p, err
}

// askWith attaches a request to a message that is sent anyway (AP5): those told
// who may approve are asked, with its words. Of a message that stays inside
// nothing goes along.
func (c *Core) askWith(ctx context.Context, tx Tx, a *Actor, t *Task, cm *Comment, n *NewComment) error {
	v, p, err := findIndex(ctx, tx, a.Account.ID, n.Ask)
	if err != nil {
		return err
	}
	if err := c.require(ctx, tx, a, "approval.require", p.object()); err != nil {
		return err
	}
	switch {
	case p.Project != t.Project:
		return Fail(Invalid, "approval.elsewhere")
	case v.State != InReview:
		return Fail(Conflict, "approval.not_in_review", "index", v.Index)
	}
	able, err := approversOf(ctx, tx, p.Account, p.Project)
	if err != nil {
		return err
	}
	ask := NewApproval{}
	for _, id := range n.Tell {
		if slices.Contains(able, id) && id != v.Author {
			ask.Approvers = append(ask.Approvers, id)
		}
	}
	if len(ask.Approvers) == 0 {
		return Fail(Invalid, "approval.told_none")
	}
	if !cm.Hidden {
		ask.Message = cm.Text
	}
	return c.askApproval(ctx, tx, a, &p, &v, &ask)
}

// AskableIndices are the indices in review of a project about which the actor may ask and that wait for nobody.
func (c *Core) AskableIndices(ctx context.Context, a *Actor, project ID) (list []ApprovalItem, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list = nil
		if able, err := approversOf(ctx, tx, a.Account.ID, project); err != nil || len(able) == 0 {
			return err
		}
		items, err := tx.ListPlans(ctx, a.Viewer(), PlanFilter{Project: project, State: string(InReview), Limit: waitingShown})
		if err != nil {
			return err
		}
		for i := range items {
			p := &items[i]
			may, err := c.may(ctx, tx, a, "approval.require", p.object())
			if err = unlessGone(err); err != nil {
				return err
			}
			waiting, err := tx.ListApprovals(ctx, a.Account.ID, ApprovalFilter{Version: p.Review.ID, State: ApprovalWaiting, Limit: 1})
			if err != nil {
				return err
			}
			if may.Allowed && len(waiting) == 0 {
				list = append(list, ApprovalItem{Plan: p.Plan, Version: p.Review})
			}
		}
		return nil
	})
	return list, err
}
