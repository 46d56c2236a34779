package core

import (
	"slices"
	"strings"
)

// Languages are those that Planpost speaks; the first counts where nobody chose one.
var Languages = [...]string{"en", "de", "fr", "bg"}

// Offers tells whether the account's people can choose that language.
func (a *AccountSettings) Offers(language string) bool {
	for l := range strings.FieldsSeq(a.Languages) {
		if l == language {
			return true
		}
	}
	return false
}

// LocaleOf is the language in which a person is spoken to: the own one while
// the account offers it, otherwise the account's.
func (a *AccountSettings) LocaleOf(p *Person) string {
	if a.Offers(p.Locale) {
		return p.Locale
	}
	return a.Locale
}

// checkLocale refuses a language that the account does not offer; empty is the account's.
func (a *AccountSettings) checkLocale(locale string) error {
	if locale == "" || a.Offers(locale) {
		return nil
	}
	if !slices.Contains(Languages[:], locale) {
		return Fail(Invalid, "language.unknown", "language", cut(oneLine(locale), 40))
	}
	return Fail(Invalid, "language.unoffered", "language", locale, "offered", strings.ReplaceAll(a.Languages, " ", ", "))
}
