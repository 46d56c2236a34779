package core_test

import (
	"fmt"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

// note is an absence note.
func (h *house) note(from, text string) string {
	h.sent++
	return fmt.Sprintf("From: %s\nTo: x@%s\nSubject: Automatic reply: Door\nDate: %s\nMessage-ID: <%d@test>\nAuto-Submitted: auto-replied\n\n%s\n",
		from, domain, h.now.Format(time.RFC1123Z), h.sent, text)
}

func (h *house) view(p core.Person) core.TaskView {
	h.t.Helper()
	v, err := h.c.Task(h.ctx, h.as(p), h.task.Number, "")
	h.must(err)
	return v
}

// day is a date some days from now, in words that cannot be misread.
func (h *house) day(n int) string { return h.now.AddDate(0, 0, n).Format("2006-01-02") }

func TestAnAbsenceIsShownAndStirsNobody(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		h.pass(time.Hour)
		h.letters()
		before := h.view(h.owner)
		for name, to := range map[string]string{"to the reply address": h.replyTo(h.klara), "to the return address": sent["Klara"].ReversePath.Mailbox()} {
			r := h.one(h.note("klara@client.test", "I am out of the office until "+h.day(5)+"."), auth.Pass, to)
			if r.Disposition != core.Recorded || r.Reason != "class.away" || r.Person != h.klara.ID || r.Task != h.task.ID {
				h.t.Errorf("%s: %s (%s), %s on %s", name, r.Disposition, r.Reason, r.Person, r.Task)
			}
		}
		h.pass(time.Hour)
		if told, _ := h.letters(); len(told) != 0 {
			h.t.Errorf("told of it: %v", keys(told))
		}
		v := h.view(h.owner)
		if len(v.Comments) != len(before.Comments) || v.Task.Status != before.Task.Status || !v.Task.UpdatedAt.Equal(before.Task.UpdatedAt) {
			h.t.Errorf("the task has moved: %+v", v.Task)
		}
		if len(v.Away) != 1 || v.Away[0].Person != h.klara.ID || v.Away[0].Until != h.day(5) || v.Away[0].Receipt == "" || v.People[h.klara.ID].Name != "Klara" {
			h.t.Errorf("away: %+v", v.Away)
		}
		kim := h.basic("Kim", "kim@client.test")
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.eve.ID, Participants: []core.ID{kim.ID, h.klara.ID}}))
		if out := h.view(kim); len(out.Away) != 0 {
			h.t.Errorf("an outsider learns who is away: %+v", out.Away)
		}
	})
}

func TestAnAbsenceIsOverWhenItsDayIs(t *testing.T) {
	each(t, func(h *house) {
		h.one(h.note("klara@client.test", "I am out of the office until "+h.day(5)+"."), auth.Pass, h.replyTo(h.klara))
		h.one(h.note("eve@holzbau.test", "I am out of the office."), auth.Pass, h.replyTo(h.eve))
		for _, step := range []struct {
			pass time.Duration
			want int
		}{{0, 2}, {4 * 24 * time.Hour, 2}, {3 * 24 * time.Hour, 1}, {8 * 24 * time.Hour, 0}} {
			h.pass(step.pass)
			if n := len(h.view(h.owner).Away); n != step.want {
				h.t.Errorf("%v later %d are away, not %d", step.pass, n, step.want)
			}
		}
	})
}

func TestTheNewestWordAboutAnAbsenceCounts(t *testing.T) {
	each(t, func(h *house) {
		for _, days := range []int{20, 3} {
			h.one(h.note("klara@client.test", "I am out of the office until "+h.day(days)+"."), auth.Pass, h.replyTo(h.klara))
			h.pass(time.Minute)
		}
		if v := h.view(h.owner); len(v.Away) != 1 || v.Away[0].Until != h.day(3) {
			h.t.Errorf("away: %+v", v.Away)
		}
	})
}

func TestOnlyOnesOwnNoteMakesOneAbsent(t *testing.T) {
	each(t, func(h *house) {
		r := h.one(h.note("stranger@nowhere.test", "I am out of the office."), auth.Pass, h.replyTo(h.klara))
		if r.Disposition != core.Recorded || r.Reason != "class.auto-reply" {
			h.t.Errorf("%s (%s)", r.Disposition, r.Reason)
		}
		r = h.one(h.note("klara@client.test", "We have received your request, ticket 4711."), auth.Pass, h.replyTo(h.klara))
		if r.Disposition != core.Recorded || r.Reason != "class.received" {
			h.t.Errorf("%s (%s)", r.Disposition, r.Reason)
		}
		if v := h.view(h.owner); len(v.Away) != 0 {
			h.t.Errorf("away: %+v", v.Away)
		}
	})
}
