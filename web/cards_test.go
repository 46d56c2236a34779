package web

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/templates"
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

// visitorFromOutside is a colleague of the client's who may sign in, at a task of both.
func (s *scene) visitorFromOutside() core.Person {
	s.t.Helper()
	who := s.person("Vera Visitor", contact(core.AdvancedAccess, s.firm.ID))
	s.replyAddress(s.client) // the mail about the other task is taken away
	var err error
	s.task, err = s.core.CreateTask(context.Background(), s.actor(s.owner), core.NewTask{Title: "Doors", Project: s.task.Project, Assignee: s.anna.ID, Participants: []core.ID{s.client.ID, who.ID}})
	must(s.t, err)
	return who
}

func TestWhoIsAwayIsToldToThoseInsideOnly(t *testing.T) {
	s := newScene(t)
	vera := s.visitorFromOutside()
	b := s.as(s.owner)
	if page := b.wants(b.get(s.path()), 200); strings.Contains(page.body, `id="away"`) {
		t.Error("somebody is away before anybody said so")
	}
	until := s.core.Now().AddDate(0, 0, 20)
	r := s.receive(s.replyAddress(s.client), "Clara Client <"+s.client.Address().Mailbox()+">", "Automatic reply: Windows", "I am out of the office until "+until.Format("2 January 2006")+".",
		"Auto-Submitted: auto-replied", "Date: "+s.core.Now().Format(time.RFC1123Z))
	if r.Disposition != core.Recorded {
		t.Fatalf("%s %s", r.Disposition, r.Reason)
	}
	page := b.wants(b.get(s.path()), 200, "1 person is away", "Clara Client is away until "+strings.ReplaceAll(templates.Civil("en", until.Format(time.DateOnly), ""), "\u00a0", " "), `href="/messages/`+string(r.ID)+`"`)
	if strings.Contains(page.body, "I am out of the office") {
		t.Error("the note became a comment")
	}
	// Anna said it in her settings, and Vera knows her.
	today := s.core.Now()
	s.anna.Deputy, s.anna.AwayFrom, s.anna.AwayUntil = s.owner.ID, today.AddDate(0, 0, -2).Format(time.DateOnly), today.AddDate(0, 0, 9).Format(time.DateOnly)
	s.tx(func(tx core.Tx) error { return tx.UpdatePerson(context.Background(), &s.anna) })
	b.wants(b.get(s.path()), 200, "2 people are away", "Anna Berg is away until", strings.TrimSpace(templates.T("en", "away.deputy", "name", "Olga Owner")))
	other := s.as(vera)
	if page := other.wants(other.get(s.path()), 200); strings.Contains(page.body, `id="away"`) {
		t.Error("people from outside learn who is away")
	}
}

func TestSealsOfAMailAreTold(t *testing.T) {
	s := newScene(t)
	to := s.replyAddress(s.client)
	from := "Clara <" + s.client.Address().Mailbox() + ">"
	b := s.as(s.owner)
	for _, c := range []struct{ kind, protocol, first, second, says, not string }{
		{"signed", "application/pgp-signature", "Content-Type: text/plain\n\nWe agree", "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----", "signed (PGP), not checked", "is encrypted"},
		{"signed", "application/pkcs7-signature", "Content-Type: text/plain\n\nWe agree", "Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\nMAA=", "signed (S/MIME), not checked", "is encrypted"},
		{"encrypted", "application/pgp-encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1", "Content-Type: application/octet-stream; name=sealed.asc\n\n-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----", "This mail is encrypted and cannot be read here.", "signed ("},
	} {
		r := s.receive(to, from, "Re: Windows", "--b\n"+c.first+"\n--b\n"+c.second+"\n--b--\n", "MIME-Version: 1.0",
			fmt.Sprintf("Content-Type: multipart/%s; boundary=b; protocol=%q", c.kind, c.protocol), "X-Rest:")
		if r.Disposition != core.Posted {
			t.Fatalf("%s: %s %s", c.protocol, r.Disposition, r.Reason)
		}
		for _, path := range []string{s.path(), "/messages/" + string(r.ID)} {
			body := b.wants(b.get(path), 200).body
			if path == s.path() { // the entry alone
				_, body, _ = strings.Cut(body, `id="c-`+string(r.Comment)+`"`)
				body, _, _ = strings.Cut(body, "</article>")
			}
			if !strings.Contains(body, c.says) || strings.Contains(body, c.not) {
				t.Errorf("%s on %s: %s", c.protocol, path, clip(body))
			}
		}
	}
}
