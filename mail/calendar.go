package mail

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// Invitation is one event of a calendar that came with a message (RFC 5545,
// sent by mail as RFC 6047 says). All of it is the sender's claim.
type Invitation struct {
	// Method is what is asked for, in lower case (RFC 5546 §1.4): request, cancel,
	// reply, counter, publish …; empty for a calendar file that only holds events.
	Method string
	// UID names the event through all its changes; Sequence counts these.
	UID      string
	Sequence int
	// Summary and Location are for people, on one line, at most 500 bytes.
	Summary, Location string
	// Status is confirmed, tentative or cancelled; empty when not said.
	Status string
	// Organizer may be zero.
	Organizer Address
	// Answer is what a reply says: accepted, declined, tentative; else empty.
	Answer string
	// Start and End are instants in UTC; End is the first moment after the
	// event and equals Start when no length is given. With AllDay they are
	// midnights of civil dates, with Floating a wall clock that is the same in
	// every zone (RFC 5545 §3.3.5 form 1, or a zone nobody knows); both are then
	// written as if they were UTC.
	Start, End       time.Time
	AllDay, Floating bool
	// Repeats tells that there are more of it; Start is the first.
	Repeats bool
}

// Bounds of what is read out of calendars.
const (
	maxInvitations  = 20      // of one message
	maxCalendar     = 1 << 20 // bytes of one calendar
	maxCalendarText = 500     // bytes of one text
	maxZones        = 50      // time zones one calendar may define
)

// invitationsOf reads the calendars among the attachments. The same event
// often comes twice, as a part and as a file: it counts once.
func invitationsOf(m *Message) []Invitation {
	var all []Invitation
	for i := range m.Attachments {
		a := &m.Attachments[i]
		if !isCalendar(a) || len(a.Content) > maxCalendar {
			continue
		}
		for _, one := range ParseCalendar(a.Content) {
			if len(all) < maxInvitations && !hasInvitation(all, &one) {
				all = append(all, one)
			}
		}
	}
	return all
}

func isCalendar(a *Attachment) bool {
	switch a.Type {
	case "text/calendar", "application/ics", "application/calendar", "text/x-vcalendar":
		return true
	}
	n := len(a.Name)
	return n > 4 && strings.EqualFold(a.Name[n-4:], ".ics") && !strings.HasPrefix(a.Type, "image/")
}

func hasInvitation(all []Invitation, one *Invitation) bool {
	for i := range all {
		if all[i].UID == one.UID && all[i].Sequence == one.Sequence && all[i].Start.Equal(one.Start) {
			return true
		}
	}
	return false
}

// ParseCalendar reads the events of one iCalendar object, at most 20. What
// has no usable start is left out; anything else may be missing.
func ParseCalendar(raw []byte) []Invitation {
	var c calendar
	raw = unfoldCalendar(raw[:min(len(raw), maxCalendar)])
	for text := decodeCharset(raw, "utf-8", nil); text != ""; { // RFC 5545 §3.1.4
		var line string
		line, text, _ = strings.Cut(text, "\n")
		c.line(strings.TrimRight(line, "\r \t"))
	}
	return c.invitations()
}

// unfoldCalendar joins folded lines (RFC 5545 §3.1). A fold may stand within
// a character, so it comes before any decoding.
func unfoldCalendar(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("\n ")) && !bytes.Contains(raw, []byte("\n\t")) {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\n' && i+1 < len(raw) && (raw[i+1] == ' ' || raw[i+1] == '\t') {
			out = bytes.TrimSuffix(out, []byte("\r"))
			i++
			continue
		}
		out = append(out, raw[i])
	}
	return out
}

// calendar collects what lines say. Zones may be defined below the events
// that use them, so times are settled at the end.
type calendar struct {
	within []string // components that are open, outermost first
	method string
	events []calendarEvent
	zones  []calendarZone
	// zone is the one last looked up, by named: most events have their start and end in one.
	named string
	zone  *time.Location
}

// calendarEvent is an event as it stands in the file.
type calendarEvent struct {
	Invitation
	start, end property
	duration   string
}

// property is one content line (RFC 5545 §3.1).
type property struct{ name, params, value string }

// maxOpen bounds how deep components may nest; the standard needs three.
const maxOpen = 10

