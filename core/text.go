package core

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Longest texts that are kept, in bytes.
const (
	maxTitle   = 300
	maxComment = 1 << 20
)

// oneLine makes a name or title safe to stand in a line or a header: no
// control characters, white space folded, at most maxTitle bytes.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069: // direction overrides
			return -1
		case r == '\ue0de': // Tombstone
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, s)
	return cut(strings.Join(strings.Fields(s), " "), maxTitle)
}

// body makes a longer text storable: valid UTF-8, no NUL, lines end in \n,
// no white space around it.
func body(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return cut(strings.TrimSpace(s), maxComment)
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
