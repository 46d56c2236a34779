package core_test

import (
	"testing"

	"planpost/core"
	"planpost/mail"
	"planpost/mail/auth"
)

// What stands in From is believed most: words of a person there could be anybody's name.
func TestTheSenderHoldsNoWordsOfAPerson(t *testing.T) {
	opens(t, func(h *house) {
		h.letters()
		want := mail.Address{Name: "Holzbau", Local: "planpost", Domain: domain}
		for _, by := range []core.Person{h.owner, h.klara} {
			if l := h.say(by, "a word of "+by.Name, false)["Eve"]; l.From != want {
				h.t.Errorf("a mail of %s is from %v", by.Name, l.From)
			}
		}
		h.set("name", "info@bank.test")
		if l := h.say(h.owner, "one more", false)["Eve"]; l.From.Name != "Planpost" {
			h.t.Errorf("a name like an address stands in From: %v", l.From)
		}
		l := h.registered("rita@dach.test")
		if l.From != (mail.Address{Name: "Planpost", Local: "security", Domain: domain}) {
			h.t.Errorf("mail for signing in is from %v", l.From)
		}
	})
}

func TestEachStreamHasItsSenderAndAnswersThereArrive(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		news := mail.Address{Local: "news", Domain: domain}
		h.c = h.with(func(c *core.Config) { c.Senders = map[core.Stream]mail.Address{core.WorkStream: news} })
		l := h.say(h.owner, "to Klara", false, h.klara.ID)["Klara"]
		if l.From.Mailbox() != news.Mailbox() {
			h.t.Errorf("from %v", l.From)
		}
		for _, to := range []string{news.Mailbox(), "security@" + domain, "Digest@" + domain, box} {
			if r := h.one(h.naming("klara@client.test", "to "+to, l.MessageID), auth.Pass, to); r.Disposition != core.Posted || r.Task != h.task.ID {
				h.t.Errorf("an answer to %s: %s (%s)", to, r.Disposition, r.Reason)
			}
		}
		if _, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Loop", Address: news.Mailbox(), Company: h.client.ID}); core.KindOf(err) != core.Invalid {
			h.t.Errorf("a sender of ours belongs to a contact: %v", err)
		}
	})
}

// A provider with one mailbox lets nobody write in another name.
func TestWithOneMailboxAllMailIsFromIt(t *testing.T) {
	opens(t, func(h *house) {
		h.letters()
		h.must(h.c.KeepFindings(h.ctx, core.HealthSelfTest, []core.Finding{{Code: "mode.thread", State: core.FindingFine}}))
		for stream, l := range map[core.Stream]core.Letter{core.WorkStream: h.say(h.owner, "to Klara", false, h.klara.ID)["Klara"], core.SecurityStream: h.registered("rita@dach.test")} {
			if l.From.Mailbox() != box || l.Delivery.Stream != stream {
				h.t.Errorf("mail of %s is from %v", stream, l.From)
			}
		}
	})
}
