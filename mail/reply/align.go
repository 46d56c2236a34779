package reply

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	// shingle is how many words in a row are compared at once.
	shingle = 4
	// shortestRun is the fewest words in a row that count as ours where a quote
	// is to be expected; provenRun the same anywhere else, where the author may
	// use our phrase.
	shortestRun, provenRun = 6, 12
	// longestSent bounds the memory the alignment takes, in words.
	longestSent = 1 << 17
)

// align marks the lines whose words are, in the same order, in what we sent.
// Only letters and digits count, so re-wrapping, quote marks, typographic
// changes and markup make no difference.
func (d *doc) align() {
	if d.in.Sent == "" {
		return
	}
	w := &d.work
	w.sent = hashes(w.sent[:0], d.in.Sent, longestSent)
	sent := w.sent
	k := min(shingle, len(sent))
	if k < 2 {
		return
	}
	w.known = w.known.room(len(sent))
	for i := 0; i+k <= len(sent); i++ {
		w.known.add(combine(sent[i : i+k]))
	}
	w.all = w.all[:0]
	w.starts = slices.Grow(w.starts[:0], len(d.lines)+1)
	for i := range d.lines {
		w.starts = append(w.starts, len(w.all))
		if d.lines[i].kind != code {
			w.all = hashes(w.all, d.lines[i].text, 1<<30)
		}
	}
	starts := append(w.starts, len(w.all))
	w.runs = slices.Grow(w.runs[:0], len(w.all))[:len(w.all)]
	clear(w.runs)
	runs := w.runs
	runLengths(runs, w.all, &w.known, k)
	found := 0
	for i := range d.lines {
		found += d.lines[i].compare(runs[starts[i]:starts[i+1]], len(sent))
		if link := d.lines[i].link; link != "" && d.leadsToOurs(link) {
			d.lines[i].ours, d.lines[i].novel = true, 0 // what the link is called stands in our HTML only
		}
	}
	d.aligned = found*2 >= len(sent)
	d.introductions()
}

// runLengths sets for each word the length of the run of our words it is in.
func runLengths(runs []int, all []uint64, known *hashSet, k int) {
	from, until := 0, 0 // the current run
	flush := func() {
		for j := from; j < until; j++ {
			runs[j] = until - from
		}
	}
	for i := 0; i+k <= len(all); i++ {
		if !known.has(combine(all[i : i+k])) {
			continue
		}
		if i > until {
			flush()
			from = i
		} else if until == 0 {
			from = i
		}
		until = i + k
	}
	flush()
}

// compare decides whether a line is ours and returns how many of its words are.
func (l *line) compare(runs []int, sent int) int {
	hits, longest := 0, 0
	for _, n := range runs {
		if n >= min(shortestRun, sent) {
			hits++
		}
		longest = max(longest, n)
	}
	if hits == 0 {
		l.novel = len(runs)
		return 0
	}
	l.novel = len(runs) - hits
	l.echo = l.novel == 0
	switch {
	case l.depth > 0 || l.history:
		l.ours = hits*2 >= len(runs)
	default:
		proven := longest >= provenRun || longest*5 >= sent*4 && sent >= shingle
		// A run that goes on beyond the line allows for a word the client changed.
		l.ours = proven && (hits*10 >= len(runs)*9 || longest > hits && hits*4 >= len(runs)*3)
	}
	return hits
}

// foreign tells that a line amid our own has words we did not send and nothing
// that a mail program writes.
func (l *line) foreign() bool {
	return !l.ours && l.novel > 0 && (l.kind == words || l.kind == code) && (!l.strong || l.depth == 1)
}

// introductions marks the line above our text as its attribution in whatever
// language: no other line ends in a colon, holds a number or address, and is
// followed by what we sent.
func (d *doc) introductions() {
	before := -1
	for i := range d.lines {
		l := &d.lines[i]
		if l.ours {
			if d.lastOurs = i; before >= 0 && d.lines[before].kind == words && !d.lines[before].ours && introducing(d.lines[before].text) {
				d.lines[before].kind = attribution
			}
			if l.depth == 0 {
				l.cut = asOwnText
			}
		}
		if l.kind != blank {
			before = i
		}
	}
}

func introducing(s string) bool {
	if !mayEndAttribution(s) || len(s) > longestAttribution {
		return false
	}
	low := read(s)
	return (low.colon || low.angle) && (low.date || low.email)
}

// hashes appends a hash of each word of s, in lower case, up to limit words.
func hashes(out []uint64, s string, limit int) []uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h, in := uint64(offset), false
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		i += n
		if r < utf8.RuneSelf { // nearly every letter of nearly every mail
			if c := lowerASCII(byte(r)); c >= 'a' && c <= 'z' || isDigit(c) {
				h, in = (h^uint64(c))*prime, true
				continue
			}
			if in {
				if len(out) >= limit {
					return out
				}
				out = append(out, h)
				h, in = offset, false
			}
			continue
		}
		wide := r >= 0x2E80 && (unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hiragana, r) || unicode.Is(unicode.Katakana, r))
		letter := wide || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		if in && (!letter || wide) {
			if len(out) >= limit {
				return out
			}
			out = append(out, h)
			h, in = offset, false
		}
		if letter {
			h, in = (h^uint64(unicode.ToLower(r)))*prime, true
			if wide { // written without blanks: each sign is a word
				out = append(out, h)
				h, in = offset, false
			}
		}
	}
	if in && len(out) < limit {
		out = append(out, h)
	}
	return out
}

// combine hashes a few word hashes in order.
func combine(words []uint64) uint64 {
	h := uint64(len(words))
	for _, w := range words {
		h = (h ^ w) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return h
}
