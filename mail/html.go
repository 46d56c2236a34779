package mail

import (
	stdhtml "html"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"planpost/markup"
)

// textToHTML shows plain text in HTML as it is.
func textToHTML(s string) string {
	return `<div style="white-space:pre-wrap">` + stdhtml.EscapeString(strings.TrimRight(s, "\n")) + "</div>"
}

// HTMLToText gives the text a reader of the HTML would see: hidden elements
// and scripts left out, quotes marked with "> ", links as "text (url)" where
// the text does not tell the address. It works on tokens without building a
// tree, so neither depth nor disorder of the elements can stop it. The result
// is valid UTF-8 without NUL, lines end in \n.
func HTMLToText(s string) string {
	r := htmlReader{trail: markup.NewTrail(s)}
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(len(s) + 1)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return r.finish()
		case html.TextToken:
			if r.hidden == nil && !r.trail.Sight().Hidden() {
				r.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(readTag(z))
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(string(name))
		}
	}
}

// maxQuoteMarks is the deepest quote still marked; deeper ones look the same.
const maxQuoteMarks = 20

// tag is what a start tag tells us.
type tag struct {
	name      string
	href, alt string
	start     string           // of a list
	looks     []html.Attribute // what may hide it
}

// htmlReader writes text as the elements come by.
type htmlReader struct {
	out    strings.Builder
	breaks int  // line ends to be written before the next text
	space  bool // a space, too
	begun  bool // something stands on the current line
	cell   bool // a table cell ended on this line

	trail  *markup.Trail
	hidden *hiddenElement
	quotes int
	marked int // quote marks of the line before
	pre    int
	lists  []int // per open list: 0 unordered, else the next number
	href   string
	linkAt int // where the text of the open link begins in out
}

// hiddenElement is what is being skipped: it ends with the end tag that
// matches its start tag.
type hiddenElement struct {
	name  string
	depth int
}

func readTag(z *html.Tokenizer) tag {
	raw, more := z.TagName()
	t := tag{name: string(raw)}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		switch string(k) {
		case "href":
			t.href = string(v)
		case "alt":
			t.alt = string(v)
		case "start":
			t.start = string(v)
		}
		switch string(k) {
		case "hidden", "style", "class", "id", "bgcolor", "background", "color", "href", "data-ogsc", "data-ogsb":
			t.looks = append(t.looks, html.Attribute{Key: string(k), Val: string(v)})
		}
	}
	return t
}

func isVoid(name string) bool {
	switch name {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr":
		return true
	}
	return false
}

// isUnseen are elements whose content is no text for the reader.
func isUnseen(name string) bool {
	switch name {
	case "head", "script", "style", "title", "template", "noscript", "svg", "math", "object", "iframe", "select", "textarea", "audio", "video", "canvas", "noembed", "noframes", "xml":
		return true
	}
	return false
}

func (r *htmlReader) start(t tag) {
	r.trail.Start(t.name, t.looks)
	r.open(t)
}

func (r *htmlReader) open(t tag) {
	if r.hidden != nil {
		r.startHidden(t)
		return
	}
	if isVoid(t.name) {
		if !r.trail.Sight().Hidden() {
			r.void(t)
		}
		return
	}
	if r.trail.Sight().Gone() && t.name != "body" && t.name != "html" || isUnseen(t.name) {
		r.hidden = &hiddenElement{name: t.name, depth: 1}
		r.block(t.name, false)
		return
	}
	r.block(t.name, false)
	switch t.name {
	case "a":
		r.endLink()
		r.href, r.linkAt = linkTarget(t.href), r.out.Len()
	case "blockquote":
		r.quotes++
	case "pre":
		r.pre++
	case "ul", "menu", "dir":
		r.lists = append(r.lists, 0)
	case "ol":
		n, err := strconv.Atoi(t.start)
		if err != nil || n < 1 || n > 1e6 {
			n = 1
		}
		r.lists = append(r.lists, n)
	case "li":
		r.item()
	case "q":
		r.text("\"")
	}
}

// startHidden counts what is nested in a hidden element. A head that is never
// closed ends where the body begins; a hidden paragraph or cell at the next
// element that closes it (HTML §13.1.2.4).
func (r *htmlReader) startHidden(t tag) {
	h := r.hidden
	switch {
	case h.name == "head" && t.name == "body",
		h.name == "p" && breaksOf(t.name) > 0,
		(h.name == "td" || h.name == "th") && (t.name == "td" || t.name == "th" || t.name == "tr"),
		h.name == "tr" && t.name == "tr", h.name == "li" && t.name == "li":
		if h.depth == 1 {
			r.hidden = nil
			r.open(t)
			return
		}
	}
	if t.name == h.name && !isVoid(t.name) {
		h.depth++
	}
}

func (r *htmlReader) end(name string) {
	r.trail.End(name)
	if h := r.hidden; h != nil {
		if name == h.name {
			if h.depth--; h.depth == 0 {
				r.hidden = nil
			}
		}
		return
	}
	switch name {
	case "a":
		r.endLink()
	case "q":
		r.text("\"")
	case "td", "th":
		r.cell = true
	}
	r.block(name, name != "p")
	switch name {
	case "blockquote":
		r.quotes = max(0, r.quotes-1)
	case "pre":
		r.pre = max(0, r.pre-1)
	case "ul", "ol", "menu", "dir":
		if n := len(r.lists); n > 0 {
			r.lists = r.lists[:n-1]
		}
	}
}

func (r *htmlReader) void(t tag) {
	switch t.name {
	case "br":
		r.flushLine()
		r.breaks++
	case "hr":
		r.need(1)
		r.text("---")
		r.need(1)
	case "img":
		if alt := strings.TrimSpace(oneLine(t.alt)); alt != "" {
			r.text("[" + cutBytes(alt, 200) + "]")
		}
	}
}

