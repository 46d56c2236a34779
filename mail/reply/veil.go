package reply

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// veiled is text a reader does not see. It is nobody's words: no rule looks at
// it, and it stands among the cuts.
type veiled struct {
	at   int // the line before which it stands
	text string
}

// veil keeps a piece of text from the lines.
func (f *flattener) veil(s string) {
	s = strings.Join(strings.FieldsFunc(s, invisible), " ")
	if s == "" {
		return // the padding of a preview
	}
	at := len(f.lines)
	if len(f.buf) > 0 {
		at++ // behind the line that has begun
	}
	f.veiled = append(f.veiled, veiled{at, s})
}

// veilAll keeps all text of an element from the lines.
func (f *flattener) veilAll(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			f.veil(c.Data)
		case c.DataAtom != atom.Style && c.DataAtom != atom.Script:
			f.veilAll(c)
		}
	}
}

// withVeiled puts what was hidden among the cuts, which are in the order of
// the lines, and so stays in that order. What stands next to each other is one.
func withVeiled(cuts []Removed, hidden []veiled) []Removed {
	if len(hidden) == 0 {
		return cuts
	}
	out := make([]Removed, 0, len(cuts)+1)
	for len(hidden) > 0 {
		at := hidden[0].at
		for len(cuts) > 0 && cuts[0].At < at {
			out, cuts = append(out, cuts[0]), cuts[1:]
		}
		var b strings.Builder
		for len(hidden) > 0 && (hidden[0].at == at || len(cuts) == 0 || cuts[0].At >= hidden[0].at) && hidden[0].at <= at+1 {
			if at = hidden[0].at; b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(hidden[0].text)
			hidden = hidden[1:]
		}
		out = append(out, Removed{Why: WhyHidden, Text: b.String(), At: at})
	}
	return append(out, cuts...)
}
