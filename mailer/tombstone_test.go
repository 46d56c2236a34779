package mailer

import (
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

func TestU12ADeletedPersonIsNamedInWordsInEveryMail(t *testing.T) {
	for _, locale := range []string{"en", "de", "fr", "bg"} {
		o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
		o.letter = func(d core.Delivery) (core.Letter, error) {
			l, err := letterOf(d)
			l.Locale = locale
			l.Entries[0].Author.Name = core.Tombstone
			l.From.Name = core.Tombstone + " (Nordlicht)"
			return l, err
		}
		idle(t, mailerFor(o, tr))
		m, err := mail.Parse(tr.mails()[0].Raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		name := templates.T(locale, "person.tombstone")
		for what, text := range map[string]string{"text": m.Text, "html": m.HTML, "from": m.From[0].Name} {
			if !strings.Contains(text, name) || strings.Contains(text, core.Tombstone) {
				t.Errorf("%s, %s: %q", locale, what, text)
			}
		}
	}
}
