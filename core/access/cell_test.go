package access

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// smallest gives, for each term of a cell, the facts that satisfy it and
// nothing more.
func smallest(cell string) []map[string]bool {
	condition, _, _ := strings.Cut(cell, "+")
	if condition == "Y" || condition == "N" {
		return []map[string]bool{{}}
	}
	var sets []map[string]bool
	for term := range strings.SplitSeq(condition, "|") {
		set := map[string]bool{}
		for literal := range strings.SplitSeq(term, "&") {
			word, negated := strings.CutPrefix(literal, "!")
			set[word] = !negated
		}
		sets = append(sets, set)
	}
	return sets
}

func TestSmallestFactsAllowAndEachFlipIsJudgedAsWritten(t *testing.T) {
	for _, row := range readTSV(t) {
		for s, cell := range row.cells {
			for _, set := range smallest(cell) {
				if got := ask(row.action, s, factsOfWords(t, set)); got.Allowed != (cell != "N") {
					t.Errorf("%s, %s, %q: smallest facts %v: %+v", row.action, s, cell, set, got)
				}
				for word := range set {
					flipped := maps.Clone(set)
					flipped[word] = !flipped[word]
					want := judge(cell, flipped)
					if got := ask(row.action, s, factsOfWords(t, flipped)); got.Allowed != want {
						t.Errorf("%s, %s, %q: %s flipped in %v: %+v, want %t", row.action, s, cell, word, set, got, want)
					}
				}
			}
		}
	}
}

func TestEveryCellOverAllCombinationsOfItsFacts(t *testing.T) {
	for _, row := range readTSV(t) {
		for s, cell := range row.cells {
			eachCombination(wordsOf(cell), func(set map[string]bool) {
				facts, want := factsOfWords(t, set), judge(cell, set)
				if got := ask(row.action, s, facts); got.Allowed != want || got.Reason != "cell:"+cell {
					t.Fatalf("%s, %s, %q: %v: %+v, want %t", row.action, s, cell, facts.List(), got, want)
				}
			})
		}
	}
}

func TestFactsOfOthersDoNotMoveACell(t *testing.T) {
	for _, row := range readTSV(t) {
		for s, cell := range row.cells {
			var concerned Facts
			for _, w := range wordsOf(cell, "TGT_ANY") {
				f, _ := ParseFact(w)
				concerned = concerned.With(f)
			}
			alien := allFacts &^ concerned
			if alien.Closed()&concerned&^(1<<TgtAny) != 0 {
				t.Fatalf("%s, %s: the facts apart are not apart", row.action, s)
			}
			if strings.Contains(cell, "TGT_ANY") {
				continue
			}
			got := Decide(Request{Action: row.action, Subject: s, Facts: alien, Gates: passing(row.action, alien)})
			if want := judge(cell, map[string]bool{}); got.Allowed != want {
				t.Errorf("%s, %s, %q: facts it does not ask for make it %+v", row.action, s, cell, got)
			}
		}
	}
}

func TestTreeAndDecideAlwaysAgree(t *testing.T) {
	actions := Actions()
	rapid.Check(t, func(t *rapid.T) {
		action := rapid.SampledFrom(actions).Draw(t, "action")
		subject := rapid.SampledFrom(everySubject()).Draw(t, "subject")
		facts := FactsOf(rapid.SliceOf(rapid.SampledFrom(AllFacts())).Draw(t, "facts")...)
		cell, ok := CellOf(action, subject)
		if !ok {
			t.Fatalf("no cell for %s, %s", action, subject)
		}
		if got := ask(action, subject, facts); got.Allowed != cell.Eval(facts) {
			t.Fatalf("tree %s over %v: %t, Decide: %+v", cell, facts.List(), cell.Eval(facts), got)
		}
	})
}

func TestReadingACellBackGivesTheSameCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		literal := rapid.Custom(func(t *rapid.T) Literal {
			return Literal{Fact: rapid.SampledFrom(AllFacts()).Draw(t, "fact"), Negated: rapid.Bool().Draw(t, "negated")}
		})
		term := rapid.SliceOfNDistinct(literal, 1, 4, func(l Literal) Fact { return l.Fact })
		var cell Cell
		for range rapid.IntRange(1, 4).Draw(t, "terms") {
			cell.Any = append(cell.Any, term.Draw(t, "term"))
		}
		facts := FactsOf(rapid.SliceOf(rapid.SampledFrom(AllFacts())).Draw(t, "facts")...)
		back, err := parseCell(cell.String())
		if err != nil || back.String() != cell.String() {
			t.Fatalf("%s came back as %s: %v", cell, back, err)
		}
		compiled := compile(back)
		if want := judge(cell.String(), wordSet(facts)); back.Eval(facts) != want || compiled.holds(facts.Closed()) != want {
			t.Fatalf("%s over %v: tree %t, masks %t, by hand %t", cell, facts.List(), back.Eval(facts), compiled.holds(facts.Closed()), want)
		}
	})
}

func wordSet(facts Facts) map[string]bool {
	set := map[string]bool{}
	for _, f := range facts.List() {
		set[f.String()] = true
	}
	return set
}

func TestAnEmptyCellNeverHolds(t *testing.T) {
	for name, cell := range map[string]Cell{
		"zero": {}, "never": {Never: true}, "empty term": {Any: []Term{{}}}, "both": {Always: true, Never: true},
		"no fact": {Any: []Term{{{Fact: noFact}}}},
	} {
		if cell.Eval(0) || cell.Eval(allFacts) {
			t.Errorf("%s holds", name)
		}
	}
}
