package core_test

import (
	"slices"
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail/auth"
)

func TestU5bASpanIsReadAsPeopleWriteIt(t *testing.T) {
	for s, want := range map[string]int{"1:30": 90, "1h30": 90, "1h": 60, "1 h 30 min": 90, "1h30m": 90, "1.5 h": 90, "1,25 Std": 75, "0,1h": 6, "90 min": 90, "90m": 90, "24h": 1440,
		"1 ч 30 мин": 90, "2 Std.": 120,
		"": 0, "0h": 0, "25h": 0, "1:60": 0, "soon": 0, "90": 0, "1441 min": 0, "-1h": 0, "1h30h": 0} {
		if got, ok := core.ParseSpan(s); ok != (want > 0) || ok && got != want {
			t.Errorf("%q is %d %v, want %d", s, got, ok, want)
		}
	}
}

func (h *house) worked(p core.Person, f core.HoursFilter) core.HoursPage {
	h.t.Helper()
	page, err := h.c.Hours(h.ctx, h.as(p), f)
	h.must(err)
	return page
}

func TestU5bHoursAreRecordedRefusedAndTakenBack(t *testing.T) {
	each(t, func(h *house) {
		day := h.c.Today(&h.account)
		one, err := h.c.RecordHours(h.ctx, h.as(h.eve), h.task.Number, core.NewHours{Spent: "20h", Note: "glued"})
		h.must(err)
		if one.Day != day || one.Minutes != 1200 || h.lastLog("hours.record").ObjectID != one.ID {
			h.t.Errorf("recorded %+v", one)
		}
		for code, bad := range map[string]core.NewHours{"hours.spent": {Spent: "soon"}, "hours.day": {Spent: "1h", Day: "2026-02-30"}, "hours.future": {Spent: "1h", Day: h.day(2)}, "hours.full": {Spent: "5h"}} {
			if _, err := h.c.RecordHours(h.ctx, h.as(h.eve), h.task.Number, bad); core.CodeOf(err) != code {
				h.t.Errorf("%s: %v", code, err)
			}
		}
		if _, err := h.c.RecordHours(h.ctx, h.as(h.klara), h.task.Number, core.NewHours{Spent: "1h"}); err == nil {
			h.t.Error("an outsider records hours")
		}
		max, lea := h.user("Max", core.Employee), h.user("Lea", core.Manager)
		if _, err := h.c.RemoveHours(h.ctx, h.as(max), one.ID); core.KindOf(err) != core.NotFound {
			h.t.Errorf("a colleague takes it back: %v", err)
		}
		card := core.CardOf(&h.eve)
		card.Manager = lea.ID
		h.must(h.c.EditUser(h.ctx, h.as(h.owner), h.eve.ID, card))
		if n := h.worked(lea, core.HoursFilter{}); len(n.Items) != 1 || n.Total != 1200 {
			h.t.Errorf("the superior sees %+v", n)
		}
		if _, err := h.c.RemoveHours(h.ctx, h.as(lea), one.ID); core.KindOf(err) != core.Forbidden {
			h.t.Errorf("the superior takes it back: %v", err)
		}
		_, err = h.c.RemoveHours(h.ctx, h.as(h.eve), one.ID)
		h.must(err)
		if n := h.worked(h.owner, core.HoursFilter{}); len(n.Items) != 0 || n.Total != 0 {
			h.t.Errorf("left: %+v", n)
		}
	})
}

func TestU5bHoursAreAddedUpByTaskProjectAndPerson(t *testing.T) {
	each(t, func(h *house) {
		other, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Second", Assignee: h.eve.ID})
		h.must(err)
		for _, r := range []struct {
			p     core.Person
			task  int64
			spent string
		}{{h.eve, h.task.Number, "1h"}, {h.eve, other.Number, "0:30"}, {h.owner, h.task.Number, "2h"}} {
			_, err := h.c.RecordHours(h.ctx, h.as(r.p), r.task, core.NewHours{Spent: r.spent})
			h.must(err)
		}
		n := h.worked(h.owner, core.HoursFilter{})
		if n.Total != 210 || len(n.Tasks) != 2 || n.Tasks[0].Minutes != 180 || n.Tasks[0].Number != h.task.Number || len(n.Persons) != 2 || n.Persons[0].ID != h.owner.ID || n.Persons[1].Minutes != 90 {
			h.t.Errorf("sums %+v", n)
		}
		if !slices.ContainsFunc(n.Projects, func(s core.HoursSum) bool { return s.ID == h.task.Project }) {
			h.t.Errorf("projects %+v", n.Projects)
		}
		if mine := h.worked(h.eve, core.HoursFilter{Task: h.task.ID}); mine.Total != 60 || len(mine.Items) != 1 {
			h.t.Errorf("an employee sees %+v", mine)
		}
	})
}

func TestU5bAReplyOfTheStaffRecordsHoursAndOthersDoNotReadIt(t *testing.T) {
	each(t, func(h *house) {
		r := h.one(h.letter("eve@holzbau.test", "#time 1h30 2026-01-05 glued the frame\n#Zeit 15 min\n\nThe door is ready."), auth.Pass, h.replyTo(h.eve))
		if cm := h.lastComment(); r.Disposition != core.Posted || cm.Text != "The door is ready." {
			h.t.Fatalf("%s, comment %q", r.Disposition, cm.Text)
		}
		n := h.worked(h.eve, core.HoursFilter{})
		if n.Total != 105 || !slices.ContainsFunc(n.Items, func(i core.HoursItem) bool {
			return i.Day == "2026-01-05" && i.Note == "glued the frame" && i.Via == "mail"
		}) {
			h.t.Errorf("recorded %+v", n.Items)
		}
		before := len(h.comments())
		if r := h.one(h.letter("eve@holzbau.test", "#temps 0:10"), auth.Pass, h.replyTo(h.eve)); r.Disposition != core.Recorded || r.Reason != "hours.only" || len(h.comments()) != before {
			h.t.Errorf("a reply of nothing else: %s %s", r.Disposition, r.Reason)
		}
	})
}

func TestU5bWhatAMailCannotRecordIsToldToItsSenderAlone(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		for text, outcome := range map[string]auth.Outcome{"#time 1h unsigned\nA": auth.None, "#time 25:00 x\nB": auth.Pass, "#time 1h 2031-01-01\nC": auth.Pass} {
			h.one(h.letter("eve@holzbau.test", text), outcome, h.replyTo(h.eve))
			sent, _ := h.letters()
			told := strings.Join(sent["Eve"].Delivery.Params, " ")
			switch cm := h.lastComment(); text[len(text)-1:] {
			case "A":
				if cm.Text != "A" || !strings.Contains(told, "hours.unverified") {
					h.t.Errorf("unsigned: %q, told %q", cm.Text, told)
				}
			case "B": // not a duration: a text like any other
				if !strings.HasPrefix(cm.Text, "#time 25:00") || told != "" {
					h.t.Errorf("no duration: %q, told %q", cm.Text, told)
				}
			case "C":
				if cm.Text != "C" || !strings.Contains(told, "hours.future") {
					h.t.Errorf("to come: %q, told %q", cm.Text, told)
				}
			}
		}
		h.one(h.letter("klara@client.test", "#time 1h\nfrom outside"), auth.Pass, h.replyTo(h.klara))
		if cm := h.lastComment(); !strings.HasPrefix(cm.Text, "#time") {
			h.t.Errorf("an outsider's words were taken: %q", cm.Text)
		}
		if n := h.worked(h.owner, core.HoursFilter{}); n.Total != 0 {
			h.t.Errorf("recorded %+v", n.Items)
		}
	})
}
