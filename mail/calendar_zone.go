package mail

import (
	"strconv"
	"strings"
	"time"
)

// calendarZone is a time zone as the calendar defines it (RFC 5545 §3.6.5).
type calendarZone struct {
	id    string
	rules []zoneRule
}

// zoneRule says from when on an offset holds: once, or each year anew.
type zoneRule struct {
	from           time.Time // local, written as UTC
	before, offset int       // seconds east of UTC
	yearly         bool
	until          int // the last year, 0 for none
	month          time.Month
	weekday        time.Weekday
	nth            int // 1 the first, -1 the last; 0: the date of from
}

// maxZoneRules bounds the rules of one zone.
const maxZoneRules = 200

func (z *calendarZone) begin() {
	if len(z.rules) < maxZoneRules {
		z.rules = append(z.rules, zoneRule{})
	}
}

// take reads one property of the rule in hand.
func (z *calendarZone) take(p property) {
	if len(z.rules) == 0 {
		return
	}
	r := &z.rules[len(z.rules)-1]
	switch p.name {
	case "DTSTART":
		r.from, _ = time.Parse("20060102T150405", strings.TrimSuffix(strings.TrimSpace(p.value), "Z"))
	case "TZOFFSETFROM":
		r.before = utcOffset(p.value)
	case "TZOFFSETTO":
		r.offset = utcOffset(p.value)
	case "RRULE":
		r.repeat(strings.ToUpper(p.value))
	}
}

// utcOffset reads RFC 5545 §3.3.14, e.g. -0500, +013000.
func utcOffset(s string) int {
	s = strings.TrimSpace(s)
	if len(s) != 5 && len(s) != 7 {
		return 0
	}
	n, err := strconv.Atoi(s[1:])
	if err != nil || n < 0 {
		return 0
	}
	if len(s) == 5 {
		n *= 100
	}
	secs := n/10000*3600 + n/100%100*60 + n%100
	if secs > 18*3600 {
		return 0
	}
	if s[0] == '-' {
		return -secs
	}
	return secs
}

// repeat reads the one form in which zones change: yearly, in a month, on the
// n-th of a weekday.
func (r *zoneRule) repeat(rule string) {
	for part := range strings.SplitSeq(rule, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "FREQ":
			r.yearly = value == "YEARLY"
		case "BYMONTH":
			n, _ := strconv.Atoi(value)
			r.month = time.Month(n)
		case "UNTIL":
			r.until, _ = strconv.Atoi(value[:min(4, len(value))])
		case "BYDAY":
			r.byDay(value)
		}
	}
}

func (r *zoneRule) byDay(value string) {
	if len(value) < 3 {
		return
	}
	day := strings.Index("SUMOTUWETHFRSA", value[len(value)-2:])
	nth, err := strconv.Atoi(value[:len(value)-2])
	if day < 0 || day%2 != 0 || err != nil || nth < -4 || nth > 5 {
		return
	}
	r.weekday, r.nth = time.Weekday(day/2), nth
}

// onset is when the rule takes effect in a year; ok is false when it does not.
func (r *zoneRule) onset(year int) (t time.Time, ok bool) {
	switch {
	case year < r.from.Year() || r.until > 0 && year > r.until || !r.yearly && year != r.from.Year():
		return t, false
	case !r.yearly:
		return r.from, true
	}
	month := r.month
	if month < 1 || month > 12 {
		month = r.from.Month()
	}
	day := r.from.Day()
	switch {
	case r.nth > 0:
		first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Weekday()
		day = 1 + (int(r.weekday)-int(first)+7)%7 + 7*(r.nth-1)
	case r.nth < 0:
		end := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		day = end.Day() - (int(end.Weekday())-int(r.weekday)+7)%7 + 7*(r.nth+1)
	}
	return time.Date(year, month, day, r.from.Hour(), r.from.Minute(), r.from.Second(), 0, time.UTC), true
}

// at gives the offset that holds at a local time: that of the rule which took
// effect last, or, before all of them, the offset the first one starts from.
func (z *calendarZone) at(local time.Time) (seconds int, ok bool) {
	var last time.Time
	first := -1
	for i := range z.rules {
		r := &z.rules[i]
		if first < 0 || r.from.Before(z.rules[first].from) {
			first = i
		}
		years := [...]int{local.Year(), local.Year() - 1, r.until, r.from.Year()}
		for _, year := range years {
			if year > local.Year() {
				continue
			}
			if t, is := r.onset(year); is && !t.After(local) && (!ok || t.After(last)) {
				last, seconds, ok = t, r.offset, true
			}
		}
	}
	if !ok && first >= 0 {
		return z.rules[first].before, true
	}
	return seconds, ok
}

// inZone makes an instant of a wall clock. Names everybody knows come first:
// the rules that programs write for them are often cut short. known is false
// when nothing tells the zone; the time is then as given.
func (c *calendar) inZone(local time.Time, id string) (at time.Time, known bool) {
	if id == "" {
		return local, false
	}
	if c.named != id {
		c.named, c.zone = id, ianaZone(id)
	}
	if c.zone != nil {
		return inLocation(local, c.zone), true
	}
	for i := range c.zones {
		if z := &c.zones[i]; z.id == id {
			if seconds, ok := z.at(local); ok {
				return local.Add(-time.Duration(seconds) * time.Second), true
			}
		}
	}
	if name := windowsZone(id); name != "" {
		if zone := ianaZone(name); zone != nil {
			return inLocation(local, zone), true
		}
	}
	return local, false
}

func inLocation(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, zone).UTC()
}

