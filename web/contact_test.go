package web

import (
	"net/http"
	"strings"
	"testing"

	"planpost/core"
)

func TestX8AnUntickedAdvancedAccessLeavesTheDashboard(t *testing.T) {
	p := newPlace(t)
	bea := p.person("Bea", contact(core.BasicAccess, ""))
	b := p.as(p.owner)
	url := "/people/" + string(bea.ID)
	level := func() string {
		q, err := p.core.Person(t.Context(), p.actor(p.owner), bea.ID)
		must(t, err)
		return q.Person.Access
	}
	if page := b.get(url); !strings.Contains(page.body, `name="dashboard" value="1" checked`) {
		t.Fatalf("the dashboard is not ticked: %d", page.status)
	}
	for _, step := range []struct {
		form []string
		want string
	}{{[]string{"dashboard", "1"}, core.BasicAccess}, {[]string{"dashboard", "1", "advanced", "1"}, core.AdvancedAccess},
		{[]string{"dashboard", "1"}, core.BasicAccess}, {nil, core.NoAccess}} {
		if a := b.post(url+"/guest", step.form...); a.status != http.StatusSeeOther {
			t.Fatalf("%v: %d", step.form, a.status)
		}
		if got := level(); got != step.want {
			t.Errorf("after %v the access is %s, want %s", step.form, got, step.want)
		}
	}
}

func TestX24WhatAccessWouldShowIsLookedAtBeforeItIsGiven(t *testing.T) {
	p := newPlace(t)
	firm := core.Company{ID: core.NewID(), Account: p.account.ID, Name: "Firm", CreatedAt: p.core.Now()}
	p.tx(func(tx core.Tx) error { return tx.CreateCompany(t.Context(), &firm) })
	bea := p.person("Bea", contact(core.NoAccess, firm.ID))
	p.task("Measure the oak door", with(bea, core.Participate))
	p.task("Not hers")
	b := p.as(p.owner)
	url := "/people/" + string(bea.ID)
	a := b.post(url+"/guest", "advanced", "1", "look", "1")
	if a.status != http.StatusOK || !strings.Contains(a.body, "Measure the oak door") || strings.Contains(a.body, "Not hers") {
		t.Fatalf("looking: %d %s", a.status, clip(a.body))
	}
	q, err := p.core.Person(t.Context(), p.actor(p.owner), bea.ID)
	must(t, err)
	if q.Person.Access != core.NoAccess {
		t.Errorf("looking gave %s", q.Person.Access)
	}
	if a := p.as(p.person("Emil")).post(url+"/guest", "advanced", "1", "look", "1"); a.status != http.StatusForbidden {
		t.Errorf("an employee who may not grant looks: %d", a.status)
	}
}

func TestB5WhoIsBlockedEverywhereIsBehindTheLock(t *testing.T) {
	p := newPlace(t)
	bea := p.person("Bea Blocked", contact(core.BasicAccess, ""))
	b, employee := p.as(p.owner), p.as(p.person("Emil"))
	shows := func(who *browser, path string) bool {
		a := who.get(path)
		return a.status == http.StatusOK && strings.Contains(a.body, "/people/"+string(bea.ID))
	}
	if !shows(b, "/people") || shows(b, "/people?blocked=1") {
		t.Fatal("before the block")
	}
	if a := b.post("/people/" + string(bea.ID) + "/block"); a.status != http.StatusSeeOther {
		t.Fatalf("block: %d", a.status)
	}
	if shows(b, "/people") || shows(employee, "/people") || !shows(b, "/people?blocked=1") {
		t.Error("the blocked one is listed among the others, or not behind the lock")
	}
	if a := employee.get("/people?blocked=1"); a.status != http.StatusForbidden {
		t.Errorf("an employee looks behind the lock: %d", a.status)
	}
	if strings.Contains(employee.get("/people").body, "blocked=1") {
		t.Error("the lock is offered to who may not look")
	}
}

func TestAHiddenContactIsOnNoPageOfWhoDoesNotWorkWithIt(t *testing.T) {
	p := newPlace(t)
	nick := p.person("Nick Hidden", contact(core.BasicAccess, ""), func(q *core.Person) { q.Visibility = core.VisibleParticipants })
	emil := p.person("Emil")
	b := p.as(emil)
	url, card := "/people/"+string(nick.ID), "/contacts/"+string(nick.ID)
	for _, path := range []string{url, card + "/edit"} {
		if a := b.get(path); a.status != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, a.status)
		}
	}
	for _, path := range []string{card + "/edit", card + "/visibility", card + "/delete", url + "/guest", url + "/block", url + "/unblock"} {
		if a := b.post(path, "name", "X", "address", "x@x.example", "visibility", "inside"); a.status != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, a.status)
		}
	}
	for _, path := range []string{"/people", "/people?q=nick", "/people?kind=contact", "/tasks/new", "/search?q=nick"} {
		if a := b.get(path); a.status != http.StatusOK || strings.Contains(a.body, "Nick Hidden") || strings.Contains(a.body, string(nick.ID)) {
			t.Errorf("GET %s: %d, or the contact is on it", path, a.status)
		}
	}
	p.task("With both", with(emil, core.Assignee), with(nick, core.Participate))
	if a := b.get(url); a.status != http.StatusOK {
		t.Errorf("working with it: %d", a.status)
	}
}
