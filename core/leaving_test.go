package core_test

import (
	"slices"
	"testing"

	"planpost/core"
	"planpost/mail"
)

func refs(list []core.OpenWork) (all []core.WorkRef) {
	for _, w := range list {
		all = append(all, w.WorkRef)
	}
	return all
}

// refused demands that an address takes no mail any more.
func (h *house) refused(address string) {
	h.t.Helper()
	a, err := mail.ParseMailbox(address)
	h.must(err)
	if r, err := h.c.Route(h.ctx, a); err != nil || r.Refuse != "link.revoked" {
		h.t.Errorf("%s: %+v, %v", address, r, err)
	}
}

func (h *house) openOf(p core.Person) []core.OpenWork {
	h.t.Helper()
	v, err := h.c.OpenWork(h.ctx, h.as(h.owner), p.ID)
	h.must(err)
	return v.Items
}

// loaded gives Eve one piece of every kind of work, and somebody who can take it.
func (h *house) loaded() (max core.Person) {
	h.t.Helper()
	owner := h.as(h.owner)
	max, err := h.c.CreateUser(h.ctx, owner, core.NewUser{Name: "Max", Address: "max@holzbau.test", Role: core.Manager})
	h.must(err)
	ned, err := h.c.CreateUser(h.ctx, owner, core.NewUser{Name: "Ned", Address: "ned@holzbau.test", Role: core.Employee, Manager: h.eve.ID})
	h.must(err)
	_, err = h.c.CreateTask(h.ctx, owner, core.NewTask{Title: "Help", Assignee: max.ID, CoAssignees: []core.ID{h.eve.ID}})
	h.must(err)
	_, err = h.c.CreateTask(h.ctx, owner, core.NewTask{Title: "Look on", Participants: []core.ID{h.eve.ID}, Auditors: []core.ID{h.eve.ID}})
	h.must(err)
	_, err = h.c.AddVisit(h.ctx, owner, h.task.Number, core.NewVisit{Person: h.eve.ID, Day: "2031-02-03"})
	h.must(err)
	p, err := h.c.CreateProject(h.ctx, h.as(h.eve), core.NewProject{Name: "Own", ClientManager: h.eve.ID})
	h.must(err)
	h.must(h.c.AddParticipant(h.ctx, owner, h.project.ID, h.eve.ID, true, false))
	_ = p
	h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
		if err := tx.PutSetting(h.ctx, h.account.ID, "intake", string(h.eve.ID)); err != nil {
			return err
		}
		ned.Deputy = h.eve.ID
		return tx.UpdatePerson(h.ctx, &ned)
	}))
	return max
}

func TestU9DeactivationListsWhatIsOpenAndRefusesUntilItIsMoved(t *testing.T) {
	each(t, func(h *house) {
		max := h.loaded()
		open := h.openOf(h.eve)
		var kinds []core.WorkKind
		for _, w := range open {
			if !slices.Contains(kinds, w.Kind) {
				kinds = append(kinds, w.Kind)
			}
			if w.Title == "" {
				t.Errorf("%s has no title", w.Kind)
			}
		}
		if !slices.Equal(kinds, core.WorkKinds[:]) {
			t.Fatalf("listed are %v", kinds)
		}
		owner := h.as(h.owner)
		all := refs(open)
		if err := h.c.Deactivate(h.ctx, owner, h.eve.ID, core.Leaving{}); core.CodeOf(err) != "work.open" {
			t.Fatalf("with open work: %v", err)
		}
		// All but one, then the whole is refused, and nothing was moved.
		if err := h.c.Deactivate(h.ctx, owner, h.eve.ID, core.Leaving{Items: all[1:], To: max.ID}); core.CodeOf(err) != "work.open" {
			t.Fatalf("with one piece left: %v", err)
		}
		if got := len(h.openOf(h.eve)); got != len(all) {
			t.Fatalf("%d are open after a refusal, %d were", got, len(all))
		}
		h.must(h.c.Deactivate(h.ctx, owner, h.eve.ID, core.Leaving{Items: all, To: max.ID}))
		if left := h.openOf(h.eve); len(left) != 0 {
			t.Errorf("still open: %+v", left)
		}
		v, err := h.c.Task(h.ctx, owner, h.task.Number, "")
		h.must(err)
		if got := v.Task.Of(core.Assignee); !slices.Equal(got, []core.ID{max.ID}) {
			t.Errorf("the assignee is %v", got)
		}
		pv, err := h.c.Project(h.ctx, owner, h.project.ID)
		h.must(err)
		if pv.Project.Responsible != max.ID || !slices.ContainsFunc(pv.Participants, func(p core.ParticipantView) bool { return p.Person == max.ID && p.Admin }) {
			t.Errorf("the project has %+v, %+v", pv.Project, pv.Participants)
		}
	})
}

