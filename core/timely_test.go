package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// vienna is an instant on the clocks of the house.
func vienna(t *testing.T, clock string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", clock, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// digest is the digest of a person that waits, with when it is due.
func (h *house) digest(p core.Person) (d core.Delivery) {
	h.t.Helper()
	list, err := h.c.Deliveries(h.ctx, h.as(h.owner), core.DeliveryFilter{Person: p.ID, State: core.DeliveryDue, Limit: 100})
	h.must(err)
	for i := range list {
		if list[i].Delivery.Kind == core.DigestLetter {
			return list[i].Delivery
		}
	}
	return d
}

// postponed claims what is due and gives until when each mail waits for its reader.
func (h *house) postponed() (until []time.Time) {
	h.t.Helper()
	list, err := storetest.Claim(h.ctx, h.c, 100)
	h.must(err)
	for _, d := range list {
		_, err := h.c.Letter(h.ctx, d)
		at, ok := core.Postponed(err)
		if !ok {
			h.t.Fatalf("not postponed: %v", err)
		}
		until = append(until, at)
		d.SentDate = time.Time{}
		h.must(h.c.RecordAttempt(h.ctx, core.AttemptResult{Delivery: d, State: core.DeliveryDue, RetryAt: at, Uncounted: true, Reason: core.CodeOf(err)}))
	}
	return until
}

// told are the texts of a digest, a task's behind its number.
func told(l core.Letter) (texts []string) {
	for _, t := range l.Digest {
		for _, e := range t.Entries {
			texts = append(texts, e.Comment.Text)
		}
	}
	return texts
}

func TestMoreThanSoManyMailsAnHourJoinADigest(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.now = vienna(h.t, "2026-03-02 12:00")
		mails := 0
		for i := range 9 {
			h.tellOf(h.task.ID, "news "+string('1'+rune(i)))
			h.pass(5 * time.Minute)
			sent, refused := h.letters()
			if _, ok := sent["Eve"]; ok {
				mails++
			} else if refused["Eve"] != "delivery.digest" {
				h.t.Fatalf("mail %d: %v", i, refused)
			}
		}
		if mails != 6 {
			h.t.Errorf("%d mails in an hour", mails)
		}
		if l := h.say(h.owner, "to you, Eve", false, h.eve.ID)["Eve"]; len(l.Entries) != 1 {
			h.t.Error("what is addressed to her does not come")
		}
		if d := h.digest(h.eve); !d.DueAt.Equal(vienna(h.t, "2026-03-02 13:00")) || d.Stream != core.DigestStream {
			h.t.Errorf("the digest is due %s in %s", d.DueAt, d.Stream)
		}
		h.pass(time.Hour)
		sent, _ := h.letters()
		if got := told(sent["Eve"]); !slices.Equal(got, []string{"news 7", "news 8", "news 9"}) || sent["Eve"].ReplyTo.Local != "" || sent["Eve"].From.Local != "digest" {
			h.t.Errorf("the digest tells %q, from %v", got, sent["Eve"].From)
		}
	})
}

func TestADigestComesWhenItsReaderWantsIt(t *testing.T) {
	for name, c := range map[string]struct {
		r        core.Rhythm
		now, due string
	}{
		"hourly":                     {core.Rhythm{Digest: core.DigestHourly}, "2026-03-02 10:20", "2026-03-02 11:00"},
		"daily":                      {core.Rhythm{Digest: core.DigestDaily}, "2026-03-02 10:20", "2026-03-03 08:00"},
		"daily, early":               {core.Rhythm{Digest: core.DigestDaily}, "2026-03-02 05:20", "2026-03-02 08:00"},
		"daily, working days":        {core.Rhythm{Digest: core.DigestDaily, Days: "12345", From: "07:30", Until: "16:00"}, "2026-03-06 10:20", "2026-03-09 07:30"},
		"hourly, after the last one": {core.Rhythm{Digest: core.DigestHourly, Days: "12345", From: "07:30", Until: "16:00"}, "2026-03-06 15:20", "2026-03-09 07:30"},
		"daily, clocks go forward":   {core.Rhythm{Digest: core.DigestDaily}, "2026-03-28 10:20", "2026-03-29 08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(h *house) {
				h.letters()
				h.now = vienna(h.t, c.now)
				c.r.Person = h.eve.ID
				h.must(h.c.SetRhythm(h.ctx, h.as(h.eve), c.r))
				h.tellOf(h.task.ID, "first")
				h.tellOf(h.task.ID, "second")
				if d := h.digest(h.eve); !d.DueAt.Equal(vienna(h.t, c.due)) {
					h.t.Fatalf("due %s", d.DueAt.In(vienna(h.t, c.due).Location()))
				}
				if sent, _ := h.letters(); len(sent) > 0 {
					h.t.Errorf("mail before its time: %v", keys(sent))
				}
				h.now = vienna(h.t, c.due)
				sent, _ := h.letters()
				if got := told(sent["Eve"]); !slices.Equal(got, []string{"first", "second"}) {
					h.t.Errorf("the digest tells %q", got)
				}
			})
		})
	}
}