// flushLine makes an empty line of a <br> that stands on a line of its own.
func (r *htmlReader) flushLine() {
	if !r.begun && r.breaks == 0 && r.out.Len() == 0 {
		r.breaks = -1 // no empty lines at the very top
	}
	r.space = false
}

// breaksOf tells how many line ends an element puts around itself: a
// paragraph stands apart by an empty line.
func breaksOf(name string) int {
	switch atom.Lookup([]byte(name)) {
	case atom.P, atom.Blockquote, atom.Ul, atom.Ol, atom.Dl, atom.Pre, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Menu, atom.Dir:
		return 2
	case atom.Div, atom.Li, atom.Tr, atom.Dt, atom.Dd, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address,
		atom.Center, atom.Fieldset, atom.Form, atom.Body, atom.Aside, atom.Nav, atom.Main, atom.Figure, atom.Caption, atom.Tbody, atom.Thead, atom.Legend:
		return 1
	}
	return 0
}

// block breaks the line around an element; outer tells that an outermost list ends.
func (r *htmlReader) block(name string, outer bool) {
	n := breaksOf(name)
	if n == 2 && (len(r.lists) > 1 || len(r.lists) == 1 && !outer) || name == "table" {
		n = 1 // nested lists and layout tables stand close
	}
	if n > 0 {
		r.need(n)
	}
}

func (r *htmlReader) need(n int) {
	if r.out.Len() == 0 {
		return
	}
	r.breaks = max(r.breaks, n)
	r.space = false
}

// item begins a list entry.
func (r *htmlReader) item() {
	mark := "- "
	if n := len(r.lists); n > 0 {
		mark = strings.Repeat("  ", min(n-1, 10)) + mark
		if k := r.lists[n-1]; k > 0 {
			mark = strings.Repeat("  ", min(n-1, 10)) + strconv.Itoa(k) + ". "
			r.lists[n-1]++
		}
	}
	r.write(mark)
	r.space = false
}

// text adds text, white space collapsed as a browser does it.
func (r *htmlReader) text(s string) {
	s = mendString(s)
	if r.pre > 0 {
		r.preformatted(s)
		return
	}
	word := -1
	for i, c := range s {
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			if word >= 0 {
				r.word(s[word:i])
				word = -1
			}
			r.space = r.space || r.begun && r.breaks == 0
		case word < 0:
			word = i
		}
	}
	if word >= 0 {
		r.word(s[word:])
	}
}

// word writes one word. No-break spaces become spaces; characters without a
// width, with which previews are padded, go.
func (r *htmlReader) word(s string) {
	if !isASCII(s) {
		s = strings.Map(func(c rune) rune {
			switch c {
			case 0xa0, 0x2007, 0x202f:
				return ' '
			case 0xad, 0x34f, 0x200b, 0x2060, 0xfeff:
				return -1
			}
			return c
		}, s)
		if s == "" {
			return
		}
	}
	r.write(s)
}

func (r *htmlReader) preformatted(s string) {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for i := 0; ; i++ {
		line, rest, more := strings.Cut(s, "\n")
		if line != "" {
			r.write(line)
		}
		if !more {
			return
		}
		if r.out.Len() > 0 {
			r.breaks++
		}
		s = rest
	}
}

// write puts text down after the breaks and the space that are due.
func (r *htmlReader) write(s string) {
	if r.breaks > 0 || r.out.Len() == 0 {
		r.newLines()
	}
	switch {
	case r.cell && r.begun:
		r.out.WriteString("  ")
	case r.space && r.begun:
		r.out.WriteByte(' ')
	}
	r.out.WriteString(s)
	r.space, r.cell, r.begun = false, false, true
}

// newLines writes the due line ends, at most two empty lines, with quote marks.
func (r *htmlReader) newLines() {
	marks := strings.Repeat(">", min(r.quotes, maxQuoteMarks))
	if r.out.Len() > 0 {
		for range min(r.breaks, 3) - 1 {
			r.out.WriteByte('\n')
			r.out.WriteString(marks[:min(r.marked, len(marks))]) // the gap belongs to the shallower side
		}
		r.out.WriteByte('\n')
	}
	r.marked = len(marks)
	if marks != "" {
		r.out.WriteString(marks)
		r.out.WriteByte(' ')
	}
	r.breaks, r.begun, r.space, r.cell = 0, false, false, false
}

// endLink adds the address of a link when its text does not show it.
func (r *htmlReader) endLink() {
	href := r.href
	r.href = ""
	if href == "" || r.out.Len() == r.linkAt {
		return
	}
	text := r.out.String()[min(r.linkAt, r.out.Len()):]
	if bareURL(text) == bareURL(href) {
		return
	}
	r.write(" (" + href + ")")
}

// linkTarget is the address of a link worth showing, or "".
func linkTarget(href string) string {
	href = oneLine(strings.TrimSpace(href))
	if len(href) > 2000 {
		return ""
	}
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "http", "https", "ftp":
		if u.Host != "" {
			return href
		}
	case "mailto", "tel":
		if u.Opaque != "" {
			return u.Opaque
		}
	}
	return ""
}

// bareURL strips what people leave away when they write an address.
func bareURL(s string) string {
	s = strings.ToLower(strings.Trim(s, " \n>()<"))
	for _, p := range []string{"mailto:", "tel:", "https://", "http://", "www."} {
		s = strings.TrimPrefix(s, p)
	}
	return strings.TrimSuffix(s, "/")
}

func (r *htmlReader) finish() string {
	r.endLink()
	return strings.TrimRight(r.out.String(), " \n")
}
