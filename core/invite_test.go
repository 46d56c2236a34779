package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
)

const newPhrase = "seven grey herons wade"

// tokenOf is the token in the one letter that brings a link to a person.
func tokenOf(l core.Letter) string { return l.LinkURL[strings.LastIndex(l.LinkURL, "/")+1:] }

func (h *house) invited(name, address string) core.Person {
	h.t.Helper()
	p, err := h.c.InviteUser(h.ctx, h.as(h.owner), core.NewUser{Name: name, Address: address, Role: core.Employee, Locale: "fr"})
	h.must(err)
	return p
}

func (h *house) person(id core.ID) (p core.Person) {
	h.t.Helper()
	h.must(h.store.View(h.ctx, func(tx core.Tx) (err error) { p, err = tx.FindPerson(h.ctx, h.account.ID, id); return err }))
	return p
}

func (h *house) opened(kind core.LinkKind, l core.Letter) string {
	h.t.Helper()
	v, err := h.c.VisitLink(h.ctx, kind, tokenOf(l), "192.0.2.1")
	h.must(err)
	return v.Pass
}

func TestU1InvitingMakesOnePendingRowAndOneMail(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		p := h.invited("Win a prize http://evil.test", "nora@holzbau.test")
		if p = h.person(p.ID); p.Status != core.Pending || p.Identity != "" {
			t.Errorf("invited, the person is %s with identity %q", p.Status, p.Identity)
		}
		sent, _ := h.letters()
		l, ok := sent[p.Name]
		if !ok || len(sent) != 1 {
			t.Fatalf("%d mails are owed", len(sent))
		}
		if strings.Contains(l.From.Name, "prize") || strings.Contains(l.QuickURL, "prize") || !strings.HasSuffix(l.QuickURL, "/start/fr") {
			t.Errorf("From is %q, the quick start %q", l.From.Name, l.QuickURL)
		}
		if _, err := h.c.InviteUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Nora", Address: "NORA@holzbau.test", Role: core.Employee}); core.CodeOf(err) != "address.taken" {
			t.Errorf("the same address again: %v", err)
		}
		if _, err := h.c.InviteUser(h.ctx, h.as(h.eve), core.NewUser{Name: "Nils", Address: "nils@holzbau.test", Role: core.Employee}); core.KindOf(err) != core.Forbidden {
			t.Errorf("an employee invites: %v", err)
		}
	})
}

func TestU2OnlyAPasswordMakesPendingActive(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		p := h.invited("Nora", "nora@holzbau.test")
		sent, _ := h.letters()
		pass := h.opened(core.ActivationLink, sent["Nora"])
		for range 5 {
			h.opened(core.ActivationLink, sent["Nora"])
			if v, err := h.c.VisitInvitation(h.ctx, pass, ""); err != nil || v.State != core.LinkLive || v.By.ID != h.owner.ID {
				t.Fatalf("state %s, by %q: %v", v.State, v.By.Name, err)
			}
		}
		if _, err := h.c.Activate(h.ctx, core.Activation{Pass: pass}); core.CodeOf(err) != "password.short" {
			t.Errorf("no password: %v", err)
		}
		if got := h.person(p.ID); got.Status != core.Pending {
			t.Errorf("looking and failing made it %s", got.Status)
		}
		token, err := h.c.Activate(h.ctx, core.Activation{Pass: pass, Password: newPhrase})
		h.must(err)
		if a, err := h.c.Session(h.ctx, token, ""); err != nil || a.Person.ID != p.ID {
			t.Errorf("the session is not the person's: %v", err)
		}
		if got := h.person(p.ID); got.Status != core.Active || got.Addresses[0].ConfirmedAt.IsZero() {
			t.Errorf("status %s, confirmed %s", got.Status, got.Addresses[0].ConfirmedAt)
		}
		if _, err := h.c.Activate(h.ctx, core.Activation{Pass: pass, Password: "another phrase of words"}); core.CodeOf(err) != "link.used" {
			t.Errorf("a second time: %v", err)
		}
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "Nora@Holzbau.test", Password: newPhrase}); err != nil {
			t.Errorf("X11, sign-in: %v", err)
		}
	})
}

