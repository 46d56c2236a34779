package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// A client changes and deletes what he wrote himself, and nothing else.
func TestX2AClientMendsHisOwnWordsOnTheDashboard(t *testing.T) {
	s := newScene(t)
	klara := s.person("Klara Client", contact(core.BasicAccess, s.firm.ID), func(q *core.Person) { q.Locale = "de" })
	hers := s.place.task("Fenster", with(klara, core.Participate), with(s.anna, core.Assignee))
	ours, err := s.core.Comment(t.Context(), s.actor(s.owner), core.NewComment{Task: hers.ID, Text: "Guten Tag", Tell: []core.ID{klara.ID}})
	must(t, err)
	b, _ := s.dashboardOf(klara)
	at := "/c" + strings.TrimPrefix(taskURL(hers.Number), "/tasks")
	a := b.wants(b.upload(at+"/comments", "plan.txt", []byte("a plan"), "text", "Bitte um vier Uhr"), http.StatusSeeOther)
	_, id, _ := strings.Cut(a.location(), "#c-")
	own := at + "/comments/" + id
	page := b.wants(b.get(at), 200, `action="`+own+`"`, `action="`+own+`/delete"`, "Niemand sieht es mehr")
	for _, not := range []string{"/comments/" + string(ours.ID), "Papierkorb", own + "/hide", own + "/move", own + "/history"} {
		if strings.Contains(page.body, not) {
			t.Errorf("the page has %q", not)
		}
	}
	b.wants(b.post(own, "text", " "), http.StatusUnprocessableEntity, `id="edit-`+id+`" open`)
	b.wants(b.post(own, "text", "Bitte um fünf Uhr"), http.StatusSeeOther)
	page = b.wants(b.get(at), 200, "Bitte um fünf Uhr", "plan.txt", "bearbeitet")
	if strings.Contains(page.body, "Bitte um vier Uhr") {
		t.Error("the dashboard shows the text that was taken back")
	}
	// Staff see what it was before.
	staff := s.as(s.owner)
	staff.wants(staff.get(taskURL(hers.Number)+"/comments/"+id+"/history"), 200, "Bitte um vier Uhr", "Bitte um fünf Uhr")
	// What others wrote stays as it is, also for who knows its address.
	theirs := at + "/comments/" + string(ours.ID)
	for _, path := range []string{theirs, theirs + "/delete"} {
		if a := b.post(path, "text", "mine"); a.status != http.StatusForbidden {
			t.Errorf("POST %s: %d", path, a.status)
		}
	}
	b.wants(b.get(at), 200, "Guten Tag")
	a = b.wants(b.post(own+"/delete"), http.StatusSeeOther)
	page = b.wants(b.get(a.location()), 200, "ist gelöscht")
	if strings.Contains(page.body, "Bitte um fünf Uhr") || strings.Contains(page.body, "plan.txt") {
		t.Error("a deleted comment is still shown")
	}
	view, err := s.core.Bin(t.Context(), s.actor(s.owner), core.BinFilter{Limit: 10})
	must(t, err)
	if len(view) != 1 || view[0].Object.ID != core.ID(id) {
		t.Errorf("the bin: %+v", view)
	}
	b.wants(b.post(own, "text", "again"), http.StatusNotFound)
}

// The link of one conversation lets nobody change what was said, code or not.
func TestX2TheLinkOfAConversationMendsNothing(t *testing.T) {
	p := newPlace(t)
	klara := p.person("Klara", contact(core.BasicAccess, ""))
	task := p.task("Fenster", with(klara, core.Participate))
	path := p.conversation(task, "Guten Tag", klara.ID)
	_, err := p.core.Comment(t.Context(), p.actor(klara), core.NewComment{Task: task.ID, Text: "Bitte um vier Uhr"})
	must(t, err)
	b := p.opened(p.visitor(), klara)
	page := b.wants(b.get(path), 200, "Bitte um vier Uhr", `type="file"`)
	for _, not := range []string{"/delete", `class="edit"`} {
		if strings.Contains(page.body, not) {
			t.Errorf("the page has %q", not)
		}
	}
}

