package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
)

// Probes of what people are told.
var notifyProbes = map[access.Action]probe{
	"notif.edit": {given: access.FactsOf(access.TgtAny), ask: posts(atTarget("/notifications"), fields("hear", "task.assigned/mail"))},
	"notif.mute": {given: access.FactsOf(access.Self), ask: func(w *cellWorld, b *browser) (bool, string) {
		if w.thread != "" {
			return verdict(w, b.post(w.thread+"/mute", "mute", "1"))
		}
		w.muted(w.subject, w.task.ID)
		return verdict(w, b.post("/me/mutes", "kind", "task", "object", string(w.task.ID)))
	}},
}

func (p *place) muted(by core.Person, task core.ID) {
	p.t.Helper()
	p.tx(func(tx core.Tx) error {
		_, err := tx.SetMute(context.Background(), &core.Mute{Account: p.account.ID, Person: by.ID, Kind: "task", Object: task, CreatedAt: p.core.Now()})
		return err
	})
}

func TestN1TheTableIsChosenOnAPageAndByTheAdministrator(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	b := p.as(eve)
	b.wants(b.get("/me/notifications"), 200, "A task becomes yours", `value="task.assigned/mail"`, "from when invoices can be made", "cannot be switched off")
	b.wants(b.post("/me/notifications", "hear", "client.message/page"), http.StatusSeeOther)
	if page := b.get("/me/notifications").body; strings.Count(page, " checked") != 2 || // and that there is no digest
		!strings.Contains(page, `value="client.message/page" aria-label="A client writes: In these pages" checked`) {
		t.Error("not as chosen")
	}
	of := "/people/" + string(eve.ID) + "/notifications"
	chief := p.as(p.owner)
	chief.wants(chief.get(of), 200, "Eve", `value="client.message/page" aria-label="A client writes: In these pages" checked`)
	chief.wants(chief.post(of, "hear", "task.assigned/mail"), http.StatusSeeOther)
	if page := b.get("/me/notifications").body; strings.Count(page, " checked") != 2 || // and that there is no digest
		!strings.Contains(page, `value="task.assigned/mail" aria-label="A task becomes yours: By mail" checked`) {
		t.Error("not as the owner chose")
	}
	if a := p.as(p.person("Max")).get(of); a.status != http.StatusForbidden {
		t.Errorf("a colleague opens it: %d", a.status)
	}
}

func TestN9WhenMailComesIsChosenOnAPageAndByTheAdministrator(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	b, chief := p.as(eve), p.as(p.owner)
	of := "/people/" + string(eve.ID) + "/notifications"
	b.wants(b.get("/me/notifications"), 200, "When mail comes", `value="off" checked`, "Europe/Berlin")
	b.wants(b.post("/me/notifications/rhythm", "digest", "daily", "day", "1", "day", "5", "from", "07:30", "until", "16:00"), http.StatusSeeOther)
	chief.wants(chief.get(of), 200, `value="daily" checked`, `value="1" checked`, `value="5" checked`, `value="07:30"`)
	refused := chief.post(of+"/rhythm", "digest", "hourly", "day", "2", "from", "18:00", "until", "07:00")
	chief.wants(refused, http.StatusUnprocessableEntity, "is no working day", `value="18:00"`, `value="hourly" checked`)
	b.wants(b.get("/me/notifications"), 200, `value="daily" checked`)
	chief.wants(chief.post(of+"/rhythm", "digest", "off"), http.StatusSeeOther)
	b.wants(b.get("/me/notifications"), 200, `value="off" checked`)
	stop := func() {
		must(t, p.store.InTx(context.Background(), func(tx core.Tx) error {
			return tx.Suppress(context.Background(), &core.Suppression{ID: core.NewID(), Account: p.account.ID, Address: eve.Address().Norm(), Stream: core.DigestStream, Reason: core.SuppressUnsubscribed, CreatedAt: tx.Now()})
		}))
	}
	stop()
	b.wants(b.get("/me/notifications"), 200, "You have unsubscribed")
	b.wants(b.post("/me/notifications/digest"), http.StatusSeeOther)
	if strings.Contains(b.get("/me/notifications").body, "unsubscribed") {
		t.Error("still stopped")
	}
	stop()
	chief.wants(chief.get(of), 200, "Eve has unsubscribed")
	chief.wants(chief.post(of+"/digest"), http.StatusSeeOther)
}

