package core_test

import (
	"slices"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
	"planpost/store"
	"planpost/store/storetest"
)

func TestA7ARoleIsGivenByOneDeedWithOneEntry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		h := newHouse(t, open())
		owner := h.as(h.owner)
		before, err := h.log(owner)
		h.must(err)
		h.must(h.c.SetRole(h.ctx, owner, h.eve.ID, core.NewRole{Role: core.Manager}))
		v, err := h.c.Person(h.ctx, owner, h.eve.ID)
		h.must(err)
		log, err := h.log(owner)
		h.must(err)
		if v.Person.Role != core.Manager || len(log) != len(before)+1 || log[0].Code != "user.role" || log[0].Changes[0] != (core.Change{Field: "role", Was: "employee", Now: "manager"}) {
			t.Errorf("role %s, log %+v", v.Person.Role, log[0])
		}
		if err := h.c.SetRole(h.ctx, owner, h.klara.ID, core.NewRole{Role: core.Manager}); core.KindOf(err) != core.NotFound && core.KindOf(err) != core.Forbidden {
			t.Errorf("a client gets a role: %v", err)
		}
		if err := h.c.SetRole(h.ctx, owner, h.owner.ID, core.NewRole{Role: core.Manager}); core.CodeOf(err) != "role.owner" {
			t.Errorf("the owner's role: %v", err)
		}
	})
}

func TestA4AnAdministratorEditsEmployeesAndNotTheOwnerNorMakesAdministrators(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		h := newHouse(t, open())
		h.must(h.c.SetRole(h.ctx, h.as(h.owner), h.eve.ID, core.NewRole{Role: core.Administrator}))
		v, err := h.c.Person(h.ctx, h.as(h.owner), h.eve.ID)
		h.must(err)
		admin := h.as(v.Person)
		sam, err := h.c.CreateUser(h.ctx, admin, core.NewUser{Name: "Sam", Address: "sam@holzbau.test", Role: core.Employee})
		h.must(err)
		h.must(h.c.SetRole(h.ctx, admin, sam.ID, core.NewRole{Role: core.Manager}))
		if err := h.c.SetRole(h.ctx, admin, sam.ID, core.NewRole{Role: core.Administrator}); core.KindOf(err) != core.Forbidden {
			t.Errorf("an administrator makes another: %v", err)
		}
		if err := h.c.SetRole(h.ctx, admin, h.owner.ID, core.NewRole{Role: core.Employee}); core.KindOf(err) != core.Forbidden {
			t.Errorf("an administrator edits the owner: %v", err)
		}
		if err := h.c.SetRole(h.ctx, h.as(sam), h.eve.ID, core.NewRole{Role: core.Employee}); core.KindOf(err) != core.Forbidden && core.KindOf(err) != core.NotFound {
			t.Errorf("a manager edits an administrator: %v", err)
		}
	})
}

func TestA9APrivateMailboxOfAnAdministratorIsConfirmedAndLogged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		h := newHouse(t, open())
		owner := h.as(h.owner)
		private, err := h.c.CreateUser(h.ctx, owner, core.NewUser{Name: "Pia", Address: "pia@gmail.com", Role: core.Employee})
		h.must(err)
		if err := h.c.SetRole(h.ctx, owner, private.ID, core.NewRole{Role: core.Administrator}); core.CodeOf(err) != "role.freemail" {
			t.Fatalf("not asked: %v", err)
		}
		h.must(h.c.SetRole(h.ctx, owner, private.ID, core.NewRole{Role: core.Administrator, Confirmed: true}))
		log, err := h.log(owner)
		h.must(err)
		if log[0].Param("private") != "gmail.com" {
			t.Errorf("the log does not say so: %+v", log[0])
		}
		h.must(h.c.SetRole(h.ctx, owner, h.eve.ID, core.NewRole{Role: core.Administrator})) // a firm's address is not asked about
	})
}

// Each switch changes exactly the cells that speak of it.
func TestU7EachSwitchChangesExactlyItsRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		h := newHouse(t, open())
		owner := h.as(h.owner)
		facts := func() access.Facts {
			v, err := h.c.Person(h.ctx, owner, h.eve.ID)
			h.must(err)
			return core.CapFacts(&v.Person)
		}
		for _, name := range core.SwitchNames() {
			fact, ok := access.ParseFact("CAP_" + strings.ToUpper(name))
			if !ok {
				t.Fatalf("the table knows no switch %s", name)
			}
			start := facts()
			for state, want := range map[core.SwitchState]access.Facts{core.SwitchOn: start.With(fact), core.SwitchOff: start.Without(fact)} {
				h.must(h.c.SetSwitches(h.ctx, owner, h.eve.ID, map[string]core.SwitchState{name: state}))
				if got := facts(); got != want {
					t.Errorf("%s %s: %v, not %v", name, state, got.List(), want.List())
				}
				for _, action := range access.Actions() {
					cell, _ := access.CellOf(action, access.Employee)
					asks := false
					for _, term := range cell.Any {
						for _, l := range term {
							asks = asks || l.Fact == fact
						}
					}
					if !asks && cell.Eval(start) != cell.Eval(want) {
						t.Errorf("%s %s changes %s", name, state, action)
					}
				}
			}
			h.must(h.c.SetSwitches(h.ctx, owner, h.eve.ID, map[string]core.SwitchState{name: core.SwitchDefault}))
			if got := facts(); got != start {
				t.Errorf("%s back to the role's: %v, not %v", name, got.List(), start.List())
			}
		}
		if err := h.c.SetSwitches(h.ctx, owner, h.eve.ID, map[string]core.SwitchState{"flying": core.SwitchOn}); core.CodeOf(err) != "switch.unknown" {
			t.Errorf("an unknown switch: %v", err)
		}
	})
}

