package markup

import (
	"strings"

	"golang.org/x/net/html"
)

// Sight is what is known at one place of a document about whether words there
// can be seen. The zero value is no place; begin with Sheet.Root.
type Sight struct {
	gone, tiny, veiled bool
	ink, paper         colour
}

// Gone tells that the element and all that is in it is not shown.
func (s Sight) Gone() bool { return s.gone }

// Hidden tells that a reader does not see the words that stand here. Other
// elements within this one may be seen unless it is Gone.
func (s Sight) Hidden() bool {
	return s.gone || s.tiny || s.veiled || s.ink == none || s.ink.known() && s.ink.like(s.paper)
}

// Enter is the sight within an element that stands at s. The attributes are
// only read.
func (h *Sheet) Enter(s Sight, name string, attrs []html.Attribute) Sight {
	if len(attrs) == 0 && h.rules == nil || s.gone {
		return s
	}
	e := effect{}
	if h.rules != nil {
		h.match(&e, name, attrs)
	}
	for i := range attrs {
		switch v := attrs[i].Val; attrs[i].Key {
		case "hidden":
			e.gone = stated
		case "bgcolor":
			e.paper = readColour(v)
		case "background":
			e.paper = unsure
		case "color":
			e.ink = readColour(v)
		case "href":
			if name == "a" && e.ink == unset {
				e.ink = unsure // links have a colour of their own
			}
		case "data-ogsc", "data-ogsb": // a mail program has changed the colours for its dark mode
			e.guess, e.paper = true, unsure
		}
	}
	for i := range attrs {
		if attrs[i].Key == "style" {
			e.read(attrs[i].Val)
		}
	}
	return s.with(&e)
}

// with is the sight after an element's effect. What hides by box takes all
// with it; size, visibility and colour can be undone further in.
func (s Sight) with(e *effect) Sight {
	// A negative place counts only outside the flow; no size only where what flows over is cut off.
	if e.gone == stated || e.sheer || e.away == stated && e.lifted || e.outdented || e.zero && e.clipped {
		s.gone = true
	}
	s.tiny = e.tiny.or(s.tiny)
	s.veiled = e.veiled.or(s.veiled)
	if e.ink != unset {
		s.ink = e.ink
	}
	if e.guess {
		s.ink = unsure
	}
	if e.lifted && e.paper == unset {
		s.paper = unsure // it may lie on anything
	}
	if e.paper != unset && e.paper != none {
		s.paper = e.paper
	}
	return s
}

// Trail follows the tokens of a document and knows the sight at each of them.
// It is nearly what a tree would say, without building one.
type Trail struct {
	sheet *Sheet
	now   Sight
	open  []opened
	count map[string]int
}

type opened struct {
	name   string
	before Sight
}

// NewTrail stands at the beginning of the document src.
func NewTrail(src string) *Trail {
	sheet := ReadSheet(src)
	return &Trail{sheet: sheet, now: sheet.Root(), count: map[string]int{}}
}

// Sight is that of words at this place.
func (t *Trail) Sight() Sight { return t.now }

// Start enters an element. One that has no content changes nothing.
func (t *Trail) Start(name string, attrs []html.Attribute) {
	if void(name) {
		return
	}
	if n := len(t.open); n > 0 && t.open[n-1].name == name && closesItself(name) {
		t.End(name)
	}
	t.open = append(t.open, opened{name, t.now})
	t.count[name]++
	t.now = t.sheet.Enter(t.now, name, attrs)
}

// End leaves the nearest open element of the name and all within it; without one it is nothing.
func (t *Trail) End(name string) {
	if t.count[name] == 0 {
		return
	}
	for n := len(t.open) - 1; n >= 0; n-- {
		last := t.open[n]
		t.open, t.now = t.open[:n], last.before
		t.count[last.name]--
		if last.name == name {
			return
		}
	}
}

func void(name string) bool {
	switch name {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr":
		return true
	}
	return false
}

// closesItself are elements of which one ends where the next begins (HTML §13.1.2.4).
func closesItself(name string) bool {
	return strings.Contains(" p li td th tr dd dt option ", " "+name+" ")
}
