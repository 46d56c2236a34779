package core_test

import (
	"testing"

	"planpost/core"
)

func (h *house) visit(n core.NewVisit) core.Visit {
	h.t.Helper()
	v, err := h.c.AddVisit(h.ctx, h.as(h.owner), h.task.Number, n)
	h.must(err)
	return v
}

func TestM9AVisitIsPlannedAndOverlapsAndAbsenceAreWarnedOf(t *testing.T) {
	each(t, func(h *house) {
		day := core.NewVisit{Person: h.eve.ID, Day: "2031-02-03", From: "08:00", Until: "10:00", Note: "key at the gate"}
		one := h.visit(day)
		day.From, day.Until = "09:59", "11:00"
		h.visit(day)
		day.From, day.Until = "11:00", "12:00"
		h.visit(day)
		list, err := h.c.Visits(h.ctx, h.as(h.eve), core.VisitFilter{From: "2031-02-03", Until: "2031-02-03"})
		h.must(err)
		if len(list) != 3 || !list[0].Overlaps || !list[1].Overlaps || list[2].Overlaps {
			h.t.Fatalf("listed %+v", list)
		}
		h.must(h.c.SetDeputy(h.ctx, h.as(h.owner), h.eve.ID, core.Absence{Deputy: h.owner.ID, From: "2031-02-01", Until: "2031-02-05"}))
		v, err := h.c.Visit(h.ctx, h.as(h.owner), one.ID)
		h.must(err)
		if !v.Away || v.Deputy != h.owner.Name {
			h.t.Errorf("the absence is not told: %+v", v)
		}
		for code, bad := range map[string]core.NewVisit{"visit.day": {Day: "2031-02-30"}, "visit.time": {Day: "2031-02-03", From: "10:00"}, "visit.person": {Day: "2031-02-03", Person: h.klara.ID},
			"visit.tell": {Day: "2031-02-03", Tell: []core.ID{h.eve.ID}}} {
			if _, err := h.c.AddVisit(h.ctx, h.as(h.owner), h.task.Number, bad); core.CodeOf(err) != code {
				h.t.Errorf("%s: %v", code, err)
			}
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[1].Code != "visit.add" || log[1].Object != "visit" {
			h.t.Errorf("the log says %+v", log[:2])
		}
	})
}

func TestM9OutsidersSeeVisitsOfTheirTasksWithoutNotes(t *testing.T) {
	each(t, func(h *house) {
		v := h.visit(core.NewVisit{Person: h.eve.ID, Day: "2031-02-03", Note: "key at the gate"})
		kim := h.basic("Kim", "kim@client.test")
		if _, err := h.c.Visit(h.ctx, h.as(kim), v.ID); core.KindOf(err) != core.NotFound {
			h.t.Errorf("who has nothing to do with the task: %v", err)
		}
		h.must(h.c.AddTaskPerson(h.ctx, h.as(h.owner), h.task.ID, kim.ID, core.Participate))
		got, err := h.c.Visit(h.ctx, h.as(kim), v.ID)
		h.must(err)
		if got.Note != "" || got.May["visit.manage"] {
			h.t.Errorf("an outsider gets %+v", got)
		}
		if _, err := h.c.CancelVisit(h.ctx, h.as(kim), v.ID, nil); core.KindOf(err) != core.Forbidden {
			h.t.Errorf("an outsider calls it off: %v", err)
		}
	})
}

func TestU10VisitsAreGivenToAnotherAllOrNone(t *testing.T) {
	each(t, func(h *house) {
		one, two := h.visit(core.NewVisit{Person: h.eve.ID, Day: "2031-02-03"}), h.visit(core.NewVisit{Person: h.eve.ID, Day: "2031-02-04"})
		gone := h.visit(core.NewVisit{Person: h.eve.ID, Day: "2031-02-05"})
		_, err := h.c.CancelVisit(h.ctx, h.as(h.owner), gone.ID, nil)
		h.must(err)
		if err := h.c.AssignVisits(h.ctx, h.as(h.owner), []core.ID{one.ID, two.ID, gone.ID}, h.owner.ID); core.CodeOf(err) != "visit.over" {
			h.t.Fatalf("with one that is called off: %v", err)
		}
		count := func(p core.ID) int {
			list, err := h.c.Visits(h.ctx, h.as(h.owner), core.VisitFilter{Person: p, State: "open"})
			h.must(err)
			return len(list)
		}
		if count(h.eve.ID) != 2 {
			h.t.Error("some were moved")
		}
		h.must(h.c.AssignVisits(h.ctx, h.as(h.owner), []core.ID{one.ID, two.ID}, h.owner.ID))
		if count(h.eve.ID) != 0 || count(h.owner.ID) != 2 {
			h.t.Error("they were not moved")
		}
	})
}

func TestU9DeactivationListsAndMovesVisits(t *testing.T) {
	each(t, func(h *house) {
		max, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Max", Address: "max@holzbau.test", Role: core.Employee})
		h.must(err)
		v := h.visit(core.NewVisit{Person: max.ID, Day: "2031-02-03"})
		if err := h.c.Deactivate(h.ctx, h.as(h.owner), max.ID, core.Leaving{}); core.CodeOf(err) != "work.open" {
			h.t.Fatalf("with a visit open: %v", err)
		}
		h.must(h.c.Deactivate(h.ctx, h.as(h.owner), max.ID, core.Leaving{Items: []core.WorkRef{{Kind: core.WorkVisit, Object: v.ID}}, To: h.eve.ID}))
		got, err := h.c.Visit(h.ctx, h.as(h.owner), v.ID)
		h.must(err)
		if got.Person != h.eve.ID || got.Sequence != 1 {
			h.t.Errorf("the visit is %+v", got.Visit)
		}
	})
}

func TestM9TheOneSentGetsTheEntryAndTheOneNoMoreGetsItsEnd(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		v := h.visit(core.NewVisit{Person: h.eve.ID, Day: "2031-02-03", From: "08:00", Until: "09:00", Note: "inside"})
		sent, refused := h.letters()
		if l, ok := sent["Eve"]; !ok || l.Visit.Cancel || l.Visit.Note != "inside" || len(sent) != 1 {
			h.t.Fatalf("sent %v, refused %v", keys(sent), refused)
		}
		_, err := h.c.MoveVisit(h.ctx, h.as(h.owner), v.ID, core.NewVisit{Person: h.owner.ID, Day: "2031-02-04", Tell: []core.ID{h.klara.ID}})
		h.must(err)
		sent, refused = h.letters()
		if l := sent["Eve"]; !l.Visit.Cancel || l.Visit.Day != "2031-02-03" || l.Visit.Sequence != 1 {
			h.t.Errorf("Eve got %+v, refused %v", l.Visit, refused)
		}
		if l := sent["Klara"]; l.Visit.Cancel || l.Visit.Day != "2031-02-04" || l.Visit.Note != "" || l.VisitURL != "" {
			h.t.Errorf("Klara got %+v, refused %v", l.Visit, refused)
		}
		_, err = h.c.MoveVisit(h.ctx, h.as(h.owner), v.ID, core.NewVisit{Person: h.eve.ID, Day: "2031-02-05"})
		h.must(err)
		_, err = h.c.CancelVisit(h.ctx, h.as(h.owner), v.ID, nil)
		h.must(err)
		d, err := h.c.Visit(h.ctx, h.as(h.owner), v.ID)
		h.must(err)
		if d.State != core.VisitCancelled || d.Sequence != 3 {
			h.t.Errorf("in the end %+v", d.Visit)
		}
	})
}
