package web

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

// Probes of the files of plans.
var fetchProbes = map[access.Action]probe{
	"plan.download_current":    {ask: fetches(core.DrawingKind, core.Current)},
	"plan.download_superseded": {ask: fetches(core.DrawingKind, core.Superseded)},
	"plan.download_in_review":  {ask: fetches(core.DrawingKind, core.InReview)},
	"doc.download":             {ask: fetches(core.DocumentKind, core.Current)},
}

// fetches takes a plan's file: in a session from its address, and by a link what its ticket would ask.
func fetches(kind string, state core.VersionState) func(*cellWorld, *browser) (bool, string) {
	return func(w *cellWorld, b *browser) (bool, string) {
		ctx := context.Background()
		p := w.drawn(kind)
		var file core.PlanFile
		l := core.Link{ID: core.NewID(), Account: w.account.ID, Kind: core.DownloadLink, Person: w.subject.ID, Object: core.NewID(), Scope: w.subject.Address().Norm(), CreatedBy: w.owner.ID, CreatedAt: w.core.Now()}
		w.tx(func(tx core.Tx) error {
			versions, err := tx.ListVersions(ctx, w.account.ID, p.ID)
			if err != nil {
				return err
			}
			v := versions[0]
			files, err := tx.ListPlanFiles(ctx, w.account.ID, v.ID)
			if err != nil {
				return err
			}
			file = files[0]
			if v.State = state; state != core.Current {
				if err := tx.MoveVersion(ctx, &v, core.Current); err != nil {
					return err
				}
			}
			if w.declared.Has(access.Appr) {
				ap := core.Approval{ID: core.NewID(), Account: w.account.ID, Project: p.Project, Version: v.ID, Requester: w.assignee.ID, Rule: core.ApproveAll, State: core.ApprovalWaiting, CreatedAt: w.core.Now()}
				if err := tx.CreateApproval(ctx, &ap, []core.Approver{{Account: w.account.ID, Approval: ap.ID, Person: w.subject.ID, State: core.ApprovalWaiting}}); err != nil {
					return err
				}
			}
			s := core.Transmittal{ID: l.Object, Account: w.account.ID, Project: p.Project, Sender: w.owner.ID, CreatedAt: w.core.Now()}
			if err := tx.CreateTransmittal(ctx, &s, []core.TransmittalItem{{Version: v.ID, Plan: p.ID}}, nil); err != nil {
				return err
			}
			return tx.EnsureLink(ctx, &l)
		})
		if !w.declared.Has(access.Lnk) {
			return verdict(w, b.get(planFileURL(&file)))
		}
		if state == core.Current {
			return verdict(w, b.get("/d/f/"+w.core.Ticket(&l, file.ID)+"/a.pdf"))
		}
		a := &core.Actor{Person: w.now(w.subject.ID), Account: w.account, Via: "page", Auth: "link", Link: l, Gates: access.Gates{Link: access.LinkActive}}
		_, err := w.core.OrderFile(ctx, a, file.ID)
		return err == nil, core.CodeOf(err)
	}
}
