package safehtml

import (
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// elements maps an element to the attributes it may carry.
type elements map[string][]string

// commentElements is all a comment may consist of. span and font are missing
// on purpose: without attributes they say nothing.
var commentElements = elements{
	"p": nil, "div": nil, "br": nil, "hr": nil, "blockquote": nil, "pre": nil, "code": nil,
	"b": nil, "strong": nil, "i": nil, "em": nil, "u": nil, "s": nil, "del": nil, "ins": nil, "sub": nil, "sup": nil,
	"ul": nil, "ol": {"start"}, "li": nil,
	"h3": nil, "h4": nil, "h5": nil, "h6": nil,
	"table": nil, "thead": nil, "tbody": nil, "tfoot": nil, "tr": nil,
	"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"},
	"a": {"href", "rel"}, "img": {"src", "alt", "width", "height"},
}

// documentElements is what a message shown in its own frame may consist of.
var documentElements = withLayout(commentElements)

// renamed are elements a page keeps for its own structure; a comment's
// headings start below them.
var renamed = map[string]string{"h1": "h3", "h2": "h3"}

func withLayout(base elements) elements {
	layout := []string{"align", "valign", "bgcolor", "width", "height", "dir", "lang", "title", "style"}
	out := elements{}
	for name, attrs := range base {
		out[name] = append(append([]string{}, attrs...), layout...)
	}
	for _, name := range []string{"span", "center", "small", "big", "strike", "tt", "dl", "dt", "dd", "caption", "h1", "h2"} {
		out[name] = layout
	}
	out["font"] = append([]string{"color", "face", "size"}, layout...)
	out["table"] = append([]string{"border", "cellpadding", "cellspacing"}, layout...)
	out["a"] = append([]string{"target"}, out["a"]...)
	return out
}

// Policies are built once: building one costs more than using it.
var (
	commentPolicy  = sync.OnceValue(func() *bluemonday.Policy { return policy(commentElements) })
	documentPolicy = sync.OnceValue(func() *bluemonday.Policy { return policy(documentElements) })
)

func policy(allowed elements) *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.AllowURLSchemes("http", "https", "mailto", "cid")
	p.RequireNoFollowOnLinks(false)
	p.SkipElementsContent("title")
	for name, attrs := range allowed {
		p.AllowElements(name)
		if len(attrs) > 0 {
			p.AllowAttrs(attrs...).OnElements(name)
		}
	}
	for from, to := range renamed {
		if _, ok := allowed[to]; ok {
			p.AllowElements(from)
		}
	}
	return p
}

// linkable tells whether href may be followed from a page of ours.
func linkable(href string) bool {
	scheme, rest, ok := strings.Cut(href, ":")
	if !ok || rest == "" {
		return false
	}
	switch strings.ToLower(scheme) {
	case "http", "https":
		return strings.HasPrefix(rest, "//")
	case "mailto":
		return true
	}
	return false
}
