package safehtml

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// settled tells that a tree, once written, is read as the same tree: nothing
// in it stands where the parser would close, move or split something. It saves
// most comments the second reading; what it does not know, it does not vouch for.
func settled(parent *html.Node, inLine, inLink bool) bool {
	for n := parent.FirstChild; n != nil; n = n.NextSibling {
		if n.Type == html.TextNode {
			if strings.ContainsAny(n.Data, "\x00\r") {
				return false
			}
			continue
		}
		line, link := inLine, inLink
		switch n.DataAtom {
		case atom.Br, atom.Img:
			continue
		case atom.B, atom.Strong, atom.I, atom.Em, atom.U, atom.S, atom.Code, atom.Sub, atom.Sup, atom.Span, atom.Small, atom.Font:
		case atom.A:
			if inLink {
				return false
			}
			link = true
		case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			if inLine {
				return false
			}
			line = true
		case atom.Div, atom.Blockquote, atom.Ul, atom.Ol:
			if inLine {
				return false
			}
		case atom.Li:
			if inLine || parent.DataAtom != atom.Ul && parent.DataAtom != atom.Ol {
				return false
			}
		default: // tables, pre and whatever is rare
			return false
		}
		if !settled(n, line, link) {
			return false
		}
	}
	return true
}
