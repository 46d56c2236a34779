package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
)

// Probes of recorded hours.
var hoursProbes = map[access.Action]probe{
	"time.record": {ask: posts(atTask("/hours"), fields("spent", "1h30"))},
	"time.view": {ask: func(w *cellWorld, b *browser) (bool, string) {
		worker := w.client.ID // nobody whom anybody manages
		switch {
		case w.declared.Has(access.Self):
			worker = w.subject.ID
		case w.declared.Has(access.Mgr):
			worker = w.task.People[0].Person
		}
		h := w.hours(w.task, worker)
		a := b.get("/hours?from=2020-01-02&until=2020-01-02")
		return a.status == http.StatusOK && strings.Contains(a.body, h.Note), a.location()
	}},
}

func (p *place) hours(t core.Task, person core.ID) core.Hours {
	id := core.NewID()
	h := core.Hours{ID: id, Account: p.account.ID, Task: t.ID, Person: person, Day: "2020-01-02", Minutes: 90, Note: "Glued " + string(id), Via: "page", CreatedAt: p.core.Now()}
	p.tx(func(tx core.Tx) error { return tx.CreateHours(context.Background(), &h) })
	return h
}

func TestU5bHoursAreRecordedOnTheTasksPageAndAddedUp(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	kim := p.person("Kim", contact(core.BasicAccess, ""))
	task := p.task("Oak door", with(eve, core.Participate), with(kim, core.Participate))
	b := p.as(eve)
	at := taskURL(task.Number)
	wrong := b.post(at+"/hours", "spent", "soon", "day", "2026-01-05", "note", "kept words")
	b.wants(wrong, http.StatusUnprocessableEntity, "kept words", "1h30", `<details class="edit" open>`)
	for _, spent := range []string{"1h30", "45 min"} {
		if a := b.post(at+"/hours", "spent", spent, "day", "2026-01-05", "note", "glued the frame"); a.status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", spent, a.status, clip(a.body))
		}
	}
	b.wants(b.get(at), 200, "2:15", "glued the frame")
	page := b.wants(b.get("/hours?from=2026-01-05&until=2026-01-05"), 200, "2:15 hours in all", "1:30", "0:45", "Oak door").body
	b.wants(b.get("/hours.csv?from=2026-01-05&until=2026-01-05"), 200, "2026-01-05,Eve,", ",1:30,90,glued the frame")
	outside := p.as(kim)
	if a := outside.get(at); a.status != 200 || strings.Contains(a.body, "glued") || strings.Contains(a.body, `id="hours"`) {
		t.Errorf("an outsider sees the hours: %d", a.status)
	}
	if a := outside.get("/hours"); a.status != http.StatusNotFound {
		t.Errorf("an outsider opens the page: %d", a.status)
	}
	_, rest, _ := strings.Cut(page, `action="/hours/`)
	id, _, _ := strings.Cut(rest, "/remove")
	if a := p.as(p.person("Max")).post("/hours/" + id + "/remove"); a.status != http.StatusNotFound {
		t.Errorf("a colleague takes it back: %d", a.status)
	}
	if a := b.post("/hours/" + id + "/remove"); a.status != http.StatusSeeOther {
		t.Errorf("taking back: %d", a.status)
	}
	if left := b.get("/hours?from=2026-01-05&until=2026-01-05").body; strings.Contains(left, "2:15") {
		t.Error("it still counts")
	}
}
