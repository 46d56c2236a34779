package safehtml

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textOf shows the words of HTML that no safe tree can be built from, as
// preformatted escaped text. It reads tokens only, so depth costs nothing.
func textOf(src string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(src))
	skip := atom.Atom(0)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind == html.TextToken && skip == 0 {
			b.WriteString(strings.ToValidUTF8(string(z.Text()), "\uFFFD"))
			continue
		}
		name, _ := z.TagName()
		a := atom.Lookup(name)
		switch {
		case skip != 0:
			if kind == html.EndTagToken && a == skip {
				skip = 0
			}
		case kind == html.StartTagToken && (a == atom.Script || a == atom.Style || a == atom.Title):
			skip = a
		case breaksLine(a):
			b.WriteByte('\n')
		}
	}
	text := html.EscapeString(squeeze(b.String()))
	if text == "" {
		return ""
	}
	return "<pre>" + text + "</pre>"
}

func breaksLine(a atom.Atom) bool {
	switch a {
	case atom.Br, atom.P, atom.Div, atom.Li, atom.Tr, atom.Table, atom.Blockquote, atom.Pre, atom.Hr,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// squeeze trims lines and folds runs of empty ones, of which a bomb has many.
func squeeze(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(s)
	var b strings.Builder
	blank := true
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimSpace(line)
		if line == "" && blank {
			continue
		}
		blank = line == ""
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return strings.TrimSpace(b.String())
}

// contentID undoes the percent-encoding of a cid: URL (RFC 2392 §2).
func contentID(s string) string {
	if id, err := url.PathUnescape(s); err == nil {
		return id
	}
	return s
}