func TestA2TheOwnerAloneHandsOverSecurityBillingExportAndGoingBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		h := newHouse(t, open())
		owner := h.as(h.owner)
		h.must(h.c.SetRole(h.ctx, owner, h.eve.ID, core.NewRole{Role: core.Administrator}))
		v, err := h.c.Person(h.ctx, owner, h.eve.ID)
		h.must(err)
		sam, err := h.c.CreateUser(h.ctx, owner, core.NewUser{Name: "Sam", Address: "sam@holzbau.test", Role: core.Manager})
		h.must(err)
		for _, name := range []string{"security", "billing", "export", "rollback"} {
			on := map[string]core.SwitchState{name: core.SwitchOn}
			if err := h.c.SetSwitches(h.ctx, h.as(v.Person), sam.ID, on); core.CodeOf(err) != "switch.owner" {
				t.Errorf("an administrator hands over %s: %v", name, err)
			}
			h.must(h.c.SetSwitches(h.ctx, owner, h.eve.ID, on))
		}
		h.must(h.c.SetSwitches(h.ctx, h.as(v.Person), sam.ID, map[string]core.SwitchState{"intake": core.SwitchOn}))
		if err := h.c.SetSwitches(h.ctx, h.as(v.Person), h.owner.ID, map[string]core.SwitchState{"tasks": core.SwitchOff}); core.KindOf(err) != core.Forbidden {
			t.Errorf("an administrator turns the owner's switch: %v", err)
		}
	})
}

func TestA7WhatARoleReachesComesFromTheTable(t *testing.T) {
	reach := func(r core.Role, area string) core.RoleReach {
		for _, x := range core.ReachOf(r) {
			if x.Area == area {
				return x
			}
		}
		t.Fatalf("no area %s", area)
		return core.RoleReach{}
	}
	if x := reach(core.TechnicalAdministrator, "task"); x.Some || x.All {
		t.Errorf("a technical administrator and tasks: %+v", x)
	}
	x := reach(core.Employee, "task")
	if !x.Some || x.All {
		t.Errorf("an employee and tasks: %+v", x)
	}
	switched := []access.Action{"task.create", "task.choose_assignee"}
	for _, d := range x.Deeds {
		if d.Switched != slices.Contains(switched, d.Action) {
			t.Errorf("%s needs a switch: %v", d.Action, d.Switched)
		}
		cell, ok := access.CellOf(d.Action, access.Employee)
		if !ok || d.Always != cell.Always || d.Some != (len(cell.Any) > 0) {
			t.Errorf("%s is told as %+v, the table has %+v", d.Action, d, cell)
		}
	}
	if x := reach(core.Administrator, "contact"); !x.All {
		t.Errorf("an administrator and contacts: %+v", x)
	}
}

// What the page says that a switch opens is what turning it changes, other facts being there.
func TestU7ThePageNamesTheDeedsThatASwitchOpens(t *testing.T) {
	for _, role := range []core.Role{core.Administrator, core.Manager, core.Employee} {
		subject := (&core.Person{Kind: core.UserKind, Role: role}).Subject()
		for _, name := range core.SwitchNames() {
			fact, _ := access.ParseFact("CAP_" + strings.ToUpper(name))
			told := core.OpenedBy(name, role)
			for _, action := range access.Actions() {
				cell, _ := access.CellOf(action, subject)
				opens := false
				for _, term := range cell.Any { // the smallest facts of each way, with and without the switch
					facts := access.FactsOf()
					for _, l := range term {
						if !l.Negated {
							facts = facts.With(l.Fact)
						}
					}
					opens = opens || cell.Eval(facts) && !cell.Eval(facts.Without(fact))
				}
				if opens != slices.Contains(told, action) {
					t.Errorf("%s, switch %s: %s opens %v, told %v", role, name, action, opens, !opens)
				}
			}
		}
	}
}

// Decision 14.7: who manages the account is demoted first, then blocked.
func TestB10AnAdministratorIsDemotedBeforeHeIsBlocked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		h := newHouse(t, open())
		owner := h.as(h.owner)
		h.must(h.c.SetRole(h.ctx, owner, h.eve.ID, core.NewRole{Role: core.Administrator}))
		if _, err := h.c.BlockPerson(h.ctx, owner, h.eve.ID); core.CodeOf(err) != "block.administrator" {
			t.Fatalf("an administrator is blocked: %v", err)
		}
		h.must(h.c.SetRole(h.ctx, owner, h.eve.ID, core.NewRole{Role: core.Employee}))
		_, err := h.c.BlockPerson(h.ctx, owner, h.eve.ID)
		h.must(err)
		h.must(h.c.UnblockPerson(h.ctx, owner, h.eve.ID))
	})
}
