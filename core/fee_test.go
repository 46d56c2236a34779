package core_test

import (
	"testing"
	"time"

	"planpost/core"
)

// M1, M4: a host of one's own has no fees: after a year nothing is refused for
// want of payment, and no mail that nobody asked for has gone to the owner.
func TestM1M4AfterAYearNothingIsOwedAndNoInvoiceWasSent(t *testing.T) {
	each(t, func(h *house) {
		h.now = time.Now().UTC()
		h.pass(2 * time.Minute)
		h.letters()
		for range 13 {
			h.pass(30 * 24 * time.Hour)
			h.must(h.c.RemindHolders(h.ctx))
			h.must(h.c.RemindApprovers(h.ctx))
			if got := h.lettersTo("Olga"); len(got) != 0 {
				h.t.Errorf("on day %d the owner is sent %v", int(h.now.Sub(time.Now()).Hours()/24), got)
			}
		}
		j, err := h.c.CreateProject(h.ctx, h.as(h.owner), core.NewProject{Name: "The second year"})
		h.must(err)
		_, err = h.c.InviteParticipant(h.ctx, h.as(h.owner), j.ID, core.NewParticipant{Address: "new@client.test"})
		h.must(err)
		p, _ := h.heldPlan("A-1")
		_, err = h.c.PlanPage(h.ctx, h.as(h.owner), p.ID)
		h.must(err)
	})
}
