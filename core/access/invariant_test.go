package access

import (
	"slices"
	"strings"
	"testing"
)

// The rest of the table a technical administrator may reach, by the invariant
// of the design: settings, his own profile, session, aliases and notifications,
// and the masked mail views.
func reachOfTechnicalAdministrator(row tsvRow) bool {
	own := row.cells[TechnicalAdministrator] == "SELF"
	switch row.action {
	case "delivery.view", "delivery.retry", "suppression.view", "inbound.list", "inbound.view", "mailbox.view":
		return row.cells[TechnicalAdministrator] == "Y+mask"
	case "user.profile.edit", "user.login_name.set", "user.password.set", "user.sessions.end",
		"session.second_factor.edit", "notif.edit", "notif.mute", "alias.confirm":
		return own
	case "session.sign_in", "session.request_reset", "session.sign_out", "session.activate", "session.reset_password":
		return true
	case "account.create":
		return true // a new account of his own, open to every stranger; nothing of this one
	}
	return row.object == "settings"
}

func TestTechnicalAdministratorReachesNothingButSettingsHimselfAndMaskedMail(t *testing.T) {
	for _, row := range readTSV(t) {
		eachCombination(wordsOf(row.cells[TechnicalAdministrator], ""), func(set map[string]bool) {
			if ask(row.action, TechnicalAdministrator, factsOfWords(t, set)).Allowed && !reachOfTechnicalAdministrator(row) {
				t.Errorf("%s (%s) is open to a technical administrator with %v", row.action, row.object, set)
			}
		})
		if ask(row.action, TechnicalAdministrator, allFacts).Allowed && !reachOfTechnicalAdministrator(row) {
			t.Errorf("%s (%s) is open to a technical administrator", row.action, row.object)
		}
		if without := ask(row.action, TechnicalAdministrator, allFacts.Without(Self)); without.Allowed && row.cells[TechnicalAdministrator] == "SELF" {
			t.Errorf("%s: a technical administrator reaches others", row.action)
		}
	}
}

// No row needs an exception: those that belong to a person ask the same fact
// of everybody, so they are monotone too.
func TestRightsGrowWithRank(t *testing.T) {
	pairs := []struct{ less, more Subject }{
		{Employee, Manager}, {Manager, Administrator}, {Administrator, Owner}, {ExternalBasic, ExternalAdvanced},
	}
	for _, row := range readTSV(t) {
		for _, p := range pairs {
			eachCombination(wordsOf(row.cells[p.less], row.cells[p.more]), func(set map[string]bool) {
				facts := factsOfWords(t, set)
				if ask(row.action, p.less, facts).Allowed && !ask(row.action, p.more, facts).Allowed {
					t.Fatalf("%s: %s may with %v, %s may not", row.action, p.less, facts.List(), p.more)
				}
			})
		}
	}
}

func TestABlockedSubjectGetsNothingWhateverElseIsTrue(t *testing.T) {
	for _, a := range append(Actions(), "no.such") {
		sets := extremes(a)
		for _, s := range everySubject() {
			for _, g := range everyGates() {
				everywhere, here := g, g
				everywhere.BlockedEverywhere = true
				here.BlockedInProject, here.ProjectOwner = true, false
				for _, gates := range []Gates{everywhere, here} {
					for _, addressee := range []Subject{Stranger, ExternalAdvanced} {
						for _, facts := range sets {
							r := Request{Action: a, Subject: s, Addressee: addressee, Facts: facts, Gates: gates, MayKnow: true}
							if got := Decide(r); got.Allowed {
								t.Fatalf("blocked, and yet %+v: %+v", r, got)
							}
						}
					}
				}
			}
		}
	}
}

func TestViewingAsNeverWrites(t *testing.T) {
	for _, a := range Actions() {
		sets := extremes(a)
		for _, s := range everySubject() {
			for _, g := range everyGates() {
				g.ViewingAs = true
				for _, facts := range sets {
					got := Decide(Request{Action: a, Subject: s, Facts: facts, Gates: g})
					if got.Allowed && (Writes(a) || !got.Must(ReadOnly)) {
						t.Fatalf("viewing as %s, %s with %+v: %+v", s, a, g, got)
					}
				}
			}
		}
	}
}

func TestGatesAndLinksNeverWiden(t *testing.T) {
	for _, a := range Actions() {
		sets := extremes(a)
		for _, s := range everySubject() {
			cell, _ := CellOf(a, s)
			for _, g := range everyGates() {
				for _, facts := range sets {
					if Decide(Request{Action: a, Subject: s, Facts: facts, Gates: g}).Allowed && !cell.Eval(facts) {
						t.Fatalf("%s, %s: gates %+v allow what the cell does not", a, s, g)
					}
				}
			}
		}
	}
}

// extremes are no facts, all of them, and all but those that some cell of the action wants not to hold.
func extremes(a Action) []Facts {
	most := allFacts
	for _, s := range everySubject() {
		cell, _ := CellOf(a, s)
		for _, term := range cell.Any {
			for _, l := range term {
				if l.Negated {
					most = most.Without(l.Fact)
				}
			}
		}
	}
	if most == allFacts {
		return []Facts{0, allFacts}
	}
	return []Facts{0, allFacts, most}
}

// everyGates is every combination of the gates that matter here.
func everyGates() []Gates {
	var all []Gates
	for bits := range 1 << 6 {
		on := func(i int) bool { return bits>>i&1 == 1 }
		for link := LinkNone; link <= LinkRightEnded; link++ {
			all = append(all, Gates{
				Frozen: on(0), IPRefused: on(1), SecondFactorOutstanding: on(2),
				ViewingAs: on(3), InBin: on(4), ProjectOwner: on(5), Link: link,
			})
		}
	}
	return all
}

func TestOnlyListedActionsReadAndTheirNamesSaySo(t *testing.T) {
	read := 0
	for _, a := range Actions() {
		if Writes(a) {
			continue
		}
		read++
		last := string(a[strings.LastIndex(string(a), ".")+1:])
		word, _, _ := strings.Cut(last, "_")
		if !slices.Contains([]string{"view", "list", "download", "source", "simulate"}, word) {
			t.Errorf("%s reads, says the list; its name does not", a)
		}
	}
	if read != 40 {
		t.Errorf("%d reading actions, want 40", read)
	}
	if !Writes("no.such.view") || !Writes("") {
		t.Error("an unknown action does not write")
	}
}

func TestEveryActionNamedAfterReadingIsListed(t *testing.T) {
	for _, a := range Actions() {
		last := string(a[strings.LastIndex(string(a), ".")+1:])
		word, _, _ := strings.Cut(last, "_")
		if slices.Contains([]string{"view", "list", "download"}, word) && Writes(a) {
			t.Errorf("%s is a reading by its name and not listed", a)
		}
	}
}
