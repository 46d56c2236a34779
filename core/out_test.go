package core_test

import (
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/store/storetest"
)

func (h *house) refusal(address string) string {
	h.t.Helper()
	a, err := mail.ParseMailbox(address)
	h.must(err)
	r, err := h.c.Route(h.ctx, a)
	h.must(err)
	return r.Refuse
}

func TestAMailIsNotSentToWhoLostTheRightMeanwhile(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		old := h.replyTo(h.klara)
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "news", Tell: []core.ID{h.klara.ID, h.sub.ID}})
		h.must(err)
		_, err = h.c.BlockPerson(h.ctx, h.as(h.owner), h.klara.ID)
		h.must(err)
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.eve.ID, Participants: []core.ID{h.klara.ID, h.karl.ID}}))
		sent, refused := h.letters()
		// What waited for Klara was cancelled by the block itself; there is nothing left to refuse.
		if _, went := sent["Klara"]; went || refused["Klara"] != "" || refused["Sub"] != "delivery.right" {
			h.t.Errorf("sent %v, refused %v", keys(sent), refused)
		}
		// Her old address is dead for good; what comes by another road is kept for a person to see.
		if got := h.refusal(old); got != "link.revoked" {
			h.t.Errorf("her reply address: %q", got)
		}
		if r := h.one(h.letter("klara@client.test", "hello?"), auth.Pass, h.replyTo(h.klara)); r.Disposition != core.Held || r.Reason != "person.blocked" {
			h.t.Errorf("blocked: %s (%s)", r.Disposition, r.Reason)
		}
		h.must(h.c.UnblockPerson(h.ctx, h.as(h.owner), h.klara.ID))
		if got := h.refusal(old); got != "link.revoked" {
			h.t.Errorf("unblocking revived her old address: %q", got)
		}
	})
}

func TestEventsOfABurstShareOneMail(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		for range 5 {
			_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "one more"})
			h.must(err)
			h.pass(20 * time.Second)
		}
		if sent, _ := h.letters(); len(sent) != 0 {
			h.t.Errorf("sent before it was quiet: %v", keys(sent))
		}
		h.pass(time.Minute)
		sent, _ := h.letters()
		if n := len(sent["Eve"].Entries); n != 5 {
			h.t.Errorf("%d comments in the mail", n)
		}
	})
}

func TestABurstWaitsFiveMinutesAtMost(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		start := h.now
		for len(first(h.letters())) == 0 {
			if h.now.Sub(start) > 7*time.Minute {
				h.t.Fatal("the mail still waits")
			}
			_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "and again"})
			h.must(err)
			h.pass(30 * time.Second)
		}
		if waited := h.now.Sub(start); waited < 5*time.Minute {
			h.t.Errorf("sent after %v although it was never quiet", waited)
		}
	})
}

func TestAnUnfinishedMailIsSentByAnother(t *testing.T) {
	each(t, func(h *house) {
		list, err := storetest.Claim(h.ctx, h.c, 100)
		h.must(err)
		if again, _ := storetest.Claim(h.ctx, h.c, 100); len(again) != 0 || len(list) == 0 {
			h.t.Fatalf("claimed %d, then %d again", len(list), len(again))
		}
		h.pass(time.Hour) // the claimer died
		again, err := storetest.Claim(h.ctx, h.c, 100)
		h.must(err)
		if len(again) != len(list) || again[0].Attempts != 2 {
			h.t.Fatalf("%d taken over", len(again))
		}
		l1, err := h.c.Letter(h.ctx, list[0])
		h.must(err)
		l2, err := h.c.Letter(h.ctx, again[0])
		h.must(err)
		if l1.MessageID != l2.MessageID && list[0].ID == again[0].ID || !list[0].SentDate.Equal(again[0].SentDate) {
			h.t.Error("the repeat is another mail")
		}
		// The dead claimer comes back late: its word counts no more.
		h.must(h.c.RecordAttempt(h.ctx, core.AttemptResult{Delivery: list[0], State: core.DeliveryFailed, Reason: "late"}))
		items, err := h.c.Deliveries(h.ctx, h.as(h.owner), core.DeliveryFilter{})
		h.must(err)
		for _, it := range items {
			if it.Delivery.State == core.DeliveryFailed {
				h.t.Error("an ended lease still wrote its result")
			}
		}
	})
}

func TestABounceGoesToItsDelivery(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		l := sent["Klara"]
		report := "From: MAILER-DAEMON@client.test\nTo: " + l.ReversePath.Mailbox() + "\nSubject: Undelivered\nMessage-ID: <dsn@client.test>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nno such user\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.client.test\n\nFinal-Recipient: rfc822; klara@client.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b--\n"
		r := h.one(report, auth.None, l.ReversePath.Mailbox())
		if r.Disposition != core.Recorded || r.Delivery != l.Delivery.ID {
			h.t.Fatalf("%s (%s) %s", r.Disposition, r.Reason, r.Delivery)
		}
		v, err := h.c.Delivery(h.ctx, h.as(h.owner), l.Delivery.ID)
		h.must(err)
		if v.Item.Delivery.State != core.DeliveryFailed {
			h.t.Errorf("state %s", v.Item.Delivery.State)
		}
	})
}

func TestOutsidersReadTheTitleAndInsidersTheDescription(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		if l := sent["Klara"]; l.Description != "" || l.TaskURL != "" {
			h.t.Errorf("Klara reads %q, %q", l.Description, l.TaskURL)
		}
		if l := sent["Eve"]; l.Description != "the secret plan" || l.TaskURL == "" {
			h.t.Errorf("Eve reads %q, %q", l.Description, l.TaskURL)
		}
		for _, name := range sent["Klara"].Readers {
			if name == "Sub" || name == "Karl" {
				h.t.Errorf("Klara learns of %s", name)
			}
		}
	})
}
