package reply

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// longestAttribution is the most bytes an attribution may have in all.
	longestAttribution = 420
	// tallestAttribution is the most lines it may be wrapped into.
	tallestAttribution = 6
)

// signs are what makes a text look like "On … X <a@b> wrote:".
type signs struct {
	colon, angle, verb, verbEnd bool // how it ends, and the verb
	date, time, zone, email     bool
	lead, early                 bool // it starts with "On", or with a date
}

// mayEndAttribution is the cheap look at one line that spares most of them the rest.
func mayEndAttribution(s string) bool {
	if len(s) < 3 {
		return s == ":"
	}
	switch s[len(s)-1] {
	case ':', '>', ')', '-', '*', '_', ']', ',':
		return true
	case '.', '!', '?', ';':
		return false
	}
	return verbAtEnd(s) || len(s) < 80 && s[0] >= '1' && s[0] <= '2' && strings.Contains(s, "GMT") || strings.HasSuffix(s, "：")
}

// attribution looks whether the line at end closes an attribution and finds
// where it starts: the line, and the byte within that line's text when the
// author's own words stand before it.
func (d *doc) attribution(end int) (start, col int, ok bool) {
	l := &d.lines[end]
	if d.looks > mostLooks || !mayEndAttribution(l.text) && !d.addressedAboveQuote(end) {
		return 0, 0, false
	}
	d.looks++
	depth := l.depth
	if depth == 1 && len(l.text) < 24 && (l.text == ":" || verbAtEnd(l.text)) && end > 0 && d.lines[end-1].depth == 0 {
		depth = 0 // "<a@b" wrapped before its ">", which now looks like a quote mark
	}
	if end+1 < len(d.lines) && !strings.HasSuffix(l.text, ":") {
		if n := d.lines[end+1].text; len(n) < 24 && d.lines[end+1].depth <= depth+1 && verbAtEnd(n) {
			return 0, 0, false // the verb is still to come
		}
	}
	next := d.nextText(end + 1)
	quoted := next < len(d.lines) && (d.lines[next].depth > depth || strings.HasPrefix(d.lines[next].text, "|"))
	text := ""
	best, bestText, gaps := -1, "", 0
	for j, n := end, 0; j >= 0 && n < tallestAttribution; j-- {
		p := &d.lines[j]
		if p.kind == blank {
			// One gap is allowed while an address has no name before it.
			if gaps++; gaps > 1 || best >= 0 && text[0] != '<' {
				break
			}
			continue
		}
		// Gmail wraps the quoted attribution so that "> wrote:" loses a mark.
		if p.kind != words && p.kind != rule || j < end && p.depth != depth && !(p.depth > depth && n < 3) || j < end && p.cut != kept {
			break
		}
		if j < end && endsSentence(p.text) && !looksLikeStart(p.text) {
			break
		}
		if text == "" {
			text = p.text
		} else {
			text = p.text + " " + text
		}
		if len(text) > longestAttribution {
			break
		}
		n++
		s := read(text)
		if j < end && s.early && !s.lead && !s.email && !quoted {
			s.early, _ = dates(p.text) // "10:00: crane" above "11:30: roof, as X wrote:" are no date
		}
		if s.accept(quoted, text) {
			best, bestText = j, text
			if col = ownWordsBefore(text, p.text); col > 0 || (s.lead || s.early) && !d.goesOn(j, depth, s.email, text) {
				break
			}
		} else if best >= 0 && !s.lead {
			// What was accepted stands; an earlier line would only add prose.
			if n-1 > 3 {
				break
			}
		}
	}
	if best < 0 {
		return 0, 0, false
	}
	l.depth = depth
	return best, ownWordsBefore(bestText, d.lines[best].text), true
}

// addressedAboveQuote tells that an address stands on the line right above a
// quote: some clients write no colon.
func (d *doc) addressedAboveQuote(i int) bool {
	l := &d.lines[i]
	return i+1 < len(d.lines) && d.lines[i+1].depth > l.depth && strings.IndexByte(l.text, '@') > 0 && len(l.text) < longestAttribution
}

// goesOn tells that the line above j is part of the same attribution, though
// what stands from j on would do: "On 5 May 2020," above "at 10:18, X wrote:".
func (d *doc) goesOn(j, depth int, addressed bool, text string) bool {
	if j == 0 || d.lines[j-1].kind != words || d.lines[j-1].depth != depth || d.lines[j-1].cut != kept {
		return false
	}
	s := d.lines[j-1].text
	if len(s) > 120 || endsSentence(s) {
		return false
	}
	if looksLikeStart(s) {
		date, _ := dates(s)
		return date || len(s) < 40 && isDigit(text[0])
	}
	if !hasAddress(s) {
		return false
	}
	// An attribution names one address, in angles and with a name before it.
	return !addressed && strings.IndexByte(s, '<') >= 0 || hasVerb(strings.ToLower(s))
}

