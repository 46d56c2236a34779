package core

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Passwords are at least 12 characters, 15 are recommended, at most 256 bytes
// are taken (ASVS 6.2). Nothing is asked of their composition.
const (
	minPassword = 12
	maxPassword = 256
)

// ownCharacters is how much of a password must be left when all that others
// try first is taken out of it.
const ownCharacters = 6

// checkPassword refuses passwords that are guessed early: they are short, or
// what remains of them is little once well-known words, rows of keys, digits
// and repetitions, and words known of this person are taken out. Rules find
// "Summer2026!!!" as well as "password1234", which no list holds in all forms.
func checkPassword(password string, contextWords []string) error {
	if utf8.RuneCountInString(password) < minPassword {
		return Fail(Invalid, "password.short", "min", fmt.Sprint(minPassword))
	}
	if len(password) > maxPassword {
		return Fail(Invalid, "password.long", "max", fmt.Sprint(maxPassword))
	}
	rest := withoutPatterns(strings.ToLower(password))
	if weight(rest) < ownCharacters {
		return Fail(Invalid, "password.pattern")
	}
	if weight(without(rest, commonWords)) < ownCharacters {
		return Fail(Invalid, "password.common")
	}
	known := knownPieces(contextWords)
	if weight(without(without(rest, known), commonWords)) < ownCharacters {
		return Fail(Invalid, "password.context.word", "word", firstIn(rest, known))
	}
	return nil
}

// weight is how many characters are worth guessing: letters one each, digits
// half, since people put years and numbers behind words; signs nothing.
func weight(s string) int {
	letters, digits := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	return letters + digits/2
}

// rows are what fingers run along, on the keyboards of the languages we speak.
var rows = []string{
	"12345678901234567890", "abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъьюя",
	"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"явертъуиоп", "асдфгхйкл", "зьцжбнм", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "уеишщксдзц", "ьяаожгтнвм",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujmikolp", "q1w2e3r4t5y6u7i8o9p0",
}

// shortestRun is how many neighbours in a row are a run and no accident.
const shortestRun = 4

// withoutPatterns takes out runs along rows, forwards and backwards, repeated
// characters, and all repetitions of the whole.
func withoutPatterns(s string) string {
	r := []rune(oncePerPeriod(s))
	var out strings.Builder
	for i := 0; i < len(r); {
		n := max(repeated(r[i:]), runIn(r[i:]))
		if n < shortestRun && !(n == 3 && unicode.IsDigit(r[i])) {
			out.WriteRune(r[i])
			i++
			continue
		}
		out.WriteByte(' ')
		i += n
	}
	return out.String()
}

// oncePerPeriod is the piece of which s is a repetition, s itself when it is none.
func oncePerPeriod(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if s[n:] == s[:len(s)-n] { // the last repetition may be cut short
			return s[:n]
		}
	}
	return s
}

func repeated(r []rune) (n int) {
	for n < len(r) && r[n] == r[0] {
		n++
	}
	return n
}

// runIn is the length of the longest run at the beginning of r.
func runIn(r []rune) (longest int) {
	for _, text := range rows {
		row := []rune(text)
		for at, c := range row {
			if c != r[0] {
				continue
			}
			for _, step := range []int{1, -1} {
				n := 1
				for n < len(r) && at+n*step >= 0 && at+n*step < len(row) && row[at+n*step] == r[n] {
					n++
				}
				longest = max(longest, n)
			}
		}
	}
	return longest
}

// without takes words out, also where letters are written as digits and signs
// that look like them.
func without(s string, words []string) string {
	r, seen := []rune(s), looks(s)
	for _, w := range words {
		word := []rune(w)
		for at := indexOf(seen, word); at >= 0; at = indexOf(seen, word) {
			for i := range word {
				r[at+i], seen[at+i] = ' ', ' '
			}
		}
	}
	return string(r)
}

func indexOf(s, word []rune) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if slices.Equal(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// looks is s with letters for the digits and signs that are written in their place.
func looks(s string) []rune {
	r := []rune(s)
	for i, c := range r {
		switch c {
		case '0':
			r[i] = 'o'
		case '1', '!', '|':
			r[i] = 'i'
		case '3', '€':
			r[i] = 'e'
		case '4', '@':
			r[i] = 'a'
		case '5', '$':
			r[i] = 's'
		case '7':
			r[i] = 't'
		}
	}
	return r
}

func firstIn(s string, words []string) string {
	for _, w := range words {
		if indexOf(looks(s), []rune(w)) >= 0 {
			return w
		}
	}
	return ""
}

// knownPieces are the words others know of a person: of names and addresses
// each part, and our own name; the longer first.
func knownPieces(words []string) (pieces []string) {
	for _, s := range append(words, "planpost") {
		for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if utf8.RuneCountInString(w) >= 3 {
				pieces = append(pieces, w)
			}
		}
	}
	return longestFirst(strings.Join(pieces, " "))
}
