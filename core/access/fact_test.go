package access

import (
	"testing"

	"pgregory.net/rapid"
)

func TestFactNamesGoBothWays(t *testing.T) {
	if n := len(AllFacts()); n != 56 || len(factNames) != 57 {
		t.Fatalf("%d facts, %d names, the design has 56", n, len(factNames)-1)
	}
	seen := map[string]bool{}
	for _, f := range AllFacts() {
		name := f.String()
		if back, ok := ParseFact(name); name == "" || !ok || back != f || seen[name] {
			t.Errorf("fact %d: name %q reads back as %d, %t", f, name, back, ok)
		}
		seen[name] = true
	}
	for _, name := range []string{"", "mem", "MEM ", "CAP_", "unknown"} {
		if f, ok := ParseFact(name); ok {
			t.Errorf("%q was read as %s", name, f)
		}
	}
}

func TestAnUnknownFactIsNeverTrue(t *testing.T) {
	for _, f := range []Fact{noFact, lastFact + 1, 63, 64, 255} {
		if FactsOf(f) != 0 || allFacts.Has(f) || f.String() != "unknown" {
			t.Errorf("fact %d counts", f)
		}
	}
}

func TestSetsAreValues(t *testing.T) {
	s := FactsOf(Mem, ACL)
	if with := s.With(Role); !with.Has(Role) || s.Has(Role) {
		t.Error("With changed the set it was asked of")
	}
	if without := s.Without(ACL); without.Has(ACL) || !without.Has(Mem) || !s.Has(ACL) {
		t.Error("Without took the wrong fact, or from the wrong set")
	}
	if s.When(false, Role) != s || s.When(true, Role) != s.With(Role) {
		t.Error("When did not do as told")
	}
	if list := s.List(); len(list) != 2 || list[0] != Mem || list[1] != ACL {
		t.Errorf("the set lists as %v", list)
	}
}

func TestWhatFollowsIsAdded(t *testing.T) {
	for _, f := range AllFacts() {
		want := factsOfWords(t, closeWords(map[string]bool{f.String(): true}))
		if got := FactsOf(f).Closed(); got != want {
			t.Errorf("from %s follows %v, want %v", f, got.List(), want.List())
		}
	}
	if Facts(0).Closed() != 0 {
		t.Error("something follows from nothing")
	}
}

func TestClosingAddsAndIsDoneAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Facts(rapid.Uint64().Draw(t, "facts"))
		more := s.With(rapid.SampledFrom(AllFacts()).Draw(t, "more"))
		if s.Closed()&s != s || s.Closed().Closed() != s.Closed() || more.Closed()&s.Closed() != s.Closed() {
			t.Fatalf("closing %v gives %v", s.List(), s.Closed().List())
		}
	})
}

func TestNothingThatFollowsIsEverNegated(t *testing.T) {
	follows := Facts(0)
	for _, f := range AllFacts() {
		follows |= FactsOf(f).Closed().Without(f)
	}
	for _, a := range Actions() {
		for _, s := range everySubject() {
			cell, _ := CellOf(a, s)
			for _, term := range cell.Any {
				for _, l := range term {
					if l.Negated && follows.Has(l.Fact) {
						t.Errorf("%s, %s: closing could take a right away through %s", a, s, l)
					}
				}
			}
		}
	}
}
