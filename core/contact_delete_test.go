package core_test

import (
	"testing"

	"planpost/core"
)

func TestADeletedContactHasNothingLeftAndRestoringBringsTheCardOnly(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		owner := h.as(h.owner)
		h.must(h.c.SetAccess(h.ctx, owner, h.klara.ID, core.AdvancedAccess))
		sent, _ := h.letters()
		token, err := h.c.Activate(h.ctx, core.Activation{Pass: h.opened(core.ActivationLink, sent["Klara"]), Password: newPhrase})
		h.must(err)
		reply := h.replyTo(h.klara)
		_, err = h.c.Comment(h.ctx, owner, core.NewComment{Task: h.task.ID, Text: "waiting for you", Tell: []core.ID{h.klara.ID}})
		h.must(err)
		if err := h.c.DeleteContact(h.ctx, h.as(h.eve), h.klara.ID); core.KindOf(err) != core.Forbidden {
			t.Errorf("an employee deletes: %v", err)
		}
		h.must(h.c.DeleteContact(h.ctx, owner, h.klara.ID))
		nothing := func(when string) {
			t.Helper()
			if _, err := h.c.Session(h.ctx, token, ""); core.KindOf(err) != core.Unauthenticated {
				t.Errorf("%s, the session goes on: %v", when, err)
			}
			if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "klara@client.test", Password: newPhrase}); core.KindOf(err) != core.Unauthenticated {
				t.Errorf("%s, she signs in: %v", when, err)
			}
			if sent, _ := h.letters(); sent["Klara"].Task.ID != "" {
				t.Errorf("%s, mail goes out", when)
			}
			h.must(h.store.View(h.ctx, func(tx core.Tx) error {
				links, err := tx.LinksOf(h.ctx, h.account.ID, h.klara.ID, core.ReplyLink)
				for _, l := range links {
					if l.State(h.now) == core.LinkLive {
						t.Errorf("%s, the link of %s works", when, reply)
					}
				}
				return err
			}))
		}
		nothing("deleted")
		if _, err := h.c.Person(h.ctx, owner, h.klara.ID); err == nil {
			t.Error("the page of a card in the bin is shown")
		}
		if list, err := h.c.People(h.ctx, owner, core.PersonFilter{Query: "klara"}); err != nil || len(list) != 0 {
			t.Errorf("listed: %v %v", list, err)
		}
		h.must(h.c.Restore(h.ctx, owner, core.Object{Kind: "person", ID: h.klara.ID}))
		nothing("restored")
		if p := h.person(h.klara.ID); p.Status != core.Active || p.Access != core.NoAccess || p.Identity != "" || p.Company != h.client.ID || len(p.Addresses) != 1 {
			t.Errorf("restored: %+v", p)
		}
	})
}

func TestACompanyGoesToTheBinOnlyWhenNothingHangsOnIt(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		if err := h.c.DeleteCompany(h.ctx, owner, h.client.ID); core.CodeOf(err) != "company.used" {
			t.Errorf("in use: %v", err)
		}
		co, err := h.c.CreateCompany(h.ctx, owner, "Empty")
		h.must(err)
		h.must(h.c.EditCompany(h.ctx, owner, co.ID, "Empty & Co"))
		h.must(h.c.DeleteCompany(h.ctx, owner, co.ID))
		if _, err := h.c.Company(h.ctx, owner, co.ID); err == nil {
			t.Error("its page is shown")
		}
		if _, err := h.c.CreateContact(h.ctx, owner, core.NewContact{Name: "X", Address: "x@x.test", Company: co.ID}); core.CodeOf(err) != "company.unknown" {
			t.Errorf("chosen for a contact: %v", err)
		}
		h.must(h.c.Restore(h.ctx, owner, core.Object{Kind: "company", ID: co.ID}))
		if v, err := h.c.Company(h.ctx, owner, co.ID); err != nil || v.Company.Name != "Empty & Co" {
			t.Errorf("restored: %v %v", v.Company, err)
		}
	})
}

