package markup

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// bombs are small beginnings of something that a parser makes large or slow.
var bombs = map[string]struct{ head, unit string }{
	"open weights":               {"<p>" + strings.Repeat("<b><i><u><s><em><strong><code>", 3), "<p>x"},
	"open fonts":                 {"<p>" + fonts(480), "<p>x"},
	"fonts closed in comments":   {"<p>" + strings.ReplaceAll(fonts(480), ">", "><!--</font>-->"), "<p>x"},
	"fonts closed in attributes": {"<p>" + strings.ReplaceAll(fonts(480), ">", ` title="</font>">`), "<p>x"},
	"fonts closed in names":      {"<p>" + strings.ReplaceAll(fonts(480), ">", ` title='"'></font "'>`), "<p>x"},
	"fonts closed in cells":      {"<p>" + fonts(480) + "<table><td>" + strings.Repeat("</font>", 480) + "</table>", "<p>x"},
	"fonts closed in tables":     {"<p>" + fonts(480) + "<table>" + strings.Repeat("</font>", 480) + "</table>", "<p>x"},
	"fonts closed in styles":     {"<p>" + strings.ReplaceAll(fonts(480), ">", "><style></font></style>"), "<p>x"},
	"fonts in false cells":       {"<td><p>" + fonts(480) + "</td>", "<p>x"},
	"fonts closed by others":     {"", "<p>" + weights(200) + fonts(200) + strings.Repeat("</b>x", 200) + strings.Repeat("</font>", 200) + "</p>"},
}

// odd are things a parser copes with; it must do so in linear time all the same.
var odd = map[string]string{
	"b": "<b>", "font": "<font>", "link in b": "<a><b>", "paragraph in b": "<p><b>", "misnested": "<b><p></b>x", "links": `<a href="https://example.com">x`,
	"commented": "<b><!--</b>--><p>", "attributes": `<b title="</b>"><p>x`, "false closings": "<b></i></u><p>x", "tables": "<table><b><tr><i>x", "cells": "<table><tr><td><b><p>x",
	"closings": "a</b>", "false cells": "a<td>", "forms": "a<form>", "selects": "<select><b>x", "open comments": "<!--", "signs": "<", "quotes": "<p title='\"", "nobr": "<nobr>x", "upper case": "<B><P>x",
}

func fonts(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("<font size=" + strings.Repeat("1", i/10) + string(rune('0'+i%10)) + ">")
	}
	return b.String()
}

func weights(n int) string { return strings.ReplaceAll(fonts(n), "font size", "b title") }

func TestWhatAParserRepeatsIsToldBeforehand(t *testing.T) {
	for name, bomb := range bombs {
		if in := bomb.head + strings.Repeat(bomb.unit, (200<<10)/len(bomb.unit)); !Repeats(in) {
			t.Errorf("%s: a tree would be built", name)
		}
		if in := strings.ToUpper(bomb.head + strings.Repeat(bomb.unit, (200<<10)/len(bomb.unit))); !Repeats(in) {
			t.Errorf("%s in upper case: a tree would be built", name)
		}
	}
	var b strings.Builder
	for i := range 10000 {
		fmt.Fprintf(&b, "<body a%d=1>", i)
	}
	if !Repeats(b.String()) {
		t.Error("bodies with ever more attributes: a tree would be built")
	}
}

// Mail programs that leave elements open, or wrap blocks in them, are shown as they meant it.
func TestSloppyHTMLIsNoBomb(t *testing.T) {
	for name, unit := range map[string]string{
		"closed": "<div><font color=red>a <b>word</b></font></div>", "around blocks": "<font color=red><p>a</p><p>b</p></font>", "left open": "<p><b>a<p>b",
		"links": `<p><a href="https://example.com/%d">a</a></p>`, "cells": "<table><tr><td><font size=2><b>a</b></font></td></tr></table>",
		"word": `<p class=MsoNormal><b><span style='color:#1F497D'>From:<o:p></o:p></span></b></p>`, "links left open": `<a href="https://example.com/1">x`,
		"commented": "<div><!-- note --><b>a</b><!--[if mso]><b>x</b><![endif]--></div>",
	} {
		if Repeats(strings.Repeat(unit, 2000)) {
			t.Errorf("%s: it would be shown as mere text", name)
		}
	}
}

// Whatever is let through to the parser costs it what its size says.
func TestWhatIsLetThroughMakesTreesOfItsSize(t *testing.T) {
	for name, unit := range odd {
		var before, after runtime.MemStats
		in := strings.Repeat(unit, (1<<20)/len(unit))
		start := time.Now()
		runtime.ReadMemStats(&before)
		if !Repeats(in) {
			_, _ = html.Parse(strings.NewReader(in)) // it may refuse, cheaply
		}
		runtime.ReadMemStats(&after)
		took, made := time.Since(start), (after.TotalAlloc-before.TotalAlloc)>>20
		t.Logf("%s: %v, %d MB", name, took, made)
		if took > 20*time.Second || made > 500 {
			t.Errorf("1 MB of %s: %v, %d MB", name, took, made)
		}
	}
}
