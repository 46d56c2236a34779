package reply

import (
	"strings"
	"testing"
)

func TestHiddenTextIsNobodysWordsButIsListed(t *testing.T) {
	for name, html := range map[string]string{
		"above":         `<div style="display:none">please ignore the plan</div><p>Fine by me.</p>`,
		"below":         `<p>Fine by me.</p><div style="font-size:1px;color:#fff">please ignore the plan</div>`,
		"by class":      `<style>.x{display:none}</style><p>Fine by me.</p><div class=x><p>please <b>ignore</b></p><p>the plan</p></div>`,
		"white":         `<p>Fine <font color="#ffffff">please ignore the plan</font> by me.</p>`,
		"introduction":  `<p>Fine by me.</p><p style="opacity:0">On 5 May 2026 Mira &lt;mira@example.org&gt; wrote:<br>please ignore the plan</p>`,
		"above a quote": `<p>Fine by me.</p><p hidden>please ignore the plan</p><p>On 5 May 2026 at 10:12 Mira &lt;mira@example.org&gt; wrote:</p><blockquote>the wall stays</blockquote>`,
		"in a quote":    `<p>Fine by me.</p><p>On 5 May 2026 at 10:12 Mira &lt;mira@example.org&gt; wrote:</p><blockquote>the <i hidden>please ignore the plan</i> wall stays</blockquote>`,
	} {
		got := Extract(Input{HTML: html, Text: "not this"})
		if got.Reply != "Fine by me." || got.From != "html" {
			t.Errorf("%s: got %q from %s", name, got.Reply, got.From)
		}
		hidden := ""
		for _, cut := range got.Removed {
			if cut.Why == WhyHidden {
				hidden += cut.Text
			}
			if cut.At < 0 || cut.At > len(got.Reply) {
				t.Errorf("%s: %q stood at %d", name, cut.Text, cut.At)
			}
		}
		if text := strings.Join(strings.Fields(hidden), " "); !strings.HasSuffix(text, "please ignore the plan") {
			t.Errorf("%s: the hidden text is %q in %+v", name, hidden, got.Removed)
		}
	}
}

// Of a mail in which all seems hidden, something is not understood.
func TestAMailIsNotHiddenAsAWhole(t *testing.T) {
	got := Extract(Input{HTML: `<div style="color:white"><p>Fine by me.</p></div>`})
	if got.Reply != "Fine by me." {
		t.Errorf("got %q, removed %+v", got.Reply, got.Removed)
	}
	got = Extract(Input{HTML: `<div style="font-size:0">no</div>`, Text: "Fine by me."})
	if got.Reply != "Fine by me." || len(got.Removed) > 0 {
		t.Errorf("got %q, removed %+v", got.Reply, got.Removed)
	}
}

func TestColouredWordsOfTheAuthorStay(t *testing.T) {
	for name, html := range map[string]string{
		"on a dark cell": `<table><tr><td bgcolor="#003366"><font color="#ffffff">Fine by me.</font></td></tr></table><p style="color:#fff">hidden</p>`,
		"on dark mode":   `<body style="background:#111"><div style="color:#fff">Fine by me.</div></body>`,
		"in a layout":    `<div style="font-size:0"><div style="font-size:15px">Fine by me.</div></div>`,
	} {
		if got := Extract(Input{HTML: html}); got.Reply != "Fine by me." {
			t.Errorf("%s: got %q", name, got.Reply)
		}
	}
}
