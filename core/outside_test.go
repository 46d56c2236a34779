package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

func TestX1AnExternalUserIsAContactWhoseAccessIsAnAttribute(t *testing.T) {
	each(t, func(h *house) {
		for _, level := range []string{core.NoAccess, core.BasicAccess, core.AdvancedAccess} {
			p, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "New " + level, Address: level + "@client.test", Company: h.client.ID, Access: level})
			h.must(err)
			if got := h.person(p.ID); got.Kind != core.ContactKind || got.Access != level || got.Identity != "" {
				h.t.Errorf("with %q access it is %+v", level, got)
			}
		}
		_, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Klara again", Address: "KLARA@client.test", Role: core.Employee})
		h.wants(err, core.Conflict, "address.taken")
	})
}

func TestX3ACommentAddressedToAContactIsOneMailThatHoldsIt(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		_, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "When may we come?", Tell: []core.ID{h.klara.ID}})
		h.must(err)
		due, err := h.c.Deliveries(h.ctx, h.as(h.owner), core.DeliveryFilter{State: core.DeliveryDue, Person: h.klara.ID})
		h.must(err)
		sent, _ := h.letters()
		l := sent["Klara"]
		if len(due) != 1 || len(l.Entries) != 1 || l.Entries[0].Comment.Text != "When may we come?" {
			h.t.Errorf("%d mails wait for her, and hers holds %+v", len(due), l.Entries)
		}
		if _, told := sent["Karl"]; told {
			h.t.Error("a contact who was not addressed is mailed")
		}
	})
}

func TestX4AReplyOfAContactIsHisCommentWithItsFiles(t *testing.T) {
	each(t, func(h *house) {
		raw := h.withFiles("klara@client.test", "Tuesday is fine.", part("plan.pdf", "application/pdf", "%PDF-1.4 words"))
		r := h.one(raw, auth.Pass, h.replyTo(h.klara))
		cm := h.lastComment()
		if r.Disposition != core.Posted || cm.Author != h.klara.ID || !strings.Contains(cm.Text, "Tuesday is fine.") || len(cm.Attachments) != 1 || cm.Attachments[0].Name != "plan.pdf" {
			h.t.Errorf("%s: %+v", r.Disposition, cm)
		}
		held := h.one(h.letter("mallory@elsewhere.test", "Pay me."), auth.Pass, h.replyTo(h.klara))
		if held.Disposition != core.Held || len(h.comments()) != 1 {
			h.t.Errorf("somebody else's answer is %s", held.Disposition)
		}
	})
}

func TestX6AContactIsACompanyOrAPersonWhoMayBelongToOne(t *testing.T) {
	each(t, func(h *house) {
		alone, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Alone", Address: "alone@free.test"})
		h.must(err)
		if h.person(alone.ID).Company != "" || h.person(h.klara.ID).Company != h.client.ID {
			h.t.Error("who belongs to a company is mixed up")
		}
		if _, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Of nowhere", Address: "nowhere@free.test", Company: h.klara.ID}); err == nil {
			h.t.Error("a person is taken for a company")
		}
	})
}

func TestX11AddressesAreComparedWithoutRegardToCaseAndShownAsGiven(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Zora", Address: "Zora.Zimmer@Holzbau.test", Role: core.Employee, Password: "another long phrase"})
		h.must(err)
		for _, login := range []string{"zora.zimmer@holzbau.test", "ZORA.ZIMMER@HOLZBAU.TEST", " Zora.Zimmer@Holzbau.test "} {
			_, people, err := h.c.SignIn(h.ctx, core.Credentials{Login: login, Password: "another long phrase", IP: "192.0.2.9"})
			if err != nil || len(people) != 1 || people[0].Name != "Zora" || people[0].Address().Mailbox() != "Zora.Zimmer@holzbau.test" && people[0].Address().Mailbox() != "Zora.Zimmer@Holzbau.test" {
				h.t.Errorf("%q: %v %v", login, people, err)
			}
		}
		r := h.one(h.letter("KLARA@Client.Test", "Yes."), auth.Pass, strings.ToUpper(h.replyTo(h.klara)))
		if r.Disposition != core.Posted || h.lastComment().Author != h.klara.ID {
			h.t.Errorf("a reply in capitals is %s %s", r.Disposition, r.Reason)
		}
	})
}

func TestP12ATaskWithoutAProjectIsTheIntakePersonsAndHeIsTold(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		kim := h.dashboard(h.contact("Kim", "kim@nowhere.test", ""))
		made, err := h.c.CreateTask(h.ctx, h.as(kim), core.NewTask{Title: "Where do I belong?"})
		h.must(err)
		v, err := h.c.Task(h.ctx, h.as(h.owner), made.Number, "")
		h.must(err)
		if v.Task.Project != "" || len(v.Task.Of(core.Assignee)) != 1 || v.Task.Of(core.Assignee)[0] != h.owner.ID {
			h.t.Errorf("made %+v", v.Task)
		}
		h.pass(10 * time.Minute)
		sent, _ := h.letters()
		if l := sent[h.owner.Name]; l.Task.ID != made.ID {
			h.t.Errorf("the intake person is told of %+v", l.Task)
		}
	})
}
