package templates

import (
	"bytes"
	"strings"
)

// tombstone is what stands in the place of a deleted person's name (the core
// writes it): one character of private use.
const tombstone = "\ue0de"

// Bury puts words of the language in the place of every deleted person's name
// in a finished page. Names come into pages from many roads; here none is missed.
func Bury(locale string, page []byte) []byte {
	if !bytes.Contains(page, []byte(tombstone)) {
		return page
	}
	return bytes.ReplaceAll(page, []byte(tombstone), []byte(T(locale, "person.tombstone")))
}

// BuryText is Bury for a text: a mail, a cell of a table, a line of the terminal.
func BuryText(locale, text string) string {
	if !strings.Contains(text, tombstone) {
		return text
	}
	return strings.ReplaceAll(text, tombstone, T(locale, "person.tombstone"))
}
