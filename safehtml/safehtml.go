// Package safehtml reduces untrusted HTML to what may be shown.
//
//	html -> allowlist filter -> parse -> walk (links, pictures, styles) -> render -> html
//
// The filter (bluemonday) works on tokens: it drops what is forbidden but lets
// stray closing tags through, which would break the page around a comment. So
// its output is parsed into a tree, looked at a second time against our own
// list, and written anew: what leaves is balanced and made of known names only.
// Input no tree can be built from (too deep, too long, never stable) is shown
// as escaped text: words are never lost to a trick.
//
// It knows HTML; it must not know who asks, where the HTML came from, or which
// page it goes to.
package safehtml

import "strings"

const (
	// longest is the size in bytes above which HTML is shown as text only.
	longest = 4 << 20
	// rounds bounds how often the output is read again until it is stable.
	rounds = 4
)

// Resolver turns the Content-ID of an inline picture, without angle brackets,
// into an address of our own. A picture it does not know is left out.
type Resolver func(id string) (url string, ok bool)

// Option changes what Clean lets through.
type Option func(*rules)

// WithInline lets pictures through that refer to a part of the same message
// (cid:, RFC 2392) and that resolve knows. Other pictures stay out.
func WithInline(resolve Resolver) Option {
	return func(r *rules) { r.cid = resolve }
}

// Clean reduces html to what a comment may hold: paragraphs, lists, quotes,
// code, simple tables, emphasis, and links to http, https and mailto. No
// styles, classes, ids, forms, scripts, remote pictures. The result is balanced
// and can stand within a page; cleaning it again changes nothing unless
// pictures were resolved, whose new address is only valid in the result.
func Clean(html string, options ...Option) string {
	r := rules{allowed: commentElements}
	for _, o := range options {
		o(&r)
	}
	return r.clean(html, commentPolicy())
}

// Document reduces a whole HTML document to one for a sandboxed frame without
// scripts: layout, colours and a short list of inline styles survive; nothing
// in it loads anything but pictures cid knows. A nil cid knows none. The
// result is a complete document.
func Document(html string, cid func(id string) (url string, ok bool)) string {
	r := rules{allowed: documentElements, cid: cid, styles: true, newWindow: true}
	body := r.clean(html, documentPolicy())
	var b strings.Builder
	b.Grow(len(body) + len(documentHead) + len(documentFoot))
	b.WriteString(documentHead)
	b.WriteString(body)
	b.WriteString(documentFoot)
	return b.String()
}

// The frame may be shown from srcdoc, where no header can say these things.
const (
	documentHead = `<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"></head><body>`
	documentFoot = `</body></html>`
)
