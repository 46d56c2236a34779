package reply

import (
	"strings"
	"unicode"
)

// join puts the kept lines of a stretch together. Rules next to a cut go with
// it, runs of blank lines become one or two.
func (d *doc) join(from, to int) string {
	size := 0
	for i := from; i < to; i++ {
		if d.lines[i].cut == "" {
			size += len(d.lines[i].raw) + 1
		}
	}
	for from < to && d.idle(from) {
		from++
	}
	for to > from && d.idle(to-1) {
		to--
	}
	var b strings.Builder
	b.Grow(size)
	blanks := 0
	for i := from; i < to; i++ {
		l := &d.lines[i]
		if l.cut != "" {
			continue
		}
		if l.raw == "" {
			if blanks++; blanks > 2 {
				continue
			}
		} else {
			blanks = 0
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(l.raw)
	}
	return strings.TrimRightFunc(strings.TrimLeft(b.String(), "\n"), unicode.IsSpace)
}

// idle tells that a line says nothing at the edge of a reply.
func (d *doc) idle(i int) bool {
	l := &d.lines[i]
	return l.cut != "" || l.kind == blank || l.kind == rule
}

// everything is the whole body, for mails of which nothing else would be left.
func (d *doc) everything() string {
	for i := range d.lines {
		l := &d.lines[i]
		l.cut = ""
		if l.history {
			l.raw = l.text
		}
	}
	return d.join(0, len(d.lines))
}

// removed lists the cuts, neighbours with one reason together.
func (d *doc) removed() []Removed {
	var out []Removed
	var b strings.Builder
	why := ""
	flush := func() {
		if text := strings.Trim(b.String(), "\n"); text != "" {
			out = append(out, Removed{Why: why, Text: text})
		}
		b.Reset()
	}
	for i := range d.lines {
		l := &d.lines[i]
		if l.cut == "" && l.tail == "" {
			if l.kind != blank {
				flush()
				why = ""
			}
			continue
		}
		reason, text := l.cut, l.raw
		if l.cut == "" {
			reason, text = WhyAttribution, l.tail
		}
		if reason != why && l.kind != blank {
			flush()
			why = reason
		}
		b.WriteString(text)
		b.WriteByte('\n')
	}
	flush()
	return out
}

// isWord tells that a rune is part of something to read, not a mark or blank.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSymbol(r) && r > 0x7F
}

// isForward tells by the subject that the author passes a message on. Outlook
// writes the same lines above a forwarded and an answered message.
func (d *doc) isForward() bool {
	s := strings.ToLower(strings.TrimSpace(d.in.Subject))
	for _, p := range forwardPrefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// forwardPrefixes are how clients begin the subject of a forwarded message.
var forwardPrefixes = []string{"fw:", "fwd:", "wg:", "tr:", "rv:", "enc:", "i:", "vs:", "vb:", "vl:", "doorst:", "pd:", "fs:", "прнт:", "пересл:", "пд:", "πρθ:", "ilt:", "转发:", "轉寄:", "转发：", "轉寄：", "전달:", "fyi:"}
