package core_test

import (
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail/auth"
)

const box = "planpost@" + domain

// naming is a mail that answers another.
func (h *house) naming(from, text, id string) string {
	return strings.Replace(h.letter(from, text), "\n\n", "\nIn-Reply-To: <"+id+">\n\n", 1)
}

// TestMailToTheOneMailboxGoesWhereItsMessageIDLeads brings answers and reports without any address of ours.
func TestMailToTheOneMailboxGoesWhereItsMessageIDLeads(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		l := sent["Klara"]
		for name, c := range map[string]struct {
			raw     string
			outcome auth.Outcome
			want    core.Disposition
			reason  string
		}{
			"answer":               {h.naming("klara@client.test", "proven", l.MessageID), auth.Pass, core.Posted, ""},
			"answer, not proven":   {h.naming("klara@client.test", "unproven", l.MessageID), auth.None, core.Held, "auth.thread"},
			"answer of a stranger": {h.naming("mallory@evil.test", "strange", l.MessageID), auth.Pass, core.Held, "token.stranger"},
		} {
			if r := h.one(c.raw, c.outcome, box); r.Disposition != c.want || c.reason != "" && r.Reason != c.reason || r.Task != h.task.ID {
				h.t.Errorf("%s: %s (%s)", name, r.Disposition, r.Reason)
			}
		}
		if last := h.lastComment(); !strings.Contains(last.Text, "proven") || last.Author != h.klara.ID {
			h.t.Errorf("the comment: %+v", last.Comment)
		}
		if r := h.one(h.report("550 5.1.1 no such user", l.MessageID), auth.None, box); r.Reason != "class.bounce" || h.stateOf(l.Delivery.ID) != core.DeliveryFailed {
			h.t.Errorf("report: %s (%s), the mail is %s", r.Disposition, r.Reason, h.stateOf(l.Delivery.ID))
		}
		forged := strings.Replace(l.MessageID, ".", ".2", 1)
		for name, raw := range map[string]string{"names nothing": h.letter("klara@client.test", "hello"), "names what we never sent": h.naming("klara@client.test", "hello", forged)} {
			if _, err := h.mailTo(raw, auth.Pass, box); core.CodeOf(err) != "route.unknown" {
				h.t.Errorf("%s: %v", name, err)
			}
		}
		if rs, err := h.mailTo(h.naming("klara@client.test", "twice addressed", l.MessageID), auth.Pass, box, h.replyTo(h.klara)); err != nil || len(rs) != 1 || rs[0].Disposition != core.Posted {
			h.t.Errorf("to the mailbox and the address: %+v, %v", rs, err)
		}
	})
}

// TestOneBehindAPlusIsTheAddressItself checks what is understood and what may belong to people.
func TestOneBehindAPlusIsTheAddressItself(t *testing.T) {
	each(t, func(h *house) {
		if r := h.one(h.letter("klara@client.test", "by plus"), auth.Pass, "Planpost+"+strings.ToUpper(h.replyTo(h.klara))); r.Disposition != core.Posted {
			h.t.Errorf("%s (%s)", r.Disposition, r.Reason)
		}
		if _, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Loop", Address: "planpost+x@" + domain, Company: h.client.ID}); core.KindOf(err) != core.Invalid {
			h.t.Errorf("an address of ours belongs to a contact: %v", err)
		}
	})
}

// TestARepeatedMailKeepsTheAddressesOfItsFirstCopy changes the mode between the two.
func TestARepeatedMailKeepsTheAddressesOfItsFirstCopy(t *testing.T) {
	each(t, func(h *house) {
		choose := func(code string) {
			h.must(h.c.KeepFindings(h.ctx, core.HealthSelfTest, []core.Finding{{Code: code, State: core.FindingFine}}))
		}
		choose("mode.plus")
		sent, _ := h.letters()
		first := sent["Klara"]
		if !strings.HasPrefix(first.ReplyTo.Local, "planpost+r-") || !strings.HasPrefix(first.ReversePath.Local, "planpost+b-") {
			h.t.Fatalf("by plus: %s, %s", first.ReplyTo.Local, first.ReversePath.Local)
		}
		choose("mode.thread")
		choose("probe.unsent") // chooses nothing
		again, err := h.c.Letter(h.ctx, first.Delivery)
		h.must(err)
		if again.ReplyTo != first.ReplyTo || again.ReversePath != first.ReversePath || again.MessageID != first.MessageID {
			h.t.Errorf("the repeat: %s, %s", again.ReplyTo.Local, again.ReversePath.Local)
		}
		if mode, err := h.c.ReplyMode(h.ctx, h.c.Now()); err != nil || mode != core.ReplyThread {
			h.t.Errorf("now: %s, %v", mode, err)
		}
	})
}