func TestOutsideOfWorkingHoursMailAboutWorkWaits(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.now = vienna(h.t, "2026-03-06 17:00") // a Friday
		h.must(h.c.SetRhythm(h.ctx, h.as(h.eve), core.Rhythm{Person: h.eve.ID, Days: "54321", From: "08:00", Until: "16:30"}))
		monday := vienna(h.t, "2026-03-09 08:00")
		h.tellOf(h.task.ID, "for all")
		h.pass(time.Hour)
		h.tellOf(h.task.ID, "for all, later")
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "to you", Tell: []core.ID{h.eve.ID}})
		h.must(err)
		if got := h.postponed(); len(got) != 1 || !got[0].Equal(monday) {
			h.t.Fatalf("postponed until %v", got)
		}
		h.must(h.c.AskReset(h.ctx, "eve@holzbau.test", home))
		if sent, _ := h.letters(); sent["Eve"].Delivery.Stream != core.SecurityStream {
			h.t.Error("security mail waits")
		}
		h.now = monday
		list, err := storetest.Claim(h.ctx, h.c, 100)
		h.must(err)
		if len(list) == 0 || list[0].SentDate.Before(monday) {
			h.t.Fatalf("on Monday %+v", list)
		}
		l, err := h.c.Letter(h.ctx, list[0])
		h.must(err)
		if len(l.Entries) != 2 || l.Entries[1].Comment.Text != "for all, later" {
			h.t.Errorf("what was for all is not one mail: %d entries", len(l.Entries))
		}
	})
}

func TestADigestTellsNothingThatItsReaderMayNotSeeOrHasSeen(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.must(h.c.SetRhythm(h.ctx, h.as(h.owner), core.Rhythm{Person: h.eve.ID, Digest: core.DigestHourly}))
		second, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Window", Assignee: h.eve.ID})
		h.must(err)
		third, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Roof", Assignee: h.eve.ID})
		h.must(err)
		h.letters()
		for _, id := range []core.ID{h.task.ID, second.ID, third.ID} {
			h.tellOf(id, "in "+string(id))
		}
		h.read(h.eve) // her page of the first task
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), second.ID, core.TaskPeople{Assignee: h.owner.ID}))
		h.pass(2 * time.Hour)
		sent, _ := h.letters()
		if got := told(sent["Eve"]); !slices.Equal(got, []string{"in " + string(third.ID)}) {
			h.t.Errorf("the digest tells %q", got)
		}
		h.tellOf(third.ID, "while she is inside")
		h.pass(2 * time.Hour)
		list, err := storetest.Claim(h.ctx, h.c, 50)
		h.must(err)
		outside := h.person(h.eve.ID)
		outside.Kind = core.ContactKind
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdatePerson(h.ctx, &outside) }))
		for _, d := range list {
			if l, err := h.c.Letter(h.ctx, d); d.Kind == core.DigestLetter && core.CodeOf(err) != "delivery.right" {
				h.t.Errorf("who is outside by now is told %q, %v", told(l), err)
			}
			h.must(h.c.RecordAttempt(h.ctx, core.AttemptResult{Delivery: d, State: core.DeliveryCancelled, Reason: "delivery.right", Attempt: core.Attempt{StartedAt: h.now, Outcome: "cancelled"}}))
		}
		outside.Kind = core.UserKind
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdatePerson(h.ctx, &outside) }))
		h.tellOf(h.task.ID, "read, too")
		h.read(h.eve)
		h.pass(2 * time.Hour)
		if _, refused := h.letters(); refused["Eve"] != "delivery.read" {
			h.t.Errorf("a digest of what was read: %v", refused)
		}
		h.tellOf(third.ID, "not hers any more")
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), third.ID, core.TaskPeople{Assignee: h.owner.ID}))
		h.pass(2 * time.Hour)
		if _, refused := h.letters(); refused["Eve"] != "delivery.right" {
			h.t.Errorf("a digest of what is not hers: %v", refused)
		}
	})
}

