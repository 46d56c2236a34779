package access

import "testing"

// Whatever is asked, the parts of a reasoning agree with its answer.
func TestTheReasoningAgreesWithTheAnswer(t *testing.T) {
	asked := 0
	for _, action := range Actions() {
		for subject := Owner; int(subject) < subjects; subject++ {
			cell, _ := CellOf(action, subject)
			sets := []Facts{0}
			for _, term := range cell.Any {
				var all Facts
				for _, l := range term {
					if !l.Negated {
						all = all.With(l.Fact)
					}
				}
				sets = append(sets, all)
			}
			for _, facts := range sets {
				for _, gates := range []Gates{{}, {BlockedEverywhere: true}, {Link: LinkActive}, {ViewingAs: true}} {
					asked++
					r := Reason(Request{Action: action, Subject: subject, Facts: facts, Gates: gates})
					allowed := r.Stop == "" && r.Always
					for _, term := range r.Terms {
						allowed = allowed || term.Holds
					}
					if allowed != r.Answer.Allowed {
						t.Errorf("%s as %s with %v: %+v", action, subject, facts.List(), r)
					}
				}
			}
		}
	}
	if asked < 5000 {
		t.Errorf("only %d questions were asked", asked)
	}
}
