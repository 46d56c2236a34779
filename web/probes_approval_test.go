package web

import (
	"context"
	"strings"

	"planpost/core"
	"planpost/core/access"
)

// Probes of approvals.
var approvalProbes = map[access.Action]probe{
	"approval.view": {ask: func(w *cellWorld, b *browser) (bool, string) {
		ap := w.askedFor(w.drawn(core.DrawingKind))
		f := w.remarked(&ap)
		if !w.declared.Has(access.Lnk) {
			return verdict(w, b.get("/approvals/"+string(ap.ID)+"/files/"+string(f.ID)+"/red.png"))
		}
		_, content, err := w.core.ApprovalFile(context.Background(), w.requested(&ap), ap.ID, f.ID)
		if err == nil {
			content.Close()
		}
		return err == nil, core.CodeOf(err)
	}},
	"approval.decide": {ask: func(w *cellWorld, b *browser) (bool, string) {
		ap := w.askedFor(w.drawn(core.DrawingKind))
		if !w.declared.Has(access.Lnk) {
			return verdict(w, b.post(onApproval(&ap, "decide"), "deed", core.Correct, "words", "Too steep"))
		}
		_, err := w.core.Decide(context.Background(), w.requested(&ap), ap.ID, core.Decision{Deed: core.Correct, Words: "Too steep"})
		return err == nil, core.CodeOf(err)
	}},
	"approval.withdraw": {ask: changesApproval("withdraw")},
	"approval.remind":   {ask: changesApproval("remind")},
	"approval.set_substitute": {ask: func(w *cellWorld, b *browser) (bool, string) {
		ap := w.askedFor(w.drawn(core.DrawingKind))
		able := w.person("Able")
		w.tx(func(tx core.Tx) error {
			return tx.SetParticipant(context.Background(), &core.Participant{Account: w.account.ID, Project: w.project.ID, Person: able.ID, Approves: true})
		})
		return verdict(w, b.post(onApproval(&ap, "substitute"), "person", string(able.ID)))
	}},
}

func onApproval(ap *core.Approval, do string) string { return "/approvals/" + string(ap.ID) + "/" + do }

func changesApproval(do string) func(*cellWorld, *browser) (bool, string) {
	return func(w *cellWorld, b *browser) (bool, string) {
		ap := w.askedFor(w.drawn(core.DrawingKind))
		return verdict(w, b.post(onApproval(&ap, do)))
	}
}

// requested is the subject who has typed the code of the mailed link.
func (w *cellWorld) requested(ap *core.Approval) *core.Actor {
	l := core.Link{ID: core.NewID(), Account: w.account.ID, Kind: core.ApprovalLink, Person: w.subject.ID, Object: ap.ID, Scope: w.subject.Address().Norm(), CreatedBy: w.owner.ID, CreatedAt: w.core.Now()}
	w.tx(func(tx core.Tx) error { return tx.EnsureLink(context.Background(), &l) })
	return &core.Actor{Person: w.now(w.subject.ID), Account: w.account, Via: "page", Auth: "code", Link: l, Gates: access.Gates{Link: access.LinkActive}}
}

// remarked is a file that came with what an approver said.
func (w *cellWorld) remarked(ap *core.Approval) core.ApprovalFile {
	ctx := context.Background()
	ref, err := w.files.Put(ctx, w.account.ID, strings.NewReader("red lines"), 0)
	must(w.t, err)
	f := core.ApprovalFile{ID: core.NewID(), Account: w.account.ID, Approval: ap.ID, Person: w.assignee.ID, Name: "red.png", Type: "image/png", Size: ref.Size, Hash: ref.Hash}
	w.tx(func(tx core.Tx) error { return tx.CreateApprovalFiles(ctx, f) })
	return f
}

// askedFor is a request to approve a plan's index; the subject is asked, and its author, when that is declared.
func (w *cellWorld) askedFor(p core.Plan) core.Approval {
	ctx := context.Background()
	ap := core.Approval{ID: core.NewID(), Account: w.account.ID, Project: p.Project, Requester: w.assignee.ID, Rule: core.ApproveAll, State: core.ApprovalWaiting, CreatedAt: w.core.Now()}
	if w.declared.Has(access.Req) {
		ap.Requester = w.subject.ID
	}
	who := w.owner.ID
	if w.declared.Has(access.Appr) || w.declared.Has(access.Self) {
		who = w.subject.ID
		w.maySay(p.Project)
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

// maySay lets the subject be asked for approvals: who takes part, who is to hand his place on, and who has the link of a request, which nobody else gets.
func (w *cellWorld) maySay(project core.ID) {
	w.tx(func(tx core.Tx) error {
		place, ok, err := tx.FindParticipant(context.Background(), w.account.ID, project, w.subject.ID)
		if err != nil || !ok && !w.declared.Has(access.Self) && !w.declared.Has(access.Lnk) {
			return err
		}
		place.Account, place.Project, place.Person, place.Approves = w.account.ID, project, w.subject.ID, true
		return tx.SetParticipant(context.Background(), &place)
	})
}
