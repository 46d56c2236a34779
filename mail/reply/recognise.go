package reply

import (
	"strings"
	"unicode"
)

// recognise gives each line its kind, one look at a time, top down.
func (d *doc) recognise() {
	marks := d.markers()
	for i := 0; i < len(d.lines); i++ {
		l := &d.lines[i]
		if l.kind != words && l.kind != rule || l.cut != "" {
			continue
		}
		if d.isMarker(i, marks) {
			l.kind = marker
			continue
		}
		if l.intro && l.depth == 0 {
			l.kind = attribution
			continue
		}
		if k := divider(l.text); k != words {
			if k != original || dashed(l.text) || d.headersFollow(i+1) {
				l.kind = k
				continue
			}
		}
		if l.kind == rule {
			continue
		}
		if l.border && d.shapedLikeHeaders(i) {
			l.split = true
		}
		if f, _, _ := headerLine(l.text); f != noField {
			if b, ok := d.headerBlock(i); ok {
				for j := i; j < b.end; j++ {
					if d.lines[j].kind == words {
						d.lines[j].kind = header
					}
				}
				i = b.end - 1
				continue
			}
		}
		if start, col, ok := d.attribution(i); ok {
			d.attribute(start, col, i)
			continue
		}
		if d.isSentFrom(i) {
			l.kind = sentFrom
		}
	}
}

// attribute marks the lines from start to end, leaving the author's words
// before col in the first one.
func (d *doc) attribute(start, col, end int) {
	for j := start; j <= end; j++ {
		if l := &d.lines[j]; l.kind == words || l.kind == rule {
			l.kind = attribution
		}
	}
	if col == 0 {
		return
	}
	l := &d.lines[start]
	l.kind = words
	at := len(l.raw) - len(l.text) + col
	l.tail, l.raw, l.text = l.raw[at:], strings.TrimRight(l.raw[:at], " "), strings.TrimRight(l.text[:col], " ")
}

// divider tells the line above an older or a forwarded message from all others.
func divider(s string) kind {
	if len(s) > 120 || len(s) < 4 {
		return words
	}
	inner := strings.TrimFunc(s, func(r rune) bool { return invisible(r) || strings.ContainsRune("-_*=~#>[]—–─━:：|", r) })
	if inner == "" || len(inner) > 90 || len(inner) == len(s) && strings.Count(inner, " ") > 4 {
		return words
	}
	low := strings.ToLower(inner)
	switch {
	case forwards[low] && len(inner) < len(s):
		return forward
	case originals[low]:
		return original
	case len(s)-len(inner) >= 4 && (strings.HasPrefix(low, "forwarded by ") || strings.HasPrefix(low, "forwarded message from ") || strings.HasPrefix(low, "weitergeleitet von ")):
		return forward
	case len(s)-len(inner) >= 4 && (strings.HasPrefix(low, "original message ") || strings.HasPrefix(low, "start of original")):
		return original
	}
	return words
}

// dashed tells that dashes or the like stand on at least one side of a divider.
func dashed(s string) bool {
	for _, mark := range []string{"--", "__", "==", "**", "——", "––", "──", "*-", "~~", "##"} {
		if strings.HasPrefix(s, mark) {
			return true
		}
	}
	return false
}

// headersFollow tells that the next lines are a header block.
func (d *doc) headersFollow(i int) bool {
	i = d.nextText(i)
	if i >= len(d.lines) {
		return false
	}
	if f, _, _ := headerLine(d.lines[i].text); f == noField {
		return false
	}
	_, ok := d.headerBlock(i)
	return ok
}

// shapedLikeHeaders tells that three lines "Key: value" stand at i, with a
// number or an address among them: a header block in any language.
func (d *doc) shapedLikeHeaders(i int) bool {
	pairs, proof := 0, false
	for j := i; j < len(d.lines) && j < i+8 && d.lines[j].kind == words; j++ {
		key, value, ok := strings.Cut(d.lines[j].text, ":")
		if !ok || len(key) > longestKey || strings.Count(key, " ") > 3 {
			break
		}
		pairs++
		proof = proof || strings.IndexByte(value, '@') >= 0 || hasDigit(value)
	}
	return pairs >= 3 && proof
}

// mark is a marker made comparable.
type mark struct{ first, plain string }

// markers prepares the caller's markers.
func (d *doc) markers() []mark {
	out := make([]mark, 0, len(d.in.Marker))
	for _, m := range d.in.Marker {
		plain := letters(m)
		if first, _, _ := strings.Cut(plain, " "); len(plain) >= 8 {
			out = append(out, mark{first, plain})
		}
	}
	return out
}

// usual are markers other systems write; a thread may pass through several.
var usual = []string{"above this line", "ABOVE THIS LINE", "Above This Line", "Above this line", "above the line to reply"}

// isMarker tells that a marker starts on line i, wrapped or not.
func (d *doc) isMarker(i int, marks []mark) bool {
	s := d.lines[i].text
	if len(s) > 400 {
		return false
	}
	for _, u := range usual {
		if strings.Contains(s, u) && strings.Contains(strings.ToLower(s), "reply") {
			return true
		}
	}
	if len(marks) == 0 {
		return false
	}
	plain := letters(s)
	for _, m := range marks {
		at := strings.Index(plain, m.first)
		if at < 0 {
			continue
		}
		all := plain[at:]
		for j := i + 1; len(all) < len(m.plain) && j < len(d.lines) && j < i+4; j++ {
			all += " " + letters(d.lines[j].text)
		}
		if strings.HasPrefix(all, m.plain) {
			return true
		}
	}
	return false
}

// letters is s in lower case, runs of anything but letters and digits as one space.
func letters(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
