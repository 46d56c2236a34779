package core

import (
	"context"
	"slices"
	"strings"

	"planpost/core/access"
)

// NewApproval is whom to ask, and how.
type NewApproval struct {
	Approvers []ID
	// Rule is ApproveAll, where it is empty, or ApproveAny.
	Rule    string
	Message string
}

// approvers are the participants who may be asked to approve and can sign in
// to do so: with none there is no system of approval (AP1).
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
		if p.Staff() || p.Access == AdvancedAccess {
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
	ap := Approval{ID: NewID(), Account: p.Account, Project: p.Project, Version: v.ID, Requester: v.UploadedBy, Rule: n.Rule,
		Message: cut(strings.TrimSpace(n.Message), 4000), State: ApprovalWaiting, CreatedAt: tx.Now()}
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
	for i := range of {
		of[i].Approval = ap.ID
	}
	if err := tx.CreateApproval(ctx, &ap, of); err != nil {
		return err
	}
	if err := c.askApprovers(ctx, tx, a, p, v, &ap, of); err != nil {
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
		person, err := tx.FindPerson(ctx, p.Account, id)
		if err != nil {
			return nil, err
		}
		facts, blocked, err := tx.PlanFacts(ctx, &person, p.ID)
		switch {
		case err != nil:
			return nil, err
		case blocked || !reachable(&person) || person.Subject() == access.AddressOnly: // a mere address can decide nothing
			return nil, Fail(Invalid, "approval.unable")
		case !facts.Has(access.Mem):
			return nil, Fail(Invalid, "approval.vault", "name", person.Name)
		}
		of = append(of, Approver{Account: p.Account, Person: id, State: ApprovalWaiting})
	}
	if len(of) == 0 {
		return nil, Fail(Invalid, "approval.none")
	}
	return of, nil
}
