package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"planpost/core"
)

func TestM9AnEmployeeWithTheSwitchPlansVisitsOfOwnTasks(t *testing.T) {
	p := newPlace(t)
	plain := p.person("Eve")
	able := p.person("Max", func(q *core.Person) { q.Caps = []string{"visits"} })
	mine := p.task("Mine", with(able, core.Participate))
	other := p.task("Not mine")
	if a := p.as(plain).get("/calendar"); strings.Contains(a.body, "/visits/new") {
		t.Error("the button is shown without the switch")
	}
	b := p.as(able)
	b.wants(b.get("/calendar"), http.StatusOK, "/visits/new")
	a := b.get("/visits/new")
	b.wants(a, http.StatusOK, "Mine")
	if strings.Contains(a.body, "Not mine") {
		t.Error("a task of others is offered")
	}
	if a := b.post("/visits", "task", strings.TrimPrefix(taskURL(mine.Number), "/tasks/"), "day", "2031-03-03"); a.status != http.StatusSeeOther {
		t.Errorf("own task: %d", a.status)
	}
	if a := b.post("/visits", "task", strings.TrimPrefix(taskURL(other.Number), "/tasks/"), "day", "2031-03-03"); a.status != http.StatusNotFound {
		t.Errorf("another's task: %d", a.status)
	}
}

func TestWhoIsAwayIsSaidWherePeopleAreChosen(t *testing.T) {
	p := newPlace(t)
	eve, max := p.person("Eve"), p.person("Max")
	task := p.task("Door", with(eve, core.Participate))
	today := p.core.Today(&p.account)
	must(t, p.core.SetDeputy(context.Background(), p.actor(p.owner), eve.ID, core.Absence{Deputy: max.ID, From: today, Until: today}))
	b := p.as(p.owner)
	for _, path := range []string{taskURL(task.Number) + "?edit=people", taskURL(task.Number) + "/edit", "/visits/new", "/calendar", "/tasks/new"} {
		if path == "/calendar" {
			p.visit(task, max.ID, today)
		}
		b.wants(b.get(path), http.StatusOK, "Eve – away, deputy Max</option>")
	}
}