func (c *calendar) line(s string) {
	p, ok := cutProperty(s)
	if !ok {
		return
	}
	switch p.name {
	case "BEGIN":
		c.begin(strings.ToUpper(strings.TrimSpace(p.value)))
		return
	case "END":
		if n := len(c.within); n > 0 {
			c.within = c.within[:n-1]
		}
		return
	}
	switch n := len(c.within); {
	case n == 0:
	case c.within[n-1] == "VCALENDAR" && p.name == "METHOD":
		c.method = strings.ToLower(calendarText(p.value))
	case c.within[n-1] == "VEVENT" && len(c.events) > 0:
		c.events[len(c.events)-1].take(p)
	case c.within[n-1] == "VTIMEZONE" && p.name == "TZID" && len(c.zones) > 0:
		c.zones[len(c.zones)-1].id = p.value
	case n > 1 && c.within[n-2] == "VTIMEZONE" && len(c.zones) > 0:
		c.zones[len(c.zones)-1].take(p)
	}
}

func (c *calendar) begin(name string) {
	if len(c.within) >= maxOpen {
		c.within = c.within[:maxOpen-1] // nonsense; nothing in it is read
	}
	c.within = append(c.within, name)
	switch {
	case name == "VEVENT" && len(c.events) < maxInvitations:
		c.events = append(c.events, calendarEvent{})
	case name == "VEVENT":
		c.within[len(c.within)-1] = "" // one too many
	case name == "VTIMEZONE" && len(c.zones) < maxZones:
		c.zones = append(c.zones, calendarZone{})
	case name == "VTIMEZONE":
		c.within[len(c.within)-1] = ""
	case name == "STANDARD" || name == "DAYLIGHT":
		if n := len(c.within); n > 1 && c.within[n-2] == "VTIMEZONE" && len(c.zones) > 0 {
			c.zones[len(c.zones)-1].begin()
		}
	}
}

// take reads one property of an event.
func (e *calendarEvent) take(p property) {
	switch p.name {
	case "UID":
		e.UID = calendarText(p.value)
	case "SUMMARY":
		e.Summary = calendarText(p.value)
	case "LOCATION":
		e.Location = calendarText(p.value)
	case "STATUS":
		e.Status = strings.ToLower(calendarText(p.value))
	case "SEQUENCE":
		if n, err := strconv.Atoi(strings.TrimSpace(p.value)); err == nil && n >= 0 && n < 1<<31 {
			e.Sequence = n
		}
	case "ORGANIZER":
		e.Organizer = p.address()
	case "ATTENDEE":
		e.Answer = answerOf(p.param("PARTSTAT"))
	case "RRULE", "RDATE":
		e.Repeats = true
	case "DTSTART":
		e.start = p
	case "DTEND":
		e.end = p
	case "DURATION":
		e.duration = p.value
	}
}

// answerOf takes the answers that say something (RFC 5545 §3.2.12).
func answerOf(partstat string) string {
	switch s := strings.ToLower(partstat); s {
	case "accepted", "declined", "tentative", "delegated":
		return s
	}
	return ""
}

// invitations settles the times.
func (c *calendar) invitations() (list []Invitation) {
	for i := range c.events {
		e := &c.events[i]
		if !c.settle(e) {
			continue
		}
		e.Method = c.method
		if e.Method != "reply" {
			e.Answer = ""
		}
		list = append(list, e.Invitation)
	}
	return list
}

func (c *calendar) settle(e *calendarEvent) bool {
	start, ok := c.time(e.start)
	if !ok {
		return false
	}
	e.Start, e.AllDay, e.Floating = start.at, start.date, start.floating
	e.End = e.Start
	end, ok := c.time(e.end)
	switch length, given := parseDuration(e.duration); {
	case ok && !end.at.Before(e.Start):
		e.End = end.at
	case given && length > 0:
		e.End = e.Start.Add(length)
	case e.AllDay:
		e.End = e.Start.AddDate(0, 0, 1) // RFC 5545 §3.6.1: one day
	}
	return usableYear(e.End)
}

// usableYear keeps times within what every other format can write.
func usableYear(t time.Time) bool { return t.Year() >= 1900 && t.Year() < 9000 }

