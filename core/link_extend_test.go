package core_test

import (
	"testing"
	"time"

	"planpost/core"
)

func TestALinkToPlansIsExtendedUnlessItWasEnded(t *testing.T) {
	each(t, func(h *house) {
		h.now = time.Now().UTC()
		h.pass(2 * time.Minute)
		h.letters()
		h.planner()
		_, v := h.heldPlan("A-1")
		_, err := h.c.SendPlans(h.ctx, h.as(h.owner), core.NewTransmittal{Project: h.project.ID, Versions: []core.ID{v.ID}, People: []core.ID{h.klara.ID}})
		h.must(err)
		h.pass(2 * time.Minute)
		l := h.lettersTo("Klara")[core.TransmittalLetter]
		state := func() core.LinkState {
			d, err := h.c.VisitDownload(h.ctx, tokenOf(l), "192.0.2.1")
			h.must(err)
			return d.State
		}
		h.pass(61 * 24 * time.Hour)
		if got := state(); got != core.LinkExpired {
			h.t.Fatalf("after 61 days: %s", got)
		}
		if _, err := h.c.ExtendLink(h.ctx, h.as(h.eve), l.Link.ID); core.KindOf(err) != core.NotFound && core.KindOf(err) != core.Forbidden {
			h.t.Errorf("somebody else extends it: %v", err)
		}
		_, err = h.c.ExtendLink(h.ctx, h.as(h.owner), l.Link.ID)
		h.must(err)
		if got := state(); got != core.LinkLive {
			h.t.Errorf("extended: %s", got)
		}
		_, err = h.c.RevokeLink(h.ctx, h.as(h.owner), l.Link.ID)
		h.must(err)
		if _, err = h.c.ExtendLink(h.ctx, h.as(h.owner), l.Link.ID); core.CodeOf(err) != "link.not_extendable" {
			h.t.Errorf("ended, then extended: %v", err)
		}
		thread := h.link(h.karl.ID, h.task.ID, h.owner.ID)
		if _, err = h.c.ExtendLink(h.ctx, h.as(h.owner), thread); core.CodeOf(err) != "link.not_extendable" {
			h.t.Errorf("a conversation's link: %v", err)
		}
	})
}
