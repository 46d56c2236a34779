package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// handsOver writes down that somebody was handed a plan on paper.
func (w *cellWorld) handsOver(b *browser, kind string) (bool, string) {
	p := w.drawn(kind)
	return verdict(w, b.post(planURL(p.ID)+"/holders", "person", string(w.client.ID), "version", string(w.indexOf(p.ID)), "day", ""))
}

func (p *place) indexOf(plan core.ID) (id core.ID) {
	p.t.Helper()
	p.tx(func(tx core.Tx) error {
		versions, err := tx.ListVersions(context.Background(), p.account.ID, plan)
		id = versions[0].ID
		return err
	})
	return id
}

func TestIdea1ThePlanShowsWhoStillHoldsAnOlderIndex(t *testing.T) {
	p := newPlace(t)
	eve, max := p.person("Eve"), p.person("Max")
	j := p.planProject(core.Participant{Person: eve.ID, TradeRole: "Architect"}, core.Participant{Person: max.ID})
	b := p.as(eve)
	sent := b.upload(plansURL(j), "stairs.pdf", []byte("%PDF-1.7 stairs"), "kind", "plan", "number", "A-101", "title", "Stairs", "index", "A")
	at := sent.location()[:len("/plans/")+26]
	b.wants(b.get(at+"/holders"), 200, "Nobody holds this plan yet")
	plan, _ := core.ParseID(at[len("/plans/"):])
	first := p.indexOf(plan)
	b.wants(b.post(at+"/holders", "person", "", "version", string(first)), http.StatusUnprocessableEntity, "Choose who was given the plan")
	b.wants(b.post(at+"/holders", "person", string(max.ID), "version", string(first), "day", "2001-01-01"), http.StatusUnprocessableEntity, "Choose a day", `value="2001-01-01"`)
	if r := b.post(at+"/holders", "person", string(max.ID), "version", string(first), "day", ""); r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, clip(r.body))
	}
	b.wants(b.get(at+"/holders"), 200, "Max", "on paper, signed for", "All who hold this plan have the current index")
	b.upload(at+"/versions", "stairs.pdf", []byte("%PDF-1.7 stairs 2"), "index", "B")
	b.wants(b.get(at+"/holders"), 200, "1 of 1 still hold an older index", "older index")
	b.wants(b.get(at), 200, "1 of 1 hold an older index", at+"/holders")
	b.wants(b.get(plansURL(j)), 200, "1 of 1")
	b.post(at+"/holders", "person", string(max.ID), "version", string(p.indexOf(plan)))
	b.wants(b.get(at+"/holders"), 200, "All who hold this plan have the current index")
}

func TestCurrentPlansCanBeKeptAsABookmark(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	j := p.planProject(core.Participant{Person: eve.ID, TradeRole: "Architect"})
	b := p.as(eve)
	made := func(number string) string {
		sent := b.upload(plansURL(j), "stairs.pdf", []byte("%PDF-1.7 stairs"), "kind", "plan", "number", number, "title", "Stairs", "index", "A")
		return sent.location()[:len("/plans/")+26]
	}
	first := made("A-101")
	page := "/projects/" + string(j) + "/current"
	got := b.wants(b.get(page), 200, "A-101 Stairs", "Index A")
	if len(got.body) > 6<<10 {
		t.Errorf("%d bytes for one plan", len(got.body))
	}
	tag := got.header.Get("ETag")
	conditional := func() answer {
		r, err := http.NewRequest("GET", p.url+page, nil)
		must(t, err)
		r.Header.Set("If-None-Match", tag)
		return b.send(r)
	}
	again := conditional()
	if again.status != http.StatusNotModified || again.body != "" || tag == "" {
		t.Errorf("the same page again: %d with %d bytes", again.status, len(again.body))
	}
	b.upload(first+"/versions", "stairs.pdf", []byte("%PDF-1.7 stairs 2"), "index", "B")
	got = b.wants(conditional(), 200, "Index B")
	if strings.Contains(got.body, "Changed since") {
		t.Error("the first visit knows of one before")
	}
	made("A-102")
	now := p.core.Now()
	b.jar["planpost-sheets"] = fmt.Sprintf("%d.%d", now.Add(-48*time.Hour).Unix(), now.Add(-24*time.Hour).Unix())
	got = b.wants(b.get(page), 200, "Changed since", "All current plans")
	if n := strings.Count(got.body, "A-101 Stairs"); n != 2 {
		t.Errorf("what changed is there %d times", n)
	}
	b.wants(b.get(page), 200, "Changed since") // the same visit
	b.post(first + "/versions/" + string(p.indexOf(core.ID(first[len("/plans/"):]))) + "/withdraw")
	got = b.wants(b.get(page), 200, "withdrawn")
	if n := strings.Count(got.body, "A-101 Stairs"); n != 1 {
		t.Errorf("what was withdrawn is there %d times", n)
	}
	b.jar["planpost-sheets"] = fmt.Sprintf("0.%d", now.Add(time.Hour).Unix())
	b.wants(b.get(page), 200, "A-102 Stairs")
	stranger := p.person("Max")
	if r := p.as(stranger).get(page); r.status != http.StatusNotFound && r.status != http.StatusForbidden {
		t.Errorf("a stranger gets %d", r.status)
	}
}
