package reply

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a line was recognised as.
type kind uint8

const (
	words       kind = iota // anything else: the author's until shown otherwise
	blank                   // nothing to read
	rule                    // dashes, underscores, <hr>
	attribution             // "On … wrote:", perhaps one line of several
	header                  // a line of a From/Sent/To/Subject block
	original                // "-----Original Message-----"
	forward                 // "---------- Forwarded message ----------"
	marker                  // our "reply above this line"
	sentFrom                // "Sent from my …"
	signature               // a delimited signature, its delimiter included
	banner                  // added by a gateway or a list
	code                    // inside a fenced block: never looked at
)

// cause is one of the Why constants while lines are being cut: lines are many.
type cause uint8

const (
	kept cause = iota
	asQuote
	asAttribution
	asHeaders
	asSignature
	asSentFrom
	asMarker
	asOwnText
	asContainer
	asBanner
)

var whys = [...]string{asQuote: WhyQuote, asAttribution: WhyAttribution, asHeaders: WhyHeaders, asSignature: WhySignature, asSentFrom: WhySentFrom,
	asMarker: WhyMarker, asOwnText: WhyOwnText, asContainer: WhyContainer, asBanner: WhyBanner}

// line is one line of a body.
type line struct {
	// raw is what is shown when the line is kept, quote marks included.
	raw string
	// text is the content without quote marks and surrounding blanks.
	text string
	// tail is the attribution that shared the line with the author's words.
	tail string
	// link is where the whole line leads, when it is one link.
	link string
	// at is where raw stood in a plain text body.
	at int
	// depth is the number of quote marks or quoting elements around the line.
	depth int
	// novel counts the words that are not in what we sent, when that is known.
	novel int
	kind  kind
	// cut is the reason for removing the line.
	cut cause
	// strong tells that the quoting element can only come from replying.
	strong bool
	// history tells that structure alone says: this belongs to an older message.
	history bool
	// intro tells that structure says: this introduces a quote; border that a line is drawn above.
	intro, border bool
	// split tells that structure says: an older message starts here and runs to the end.
	split bool
	// ours tells that the words are provably those we sent.
	ours bool
	// echo tells that all words are among those we sent: enough below what introduces a quote.
	echo bool
	// answered tells that the author typed an answer to the line right below it.
	answered bool
	// spaced tells "-- " from "--".
	spaced bool
	// last tells that a marker shared the line: nothing below it is the author's.
	last bool
}

// doc is a body on its way from lines to a result.
type doc struct {
	in    *Input
	from  string
	lines []line
	// src is the plain text body the lines were cut from, if any.
	src string
	// buf is where a line of HTML is put together.
	buf []byte
	// work is what alignment needs.
	work workspace
	// aligned tells that what we sent was found in this body.
	aligned bool
	// first and last are how far spokeBefore and spokeAfter have looked.
	first, last int
	// usual tells that markers of other systems may stand in the body.
	usual bool
	// lastOurs is the last line that is provably ours.
	lastOurs int
	// links are the addresses in what we sent, once they were asked for.
	links map[string]bool
	// veiled is the text of an HTML body that a reader does not see.
	veiled []veiled
	// looks counts the costly looks at lines that may introduce a quote.
	looks int
}

// mostLines bounds what is looked at line by line, and with it the memory; the
// rest of a longer body counts as one line.
const mostLines = 200_000

// mostLooks bounds them: no mail a person wrote has so many lines that end in
// a colon, and the rest of a body made of such lines is kept as it is.
const mostLooks = 20000

// readText splits a plain text body.
func (d *doc) readText(s string) {
	s = clean(s)
	d.from = "text"
	d.src = s
	clear(d.lines) // of an HTML body in which nothing was to be read
	d.lines = slices.Grow(d.lines[:0], 1+min(strings.Count(s, "\n"), mostLines))
	for rest := s; ; {
		raw, after, more := strings.Cut(rest, "\n")
		if len(d.lines) == mostLines {
			raw, more = rest, false
		}
		d.lines = d.lines[:len(d.lines)+1]
		l := &d.lines[len(d.lines)-1] // empty: what is kept for the next mail was cleared
		l.at = len(s) - len(rest)
		l.read(raw)
		if !more {
			break
		}
		rest = after
	}
	d.fences()
}

