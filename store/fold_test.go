package store

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Every rune folds as the whole decomposed text would: lower case, no marks.
func TestEveryRuneFoldsToItsBase(t *testing.T) {
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		var want []byte
		for _, d := range norm.NFD.String(string(r)) {
			if !unicode.Is(unicode.Mn, d) {
				want = utf8.AppendRune(want, unicode.ToLower(d))
			}
		}
		if got := fold(string(r)); got != string(want) {
			t.Fatalf("%U folds to %q, want %q", r, got, want)
		}
	}
}

func TestFoldingDropsAccentsAndCase(t *testing.T) {
	for in, want := range map[string]string{
		"Straße ÄÖÜ": "straße aou", "Cafe\u0301": "cafe", "ЁЛКА, Йод": "елка, иод", "Ελλάδα": "ελλαδα", "\xff!": "\uFFFD!", "PLAIN": "plain", "가": "\u1100\u1161",
	} {
		if got := fold(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
}

func BenchmarkWordsOfRussian(b *testing.B) {
	s := ""
	for range 40 {
		s += "Добрый день, коллеги! Высылаю исправленный договор и счёт. "
	}
	b.ReportAllocs()
	for b.Loop() {
		wordsOf(s, maxDocWords)
	}
}
