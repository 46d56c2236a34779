package mailer

import (
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
)

func TestM9AVisitsMailCarriesTheEntryInEveryLanguage(t *testing.T) {
	for _, locale := range []string{"en", "de", "fr", "bg"} {
		for _, cancel := range []bool{false, true} {
			o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
			o.letter = func(d core.Delivery) (core.Letter, error) {
				l, err := letterOf(d)
				l.Delivery.Kind, l.Delivery.Task, l.Task, l.Entries, l.Locale = core.VisitLetter, "", core.Task{}, nil, locale
				l.VisitURL = "http://127.0.0.1/visits/v1"
				l.Visit = core.VisitNews{Visit: "v1", Cancel: cancel, Sequence: 2, Number: 42, Title: "Oak door", Day: "2031-02-03", From: "08:00", Until: "09:30", Zone: "Europe/Vienna", Resource: "Mira Vogt"}
				return l, err
			}
			idle(t, mailerFor(o, tr))
			m, err := mail.Parse(tr.mails()[0].Raw, mail.Limits{})
			if err != nil || len(m.Invitations) != 1 {
				t.Fatalf("%s: %v, %d invitations", locale, err, len(m.Invitations))
			}
			got := m.Invitations[0]
			if got.Method != map[bool]string{false: "request", true: "cancel"}[cancel] || got.Sequence != 2 || !strings.HasPrefix(got.UID, "visit-v1@") ||
				got.Start.Format("15:04") != "07:00" || got.End.Format("15:04") != "08:30" || got.Organizer.Mailbox() != m.From[0].Mailbox() {
				t.Errorf("%s: the entry is %+v", locale, got)
			}
			for _, want := range []string{"Oak door", "09:30", "Europe/Vienna"} {
				if !strings.Contains(m.Text, want) && !strings.Contains(m.Text, strings.Replace(want, "09:30", "9:30", 1)) {
					t.Errorf("%s: %q is missing in %q", locale, want, m.Text)
				}
			}
		}
	}
}
