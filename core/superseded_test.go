package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// The superseded page gives the current index to nobody but who may have it: who was sent it too.
func TestASupersededPageLeadsToTheCurrentIndexWhoeverWasSentIt(t *testing.T) {
	each(t, func(h *house) {
		h.now = time.Now().UTC()
		h.pass(2 * time.Minute)
		h.letters()
		h.planner()
		p, a := h.heldPlan("A-1")
		send := func(v core.Version) string {
			_, err := h.c.SendPlans(h.ctx, h.as(h.owner), core.NewTransmittal{Project: h.project.ID, Versions: []core.ID{v.ID}, People: []core.ID{h.klara.ID}})
			h.must(err)
			h.pass(2 * time.Minute)
			return tokenOf(h.lettersTo("Klara")[core.TransmittalLetter])
		}
		first := send(a)
		b := h.anotherIndex(p, "B")
		sent := func() core.SentPlan {
			d, err := h.c.VisitDownload(h.ctx, first, "192.0.2.1")
			h.must(err)
			return d.Sending.Plans[0]
		}
		if s := sent(); s.MayFetch || s.Now.ID != b.ID || s.NowURL != "" {
			h.t.Errorf("before B was sent: %+v", s)
		}
		second := send(b)
		if s := sent(); s.MayFetch || !strings.HasSuffix(s.NowURL, second) || second == "" {
			h.t.Errorf("after it was: %q", s.NowURL)
		}
		_, err := h.c.BlockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID)
		h.must(err)
		if d, err := h.c.VisitDownload(h.ctx, first, "192.0.2.1"); err != nil || d.State != core.LinkEnded || len(d.Sending.Plans) != 0 {
			h.t.Errorf("blocked: %s, %v", d.State, err)
		}
	})
}
