package access

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The tests read the table by themselves, by a second and much plainer road
// than the product, and compare.

type tsvRow struct {
	action       Action
	object, note string
	cells        map[Subject]string
}

func readTSV(t testing.TB) []tsvRow {
	t.Helper()
	text, err := os.ReadFile("permissions.tsv")
	if err != nil {
		t.Fatal(err)
	}
	columns := []Subject{Owner, Administrator, TechnicalAdministrator, Manager, Employee, ExternalAdvanced, ExternalBasic, AddressOnly}
	var rows []tsvRow
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if fields[0] == "# action" {
			continue
		}
		row := tsvRow{action: Action(fields[0]), object: fields[1], note: fields[11], cells: map[Subject]string{}}
		for i, s := range columns {
			row.cells[s] = fields[2+i]
		}
		rows = append(rows, row)
	}
	return rows
}

// implied is the closure in words: what follows from a fact at once.
var implied = map[string][]string{
	"ASG": {"REL"}, "ASE": {"REL"}, "ASE1": {"ASE", "REL"}, "PAR": {"REL"}, "AUD": {"REL"},
	"MASG": {"MGR"}, "MASE": {"MGR"}, "MPAR": {"MGR"},
	"POWN": {"PADM"}, "PADM": {"MEM"},
	"TGT_LOW": {"TGT_NOT_OWNER", "TGT_ANY"}, "TGT_NOT_ADMIN": {"TGT_NOT_OWNER", "TGT_ANY"},
	"TGT_NOT_POWN": {"TGT_NOT_ADMIN", "TGT_ANY"}, "TGT_NOT_OWNER": {"TGT_ANY"}, "TGT_INT": {"TGT_ANY"},
	"TGT_EXT": {"TGT_ANY"}, "TGT_CLIENT_MGR": {"TGT_ANY"}, "MGR_TGT": {"TGT_ANY"},
}

func closeWords(set map[string]bool) map[string]bool {
	out := map[string]bool{}
	var add func(string)
	add = func(w string) {
		out[w] = true
		for _, next := range implied[w] {
			add(next)
		}
	}
	for w, is := range set {
		if is {
			add(w)
		}
	}
	return out
}

// judge evaluates the text of a cell over words.
func judge(cell string, set map[string]bool) bool {
	condition, _, _ := strings.Cut(cell, "+")
	if condition == "Y" || condition == "N" {
		return condition == "Y"
	}
	closed := closeWords(set)
	for term := range strings.SplitSeq(condition, "|") {
		holds := true
		for literal := range strings.SplitSeq(term, "&") {
			word, negated := strings.CutPrefix(literal, "!")
			holds = holds && closed[word] != negated
		}
		if holds {
			return true
		}
	}
	return false
}

// wordsOf lists the facts a cell speaks of and those they may follow from.
func wordsOf(cells ...string) []string {
	seen := map[string]bool{}
	for _, cell := range cells {
		condition, _, _ := strings.Cut(cell, "+")
		for _, word := range strings.FieldsFunc(condition, func(r rune) bool { return strings.ContainsRune("|&!", r) }) {
			if word != "Y" && word != "N" {
				seen[word] = true
			}
		}
	}
	for grown := true; grown; {
		grown = false
		for from, to := range implied {
			if !seen[from] && slices.ContainsFunc(to, func(w string) bool { return seen[w] && w != "TGT_ANY" }) {
				seen[from], grown = true, true
			}
		}
	}
	words := make([]string, 0, len(seen))
	for w := range seen {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}

// eachCombination calls f with every subset of the words.
func eachCombination(words []string, f func(set map[string]bool)) {
	for bits := range 1 << len(words) {
		set := map[string]bool{}
		for i, w := range words {
			set[w] = bits>>i&1 == 1
		}
		f(set)
	}
}

func factsOfWords(t testing.TB, set map[string]bool) Facts {
	t.Helper()
	var facts Facts
	for w, is := range set {
		f, ok := ParseFact(w)
		if !ok {
			t.Fatalf("unknown fact %q", w)
		}
		facts = facts.When(is, f)
	}
	return facts
}

// passing are the gates of an otherwise untroubled request: a link is there
// and good exactly when the facts claim one.
func passing(a Action, facts Facts) Gates {
	if !facts.Has(Lnk) {
		return Gates{}
	}
	if a == "link.request_new" {
		return Gates{Link: LinkExpired}
	}
	return Gates{Link: LinkActive}
}

func ask(a Action, s Subject, facts Facts) Answer {
	return Decide(Request{Action: a, Subject: s, Facts: facts, Gates: passing(a, facts)})
}

func everySubject() []Subject {
	return []Subject{Stranger, Owner, Administrator, TechnicalAdministrator, Manager, Employee, ExternalAdvanced, ExternalBasic, AddressOnly}
}

const allFacts = ^Facts(0)
