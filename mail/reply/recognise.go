package reply

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// recognise gives each line its kind, one look at a time, top down.
func (d *doc) recognise() {
	marks := d.markers()
	for i := 0; i < len(d.lines); i++ {
		l := &d.lines[i]
		if l.kind != words && l.kind != rule || l.cut != kept {
			continue
		}
		if at, ok := d.isMarker(i, marks); ok {
			d.mark(i, at)
			continue
		}
		if l.intro && introductory(l.text) {
			l.kind = attribution
			continue
		}
		if k := divider(l.text); k != words {
			if k != original || dashed(l.text) || d.headersFollow(i+1) {
				l.kind = k
				d.bareHeaders(i + 1)
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
		}
	}
	d.rejoin()
	// What stands around a tag decides; so the rest must be known first.
	for i := range d.lines {
		l := &d.lines[i]
		if l.kind != words || l.depth > 0 {
			continue
		}
		if d.isSentFrom(i) {
			l.kind = sentFrom
		} else if isBanner(l.text) {
			l.kind = banner
		}
	}
}

// introductory tells that a line a client's element calls an attribution may
// be one; people have been seen to type there.
func introductory(s string) bool {
	r := read(s)
	return r.colon || r.date || r.email || r.verbEnd
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
	l.tail, l.raw, l.text = l.raw[at:], strings.TrimRight(l.raw[:at], " -"), strings.TrimRight(l.text[:col], " -")
}

// divider tells the line above an older or a forwarded message from all others.
func divider(s string) kind {
	if len(s) > 120 || len(s) < 4 {
		return words
	}
	if bare(s) && strings.Count(s, " ") > 4 {
		return words // prose: no mark on either side, and too many words
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
	// Any few words for "message" between two runs of dashes.
	if len(s)-len(inner) >= 8 && dashed(s) && strings.Count(low, " ") <= 4 {
		for _, w := range messageWords {
			if strings.Contains(low, w) {
				if passedOn(low) {
					return forward
				}
				return original
			}
		}
	}
	return words
}

// passedOn tells that the words of a divider speak of forwarding.
func passedOn(low string) bool {
	for _, w := range forwardWords {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
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

// mark is a marker made comparable: raw is its first word as written, plain all
// its letters, first the first word of these.
type mark struct{ raw, first, plain string }

// markers prepares the caller's markers, as far as they may stand in a plain
// text body; the words of HTML may be spread over elements.
func (d *doc) markers() []mark {
	d.usual = d.src == "" || strings.Contains(d.src, "bove") || strings.Contains(d.src, "BOVE")
	var out []mark
	for _, m := range d.in.Marker {
		word := strings.IndexFunc(m, unicode.IsLetter)
		if word < 0 {
			continue
		}
		raw, _, _ := strings.Cut(m[word:], " ")
		if d.src != "" && !strings.Contains(d.src, raw) {
			continue
		}
		if plain := letters(m); len(plain) >= 8 {
			first, _, _ := strings.Cut(plain, " ")
			out = append(out, mark{raw, first, plain})
		}
	}
	return out
}

// usual are markers other systems write; a thread may pass through several.
var usual = []string{"above this line", "ABOVE THIS LINE", "Above This Line", "Above this line", "above the line to reply"}

// isMarker tells that a marker starts on line i, wrapped or not, and where
// other systems' markers start in it.
func (d *doc) isMarker(i int, marks []mark) (at int, ok bool) {
	s := d.lines[i].text
	if len(s) > 400 {
		return 0, false
	}
	for _, u := range usual {
		if !d.usual || !strings.Contains(s, "bove") && !strings.Contains(s, "BOVE") {
			break
		}
		if end := strings.Index(s, u); end >= 0 {
			if at := strings.LastIndex(strings.ToLower(s[:end+len(u)]), "reply"); at >= 0 && len(strings.ToLower(s)) == len(s) {
				return at, true
			}
		}
	}
	plain := ""
	for _, m := range marks {
		if !strings.Contains(s, m.raw) {
			continue
		}
		if plain == "" {
			plain = letters(s)
		}
		at := strings.Index(plain, m.first)
		if at < 0 {
			continue
		}
		all := plain[at:]
		for j := i + 1; len(all) < len(m.plain) && j < len(d.lines) && j < i+4; j++ {
			all += " " + letters(d.lines[j].text)
		}
		if strings.HasPrefix(all, m.plain) {
			return 0, true
		}
	}
	return 0, false
}

// mark gives line i, which holds a marker at byte at, its kind. A client that
// folds everything into one line leaves the author's words before it.
func (d *doc) mark(i, at int) {
	l := &d.lines[i]
	l.kind = marker
	before := strings.TrimRight(l.text[:at], " -#*=_>")
	end := ownWordsBefore(before, before)
	if end == 0 && !read(before).accept(false, before) {
		end = max(strings.LastIndexAny(before, ".!?")+1, strings.LastIndex(before, " --")+1)
	}
	own := strings.TrimRight(before[:end], " -#*=_")
	if strings.IndexFunc(own, isWord) < 0 || l.depth > 0 {
		return
	}
	l.tail, l.raw, l.text, l.kind, l.last = l.text[end:], own, own, words, true
}

// rejoin gives quoted lines back what was wrapped off their ends by a client
// that does not repeat the mark.
func (d *doc) rejoin() {
	for i := 1; i+1 < len(d.lines); i++ {
		l, p, n := &d.lines[i], &d.lines[i-1], &d.lines[i+1]
		if l.depth > 0 || l.kind != words || p.depth == 0 || n.depth == 0 || p.kind == attribution {
			continue
		}
		last := p.text[strings.LastIndexByte(p.text, ' ')+1:]
		r, _ := utf8.DecodeRuneInString(l.text)
		switch {
		case strings.IndexByte(l.text, ' ') < 0 && strings.Contains(last, "://"):
		case strings.HasPrefix(l.text, "(http") && strings.HasSuffix(l.text, ">"):
		case len(p.raw) >= fullLine && !unicode.IsUpper(r) && unicode.IsLetter(r) && len(l.text) < len(p.raw):
		default:
			continue
		}
		l.depth = p.depth
	}
}

// fullLine is the length in bytes from which a line may have been wrapped.
const fullLine = 60

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
