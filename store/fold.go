package store

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold makes text comparable: without accents (NFD, marks dropped) and in
// lower case. It is done here because the engines differ in what they fold.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	b := make([]byte, 0, len(s))
	for _, r := range text(s) {
		if int(r) >= len(foldedRunes) {
			b = appendFolded(b, r)
			continue
		}
		if f := foldedRunes[r]; f >= 0 {
			b = utf8.AppendRune(b, f)
		}
	}
	return string(b)
}

// foldedRunes are the folded forms of what takes one or two bytes, which is
// nearly all that is written in most of Europe; -1 is a mark, which is dropped.
// Each of them decomposes into at most one rune that is none.
var foldedRunes = func() (table [0x800]rune) {
	var it norm.Iter
	for r := range table {
		table[r] = -1
		it.InitString(norm.NFD, string(rune(r)))
		for !it.Done() {
			for _, d := range string(it.Next()) {
				if !unicode.Is(unicode.Mn, d) && table[r] < 0 {
					table[r] = foldRune(d)
				}
			}
		}
	}
	return table
}()

// appendFolded folds one rune. Taking them one by one leaves marks in their
// order, which is of no matter: they go.
func appendFolded(b []byte, r rune) []byte {
	var one [utf8.UTFMax]byte
	var room [64]byte
	for _, d := range string(norm.NFD.Append(room[:0], one[:utf8.EncodeRune(one[:], r)]...)) {
		if !unicode.Is(unicode.Mn, d) {
			b = utf8.AppendRune(b, foldRune(d))
		}
	}
	return b
}

func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Limits of what is indexed: a text of more words is found by its first ones.
const (
	maxWordLen  = 40 // bytes; longer words are cut, in texts and in questions alike
	maxDocWords = 2000
	maxWords    = 12 // of a question
)

// wordsOf gives the different words of a text, folded, in the order of their
// first appearance, at most max. Letters and digits make words, everything
// else parts them.
func wordsOf(s string, max int) []string {
	w := words{max: max, seen: make(map[string]struct{}, 64), word: make([]byte, 0, 64)}
	var room [64]byte
	for i := 0; i < len(s) && len(w.list) < max; {
		if c := s[i]; c < utf8.RuneSelf {
			w.add(foldedASCII[c], 1)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if int(r) < len(foldedRunes) {
			w.add(foldedRunes[r], n)
			continue
		}
		for _, d := range string(appendFolded(room[:0], r)) {
			w.add(d, n)
		}
	}
	w.end()
	return w.list
}

// words collects the words of a text.
type words struct {
	max  int
	list []string
	seen map[string]struct{}
	word []byte
}

// add takes one folded rune, which was n bytes long; -1 is a mark.
func (w *words) add(r rune, n int) {
	switch {
	case r < 0:
	case !isWordRune(r):
		w.end()
	case n == 1:
		w.word = append(w.word, byte(r))
	default:
		w.word = utf8.AppendRune(w.word, r)
	}
}

// end ends the word at hand.
func (w *words) end() {
	if len(w.word) == 0 {
		return
	}
	word := w.word
	w.word = w.word[:0]
	if len(word) > maxWordLen {
		cut := maxWordLen
		for !utf8.RuneStart(word[cut]) {
			cut--
		}
		word = word[:cut]
	}
	if _, ok := w.seen[string(word)]; ok || len(w.list) == w.max {
		return
	}
	known := string(word)
	w.seen[known] = struct{}{}
	w.list = append(w.list, known)
}

// foldedASCII is the beginning of foldedRunes.
var foldedASCII = [utf8.RuneSelf]rune(foldedRunes[:utf8.RuneSelf])

func isWordRune(r rune) bool {
	if int(r) < len(wordRunes) {
		return wordRunes[r]
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// wordRunes are the folded letters and digits of one or two bytes.
var wordRunes = func() (table [0x800]bool) {
	for r := range table {
		c := rune(r)
		table[r] = (unicode.IsLetter(c) || unicode.IsDigit(c)) && (c < 'A' || c > 'Z')
	}
	return table
}()

// findable is text in which words can be looked for by their beginning with
// like: every word has a space before it.
func findable(parts ...string) string {
	return " " + strings.Join(wordsOf(strings.Join(parts, " "), maxDocWords), " ")
}
