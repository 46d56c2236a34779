package reply

import (
	"strings"
	"unicode"
)

// join puts the kept lines of a stretch together. Rules next to a cut go with
// it, runs of blank lines become one or two. The cuts begin within the stretch,
// At a line; it becomes the place in what is returned.
func (d *doc) join(from, to int, cuts []Removed) string {
	size := 0
	for i := from; i < to; i++ {
		if d.lines[i].cut == kept {
			size += len(d.lines[i].raw) + 1
		}
	}
	for from < to && d.idle(from) && !d.opens(from) {
		from++
	}
	for to > from && d.idle(to-1) {
		to--
	}
	if whole, ok := d.unbroken(from, to); ok {
		for i := range cuts {
			if cuts[i].At > from {
				cuts[i].At = len(whole)
			} else {
				cuts[i].At = 0
			}
		}
		return trimmed(whole)
	}
	var b strings.Builder
	b.Grow(size)
	blanks := 0
	for i := from; i < to; i++ {
		l := &d.lines[i]
		for len(cuts) > 0 && cuts[0].At <= i {
			cuts[0].At = b.Len()
			cuts = cuts[1:]
		}
		if l.cut != kept {
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
	for i := range cuts {
		cuts[i].At = b.Len()
	}
	return trimmed(b.String())
}

func trimmed(s string) string {
	return strings.TrimRightFunc(strings.TrimLeft(s, "\n"), unicode.IsSpace)
}

// unbroken gives the lines of a stretch as they stand in the body, when all of
// them are kept as they are: a large text is not copied then.
func (d *doc) unbroken(from, to int) (string, bool) {
	if to-from == 1 && d.lines[from].cut == kept {
		return d.lines[from].raw, true
	}
	blanks := 0
	for i := from; i < to; i++ {
		l := &d.lines[i]
		if l.cut != kept || !d.stands(l) || i > from && d.lines[i-1].at+len(d.lines[i-1].raw)+1 != l.at {
			return "", false
		}
		if l.raw != "" {
			blanks = 0
		} else if blanks++; blanks > 2 {
			return "", false
		}
	}
	if from >= to {
		return "", false
	}
	last := &d.lines[to-1]
	return d.src[d.lines[from].at : last.at+len(last.raw)], true
}

// begunBefore is how many of the cuts begin before line end.
func begunBefore(cuts []Removed, end int) int {
	n := 0
	for n < len(cuts) && cuts[n].At < end {
		n++
	}
	return n
}

// idle tells that a line says nothing at the edge of a reply.
func (d *doc) idle(i int) bool {
	l := &d.lines[i]
	return l.cut != kept || l.kind == blank || l.kind == rule
}

// opens tells that a rule at the very top stands right above words: it is a part of them.
func (d *doc) opens(i int) bool {
	return d.lines[i].kind == rule && d.lines[i].cut == kept && d.nextText(0) == i && i+1 < len(d.lines) && d.lines[i+1].kind == words && d.lines[i+1].cut == kept
}

// everything is the whole body, for mails of which nothing else would be left.
func (d *doc) everything(cuts []Removed) string {
	for i := range d.lines {
		l := &d.lines[i]
		l.cut = kept
		if l.history {
			l.raw = l.text
		}
	}
	return d.join(0, len(d.lines), cuts)
}

// removed lists the cuts, neighbours with one reason together.
func (d *doc) removed() []Removed {
	var out []Removed
	why, first, after, at := kept, 0, 0, 0 // the run in hand, its lines, and that before which it stood
	flush := func() {
		if text := strings.Trim(d.gone(first, after), "\n"); text != "" {
			out = append(out, Removed{Why: whys[why], Text: text, At: at})
		}
		first = after
	}
	for i := range d.lines {
		l := &d.lines[i]
		if l.cut == kept && l.tail == "" {
			if l.kind != blank {
				flush()
				why = kept
			}
			continue
		}
		reason := l.cut
		if l.cut == kept {
			reason = asAttribution
		}
		if reason != why && l.kind != blank {
			flush()
			why = reason
		}
		if first == after {
			first, at = i, i
			if l.cut == kept {
				at++ // the tail of a line stands behind what is kept of it
			}
		}
		after = i + 1
	}
	flush()
	return withVeiled(out, d.veiled)
}

// gone is the text of the cuts from line from to before line to. Where they are
// one piece of the body it is that piece, without a copy.
func (d *doc) gone(from, to int) string {
	size, whole := 0, true
	for i := from; i < to; i++ {
		l := &d.lines[i]
		size += len(l.goneText()) + 1
		whole = whole && l.cut != kept && d.stands(l) && (i == from || d.lines[i-1].at+len(d.lines[i-1].raw)+1 == l.at)
	}
	if whole && from < to {
		last := &d.lines[to-1]
		return d.src[d.lines[from].at : last.at+len(last.raw)]
	}
	var b strings.Builder
	b.Grow(size)
	for i := from; i < to; i++ {
		if l := &d.lines[i]; l.cut != kept || l.tail != "" {
			b.WriteString(l.goneText())
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// goneText is what a line loses.
func (l *line) goneText() string {
	if l.cut == kept {
		return l.tail
	}
	return l.raw
}

// stands tells that a line is in the body as it is shown.
func (d *doc) stands(l *line) bool {
	end := l.at + len(l.raw)
	return end <= len(d.src) && d.src[l.at:end] == l.raw
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
