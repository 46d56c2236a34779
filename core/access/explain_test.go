package access

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestExplainTellsTheWayToTheAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		request Request
		want    []string // lines that must be there, in this order
		absent  string
	}{
		{
			"a cell that holds",
			Request{Action: "task.view", Subject: ExternalBasic, Facts: FactsOf(Par)},
			[]string{"action task.view on task, subject ext_basic", "gate 1 tenant: passed", "gate 9 link: passed",
				"cell:REL|CPY, holds", "  REL of REL: holds", "  CPY of CPY: does not hold", "allowed: cell:REL|CPY"},
			"denied",
		},
		{
			"a gate that stops",
			Request{Action: "task.view", Subject: Owner, Gates: Gates{BlockedInProject: true}, MayKnow: true},
			[]string{"gate 3 status: passed", "gate 4 blocked: stops, gate:blocked", "denied: forbidden, gate:blocked"},
			"gate 5",
		},
		{
			"a link that was only claimed",
			Request{Action: "plan.view", Subject: AddressOnly, Facts: FactsOf(Lnk)},
			[]string{"fact LNK: not counted, no link has passed its gate", "cell:LNK, does not hold", "denied: not-found, cell:LNK"},
			"allowed",
		},
		{
			"a link whose addressee lost the right",
			Request{Action: "task.view", Addressee: ExternalBasic, Facts: FactsOf(Lnk), Gates: Gates{Link: LinkActive}},
			[]string{"addressee ext_basic: cell:REL|CPY, does not hold", "denied: not-found, cell:REL|CPY"},
			"allowed",
		},
		{
			"an obligation",
			Request{Action: "delivery.view", Subject: TechnicalAdministrator, Gates: Gates{ViewingAs: true}},
			[]string{"allowed: cell:Y+mask", "obligation: mask", "obligation: read-only"},
			"denied",
		},
		{
			"an action nobody knows",
			Request{Action: "task.sing", Subject: Owner},
			[]string{"action task.sing, subject owner", "denied: not-found, unknown-action"},
			"gate",
		},
	} {
		lines := Explain(c.request)
		at := 0
		for _, line := range lines {
			if at < len(c.want) && line == c.want[at] {
				at++
			}
		}
		if text := strings.Join(lines, "\n"); at < len(c.want) || strings.Contains(text, c.absent) {
			t.Errorf("%s: want %q, not %q, in\n%s", c.name, c.want[min(at, len(c.want)-1)], c.absent, text)
		}
	}
}

func TestExplainEndsWithTheAnswerOfDecide(t *testing.T) {
	actions := append(Actions(), "no.such")
	rapid.Check(t, func(t *rapid.T) {
		r := Request{
			Action:    rapid.SampledFrom(actions).Draw(t, "action"),
			Subject:   Subject(rapid.IntRange(0, subjects).Draw(t, "subject")),
			Addressee: Subject(rapid.IntRange(0, subjects).Draw(t, "addressee")),
			Facts:     Facts(rapid.Uint64().Draw(t, "facts")),
			Gates:     rapid.SampledFrom(everyGates()).Draw(t, "gates"),
			MayKnow:   rapid.Bool().Draw(t, "mayKnow"),
		}
		answer, text := Decide(r), strings.Join(Explain(r), "\n")
		if answer.Allowed != strings.Contains(text, "\nallowed: "+answer.Reason) || !strings.Contains(text, answer.Reason) {
			t.Fatalf("%+v is explained as\n%s", answer, text)
		}
	})
}
