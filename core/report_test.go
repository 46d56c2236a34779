package core_test

import (
	"fmt"
	"slices"
	"testing"

	"planpost/core"
	"planpost/mail/auth"
)

// report is a bounce in words only, as many systems write them.
func (h *house) report(words, original string) string {
	h.sent++
	return fmt.Sprintf("Return-Path: <>\nFrom: MAILER-DAEMON@mx.client.test\nTo: x@%s\nSubject: failure notice\nMessage-ID: <%d@mx.client.test>\n\nThis could not be delivered:\n\n<klara@client.test>:\n%s\n\n--- Your original message:\n\nMessage-ID: <%s>\nSubject: Door\n", domain, h.sent, words, original)
}

// multipart is a report as RFC 6522 has it.
func (h *house) multipart(kind, part string) string {
	h.sent++
	return fmt.Sprintf("From: postmaster@mx.client.test\nTo: x@%s\nSubject: Report\nMessage-ID: <%d@mx.client.test>\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=b; report-type=%s\n\n--b\n\nsee below\n--b\nContent-Type: message/%s\n\n%s\n--b--\n", domain, h.sent, kind, kind, part)
}

func (h *house) stateOf(id core.ID) core.DeliveryState {
	h.t.Helper()
	v, err := h.c.Delivery(h.ctx, h.as(h.owner), id)
	h.must(err)
	return v.Item.Delivery.State
}

func TestReportsOfAllFormsFindTheirDelivery(t *testing.T) {
	const dsn = "Reporting-MTA: dns; mx.client.test\n\nFinal-Recipient: rfc822; klara@client.test\n"
	for name, c := range map[string]struct {
		raw   func(h *house, l *core.Letter) string
		reply bool // it comes to the reply address, not to the return address
		want  core.DeliveryState
	}{
		"nobody there":           {func(h *house, l *core.Letter) string { return h.report("550 5.1.1 no such user", "x@y.test") }, false, core.DeliveryFailed},
		"refused by a policy":    {func(h *house, l *core.Letter) string { return h.report("550 5.7.1 refused as spam", "x@y.test") }, false, core.DeliveryFailed},
		"late":                   {func(h *house, l *core.Letter) string { return h.report("451 4.2.0 try later", "x@y.test") }, false, core.DeliverySent},
		"by the returned header": {func(h *house, l *core.Letter) string { return h.report("550 5.1.1 no such user", l.MessageID) }, true, core.DeliveryFailed},
		"about another's mail":   {func(h *house, l *core.Letter) string { return h.report("550 5.1.1 no such user", "x@y.test") }, true, core.DeliverySent},
		"given up after many days": {func(h *house, l *core.Letter) string {
			return h.multipart("delivery-status", dsn+"Action: failed\nStatus: 4.4.7\n")
		}, false, core.DeliveryFailed},
		"delayed": {func(h *house, l *core.Letter) string {
			return h.multipart("delivery-status", dsn+"Action: delayed\nStatus: 4.4.1\n")
		}, false, core.DeliverySent},
		"delivered": {func(h *house, l *core.Letter) string {
			return h.multipart("delivery-status", dsn+"Action: delivered\nStatus: 2.0.0\n")
		}, false, core.DeliverySent},
	} {
		each(t, func(h *house) {
			sent, _ := h.letters()
			l := sent["Klara"]
			to := l.ReversePath.Mailbox()
			if c.reply {
				to = h.replyTo(h.klara)
			}
			if r := h.one(c.raw(h, &l), auth.None, to); r.Disposition != core.Recorded || r.Reason != "class.bounce" {
				h.t.Errorf("%s: %s (%s)", name, r.Disposition, r.Reason)
			}
			if got := h.stateOf(l.Delivery.ID); got != c.want {
				h.t.Errorf("%s: the delivery is %s, not %s", name, got, c.want)
			}
		})
	}
}

func TestAComplaintIsNotedWithItsType(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		l := sent["Klara"]
		r := h.one(h.multipart("feedback-report", "Feedback-Type: abuse\nUser-Agent: Provider/1\nVersion: 1\n"), auth.None, l.ReversePath.Mailbox())
		if r.Disposition != core.Recorded || r.Reason != "class.feedback" || r.Delivery != l.Delivery.ID {
			h.t.Errorf("%s (%s) %s", r.Disposition, r.Reason, r.Delivery)
		}
		i := slices.IndexFunc(r.Trace, func(s core.Step) bool { return s.Code == "complaint" })
		if i < 0 || !slices.Equal(r.Trace[i].Params[:2], []string{"type", "abuse"}) {
			h.t.Errorf("trace %+v", r.Trace)
		}
		if got := h.stateOf(l.Delivery.ID); got != core.DeliverySent {
			h.t.Errorf("the delivery is %s", got)
		}
	})
}

func TestAnInvitationComesWithItsComment(t *testing.T) {
	each(t, func(h *house) {
		kim := h.basic("Kim", "kim@client.test")
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.eve.ID, Participants: []core.ID{kim.ID, h.klara.ID}}))
		raw := fmt.Sprintf("From: kim@client.test\nTo: x@%s\nSubject: Re: Door\nMessage-ID: <inv@test>\nContent-Type: multipart/alternative; boundary=b\nMIME-Version: 1.0\n\n--b\n\nShall we meet?\n--b\nContent-Type: text/calendar; method=REQUEST\n\n"+
			"BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nDTSTART:20260812T080000Z\nDTEND:20260812T090000Z\nSUMMARY:Survey\nLOCATION:Site\nORGANIZER;CN=Klara:mailto:klara@client.test\nEND:VEVENT\nEND:VCALENDAR\n--b--\n", domain)
		if r := h.one(raw, auth.Pass, h.replyTo(kim)); r.Disposition != core.Posted {
			h.t.Fatalf("%s (%s)", r.Disposition, r.Reason)
		}
		cm := h.lastComment()
		if len(cm.Facts.Invitations) != 1 {
			h.t.Fatalf("facts %+v", cm.Facts)
		}
		v := cm.Facts.Invitations[0]
		if v.Summary != "Survey" || v.Location != "Site" || v.Organizer != "klara@client.test" || v.Start.Format("2006-01-02 15:04") != "2026-08-12 08:00" || v.End.Sub(v.Start).Hours() != 1 {
			h.t.Errorf("%+v", v)
		}
		shown := 0
		for _, cm := range h.view(kim).Comments {
			if cm.Receipt != "" || len(cm.Cuts) > 0 || len(cm.Sent) > 0 {
				h.t.Errorf("an outsider learns of the mail's way: %+v", cm)
			}
			for _, v := range cm.Facts.Invitations {
				shown++
				if v.Organizer != "" || v.OrganizerName != "" {
					h.t.Errorf("an outsider learns of another: %+v", v)
				}
			}
		}
		if shown != 1 {
			h.t.Errorf("an outsider sees %d events", shown)
		}
	})
}
