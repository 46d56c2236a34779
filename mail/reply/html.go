package reply

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"planpost/markup"
)

// readHTML turns an HTML body into lines as a reader would see them. It
// reports false when no tree can be built or nothing is to be read.
func (d *doc) readHTML(s string) bool {
	s = clean(s)
	if markup.Repeats(s) {
		return false
	}
	root, err := html.Parse(strings.NewReader(s))
	if err != nil { // more than 512 nested elements
		return false
	}
	f := flattener{lines: d.lines[:0], buf: d.buf[:0], size: len(s), sheet: markup.ReadSheet(s)}
	f.children(root, place{sight: f.sheet.Root()})
	f.flush()
	d.lines, d.buf = f.lines, f.buf
	if len(f.rest) > 0 {
		last := textLine(string(f.rest))
		last.depth = f.lines[len(f.lines)-1].depth
		f.lines = append(f.lines, last)
		d.lines = f.lines
	}
	for i := range f.lines {
		if f.lines[i].kind != blank {
			d.from, d.veiled = "html", f.veiled
			d.fences()
			return true
		}
	}
	return false
}

// place is where in the document the walk stands.
type place struct {
	depth   int
	strong  bool // inside an element only replying makes
	history bool // inside a vendor's container for the history
	intro   bool // inside a vendor's element for the attribution
	signed  bool // inside a vendor's signature element
	boxed   bool // inside an element that holds attribution and quote together
	pre     bool
	link    string // inside a link that leads there
	sight   markup.Sight
}

// flattener writes lines while walking.
type flattener struct {
	lines []line
	buf   []byte
	// arena holds the lines, size is that of the body.
	arena strings.Builder
	size  int
	at    place // of the first words in buf
	// space tells that white space is owed before the next word.
	space bool
	// split and border wait for the next line with words.
	split, border bool
	// lists holds one counter a nested list, -1 for bullets.
	lists []int
	item  string
	// link is where all words of the line so far lead; mixed tells that not all do.
	link  string
	mixed bool
	// sheet are the document's own styles; veiled is what they or others hide.
	sheet  *markup.Sheet
	veiled []veiled
	// rest is what comes after mostLines lines.
	rest []byte
}

func (f *flattener) children(n *html.Node, p place) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		f.node(c, p)
	}
}

func (f *flattener) node(n *html.Node, p place) {
	switch n.Type {
	case html.TextNode:
		if p.sight.Hidden() {
			f.veil(n.Data)
			return
		}
		f.text(n.Data, p)
	case html.ElementNode:
		f.element(n, p)
	}
}

func (f *flattener) element(n *html.Node, p place) {
	switch n.DataAtom {
	case atom.Head, atom.Script, atom.Style, atom.Title, atom.Template, atom.Noscript, atom.Select, atom.Input, atom.Button, atom.Object, atom.Iframe, atom.Svg, atom.Math:
		return
	case atom.Br:
		f.newline(p)
		return
	case atom.Img:
		if !p.sight.Hidden() {
			f.emoji(n, p)
		}
		return
	case atom.Td, atom.Th:
		f.space = true
	case atom.Pre:
		p.pre = true
	case atom.A:
		p.link = attr(n, "href")
	}
	a := attributesOf(n)
	if p.sight = f.sheet.Enter(p.sight, n.Data, n.Attr); p.sight.Gone() {
		f.veilAll(n)
		return
	}
	block := isBlock(n.DataAtom)
	if block {
		f.flush()
	}
	f.enter(n, a, &p)
	gap := n.DataAtom == atom.P && !a.tight
	if gap {
		f.gap()
	}
	switch n.DataAtom {
	case atom.Hr:
		f.at = p
		f.buf = append(f.buf, "---"...)
	case atom.Ul, atom.Ol:
		f.list(n, p)
	case atom.Li:
		f.item = f.bullet()
		f.children(n, p)
	default:
		f.children(n, p)
	}
	if block {
		f.flush()
	}
	if gap {
		f.gap()
	}
}