func TestWhoUnsubscribesFromDigestsGetsNoneUntilTheyAskAgain(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.must(h.c.SetRhythm(h.ctx, h.as(h.eve), core.Rhythm{Person: h.eve.ID, Digest: core.DigestHourly}))
		next := func() (core.Letter, string) {
			h.tellOf(h.task.ID, "more news")
			h.pass(2 * time.Hour)
			sent, refused := h.letters()
			return sent["Eve"], refused["Eve"]
		}
		l, _ := next()
		token := l.UnsubscribeURL[strings.LastIndexByte(l.UnsubscribeURL, '/')+1:]
		v, err := h.c.MuteLink(h.ctx, token, home)
		h.must(err)
		if !v.Digest() || v.DigestStopped || v.Number() < 100 || v.Number() > 999 {
			h.t.Errorf("the link leads to %+v", v)
		}
		h.must(h.c.MuteByLink(h.ctx, token, home, "task", true)) // one click in a mail program
		if got := h.stopped("eve@holzbau.test"); len(got) != 1 || got[core.DigestStream] != core.SuppressUnsubscribed {
			h.t.Errorf("stopped %v", got)
		}
		if _, refused := next(); refused != "delivery.unsubscribed" {
			h.t.Errorf("refused as %q", refused)
		}
		if l := h.say(h.owner, "to you", false, h.eve.ID)["Eve"]; len(l.Entries) != 1 {
			h.t.Error("other mail was stopped, too")
		}
		if _, stopped, err := h.c.RhythmOf(h.ctx, h.as(h.eve), h.eve.ID); err != nil || !stopped {
			h.t.Errorf("her page does not tell: %v", err)
		}
		h.wants(h.c.ResumeDigest(h.ctx, h.as(h.klara), h.eve.ID), core.NotFound, "")
		h.must(h.c.ResumeDigest(h.ctx, h.as(h.eve), h.eve.ID))
		if l, _ := next(); len(l.Digest) != 1 {
			h.t.Error("no digest after she asked for them")
		}
	})
}

func TestARhythmIsForPeopleInsideAndMustBePossible(t *testing.T) {
	each(t, func(h *house) {
		for code, r := range map[string]core.Rhythm{
			"rhythm.digest":  {Person: h.eve.ID, Digest: "weekly"},
			"rhythm.hours":   {Person: h.eve.ID, Days: "1", From: "18:00", Until: "08:00"},
			"rhythm.outside": {Person: h.basic("Bea", "bea@client.test").ID, Digest: core.DigestDaily},
		} {
			if err := h.c.SetRhythm(h.ctx, h.as(h.owner), r); core.CodeOf(err) != code {
				h.t.Errorf("%s: %v", code, err)
			}
		}
		h.wants(h.c.SetRhythm(h.ctx, h.as(h.eve), core.Rhythm{Person: h.owner.ID, Digest: core.DigestDaily}), core.Forbidden, "")
		h.must(h.c.SetRhythm(h.ctx, h.as(h.eve), core.Rhythm{Person: h.eve.ID, Days: "1", From: "08:00", Until: "12:00"}))
		if e := h.lastLog("notif.edit"); len(e.Changes) != 1 || e.Changes[0].Now != "1 08:00-12:00" {
			h.t.Errorf("logged %+v", e)
		}
	})
}