// accept decides whether the signs make an attribution. quoted tells that
// quoted lines follow at once, which is the strongest sign of all.
func (s signs) accept(quoted bool, text string) bool {
	ends := s.colon || s.verbEnd || s.angle
	switch {
	case s.zone && s.early && s.date && s.time && len(text) < 120:
		return true // "2015-09-30 8:05 GMT+02:00 Name", Gmail of that time
	case s.verb && ends && s.date && (s.lead || s.early || s.email || quoted):
		return true
	case s.verb && ends && s.email && nameVerb(text):
		return true
	case s.date && s.email && (s.colon || s.angle) && (s.early || s.lead && s.time):
		return s.colon || quoted || s.time || isDigit(text[0])
	case s.verbEnd && len(text) < 120 && strings.HasPrefix(text, "--") && strings.HasSuffix(text, "--"):
		return true // "---- Name wrote ----", mail programs of old phones
	case quoted && s.email && s.date && s.time && len(text) < 200:
		return true // no colon, no verb that is known
	case quoted && s.verb && s.colon && len(text) < 160:
		return true
	case quoted && s.colon && (s.date && (s.lead || s.early) || s.email && len(text) < 120):
		return true
	}
	return false
}

// read collects the signs of a joined text.
func read(text string) signs {
	text = strings.Trim(text, "-*_|[](){} \t\u00a0")
	text = trimRight(trimLeft(text))
	low := strings.ToLower(text)
	var s signs
	body := strings.TrimRight(low, " :：.,\u202c\u200f\u200e\u2069\u00a0")
	s.colon = len(body) < len(low) && strings.ContainsAny(low[len(body):], ":：")
	s.angle = strings.HasSuffix(low, ">") || strings.HasSuffix(body, ">") || strings.HasSuffix(low, ")")
	s.verbEnd = verbAtEnd(body)
	s.email = hasAddress(low)
	s.date, s.time = dates(low)
	s.zone = strings.Contains(low, "gmt+") || strings.Contains(low, "gmt-") || strings.Contains(low, "utc+")
	s.lead = leadAt(low)
	s.early = earlyDate(low)
	s.verb = s.verbEnd || (s.date || s.email) && (s.colon || s.angle) && hasVerb(low)
	return s
}

// verbAtEnd tells that s, in any case, ends with a verb of the lexicon.
func verbAtEnd(s string) bool {
	s = trimEnd(s)
	if s == "" {
		return false
	}
	for _, v := range verbsBy[lastByte(s)] {
		rest, ok := cutEndFold(s, v)
		if !ok {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(rest)
		if rest == "" || !unicode.IsLetter(before) || v[0] >= 0xE0 {
			return true
		}
	}
	return false
}

// trimEnd drops what may stand after the verb of an attribution.
func trimEnd(s string) string {
	for s != "" {
		switch s[len(s)-1] {
		case ' ', ':', '.', ',', '*', '-', '_':
			s = s[:len(s)-1]
			continue
		}
		rest, ok := strings.CutSuffix(s, "：")
		if !ok {
			break
		}
		s = rest
	}
	return s
}

// verbsBy holds the verbs by their last byte: most lines end in none of them.
var verbsBy = byLast(verbs)

// hasVerb tells that one of the verbs stands anywhere as a word of its own.
func hasVerb(low string) bool {
	for _, v := range verbs {
		for from := 0; ; {
			i := strings.Index(low[from:], v)
			if i < 0 {
				break
			}
			i += from
			before, _ := utf8.DecodeLastRuneInString(low[:i])
			after, _ := utf8.DecodeRuneInString(low[i+len(v):])
			if v[0] >= 0xE0 || (i == 0 || !unicode.IsLetter(before)) && (i+len(v) == len(low) || !unicode.IsLetter(after)) {
				return true
			}
			from = i + len(v)
		}
	}
	return false
}

// leadAt tells that low starts with a word that opens an attribution.
func leadAt(low string) bool {
	for _, w := range leads {
		if !strings.HasPrefix(low, w) {
			continue
		}
		after, n := utf8.DecodeRuneInString(low[len(w):])
		if n == 0 || !unicode.IsLetter(after) || w[0] >= 0xE0 {
			return true
		}
	}
	return false
}

// earlyDate tells that a number stands within the first four words, as in a date.
func earlyDate(low string) bool {
	fields := 0
	for word := range strings.FieldsSeq(low) {
		if fields++; fields > 4 || strings.ContainsAny(word, "@<\"") {
			return false
		}
		for i, r := range word {
			if unicode.IsDigit(r) {
				return i == 0 || !isLatin(word[0]) // "5th", "(2020", "2月5日", not "r2d2"
			}
		}
	}
	return false
}

func isLatin(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// dates tells whether s holds a date (a year, or numbers written as a date)
// and whether it holds a time of day.
func dates(s string) (date, clock bool) {
	runs, prev, prevSep := 0, 0, rune(0)
	digits, value := 0, 0
	chain := 0
	flush := func(next rune) {
		if digits == 0 {
			return
		}
		runs++
		if digits == 4 && value >= 1900 && value < 2100 || digits == 4 && value >= 2500 && value < 2600 {
			date = true
		}
		if prev > 0 && (prevSep == ':' || prevSep == '.' || prevSep == 'h') && digits == 2 && value < 60 {
			clock = true
		}
		if prev > 0 && (prevSep == '.' || prevSep == '/' || prevSep == '-') {
			if chain++; chain >= 2 {
				date = true
			}
		} else {
			chain = 0
		}
		prev, prevSep = digits, next
		digits, value = 0, 0
	}
	for _, r := range s {
		if v, ok := digitValue(r); ok {
			digits++
			if value < 100000 {
				value = value*10 + v
			}
			continue
		}
		if digits > 0 {
			flush(r)
		} else if prev > 0 {
			prev = 0
		}
	}
	flush(0)
	return date || clock && runs >= 3, clock
}

func digitValue(r rune) (int, bool) {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0'), true
	case r >= '٠' && r <= '٩':
		return int(r - '٠'), true
	case r >= '۰' && r <= '۹':
		return int(r - '۰'), true
	}
	return 0, false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// hasAddress tells that something like a@b stands in s.
func hasAddress(s string) bool {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '@')
		if i < 0 {
			return false
		}
		i += from
		if i > 0 && s[i-1] > ' ' && i+1 < len(s) && s[i+1] > ' ' {
			return true
		}
		from = i + 1
	}
}

