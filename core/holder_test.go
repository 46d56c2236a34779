package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// drawnPlan is a plan of the project with its first index, brought by the owner.
func (h *house) heldPlan(number string) (core.Plan, core.Version) {
	h.t.Helper()
	p, v, err := h.c.CreatePlan(h.ctx, h.as(h.owner), h.project.ID, core.NewPlan{Kind: core.DrawingKind, Number: number, Title: "Stairs", NewVersion: h.anIndex("A")})
	h.must(err)
	return p, v
}

func (h *house) anIndex(name string) core.NewVersion {
	h.t.Helper()
	u, err := h.c.SendUpload(h.ctx, h.as(h.owner), core.NewUpload{Project: h.project.ID, Purpose: core.PlanPurpose, Name: name + ".pdf", Type: "application/pdf"}, strings.NewReader("plan "+name))
	h.must(err)
	return core.NewVersion{Index: name, Author: h.owner.ID, Files: []core.NewPlanFile{{Upload: u.ID}}}
}

func (h *house) anotherIndex(p core.Plan, name string) core.Version {
	h.t.Helper()
	_, v, err := h.c.AddVersion(h.ctx, h.as(h.owner), p.ID, h.anIndex(name))
	h.must(err)
	return v
}

// holds notes that people fetched an index as persons.
func (h *house) holds(v core.Version, people ...core.Person) {
	h.t.Helper()
	h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
		for _, p := range people {
			if err := tx.RaiseHolders(h.ctx, core.Holder{Account: v.Account, Plan: v.Plan, Person: p.ID, Version: v.ID, Position: v.Position, Since: h.now, How: "download"}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (h *house) written() (names []string, sent map[string]core.Letter) {
	h.t.Helper()
	h.pass(6 * time.Minute) // what gathers has its quiet time
	sent, _ = h.letters()
	for name := range sent {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, sent
}

func (h *house) toldAre(what string, want ...string) map[string]core.Letter {
	h.t.Helper()
	names, sent := h.written()
	if !slices.Equal(names, want) {
		h.t.Fatalf("%s: %v are written to, want %v", what, names, want)
	}
	return sent
}

// Idea 1: exactly the holders of an older index are told, and the list empties only by having the new one.
func TestIdea1ExactlyTheHoldersOfAnOlderIndexAreTold(t *testing.T) {
	each(t, func(h *house) {
		h.planner()
		h.letters()
		p, a := h.heldPlan("A-12")
		b := h.anotherIndex(p, "B")
		h.letters()
		h.holds(a, h.karl) // never fetched B
		h.holds(b, h.klara, h.sub, h.eve)
		h.holds(a, h.eve) // looked at the old one later: he still has B
		c := h.anotherIndex(p, "C")
		sent := h.toldAre("C", "Eve", "Karl", "Klara", "Sub")
		for name, held := range map[string]string{"Karl": "A", "Klara": "B", "Sub": "B", "Eve": "B"} {
			if n := sent[name].Holder.Plans[0]; n.Held.Index != held || n.Now.Index != "C" || n.Plan.ID != p.ID {
				t.Errorf("%s is told of %s after %s", name, n.Now.Index, n.Held.Index)
			}
		}
		if url := sent["Eve"].LinkURL; url != "http://planpost.test/plans/"+string(p.ID) {
			t.Errorf("a member is led to %q", url)
		}
		page := func(behind int) {
			t.Helper()
			v, err := h.c.PlanHolders(h.ctx, h.as(h.owner), p.ID)
			h.must(err)
			if v.Behind != behind || len(v.Rows) != 4 || v.Now.ID != c.ID {
				t.Errorf("%d of %d behind, want %d", v.Behind, len(v.Rows), behind)
			}
		}
		page(4)
		h.must(h.c.HandedOnPaper(h.ctx, h.as(h.owner), p.ID, c.ID, h.karl.ID, time.Time{}))
		page(3)
		h.must(h.c.HandedOnPaper(h.ctx, h.as(h.owner), p.ID, c.ID, h.karl.ID, time.Time{})) // twice is once
		page(3)
		h.holds(c, h.sub)
		page(2)
	})
}

// Idea 1: reminders on days 1 and 3, then one person gets the list with telephone numbers.
func TestIdea1HoldersAreRemindedTwiceThenOneGetsTheList(t *testing.T) {
	each(t, func(h *house) {
		h.planner()
		h.letters()
		h.must(h.c.EditContact(h.ctx, h.as(h.owner), h.sub.ID, h.edited(h.sub, func(n *core.ContactCard) { n.Phone = "+43 1 234" })))
		p, a := h.heldPlan("A-12")
		h.holds(a, h.klara, h.sub)
		b := h.anotherIndex(p, "B")
		h.now = b.CurrentAt // that of the database
		h.toldAre("B", "Klara", "Sub")
		remind := func() { t.Helper(); h.must(h.c.RemindHolders(h.ctx)) }
		remind()
		h.toldAre("at once")
		h.pass(25 * time.Hour)
		remind()
		remind()
		h.toldAre("day 1", "Klara", "Sub")
		h.pass(24 * time.Hour)
		remind()
		h.toldAre("day 2")
		h.holds(b, h.klara)
		h.pass(25 * time.Hour)
		remind()
		h.toldAre("day 3", "Sub")
		h.pass(24 * time.Hour)
		remind()
		n := h.toldAre("day 4", "Eve")["Eve"].Holder.Plans[0]
		if len(n.Still) != 1 || n.Still[0].Of.ID != h.sub.ID || n.All != 2 || n.Phones() != "Sub (A): +43 1 234" {
			t.Errorf("the list is %q, %d of %d", n.Phones(), len(n.Still), n.All)
		}
		h.pass(30 * 24 * time.Hour)
		remind()
		h.toldAre("never again")
	})
}

// A reminder that is on its way when its reader gets the index says nothing any more; nor is anybody told who is blocked or may not know.
func TestIdea1WhoHasItMeanwhileIsNotTold(t *testing.T) {
	each(t, func(h *house) {
		h.planner()
		h.letters()
		p, a := h.heldPlan("A-12")
		h.holds(a, h.klara, h.karl, h.sub)
		b := h.anotherIndex(p, "B")
		h.holds(b, h.klara)
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
			return tx.SetParticipant(h.ctx, &core.Participant{Account: p.Account, Project: p.Project, Person: h.karl.ID, Guest: true, BlockedAt: h.now})
		}))
		h.toldAre("B", "Sub")
		_, err := h.c.SecurePlan(h.ctx, h.as(h.owner), p.ID, true, nil)
		h.must(err)
		h.letters()
		h.anotherIndex(p, "C")
		h.toldAre("C of what is secured")
	})
}

// Who a plan went to is for those inside: recipients never learn of each other.
func TestIdea1HoldersAreForThoseInside(t *testing.T) {
	each(t, func(h *house) {
		h.planner()
		h.letters()
		p, a := h.heldPlan("A-12")
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, h.basic("Nora", "nora@holzbau.test").ID, false, false))
		h.holds(a, h.klara)
		for _, who := range []core.Person{h.klara, h.sub} {
			if _, err := h.c.PlanHolders(h.ctx, h.as(who), p.ID); err == nil {
				t.Errorf("%s sees who holds it", who.Name)
			}
		}
		if err := h.c.HandedOnPaper(h.ctx, h.as(h.klara), p.ID, a.ID, h.sub.ID, time.Time{}); err == nil {
			t.Error("an outsider writes down receipts of others")
		}
		for _, day := range []time.Time{a.CreatedAt.Add(time.Hour), a.CreatedAt.AddDate(0, 0, -3)} {
			h.wants(h.c.HandedOnPaper(h.ctx, h.as(h.owner), p.ID, a.ID, h.sub.ID, day), core.Invalid, "holder.day")
		}
	})
}

