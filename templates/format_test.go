package templates

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestDatesAndNumbersFollowTheLanguageAndTheZone(t *testing.T) {
	at := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	sofia, err := time.LoadLocation("Europe/Sofia")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"en moment", Moment("en", sofia, at), "2 Mar 2026, 01:30"},
		{"de moment", Moment("de", sofia, at), "2. März 2026, 01:30 Uhr"},
		{"fr moment", Moment("fr", nil, at), "1er mars 2026 à 23:30"},
		{"bg moment", Moment("bg", sofia, at), "2 март 2026 г., 01:30 ч."},
		{"en date", Date("en", time.UTC, at), "1 Mar 2026"},
		{"zero", Moment("de", nil, time.Time{}), ""},
		{"civil", Civil("de", "2026-12-24", ""), "24. Dez. 2026"},
		{"civil with time", Civil("en", "2026-12-24", "08:00"), "24 Dec 2026, 08:00"},
		{"no date", Civil("en", "soon", ""), "soon"},
		{"en number", Number("en", 1234567), "1,234,567"},
		{"en thousand", Number("en", 1000), "1,000"},
		{"de number", Number("de", 1234567), "1.234.567"},
		{"fr number", Number("fr", 12345), "12 345"},
		{"bg four figures", Number("bg", 1234), "1234"},
		{"negative", Number("en", -12), "−12"},
		{"bytes", Size("en", 999), "999 bytes"},
		{"en size", Size("en", 1_440_000), "1.4 MB"},
		{"de size", Size("de", 1_440_000), "1,4 MB"},
		{"fr size", Size("fr", 25_000), "25 Ko"},
		{"list", List("de", []string{"A", "B", "C"}), "A, B und C"},
		{"list of one", List("de", []string{"A"}), "A"},
		{"empty list", List("de", nil), ""},
	} {
		if got := strings.ReplaceAll(c.got, "\u00a0", " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestRichTextIsEscapedAndLinked(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"one\ntwo\n\n\nthree", "<p>one<br>two</p><p>three</p>"},
		{"<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"},
		{"> quoted\n> more\nmine", "<blockquote>quoted<br>more</blockquote><p>mine</p>"},
		{"see https://example.org/a?b=1&c=2.", `<p>see <a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">https://example.org/a?b=1&amp;c=2</a>.</p>`},
		{"(http://example.org/x_(y))", `<p>(<a href="http://example.org/x_(y)" rel="noopener noreferrer nofollow">http://example.org/x_(y)</a>)</p>`},
		{`https://e.org/"onmouseover=x`, `<p><a href="https://e.org/" rel="noopener noreferrer nofollow">https://e.org/</a>&#34;onmouseover=x</p>`},
		{"javascript:alert(1) xhttp://e.org http:// https://.", "<p>javascript:alert(1) xhttp://e.org http:// https://.</p>"},
	} {
		if got := string(Rich(c.in)); got != c.want {
			t.Errorf("Rich(%q)\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func FuzzRichTextNeverLetsMarkupThrough(f *testing.F) {
	f.Add("<b>x</b> https://e.org/<i>")
	f.Add(">> a\nhttp://http://x")
	f.Fuzz(func(t *testing.T, s string) {
		out := string(Rich(s))
		for _, known := range []string{"<p>", "</p>", "<br>", "<blockquote>", "</blockquote>", "</a>"} {
			out = strings.ReplaceAll(out, known, "")
		}
		for {
			i := strings.Index(out, `<a href="http`)
			if i < 0 {
				break
			}
			j := strings.Index(out[i:], `" rel="noopener noreferrer nofollow">`)
			if j < 0 || strings.ContainsAny(out[i+9:i+j], `"<>`) {
				t.Fatalf("broken link in %q", out)
			}
			out = out[:i] + out[i+j+len(`" rel="noopener noreferrer nofollow">`):]
		}
		if strings.ContainsAny(out, "<>") {
			t.Fatalf("markup of %q came through: %q", s, out)
		}
	})
}
