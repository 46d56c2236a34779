package safehtml

import (
	"strings"
	"testing"
)

func TestHiddenTextIsShownInAFrame(t *testing.T) {
	const frame = `border: 2px dashed #c00000`
	for name, src := range map[string]string{
		"display":   `<div style="display:none"><p>words</p></div>`,
		"attribute": `<p hidden>words</p>`,
		"class":     `<style>.x{display:none}</style><p class=x>words</p>`,
		"white":     `<p style="color:#fff">words</p>`,
		"tiny":      `<p style="font-size:0"><b>words</b></p>`,
		"opacity":   `<p style="opacity:0">words</p>`,
		"mso":       `<p style="mso-hide:all">words</p>`,
		"away":      `<p style="position:absolute;left:-9999px">words</p>`,
		"nested":    `<div style="display:none"><p style="display:none;color:white">words</p></div>`,
	} {
		got := Document(ShowHidden(src, `hidden "here"`), nil)
		if !strings.Contains(got, frame) || !strings.Contains(got, "words") || !strings.Contains(got, `title="hidden &#34;here&#34;"`) {
			t.Errorf("%s: no frame in %s", name, got)
		}
		if strings.Contains(got, "none") || strings.Contains(got, "#fff;") || strings.Contains(got, "-9999") {
			t.Errorf("%s: still hidden in %s", name, got)
		}
	}
	for name, src := range map[string]string{
		"plain":     `<p style="color:#000">words</p>`,
		"dark cell": `<table><tr><td bgcolor="#003366" style="color:#ffffff">words</td></tr></table>`,
		"layout":    `<div style="font-size:0"><p style="font-size:14px">words</p></div>`,
		"script":    `<style>.x{display:none}</style><script>if (a<b) document.write("<p hidden>")</script><p>words</p>`,
	} {
		if got := ShowHidden(src, "hidden"); got != src {
			t.Errorf("%s: changed to %s", name, got)
		}
	}
}

func TestMuchHiddenTextStaysSmall(t *testing.T) {
	src := `<div style="font-size:0">` + strings.Repeat("<i>x</i>", 100_000)
	if got := ShowHidden(src, "hidden"); len(got) > 3*len(src) {
		t.Errorf("%d bytes became %d", len(src), len(got))
	}
}
