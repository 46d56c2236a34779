package web

import (
	"net/http"
	"strings"
	"testing"

	"planpost/core"
)

const menuMark = `<nav aria-label="Main menu"`

// Whoever met an error finds the way on, as on every other page.
func TestPagesOfErrorsKeepTheMenu(t *testing.T) {
	s := newScene(t)
	eve := s.person("Eve", role(core.Employee))
	ada := s.person("Ada", contact(core.AdvancedAccess, ""))
	boss, employee, outsider := s.as(s.owner), s.as(eve), s.as(ada)
	for _, c := range []struct {
		name   string
		a      answer
		status int
		log    bool // the menu is the person's own
	}{
		{"an address that leads nowhere", boss.get("/nowhere?done=status"), http.StatusNotFound, true},
		{"an unknown person", boss.get("/people/" + string(core.NewID())), http.StatusNotFound, true},
		{"a form of something unknown", boss.post("/tasks/999/status", "status", "done"), http.StatusNotFound, true},
		{"a refusal", employee.get("/settings"), http.StatusForbidden, false},
		{"an address that leads nowhere, for an employee", employee.get("/x/y"), http.StatusNotFound, false},
		{"an address that leads nowhere, for a client", outsider.get("/x/y"), http.StatusNotFound, false},
	} {
		if c.a.status != c.status {
			t.Errorf("%s: %d", c.name, c.a.status)
		}
		if !strings.Contains(c.a.body, menuMark) || !strings.Contains(c.a.body, `href="/tasks"`) {
			t.Errorf("%s: no menu", c.name)
		}
		if strings.Contains(c.a.body, `href="/log"`) != c.log {
			t.Errorf("%s: the menu is another's", c.name)
		}
		if strings.Contains(c.a.body, `class="done"`) {
			t.Errorf("%s: says that it was done", c.name)
		}
	}
	// Who is not let in is shown nothing of what lies behind.
	must(t, s.core.SetFactorPolicy(t.Context(), s.actor(s.owner), core.FactorPolicy{Staff: core.FactorRequired, Outside: core.FactorOff}))
	for name, a := range map[string]answer{"a visitor": s.visitor().get("/nowhere"), "somebody without the second factor": employee.get("/nowhere")} {
		if a.status != http.StatusNotFound || strings.Contains(a.body, "<nav") || strings.Contains(a.body, `href="/tasks"`) {
			t.Errorf("%s: %d %s", name, a.status, clip(a.body))
		}
	}
	p := newPlace(t)
	who := p.as(p.owner)
	rules, err := p.core.IPRules(t.Context(), core.OperatorOf(p.account))
	must(t, err)
	must(t, p.core.RemoveIPRule(t.Context(), core.OperatorOf(p.account), rules[0].ID))
	for _, path := range []string{"/", "/nowhere"} {
		if a := who.get(path); a.status < 400 || strings.Contains(a.body, "<nav") {
			t.Errorf("%s from a refused network: %d %s", path, a.status, clip(a.body))
		}
	}
}

// Own settings are nobody else's: the page says whose they are and leads back.
func TestS6OwnSettingsAreNotShownToWhoLooksThroughAnothersEyes(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve Employee", role(core.Employee))
	p.as(eve) // who has a login
	b := p.as(p.owner)
	b.wants(b.post("/people/"+string(eve.ID)+"/view"), http.StatusSeeOther)
	for _, path := range []string{"/me", "/me/factor"} {
		a := b.wants(b.get(path), http.StatusForbidden, "own settings of Eve Employee", menuMark, `action="/viewing/end"`, `class="viewing"`)
		if strings.Contains(a.body, "Olga Owner</b>") || strings.Contains(a.body, `name="newpassword"`) {
			t.Errorf("%s shows a form", path)
		}
	}
	b.wants(b.post("/viewing/end"), http.StatusSeeOther)
	b.wants(b.get("/me"), 200, `name="newpassword"`)
}