// enter changes the place by what the element is to a mail program.
func (f *flattener) enter(n *html.Node, a attributes, p *place) {
	switch a.role {
	case quoteBox:
		p.depth++
		p.strong, p.history, p.signed, p.intro = true, true, false, false
	case pairBox:
		if !p.boxed && !p.history && !beginsForward(n) {
			p.boxed = true
			if holds(n, atom.Blockquote) {
				// Where the attribution has an element of its own, what else stands here is typed below a quote.
				p.intro = !holdsIntro(n)
			} else if n.DataAtom != atom.Blockquote {
				p.depth++
				p.strong, p.history = true, true
			}
		}
		p.signed = false
	case introBox:
		p.intro = !beginsForward(n)
	case signatureBox:
		p.signed = p.depth == 0
	case splitHere:
		f.split = true
	case borderTop:
		f.border = true
	}
	if n.DataAtom == atom.Blockquote && a.role != quoteBox && !a.indent {
		p.depth++
		p.strong = p.strong || a.cite || p.boxed
		p.signed, p.intro = false, false
	}
}

// text appends words, white space folded as a browser does.
func (f *flattener) text(s string, p place) {
	if p.pre {
		for i, part := range strings.Split(s, "\n") {
			if i > 0 {
				f.newline(p)
			}
			f.put(part, p)
		}
		return
	}
	for s != "" {
		i := unfolded(s)
		f.put(s[:i], p)
		if s = s[i:]; s != "" {
			f.space = true
			for s != "" && folds(s[0]) {
				s = s[1:]
			}
		}
	}
}

// unfolded is the length of what stands at the front of s and is shown as it
// is: words with one space between them.
func unfolded(s string) int {
	for i := 0; i < len(s); i++ {
		if folds(s[i]) && (s[i] != ' ' || i == 0 || i+1 == len(s) || folds(s[i+1])) {
			return i
		}
	}
	return len(s)
}

// folds tells white space that HTML folds; a no-break space is shown.
func folds(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'
}

func (f *flattener) put(word string, p place) {
	if word == "" {
		return
	}
	if f.mixed = f.mixed || p.link == "" || len(f.buf) > 0 && f.link != p.link; len(f.buf) == 0 {
		f.at, f.link, f.mixed = p, p.link, p.link == ""
	} else if f.space {
		f.buf = append(f.buf, ' ')
	}
	f.space = false
	f.buf = append(f.buf, word...)
}

// flush ends a line that has something in it.
func (f *flattener) flush() {
	if len(f.buf) > 0 {
		f.newline(f.at)
	}
	f.space = false
}

// newline ends the line, empty or not.
func (f *flattener) newline(p place) {
	if len(f.buf) > 0 {
		p = f.at
	}
	b := f.buf
	if bytes.Contains(b, []byte("\u00a0")) {
		b = bytes.ReplaceAll(b, []byte("\u00a0"), []byte(" "))
	}
	if !p.pre {
		b = bytes.TrimSpace(b)
	}
	marks := quoteMarks[:2*min(p.depth, mostMarks)]
	whole := f.keep(marks, b)
	f.buf, f.space = f.buf[:0], false
	l := textLine(whole[len(marks):]) // marks typed as text count as well
	l.depth += p.depth
	l.strong, l.history = p.strong, p.history
	switch {
	case l.kind == blank || l.kind == rule:
	case p.pre:
		l.kind = code
	case p.signed && p.depth == 0:
		l.kind = signature
	}
	item := ""
	if l.kind != blank {
		if !f.mixed {
			l.link = f.link
		}
		l.split, l.border = f.split && l.kind != rule, f.border
		f.split = f.split && l.kind == rule
		f.border = false
		l.intro = p.intro
		item, f.item = f.item, ""
		l.raw = item + l.raw
	}
	if len(f.lines) >= mostLines {
		f.rest = append(append(f.rest, l.raw...), '\n')
		return
	}
	if p.depth > 0 {
		if len(item) > 0 {
			whole = marks + l.raw
		}
		l.raw = strings.TrimRight(whole[:len(marks)+len(l.raw)], " ")
	}
	f.lines = append(f.lines, l)
}

