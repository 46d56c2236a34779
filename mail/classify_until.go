package mail

import (
	"strconv"
	"strings"
	"time"
)

// awayUntil reads the last day of an absence out of a note written at a time.
// A date counts only behind a word that says what it is: "until" and its
// sisters, the end of a span, or a return. Nothing is guessed: a weekday, a
// date without year from a mail without date, or one that reads as two days
// gives "".
func awayUntil(subject, text string, at time.Time) string {
	for _, s := range [...]string{subject, text} {
		n := note{words: noteWords(s), at: at}
		n.settle(strings.ToLower(s))
		if d := n.until(); !d.IsZero() {
			return d.Format("2006-01-02")
		}
	}
	return ""
}

// note is a text as words, with the time it was written.
type note struct {
	words []noteWord
	at    time.Time
	// english tells that dates with slashes may begin with the month.
	english bool
}

// settle finds out what depends on the language.
func (n *note) settle(low string) {
	croatian := strings.ContainsAny(low, "čšžđ")
	for i := range n.words {
		switch w := &n.words[i]; w.text {
		case "the", "i'm", "until", "through", "back", "office":
			n.english = true
		case "listopada": // October here, November to Poles
			if croatian {
				w.text = ""
			}
		case "24/7":
			w.text = ""
		}
	}
}

// noteWord is a lower-case word without the signs around it.
type noteWord struct {
	text string
	// ends tells that a sentence or line ends behind the word.
	ends bool
}

// maxNoteWords bounds the words that are looked at.
const maxNoteWords = 400

func noteWords(s string) (words []noteWord) {
	for line := range strings.SplitSeq(strings.ToLower(s), "\n") {
		for w := range strings.FieldsSeq(line) {
			if len(words) >= maxNoteWords {
				return words
			}
			bare := strings.Trim(w, "()[]\"'*,;:!?<>“”„«»")
			ends := strings.ContainsAny(w[len(w)-1:], ".!?;")
			// A span without spaces, 1.8.-12.8. or 1–12, is three words.
			if c := bare[:min(1, len(bare))]; c >= "0" && c <= "9" {
				ends = false
			} else if bare != "do." { // a German Thursday, not a Polish "until"
				bare = strings.TrimRight(bare, ".")
			}
			ends = ends && !isFiller(bare) // "Mi. 12.8."
			for i, piece := range splitSpan(strings.ReplaceAll(bare, "’", "'")) {
				if i > 0 {
					words = append(words, noteWord{text: "-"})
				}
				words = append(words, noteWord{text: piece})
			}
			words[len(words)-1].ends = ends
		}
		if n := len(words); n > 0 && strings.TrimSpace(line) == "" {
			words[n-1].ends = true
		}
	}
	return words
}

// splitSpan parts two dates joined by a dash, but not a date written with dashes.
func splitSpan(w string) []string {
	w = strings.NewReplacer("–", "-", "—", "-").Replace(w)
	a, b, ok := strings.Cut(w, "-")
	if !ok || a == "" || b == "" || strings.Contains(b, "-") || a[0] < '0' || a[0] > '9' || b[0] < '0' || b[0] > '9' {
		return []string{w}
	}
	return []string{a, b}
}

// until finds the first date that ends an absence.
func (n *note) until() time.Time {
	for i := 0; i < len(n.words); i++ {
		d, used := n.dateAt(i)
		if used == 0 {
			continue
		}
		switch n.role(i, used) {
		case roleLast:
			if day := d.resolve(n.at, n.english); !day.IsZero() {
				return day
			}
		case roleReturn:
			if day := d.resolve(n.at, n.english); !day.IsZero() {
				return day.AddDate(0, 0, -1)
			}
		}
		i += used - 1
	}
	return time.Time{}
}

type dateRole int

const (
	roleNone   dateRole = iota
	roleLast            // the last day away
	roleReturn          // the first day back
)

// role judges the words before a date, and the one behind it.
func (n *note) role(i, used int) dateRole {
	from := false
	j := i - 1
	for ; j >= 0 && !n.words[j].ends; j-- {
		w := n.words[j].text
		switch {
		case isOneOf(w, untilWords[:]), w == "to" && j > 0 && n.words[j-1].text == "up":
			return roleLast
		case isOneOf(w, spanWords[:]) && n.dateEndsAt(j-1):
			return roleLast
		}
		from = from || isOneOf(w, fromWords[:])
		if !isFiller(w) {
			break
		}
	}
	return n.returning(j, i+used, from)
}

// returning looks for a return within the sentence, before the date or right behind it.
func (n *note) returning(j, after int, from bool) dateRole {
	for k := after; from && k < after+4 && k < len(n.words) && !n.words[k-1].ends; k++ {
		if isOneOf(n.words[k].text, returnWords[:]) {
			return roleReturn
		}
	}
	for k := j; k >= 0 && k > j-8 && !n.words[k].ends; k-- {
		switch w := n.words[k].text; {
		case isOneOf(w, returnWords[:]):
			return roleReturn
		case isOneOf(w, untilWords[:]):
			return roleNone
		}
	}
	return roleNone
}

// dateEndsAt tells that a date, or a day alone as in "1 to 12 August", ends with the word j.
func (n *note) dateEndsAt(j int) bool {
	for i := j; i >= 0 && i > j-5; i-- {
		if _, used := n.dateAt(i); used > 0 && i+used-1 >= j {
			return true
		}
	}
	return j >= 0 && dayOf(n.words[j].text) > 0
}