func TestSendingAgainKeepsBothMailsAndMakingInvalidEndsTheOld(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		p := h.invited("Nora", "nora@holzbau.test")
		first, _ := h.letters()
		h.must(h.c.Invite(h.ctx, h.as(h.owner), p.ID, false))
		h.must(h.c.Invite(h.ctx, h.as(h.owner), p.ID, false)) // clicked twice
		again, _ := h.letters()
		if len(again) != 1 || tokenOf(again["Nora"]) != tokenOf(first["Nora"]) {
			t.Errorf("%d mails; both must work", len(again))
		}
		h.must(h.c.Invite(h.ctx, h.as(h.owner), p.ID, true))
		fresh, _ := h.letters()
		if v, err := h.c.VisitLink(h.ctx, core.ActivationLink, tokenOf(first["Nora"]), ""); err != nil || v.State != core.LinkEnded {
			t.Errorf("the old one is %s: %v", v.State, err)
		}
		if v, err := h.c.VisitLink(h.ctx, core.ActivationLink, tokenOf(fresh["Nora"]), ""); err != nil || v.State != core.LinkLive {
			t.Errorf("the new one is %s: %v", v.State, err)
		}
	})
}

func TestAnInvitationEndsAfterSevenDaysIsRemindedAndAskedForAgain(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.invited("Nora", "nora@holzbau.test")
		first, _ := h.letters()
		pass := h.opened(core.ActivationLink, first["Nora"])
		h.must(h.c.RemindInvited(h.ctx))
		if early, _ := h.letters(); len(early) != 0 {
			t.Error("reminded on the first day")
		}
		h.now = h.now.Add(5*24*time.Hour + time.Hour)
		h.must(h.c.RemindInvited(h.ctx))
		h.must(h.c.RemindInvited(h.ctx))
		if reminders, _ := h.letters(); len(reminders) != 1 {
			t.Errorf("%d reminders", len(reminders))
		}
		h.now = h.now.Add(2 * 24 * time.Hour)
		if _, err := h.c.Activate(h.ctx, core.Activation{Pass: pass, Password: newPhrase}); core.CodeOf(err) != "link.expired" {
			t.Errorf("after seven days: %v", err)
		}
		h.must(h.c.AskLinkAgain(h.ctx, core.ActivationLink, pass, ""))
		if err := h.c.AskLinkAgain(h.ctx, core.ActivationLink, pass, ""); err != nil {
			t.Errorf("asked again while it lives: %v", err)
		}
		again, _ := h.letters()
		if len(again) != 1 || again["Nora"].To.Mailbox() != "nora@holzbau.test" {
			t.Errorf("%d mails after asking again", len(again))
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "link.again" {
			t.Errorf("the sender does not see that it was asked for: %s", log[0].Code)
		}
	})
}

func TestAnInvitationToAKnownLoginAsksForItsPassword(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		_, _, err := h.c.CreateAccount(h.ctx, core.Setup{AccountName: "Elsewhere", Name: "Nora", Address: "nora@holzbau.test", Password: "the phrase of elsewhere"})
		h.must(err)
		p := h.invited("Nora", "nora@holzbau.test")
		sent, _ := h.letters()
		pass := h.opened(core.ActivationLink, sent["Nora"])
		if v, err := h.c.VisitInvitation(h.ctx, pass, ""); err != nil || !v.Known {
			t.Errorf("not known: %v", err)
		}
		if _, err := h.c.Activate(h.ctx, core.Activation{Pass: pass, Password: newPhrase}); core.CodeOf(err) != "password.wrong" {
			t.Errorf("another password: %v", err)
		}
		if h.person(p.ID).Status != core.Pending {
			t.Error("active without proof")
		}
		_, err = h.c.Activate(h.ctx, core.Activation{Pass: pass, Password: "the phrase of elsewhere"})
		h.must(err)
		_, people, err := h.c.SignIn(h.ctx, core.Credentials{Login: "nora@holzbau.test", Password: "the phrase of elsewhere"})
		if err != nil || len(people) != 2 {
			t.Errorf("%d people of the login: %v", len(people), err)
		}
	})
}
