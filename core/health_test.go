package core_test

import (
	"strings"
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
			list, err := h.c.HealthDue(h.ctx, h.now.Add(-2*time.Hour))
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
		h.must(h.c.CheckHealth(h.ctx, h.as(h.owner)))
		due(all)
		due(0)
	})
}

// TestAProbeThatDoesNotComeBackIsLostAndTheModeStays waits in vain, after a test that chose another mode.
func TestAProbeThatDoesNotComeBackIsLostAndTheModeStays(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.c.KeepFindings(h.ctx, core.HealthSelfTest, []core.Finding{{Code: "mode.plus", State: core.FindingFine}}))
		_, err := h.c.NewProbes(h.ctx)
		h.must(err)
		if _, done, err := h.c.JudgeProbes(h.ctx); done || err != nil {
			h.t.Fatalf("given up at once: %v, %v", done, err)
		}
		h.pass(16 * time.Minute)
		list, done, err := h.c.JudgeProbes(h.ctx)
		h.must(err)
		if !done || len(list) != 2 || list[0].Code != "probe.lost" || list[0].State != core.FindingWrong || list[1].Code != "mode.plus" {
			h.t.Errorf("%v, %+v", done, list)
		}
		if under, err := h.c.Probes(h.ctx); err != nil || len(under) > 0 {
			h.t.Errorf("still under way: %v, %v", under, err)
		}
	})
}

// TestAProbesAddressIsAsLongAsMayBeAndNobodyElses checks the address and that it cannot be made up.
func TestAProbesAddressIsAsLongAsMayBeAndNobodyElses(t *testing.T) {
	each(t, func(h *house) {
		probes, err := h.c.NewProbes(h.ctx)
		h.must(err)
		for i := range probes {
			a := h.c.ProbeAddress(&probes[i])
			if len(a.Local) != 64 || a.Local == strings.ToLower(a.Local) || a.Local == strings.ToUpper(a.Local) {
				h.t.Errorf("%q", a.Local)
			}
			if r, err := h.c.Route(h.ctx, a); err != nil || r.Kind != core.RouteProbe || r.Probe != probes[i].ID {
				h.t.Errorf("%+v, %v", r, err)
			}
			at := strings.Index(a.Local, "-") + 1
			other := byte('2')
			if a.Local[at+40] == other {
				other = '3'
			}
			a.Local = a.Local[:at+40] + string(other) + a.Local[at+41:]
			if r, err := h.c.Route(h.ctx, a); err != nil || r.Kind == core.RouteProbe {
				h.t.Errorf("a forged one: %+v, %v", r, err)
			}
		}
	})
}
