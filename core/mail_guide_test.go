package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

func TestTheGuideKnowsWhenItsTestMailWasAnswered(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		guide := func(who core.Person) core.GuideView {
			h.t.Helper()
			v, err := h.c.MailGuide(h.ctx, h.as(who))
			h.must(err)
			return v
		}
		h.must(h.c.ChooseMailWay(h.ctx, h.as(h.owner), core.ForwardedMail))
		if err := h.c.ChooseMailWay(h.ctx, h.as(h.owner), "imap"); err == nil {
			h.t.Error("a way that is not there can be chosen")
		}
		if err := h.c.SendTest(h.ctx, h.as(h.eve)); err == nil {
			h.t.Error("an employee sends test mails")
		}
		h.must(h.c.SendTest(h.ctx, h.as(h.owner)))
		if err := h.c.SendTest(h.ctx, h.as(h.owner)); core.KindOf(err) != core.Limited {
			h.t.Errorf("another at once: %v", err)
		}
		first := h.letters1("Olga")
		h.pass(time.Minute)
		h.must(h.c.SendTest(h.ctx, h.as(h.owner)))
		l := h.letters1("Olga")
		if l.ReplyTo.Local == "" || len(l.ReplyTo.Local) > 64 || l.To.Mailbox() != "olga@holzbau.test" {
			h.t.Errorf("to %s, answers to %s", l.To.Mailbox(), l.ReplyTo.Mailbox())
		}
		answer := func(headers, to string) {
			h.t.Helper()
			h.sent++
			raw := "From: Olga <olga@holzbau.test>\nTo: " + to + "\nSubject: Re: test\nMessage-ID: <a" + string(rune('0'+h.sent%10)) + "@holzbau.test>\n" + headers + "Content-Type: text/plain\n\nit works\n"
			if _, err := h.mailTo(raw, auth.None, to); err != nil {
				h.t.Fatal(err)
			}
		}
		waits := func(when string) {
			h.t.Helper()
			if g := guide(h.owner); !g.Guide.AnsweredAt.IsZero() || g.Guide.Way != core.ForwardedMail || g.Sent.Delivery.State != core.DeliverySent {
				h.t.Errorf("%s: %+v", when, g.Guide)
			}
		}
		waits("sent")
		answer("Auto-Submitted: auto-replied\n", l.ReplyTo.Mailbox())
		waits("a machine answered")
		answer("", first.ReplyTo.Mailbox())
		waits("the earlier mail was answered")
		answer("", strings.ToLower(l.ReplyTo.Mailbox()))
		if g := guide(h.owner); g.Guide.AnsweredAt.IsZero() || g.Guide.AnsweredBy != "olga@holzbau.test" {
			h.t.Errorf("answered: %+v", g.Guide)
		}
		tech, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Theo", Address: "theo@holzbau.test", Role: core.TechnicalAdministrator, Password: "a phrase of mine"})
		h.must(err)
		if g := guide(tech); strings.Contains(g.Guide.AnsweredBy+g.Sent.Address, "olga@") {
			h.t.Errorf("a technical administrator reads %q, %q", g.Guide.AnsweredBy, g.Sent.Address)
		}
	})
}

// TestATestMailIsAnsweredThroughTheOneMailboxToo is about hosts where no address of their own survives.
func TestATestMailIsAnsweredThroughTheOneMailboxToo(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.must(h.c.KeepFindings(h.ctx, core.HealthSelfTest, []core.Finding{{Code: "mode.thread", State: core.FindingFine}}))
		h.must(h.c.SendTest(h.ctx, h.as(h.owner)))
		l := h.letters1("Olga")
		if l.ReplyTo.Local != "planpost" {
			h.t.Fatalf("answers to %s", l.ReplyTo.Mailbox())
		}
		raw := "From: Olga <olga@holzbau.test>\nTo: planpost@in.test\nSubject: Re: test\nMessage-ID: <b@holzbau.test>\nIn-Reply-To: <" + l.MessageID + ">\nContent-Type: text/plain\n\nit works\n"
		if _, err := h.mailTo(raw, auth.None, "planpost@in.test"); err != nil {
			h.t.Fatal(err)
		}
		v, err := h.c.MailGuide(h.ctx, h.as(h.owner))
		h.must(err)
		if v.Guide.AnsweredAt.IsZero() {
			h.t.Error("the answer was not recognised")
		}
	})
}

// letters1 sends what is due and gives the letter to one person.
func (h *house) letters1(name string) core.Letter {
	h.t.Helper()
	sent, refused := h.letters()
	l, ok := sent[name]
	if !ok {
		h.t.Fatalf("no letter to %s: %v", name, refused)
	}
	return l
}
