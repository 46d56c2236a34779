package core_test

import (
	"testing"

	"planpost/core"
)

func TestX2AccessGoesUpAndDownAndAdvancedHasItsSignInOnly(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		set := func(level string) core.Person {
			h.must(h.c.SetAccess(h.ctx, h.as(h.owner), h.klara.ID, level))
			return h.person(h.klara.ID)
		}
		if p := set(core.BasicAccess); p.Access != core.BasicAccess || p.Identity != "" {
			t.Errorf("basic: %s with identity %q", p.Access, p.Identity)
		}
		if sent, _ := h.letters(); len(sent) != 0 {
			t.Errorf("basic access mails %d", len(sent))
		}
		set(core.AdvancedAccess)
		sent, _ := h.letters()
		token, err := h.c.Activate(h.ctx, core.Activation{Pass: h.opened(core.ActivationLink, sent["Klara"]), Password: newPhrase})
		h.must(err)
		if p := set(core.BasicAccess); p.Access != core.BasicAccess || p.Identity != "" {
			t.Errorf("back to basic: %s with identity %q", p.Access, p.Identity)
		}
		if _, err := h.c.Session(h.ctx, token, ""); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("the session goes on: %v", err)
		}
		if p := set(core.NoAccess); p.Access != core.NoAccess {
			t.Errorf("taken away, it is %s", p.Access)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "contact.access.revoke" || log[0].Changes[0].Was != core.BasicAccess || log[0].Changes[0].Now != core.NoAccess {
			t.Errorf("the log says %s %v", log[0].Code, log[0].Changes)
		}
		eve := h.person(h.eve.ID)
		h.must(h.c.SetAccess(h.ctx, h.as(h.owner), h.klara.ID, core.BasicAccess))
		for _, level := range []string{core.NoAccess, core.BasicAccess, core.AdvancedAccess} {
			if err := h.c.SetAccess(h.ctx, h.as(eve), h.klara.ID, level); core.KindOf(err) != core.Forbidden {
				t.Errorf("an unticked employee sets %s: %v", level, err)
			}
		}
		if err := h.c.SetAccess(h.ctx, h.as(h.owner), h.eve.ID, core.NoAccess); core.KindOf(err) != core.Conflict && err != nil {
			t.Errorf("a colleague: %v", err)
		}
	})
}

func TestX9MadeWithAdvancedAccessAContactIsInvitedAtOnce(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		p, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Ada", Address: "ada@client.test", Access: core.AdvancedAccess})
		h.must(err)
		if sent, _ := h.letters(); len(sent) != 1 || sent["Ada"].LinkURL == "" {
			t.Errorf("%d mails", len(sent))
		}
		if p = h.person(p.ID); p.Access != core.AdvancedAccess || p.CreatedBy != h.owner.ID {
			t.Errorf("made: %s by %q", p.Access, p.CreatedBy)
		}
		if _, err := h.c.CreateContact(h.ctx, h.as(h.eve), core.NewContact{Name: "Bo", Address: "bo@client.test", Access: core.AdvancedAccess}); core.KindOf(err) != core.Forbidden {
			t.Errorf("an unticked employee: %v", err)
		}
		if _, err := h.c.PersonByAddress(h.ctx, h.account.ID, "bo@client.test"); core.KindOf(err) != core.NotFound {
			t.Errorf("refused, the contact is there: %v", err)
		}
	})
}
