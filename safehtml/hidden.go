package safehtml

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"planpost/markup"
)

// Hidden text is made visible dark red on white, whatever the mail's own styles
// are, and framed.
const (
	seen   = "color: #c00000; background-color: #ffffff; font-size: 13px"
	framed = "border: 2px dashed #c00000; " + seen
)

// mostShown bounds the pieces that get a frame, so that many small ones stay small.
const mostShown = 5000

// ShowHidden makes visible what the sender of a document hid, by whatever
// style, in a red frame whose title is said. The result is as unsafe as source
// is: it is for Document.
func ShowHidden(source, said string) string {
	s := shower{z: html.NewTokenizer(strings.NewReader(source)), trail: markup.NewTrail(source), title: html.EscapeString(said)}
	s.out.Grow(len(source))
	for {
		kind := s.z.Next()
		if kind == html.ErrorToken {
			return s.out.String()
		}
		before := string(s.z.Raw()) // the token takes the buffer apart
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			s.start(before, s.z.Token())
		case html.EndTagToken:
			name, _ := s.z.TagName()
			s.trail.End(string(name))
			s.raw = ""
			s.out.WriteString(before)
		case html.TextToken:
			s.text(before)
		default:
			s.out.WriteString(before)
		}
	}
}

type shower struct {
	z     *html.Tokenizer
	out   strings.Builder
	trail *markup.Trail
	title string
	raw   string // the element whose text is no words
	marks int
}

// start takes out of an element what hides it. All within it counts as seen
// then, unless it is hidden once more.
func (s *shower) start(before string, t html.Token) {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Title, atom.Textarea:
		s.raw = t.Data
	}
	s.trail.Start(t.Data, t.Attr)
	if !s.trail.Sight().Gone() {
		s.out.WriteString(before)
		return
	}
	s.trail.End(t.Data)
	kept := t.Attr[:0]
	for _, a := range t.Attr {
		switch a.Key {
		case "hidden", "style", "class", "id", "title", "color", "bgcolor":
		default:
			kept = append(kept, a)
		}
	}
	style := seen
	if s.marks++; s.marks <= mostShown {
		style = framed
	}
	t.Attr = append(kept, html.Attribute{Key: "style", Val: style}, html.Attribute{Key: "title", Val: html.UnescapeString(s.title)})
	s.trail.Start(t.Data, t.Attr)
	s.out.WriteString(t.String())
}

// text frames words that cannot be seen for their size or colour.
func (s *shower) text(raw string) {
	if s.raw != "" || s.marks >= mostShown || !s.trail.Sight().Hidden() || strings.TrimSpace(raw) == "" {
		s.out.WriteString(raw)
		return
	}
	s.marks++
	s.out.WriteString(`<span style="` + framed + `" title="` + s.title + `">` + raw + `</span>`)
}