// nameVerb tells that text is "Name <address> verb": few words before the
// address, and the verb at once after it.
func nameVerb(text string) bool {
	at := strings.IndexByte(text, '@')
	if at < 0 || len(strings.Fields(text[:at])) > 9 {
		return false
	}
	rest := text[at:]
	if i := strings.IndexAny(rest, ">)] "); i >= 0 {
		rest = rest[i:]
	}
	return len(strings.Fields(rest)) <= 9
}

// endsSentence tells that a line ends the way prose does, not with an abbreviation.
func endsSentence(s string) bool {
	if s == "" {
		return true
	}
	switch s[len(s)-1] {
	case '!', '?', ';':
		return true
	case '.':
		word := s[strings.LastIndexByte(s, ' ')+1:]
		return len(word) > 2 && !hasDigit(word) && utf8.RuneCountInString(word) > 3 && word != "godz." && word != "plkst."
	}
	return strings.HasSuffix(s, "。") || strings.HasSuffix(s, "…")
}

// looksLikeStart tells that a line opens with a lead word and holds a number.
func looksLikeStart(s string) bool {
	low := strings.ToLower(strings.TrimLeft(s, "-*_|[( \t"))
	return (leadAt(low) || earlyDate(low)) && hasDigit(low)
}

// ownWordsBefore is where the attribution starts within its first line when
// the author's words share that line: "Thanks! On 5 May 2020 X wrote:".
func ownWordsBefore(text, first string) int {
	low := strings.ToLower(first)
	if len(low) != len(first) || leadAt(low) {
		return 0
	}
	dated := earlyDate(low)
	for i := len(first) - 2; i > 0; i-- {
		if first[i] != ' ' {
			continue
		}
		before, rest := strings.TrimRight(first[:i], " "), low[i+1:]
		if before == "" {
			continue
		}
		// A capital lead word before a date opens an attribution anywhere, other
		// openings only after the end of a sentence.
		capital := capitalised(first[i+1:]) && leadAt(rest) && earlyDate(rest)
		ended := endsSentence(before) || strings.HasSuffix(before, "--") || strings.HasSuffix(first[:i+1], "  ")
		if !capital && (dated || !ended || !leadAt(rest) && !earlyDate(rest)) {
			continue
		}
		if read(text[i+1:]).accept(false, text[i+1:]) {
			return i + 1
		}
	}
	return 0
}

// capitalised tells a capital letter with no other after it, as in "On" but not in "AM".
func capitalised(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	return unicode.IsUpper(r) && !unicode.IsUpper(second)
}
