package web

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

// Probes of approvals.
var approvalProbes = map[access.Action]probe{
	"approval.decide": {ask: func(w *cellWorld, b *browser) (bool, string) {
		ap := w.askedFor(w.drawn(core.DrawingKind))
		if !w.declared.Has(access.Lnk) {
			return verdict(w, b.post("/approvals/"+string(ap.ID)+"/decide", "deed", core.Correct, "words", "Too steep"))
		}
		ctx := context.Background()
		l := core.Link{ID: core.NewID(), Account: w.account.ID, Kind: core.ApprovalLink, Person: w.subject.ID, Object: ap.ID, Scope: w.subject.Address().Norm(), CreatedBy: w.owner.ID, CreatedAt: w.core.Now()}
		w.tx(func(tx core.Tx) error { return tx.EnsureLink(ctx, &l) })
		a := &core.Actor{Person: w.now(w.subject.ID), Account: w.account, Via: "page", Auth: "code", Link: l, Gates: access.Gates{Link: access.LinkActive}}
		_, err := w.core.Decide(ctx, a, ap.ID, core.Correct, "Too steep")
		return err == nil, core.CodeOf(err)
	}},
}

// askedFor is a request to approve a plan's index; the subject is asked, and its author, when that is declared.
func (w *cellWorld) askedFor(p core.Plan) core.Approval {
	ctx := context.Background()
	ap := core.Approval{ID: core.NewID(), Account: w.account.ID, Project: p.Project, Requester: w.assignee.ID, Rule: core.ApproveAll, State: core.ApprovalWaiting, CreatedAt: w.core.Now()}
	if w.declared.Has(access.Req) {
		ap.Requester = w.subject.ID
	}
	who := w.owner.ID
	if w.declared.Has(access.Appr) {
		who = w.subject.ID
	} else if who == w.subject.ID {
		who = w.assignee.ID
	}
	w.tx(func(tx core.Tx) error {
		versions, err := tx.ListVersions(ctx, w.account.ID, p.ID)
		if err != nil {
			return err
		}
		v := versions[0]
		ap.Version, v.State = v.ID, core.InReview
		if w.declared.Has(access.Author) {
			v.Author = w.subject.ID
			if err := tx.EditVersion(ctx, &v); err != nil {
				return err
			}
		}
		if err := tx.MoveVersion(ctx, &v, core.Current); err != nil {
			return err
		}
		return tx.CreateApproval(ctx, &ap, []core.Approver{{Account: w.account.ID, Approval: ap.ID, Person: who, State: core.ApprovalWaiting}})
	})
	return ap
}
