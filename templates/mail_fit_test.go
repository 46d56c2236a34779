package templates

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAQuoteIsShortAndWithoutWhatItQuotedItself(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Yes.", "Yes."},
		{" On Monday.\n\n> When?\n> Where?\n\nAnna \n", "On Monday.\n\n\nAnna"},
		{strings.Repeat("a\n", 20), strings.TrimRight(strings.Repeat("a\n", quoteLines), "\n") + " …"},
		{strings.Repeat("word ", 200), strings.TrimRight(strings.Repeat("word ", 120), " ") + " …"},
		{"> all of it", ""},
	} {
		if got := Excerpt(c.in); got != c.want {
			t.Errorf("Excerpt(%.40q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := Excerpt(strings.Repeat("ж", 1000)); !utf8.ValidString(got) || len(got) > quoteMost+len(" …") {
		t.Errorf("%d bytes, valid %v", len(got), utf8.ValidString(got))
	}
}

func TestAQuoteOfTheTextFormIsMarkedAndWrapped(t *testing.T) {
	long := strings.Repeat("дума ", 40)
	for _, in := range []string{"one\n\ntwo", long, strings.Repeat("x", 500), strings.Repeat("й", 200) + " end", ""} {
		var words []string
		for line := range strings.SplitSeq(Quote(in), "\n") {
			if line != ">" && !strings.HasPrefix(line, "> ") || utf8.RuneCountInString(line) > quoteWidth+2 {
				t.Errorf("line %q", line)
			}
			words = append(words, strings.TrimPrefix(strings.TrimPrefix(line, ">"), " "))
		}
		if got, want := strings.Join(strings.Fields(strings.Join(words, "")), ""), strings.Join(strings.Fields(in), ""); got != want {
			t.Errorf("%.40q became %.40q", want, got)
		}
	}
}

func TestWhatIsCutEndsBetweenTwoWords(t *testing.T) {
	v := TaskMail{Entries: []MailEntry{{Kind: "comment", Text: strings.Repeat("слово <b> & ", 20000)}, {Kind: "comment", Text: "short"}}}
	v.Fit()
	e := &v.Entries[0]
	if !e.Cut || len(spaced(e.HTML)) > mostEntries || len(e.HTML) < mostEntries/2 || !utf8.ValidString(string(e.HTML)) || len(e.Text) < 300000 {
		t.Errorf("cut %v: %d bytes of HTML, %d of text", e.Cut, len(e.HTML), len(e.Text))
	}
	if last := string(e.HTML[len(e.HTML)-20:]); !strings.HasSuffix(last, "слово</p>") && !strings.HasSuffix(last, "&gt;</p>") && !strings.HasSuffix(last, "&amp;</p>") {
		t.Errorf("it ends in %q", last)
	}
	many := TaskMail{Entries: make([]MailEntry, 300)}
	for i := range many.Entries {
		many.Entries[i] = MailEntry{Kind: "comment", Text: strings.Repeat("word ", i%7*20)}
	}
	many.Fit()
	if n := many.Skipped(); n == 0 || n == 300 || many.Entries[299-n].Skip || !many.Entries[300-n].Skip {
		t.Errorf("%d are left out, not the last ones", n)
	}
}
