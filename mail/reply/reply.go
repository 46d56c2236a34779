// Package reply finds the author's own words in a mail.
//
//	HTML -> tree -> lines ┐
//	text ->         lines ┴-> recognise -> align with what we sent -> decide -> Result
//
// A body becomes lines, each with its quote depth and, from HTML, what the
// structure says about it (a vendor's quote container, a signature). Each line
// is then recognised by itself: attribution, header block, "original message"
// rule, our marker, signature delimiter, "sent from" tag, in any of the known
// languages. When the text we sent to this person is known, lines that are
// provably ours are found by their words, whatever the client did to them.
// Last, one place decides what goes; when it is not sure, it keeps.
//
// Every step is linear in the input. The package knows mail clients; it must
// not know our product, its texts or its languages: markers and sent text come
// from the caller.
package reply

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// Input is one mail to be read. Text and HTML are decoded bodies; either may
// be empty. Invalid UTF-8 is replaced.
type Input struct {
	Text, HTML string
	// Subject is optional; with it a forward can be told from a reply where the client marks both alike.
	Subject string
	// Sent is the text we sent to this person that the mail answers; empty when unknown.
	Sent string
	// Marker are our "reply above this line" texts, in all languages.
	Marker []string
}

// Removed is one piece that is not the author's, with the reason.
type Removed struct {
	// Why is a stable code, one of the Why constants.
	Why string
	// Text is what was cut, lines ending in \n.
	Text string
	// At is where it stood: how many bytes of Reply, a blank line and Forwarded, as far as
	// there are both, stand before it. It is always between two lines.
	At int
}

// The reasons for a cut.
const (
	WhyQuote       = "quote"        // marked as quoted (">", blockquote) or below what introduces the history
	WhyAttribution = "attribution"  // "On … wrote:"
	WhyHeaders     = "header-block" // From, Sent, To, Subject; "Original Message"
	WhySignature   = "signature"    // delimited, or marked as one by the client
	WhySentFrom    = "sent-from"    // "Sent from my …"
	WhyMarker      = "marker"       // "reply above this line" and what is below
	WhyOwnText     = "own-text"     // provably what we sent
	WhyContainer   = "container"    // a vendor's HTML element for the history
	WhyBanner      = "banner"       // a line a mail gateway or list put in
	WhyHidden      = "hidden"       // text in HTML that a reader would not see
)

// Result is what the mail says.
type Result struct {
	// Reply is the author's words, lines ending in \n except the last, trimmed.
	Reply string
	// Forwarded is the message passed on, with its header lines; it is kept, below the reply.
	Forwarded string
	// Removed are the cuts, in the order of the mail.
	Removed []Removed
	// Empty tells that the mail holds nothing but quotes, signatures and the like.
	Empty bool
	// From is the body that was read: "text" or "html".
	From string
}

// Extract returns the author's own words. It never fails: what it does not
// understand it keeps.
func Extract(in Input) Result {
	r := extract(&in, in.HTML != "")
	if r.Empty && r.From == "html" && in.Text != "" {
		// The two bodies disagree whether anything was said: then something was.
		if t := extract(&in, false); !t.Empty {
			return t
		}
	}
	return r
}

func extract(in *Input, fromHTML bool) Result {
	d := docs.Get().(*doc)
	d.in = in
	defer d.release()
	if !fromHTML || !d.readHTML(in.HTML) {
		if text := in.Text; text != "" || in.HTML == "" {
			d.readText(text)
		} else {
			d.readText(plainOf(in.HTML))
		}
	}
	d.recognise()
	d.align()
	return d.decide()
}

// docs spares every mail the making of its lines.
var docs = sync.Pool{New: func() any { return new(doc) }}

// mostKept bounds the lines, mostBuffer the bytes that are kept for the next mail.
const (
	mostKept   = 4096
	mostBuffer = 64 << 10
)

// release gives d back, without anything of the mail in it. A result holds
// none of its lines.
func (d *doc) release() {
	lines, work, buf := d.lines, d.work, d.buf
	clear(lines)
	*d = doc{}
	if cap(buf) <= mostBuffer {
		d.buf = buf[:0]
		clear(buf[:cap(buf)])
	}
	if work.small() {
		d.work = work
	}
	if cap(lines) <= mostKept {
		d.lines = lines[:0]
	}
	docs.Put(d)
}

// clean makes a body valid UTF-8 with \n line ends, without copying when it is already.
func clean(s string) string {
	if !utf8.ValidString(s) { // much quicker asked than mended
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = strings.TrimPrefix(s, "\uFEFF")
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}