func TestU9WhatIsLeftExplicitlyStays(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.c.Deactivate(h.ctx, h.as(h.owner), h.eve.ID, core.Leaving{Leave: true}))
		if len(h.openOf(h.eve)) == 0 {
			t.Error("nothing is left")
		}
	})
}

func TestU8InactiveEndsSessionsMailAndLinksAndCanBeTakenBack(t *testing.T) {
	each(t, func(h *house) {
		eve := core.Credentials{Login: "eve@holzbau.test", Password: "another long phrase", IP: "192.0.2.1"}
		token, _, err := h.c.SignIn(h.ctx, eve)
		h.must(err)
		address := h.replyTo(h.eve)
		owner := h.as(h.owner)
		h.must(h.c.Deactivate(h.ctx, owner, h.eve.ID, core.Leaving{Leave: true}))
		if _, err := h.c.Session(h.ctx, token, eve.IP); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("the session goes on: %v", err)
		}
		if _, _, err := h.c.SignIn(h.ctx, eve); core.CodeOf(err) != "signin.wrong" {
			t.Errorf("signs in: %v", err)
		}
		h.refused(address)
		before := h.now
		_, err = h.c.Comment(h.ctx, owner, core.NewComment{Task: h.task.ID, Text: "News"})
		h.must(err)
		list, err := h.c.Deliveries(h.ctx, owner, core.DeliveryFilter{Person: h.eve.ID})
		h.must(err)
		for _, d := range list {
			if d.Delivery.CreatedAt.After(before) {
				t.Errorf("mail is owed: %+v", d.Delivery)
			}
		}
		if err := h.c.Deactivate(h.ctx, owner, h.eve.ID, core.Leaving{Leave: true}); core.CodeOf(err) != "user.inactive" {
			t.Errorf("twice: %v", err)
		}
		h.must(h.c.Reactivate(h.ctx, owner, h.eve.ID))
		if _, err := h.c.Session(h.ctx, token, eve.IP); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("the old session revives: %v", err)
		}
		if _, _, err := h.c.SignIn(h.ctx, eve); err != nil {
			t.Errorf("signs in again: %v", err)
		}
		h.refused(address)
	})
}

func TestU11WhatWasDoneStaysUnderTheName(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "Measured"})
		h.must(err)
		h.must(h.c.Deactivate(h.ctx, h.as(h.owner), h.eve.ID, core.Leaving{Leave: true}))
		if got := h.lastComment().AuthorPerson.Name; got != "Eve" {
			t.Errorf("written by %q", got)
		}
	})
}

func TestU10ASuperiorMovesTasksAndVisitsOfHisPeopleAndNothingElse(t *testing.T) {
	each(t, func(h *house) {
		max := h.loaded()
		h.must(h.c.EditUser(h.ctx, h.as(h.owner), h.eve.ID, core.UserCard{Name: "Eve", Manager: max.ID}))
		v, err := h.c.OpenWork(h.ctx, h.as(max), h.eve.ID)
		h.must(err)
		for _, w := range v.Items {
			if !w.Kind.OnTask() && w.Kind != core.WorkVisit {
				t.Errorf("%s is listed", w.Kind)
			}
		}
		h.must(h.c.Reassign(h.ctx, h.as(max), h.eve.ID, refs(v.Items), max.ID))
		for _, w := range h.openOf(h.eve) {
			if w.Kind.OnTask() {
				t.Errorf("%s stayed", w.Title)
			}
		}
		post := []core.WorkRef{{Kind: core.WorkProjectOwner, Object: h.openOf(h.eve)[0].Object}}
		if err := h.c.Reassign(h.ctx, h.as(max), h.eve.ID, post, max.ID); core.CodeOf(err) != "work.gone" {
			t.Errorf("takes a project: %v", err)
		}
		if _, err := h.c.OpenWork(h.ctx, h.as(max), h.owner.ID); core.KindOf(err) != core.Forbidden {
			t.Errorf("of somebody else: %v", err)
		}
		owner := h.as(h.owner)
		for want, try := range map[string]core.WorkRef{"work.needs_somebody": post[0], "work.gone": {Kind: core.WorkAssignee, Object: h.task.ID}} {
			if err := h.c.Reassign(h.ctx, owner, h.eve.ID, []core.WorkRef{try}, ""); core.CodeOf(err) != want {
				t.Errorf("%+v: %v, want %s", try, err, want)
			}
		}
		for _, to := range []core.ID{h.klara.ID, h.eve.ID} {
			if err := h.c.Reassign(h.ctx, owner, h.eve.ID, post, to); core.CodeOf(err) != "work.to" {
				t.Errorf("to %s: %v", to, err)
			}
		}
	})
}