// ianaZone loads a zone by its name. Some programs write a path before it:
// "/example.org/2005_1/Europe/Paris"; then its last parts count.
func ianaZone(id string) *time.Location {
	id = strings.Trim(id, `/ "`)
	if id == "" || len(id) > 100 || strings.EqualFold(id, "local") { // ours, not the sender's
		return nil
	}
	parts := strings.Split(id, "/")
	for _, n := range [...]int{len(parts), 3, 2} {
		if n > len(parts) {
			continue
		}
		name := strings.Join(parts[len(parts)-n:], "/")
		if !isZoneName(name) {
			return nil
		}
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return nil
}

// isZoneName leaves out what is a file of the zone database but no place.
func isZoneName(id string) bool {
	return strings.IndexByte(id, '/') > 0 || strings.EqualFold(id, "utc") || strings.EqualFold(id, "gmt")
}

// windowsZone gives the place that stands for a zone as Windows names it (the
// "001" territory of the Unicode table); "" for a name it does not know.
func windowsZone(name string) string {
	for i := range windowsZones {
		if strings.EqualFold(windowsZones[i][0], name) {
			return windowsZones[i][1]
		}
	}
	return ""
}

var windowsZones = [...][2]string{
	{"UTC", "Etc/UTC"}, {"Coordinated Universal Time", "Etc/UTC"}, {"GMT Standard Time", "Europe/London"}, {"Greenwich Standard Time", "Atlantic/Reykjavik"},
	{"W. Europe Standard Time", "Europe/Berlin"}, {"Central Europe Standard Time", "Europe/Budapest"}, {"Romance Standard Time", "Europe/Paris"}, {"Central European Standard Time", "Europe/Warsaw"},
	{"E. Europe Standard Time", "Europe/Chisinau"}, {"GTB Standard Time", "Europe/Bucharest"}, {"FLE Standard Time", "Europe/Kyiv"}, {"Turkey Standard Time", "Europe/Istanbul"}, {"Kaliningrad Standard Time", "Europe/Kaliningrad"},
	{"Russian Standard Time", "Europe/Moscow"}, {"Belarus Standard Time", "Europe/Minsk"}, {"Israel Standard Time", "Asia/Jerusalem"}, {"Egypt Standard Time", "Africa/Cairo"}, {"South Africa Standard Time", "Africa/Johannesburg"},
	{"Morocco Standard Time", "Africa/Casablanca"}, {"W. Central Africa Standard Time", "Africa/Lagos"}, {"E. Africa Standard Time", "Africa/Nairobi"}, {"Arabic Standard Time", "Asia/Baghdad"}, {"Arab Standard Time", "Asia/Riyadh"},
	{"Iran Standard Time", "Asia/Tehran"}, {"Arabian Standard Time", "Asia/Dubai"}, {"Georgian Standard Time", "Asia/Tbilisi"}, {"Caucasus Standard Time", "Asia/Yerevan"}, {"Azerbaijan Standard Time", "Asia/Baku"},
	{"Pakistan Standard Time", "Asia/Karachi"}, {"West Asia Standard Time", "Asia/Tashkent"}, {"India Standard Time", "Asia/Kolkata"}, {"Sri Lanka Standard Time", "Asia/Colombo"}, {"Nepal Standard Time", "Asia/Kathmandu"}, {"Bangladesh Standard Time", "Asia/Dhaka"},
	{"SE Asia Standard Time", "Asia/Bangkok"}, {"China Standard Time", "Asia/Shanghai"}, {"Taipei Standard Time", "Asia/Taipei"}, {"Singapore Standard Time", "Asia/Singapore"}, {"W. Australia Standard Time", "Australia/Perth"},
	{"Tokyo Standard Time", "Asia/Tokyo"}, {"Korea Standard Time", "Asia/Seoul"}, {"Cen. Australia Standard Time", "Australia/Adelaide"}, {"AUS Central Standard Time", "Australia/Darwin"}, {"E. Australia Standard Time", "Australia/Brisbane"},
	{"AUS Eastern Standard Time", "Australia/Sydney"}, {"Tasmania Standard Time", "Australia/Hobart"}, {"Vladivostok Standard Time", "Asia/Vladivostok"}, {"New Zealand Standard Time", "Pacific/Auckland"}, {"Hawaiian Standard Time", "Pacific/Honolulu"},
	{"Alaskan Standard Time", "America/Anchorage"}, {"Pacific Standard Time", "America/Los_Angeles"}, {"Pacific Standard Time (Mexico)", "America/Tijuana"}, {"US Mountain Standard Time", "America/Phoenix"}, {"Mountain Standard Time", "America/Denver"},
	{"Central America Standard Time", "America/Guatemala"}, {"Central Standard Time", "America/Chicago"}, {"Central Standard Time (Mexico)", "America/Mexico_City"}, {"Canada Central Standard Time", "America/Regina"}, {"SA Pacific Standard Time", "America/Bogota"},
	{"Eastern Standard Time", "America/New_York"}, {"US Eastern Standard Time", "America/Indianapolis"}, {"Venezuela Standard Time", "America/Caracas"}, {"Atlantic Standard Time", "America/Halifax"}, {"SA Western Standard Time", "America/La_Paz"},
	{"Pacific SA Standard Time", "America/Santiago"}, {"Newfoundland Standard Time", "America/St_Johns"}, {"E. South America Standard Time", "America/Sao_Paulo"}, {"Argentina Standard Time", "America/Buenos_Aires"}, {"SA Eastern Standard Time", "America/Cayenne"},
	{"Azores Standard Time", "Atlantic/Azores"}, {"Ekaterinburg Standard Time", "Asia/Yekaterinburg"}, {"Central Asia Standard Time", "Asia/Almaty"}, {"N. Central Asia Standard Time", "Asia/Novosibirsk"}, {"North Asia Standard Time", "Asia/Krasnoyarsk"},
}