// What is in force and what changed, to whom it is for: nothing of what is secured, nor of what has gone.
func TestCurrentPlansAreWhatIsInForceForTheirReader(t *testing.T) {
	each(t, func(h *house) {
		a := h.planner()
		p, _ := h.heldPlan("A-1")
		q, first := h.heldPlan("A-2")
		r, _ := h.heldPlan("A-3")
		_, err := h.c.SecurePlan(h.ctx, h.as(h.owner), r.ID, true, nil)
		h.must(err)
		h.must(h.c.WithdrawVersion(h.ctx, h.as(h.owner), first.ID))
		names := func(list []core.PlanItem) (all string) {
			for i := range list {
				all += list[i].Number + list[i].Version.Index + " "
			}
			return all
		}
		look := func(a *core.Actor, since time.Time, items, changed string) {
			t.Helper()
			s, err := h.c.CurrentPlans(h.ctx, a, core.PlanFilter{Project: h.project.ID}, since)
			h.must(err)
			if names(s.Items) != items || names(s.Changed) != changed {
				t.Errorf("%q and %q, want %q and %q", names(s.Items), names(s.Changed), items, changed)
			}
		}
		look(a, time.Time{}, "A-1A ", "")
		look(a, first.CurrentAt.Add(-time.Hour), "A-1A ", "A-1A A-2A ")
		b := h.anotherIndex(p, "B")
		look(a, b.CurrentAt.Add(-time.Microsecond), "A-1B ", "A-1B ")
		look(h.as(h.owner), time.Time{}, "A-1B A-3A ", "")
		if _, err := h.c.CurrentPlans(h.ctx, h.as(h.sub), core.PlanFilter{Project: q.Project}, time.Time{}); err == nil {
			t.Error("who takes no part sees the plans")
		}
	})
}

// Plans come in batches: their holders get one mail for all of them, and who has one of them meanwhile reads of the others.
func TestIdea1NewIndicesOfManyPlansAreOneMailForEachHolder(t *testing.T) {
	each(t, func(h *house) {
		h.planner()
		h.pass(6 * time.Minute)
		h.letters()
		var all []core.Plan
		var first []core.Version
		for _, number := range []string{"A-1", "A-2", "A-10"} {
			p, v := h.heldPlan(number)
			all, first = append(all, p), append(first, v)
			h.holds(v, h.klara, h.karl)
		}
		for _, p := range all {
			b := h.anotherIndex(p, "B")
			if p.Number == "A-2" {
				h.holds(b, h.karl)
			}
		}
		sent := h.toldAre("three new indices", "Karl", "Klara")
		for name, want := range map[string]string{"Klara": "A-1 A-2 A-10 ", "Karl": "A-1 A-10 "} {
			got := ""
			for _, p := range sent[name].Holder.Plans {
				got += p.Plan.Number + " "
			}
			if got != want {
				t.Errorf("%s reads of %s, want %s", name, got, want)
			}
		}
		h.toldAre("later")
	})
}