func TestU12ADeletedColleagueIsATombstoneAndTheAddressIsFree(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		_, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "Measured"})
		h.must(err)
		address := h.replyTo(h.eve)
		if err := h.c.DeleteUser(h.ctx, owner, h.eve.ID); core.CodeOf(err) != "user.still_active" {
			t.Fatalf("while active: %v", err)
		}
		h.must(h.c.Deactivate(h.ctx, owner, h.eve.ID, core.Leaving{Leave: true}))
		h.must(h.c.DeleteUser(h.ctx, owner, h.eve.ID))
		if got := h.lastComment().AuthorPerson; got.Name != core.Tombstone || len(got.Addresses) != 0 {
			t.Errorf("left is %+v", got)
		}
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "eve@holzbau.test", Password: "another long phrase", IP: "192.0.2.1"}); core.CodeOf(err) != "signin.wrong" {
			t.Errorf("signs in: %v", err)
		}
		// The next with that address chooses a password of her own and has nothing of the old.
		next, err := h.c.CreateUser(h.ctx, owner, core.NewUser{Name: "Eve the second", Address: "eve@holzbau.test", Role: core.Employee, Password: "quite some other words"})
		h.must(err)
		if next.ID == h.eve.ID || next.Identity == h.eve.Identity {
			t.Error("she is the old one")
		}
		if open := h.openOf(next); len(open) != 0 {
			t.Errorf("she has %+v", open)
		}
		h.refused(address)
		people, err := h.c.People(h.ctx, owner, core.PersonFilter{})
		h.must(err)
		if slices.ContainsFunc(people, func(p core.Person) bool { return p.ID == h.eve.ID }) {
			t.Error("the tombstone is listed")
		}
		if err := h.c.Reactivate(h.ctx, owner, h.eve.ID); core.KindOf(err) != core.NotFound {
			t.Errorf("she comes back: %v", err)
		}
	})
}

func TestU13TheLastWhoCanAdministerStays(t *testing.T) {
	each(t, func(h *house) {
		operator := core.OperatorOf(h.account)
		ada, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Ada", Address: "ada@holzbau.test", Role: core.Administrator})
		h.must(err)
		for _, a := range []*core.Actor{operator, h.as(ada)} {
			if err := h.c.Deactivate(h.ctx, a, h.owner.ID, core.Leaving{Leave: true}); err == nil {
				t.Error("the owner is set inactive")
			}
			if err := h.c.DeleteUser(h.ctx, a, h.owner.ID); err == nil {
				t.Error("the owner is deleted")
			}
		}
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { // the owner cannot act
			o := h.owner
			o.BlockedAt = h.now
			return tx.UpdatePerson(h.ctx, &o)
		}))
		if err := h.c.Deactivate(h.ctx, operator, ada.ID, core.Leaving{Leave: true}); core.CodeOf(err) != "user.last_admin" {
			t.Errorf("the last administrator: %v", err)
		}
		_, err = h.c.CreateUser(h.ctx, operator, core.NewUser{Name: "Bob", Address: "bob@holzbau.test", Role: core.Administrator})
		h.must(err)
		h.must(h.c.Deactivate(h.ctx, operator, ada.ID, core.Leaving{Leave: true}))
	})
}
