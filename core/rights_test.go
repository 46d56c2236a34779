package core_test

import (
	"slices"
	"testing"

	"planpost/core"
)

func TestAnOutsidersTaskArrangesNothing(t *testing.T) {
	each(t, func(h *house) {
		bea := h.basic("Bea", "bea@client.test")
		for name, n := range map[string]core.NewTask{
			"co-assignee": {CoAssignees: []core.ID{h.owner.ID}}, "participant": {Participants: []core.ID{h.sub.ID}}, "auditor": {Auditors: []core.ID{h.owner.ID}},
			"open inside": {Visibility: core.VisibleInside}, "counterparty": {Counterparty: h.client.ID},
		} {
			n.Title = name
			if _, err := h.c.CreateTask(h.ctx, h.as(bea), n); core.KindOf(err) != core.Forbidden {
				h.t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "x", Visibility: "everybody"}); core.CodeOf(err) != "visibility" {
			h.t.Errorf("an unknown visibility: %v", err)
		}
		many := make([]core.ID, 1000)
		for i := range many {
			many[i] = core.NewID()
		}
		if _, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "x", Participants: many}); core.CodeOf(err) != "task.people" {
			h.t.Errorf("a thousand people: %v", err)
		}
	})
}

func TestOnlyAssignerAndAuditorsNameAuditors(t *testing.T) {
	each(t, func(h *house) {
		people := core.TaskPeople{Assignee: h.eve.ID, Participants: []core.ID{h.klara.ID}}
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.eve), h.task.ID, people))
		people.Auditors = []core.ID{h.eve.ID}
		if err := h.c.SetPeopleAndDates(h.ctx, h.as(h.eve), h.task.ID, people); core.KindOf(err) != core.Forbidden {
			h.t.Errorf("the assignee makes herself auditor: %v", err)
		}
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, people))
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.eve), h.task.ID, people)) // unchanged
	})
}

func TestAnInvitationTakesNothingAway(t *testing.T) {
	each(t, func(h *house) {
		ada, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Ada", Address: "ada@client.test", Company: h.client.ID, Access: core.AdvancedAccess})
		h.must(err)
		owner := h.as(h.owner)
		h.must(h.c.AddParticipant(h.ctx, owner, h.project.ID, ada.ID, true, false))
		h.must(h.c.AddParticipant(h.ctx, owner, h.project.ID, h.eve.ID, true, true))
		// An administrator from outside may invite, but not unmake those inside.
		if err := h.c.AddParticipant(h.ctx, h.as(ada), h.project.ID, h.eve.ID, false, false); core.KindOf(err) != core.Forbidden {
			h.t.Errorf("demoted by an outsider: %v", err)
		}
		h.must(h.c.AddParticipant(h.ctx, h.as(ada), h.project.ID, h.karl.ID, false, false))
	})
}

func TestALoginIsLinkedOnlyByWhoKnowsItsPassword(t *testing.T) {
	each(t, func(h *house) {
		// Somebody in one account lays out a login; another account must not take it for its user's.
		_, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Trap", Address: "ceo@rival.test", Role: core.Employee, Password: "known to the trapper"})
		h.must(err)
		setup := core.Setup{AccountName: "Rival", Locale: "en", Zone: "UTC", Name: "Cee", Address: "ceo@rival.test", Password: "chosen by the rival"}
		if _, _, err := h.c.CreateAccount(h.ctx, setup); core.CodeOf(err) != "login.taken" {
			h.t.Fatalf("the trapper's password opens the rival's account: %v", err)
		}
		setup.Password = "known to the trapper" // who knows it is the same person
		if _, _, err := h.c.CreateAccount(h.ctx, setup); err != nil {
			h.t.Error(err)
		}
	})
}

func TestSwitchesAreTheSameEverywhere(t *testing.T) {
	each(t, func(h *house) {
		p := core.Person{Account: h.account.ID, Kind: core.UserKind, Role: core.Employee, Caps: []string{"intake", "-tasks"}}
		h.must(h.store.View(h.ctx, func(tx core.Tx) error {
			facts, _, err := tx.TaskFacts(h.ctx, &p, h.task.ID)
			for _, f := range core.CapFacts(&h.eve).List() {
				if core.CapFacts(&p).Has(f) != facts.Has(f) {
					h.t.Errorf("%s differs between core and store", f)
				}
			}
			if !slices.Equal(core.CapFacts(&p).List(), (facts&core.CapFacts(&p)).List()) || len(core.CapFacts(&p).List()) != 2 {
				h.t.Errorf("switches %v", core.CapFacts(&p).List())
			}
			return err
		}))
	})
}
