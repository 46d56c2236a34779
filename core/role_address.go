package core

import (
	"slices"
	"strings"
	"unicode"

	"planpost/mail"
)

// An account outlives the people who run it: its owner's address is better one
// of the firm than one of a person (requirements.md A11). We say so once and
// forbid nothing.

// roleWords are what mailboxes of nobody in particular are called.
const roleWords = " info office admin administration post mail kontakt contact contacts hello hallo bonjour bureau buero büro accueil secretariat sekretariat team projects projekte projets plan plans planung it verwaltung firma company "

// SuggestRoleAddress gives an address of no person at the same domain when the
// mailbox looks like a person's: it holds a part of the name, or is written
// like first.last. Empty when there is nothing to suggest.
func SuggestRoleAddress(address, name string) string {
	a, err := mail.ParseMailbox(strings.TrimSpace(address))
	if err != nil || freeMail(a.Domain) { // there nobody has a mailbox of a firm
		return ""
	}
	pieces := lettersOf(a.Local)
	if slices.ContainsFunc(pieces, func(p string) bool { return strings.Contains(roleWords, " "+p+" ") }) {
		return ""
	}
	local := strings.Join(pieces, "")
	personal := len(pieces) > 1
	for _, n := range lettersOf(name) {
		personal = personal || len(n) > 2 && strings.Contains(local, n)
	}
	if !personal {
		return ""
	}
	a.Local, a.Name = "office", ""
	return a.Mailbox()
}

// lettersOf splits a text where something is no letter.
func lettersOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
}
