package templates

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	for _, locale := range locales {
		for key, s := range words()[fallback] {
			got, ok := words()[locale][key]
			if !ok || got == "" {
				t.Errorf("%s has no text for %q (%q)", locale, key, s)
			}
		}
		for key := range words()[locale] {
			if !Has(key) {
				t.Errorf("%s has a text for %q, which English has not", locale, key)
			}
		}
	}
}

// A text equal to the English one is either a mistake or listed on purpose.
func TestATextEqualToTheEnglishIsListed(t *testing.T) {
	b, err := os.ReadFile("words/same.json")
	if err != nil {
		t.Fatal(err)
	}
	var same map[string][]string
	if err := json.Unmarshal(b, &same); err != nil {
		t.Fatal(err)
	}
	for _, locale := range locales[1:] {
		for key, s := range words()[fallback] {
			listed := slices.Contains(same[locale], key)
			switch {
			case words()[locale][key] == s && !listed:
				t.Errorf("%s: %q is the English text: %q", locale, key, s)
			case words()[locale][key] != s && listed:
				t.Errorf("%s: %q is listed in same.json and differs by now", locale, key)
			}
		}
		for _, key := range same[locale] {
			if !Has(key) {
				t.Errorf("same.json: %s lists %q, which does not exist", locale, key)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func TestEveryLanguageFillsTheSamePlaceholders(t *testing.T) {
	for key, s := range words()[fallback] {
		want := holders(s)
		for _, locale := range locales[1:] {
			if got := holders(words()[locale][key]); !slices.Equal(got, want) {
				t.Errorf("%s: %q has %v, English has %v", locale, key, got, want)
			}
		}
	}
}

func holders(s string) []string {
	all := placeholder.FindAllString(s, -1)
	slices.Sort(all)
	return slices.Compact(all)
}

func TestWordsAreFilledOnceAndInPlace(t *testing.T) {
	for _, c := range []struct {
		locale, key string
		params      []string
		want        string
	}{
		{"en", "error.signin.limited", []string{"minutes", "5"}, "Too many wrong passwords. Please try again in 5 minutes."},
		{"de-AT", "status.done", nil, "Erledigt"},
		{"xx", "status.done", nil, "Done"},
		{"en", "no.such.key", nil, "no.such.key"},
		{"en", "mail.entry.comment", []string{"who", "{to} {who}"}, "{to} {who} wrote"},
		{"en", "mail.entry.comment", nil, "{who} wrote"},
		{"en", "mail.entry.comment", []string{"who"}, "{who} wrote"},
	} {
		if got := T(c.locale, c.key, c.params...); got != c.want {
			t.Errorf("T(%s, %s, %q) = %q, want %q", c.locale, c.key, c.params, got, c.want)
		}
	}
}

func TestAnUnknownCodeIsShownSoThatItCanBeReported(t *testing.T) {
	if got := Coded("de", "error", "who.knows"); !strings.Contains(got, "who.knows") {
		t.Errorf("got %q", got)
	}
}

func TestTheLanguageIsTheFirstKnownOfTheBrowser(t *testing.T) {
	for header, want := range map[string]string{
		"":                                "en",
		"de-AT,de;q=0.9,en;q=0.8":         "de",
		"it-IT, fr;q=0.7, en":             "fr",
		"bg":                              "bg",
		";;;,,,":                          "en",
		strings.Repeat("x,", 5000) + "de": "de",
	} {
		if got := MatchAccept(header); got != want {
			t.Errorf("MatchAccept(%.40q) = %s, want %s", header, got, want)
		}
	}
}

func TestMarkersAreTheLinesThatStandInMails(t *testing.T) {
	markers := Markers()
	if len(markers) != len(locales) || len(slices.Compact(markers)) != len(locales) {
		t.Fatalf("%d markers for %d languages: %q", len(markers), len(locales), markers)
	}
	for _, locale := range locales {
		_, text, html, err := Mail(locale, "task", TaskMail{Number: 1, Title: "x", Entries: []MailEntry{{Kind: "comment", Author: "A", Text: "hello"}}})
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(text, "\n")
		if !slices.Contains(markers, first) {
			t.Errorf("%s: the first line of the text is %q, no marker", locale, first)
		}
		if !slices.ContainsFunc(markers, func(m string) bool { return strings.Contains(html, ">"+m+"<") }) {
			t.Errorf("%s: no marker in the HTML", locale)
		}
	}
}

// The page of the change log lets one choose an area: every deed must be in one.
func TestEveryDeedOfTheLogHasAnArea(t *testing.T) {
	for _, code := range Under("log.") {
		area, deed, ok := strings.Cut(code, ".")
		if !ok || strings.Contains(deed, ".") || slices.Contains([]string{"actor", "filter", "none", "export"}, area) {
			continue
		}
		if !Has("logarea." + area) {
			t.Errorf("log.%s: the area %s has no name (logarea.%s)", code, area, area)
		}
	}
}
