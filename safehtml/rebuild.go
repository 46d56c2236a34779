package safehtml

import (
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"planpost/markup"
)

// rules is what one call lets through.
type rules struct {
	allowed   elements
	cid       Resolver
	styles    bool
	newWindow bool
}

// clean filters, rebuilds and checks that the result is stable: HTML that
// reads differently the second time is how filters are tricked (mutation).
func (r *rules) clean(src string, p *bluemonday.Policy) string {
	if len(src) > longest {
		return textOf(src)
	}
	if !strings.ContainsAny(src, "<&\r\x00") {
		return html.EscapeString(strings.TrimSpace(strings.ToValidUTF8(src, "\uFFFD")))
	}
	filtered := p.Sanitize(strings.ToValidUTF8(src, "\uFFFD"))
	if markup.Repeats(filtered) {
		return textOf(src)
	}
	out, settled, ok := r.pass(filtered, r.element)
	if !ok {
		return textOf(src)
	}
	if settled {
		return out
	}
	for range rounds {
		next, ok := r.reread(out)
		if !ok {
			return textOf(src)
		}
		if next == out {
			return out
		}
		out = next
	}
	return textOf(src)
}

// reread is a round after the first. Pictures already point to us, and no
// others can have come in between.
func (r *rules) reread(src string) (string, bool) {
	out, _, ok := r.pass(src, func(n *html.Node) bool {
		return n.DataAtom == atom.Img || r.element(n)
	})
	return out, ok
}

// pass parses filtered HTML as the content of a body, walks it and renders it.
// It reports whether the result is known to read the same again, and whether a
// tree could be built at all.
func (r *rules) pass(src string, keep func(*html.Node) bool) (out string, isSettled, ok bool) {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(src), body)
	if err != nil { // more than 512 nested elements
		return "", false, false
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	walk(body, keep)
	var b strings.Builder
	b.Grow(len(src) + len(src)/8)
	for n := body.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&b, n); err != nil {
			return "", false, false
		}
	}
	return strings.TrimSpace(b.String()), settled(body, false, false), true
}

// walk visits every node below parent. An element keep refuses is replaced by
// its children; comments and doctypes go. The parser bounds the depth.
func walk(parent *html.Node, keep func(*html.Node) bool) {
	for n := parent.FirstChild; n != nil; {
		next := n.NextSibling
		switch n.Type {
		case html.TextNode:
		case html.ElementNode:
			walk(n, keep)
			if !keep(n) {
				unwrap(parent, n)
			}
		default:
			parent.RemoveChild(n)
		}
		n = next
	}
}

func unwrap(parent, n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		parent.InsertBefore(c, n)
	}
	parent.RemoveChild(n)
}

// element is the second look at one element: its name and each attribute must
// be ours. It reports whether the element stays.
func (r *rules) element(n *html.Node) bool {
	if n.Namespace != "" {
		return false
	}
	attrs, ok := r.allowed[n.Data]
	if !ok {
		to, known := renamed[n.Data]
		if !known {
			return false
		}
		n.Data, n.DataAtom = to, atom.Lookup([]byte(to))
	}
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		if a.Namespace != "" || !slices.Contains(attrs, a.Key) {
			continue
		}
		if a.Val = r.value(a.Key, a.Val); a.Val != "" || a.Key == "alt" {
			kept = append(kept, a)
		}
	}
	n.Attr = kept
	switch n.DataAtom {
	case atom.A:
		return r.link(n)
	case atom.Img:
		return r.picture(n)
	}
	return true
}

// value returns what may stay of an attribute's value; empty means nothing.
func (r *rules) value(key, val string) string {
	switch key {
	case "style":
		if !r.styles {
			return ""
		}
		return safeStyle(val)
	case "href", "src", "alt", "title":
		return val
	case "rel", "target":
		return "" // set by link
	}
	if !plainValue(val) {
		return ""
	}
	return val
}

// plainValue tells whether val is a number, name, colour or list of fonts.
func plainValue(val string) bool {
	for i := 0; i < len(val); i++ {
		c := val[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte(" #%.,-+_", c) >= 0 {
			continue
		}
		return false
	}
	return len(val) <= 100
}

// link keeps an anchor that leads somewhere allowed and marks it as foreign:
// no referrer, no window handle, no endorsement.
func (r *rules) link(n *html.Node) bool {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "href" })
	if i < 0 || !linkable(n.Attr[i].Val) {
		return false
	}
	n.Attr = append(n.Attr, html.Attribute{Key: "rel", Val: "nofollow noreferrer noopener"})
	if r.newWindow {
		n.Attr = append(n.Attr, html.Attribute{Key: "target", Val: "_blank"})
	}
	return true
}

// picture keeps an image only when it is a part of the message itself.
func (r *rules) picture(n *html.Node) bool {
	for i, a := range n.Attr {
		if a.Key != "src" {
			continue
		}
		if len(a.Val) < 5 || !strings.EqualFold(a.Val[:4], "cid:") || r.cid == nil {
			return false
		}
		url, ok := r.cid(contentID(a.Val[4:]))
		n.Attr[i].Val = url
		return ok
	}
	return false
}
