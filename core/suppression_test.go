package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/store/storetest"
)

// stopped are the streams that are stopped to an address, with why.
func (h *house) stopped(address string) map[core.Stream]core.SuppressReason {
	h.t.Helper()
	list, err := h.c.Suppressions(h.ctx, h.as(h.owner), core.SuppressionFilter{Address: address})
	h.must(err)
	all := map[core.Stream]core.SuppressReason{}
	for _, s := range list {
		all[s.Stream] = s.Reason
	}
	return all
}

// owed writes to Klara and gives what becomes of the mail.
func (h *house) owed() core.Delivery {
	h.t.Helper()
	h.now = h.now.Add(time.Minute)
	_, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "One more word", Tell: []core.ID{h.klara.ID}})
	h.must(err)
	list, err := h.c.Deliveries(h.ctx, h.as(h.owner), core.DeliveryFilter{Person: h.klara.ID, Limit: 1})
	h.must(err)
	return list[0].Delivery
}

// refusedAs asks for the letter of a delivery and gives the code of the refusal.
func (h *house) refusedAs(d core.Delivery) string {
	_, err := h.c.Letter(h.ctx, d)
	return core.CodeOf(err)
}

func TestWhatComesBackStopsAnAddressOnlyWhenNobodyIsThere(t *testing.T) {
	for status, want := range map[string]bool{"550 5.1.1 no such user": true, "550 5.7.1 refused as spam": false, "552 5.2.2 mailbox full": false, "451 4.2.0 try later": false, "550 5.1.8 bad sender": false} {
		each(t, func(h *house) {
			sent, _ := h.letters()
			l := sent["Klara"]
			h.one(h.report(status, "x@y.test"), auth.None, l.ReversePath.Mailbox())
			got := h.stopped("klara@client.test")
			if (len(got) > 0) != want {
				h.t.Errorf("%s: stopped %v", status, got)
			}
			if !want {
				if code := h.refusedAs(h.owed()); code != "" {
					h.t.Errorf("%s: the next mail is refused as %s", status, code)
				}
				return
			}
			if got[core.WorkStream] != core.SuppressBounce || got[core.DigestStream] != core.SuppressBounce || len(got) != 2 {
				h.t.Errorf("%s: %v, want work and digest", status, got)
			}
			if code := h.refusedAs(h.owed()); code != "delivery.suppressed.bounce" {
				h.t.Errorf("%s: the next mail is refused as %q", status, code)
			}
			d := h.owed()
			d.Stream = core.SecurityStream
			if code := h.refusedAs(d); code != "" {
				h.t.Errorf("%s: security mail is refused as %s", status, code)
			}
		})
	}
}

// Klara has another address by the time the report comes.
func TestAReportStopsTheAddressThatTheMailWentTo(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		l := sent["Klara"]
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
			return tx.ReplaceAddress(h.ctx, &core.PersonAddress{ID: h.klara.Addresses[0].ID, Account: h.account.ID, Person: h.klara.ID, Norm: "k@new.test",
				Given: mail.Address{Local: "k", Domain: "new.test"}, Primary: true})
		}))
		h.one(h.report("550 5.1.1 no such user", "x@y.test"), auth.None, l.ReversePath.Mailbox())
		if was, is := h.stopped("klara@client.test"), h.stopped("k@new.test"); len(was) != 2 || len(is) > 0 {
			h.t.Errorf("stopped the old one %v, the new one %v", was, is)
		}
	})
}

// Whoever was forwarded a mail of ours knows its Message-ID.
func TestAReportThatNamesAMailByItsMessageIDStopsItOnlyWhenProven(t *testing.T) {
	for outcome, want := range map[auth.Outcome]int{auth.None: 0, auth.Fail: 0, auth.Pass: 1} {
		each(t, func(h *house) {
			sent, _ := h.letters()
			l := sent["Klara"]
			raw := h.multipart("feedback-report", "Feedback-Type: abuse\nUser-Agent: Provider/1\nVersion: 1\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <"+l.MessageID+">\nSubject: Door\n\ntext\n")
			if r := h.one(raw, outcome, h.replyTo(h.klara)); r.Delivery != l.Delivery.ID {
				h.t.Fatalf("%s: %s %s is about %q", outcome, r.Disposition, r.Reason, r.Delivery)
			}
			if got := h.stopped("klara@client.test"); len(got) != want {
				h.t.Errorf("%s: stopped %v", outcome, got)
			}
		})
	}
}

