package core_test

import (
	"testing"
	"time"

	"planpost/core"
)

// keptAs keeps one finding of a group.
func (h *house) keptAs(group, code, name string, state core.FindingState) {
	h.t.Helper()
	h.must(h.c.KeepFindings(h.ctx, group, []core.Finding{{Code: code, Name: name, State: state}}))
}

// alarm watches, and gives the causes of the alarm that holds.
func (h *house) alarm() (codes []string) {
	h.t.Helper()
	h.must(h.c.WatchMail(h.ctx, h.now.Add(-time.Hour)))
	a, ok, err := h.c.MailAlarm(h.ctx, h.as(h.owner))
	h.must(err)
	if ok != (len(a.Causes) > 0) {
		h.t.Errorf("alarm %v without a cause: %+v", ok, a)
	}
	for _, c := range a.Causes {
		codes = append(codes, c.Code)
	}
	return codes
}

func TestMailIsBrokenWhenNothingLeavesOrNoAnswerComesIn(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		is := func(when string, want ...string) {
			h.t.Helper()
			got := h.alarm()
			if len(got) != len(want) || len(want) > 0 && got[0] != want[0] {
				h.t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		h.keptAs(core.HealthRecords, "spf.without", "in.test", core.FindingWrong)
		h.keptAs(core.HealthSignIn, "relay.expired", "smtp.test:587", core.FindingAdvice)
		is("what may be refused, and advice")
		h.keptAs(core.HealthSignIn, "relay.unreachable", "smtp.test:587", core.FindingWrong)
		is("a relay seen once, that may be starting")
		h.pass(time.Minute)
		h.keptAs(core.HealthSignIn, "relay.refused", "smtp.test:587", core.FindingWrong)
		is("a relay seen twice", "relay.refused")
		h.keptAs(core.HealthRecords, "mx.missing", "in.test", core.FindingWrong)
		h.keptAs(core.HealthSignIn, "relay.fine", "smtp.test:587", core.FindingFine)
		is("another cause", "mx.missing")
		h.keptAs(core.HealthRecords, "mx.unknown", "in.test", core.FindingUnknown)
		is("no answer is no cure", "mx.missing")
		h.keptAs(core.HealthRecords, "mx.fine", "in.test", core.FindingFine)
		is("whole again")
		h.keptAs(core.HealthRecords, "mx.elsewhere", "in.test", core.FindingWrong)
		is("records elsewhere", "mx.elsewhere")
		h.keptAs(core.HealthSelfTest, "probe.fine", "in.test", core.FindingFine)
		is("records elsewhere, and mail comes in all the same")
		if a, ok, err := h.c.MailAlarm(h.ctx, h.as(h.eve)); err != nil || ok {
			h.t.Errorf("told to an employee: %+v, %v", a, err)
		}
	})
}

func TestMailThatNobodyTakesBreaksMailButNotWhatADestinationDefers(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		owe := func(due time.Time) {
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
				h.sent++
				return tx.CreateDelivery(h.ctx, &core.Delivery{ID: idFrom(h.now, h.sent), Account: h.account.ID, Person: h.klara.ID, Kind: core.NoticeLetter, Stream: core.WorkStream, State: core.DeliveryDue, CreatedAt: h.now, DueAt: due})
			}))
		}
		owe(h.now.Add(3 * time.Hour)) // deferred
		owe(h.now)
		h.pass(20 * time.Minute)
		if got := h.alarm(); len(got) > 0 {
			h.t.Errorf("after 20 minutes: %v", got)
		}
		h.pass(20 * time.Minute)
		h.must(h.c.WatchMail(h.ctx, h.now.Add(-time.Minute)))
		if _, ok, err := h.c.MailAlarm(h.ctx, h.as(h.owner)); ok || err != nil {
			h.t.Errorf("judged just after the start: %v", err)
		}
		if got := h.alarm(); len(got) != 1 || got[0] != core.AlarmStuck {
			h.t.Errorf("after 40 minutes: %v", got)
		}
		h.letters()
		if got := h.alarm(); len(got) > 0 {
			h.t.Errorf("taken, and still: %v", got)
		}
	})
}

func TestAnAlarmIsToldOnceWhenItBeginsAndOnceWhenItEnds(t *testing.T) {
	each(t, func(h *house) {
		told := func(taken bool) (events []bool) {
			h.t.Helper()
			calls, err := h.c.AlarmCalls(h.ctx)
			h.must(err)
			for _, call := range calls {
				events = append(events, call.Recovered)
				h.must(h.c.NoteCall(h.ctx, call, taken))
			}
			return events
		}
		none := func(when string) {
			h.t.Helper()
			if got := told(true); len(got) > 0 {
				h.t.Errorf("%s: called %v", when, got)
			}
		}
		one := func(when string, recovered, taken bool) {
			h.t.Helper()
			if got := told(taken); len(got) != 1 || got[0] != recovered {
				h.t.Errorf("%s: called %v, want %v", when, got, recovered)
			}
		}
		h.letters()
		none("all is well")
		h.keptAs(core.HealthRecords, "mx.missing", "in.test", core.FindingWrong)
		h.alarm()
		one("in vain", false, false)
		none("at once again")
		h.pass(31 * time.Second)
		one("again", false, true)
		h.pass(time.Hour)
		h.alarm()
		none("told")
		h.keptAs(core.HealthRecords, "mx.fine", "in.test", core.FindingFine)
		h.alarm()
		one("whole again", true, true)
		none("all told")
		h.keptAs(core.HealthRecords, "mx.missing", "in.test", core.FindingWrong)
		h.alarm()
		h.keptAs(core.HealthRecords, "mx.fine", "in.test", core.FindingFine)
		h.alarm()
		one("another, which ended before it could be told", false, true)
		one("its end", true, false)
		h.pass(25 * time.Hour)
		none("a day later")
	})
}

func TestWhatBreaksMailIsLookedAtMoreOften(t *testing.T) {
	each(t, func(h *house) {
		for group := range core.HealthGroups() {
			h.must(h.c.KeepFindings(h.ctx, group, nil))
		}
		h.keptAs(core.HealthSelfTest, "probe.lost", "in.test", core.FindingWrong)
		h.pass(16 * time.Minute)
		due, err := h.c.HealthDue(h.ctx, h.now)
		h.must(err)
		if len(due) != 2 || due[0] != core.HealthSelfTest || due[1] != core.HealthSignIn {
			h.t.Errorf("due: %v", due)
		}
	})
}