// moment is a DATE or DATE-TIME value (RFC 5545 §3.3.4, §3.3.5).
type moment struct {
	at             time.Time
	date, floating bool
}

func (c *calendar) time(p property) (moment, bool) {
	v := strings.ToUpper(strings.TrimSpace(p.value))
	if len(v) == 8 {
		t, err := time.Parse("20060102", v)
		return moment{at: t, date: true}, err == nil && usableYear(t)
	}
	v, utc := strings.CutSuffix(v, "Z")
	if len(v) == len("20060102T1504") {
		v += "00"
	}
	t, err := time.Parse("20060102T150405", v)
	if err != nil || !usableYear(t) {
		return moment{}, false
	}
	if utc {
		return moment{at: t}, true
	}
	at, known := c.inZone(t, p.param("TZID"))
	return moment{at: at, floating: !known}, true
}

// parseDuration reads RFC 5545 §3.3.6, e.g. PT1H30M, P15DT5H, P7W.
func parseDuration(s string) (time.Duration, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	s = strings.TrimPrefix(s, "+")
	if !strings.HasPrefix(s, "P") || len(s) < 3 || len(s) > 40 {
		return 0, false
	}
	var sum time.Duration
	n := 0
	for _, r := range s[1:] {
		unit := time.Duration(0)
		switch r {
		case 'W':
			unit = 7 * 24 * time.Hour
		case 'D':
			unit = 24 * time.Hour
		case 'H':
			unit = time.Hour
		case 'M':
			unit = time.Minute
		case 'S':
			unit = time.Second
		case 'T':
			continue
		default:
			if r < '0' || r > '9' || n > 100000 {
				return 0, false
			}
			n = n*10 + int(r-'0')
			continue
		}
		if sum += time.Duration(n) * unit; sum < 0 || sum > 4000*24*time.Hour {
			return 0, false
		}
		n = 0
	}
	return sum, true
}

// cutProperty parts a content line: a name, parameters in which quotes
// protect every sign, a colon, the value.
func cutProperty(s string) (p property, ok bool) {
	i := strings.IndexAny(s, ";:")
	if i <= 0 {
		return p, false
	}
	p.name = strings.ToUpper(s[:i])
	if _, after, found := strings.Cut(p.name, "."); found {
		p.name = after // a group, as vCard has it
	}
	if s[i] == ':' {
		p.value = s[i+1:]
		return p, true
	}
	quoted := false
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == '"':
			quoted = !quoted
		case s[j] == ':' && !quoted:
			p.params, p.value = s[i+1:j], s[j+1:]
			return p, true
		}
	}
	return p, false
}

// param gives a parameter without its quotes; "" when it is not there.
func (p property) param(name string) string {
	for rest := p.params; rest != ""; {
		end, quoted := len(rest), false
		for j := 0; j < len(rest); j++ {
			if rest[j] == '"' {
				quoted = !quoted
			} else if rest[j] == ';' && !quoted {
				end = j
				break
			}
		}
		key, value, _ := strings.Cut(rest[:end], "=")
		if strings.EqualFold(key, name) {
			return strings.Trim(value, `"`)
		}
		rest = rest[min(end+1, len(rest)):]
	}
	return ""
}

// address reads a calendar user (RFC 5545 §3.3.3) with his name.
func (p property) address() Address {
	v := strings.TrimSpace(p.value)
	if len(v) > 7 && strings.EqualFold(v[:7], "mailto:") {
		v = v[7:]
	}
	a, err := ParseMailbox(v)
	if err != nil {
		if a, err = ParseMailbox(p.param("EMAIL")); err != nil { // RFC 7986 §6.2
			return Address{}
		}
	}
	// RFC 6868 §3.1 writes quotes and line ends by carets.
	name := strings.NewReplacer("^'", `"`, "^n", " ", "^^", "^").Replace(p.param("CN"))
	a.Name = cutBytes(oneLine(name), 200)
	return a
}

// calendarText takes the escapes out of a text (RFC 5545 §3.3.11).
func calendarText(s string) string {
	s = cutBytes(s, 4*maxCalendarText)
	if strings.IndexByte(s, '\\') >= 0 {
		s = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";").Replace(s)
	}
	return cutBytes(oneLine(s), maxCalendarText)
}
