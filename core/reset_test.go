package core_test

import (
	"testing"
	"time"

	"planpost/core"
)

func TestS7AResetEndsEverySessionAndTheOtherLinks(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		token, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "eve@holzbau.test", Password: "another long phrase"})
		h.must(err)
		var links []string
		for range 3 {
			h.must(h.c.AskReset(h.ctx, "EVE@holzbau.test", "192.0.2.1"))
			sent, _ := h.letters()
			l := sent["Eve"]
			if l.To.Mailbox() != "eve@holzbau.test" {
				t.Fatalf("mailed to %s", l.To.Mailbox())
			}
			links = append(links, tokenOf(l))
		}
		if err := h.c.AskReset(h.ctx, "eve@holzbau.test", "192.0.2.1"); core.KindOf(err) != core.Limited {
			t.Errorf("a fourth time: %v", err)
		}
		h.must(h.c.AskReset(h.ctx, "nobody@nowhere.test", "192.0.2.1"))
		if sent, _ := h.letters(); len(sent) != 0 {
			t.Error("an unknown login gets mail")
		}
		state := func(i int) core.LinkState {
			v, err := h.c.VisitLink(h.ctx, core.ResetLink, links[i], "")
			h.must(err)
			return v.State
		}
		if state(0) != core.LinkEnded || state(1) != core.LinkLive || state(2) != core.LinkLive {
			t.Errorf("states %s %s %s; two may be alive", state(0), state(1), state(2))
		}
		v, err := h.c.VisitLink(h.ctx, core.ResetLink, links[1], "")
		h.must(err)
		h.must(h.c.Reset(h.ctx, v.Pass, newPhrase, ""))
		if state(1) != core.LinkUsed || state(2) != core.LinkEnded {
			t.Errorf("after success: %s %s", state(1), state(2))
		}
		if _, err := h.c.Session(h.ctx, token, ""); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("a session goes on: %v", err)
		}
		sent, _ := h.letters()
		if l := sent["Eve"]; l.Delivery.Kind != core.NoticeLetter || l.LinkURL != "" {
			t.Errorf("the person is told by %q", l.Delivery.Kind)
		}
		_, _, err = h.c.SignIn(h.ctx, core.Credentials{Login: "eve@holzbau.test", Password: newPhrase})
		h.must(err)
	})
}

func TestAResetLinkLivesHalfAnHourAndEndsWithAnotherNewPassword(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.must(h.c.AskReset(h.ctx, "eve@holzbau.test", ""))
		sent, _ := h.letters()
		pass := h.opened(core.ResetLink, sent["Eve"])
		h.now = h.now.Add(31 * time.Minute)
		if err := h.c.Reset(h.ctx, pass, newPhrase, ""); core.CodeOf(err) != "link.expired" {
			t.Errorf("after half an hour: %v", err)
		}
		h.must(h.c.AskReset(h.ctx, "eve@holzbau.test", ""))
		sent, _ = h.letters()
		pass = h.opened(core.ResetLink, sent["Eve"])
		_, err := h.c.SetPassword(h.ctx, h.as(h.person(h.eve.ID)), core.PasswordChange{Current: "another long phrase", New: newPhrase})
		h.must(err)
		if err := h.c.Reset(h.ctx, pass, "yet another phrase of mine", ""); core.CodeOf(err) != "link.ended" {
			t.Errorf("after a new password: %v", err)
		}
	})
}

func TestX9AccessOffEndsLinkSignInAndSessionsAndOnBeginsAnew(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		on := func(yes bool) {
			h.must(h.c.SetAccess(h.ctx, h.as(h.owner), h.klara.ID, map[bool]string{true: core.AdvancedAccess, false: core.NoAccess}[yes]))
		}
		on(true)
		on(true)
		first, _ := h.letters()
		if len(first) != 1 {
			t.Fatalf("%d mails", len(first))
		}
		token, err := h.c.Activate(h.ctx, core.Activation{Pass: h.opened(core.ActivationLink, first["Klara"]), Password: newPhrase})
		h.must(err)
		on(false)
		if _, err := h.c.Session(h.ctx, token, ""); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("the session goes on: %v", err)
		}
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "klara@client.test", Password: newPhrase}); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("signs in without access: %v", err)
		}
		on(true)
		again, _ := h.letters()
		if len(again) != 1 || tokenOf(again["Klara"]) == tokenOf(first["Klara"]) {
			t.Error("on again brings no fresh link")
		}
		_, err = h.c.Activate(h.ctx, core.Activation{Pass: h.opened(core.ActivationLink, again["Klara"]), Password: "a different phrase now"})
		h.must(err)
		_, _, err = h.c.SignIn(h.ctx, core.Credentials{Login: "KLARA@client.test", Password: "a different phrase now"})
		h.must(err)
	})
}

func TestX14OnlyWhoMayGrantGivesAccess(t *testing.T) {
	each(t, func(h *house) {
		if err := h.c.SetAccess(h.ctx, h.as(h.eve), h.klara.ID, core.AdvancedAccess); core.KindOf(err) != core.Forbidden {
			t.Errorf("an unticked employee: %v", err)
		}
		eve := h.person(h.eve.ID)
		eve.Caps = []string{"grant"}
		h.must(h.c.SetAccess(h.ctx, h.as(eve), h.klara.ID, core.AdvancedAccess))
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "contact.access.grant" || len(log[0].Changes) != 1 || log[0].Changes[0].Now != core.AdvancedAccess {
			t.Errorf("the log says %s %v", log[0].Code, log[0].Changes)
		}
	})
}
