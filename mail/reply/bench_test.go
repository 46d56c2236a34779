package reply

import (
	"strings"
	"testing"
)

const (
	benchAnswer = "Hello Maria,\n\nthe second drawing is fine, please go on with it. We meet on Friday at the site.\n\nBest\nJonas\n\n"
	benchHead   = "On Tue, 5 May 2026 at 10:12, Planpost <reply+abc@example.org> wrote:\n\n"
)

func benchText() string {
	return benchAnswer + benchHead + strings.Repeat("> a quoted line of the older message, as long as such lines are wont to be\n", 50)
}

func benchHTML() string {
	return `<div dir="ltr"><div>Hello Maria,</div><div><br></div><div>the second drawing is fine, please go on with it.</div></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, 5 May 2026 at 10:12, Planpost &lt;<a href="mailto:r@example.org">r@example.org</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc">` +
		strings.Repeat(`<div style="margin:0;font-family:Arial">a quoted line of the <b>older</b> message</div>`, 40) + `</blockquote></div>`
}

func BenchmarkText4KB(b *testing.B) {
	in := Input{Text: benchText(), Marker: []string{"Reply above this line to comment", "Bitte oberhalb dieser Zeile antworten"}}
	b.ReportAllocs()
	b.SetBytes(int64(len(in.Text)))
	for b.Loop() {
		Extract(in)
	}
}

func BenchmarkText4KBAligned(b *testing.B) {
	in := Input{Text: benchText(), Sent: strings.Repeat("a quoted line of the older message, as long as such lines are wont to be\n", 50)}
	b.ReportAllocs()
	for b.Loop() {
		Extract(in)
	}
}

func BenchmarkHTML4KB(b *testing.B) {
	in := Input{HTML: benchHTML()}
	b.ReportAllocs()
	b.SetBytes(int64(len(in.HTML)))
	for b.Loop() {
		Extract(in)
	}
}

func BenchmarkTopPost4KBProse(b *testing.B) {
	in := Input{Text: strings.Repeat("This is a line of the author's own prose, with some words: and a number 12\nSecond line of it\n\n", 40)}
	b.ReportAllocs()
	for b.Loop() {
		Extract(in)
	}
}