func TestN3TheBellCountsIsHeardAtOnceAndFallsSilentWhenTheTaskWasSeen(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	task := p.task("Oak door", with(eve, core.Assignee))
	b := p.as(eve)
	bell := func() string { return b.get("/notifications/bell").body }
	if s := bell(); strings.Contains(s, "unread") {
		t.Fatal(s)
	}
	ctx, end := context.WithTimeout(context.Background(), 30*time.Second)
	defer end()
	lines, _ := b.stream(ctx, "/events?topic=notes")
	waitFor(t, lines, "retry: 2000")
	_, err := p.core.Comment(context.Background(), p.actor(p.owner), core.NewComment{Task: task.ID, Text: "look here", Tell: []core.ID{eve.ID}})
	must(t, err)
	waitFor(t, lines, "data: notes")
	if s := bell(); !strings.Contains(s, "one unread") || !strings.Contains(s, ">1<") {
		t.Error(s)
	}
	b.wants(b.get("/notifications"), 200, "wrote to you", "Oak door", "Mark as read")
	if s := bell(); !strings.Contains(s, "one unread") {
		t.Error("the list alone marks it")
	}
	b.get(taskURL(task.Number))
	if s := bell(); strings.Contains(s, "unread") {
		t.Error("it stays unread although the task was seen")
	}
	b.wants(b.get("/notifications?show=unread"), 200, "You have read everything")
}

func TestN5OneAndAllAreMarkedAsReadAndWhatCameMeanwhileStays(t *testing.T) {
	p := newPlace(t)
	eve, max := p.person("Eve"), p.person("Max")
	task := p.task("Oak door", with(eve, core.Assignee), with(max, core.Participate))
	say := func() {
		_, err := p.core.Comment(context.Background(), p.actor(p.owner), core.NewComment{Task: task.ID, Text: "look"})
		must(t, err)
	}
	b := p.as(eve)
	for range 3 {
		say()
	}
	_, rest, _ := strings.Cut(b.get("/notifications").body, `name="notice" value="`)
	one, _, _ := strings.Cut(rest, `"`)
	other := p.as(max)
	other.wants(other.post("/notifications/read", "notice", one), http.StatusSeeOther)
	b.wants(b.get("/notifications/bell"), 200, "3 unread") // another's mark is not mine
	b.wants(b.post("/notifications/read", "notice", one), http.StatusSeeOther)
	b.wants(b.get("/notifications/bell"), 200, "2 unread")
	_, rest, _ = strings.Cut(b.get("/notifications").body, `name="newest" value="`)
	newest, _, _ := strings.Cut(rest, `"`)
	say()
	b.wants(b.post("/notifications/read", "newest", newest), http.StatusSeeOther)
	b.wants(b.get("/notifications/bell"), 200, "one unread")
}

func TestN3WhatMayNotBeSeenAnyMoreIsNotTold(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	task := p.task("Secret door", with(eve, core.Participate))
	_, err := p.core.Comment(context.Background(), p.actor(p.owner), core.NewComment{Task: task.ID, Text: "look"})
	must(t, err)
	b := p.as(eve)
	b.wants(b.get("/notifications"), 200, "Secret door")
	p.tx(func(tx core.Tx) error {
		task.Visibility = core.VisibleParticipants
		if err := tx.UpdateTask(context.Background(), &task); err != nil {
			return err
		}
		return tx.SetTaskPeople(context.Background(), p.account.ID, task.ID, nil)
	})
	if strings.Contains(b.get("/notifications").body, "Secret door") || strings.Contains(b.get("/notifications/bell").body, "unread") {
		t.Error("it is told still")
	}
}

func TestN1AThreadIsMutedAndHeardAgainOnItsPage(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	task := p.task("Oak door", with(eve, core.Participate))
	b := p.as(eve)
	at := taskURL(task.Number)
	b.wants(b.get(at), 200, "Mute this task")
	b.wants(b.post(at+"/mute", "mute", "1"), http.StatusSeeOther)
	b.wants(b.get(at), 200, "You have muted this task")
	b.wants(b.get("/me/notifications"), 200, "Hear of it again: Oak door")
	b.wants(b.post("/me/mutes", "kind", "task", "object", string(task.ID)), http.StatusSeeOther)
	b.wants(b.get(at), 200, "Mute this task")
	b.wants(b.get("/me/notifications"), 200, "You have muted nothing")
}
