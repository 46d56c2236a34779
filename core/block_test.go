package core_test

import (
	"testing"
	"time"

	"planpost/core"
)

// fetched is a download of the first index of a sending, by the link of its mail.
func (h *house) fetched(l core.Letter, end bool) *core.Fetching {
	h.t.Helper()
	v, err := h.c.VisitDownload(h.ctx, tokenOf(l), "192.0.2.1")
	h.must(err)
	o, _, err := h.c.OpenTicket(h.ctx, h.c.Ticket(&v.Link, v.Sending.Plans[0].Files[0].ID), "192.0.2.1")
	h.must(err)
	f, err := h.c.BeginFetch(h.ctx, &o, core.Visitor{IP: "192.0.2.1", Agent: "Mozilla/5.0 Firefox", Language: true}, h.c.Now().Add(-time.Minute))
	h.must(err)
	if end {
		h.must(h.c.EndFetch(h.ctx, f, v.Sending.Plans[0].Files[0].Size, true, false))
	}
	return f
}

func TestB1AReceiptCountsWhatEndedAndWhatCannotBeCalledBack(t *testing.T) {
	each(t, func(h *house) {
		h.now = time.Now().UTC()
		h.pass(2 * time.Minute)
		h.letters()
		h.must(h.c.SetAccess(h.ctx, h.as(h.owner), h.klara.ID, core.BasicAccess))
		h.in(h.eve, "Architect")
		h.in(h.klara, "Engineer", func(m *core.Participant) { m.Approves = true })
		no, yes := false, true
		sentPlan, _ := h.plan(h.eve, "A-1", func(n *core.NewPlan) { n.Approval = &no })
		asked, _ := h.plan(h.eve, "A-2", func(n *core.NewPlan) { n.Approval, n.Approvers = &yes, []core.ID{h.klara.ID} })
		page, err := h.c.PlanPage(h.ctx, h.as(h.owner), sentPlan.ID)
		h.must(err)
		_, err = h.c.SendPlans(h.ctx, h.as(h.owner), core.NewTransmittal{Project: h.project.ID, Versions: []core.ID{page.Versions[0].ID}, People: []core.ID{h.klara.ID}})
		h.must(err)
		h.pass(2 * time.Minute)
		l := h.lettersTo("Klara")[core.TransmittalLetter]
		h.fetched(l, true)
		running := h.fetched(l, false)
		_, err = h.c.SendPlans(h.ctx, h.as(h.owner), core.NewTransmittal{Project: h.project.ID, Versions: []core.ID{page.Versions[0].ID}, People: []core.ID{h.klara.ID}})
		h.must(err)

		before, err := h.c.PreviewBlock(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID)
		h.must(err)
		b, err := h.c.BlockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID)
		h.must(err)
		h.must(h.c.EndFetch(h.ctx, running, 10, false, true))
		if b.Standing != before.Standing {
			h.t.Errorf("the preview says %+v, the receipt %+v", before.Standing, b.Standing)
		}
		if b.Number != 1 || b.Mails != 1 || b.Downloads != 1 || b.Approvals != 1 || b.Fetched != 1 || b.Delivered == 0 || b.Links < 3 {
			h.t.Errorf("the receipt: %+v", b)
		}
		v, err := h.c.FindBlock(h.ctx, h.as(h.owner), b.ID)
		h.must(err)
		if len(v.Cut) != 1 || !v.Cut[0].Fetch.Cut || v.Cut[0].Plan.ID != sentPlan.ID || len(v.Got) != 1 || len(v.Waiting) != 1 || v.Waiting[0].Plan.ID != asked.ID || v.Blocker.ID != h.owner.ID {
			h.t.Errorf("it names cut %+v, got %+v, waiting %+v", v.Cut, v.Got, v.Waiting)
		}
		if p := h.lettersTo("Eve")[core.NoticeLetter].Delivery.Params; len(p) < 2 || p[1] != "plan.unable" {
			h.t.Errorf("who asked is told %v", p)
		}
		if _, err := h.c.FindBlock(h.ctx, h.as(h.eve), b.ID); core.KindOf(err) == 0 {
			h.t.Error("everybody looks behind the lock")
		}
		h.must(h.c.UnblockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID))
		if v, err = h.c.FindBlock(h.ctx, h.as(h.owner), b.ID); err != nil || v.LiftedAt.IsZero() || v.LiftedOf.ID != h.owner.ID {
			h.t.Errorf("lifted: %v, %v", v.LiftedAt, err)
		}
		again, err := h.c.BlockPerson(h.ctx, h.as(h.owner), h.klara.ID)
		h.must(err)
		if again.Number != 2 || again.Project != "" || again.Approvals != 1 {
			h.t.Errorf("the next receipt: %+v", again)
		}
	})
}
