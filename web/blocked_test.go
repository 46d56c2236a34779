package web

import (
	"slices"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
)

// A blocked subject gets nothing for any action whatever else is true (permissions.md): every cell that allows is
// asked again through its handler, by somebody who was let in before.

func TestNobodyBlockedEverywhereGetsAnythingThroughTheHandlers(t *testing.T) {
	t.Parallel()
	onBoth(t, blockedEverywhere)
}

func blockedEverywhere(t *testing.T, database string) {
	p := newPlaceOn(t, database)
	eachAllowed(t, func(action access.Action, subject access.Subject, facts access.Facts, pr probe) {
		if subject == access.Owner { // who cannot be blocked
			return
		}
		w := build(p, subject, facts)
		b := w.prove(p.as(w.subject))
		w.shut = true
		who := w.now(w.subject.ID) // with the login that coming in gave him
		who.BlockedAt = p.core.Now()
		w.update(who)
		if got, why := pr.ask(w, b); got {
			t.Errorf("%s as %s, blocked, with %v: allowed (%s)", action, subject, w.declared.List(), why)
		}
	})
}

// inTheProject are the areas whose probes ask about the project of the world or what is in it.
var inTheProject = []string{"task", "comment", "project", "participant", "address", "visit"}

// namingNothing are actions of those areas whose probes name nothing of the project.
var namingNothing = []access.Action{"task.create", "project.create"}

func TestNobodyBlockedInAProjectGetsAnythingOfItThroughTheHandlers(t *testing.T) {
	t.Parallel()
	onBoth(t, blockedInAProject)
}

func blockedInAProject(t *testing.T, database string) {
	p := newPlaceOn(t, database)
	eachAllowed(t, func(action access.Action, subject access.Subject, facts access.Facts, pr probe) {
		area, _, _ := strings.Cut(string(action), ".")
		if !slices.Contains(inTheProject, area) || slices.Contains(namingNothing, action) || facts.Closed().Has(access.Pown) {
			return
		}
		w := build(p, subject, facts)
		b := w.prove(p.as(w.subject))
		w.shut = true
		place := core.Participant{Account: p.account.ID, Project: w.project.ID, Person: w.subject.ID, Admin: facts.Has(access.Padm), Auditor: facts.Has(access.Aud), BlockedAt: p.core.Now()}
		p.tx(func(tx core.Tx) error { return tx.SetParticipant(t.Context(), &place) })
		if got, why := pr.ask(w, b); got {
			t.Errorf("%s as %s, blocked in the project, with %v: allowed (%s)", action, subject, w.declared.List(), why)
		}
	})
}

// eachAllowed gives every action that has an address, for every subject whose cell can be made true, with the facts that do.
func eachAllowed(t *testing.T, ask func(access.Action, access.Subject, access.Facts, probe)) {
	asked := 0
	for _, action := range access.Actions() {
		pr, ok := probes[action]
		if !ok {
			continue
		}
		for _, subject := range subjects {
			for _, facts := range casesOf(t, action, subject, pr) {
				if access.Decide(access.Request{Action: action, Subject: subject, Facts: (facts | pr.given).Closed(), Gates: access.Gates{Link: linkOfCell(action, facts|pr.given)}}).Allowed {
					asked++
					ask(action, subject, facts, pr)
					break
				}
			}
		}
	}
	if asked < 200 {
		t.Errorf("only %d cells were asked", asked)
	}
}
