package safehtml

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// bombs are small beginnings of something that a careless reader makes large or slow.
var bombs = map[string]struct{ head, unit string }{
	"open weights":         {"<p>" + strings.Repeat("<b><i><u><s><em><strong><code>", 3), "<p>x"},
	"open fonts":           {"<p>" + openFonts, "<p>x"},
	"fonts":                {"", "<font color=#111>"},
	"links":                {"", `<a href="https://example.com">x`},
	"misnested":            {"", "<b><p></b>x"},
	"misnested tables":     {"", "<table><b><tr><i>x"},
	"attributes":           {"<p ", "a=1 "},
	"different attributes": {"<p ", "style=color:red "},
	"styles":               {`<p style="`, "color:red;"},
	"bodies":               {"", "<body a=1>"},
	"entities":             {"", "&amp;lt;"},
	"comments":             {"", "<!--x-->"},
	"open comments":        {"", "<!--"},
	"signs":                {"", "<"},
	"closing tags":         {"<p>", "</b>"},
	"selects":              {"", "<select><option>x"},
	"frames in templates":  {"", "<template><svg>"},
	"list items":           {"", "<li>x"},
	"quotes":               {"<p title='", "\""},
	"words":                {"", "word "},
	"line ends":            {"", "\r"},
}

// openFonts are as many as a parser nests, each another one, so that all are made anew.
var openFonts = func() (s string) {
	for i := range 480 {
		s += fmt.Sprintf("<font size=%d>", i)
	}
	return s
}()

func TestBombsStaySmallAndFast(t *testing.T) {
	for name, bomb := range bombs {
		in := bomb.head + strings.Repeat(bomb.unit, (200<<10)/len(bomb.unit))
		for kind, clean := range map[string]func() string{"comment": func() string { return Clean(in) }, "document": func() string { return Document(in, nil) }} {
			start := time.Now()
			out := clean()
			took := time.Since(start)
			t.Logf("%s %s: %v, %d bytes", kind, name, took, len(out))
			if len(out) > 30*len(in) || took > 30*time.Second {
				t.Errorf("%s %s: 200 KB became %d bytes in %v", kind, name, len(out), took)
			}
		}
	}
}
