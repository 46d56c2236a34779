package core_test

import (
	"testing"
	"time"

	"planpost/core"
)

// TestAFindingKeepsHowLongItHasBeenSo checks what is kept between two looks.
func TestAFindingKeepsHowLongItHasBeenSo(t *testing.T) {
	each(t, func(h *house) {
		keep := func(list ...core.Finding) []core.Finding {
			h.t.Helper()
			h.must(h.c.KeepFindings(h.ctx, core.HealthRecords, list))
			all, err := h.c.Findings(h.ctx)
			h.must(err)
			return all
		}
		without := core.Finding{Code: "spf.without", State: core.FindingWrong, Name: "in.test", Found: "v=spf1 -all", Set: "in.test. TXT x"}
		missing := core.Finding{Code: "spf.missing", State: core.FindingWrong, Name: "in.test"}
		fine := core.Finding{Code: "spf.fine", State: core.FindingFine, Name: "in.test"}
		first := keep(without)[0]
		h.pass(time.Hour)
		second := keep(missing, core.Finding{Code: "mx.fine", State: core.FindingFine})
		if len(second) != 2 || second[0].Code != "spf.missing" || !second[0].Since.Equal(first.Since) || second[0].CheckedAt.Before(first.CheckedAt.Add(time.Hour)) {
			h.t.Errorf("another fault of the same state: %+v after %+v", second, first)
		}
		if third := keep(fine)[0]; !third.Since.Equal(third.CheckedAt) || len(keep(fine)) != 1 {
			h.t.Errorf("a new state began earlier: %+v", third)
		}
	})
}

// TestHealthIsLookedAtWhenItIsTimeOrAskedFor checks which groups are due.
func TestHealthIsLookedAtWhenItIsTimeOrAskedFor(t *testing.T) {
	each(t, func(h *house) {
		due := func(n int) {
			h.t.Helper()
			list, err := h.c.HealthDue(h.ctx)
			h.must(err)
			if len(list) != n {
				h.t.Errorf("due: %v, want %d", list, n)
			}
			for _, group := range list {
				h.must(h.c.KeepFindings(h.ctx, group, nil))
			}
		}
		all := len(core.HealthGroups())
		due(all)
		due(0)
		h.pass(11 * time.Minute)
		due(1) // the sign-in
		h.pass(time.Minute)
		h.must(h.c.AskHealth(h.ctx))
		due(all)
		due(0)
	})
}