// civil is a date as it was written; year is 0 where there was none.
type civil struct {
	year, month, day int
	// slashed: day and month may have changed places.
	slashed bool
}

// dateAt reads a date that begins with the word i; used is the number of its words.
func (n *note) dateAt(i int) (d civil, used int) {
	w := n.words[i].text
	if d, ok := numericDate(w); ok {
		return d, 1
	}
	word := func(k int) string {
		if k < len(n.words) {
			return n.words[k].text
		}
		return ""
	}
	if day := dayOf(w); day > 0 { // 12 August, 12. August 2026, 12 de agosto de 2026
		k := i + 1
		if isOneOf(word(k), ofWords[:]) {
			k++
		}
		if month := monthNamed(word(k)); month > 0 {
			year, more := yearAt(word, k+1)
			return civil{year: year, month: month, day: day}, k + 1 + more - i
		}
		return d, 0
	}
	if month := monthNamed(w); month > 0 { // August 12th, 2026
		k := i + 1
		if word(k) == "the" {
			k++
		}
		if day := dayOf(word(k)); day > 0 {
			year, more := yearAt(word, k+1)
			return civil{year: year, month: month, day: day}, k + 1 + more - i
		}
	}
	return d, 0
}

func yearAt(word func(int) string, k int) (year, used int) {
	if isOneOf(word(k), ofWords[:]) {
		used++
	}
	w := strings.TrimRight(word(k+used), ".гr")
	if y, err := strconv.Atoi(w); err == nil && len(w) == 4 && y > 1990 && y < 2100 {
		return y, used + 1
	}
	return 0, 0
}

// dayOf reads 12, 12., 12th, 1er, 1º, 12-ти, 12-го; 0 for what is no day.
func dayOf(w string) int {
	w = strings.TrimSuffix(w, ".")
	k := 0
	for k < len(w) && k < 3 && w[k] >= '0' && w[k] <= '9' {
		k++
	}
	switch w[k:] {
	case "", "st", "nd", "rd", "th", "er", "º", "°", "ro", "-го", "-ти", "-ви", "-ри", "-ми", "e":
	default:
		return 0
	}
	n, err := strconv.Atoi(w[:k])
	if err != nil || n < 1 || n > 31 {
		return 0
	}
	return n
}

// numericDate reads 12.08.2026, 12.8., 2026-08-12, 12-08-2026, 08/12/2026.
// Two numbers alone are a date only with a dot behind them or a slash between.
func numericDate(w string) (d civil, ok bool) {
	w = strings.TrimSuffix(w, "г")
	sep := strings.IndexAny(w, "./-")
	if sep <= 0 {
		return d, false
	}
	sign := w[sep : sep+1]
	parts := strings.Split(strings.TrimRight(w, "."), sign)
	var num [3]int
	if len(parts) < 2 || len(parts) > 3 {
		return d, false
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || len(p) > 4 {
			return d, false
		}
		num[i] = n
	}
	switch {
	case len(parts) == 3 && len(parts[0]) == 4:
		d = civil{year: num[0], month: num[1], day: num[2]}
	case len(parts) == 3 && len(parts[2]) == 4:
		d = civil{year: num[2], month: num[1], day: num[0], slashed: sign == "/"}
	case len(parts) == 3 && len(parts[2]) == 2:
		d = civil{year: 2000 + num[2], month: num[1], day: num[0], slashed: sign == "/"}
	case len(parts) == 2 && (sign == "/" || sign == "." && strings.HasSuffix(w, ".") || sign == "." && len(parts[1]) == 2):
		d = civil{month: num[1], day: num[0], slashed: sign == "/"}
	default:
		return d, false
	}
	return d, true
}

// Bounds of what is believed: an absence that ended before the note was
// written, or lasts for years, was misread.
const (
	longestAway = 500 * 24 * time.Hour
	latestAway  = 24 * time.Hour
)

// resolve gives the day; the zero time when it is not clear. Of a date with
// slashes the day comes first. In English it may be the month: then only one
// reading is a day to come, or the zone of the writer decides; UTC is everybody's.
func (d civil) resolve(at time.Time, english bool) time.Time {
	plain := d.on(at)
	if !d.slashed || d.day == d.month {
		return plain
	}
	d.day, d.month = d.month, d.day
	turned := d.on(at)
	switch {
	case plain.IsZero():
		return turned
	case turned.IsZero() || !english:
		return plain
	}
	switch _, offset := at.Zone(); {
	case offset <= -3*3600:
		return turned
	case offset > 0:
		return plain
	}
	return time.Time{}
}

// on finds the day in the year that is said, or the next time it comes round.
func (d civil) on(at time.Time) time.Time {
	year := d.year
	if year == 0 {
		if at.IsZero() {
			return time.Time{}
		}
		year = at.Year()
	}
	day := d.in(year)
	if day.IsZero() || at.IsZero() {
		return day
	}
	today := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	if d.year == 0 && today.Sub(day) > 200*24*time.Hour {
		day = d.in(year + 1) // written in December about January
	}
	if today.Sub(day) > latestAway || day.Sub(today) > longestAway {
		return time.Time{}
	}
	return day
}

func (d civil) in(year int) time.Time {
	if d.month < 1 || d.month > 12 || d.day < 1 {
		return time.Time{}
	}
	t := time.Date(year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
	if t.Day() != d.day {
		return time.Time{} // 31 June
	}
	return t
}