func TestX7AccessForACompanyAsksWhichPersonAndSaysSoInTheLog(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		owner := h.as(h.owner)
		if err := h.c.GrantCompany(h.ctx, owner, h.client.ID, ""); core.CodeOf(err) != "company.person" {
			t.Errorf("without a person: %v", err)
		}
		if err := h.c.GrantCompany(h.ctx, owner, h.client.ID, h.sub.ID); core.CodeOf(err) != "company.person" {
			t.Errorf("somebody of another company: %v", err)
		}
		if err := h.c.GrantCompany(h.ctx, h.as(h.eve), h.client.ID, h.klara.ID); core.KindOf(err) != core.Forbidden {
			t.Errorf("an unticked employee: %v", err)
		}
		if sent, _ := h.letters(); len(sent) != 0 {
			t.Errorf("refused, %d mails go out", len(sent))
		}
		h.must(h.c.GrantCompany(h.ctx, owner, h.client.ID, h.klara.ID))
		if sent, _ := h.letters(); len(sent) != 1 || h.person(h.klara.ID).Access != core.AdvancedAccess {
			t.Errorf("%d mails, access %s", len(sent), h.person(h.klara.ID).Access)
		}
		log, err := h.log(owner)
		h.must(err)
		if log[0].Code != "company.access" || log[0].ObjectID != h.client.ID || log[1].Code != "contact.access.grant" {
			t.Errorf("the log says %s, %s", log[0].Code, log[1].Code)
		}
		// One mailbox a contact: the same address is nobody else's.
		if _, err := h.c.CreateContact(h.ctx, owner, core.NewContact{Name: "Twin", Address: "KLARA@client.test"}); core.CodeOf(err) != "address.taken" {
			t.Errorf("a second contact with the address: %v", err)
		}
	})
}

func TestX16AccessForACompanyThatIsCounterpartyNowhereIsWarnedOf(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		open, err := h.c.CreateProject(h.ctx, owner, core.NewProject{Name: "For nobody yet"})
		h.must(err)
		view := func(p core.Person) core.PersonView {
			v, err := h.c.Person(h.ctx, owner, p.ID)
			h.must(err)
			return v
		}
		if view(h.sub).Unlinked {
			t.Error("warned of without access")
		}
		h.must(h.c.SetAccess(h.ctx, owner, h.sub.ID, core.AdvancedAccess))
		v := view(h.sub)
		if !v.Unlinked || len(v.Linkable) != 1 || v.Linkable[0].ID != open.ID {
			t.Errorf("unlinked %v, to choose from %v", v.Unlinked, v.Linkable)
		}
		h.must(h.c.SetAccess(h.ctx, owner, h.klara.ID, core.AdvancedAccess))
		if view(h.klara).Unlinked {
			t.Error("warned of a company that is counterparty")
		}
		_, err = h.c.EditProject(h.ctx, owner, open.ID, core.ProjectEdit{Counterparty: &h.other.ID})
		h.must(err)
		if view(h.sub).Unlinked {
			t.Error("warned of after it was set")
		}
	})
}

func TestX2TheDashboardsSessionEndsWithAccessAndWithTheCard(t *testing.T) {
	each(t, func(h *house) {
		owner, bea := h.as(h.owner), h.basic("Bea", "bea@client.test")
		open := func(id string) {
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
				return tx.CreateGuestSession(h.ctx, &core.GuestSession{ID: id, Account: h.account.ID, Person: bea.ID, Address: "bea@client.test", CreatedAt: h.now, LastSeenAt: h.now, ExpiresAt: h.now.AddDate(0, 0, 7)})
			}))
		}
		ended := func(id, by string) {
			t.Helper()
			h.must(h.store.View(h.ctx, func(tx core.Tx) error {
				if _, err := tx.FindGuestSession(h.ctx, id); core.KindOf(err) != core.NotFound {
					t.Errorf("%s leaves it: %v", by, err)
				}
				return nil
			}))
		}
		open("one")
		h.must(h.c.SetAccess(h.ctx, owner, bea.ID, core.NoAccess))
		ended("one", "access off")
		h.must(h.c.SetAccess(h.ctx, owner, bea.ID, core.BasicAccess))
		open("two")
		h.must(h.c.DeleteContact(h.ctx, owner, bea.ID))
		ended("two", "the bin")
	})
}
