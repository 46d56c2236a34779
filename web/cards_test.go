package web

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
)

func TestAnEventIsToldInTheReadersZone(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	must(t, err)
	start := time.Date(2026, 7, 6, 8, 0, 0, 0, time.UTC)
	one := core.Invitation{Method: "request", Summary: "Site visit", Start: start, End: start.Add(time.Hour), Organizer: "olga@nordbau.example", OrganizerName: "Olga"}
	for name, c := range map[string]struct {
		change     func(*core.Invitation)
		code, when string
		note       string
	}{
		"an instant":   {func(*core.Invitation) {}, "request", "10:00 to 11:00", ""},
		"changed":      {func(v *core.Invitation) { v.Sequence = 1 }, "update", "10:00", ""},
		"cancelled":    {func(v *core.Invitation) { v.Method = "cancel" }, "cancel", "10:00", ""},
		"declined":     {func(v *core.Invitation) { v.Method, v.Answer = "reply", "declined" }, "declined", "10:00", ""},
		"unknown":      {func(v *core.Invitation) { v.Method, v.Answer = "reply", "maybe so" }, "reply", "10:00", ""},
		"a wall clock": {func(v *core.Invitation) { v.Floating = true }, "request", "8:00", "event.floating"},
		"whole days": {func(v *core.Invitation) {
			v.AllDay, v.Start, v.End = true, start.Truncate(24*time.Hour), start.Truncate(24*time.Hour).AddDate(0, 0, 2)
		}, "request", "7", "event.allday"},
	} {
		in := one
		c.change(&in)
		got := eventOf("en", vienna, &in)
		if when := strings.ReplaceAll(got.When, "\u00a0", " "); got.Code != c.code || !strings.Contains(when, c.when) || got.Note != c.note || got.Organizer != "Olga <olga@nordbau.example>" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := eventOf("en", vienna, &core.Invitation{}); got.When != "" || got.Code != "publish" {
		t.Errorf("nothing known: %+v", got)
	}
}

func TestAnInvitationIsACardOnTheTask(t *testing.T) {
	s := newScene(t)
	const cal = "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:CANCEL\nBEGIN:VEVENT\nUID:1@x\nDTSTART:20260706T080000Z\nDTEND:20260706T090000Z\nSUMMARY:Site visit\nLOCATION:The yard\nRRULE:FREQ=WEEKLY\nORGANIZER;CN=Olga:mailto:olga@nordbau.example\nEND:VEVENT\nEND:VCALENDAR\n"
	r := s.receive(s.replyAddress(s.client), "Clara <"+s.client.Address().Mailbox()+">", "Re: Windows",
		"--b\nContent-Type: text/plain\n\nSee you there\n--b\nContent-Type: text/calendar; method=CANCEL\n\n"+cal+"--b--\n", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "X-Rest:")
	b := s.as(s.owner)
	for _, path := range []string{s.path(), "/messages/" + string(r.ID)} {
		b.wants(b.get(path), 200, "event-card cancelled", "Cancelled", "Site visit", "The yard", "10:00 to 11:00", "It repeats", "olga@nordbau.example")
	}
}
