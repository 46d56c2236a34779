package mailer

import (
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

// waiting is a letter without a task that tells of held messages.
func waiting(d core.Delivery, locale string, more int, held ...core.LetterHeld) core.Letter {
	l, _ := letterOf(d)
	l.Delivery.Link, l.Task, l.Entries, l.ReplyTo, l.References = "", core.Task{}, nil, mail.Address{}, nil
	l.Staff, l.Locale, l.Event, l.Reasons = true, locale, core.MessageHeld, []string{"manager"}
	l.Held, l.MoreHeld, l.HeldURL, l.Project = held, more, "http://127.0.0.1/held", held[0].Project
	return l
}

func heldIn(project, from, name, url string) core.LetterHeld {
	return core.LetterHeld{Receipt: core.Receipt{Reason: "auth.fail", Params: []string{"domain", "evil.test"}}, Project: core.Project{ID: core.ID(project), Name: project},
		Message: core.Message{From: from, FromName: name, Subject: "Broken window"}, URL: url}
}

func TestHeldMailWithoutATaskIsToldOfInEveryLanguage(t *testing.T) {
	for _, locale := range templates.Locales() {
		o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
		o.letter = func(d core.Delivery) (core.Letter, error) {
			return waiting(d, locale, 0, heldIn("Haus am See", "bob@evil.test", "Bob", "http://127.0.0.1/messages/1")), nil
		}
		idle(t, mailerFor(o, tr))
		m, err := mail.Parse(tr.mails()[0].Raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(m.ReplyTo)+len(m.References)+len(m.InReplyTo) > 0 || m.Header.Get("Thread-Topic") != "" {
			t.Errorf("%s: it claims a thread: reply to %v, references %v", locale, m.ReplyTo, m.References)
		}
		if m.Header.Get("Auto-Submitted") != "auto-generated" || !strings.HasPrefix(m.MessageID, "d-") || m.Header.Get("X-Planpost-Reason") != "manager" {
			t.Errorf("%s: header %v", locale, m.Header)
		}
		want := templates.T(locale, "mail.held.subject", "from", "bob@evil.test")
		if m.Subject != "[Haus am See] "+want {
			t.Errorf("%s: subject %q", locale, m.Subject)
		}
		reason := templates.T(locale, "reason.auth.fail", "domain", "evil.test")
		for kind, body := range map[string]string{"text": m.Text, "html": m.HTML} {
			for _, want := range []string{"bob@evil.test", "Bob", "Broken window", "Haus am See", "http://127.0.0.1/messages/1", reason, templates.T(locale, "mail.noreply")} {
				if !strings.Contains(body, want) && !strings.Contains(body, strings.ReplaceAll(want, "'", "&#39;")) {
					t.Errorf("%s: %q is missing in the %s: %s", locale, want, kind, body)
				}
			}
			if strings.Contains(body, "mail.held.") || strings.Contains(body, "why.") || strings.Contains(body, "[#0]") {
				t.Errorf("%s: words are missing in the %s: %s", locale, kind, body)
			}
		}
		if o.last().SentText != "" {
			t.Errorf("%s: kept for aligning replies that nobody can write", locale)
		}
	}
}

func TestManyHeldMailsAreOneList(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
	o.letter = func(d core.Delivery) (core.Letter, error) {
		l := waiting(d, "en", 480, heldIn("School", "a@x.test", "olga@holzbau.test", "http://127.0.0.1/messages/1"), heldIn("Town hall", "b@x.test", "", "http://127.0.0.1/messages/2"))
		l.Project = core.Project{}
		return l, nil
	}
	idle(t, mailerFor(o, tr))
	m, err := mail.Parse(tr.mails()[0].Raw, mail.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "482 messages wait for you" || m.Header.Get("List-Id") != "" {
		t.Errorf("subject %q, list %q", m.Subject, m.Header.Get("List-Id"))
	}
	for _, body := range []string{m.Text, m.HTML} {
		for _, want := range []string{"a@x.test", "b@x.test", "School", "Town hall", "/messages/1", "/messages/2", "480 more", "http://127.0.0.1/held"} {
			if !strings.Contains(body, want) {
				t.Errorf("%q is missing in %s", want, body)
			}
		}
		if strings.Contains(body, "olga@holzbau.test") {
			t.Error("a sender passes another address off as a name")
		}
	}
}
