package reply

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzExtract(f *testing.F) {
	for _, s := range []string{
		"Hello\n\nOn 5 May 2020, at 10:00, A B <a@b.example> wrote:\n> x\n", "> > >", "--\n", "From: a\nTo: b\nSubject: c\n",
		"<div>Hi<div class=gmail_quote>On 1.1.2020 wrote:<blockquote>x</blockquote>y</div>", "```\ncode", "\xff\xfe:\r\r\n", "Am 1.1.2020 schrieb X:",
	} {
		f.Add(s, s, "we sent these words to the person")
	}
	f.Fuzz(func(t *testing.T, text, html, sent string) {
		for _, in := range []Input{{Text: text}, {HTML: html}, {Text: text, Sent: sent, Marker: []string{"reply above this line"}}, {HTML: html, Text: text, Sent: sent}} {
			r := Extract(in)
			if !utf8.ValidString(r.Reply) || !utf8.ValidString(r.Forwarded) || strings.ContainsAny(r.Reply, "\r\x00") {
				t.Fatalf("%q: not clean: %q", in, r.Reply)
			}
			if r.Reply != strings.TrimSpace(r.Reply) && strings.TrimSpace(r.Reply) == "" {
				t.Fatalf("%q: blank reply %q", in, r.Reply)
			}
			if r.Empty && r.Reply != "" {
				t.Fatalf("%q: empty, yet %q", in, r.Reply)
			}
		}
	})
}
