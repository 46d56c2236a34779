package core_test

import (
	"slices"
	"testing"
	"time"

	"planpost/core"
)

// away makes Eve absent from the given day on, so many days, with a deputy.
func (h *house) away(deputy core.ID, from, until int) {
	h.t.Helper()
	h.must(h.c.SetDeputy(h.ctx, h.as(h.owner), h.eve.ID, core.Absence{Deputy: deputy, From: h.day(from), Until: h.day(until)}))
}

// hear writes a comment as the owner, and tells who got a mail of it.
func (h *house) hear(hidden bool) map[string]core.Letter {
	h.t.Helper()
	h.letters()
	_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "words", Hidden: hidden})
	h.must(err)
	h.pass(time.Hour)
	sent, _ := h.letters()
	return sent
}

func TestTheDeputyHearsOfTasksWhileSomebodyIsAway(t *testing.T) {
	each(t, func(h *house) {
		dana := h.user("dana", core.Employee)
		_, err := h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, core.TaskEdit{Visibility: ref(core.VisibleInside)})
		h.must(err)
		h.away(dana.ID, 0, 1)
		sent := h.hear(false)
		if l, ok := sent["dana"]; !ok || !slices.Equal(l.Reasons, []string{"deputy"}) || len(l.Entries) != 1 {
			h.t.Errorf("the deputy got %+v", l.Entries)
		}
		if _, ok := sent["Eve"]; !ok {
			h.t.Error("who is away finds nothing when back")
		}
		// "Open inside" shows the task, not its internal notes.
		if sent := h.hear(true); sent["dana"].Delivery.ID != "" {
			h.t.Error("the deputy reads an internal note of a task that is not his")
		}
		h.pass(48 * time.Hour)
		if sent := h.hear(false); sent["dana"].Delivery.ID != "" {
			h.t.Error("the absence does not end by itself")
		}
	})
}

func TestToStandInGivesNoRights(t *testing.T) {
	each(t, func(h *house) {
		dana := h.user("dana", core.Employee)
		h.away(dana.ID, 0, 5)
		if sent := h.hear(false); sent["dana"].Delivery.ID != "" {
			h.t.Error("the deputy got a mail of a task he may not see")
		}
		if _, err := h.c.Task(h.ctx, h.as(dana), h.task.Number, ""); core.KindOf(err) != core.NotFound {
			h.t.Errorf("the deputy opens the task: %v", err)
		}
	})
}

func TestAnAbsenceIsCheckedAndLogged(t *testing.T) {
	each(t, func(h *house) {
		dana := h.user("dana", core.Employee)
		set := func(who core.Person, n core.Absence) error { return h.c.SetDeputy(h.ctx, h.as(who), h.eve.ID, n) }
		h.wants(set(h.owner, core.Absence{Deputy: h.klara.ID, From: h.day(0), Until: h.day(1)}), core.Invalid, "deputy.who")
		h.wants(set(h.owner, core.Absence{Deputy: h.eve.ID, From: h.day(0), Until: h.day(1)}), core.Invalid, "deputy.who")
		h.wants(set(h.owner, core.Absence{Deputy: dana.ID, From: h.day(2), Until: h.day(1)}), core.Invalid, "deputy.dates")
		h.wants(set(h.owner, core.Absence{Deputy: dana.ID, From: h.day(-3), Until: h.day(-1)}), core.Invalid, "deputy.dates")
		h.wants(set(dana, core.Absence{Deputy: dana.ID, From: h.day(0), Until: h.day(1)}), core.Forbidden, "")
		h.must(set(h.eve, core.Absence{Deputy: dana.ID, From: h.day(0), Until: h.day(1)}))
		if log := h.lastLog("user.deputy"); log.Changes[0] != (core.Change{Field: "deputy", Now: string(dana.ID)}) {
			h.t.Errorf("the log says %+v", log.Changes)
		}
		h.must(set(h.eve, core.Absence{}))
		if p := h.person(h.eve.ID); p.Deputy != "" || p.AwayFrom != "" || p.AwayUntil != "" {
			h.t.Errorf("the absence is not over: %+v", p)
		}
	})
}
