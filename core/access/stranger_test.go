package access

import (
	"strings"
	"testing"
)

func TestTheUnknownIsDenied(t *testing.T) {
	for _, a := range []Action{"", "task", "task.*", "TASK.VIEW", "task.view ", "no.such.view"} {
		for _, s := range everySubject() {
			got := Decide(Request{Action: a, Subject: s, Facts: allFacts, MayKnow: true})
			if got.Allowed || got.Reason != ReasonUnknownAction || Known(a) || Object(a) != "" {
				t.Errorf("action %q: %+v", a, got)
			}
			if _, ok := CellOf(a, s); ok {
				t.Errorf("action %q has a cell", a)
			}
		}
	}
	for _, s := range []Subject{AddressOnly + 1, 255} {
		r := Request{Action: "account.create", Subject: s, Facts: allFacts}
		if got := Decide(r); got.Allowed || got.Reason != ReasonUnknownSubject {
			t.Errorf("subject %d: %+v", s, got)
		}
		r.Subject, r.Addressee = Stranger, s
		if got := Decide(r); got.Allowed || got.Reason != ReasonUnknownSubject {
			t.Errorf("addressee %d: %+v", s, got)
		}
		if _, ok := CellOf("task.view", s); ok || s.String() != "unknown" {
			t.Errorf("subject %d has a cell", s)
		}
	}
}

func TestTheZeroRequestIsDenied(t *testing.T) {
	if got := Decide(Request{}); got.Allowed {
		t.Errorf("%+v", got)
	}
	if got := Decide(Request{Action: "task.view", Facts: allFacts}); got.Allowed {
		t.Errorf("without a subject: %+v", got)
	}
}

func TestAStrangerHasWhatIsPublicAndNothingElse(t *testing.T) {
	for _, row := range readTSV(t) {
		got := Decide(Request{Action: row.action, Facts: allFacts})
		if want := strings.HasPrefix(row.note, "public"); got.Allowed != want {
			t.Errorf("%s, a stranger without a link: %+v, want %t", row.action, got, want)
		}
	}
}

func TestAStrangerWithALinkHasWhatItCarriesToAnAddress(t *testing.T) {
	for _, row := range readTSV(t) {
		cell := row.cells[AddressOnly]
		carried := strings.Contains(cell, "LNK")
		switch row.action {
		case "session.activate", "session.reset_password":
			cell, carried = "LNK", true
		case "session.sign_in", "session.request_reset", "account.create":
			cell, carried = "Y", true
		}
		eachCombination(wordsOf(cell, "LNK"), func(set map[string]bool) {
			facts := factsOfWords(t, set)
			if got, want := ask(row.action, Stranger, facts), carried && judge(cell, set); got.Allowed != want {
				t.Errorf("%s, %v: %+v, want %t", row.action, facts.List(), got, want)
			}
		})
	}
}

// A link found in somebody's mail must not become his session: it gives less
// than the addressee has, and only where a link is asked for at all.
func TestALinkNarrowsItsAddresseesRight(t *testing.T) {
	for _, row := range readTSV(t) {
		if strings.HasPrefix(row.note, "public") {
			continue
		}
		for addressee, own := range row.cells {
			eachCombination(wordsOf(own, row.cells[AddressOnly], "LNK"), func(set map[string]bool) {
				facts := factsOfWords(t, set)
				got := Decide(Request{Action: row.action, Addressee: addressee, Facts: facts, Gates: passing(row.action, facts)})
				if !got.Allowed {
					return
				}
				if !facts.Has(Lnk) {
					t.Fatalf("%s: no link, and yet %+v", row.action, got)
				}
				if !ask(row.action, addressee, facts).Allowed {
					t.Fatalf("%s: the link to %s gives with %v what the addressee has not", row.action, addressee, facts.List())
				}
				if asksForLink := strings.Contains(own+row.cells[AddressOnly], "LNK"); !asksForLink {
					t.Fatalf("%s: the link to %s gives what no link carries", row.action, addressee)
				}
			})
		}
	}
}

func TestWhatALinkCarriesToWhom(t *testing.T) {
	for _, c := range []struct {
		action    Action
		addressee Subject
		facts     Facts
		want      bool
	}{
		{"plan.view", Owner, 0, true},
		{"plan.view", Manager, FactsOf(Mem), true},
		{"plan.view", TechnicalAdministrator, FactsOf(Mem), false},
		{"plan.edit", Manager, FactsOf(Padm), false},
		{"plan.list", ExternalAdvanced, FactsOf(Mem), false},
		{"task.view", ExternalBasic, FactsOf(Asg), true},
		{"task.view", ExternalBasic, 0, false}, // removed from the task
		{"task.comment", Employee, FactsOf(Ase), true},
		{"task.view_description", ExternalBasic, FactsOf(Asg), false},
		{"task.view_description", ExternalBasic, FactsOf(Ase1), true},
		{"task.close", Owner, 0, false},
		{"approval.decide", ExternalBasic, FactsOf(Appr), true},
		{"approval.decide", ExternalBasic, FactsOf(Appr, Author), false},
		{"approval.decide", Manager, FactsOf(Appr, Mem), false}, // must sign in
		{"session.activate", ExternalAdvanced, 0, true},
		{"session.activate", ExternalBasic, 0, false}, // has no password
		{"session.activate", Stranger, 0, true},       // addressee not named
		{"quote.decide", ExternalAdvanced, FactsOf(Addr), true},
		{"quote.decide", Owner, FactsOf(Addr), false},
		{"account.create", TechnicalAdministrator, 0, true},
	} {
		facts := c.facts.With(Lnk)
		got := Decide(Request{Action: c.action, Addressee: c.addressee, Facts: facts, Gates: passing(c.action, facts)})
		if got.Allowed != c.want {
			t.Errorf("%s by a link to %s with %v: %+v, want %t", c.action, c.addressee, facts.List(), got, c.want)
		}
	}
}

func TestALinkToAMaskedViewStaysMasked(t *testing.T) {
	own := Cell{Always: true, Obligations: []string{Mask}}
	address, err := parseCell("LNK|ADDR&LNK|ADDRIN")
	if err != nil {
		t.Fatal(err)
	}
	if got := carriedByLink(own, address).String(); got != "LNK|ADDR&LNK+mask" {
		t.Errorf("the link carries %s", got)
	}
}
