package safehtml

import (
	"strings"
	"testing"
	"time"
)

// bombs are small beginnings of something that a careless reader makes large or slow.
var bombs = map[string]struct{ head, unit string }{
	"open weights":         {"<p>" + strings.Repeat("<b><i><u><s><em><strong><code>", 3), "<p>x"},
	"open fonts":           {"<p>" + fonts(480), "<p>x"},
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

func fonts(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("<font size=" + strings.Repeat("1", i/10) + string(rune('0'+i%10)) + ">")
	}
	return b.String()
}

func TestBombsStaySmallAndFast(t *testing.T) {
	for name, bomb := range bombs {
		in := bomb.head + strings.Repeat(bomb.unit, (1<<20)/len(bomb.unit))
		for kind, clean := range map[string]func() string{"comment": func() string { return Clean(in) }, "document": func() string { return Document(in, nil) }} {
			start := time.Now()
			out := clean()
			took := time.Since(start)
			t.Logf("%s %s: %v, %d bytes", kind, name, took, len(out))
			if len(out) > 30*len(in) || took > 30*time.Second {
				t.Errorf("%s %s: 1 MB became %d bytes in %v", kind, name, len(out), took)
			}
		}
	}
}
