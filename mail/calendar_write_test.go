package mail

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func anEvent() Event {
	start := time.Date(2031, 2, 3, 7, 0, 0, 0, time.UTC)
	return Event{Method: "REQUEST", UID: "visit-1@in.example", Sequence: 3, Stamp: start, Start: start, End: start.Add(90 * time.Minute),
		Summary: "Türe messen; Stiege, 2. Stock \\ Врата " + strings.Repeat("ж", 80), Description: "one\ntwo\r\nBEGIN:VALARM",
		Organizer: Address{Name: `House "Oak": doors; more`, Local: "planpost", Domain: "in.example"}, Attendees: []Address{{Name: "Eve", Local: "eve", Domain: "house.example"}}}
}

func TestM9AnEventIsReadBackAsItWasWritten(t *testing.T) {
	for _, method := range []string{"REQUEST", "CANCEL"} {
		e := anEvent()
		e.Method = method
		raw, err := ComposeCalendar(&e)
		if err != nil {
			t.Fatal(err)
		}
		list := ParseCalendar(raw)
		if len(list) != 1 {
			t.Fatalf("%d events in\n%s", len(list), raw)
		}
		got := list[0]
		if got.Method != strings.ToLower(method) || got.UID != e.UID || got.Sequence != 3 || !got.Start.Equal(e.Start) || !got.End.Equal(e.End) || got.Summary != e.Summary ||
			got.Organizer != e.Organizer || got.AllDay || got.Floating || (method == "CANCEL") != (got.Status == "cancelled") {
			t.Errorf("%s: read back %+v", method, got)
		}
	}
	e := anEvent()
	e.AllDay, e.Start, e.End = true, time.Date(2031, 2, 3, 0, 0, 0, 0, time.UTC), time.Date(2031, 2, 4, 0, 0, 0, 0, time.UTC)
	raw, err := ComposeCalendar(&e)
	if err != nil {
		t.Fatal(err)
	}
	if got := ParseCalendar(raw)[0]; !got.AllDay || !got.Start.Equal(e.Start) || !got.End.Equal(e.End) {
		t.Errorf("a whole day is read back as %+v", got)
	}
}

// RFC 5545 §3.1: lines of at most 75 octets that end in CRLF, no control
// characters; a value cannot begin a line of its own.
func TestM9ContentLinesKeepTheRulesOfTheStandard(t *testing.T) {
	e := anEvent()
	e.Summary, e.UID = "a\x00b\x1b\nc", "x\r\nATTENDEE:mailto:z@z"
	raw, err := ComposeCalendar(&e)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.SplitSeq(bytes.TrimSuffix(raw, []byte("\r\n")), []byte("\r\n")) {
		if len(line) > 75 || bytes.ContainsAny(line, "\r\n\x00\x1b") || !validUTF8(string(line)) {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	flat := string(unfoldCalendar(raw))
	for want, n := range map[string]int{"\nATTENDEE": 1, "\nBEGIN:": 1, "\nMETHOD:REQUEST": 1, "\nDTSTAMP:": 1, "\nSUMMARY:ab\\nc": 1, "\nDESCRIPTION:one\\ntwo\\nBEGIN": 1} {
		if got := strings.Count(flat, want); got != n {
			t.Errorf("%q stands there %d times\n%s", want, got, flat)
		}
	}
}

func TestACalendarWithoutWhatTheStandardWantsIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Event){"method": func(e *Event) { e.Method = "" }, "uid": func(e *Event) { e.UID = "" },
		"organizer": func(e *Event) { e.Organizer = Address{} }, "attendee": func(e *Event) { e.Attendees = nil }, "end": func(e *Event) { e.End = e.Start }} {
		e := anEvent()
		spoil(&e)
		if _, err := ComposeCalendar(&e); err == nil {
			t.Errorf("%s missing is taken", name)
		}
	}
}

func TestM9TheCalendarIsTheLastFormOfTheBodyAndAFile(t *testing.T) {
	e := anEvent()
	raw, err := ComposeCalendar(&e)
	if err != nil {
		t.Fatal(err)
	}
	d := Draft{From: []Address{e.Organizer}, To: e.Attendees, MessageID: "m@in.example", Text: "words", HTML: "<p>words</p>", Calendar: raw, CalendarMethod: "REQUEST",
		Attachments: []Attachment{{Name: "invite.ics", Type: "application/ics", Content: raw}}}
	out, err := Compose(&d)
	if err != nil {
		t.Fatal(err)
	}
	at := -1
	for _, part := range []string{"multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar; method=REQUEST; charset=utf-8", "application/ics"} {
		next := bytes.Index(out, []byte("Content-Type: "+part))
		if next <= at {
			t.Errorf("%s is at %d, after %d\n%s", part, next, at, out)
		}
		at = next
	}
	m, err := Parse(out, Limits{})
	if err != nil || len(m.Invitations) != 1 || m.Invitations[0].UID != e.UID || m.Invitations[0].Summary != e.Summary {
		t.Errorf("read back: %v %+v", err, m.Invitations)
	}
}
