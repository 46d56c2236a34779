package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
)

// Probes of visits.
var visitProbes = map[access.Action]probe{
	"visit.view": {ask: func(w *cellWorld, b *browser) (bool, string) {
		allowed, why := verdict(w, b.get(atVisit("")(w)))
		return allowed && (w.thread == "" || strings.Contains(b.get(w.thread).body, "Mar")), why
	}},
	"visit.manage": {ask: posts(atVisit(""), fields("day", "2031-03-04", "from", "08:00", "until", "09:00"))},
}

// atVisit writes a visit of the cell's task and gives an address of it.
func atVisit(rest string) func(*cellWorld) string {
	return func(w *cellWorld) string {
		id := w.visit(w.task, w.assignee.ID, "2031-03-03").ID
		if w.thread != "" { // shown there, beside the conversation
			return w.thread
		}
		return "/visits/" + string(id) + rest
	}
}

func (p *place) visit(t core.Task, person core.ID, day string) core.Visit {
	v := core.Visit{ID: core.NewID(), Account: p.account.ID, Task: t.ID, Person: person, Day: day, From: "08:00", Until: "10:00", State: core.VisitPlanned, Note: "key under the mat",
		CreatedBy: p.owner.ID, CreatedAt: p.core.Now(), UpdatedAt: p.core.Now()}
	p.tx(func(tx core.Tx) error { return tx.CreateVisit(context.Background(), &v) })
	return v
}

func TestU10TheVisitsGridIsFilteredAllSelectedAndGivenToAnother(t *testing.T) {
	p := newPlace(t)
	eve, max := p.person("Eve"), p.person("Max")
	task := p.task("Measure the oak door")
	one, two, other := p.visit(task, eve.ID, "2031-03-03"), p.visit(task, eve.ID, "2031-03-04"), p.visit(task, max.ID, "2031-03-04")
	b := p.as(p.owner)
	page := b.get("/calendar?view=week&day=2031-03-05&select=all&who=" + string(eve.ID))
	if page.status != http.StatusOK || strings.Count(page.body, ` checked`) != 2 || strings.Contains(page.body, "/visits/"+string(other.ID)) {
		t.Fatalf("filtered, all selected: %d\n%s", page.status, clip(page.body))
	}
	if a := b.post("/calendar/assign", "visit", string(one.ID), "view", "week", "day", "2031-03-05"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, ` checked`) {
		t.Errorf("nobody chosen: %d", a.status)
	}
	if a := b.post("/calendar/assign", "visit", string(one.ID), "visit", string(two.ID), "to", string(max.ID), "back", "/calendar?day=2031-03-05"); a.status != http.StatusSeeOther {
		t.Fatalf("assigning: %d %s", a.status, clip(a.body))
	}
	for _, view := range []string{"day", "week", "month"} {
		a := b.get("/calendar?day=2031-03-04&view=" + view + "&who=" + string(max.ID))
		if !strings.Contains(a.body, "/visits/"+string(two.ID)) || !strings.Contains(a.body, "overlaps with another visit") {
			t.Errorf("%s: %d %s", view, a.status, clip(a.body))
		}
	}
	if a := b.post("/calendar/assign", "visit", string(two.ID), "to", "nobody"); a.status != http.StatusSeeOther {
		t.Errorf("removing the resource: %d", a.status)
	}
	if a := b.get("/calendar?day=2031-03-04&who=nobody"); !strings.Contains(a.body, "/visits/"+string(two.ID)) {
		t.Error("the visit of nobody is not found")
	}
}

func TestM9AVisitIsPlannedOnTheTasksPageAndNotesStayInside(t *testing.T) {
	p := newPlace(t)
	kim := p.person("Kim", contact(core.BasicAccess, ""))
	task := p.task("Measure the oak door", with(kim, core.Participate))
	b := p.as(p.owner)
	if a := b.get(taskURL(task.Number)); !strings.Contains(a.body, `action="/visits"`) {
		t.Fatal("the task's page has no form")
	}
	number := strings.TrimPrefix(taskURL(task.Number), "/tasks/")
	if a := b.post("/visits", "task", number, "day", "2031-03-03", "from", "10:00", "until", "09:00", "note", "kept words"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "kept words") {
		t.Errorf("times that run backwards: %d", a.status)
	}
	a := b.post("/visits", "task", number, "day", "2031-03-03", "person", string(p.owner.ID), "note", "key under the mat", "tell", string(kim.ID))
	if a.status != http.StatusSeeOther {
		t.Fatalf("planning: %d %s", a.status, clip(a.body))
	}
	at, _, _ := strings.Cut(a.location(), "?")
	seen := p.as(kim).get(at)
	if seen.status != http.StatusOK || strings.Contains(seen.body, "mat") || strings.Contains(seen.body, "<textarea") {
		t.Errorf("an outsider: %d %s", seen.status, clip(seen.body))
	}
	if a := b.post(at + "/cancel"); a.status != http.StatusSeeOther {
		t.Errorf("calling off: %d", a.status)
	}
	if a := b.post(at+"/done", "x", "y"); a.status != http.StatusConflict {
		t.Errorf("after its end: %d", a.status)
	}
}
