package templates

import (
	"html"
	"html/template"
	"strconv"
	"strings"
	"time"
)

// Number writes n with the language's thousands.
func Number(locale string, n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	locale = Match(locale)
	if len(s) <= 4 && locale != "en" { // French and Bulgarian leave four figures together; German may
		return sign + s
	}
	sep := T(locale, "format.thousands")
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// Size writes a number of bytes for people: "1.4 MB".
func Size(locale string, n int64) string {
	units := [...]string{"format.bytes", "format.kilobytes", "format.megabytes", "format.gigabytes"}
	v, u := float64(n), 0
	for v >= 1000 && u < len(units)-1 {
		v, u = v/1000, u+1
	}
	s := strconv.FormatFloat(v, 'f', 0, 64)
	if u > 0 && v < 10 {
		s = strings.Replace(strconv.FormatFloat(v, 'f', 1, 64), ".", T(locale, "format.decimal"), 1)
	}
	return T(locale, units[u], "n", s)
}

// Share writes a share of n in ten thousand: "0.7 %".
func Share(locale string, n int64) string {
	digits := 1
	if n < 100 && n%10 != 0 {
		digits = 2
	}
	s := strconv.FormatFloat(float64(n)/100, 'f', digits, 64)
	if n%100 == 0 {
		s = strconv.FormatInt(n/100, 10)
	}
	return T(locale, "format.percent", "n", strings.Replace(s, ".", T(locale, "format.decimal"), 1))
}

// Date writes the day of t in zone; nil is UTC.
func Date(locale string, zone *time.Location, t time.Time) string {
	t = in(zone, t)
	return day(locale, t)
}

// Moment writes day and time of t in zone; nil is UTC. The zero time is "".
func Moment(locale string, zone *time.Location, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = in(zone, t)
	return T(locale, "format.moment", "date", day(locale, t), "time", t.Format("15:04"))
}

// Civil writes a civil date "2006-01-02" with an optional time "15:04", which
// may also stand behind the date; what is no date is given back as it is.
func Civil(locale, date, clock string) string {
	if d, c, ok := strings.Cut(date, " "); ok && clock == "" {
		date, clock = d, c
	}
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	if clock == "" {
		return day(locale, t)
	}
	return T(locale, "format.moment", "date", day(locale, t), "time", clock)
}

func day(locale string, t time.Time) string {
	months := strings.Split(T(locale, "format.months"), " ")
	number := strconv.Itoa(t.Day())
	if t.Day() == 1 && Match(locale) == "fr" { // le premier, but le deux
		number = "1er"
	}
	return T(locale, "format.date", "day", number, "month", months[t.Month()-1], "year", strconv.Itoa(t.Year()))
}

func in(zone *time.Location, t time.Time) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone)
}

// timeElement is Moment for machines too.
func timeElement(locale string, zone *time.Location, t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + html.EscapeString(Moment(locale, zone, t)) + `</time>`)
}
