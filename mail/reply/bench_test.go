package reply

import (
	"fmt"
	"strings"
	"testing"
	"time"
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

// realText is an answer above a quoted history as a client writes it: a sixth
// of size bytes is the author's, prose with blank lines.
func realText(size int) string {
	const prose = "The second drawing is fine and can go to the workshop; the first one still lacks\nthe measure of the window, so please ask Größle & Söhne about it on Monday.\nWe agreed on 12 pieces, déjà vu from last year.\n\n"
	own, old := strings.Repeat(prose, 1+size/6/len(prose)), strings.Repeat(prose, 1+size*5/6/len(prose))
	return own + benchHead + "> " + strings.ReplaceAll(old, "\n", "\n> ") + "\n"
}

// realHTML is the same as Gmail writes it.
func realHTML(size int) string {
	text := realText(size)
	own, old, _ := strings.Cut(text, benchHead)
	lines := strings.NewReplacer("\n> ", "<br>\n", "\n", "<br>\n")
	return `<html><body><div dir="ltr">` + lines.Replace(own) + `</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, 5 May 2026 at 10:12, Planpost &lt;r@example.org&gt; wrote:<br></div><blockquote class="gmail_quote">` +
		lines.Replace(strings.TrimPrefix(old, "> ")) + `</blockquote></div></body></html>`
}

func BenchmarkAnswer(b *testing.B) {
	for _, size := range []int{4 << 10, 100 << 10} {
		for name, in := range map[string]Input{"text": {Text: realText(size)}, "html": {HTML: realHTML(size)}} {
			in.Marker = []string{"Reply above this line to comment", "Bitte oberhalb dieser Zeile antworten"}
			b.Run(fmt.Sprintf("%s%dKB", name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(in.Text) + len(in.HTML)))
				b.ReportAllocs()
				for b.Loop() {
					if r := Extract(in); r.Empty || len(r.Removed) == 0 {
						b.Fatal(r)
					}
				}
			})
		}
	}
}

// BenchmarkReplies reads the answers of all clients of the matrix in turn:
// mails of ordinary size in all languages, with and without the text we sent.
func BenchmarkReplies(b *testing.B) {
	mails := ourMails(b)
	for _, known := range []bool{false, true} {
		var texts, pages []Input
		for ci, c := range clients() {
			for ti, t := range tongues() {
				list := mails[t.code]
				if list == nil {
					list = mails["en"]
				}
				m := list[(ci+ti)%len(list)]
				sent := ""
				if known {
					sent = m.text
				}
				texts = append(texts, Input{Text: c.textAnswer(t, m, onTop), Sent: sent, Marker: m.pars[:1]})
				pages = append(pages, Input{HTML: c.htmlAnswer(t, m, onTop), Sent: sent, Marker: m.pars[:1]})
			}
		}
		for name, list := range map[string][]Input{"text": texts, "html": pages} {
			b.Run(fmt.Sprintf("%s,sent=%v", name, known), func(b *testing.B) {
				i := 0
				for b.Loop() {
					Extract(list[i%len(list)])
					i++
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "replies/s")
			})
		}
	}
}

// BenchmarkTenfold tells how many times what 1 MB costs 10 MB of the same do.
func BenchmarkTenfold(b *testing.B) {
	for _, c := range []struct {
		name, unit string
		html       bool
	}{{"quote marks", ">\n", false}, {"divs", "<div>", true}, {"whole divs", "<div>x</div>", true}, {"one line", "word ", false}, {"one line of HTML", "word ", true}, {"commas", "a, ", false}} {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			least := func(size int) time.Duration {
				body := strings.Repeat(c.unit, size/len(c.unit))
				in := Input{Text: body, Sent: "we sent these few words to the person"}
				if c.html {
					in = Input{HTML: body}
				}
				best := time.Hour
				for range 3 {
					start := time.Now()
					Extract(in)
					best = min(best, time.Since(start))
				}
				return best
			}
			var one, ten time.Duration
			for b.Loop() {
				one, ten = least(1<<20), least(10<<20)
			}
			b.ReportMetric(float64(ten)/float64(one), "times")
			b.ReportMetric(ten.Seconds(), "s/10MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}