func TestAnAddressThatTheRelayDoesNotKnowIsStopped(t *testing.T) {
	each(t, func(h *house) {
		refuse := func(enhanced string) {
			h.t.Helper()
			d := h.owed()
			for last := core.ID(""); last != d.ID; { // the thread goes one by one
				list, err := storetest.Claim(h.ctx, h.c, 100)
				h.must(err)
				if len(list) == 0 {
					h.t.Fatal("the mail is never due")
				}
				for _, c := range list {
					r := core.AttemptResult{Delivery: c, State: core.DeliverySent, Attempt: core.Attempt{StartedAt: h.now, Outcome: "sent"}}
					if c.ID == d.ID {
						r.State, r.Attempt.Address, r.Attempt.Enhanced, r.Attempt.Outcome = core.DeliveryFailed, "klara@client.test", enhanced, "failed"
						last = c.ID
					}
					h.must(h.c.RecordAttempt(h.ctx, r))
				}
			}
		}
		refuse("5.7.1")
		if got := h.stopped("klara@client.test"); len(got) > 0 {
			h.t.Errorf("a policy stopped %v", got)
		}
		refuse("5.1.1")
		if got := h.stopped("klara@client.test"); len(got) != 2 {
			h.t.Errorf("stopped %v", got)
		}
	})
}

func TestAComplaintIsLiftedByItsAuthorsMailAndNobodyElse(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		l := sent["Klara"]
		h.must(h.c.SuppressAddress(h.ctx, h.as(h.owner), "klara@client.test", core.WorkStream, "on leave")) // graver than that
		h.one(h.multipart("feedback-report", "Feedback-Type: abuse\nUser-Agent: Provider/1\nVersion: 1\n"), auth.None, l.ReversePath.Mailbox())
		if got := h.stopped("klara@client.test"); len(got) != 1 || got[core.WorkStream] != core.SuppressComplaint {
			h.t.Fatalf("stopped %v", got)
		}
		if code := h.refusedAs(h.owed()); code != "delivery.suppressed.complaint" {
			h.t.Errorf("refused as %q", code)
		}
		list, err := h.c.Suppressions(h.ctx, h.as(h.owner), core.SuppressionFilter{})
		h.must(err)
		h.wants(h.c.LiftSuppression(h.ctx, h.as(h.owner), list[0].ID), core.Conflict, "suppression.complaint")
		write := func(outcome auth.Outcome) {
			h.t.Helper()
			if r := h.one(h.withFiles("klara@client.test", "Here I am again"), outcome, h.replyTo(h.klara)); r.Disposition != core.Posted {
				h.t.Fatal(r.Disposition, r.Reason)
			}
		}
		write(auth.None) // anybody could have written that
		if got := h.stopped("klara@client.test"); len(got) != 1 {
			h.t.Errorf("a mail without proof lifted it: %v", got)
		}
		write(auth.Pass)
		if got := h.stopped("klara@client.test"); len(got) > 0 {
			h.t.Errorf("after her own mail: %v", got)
		}
		if code := h.refusedAs(h.owed()); code != "" {
			h.t.Errorf("refused as %q", code)
		}
	})
}

func TestAnAddressIsStoppedAndLiftedByHand(t *testing.T) {
	each(t, func(h *house) {
		h.wants(h.c.SuppressAddress(h.ctx, h.as(h.eve), "klara@client.test", core.WorkStream, ""), core.Forbidden, "")
		h.wants(h.c.SuppressAddress(h.ctx, h.as(h.owner), "klara", core.WorkStream, ""), core.Invalid, "")
		h.wants(h.c.SuppressAddress(h.ctx, h.as(h.owner), "klara@client.test", core.SecurityStream, ""), core.Invalid, "suppression.stream")
		h.must(h.c.SuppressAddress(h.ctx, h.as(h.owner), "Klara@Client.test", core.WorkStream, "she is on leave"))
		h.wants(h.c.SuppressAddress(h.ctx, h.as(h.owner), "klara@client.test", core.WorkStream, ""), core.Conflict, "suppression.there")
		d := h.owed()
		if code := h.refusedAs(d); code != "delivery.suppressed.hand" {
			h.t.Errorf("refused as %q", code)
		}
		list, err := h.c.Suppressions(h.ctx, h.as(h.owner), core.SuppressionFilter{Person: h.klara.ID})
		h.must(err)
		if len(list) != 1 || list[0].PersonName != "Klara" || list[0].ByName != h.owner.Name || !strings.Contains(list[0].Evidence, "leave") {
			h.t.Fatalf("%+v", list)
		}
		h.must(h.c.LiftSuppression(h.ctx, h.as(h.owner), list[0].ID))
		h.wants(h.c.LiftSuppression(h.ctx, h.as(h.owner), list[0].ID), core.NotFound, "")
		if code := h.refusedAs(d); code != "" {
			h.t.Errorf("refused as %q", code)
		}
	})
}
