package web

import (
	"net/http"
	"strings"
	"testing"

	"planpost/core"
	"planpost/templates"
)

func TestU10TheGridMovesAllThatIsTickedAndSetsInactive(t *testing.T) {
	p := newPlace(t)
	eve, max := p.person("Eve"), p.person("Max")
	one, two := p.task("Measure the oak door", with(eve, core.Assignee)), p.task("Paint", with(eve, core.Assignee))
	b := p.as(p.owner)
	url := "/people/" + string(eve.ID)
	if a := b.post(url + "/deactivate"); a.status != http.StatusConflict || !strings.Contains(a.body, "Open work: 2") {
		t.Fatalf("with open work: %d", a.status)
	}
	page := b.get(url + "/work?q=oak&select=all")
	if page.status != http.StatusOK || strings.Contains(page.body, "Paint") || strings.Count(page.body, " checked") != 1 {
		t.Fatalf("filtered, all selected: %d\n%s", page.status, clip(page.body))
	}
	if a := b.post(url+"/work", "item", "assignee/"+string(one.ID), "to", string(max.ID)); a.status != http.StatusSeeOther {
		t.Fatalf("moving: %d %s", a.status, clip(a.body))
	}
	if a := b.post(url+"/deactivate", "item", "assignee/"+string(two.ID), "to", string(max.ID)); a.status != http.StatusSeeOther {
		t.Fatalf("moving and setting inactive: %d %s", a.status, clip(a.body))
	}
	if a := b.get("/people/" + string(max.ID)); !strings.Contains(a.body, "Measure the oak door") || !strings.Contains(a.body, "Paint") {
		t.Error("Max has not got both")
	}
	if a := b.get(url); !strings.Contains(a.body, "inactive") {
		t.Error("the page does not say so")
	}
}

func TestU12ATombstoneIsWordedInEveryLanguage(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve", func(who *core.Person) { who.Status = core.Inactive })
	task := p.task("Door", with(eve, core.Participate))
	b := p.as(p.owner)
	if a := b.post("/people/" + string(eve.ID) + "/delete"); a.status != http.StatusSeeOther {
		t.Fatalf("deleting: %d %s", a.status, clip(a.body))
	}
	for _, locale := range []string{"en", "de", "fr", "bg"} {
		if a := b.post("/me", "name", "Olga", "locale", locale); a.status != http.StatusSeeOther {
			t.Fatalf("%s: %d", locale, a.status)
		}
		for _, path := range []string{taskURL(task.Number), "/people/" + string(eve.ID), "/log.csv"} {
			a := b.get(path)
			if !strings.Contains(a.body, templates.T(locale, "person.tombstone")) || strings.Contains(a.body, core.Tombstone) || strings.Contains(a.body, ">Eve<") {
				t.Errorf("%s %s: %d", locale, path, a.status)
			}
		}
	}
}

func TestContactImportShowsFirstAndWritesWhenConfirmed(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	table := "Name;E-Mail\nAnna <b>;anna@new.example\nBad;nowhere\n"
	a := b.upload("/people/import", "people.csv", []byte(table), "kind", "contacts")
	if a.status != http.StatusOK || !strings.Contains(a.body, "anna@new.example") || !strings.Contains(a.body, "Nothing is written yet") || strings.Contains(a.body, "Anna <b>") {
		t.Fatalf("preview: %d %s", a.status, clip(a.body))
	}
	if strings.Contains(b.get("/people").body, "anna@new.example") {
		t.Fatal("the preview wrote")
	}
	if a := b.post("/people/import", "kind", "contacts", "table", table, "confirm", "1"); a.status != http.StatusSeeOther {
		t.Fatalf("confirmed: %d %s", a.status, clip(a.body))
	}
	if !strings.Contains(b.get("/people").body, "anna@new.example") {
		t.Error("nothing was written")
	}
}

func TestU3TheCardIsChangedInItsForm(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	b := p.as(p.owner)
	url := "/people/" + string(eve.ID)
	if a := b.post(url+"/edit", "name", "Eva", "code", "L 4711", "color", core.Palette[1], "phone", "+43 1", "manager", string(p.owner.ID)); a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, clip(a.body))
	}
	if a := b.get(url); !strings.Contains(a.body, "L 4711") || !strings.Contains(a.body, "tone-1") {
		t.Error("the page does not show it")
	}
	if a := b.get("/people/" + string(p.owner.ID)); !strings.Contains(a.body, "Eva") {
		t.Error("the superior's page does not show the team")
	}
	if a := b.post(url+"/edit", "name", "Eva", "phone", "call me"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "call me") {
		t.Errorf("a wrong number: %d", a.status)
	}
}
