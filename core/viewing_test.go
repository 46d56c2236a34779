package core_test

import (
	"testing"
	"time"

	"planpost/core"
)

func TestS6WhoLooksSeesExactlyWhatTheOtherSeesAndWritesNothing(t *testing.T) {
	each(t, func(h *house) {
		token := h.signIn(ownersLogin, ownersPassword, office)
		h.letters()
		h.must(h.c.StartViewing(h.ctx, h.from(token, office), h.eve.ID))
		a := h.from(token, office)
		if a.Person.ID != h.eve.ID || a.ViewedBy == nil || a.ViewedBy.ID != h.owner.ID {
			t.Fatalf("sees as %s", a.Person.Name)
		}
		titles := func(a *core.Actor) (list []string) {
			items, err := h.c.Tasks(h.ctx, a, core.TaskFilter{Limit: 100})
			h.must(err)
			for _, i := range items {
				list = append(list, i.Title)
			}
			return list
		}
		_, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "The owner's own"})
		h.must(err)
		if got, want := titles(a), titles(h.as(h.eve)); len(got) != len(want) || len(got) != 1 {
			t.Errorf("sees %v, Eve sees %v", got, want)
		}
		for name, do := range map[string]func() error{
			"comment": func() error {
				_, err := h.c.Comment(h.ctx, a, core.NewComment{Task: h.task.ID, Text: "not mine"})
				return err
			},
			"profile": func() error { return h.c.SetProfile(h.ctx, a, core.Profile{Name: "Other", Locale: "en"}) },
			"nesting": func() error { return h.c.StartViewing(h.ctx, a, h.klara.ID) },
			"factor":  func() error { return h.c.BeginFactor(h.ctx, a) },
			"password": func() error {
				_, err := h.c.SetPassword(h.ctx, a, core.PasswordChange{Current: evesPassword, New: "a wholly new phrase"})
				return err
			},
			"sessions": func() error { return h.c.EndSessions(h.ctx, a, h.eve.ID) },
			"proof":    func() error { return h.c.Prove(h.ctx, a, core.Proof{Password: evesPassword}) },
		} {
			if err := do(); core.KindOf(err) != core.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.must(h.c.NoteViewed(h.ctx, a, "/tasks"))
		h.must(h.c.NoteViewed(h.ctx, a, "/tasks"))
		h.must(h.c.NoteViewed(h.ctx, a, "/projects"))
		h.must(h.c.EndViewing(h.ctx, a))
		if a := h.from(token, office); a.ViewedBy != nil || a.Person.ID != h.owner.ID {
			t.Error("it goes on after its end")
		}
		seen, err := h.c.Viewings(h.ctx, h.as(h.eve))
		h.must(err)
		if len(seen) != 1 || seen[0].ViewerName != "Olga" || seen[0].Pages != 3 || len(seen[0].Seen) != 2 || seen[0].EndedAt.IsZero() {
			t.Errorf("Eve is told %+v", seen)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "viewing.end" || log[0].Actor != h.owner.ID || log[0].Behalf != h.eve.ID || log[0].ObjectID != h.eve.ID {
			t.Errorf("the log: %+v", log[0])
		}
		if sent, _ := h.letters(); sent["Eve"].Person.ID != h.eve.ID {
			t.Error("Eve got no mail")
		}
	})
}

func TestS6NobodyLooksAsAnAdministratorNorForLong(t *testing.T) {
	each(t, func(h *house) {
		user := func(name, address string, role core.Role) core.Person {
			p, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: name, Address: address, Role: role, Password: "a phrase for " + name + " alone"})
			h.must(err)
			return p
		}
		ada, tom, max := user("Ada", "ada@holzbau.test", core.Administrator), user("Tom", "tom@holzbau.test", core.TechnicalAdministrator), user("Max", "max@holzbau.test", core.Manager)
		in := func(p core.Person) *core.Actor {
			return h.from(h.signIn(p.Address().Mailbox(), "a phrase for "+p.Name+" alone", office), office)
		}
		owners := h.signIn(ownersLogin, ownersPassword, office)
		for _, c := range []struct {
			a    *core.Actor
			who  core.Person
			code string
		}{
			{h.from(owners, office), ada, "forbidden"}, {h.from(owners, office), h.owner, "forbidden"},
			{in(ada), h.owner, "forbidden"}, {in(ada), ada, "forbidden"}, {in(tom), h.eve, "not_found"}, {in(max), h.eve, "forbidden"},
			{in(ada), h.klara, "viewing.nobody"}, // an address has no eyes
			{in(ada), max, ""},
		} {
			if err := h.c.StartViewing(h.ctx, c.a, c.who.ID); core.CodeOf(err) != c.code {
				t.Errorf("%s as %s: %v, want %q", c.a.Person.Name, c.who.Name, err, c.code)
			}
		}
		h.must(h.c.StartViewing(h.ctx, h.from(owners, office), h.eve.ID))
		h.pass(29 * time.Minute)
		if h.from(owners, office).ViewedBy == nil {
			t.Error("over before its time")
		}
		h.pass(2 * time.Minute)
		if h.from(owners, office).ViewedBy != nil {
			t.Error("it goes on after half an hour")
		}
	})
}

func TestS6LookingEndsWithTheRightToIt(t *testing.T) {
	each(t, func(h *house) {
		ada, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Ada", Address: "ada@holzbau.test", Role: core.Administrator, Password: "a phrase for her alone"})
		h.must(err)
		token := h.signIn("ada@holzbau.test", "a phrase for her alone", office)
		h.must(h.c.StartViewing(h.ctx, h.from(token, office), h.eve.ID))
		ada.Role = core.Employee
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdatePerson(h.ctx, &ada) }))
		if a := h.from(token, office); a.ViewedBy != nil || a.Person.ID != ada.ID {
			t.Errorf("who lost the right still looks as %s", a.Person.Name)
		}
	})
}
