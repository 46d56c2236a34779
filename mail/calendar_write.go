package mail

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is an event to be written as an iCalendar object (RFC 5545), to be sent
// as RFC 5546 says.
type Event struct {
	// Method is REQUEST or CANCEL.
	Method string
	// UID names the event through all its changes; Sequence counts these.
	UID      string
	Sequence int
	// Stamp is when this was written (DTSTAMP).
	Stamp time.Time
	// Start and End are instants; with AllDay midnights of civil dates, End the first day after.
	Start, End           time.Time
	AllDay               bool
	Summary, Description string
	URL                  string
	Organizer            Address
	Attendees            []Address
}

// ComposeCalendar writes the event with CRLF line ends and folded lines. It is
// a pure function. The error wraps ErrDraft.
func ComposeCalendar(e *Event) ([]byte, error) {
	if e.Method != "REQUEST" && e.Method != "CANCEL" || e.UID == "" || e.Organizer.IsZero() || len(e.Attendees) == 0 || !e.Start.Before(e.End) {
		// RFC 5546 §3.2.2 and §3.2.5: all of these must be there.
		return nil, fmt.Errorf("%w: calendar: something is missing", ErrDraft)
	}
	w := &calendarWriter{}
	w.line("BEGIN:VCALENDAR")
	w.line("PRODID:-//Planpost//Planpost//EN")
	w.line("VERSION:2.0")
	w.line("CALSCALE:GREGORIAN")
	w.line("METHOD:" + e.Method)
	w.line("BEGIN:VEVENT")
	w.text("UID", e.UID)
	w.line("SEQUENCE:" + strconv.Itoa(e.Sequence))
	w.line("DTSTAMP:" + utcStamp(e.Stamp))
	if e.AllDay {
		w.line("DTSTART;VALUE=DATE:" + e.Start.Format("20060102"))
		w.line("DTEND;VALUE=DATE:" + e.End.Format("20060102")) // RFC 5545 §3.6.1: the first day after
	} else {
		w.line("DTSTART:" + utcStamp(e.Start))
		w.line("DTEND:" + utcStamp(e.End))
	}
	w.text("SUMMARY", e.Summary)
	if e.Description != "" {
		w.text("DESCRIPTION", e.Description)
	}
	if e.URL != "" {
		w.line("URL:" + withoutControl(e.URL))
	}
	w.user("ORGANIZER", "", e.Organizer)
	for _, a := range e.Attendees {
		params := ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT"
		if e.Method == "REQUEST" {
			params += ";PARTSTAT=NEEDS-ACTION;RSVP=FALSE"
		}
		w.user("ATTENDEE", params, a)
	}
	if e.Method == "CANCEL" {
		w.line("STATUS:CANCELLED") // RFC 5546 §3.2.5
	} else {
		w.line("STATUS:CONFIRMED")
	}
	w.line("TRANSP:OPAQUE")
	w.line("END:VEVENT")
	w.line("END:VCALENDAR")
	return w.out.Bytes(), nil
}

func utcStamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

type calendarWriter struct{ out bytes.Buffer }

// line writes one content line, folded at 75 octets and never within a
// character (RFC 5545 §3.1).
func (w *calendarWriter) line(s string) {
	room := 75
	for len(s) > room {
		n := room
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		w.out.WriteString(s[:n] + "\r\n ")
		s, room = s[n:], 74 // the space counts
	}
	w.out.WriteString(s + "\r\n")
}

// text writes a TEXT value with its escapes (RFC 5545 §3.3.11).
func (w *calendarWriter) text(name, value string) {
	value = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(value, "\uFFFD"))
	value = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(value)
	w.line(name + ":" + withoutControl(value))
}

// user writes a calendar user. A name stands in quotes, in which no quote and
// no line end can stand; RFC 6868 §3.2 writes these with carets.
func (w *calendarWriter) user(name, params string, a Address) {
	if a.Name != "" {
		cn := strings.NewReplacer("^", "^^", `"`, "^'", "\n", " ", "\r", " ").Replace(strings.ToValidUTF8(a.Name, "\uFFFD"))
		params += `;CN="` + withoutControl(cn) + `"`
	}
	w.line(name + params + ":mailto:" + withoutControl(a.Mailbox()))
}

// withoutControl takes out what may not stand in a content line (RFC 5545 §3.1).
func withoutControl(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
