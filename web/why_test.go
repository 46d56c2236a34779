package web

import (
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

func TestEveryFactGateAndAreaHasWords(t *testing.T) {
	for _, f := range access.AllFacts() {
		if !templates.Has("truth." + f.String()) {
			t.Errorf("no words for the fact %s", f)
		}
	}
	for _, action := range access.Actions() {
		if area, _, _ := strings.Cut(string(action), "."); !templates.Has("actiongroup." + area) {
			t.Errorf("no words for the area of %s", action)
		}
		for _, locale := range templates.Locales() { // T gives the key back when there is no text
			if key := "action." + string(action); templates.T(locale, key) == key {
				t.Errorf("no words for %s in %s", action, locale)
			}
		}
	}
	for s := access.Owner; s <= access.AddressOnly; s++ {
		if !templates.Has("subject." + s.String()) {
			t.Errorf("no words for %s", s)
		}
	}
	for _, g := range []access.Gates{{OtherTenant: true}, {Frozen: true}, {Status: access.StatusPending}, {Status: access.StatusInactive}, {Status: access.StatusDeleted},
		{BlockedInProject: true}, {BlockedEverywhere: true}, {IPRefused: true}, {SecondFactorOutstanding: true}, {ViewingAs: true}, {InBin: true},
		{Link: access.LinkExpired}, {Link: access.LinkRevoked}, {Link: access.LinkConsumed}, {Link: access.LinkRightEnded}, {Link: access.LinkWrongKind}} {
		r := access.Reason(access.Request{Action: "task.comment", Subject: access.Employee, Gates: g})
		if r.Stop == "" || !templates.Has("gate."+r.Stop) {
			t.Errorf("no words for the gate %q of %+v", r.Stop, g)
		}
	}
}

func TestThePageTellsWhySomebodyMayOrMayNot(t *testing.T) {
	s := newScene(t)
	owner := s.as(s.owner)
	owner.wants(owner.get("/why"), 200, templates.T("en", "why.intro"))
	yes := owner.get("/why?person=" + string(s.anna.ID) + "&action=task.view&thing=%231")
	owner.wants(yes, 200, "<b>Yes.</b>", "</a>: see a task · #1", templates.T("en", "truth.OPEN"), "What Anna Berg sees")
	stranger := s.person("Nobody Knows", contact(core.AdvancedAccess, ""))
	no := owner.get("/why?person=" + string(stranger.ID) + "&action=task.view&thing=%231")
	owner.wants(no, 200, "<b>No.</b>", templates.T("en", "why.notasks"))
	owner.wants(owner.get("/why?person=nobody@nowhere.example"), 404, "nobody@nowhere.example")
	owner.wants(owner.get("/why?person="+string(s.anna.ID)+"&action=task.view&thing=%23999"), 404)
	owner.wants(owner.get("/why?person="+string(s.anna.ID)+"&action=task.fly"), 422, "task.fly")
	anna := s.as(s.anna)
	anna.wants(anna.get("/why?person="+string(s.owner.ID)), 403)
}

// What the page shows is what the person gets, not what the asker sees.
func TestThePageShowsExactlyWhatSomebodySees(t *testing.T) {
	s := newScene(t)
	owner := s.as(s.owner)
	hidden, err := s.core.CreateTask(t.Context(), s.actor(s.owner), core.NewTask{Title: "Quiet plan", Visibility: core.VisibleParticipants})
	must(t, err)
	all := owner.get("/why?person=" + string(s.owner.ID))
	owner.wants(all, 200, hidden.Title)
	if annas := owner.get("/why?person=" + string(s.anna.ID)); strings.Contains(annas.body, hidden.Title) {
		t.Error("the page shows a task that the person does not see")
	}
}

// Words without an action would be texts that nobody ever reads.
func TestEveryActionInWordsIsInTheTable(t *testing.T) {
	for _, action := range templates.Under("action.") {
		if !access.Known(access.Action(action)) {
			t.Errorf("words for %q, which is no action", action)
		}
	}
}

// A7: the page says in words what the role may do.
func TestA7ThePageOfARoleSpeaksInWords(t *testing.T) {
	s := newScene(t)
	owner := s.as(s.owner)
	p := owner.get("/people/" + string(s.anna.ID) + "/role")
	owner.wants(p, 200, templates.T("en", "action.comment.publish"), templates.T("en", "role.concerned"), templates.T("en", "action.task.choose_assignee"))
	for _, action := range access.Actions() {
		if strings.Contains(p.body, string(action)+"<") || strings.Contains(p.body, "action."+string(action)) {
			t.Errorf("the page shows the code %s", action)
		}
	}
}
