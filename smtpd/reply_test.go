package smtpd

import (
	"testing"

	"planpost/templates"
)

// codes are all refusals that are said at this door.
var codes = []string{"unknown", "relay", "link.revoked", "link.expired", "project.closed", "address", "utf8", "tries", "sender", "flood",
	"messages", "stopping", "bare", "size", "line", "memory", "broken", "trouble"}

func TestEveryRefusalHasWordsThatFitIntoAReply(t *testing.T) {
	for _, code := range codes {
		if !templates.Has("refuse." + code) {
			t.Errorf("no words for %s", code)
			continue
		}
		for _, locale := range templates.Locales() {
			s := words(locale, "refuse."+code, false)
			if !ascii(s) || s == "" || len(s) > 400 { // RFC 5321 §4.5.3.1.5: 512 with everything
				t.Errorf("%s, %s: %q", locale, code, s)
			}
		}
	}
}

func TestWordsKeepTheirLettersOnlyWithSMTPUTF8(t *testing.T) {
	for _, c := range [][2]string{{"Größe", "Groesse"}, {"« déjà »", `" deja "`}, {"plain", "plain"}} {
		if got, ok := toASCII(c[0]); got != c[1] || !ok {
			t.Errorf("%q became %q", c[0], got)
		}
	}
	if got, ok := toASCII("Опа"); ok || got != "???" {
		t.Errorf("got %q", got)
	}
	if words("bg", "refuse.unknown", false) != words("en", "refuse.unknown", false) {
		t.Error("Bulgarian without SMTPUTF8 is not English")
	}
	if words("bg", "refuse.unknown", true) != templates.T("bg", "refuse.unknown") {
		t.Error("Bulgarian with SMTPUTF8 is not itself")
	}
}

func TestTheLanguageIsGuessedFromTheCountry(t *testing.T) {
	for domain, want := range map[string]string{"firma.de": "de", "x.AT": "de", "a.fr": "fr", "b.bg": "bg", "пример.бг": "bg", "c.com": "en", "": "en", "bg": "bg"} {
		if got := localeOf(domain); got != want {
			t.Errorf("%s: %s", domain, got)
		}
	}
}
