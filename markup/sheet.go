package markup

import (
	"strings"

	"golang.org/x/net/html"
)

// Sheet is what a document's style sheets say about being seen. Only rules for
// one element, class or id are believed when they hide; others, and those of
// media queries, count where they show something.
type Sheet struct {
	rules map[key]*effect
	dark  bool
}

// key names what a rule is for; an empty element is any.
type key struct{ element, name string }

// mostSheet is how many bytes of sheets are read.
const mostSheet = 256 << 10

// ReadSheet reads the <style> elements of a document. It is never nil.
func ReadSheet(src string) *Sheet {
	h := &Sheet{dark: strings.Contains(src[:min(len(src), mostSheet)], "color-scheme")}
	left, commented := mostSheet, false
	for left > 0 {
		i := tagNamed(src, "style")
		if i < 0 {
			break
		}
		if opened, closed := strings.LastIndex(src[:i], "<!--"), strings.LastIndex(src[:i], "-->"); opened != closed {
			commented = opened > closed // "[if mso]": one program's own rules
		}
		_, src, _ = strings.Cut(src[i:], ">")
		css := src
		if end := strings.Index(src, "</"); end >= 0 {
			css, src = src[:end], src[end:]
		} else {
			src = ""
		}
		css = css[:min(len(css), left)]
		left -= len(css)
		h.parse(css, !commented, 0)
	}
	return h
}

// tagNamed is where a start tag of the name stands in src, or -1.
func tagNamed(src, name string) int {
	for at := 0; ; {
		i := strings.IndexByte(src[at:], '<')
		if i < 0 {
			return -1
		}
		at += i + 1
		if end := at + len(name); end < len(src) && strings.EqualFold(src[at:end], name) && (src[end] == '>' || src[end] <= ' ') {
			return at
		}
	}
}

// Root is the sight of a whole document: what states no colours is read on
// white, unless it says that it has a dark form.
func (h *Sheet) Root() Sight {
	if h.dark {
		return Sight{paper: unsure}
	}
	return Sight{paper: white}
}

// parse reads rules. Those within @media are not sure to apply.
func (h *Sheet) parse(css string, sure bool, depth int) {
	for css != "" {
		open := strings.IndexByte(css, '{')
		if open < 0 {
			return
		}
		head := css[:open]
		if i := strings.LastIndexAny(head, ";}"); i >= 0 {
			head = head[i+1:]
		}
		if i := strings.LastIndex(head, "*/"); i >= 0 {
			head = head[i+2:]
		}
		head = strings.TrimPrefix(strings.TrimSpace(head), "<!--")
		body, rest := block(css[open+1:])
		css = rest
		if head = strings.TrimSpace(head); strings.HasPrefix(head, "@") {
			if depth < 4 {
				h.parse(body, false, depth+1)
			}
			continue
		}
		h.rule(head, body, sure)
	}
}

// block is what stands up to the brace that closes, and what comes after it.
func block(css string) (body, rest string) {
	deep := 0
	for i := 0; i < len(css); i++ {
		switch css[i] {
		case '{':
			deep++
		case '}':
			if deep--; deep < 0 {
				return css[:i], css[i+1:]
			}
		}
	}
	return css, ""
}

func (h *Sheet) rule(head, body string, sure bool) {
	e := effect{}
	e.read(body)
	if e == (effect{}) {
		return
	}
	if h.rules == nil {
		h.rules = map[key]*effect{}
	}
	for selector := range strings.SplitSeq(head, ",") {
		k, simple, ok := target(selector)
		if !ok {
			continue
		}
		have := h.rules[k]
		if have == nil {
			have = &effect{}
			h.rules[k] = have
		}
		have.add(&e, sure && simple)
	}
}

// target is what the last part of a selector names, and whether that is all it asks for.
func target(selector string) (k key, simple, ok bool) {
	parts := strings.Fields(strings.ToLower(selector))
	if len(parts) == 0 {
		return k, false, false
	}
	last := parts[len(parts)-1]
	simple = len(parts) == 1
	if i := strings.IndexAny(last, ":["); i >= 0 {
		last, simple = last[:i], false
	}
	i := strings.IndexAny(last, ".#")
	if i < 0 {
		return key{element: last}, simple && last != "*", last != ""
	}
	k = key{element: last[:i], name: last[i:]}
	if j := strings.IndexAny(k.name[1:], ".#"); j >= 0 {
		k.name, simple = k.name[:j+1], false
	}
	return k, simple, len(k.name) > 1
}

// add takes in another rule for the same. When it is not sure to apply, only
// that counts by which words may be seen after all.
func (e *effect) add(o *effect, sure bool) {
	if sure {
		e.merge(o)
		return
	}
	if o.gone == denied {
		e.gone = denied
	}
	if o.tiny == denied {
		e.tiny = denied
	}
	if o.veiled == denied {
		e.veiled = denied
	}
	if o.ink != unset {
		e.ink = unsure
	}
	if o.paper != unset {
		e.paper = unsure
	}
}

// merge lets what o says win, but nothing that was shown is hidden again:
// which of two rules applies is not known here.
func (e *effect) merge(o *effect) {
	e.gone = max(e.gone, o.gone)
	e.tiny = max(e.tiny, o.tiny)
	e.veiled = max(e.veiled, o.veiled)
	e.away = max(e.away, o.away)
	e.ink = mix(e.ink, o.ink)
	e.paper = mix(e.paper, o.paper)
	e.guess = e.guess || o.guess
	e.sheer = e.sheer || o.sheer
	e.lifted = e.lifted || o.lifted
	e.outdented = e.outdented || o.outdented
	e.zero, e.clipped = e.zero || o.zero, e.clipped || o.clipped
}

// mix is the one of two colours that is stated; of two it is not known which.
func mix(a, b colour) colour {
	switch {
	case a == unset || a == b:
		return b
	case b == unset:
		return a
	}
	return unsure
}

// match gathers what the sheets say of one element.
func (h *Sheet) match(e *effect, name string, attrs []html.Attribute) {
	h.apply(e, key{element: name})
	h.apply(e, key{element: "*"})
	for i := range attrs {
		switch attrs[i].Key {
		case "class":
			for class := range strings.FieldsSeq(strings.ToLower(attrs[i].Val)) {
				h.named(e, name, "."+class)
			}
		case "id":
			h.named(e, name, "#"+strings.ToLower(attrs[i].Val))
		}
	}
}

func (h *Sheet) named(e *effect, element, name string) {
	h.apply(e, key{name: name})
	h.apply(e, key{element: element, name: name})
}

func (h *Sheet) apply(e *effect, k key) {
	if r := h.rules[k]; r != nil {
		e.merge(r)
	}
}