// fences marks what stands between lines of three backticks. One that is never
// closed was no fence.
func (d *doc) fences() {
	open := -1
	for i := range d.lines {
		l := &d.lines[i]
		if l.depth > 0 || !strings.HasPrefix(l.text, "```") {
			continue
		}
		if open < 0 {
			open = i
			continue
		}
		for j := open; j <= i; j++ {
			if d.lines[j].kind != blank {
				d.lines[j].kind = code
			}
		}
		open = -1
	}
}

// textLine is one line of plain text.
func textLine(raw string) (l line) {
	l.read(raw)
	return l
}

// read counts the quote marks before the content of one line.
func (l *line) read(raw string) {
	l.raw = trimSpaceRight(raw)
	l.spaced = l.raw == "--" && len(raw) > 2
	raw = l.raw
	s := raw
	for {
		s = trimLeft(s)
		if strings.HasPrefix(s, ">") {
			s = s[1:]
		} else if strings.HasPrefix(s, "&gt;") {
			s = s[4:]
		} else if n := initials(s); n > 0 {
			s = s[n:]
		} else {
			break
		}
		l.depth++
	}
	l.text = trimRight(s)
	switch {
	case l.text == "":
		l.kind = blank
		if l.depth == 0 {
			l.raw = ""
		}
	case isRule(l.text):
		l.kind = rule
	}
}

// trimSpaceRight drops white space at the end, which few lines have.
func trimSpaceRight(s string) string {
	if s == "" || s[len(s)-1] > ' ' && s[len(s)-1] < utf8.RuneSelf {
		return s
	}
	return strings.TrimRightFunc(s, unicode.IsSpace)
}

// initials is the length of a mark like "JD>", the way of old news readers.
func initials(s string) int {
	for i := 0; i < len(s) && i < 4; i++ {
		if s[i] == '>' && i > 0 && (i+1 == len(s) || s[i+1] == ' ') {
			return i + 1
		}
		if s[i] < 'A' || s[i] > 'Z' {
			return 0
		}
	}
	return 0
}

// trimLeft drops blanks of any kind, zero-width and direction marks included,
// which clients put in front of quote marks and attributions.
func trimLeft(s string) string {
	for s != "" {
		c := s[0]
		if c < utf8.RuneSelf {
			if c > ' ' {
				return s
			}
			s = s[1:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		if !invisible(r) {
			return s
		}
		s = s[n:]
	}
	return s
}

func trimRight(s string) string {
	for s != "" {
		c := s[len(s)-1]
		if c < utf8.RuneSelf {
			if c > ' ' {
				return s
			}
			s = s[:len(s)-1]
			continue
		}
		r, n := utf8.DecodeLastRuneInString(s)
		if !invisible(r) {
			return s
		}
		s = s[:len(s)-n]
	}
	return s
}

// invisible tells that a rune shows nothing: blanks, zero-width and direction marks.
func invisible(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2069, r == 0xFEFF, r == 0x00AD, r == 0x034F, r == 0x1427: // the last is what a tracker of opened mails puts in
		return true
	}
	return unicode.IsSpace(r)
}

// bare tells the usual line that begins and ends with an ASCII letter, digit or
// the end of a sentence: there are no marks and no blanks to be taken off it.
func bare(s string) bool { return s != "" && bareByte(s[0]) && bareByte(s[len(s)-1]) }

func bareByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '.' || c == ',' || c == '?' || c == '!'
}

// isRule tells a line of three or more dashes, underscores and the like.
func isRule(s string) bool {
	if s[0] == '+' && s[len(s)-1] == '+' && strings.IndexByte(s, '-')+strings.IndexByte(s, '=') >= 0 {
		return false // the edge of a table: +---+---+
	}
	n := 0
	for _, r := range s {
		switch r {
		case '-', '_', '=', '*', '~', '#', '+', '—', '–', '─', '━', '―', '⸻', '·', '.':
			n++
		case ' ', '\t', '\u00a0':
		default:
			return false
		}
	}
	return n >= 3
}

// nextText is the index of the first line from i on that is not blank, or len.
func (d *doc) nextText(i int) int {
	for i < len(d.lines) && d.lines[i].kind == blank {
		i++
	}
	return i
}