// keep makes the text of one line. Lines share the memory of many.
func (f *flattener) keep(marks string, b []byte) string {
	n := len(marks) + len(b)
	if f.arena.Cap()-f.arena.Len() < n {
		f.arena = strings.Builder{}
		f.arena.Grow(max(n, min(f.size, mostArena)))
	}
	at := f.arena.Len()
	f.arena.WriteString(marks)
	f.arena.Write(b)
	return f.arena.String()[at:]
}

const (
	// mostMarks is the deepest quote shown by marks, quoteMarks that many of them.
	mostMarks  = 20
	quoteMarks = "> > > > > > > > > > > > > > > > > > > > "
	// mostArena is the most memory that lines share.
	mostArena = 16 << 10
)

// gap makes sure a blank line stands between paragraphs.
func (f *flattener) gap() {
	if n := len(f.lines); n > 0 && f.lines[n-1].kind != blank {
		f.lines = append(f.lines, line{kind: blank, depth: f.lines[n-1].depth, strong: f.lines[n-1].strong})
	}
}

func (f *flattener) list(n *html.Node, p place) {
	next := -1
	if n.DataAtom == atom.Ol {
		next = 1
		if v, err := strconv.Atoi(attr(n, "start")); err == nil && v >= 0 && v < 1<<30 {
			next = v
		}
	}
	f.lists = append(f.lists, next)
	f.children(n, p)
	f.lists = f.lists[:len(f.lists)-1]
}

// bullet is what stands before the words of a list item.
func (f *flattener) bullet() string {
	if len(f.lists) == 0 {
		return "- "
	}
	i := len(f.lists) - 1
	indent := strings.Repeat("  ", min(i, 8))
	if f.lists[i] < 0 {
		return indent + "- "
	}
	f.lists[i]++
	return indent + strconv.Itoa(f.lists[i]-1) + ". "
}

// emoji shows a picture that stands for a sign; other pictures say nothing.
func (f *flattener) emoji(n *html.Node, p place) {
	if alt := attr(n, "alt"); alt != "" && utf8.RuneCountInString(alt) <= 4 && alt[0] >= utf8.RuneSelf {
		f.put(alt, p)
	}
}

func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Blockquote, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd, atom.Table, atom.Tr, atom.Tbody, atom.Thead, atom.Pre, atom.Hr,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Center, atom.Fieldset, atom.Form, atom.Body, atom.Figure, atom.Caption:
		return true
	}
	return false
}

// holdsIntro tells whether an attribution below n is marked as one.
func holdsIntro(n *html.Node) bool {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && attributesOf(c).role == introBox {
			return true
		}
	}
	return false
}

// holds tells that an element of the kind is below n. It is asked once a nest.
func holds(n *html.Node, a atom.Atom) bool {
	for c := range n.Descendants() {
		if c.DataAtom == a {
			return true
		}
	}
	return false
}

// beginsForward tells that the first words below n are those of a forward.
func beginsForward(n *html.Node) bool {
	seen := 0
	for c := range n.Descendants() {
		if seen++; seen > 60 {
			break
		}
		if c.Type == html.TextNode {
			if s := trimRight(trimLeft(c.Data)); s != "" {
				return divider(s) == forward
			}
		}
	}
	return false
}

// plainOf is the text of HTML that no tree can be built from, read by tokens.
func plainOf(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(clean(s)))
	skip := atom.Atom(0)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return b.String()
		}
		if kind == html.TextToken && skip == 0 {
			b.Write(z.Text())
			continue
		}
		name, _ := z.TagName()
		switch a := atom.Lookup(name); {
		case skip != 0:
			if kind == html.EndTagToken && a == skip {
				skip = 0
			}
		case kind == html.StartTagToken && (a == atom.Script || a == atom.Style || a == atom.Title):
			skip = a
		case a == atom.Br || isBlock(a):
			if n := b.Len(); n > 0 && b.String()[n-1] != '\n' {
				b.WriteByte('\n')
			}
		}
	}
}
