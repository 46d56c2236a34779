package core_test

import (
	"slices"
	"testing"

	"planpost/core"
)

func TestAHiddenContactIsKnownOnlyToWhoWorksWithIt(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		nick := h.contact("Nick", "nick@client.test", h.client.ID)
		listed := func(a *core.Actor) bool {
			list, err := h.c.People(h.ctx, a, core.PersonFilter{Company: h.client.ID})
			h.must(err)
			return slices.ContainsFunc(list, func(p core.Person) bool { return p.ID == nick.ID })
		}
		eve := h.as(h.eve)
		if !listed(eve) {
			t.Fatal("an open contact is not listed")
		}
		h.must(h.c.SetContactVisibility(h.ctx, owner, nick.ID, core.VisibleParticipants))
		if listed(eve) || !listed(owner) {
			t.Errorf("hidden, Eve finds it %v, Olga %v", listed(eve), listed(owner))
		}
		hidden := func(what string, err error) {
			t.Helper()
			if core.KindOf(err) != core.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err := h.c.Person(h.ctx, eve, nick.ID)
		hidden("the page", err)
		_, err = h.c.Addressed(h.ctx, eve, "nick@client.test")
		hidden("the address on the command line", err)
		hidden("the visibility", h.c.SetContactVisibility(h.ctx, eve, nick.ID, core.VisibleInside))
		hidden("the card", h.c.EditContact(h.ctx, eve, nick.ID, core.ContactCard{Name: "N", Addresses: []string{"nick@client.test"}}))
		hidden("the access", h.c.SetAccess(h.ctx, eve, nick.ID, core.BasicAccess))
		hidden("the block", func() error { _, err := h.c.BlockPerson(h.ctx, eve, nick.ID); return err }())
		v, err := h.c.Company(h.ctx, eve, h.client.ID)
		h.must(err)
		if slices.ContainsFunc(v.Contacts, func(p core.Person) bool { return p.ID == nick.ID }) {
			t.Error("the company's page shows it")
		}
		// Nor by naming it: an ID is no knowledge.
		if _, err := h.c.CreateTask(h.ctx, eve, core.NewTask{Title: "x", Participants: []core.ID{nick.ID}}); core.CodeOf(err) != "person.gone" {
			t.Errorf("named in a task: %v", err)
		}
		// Work brings them together, the bin parts them again.
		task, err := h.c.CreateTask(h.ctx, owner, core.NewTask{Title: "Window", Assignee: h.eve.ID, Participants: []core.ID{nick.ID}})
		h.must(err)
		if !listed(eve) {
			t.Error("working with it, Eve does not find it")
		}
		_, err = h.c.Person(h.ctx, eve, nick.ID)
		h.must(err)
		h.must(h.c.DeleteTask(h.ctx, owner, task.ID))
		if listed(eve) {
			t.Error("a task in the bin still shows it")
		}
	})
}

func TestWhoMadeAContactSetsWhoSeesIt(t *testing.T) {
	each(t, func(h *house) {
		eve := h.as(h.eve)
		mine, err := h.c.CreateContact(h.ctx, eve, core.NewContact{Name: "Mina", Address: "mina@client.test"})
		h.must(err)
		h.must(h.c.SetContactVisibility(h.ctx, eve, mine.ID, core.VisibleParticipants))
		if _, err := h.c.Person(h.ctx, eve, mine.ID); err != nil {
			t.Errorf("who made it is shut out: %v", err)
		}
		if err := h.c.SetContactVisibility(h.ctx, eve, h.klara.ID, core.VisibleParticipants); core.KindOf(err) != core.Forbidden {
			t.Errorf("another's contact: %v", err)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "contact.set_visibility" || log[0].Changes[0].Was != core.VisibleInside {
			t.Errorf("the log says %s %v", log[0].Code, log[0].Changes)
		}
	})
}

func TestX26AnOutsiderSeesNeitherStaffNorOtherContacts(t *testing.T) {
	each(t, func(h *house) {
		ada, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Ada", Address: "ada@client.test", Company: h.client.ID, Access: core.AdvancedAccess})
		h.must(err)
		a := h.as(ada)
		if _, err := h.c.Person(h.ctx, a, ada.ID); err != nil {
			t.Errorf("her own card: %v", err)
		}
		for _, p := range []core.Person{h.owner, h.eve, h.karl} {
			if _, err := h.c.Person(h.ctx, a, p.ID); core.KindOf(err) != core.NotFound {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
		for what, err := range map[string]error{
			"lists people": func() error { _, err := h.c.People(h.ctx, a, core.PersonFilter{}); return err }(),
			"lists firms":  func() error { _, err := h.c.Companies(h.ctx, a); return err }(),
			"adds a contact": func() error {
				_, err := h.c.CreateContact(h.ctx, a, core.NewContact{Name: "X", Address: "x@client.test"})
				return err
			}(),
			"makes a project": func() error { _, err := h.c.CreateProject(h.ctx, a, core.NewProject{Name: "X"}); return err }(),
		} {
			if core.KindOf(err) != core.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
		if ans, err := h.c.May(h.ctx, a, "report.view", core.Object{}); err != nil || ans.Allowed {
			t.Errorf("reports: %v %v", ans, err)
		}
	})
}
