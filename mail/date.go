package mail

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads RFC 5322 §3.3 and its obsolete and mistaken forms: two-digit
// years, missing seconds, named zones, a colon in the zone, ctime order. The
// zero time when there is no day, month or year in it.
func parseDate(s string) time.Time {
	var d dateParts
	d.day, d.year, d.hour = -1, -1, -1
	for s != "" && d.words < 20 {
		s = strings.TrimLeft(s, " \t,")
		if strings.HasPrefix(s, "(") {
			_, s, _ = strings.Cut(s, ")")
			continue
		}
		end := strings.IndexAny(s, " \t,(")
		if end < 0 {
			end = len(s)
		}
		if end > 0 {
			d.take(s[:end])
		}
		s = s[end:]
		d.words++
	}
	return d.time()
}

type dateParts struct {
	day, year, hour, min, sec int
	month                     time.Month
	zone                      *time.Location
	words                     int
}

// take finds out what one word is by its shape.
func (d *dateParts) take(w string) {
	switch {
	case len(w) > 10 && w[4] == '-' && w[10] == 'T': // RFC 3339
		d.dashed(w)
	case strings.IndexByte(w, ':') > 0 && w[0] != '+' && w[0] != '-':
		d.clock(w)
	case (w[0] == '+' || w[0] == '-') && len(w) >= 3:
		d.offset(w)
	case w[0] >= '0' && w[0] <= '9':
		d.number(w)
	case d.month == 0 && monthOf(w) != 0:
		d.month = monthOf(w)
	case d.hour >= 0 && d.zone == nil:
		d.zone = namedZone(w)
	}
}

func (d *dateParts) number(w string) {
	if strings.IndexByte(w, '-') > 0 { // 12-Mar-2024, 2024-03-12, 2024-03-12T10:00:00Z
		d.dashed(w)
		return
	}
	n, err := strconv.Atoi(w)
	switch {
	case err != nil || n < 0:
	case d.day < 0 && len(w) <= 2:
		d.day = n
	case d.year < 0:
		d.year = fullYear(n, len(w))
	}
}

func (d *dateParts) dashed(w string) {
	day, clock, _ := strings.Cut(w, "T")
	a := strings.Split(day, "-")
	if len(a) != 3 {
		return
	}
	if len(a[0]) == 4 {
		a[0], a[2] = a[2], a[0]
	}
	d.day, _ = strconv.Atoi(a[0])
	if d.month = monthOf(a[1]); d.month == 0 {
		m, _ := strconv.Atoi(a[1])
		d.month = time.Month(m)
	}
	y, _ := strconv.Atoi(a[2])
	d.year = fullYear(y, len(a[2]))
	if clock != "" {
		d.clock(strings.TrimSuffix(clock, "Z"))
	}
}

// fullYear follows RFC 5322 §4.3 for years of two and three digits.
func fullYear(n, digits int) int {
	switch {
	case digits <= 2 && n < 50:
		return 2000 + n
	case digits <= 3:
		return 1900 + n
	}
	return n
}

func (d *dateParts) clock(w string) {
	for i := 1; i < len(w); i++ { // 10:00:00+0200
		if w[i] == '+' || w[i] == '-' {
			d.offset(w[i:])
			w = w[:i]
		}
	}
	a := strings.SplitN(w, ":", 3)
	if len(a) < 2 {
		return
	}
	d.hour, _ = strconv.Atoi(a[0])
	d.min, _ = strconv.Atoi(a[1])
	if len(a) == 3 {
		sec, _, _ := strings.Cut(a[2], ".")
		d.sec, _ = strconv.Atoi(sec)
	}
}

func (d *dateParts) offset(w string) {
	digits := strings.ReplaceAll(w[1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 {
		return
	}
	if len(digits) <= 2 {
		n *= 100
	}
	secs := n/100*3600 + n%100*60
	if secs > 26*3600 {
		return
	}
	if w[0] == '-' {
		secs = -secs
	}
	d.zone = time.FixedZone("", secs)
}

func (d *dateParts) time() time.Time {
	if d.day < 1 || d.day > 31 || d.month < 1 || d.month > 12 || d.year < 1900 || d.year > 9999 {
		return time.Time{}
	}
	if d.hour < 0 || d.hour > 23 || d.min < 0 || d.min > 59 || d.sec < 0 || d.sec > 60 {
		d.hour, d.min, d.sec = 0, 0, 0
	}
	zone := d.zone
	if zone == nil {
		zone = time.UTC
	}
	return time.Date(d.year, d.month, d.day, d.hour, d.min, d.sec, 0, zone)
}

func monthOf(w string) time.Month {
	if len(w) < 3 {
		return 0
	}
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	for i := 0; i < len(names); i += 3 {
		if strings.EqualFold(names[i:i+3], w[:3]) {
			return time.Month(i/3 + 1)
		}
	}
	return 0
}

// namedZone knows the zones of RFC 5322 §4.3; all others say nothing (they
// are taken as UTC, like -0000).
func namedZone(w string) *time.Location {
	switch strings.ToUpper(w) {
	case "EDT":
		return time.FixedZone("", -4*3600)
	case "EST", "CDT":
		return time.FixedZone("", -5*3600)
	case "CST", "MDT":
		return time.FixedZone("", -6*3600)
	case "MST", "PDT":
		return time.FixedZone("", -7*3600)
	case "PST":
		return time.FixedZone("", -8*3600)
	}
	return nil
}