// sessionID is by what the row of a cookie's token is named.
func sessionID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Browsers in which a code was typed are sessions like others: listed and ended.
func TestS8BrowsersOfACodeAreListedAndEnded(t *testing.T) {
	p := newPlace(t)
	klara := p.person("Klara", contact(core.BasicAccess, ""), func(q *core.Person) { q.Locale = "de" })
	task := p.task("Fenster", with(klara, core.Participate))
	other := p.person("Karl", contact(core.BasicAccess, ""))
	foreign := p.opened(p.visitor(), other)
	here, there, third := p.opened(p.visitor(), klara), p.opened(p.visitor(), klara), p.opened(p.visitor(), klara)
	now := p.core.Now()
	p.tx(func(tx core.Tx) error {
		return tx.CreateGuestSession(context.Background(), &core.GuestSession{ID: "ofonetask", Account: klara.Account, Person: klara.ID, Task: task.ID, Address: klara.Addresses[0].Norm,
			IP: "192.0.2.77", CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(time.Hour)})
	})
	at := "/people/" + string(klara.ID)
	staff := p.as(p.owner)
	staff.wants(staff.get(at), 200, at+"/access")
	page := staff.wants(staff.get(at+"/access"), 200, "192.0.2.77", "by a code from the mailbox")
	if n := strings.Count(page.body, `name="session"`); n != 4 {
		t.Errorf("staff see %d browsers, want 4", n)
	}
	page = here.wants(here.get("/c"), 200, `href="/c/access"`)
	page = here.wants(here.get("/c/access"), 200, `lang="de"`, "dieser Browser", "192.0.2.77", "Alle anderen beenden")
	if n := strings.Count(page.body, `name="session"`); n != 3 {
		t.Errorf("she can end %d browsers, want 3", n)
	}
	// One by one, and nobody else's.
	strange := sessionID(foreign.jar["planpost-c"])
	here.wants(here.post("/c/access", "session", strange), http.StatusSeeOther)
	foreign.wants(foreign.get("/c"), 200, "/c/signout")
	staff.wants(staff.post(at+"/sessions", "session", strange), http.StatusNotFound)
	foreign.wants(foreign.get("/c"), 200, "/c/signout")
	here.wants(here.post("/c/access", "session", sessionID(there.jar["planpost-c"])), http.StatusSeeOther)
	there.wants(there.get("/c"), 200, `name="address"`)
	third.wants(third.get("/c"), 200, "/c/signout")
	// All others, twice: the second time there is nothing to end.
	for range 2 {
		here.wants(here.post("/c/access"), http.StatusSeeOther)
	}
	third.wants(third.get("/c"), 200, `name="address"`)
	page = here.wants(here.get("/c/access?done=sessions"), 200, "dieser Browser")
	if strings.Contains(page.body, `name="session"`) || strings.Contains(page.body, "Alle anderen") {
		t.Error("there is nothing left to end, and a button to end it")
	}
	// Staff end it all.
	staff.wants(staff.post(at+"/sessions"), http.StatusSeeOther)
	here.wants(here.get("/c"), 200, `name="address"`)
	staff.wants(staff.get(at+"/access"), 200, "Not signed in anywhere")
	foreign.wants(foreign.get("/c"), 200, "/c/signout")
}

// A network that the rules refuse is counted for links and dashboards as for sign-in.
func TestS2WhoComesByLinkFromARefusedNetworkIsCounted(t *testing.T) {
	p := newPlace(t)
	klara := p.person("Klara", contact(core.BasicAccess, ""))
	task := p.task("Fenster", with(klara, core.Participate))
	link := p.conversation(task, "Guten Tag", klara.ID)
	b := p.opened(p.visitor(), klara)
	b.wants(b.get("/c"), 200)
	_, err := p.core.AddIPRule(t.Context(), core.OperatorOf(p.account), core.IPRule{Class: core.IPLinks, Who: core.WhoOutside, Network: "198.51.100.0/24"})
	must(t, err)
	for i, path := range []string{"/c", link, "/c/1"} {
		b.wants(b.get(path), http.StatusForbidden)
		list, err := p.core.IPRefusals(t.Context(), core.OperatorOf(p.account), 10)
		must(t, err)
		if len(list) != 1 || list[0].Person != klara.ID || list[0].Class != core.IPLinks || list[0].Number != int64(i+1) {
			t.Errorf("after %s: %+v", path, list)
		}
	}
}
