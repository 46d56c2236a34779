package mail

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func event(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@b.example\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

const oddZone = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Site time\r\n" +
	"BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n" +
	"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0300\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;TZID=\"Site time\":"

func TestTimesOfInvitationsAreInstants(t *testing.T) {
	for _, c := range []struct {
		name             string
		raw              []byte
		start, end       string
		allDay, floating bool
	}{
		{"UTC", event("DTSTART:20260812T080000Z", "DTEND:20260812T093000Z"), "2026-08-12T08:00:00Z", "2026-08-12T09:30:00Z", false, false},
		{"a known zone in summer", event("DTSTART;TZID=Europe/Sofia:20260812T110000", "DURATION:PT1H30M"), "2026-08-12T08:00:00Z", "2026-08-12T09:30:00Z", false, false},
		{"a known zone in winter", event("DTSTART;TZID=Europe/Sofia:20260112T110000"), "2026-01-12T09:00:00Z", "2026-01-12T09:00:00Z", false, false},
		{"a path before the zone", event("DTSTART;TZID=/z.example/2005_1/Europe/Berlin:20260812T110000"), "2026-08-12T09:00:00Z", "2026-08-12T09:00:00Z", false, false},
		{"as Windows names it", event("DTSTART;TZID=W. Europe Standard Time:20260812T110000"), "2026-08-12T09:00:00Z", "2026-08-12T09:00:00Z", false, false},
		{"by its own rules in summer", []byte(oddZone + "20260812T110000\r\nEND:VEVENT\r\n"), "2026-08-12T08:00:00Z", "2026-08-12T08:00:00Z", false, false},
		{"by its own rules in winter", []byte(oddZone + "20261112T110000\r\nEND:VEVENT\r\n"), "2026-11-12T09:00:00Z", "2026-11-12T09:00:00Z", false, false},
		{"by its own rules early in the year", []byte(oddZone + "20260212T110000\r\nEND:VEVENT\r\n"), "2026-02-12T09:00:00Z", "2026-02-12T09:00:00Z", false, false},
		{"no zone", event("DTSTART:20260812T110000"), "2026-08-12T11:00:00Z", "2026-08-12T11:00:00Z", false, true},
		{"a zone nobody knows", event("DTSTART;TZID=Atlantis:20260812T110000"), "2026-08-12T11:00:00Z", "2026-08-12T11:00:00Z", false, true},
		{"not the zone of this machine", event("DTSTART;TZID=Local:20260812T110000"), "2026-08-12T11:00:00Z", "2026-08-12T11:00:00Z", false, true},
		{"a day", event("DTSTART;VALUE=DATE:20260812"), "2026-08-12T00:00:00Z", "2026-08-13T00:00:00Z", true, false},
		{"three days", event("DTSTART;VALUE=DATE:20260812", "DTEND;VALUE=DATE:20260815"), "2026-08-12T00:00:00Z", "2026-08-15T00:00:00Z", true, false},
		{"an end before its start", event("DTSTART:20260812T080000Z", "DTEND:20260811T080000Z"), "2026-08-12T08:00:00Z", "2026-08-12T08:00:00Z", false, false},
	} {
		list := ParseCalendar(c.raw)
		if len(list) != 1 {
			t.Errorf("%s: %+v", c.name, list)
			continue
		}
		got := list[0]
		if s, e := got.Start.Format(time.RFC3339), got.End.Format(time.RFC3339); s != c.start || e != c.end || got.AllDay != c.allDay || got.Floating != c.floating {
			t.Errorf("%s: %s to %s, %+v", c.name, s, e, got)
		}
	}
}

func TestTextsOfInvitationsAreUnfoldedAndUnescaped(t *testing.T) {
	raw := event("DTSTART:20260812T080000Z", "SUMMARY;LANGUAGE=de:Rohbau\\, 2. OG\\; Gespr", " \u00e4ch", "LOCATION:Haus \xd0", " \x91\\nTor 2", "STATUS:CONFIRMED", "SEQUENCE:3",
		"ORGANIZER;CN=\"Berg: Ann\";ROLE=CHAIR:MAILTO:ann@b.example", "RRULE:FREQ=WEEKLY", "BEGIN:VALARM", "DURATION:PT9H", "SUMMARY:Alarm", "END:VALARM")
	list := ParseCalendar(raw)
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	got := list[0]
	if got.Summary != "Rohbau, 2. OG; Gespräch" || got.Location != "Haus Б Tor 2" || got.Status != "confirmed" || got.Sequence != 3 || got.Method != "request" || got.UID != "1@b.example" || !got.Repeats {
		t.Errorf("%+v", got)
	}
	if got.Organizer.Mailbox() != "ann@b.example" || got.Organizer.Name != "Berg: Ann" {
		t.Errorf("organiser %+v", got.Organizer)
	}
	if !got.End.Equal(got.Start) {
		t.Errorf("the length of an alarm became that of the event: %v", got.End)
	}
}

func TestInvitationsComeOncePerMessage(t *testing.T) {
	one := string(event("DTSTART:20260812T080000Z", "SUMMARY:Survey"))
	m := parse(t, "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nCome.\r\n"+
		"--x\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n"+one+"\r\n--x--\r\n--m\r\nContent-Type: application/octet-stream; name=\"invite.ICS\"\r\nContent-Disposition: attachment\r\n\r\n"+one+"\r\n--m--\r\n")
	if len(m.Invitations) != 1 || m.Invitations[0].Summary != "Survey" || strings.TrimSpace(m.Text) != "Come." {
		t.Errorf("%+v %q", m.Invitations, m.Text)
	}
}

func TestAnswersToInvitationsTellTheAnswer(t *testing.T) {
	raw := strings.Replace(string(event("DTSTART:20260812T080000Z", "ATTENDEE;PARTSTAT=DECLINED;CN=Ann:mailto:ann@b.example")), "REQUEST", "REPLY", 1)
	if list := ParseCalendar([]byte(raw)); len(list) != 1 || list[0].Answer != "declined" {
		t.Errorf("%+v", list)
	}
	asked := event("DTSTART:20260812T080000Z", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@b.example")
	if list := ParseCalendar(asked); len(list) != 1 || list[0].Answer != "" {
		t.Errorf("a request is no answer: %+v", list)
	}
}

func TestCalendarsAreBounded(t *testing.T) {
	many := strings.Repeat("BEGIN:VEVENT\nDTSTART:20260812T080000Z\nEND:VEVENT\n", 5000)
	if n := len(ParseCalendar([]byte("BEGIN:VCALENDAR\n" + many))); n != maxInvitations {
		t.Errorf("%d events", n)
	}
	deep := ParseCalendar([]byte(strings.Repeat("BEGIN:VCALENDAR\n", 50000) + string(event("DTSTART:20260812T080000Z"))))
	if len(deep) > 1 {
		t.Errorf("%+v", deep)
	}
	if list := ParseCalendar(event("DTSTART:20260812T080000Z", "SUMMARY:"+strings.Repeat("x", 100000))); len(list) != 1 || len(list[0].Summary) > maxCalendarText {
		t.Errorf("%+v", list)
	}
}

func FuzzParseCalendar(f *testing.F) {
	f.Add(event("DTSTART;TZID=Europe/Sofia:20260812T110000", "DURATION:P1DT2H", "SUMMARY:a\\", " \\nb"))
	f.Add([]byte(oddZone + "20260212T110000\r\n"))
	f.Add([]byte("BEGIN:VEVENT\nDTSTART:99991231T235959Z\nDURATION:P999999999W\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, one := range ParseCalendar(raw) {
			if one.End.Before(one.Start) || one.Start.Year() < 1899 || one.End.Year() > 9001 {
				t.Errorf("%+v", one)
			}
			if strings.ContainsAny(one.Summary+one.Location, "\r\n\x00") {
				t.Errorf("%q %q", one.Summary, one.Location)
			}
		}
	})
}
