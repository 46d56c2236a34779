package demo

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/mail"
	"planpost/mail/reply"
	"planpost/templates"
)

// typed are words as people of each language type them: long lines, several
// paragraphs, a list, a question.
var typed = map[string][]string{
	"en": {"Friday works for us.", "Thanks, the second sample it is: the warmer one goes better with the stone, and the client has seen it on site already.\n\nTwo questions:\n- who pays for the transport?\n- can we have it by Friday?\n\nBest regards\nOliver"},
	"de": {"Freitag passt uns.", "Danke, wir nehmen das zweite Muster: Der wärmere Ton passt besser zum Stein, und der Bauherr hat ihn schon auf der Baustelle gesehen.\n\nZwei Fragen:\n- Wer zahlt den Transport?\n- Geht es bis Freitag?\n\nMit freundlichen Grüßen\nKatrin"},
	"fr": {"Vendredi nous convient.", "Merci, ce sera le deuxième échantillon : le ton plus chaud va mieux avec la pierre, et le client l’a déjà vu sur place.\n\nDeux questions :\n- qui paie le transport ?\n- est-ce possible avant vendredi ?\n\nCordialement\nClaire"},
	"bg": {"Петък ни устройва.", "Благодаря, избираме втората мостра: по-топлият тон отива повече на камъка, а клиентът вече я видя на обекта.\n\nДва въпроса:\n- кой плаща транспорта?\n- може ли до петък?\n\nПоздрави\nГеорги"},
}

// ours is a mail as the mailer sends it, and the text that is kept of it.
func ours(t *testing.T, locale string) (*mail.Message, string) {
	t.Helper()
	zone := time.FixedZone("", 3600)
	subject, text, html, err := templates.Mail(locale, "task", templates.TaskMail{Zone: zone, Account: "Kranich Façades", Project: "Maison Lumière", Number: 7, Title: "Façade samples, north side",
		Entries: []templates.MailEntry{{Kind: "comment", Author: "Mira Vogt", At: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
			Text: "Here are the two samples.\n\nPlease tell us by Friday which one you like: the first is a little colder, the second warmer and closer to the stone of the old house next door.\n\nMira", Files: []templates.MailFile{{Name: "samples.pdf", Size: 20000}}}},
		Earlier: []templates.MailQuote{
			{Author: "Jonas Feld", At: time.Date(2026, 11, 19, 15, 0, 0, 0, time.UTC), Text: "The scaffold stands until the end of the month.\n\n- north side: yes\n- court: no\n\n> Is it still there?"},
			{Author: "Mira Vogt", At: time.Date(2026, 11, 18, 8, 0, 0, 0, time.UTC), Text: templates.Excerpt(strings.Repeat("When do the samples come, and who brings them to the site, please? ", 20))},
		},
		MuteURL: "https://planpost.localhost/u/token", ThreadURL: "https://planpost.localhost/t/token",
		Reasons: []string{"told"}, Outside: true, Readers: []string{"Mira Vogt", "Jonas Feld"}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := mail.Compose(&mail.Draft{From: []mail.Address{{Name: "Mira Vogt (Kranich Façades)", Local: "planpost", Domain: "planpost.localhost"}}, To: []mail.Address{{Name: "You", Local: "you", Domain: "out.test"}},
		ReplyTo: []mail.Address{{Name: "Kranich Façades", Local: "r-token", Domain: "planpost.localhost"}}, Subject: subject, MessageID: "d-1.mac@planpost.localhost", InReplyTo: "t-1@planpost.localhost",
		References: []string{"t-1@planpost.localhost"}, Date: time.Date(2026, 11, 20, 10, 0, 0, 0, zone), Text: text, HTML: html})
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.Parse(raw, mail.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return m, text
}

func answerFor(m *mail.Message, locale, words string, place Place) Answer {
	return Answer{Original: m, From: mail.Address{Name: "Claire Moreau", Local: "claire", Domain: "out.test"}, Words: words, Place: place, Locale: locale,
		At: time.Date(2026, 11, 20, 11, 30, 0, 0, time.FixedZone("", 3600)), ID: "id-" + locale + string(place)}
}

func TestOfEveryProgramsReplyExactlyTheTypedWordsAreLeft(t *testing.T) {
	for _, locale := range templates.Locales() {
		m, sent := ours(t, locale)
		for _, c := range Clients() {
			for _, place := range c.Places {
				for i, words := range typed[locale] {
					t.Run(strings.Join([]string{c.Key, locale, string(place), string(rune('0' + i))}, "/"), func(t *testing.T) {
						got, err := mail.Parse(c.Compose(answerFor(m, locale, words, place)), mail.Limits{})
						if err != nil {
							t.Fatal(err)
						}
						res := reply.Extract(reply.Input{Text: got.Text, HTML: got.HTML, Subject: got.Subject, Sent: sent, Marker: templates.Markers()})
						left := res.Reply
						if place == Interleaved {
							left = withoutContext(left) // what each paragraph answers stays with it
						}
						if left != words {
							t.Errorf("left:\n%s\n\nwritten:\n%s\n\nthe mail's text:\n%s\n\nits HTML:\n%s", res.Reply, words, got.Text, got.HTML)
						}
					})
				}
			}
		}
	}
}

// withoutContext takes the quoted pieces between typed paragraphs away.
func withoutContext(s string) string {
	var kept []string
	for p := range strings.SplitSeq(s, "\n\n") {
		if !strings.HasPrefix(p, ">") {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}

func TestAReplyIsAProperMessageThatAnswersOurs(t *testing.T) {
	m, _ := ours(t, "bg")
	files := []mail.Attachment{{Name: "снимка на обекта.png", Type: "image/png", Content: []byte("\x89PNG data")}, {Name: "plan.pdf", Type: "application/pdf", Content: bytes.Repeat([]byte("x"), 300)}}
	for _, c := range Clients() {
		a := answerFor(m, "bg", typed["bg"][1], "")
		a.Files = files
		raw := c.Compose(a)
		got, err := mail.Parse(raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Defects) > 0 {
			t.Errorf("%s: defects %v", c.Key, got.Defects)
		}
		if got.ReplyTo != nil || got.To[0].Mailbox() != "r-token@planpost.localhost" || got.From[0] != a.From || !got.Date.Equal(a.At) {
			t.Errorf("%s: to %v, from %v, at %s", c.Key, got.To, got.From, got.Date)
		}
		if !slices.Equal(got.InReplyTo, []string{m.MessageID}) || !slices.Contains(got.References, m.MessageID) || got.MessageID == "" {
			t.Errorf("%s: answers %v, refers to %v", c.Key, got.InReplyTo, got.References)
		}
		if !strings.HasSuffix(got.Subject, ": "+m.Subject) {
			t.Errorf("%s: subject %q", c.Key, got.Subject)
		}
		if len(got.Attachments) != 2 || got.Attachments[0].Name != files[0].Name || !bytes.Equal(got.Attachments[1].Content, files[1].Content) {
			t.Errorf("%s: attachments %+v", c.Key, got.Attachments)
		}
		for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
				t.Errorf("%s: a line that SMTP does not take: %.60q", c.Key, line)
			}
		}
		if !bytes.Equal(raw, c.Compose(a)) {
			t.Errorf("%s: the same answer is written differently", c.Key)
		}
	}
}

func TestANewMailQuotesNothing(t *testing.T) {
	for _, c := range Clients() {
		raw := c.Compose(Answer{To: mail.Address{Local: "lobby-x", Domain: "planpost.localhost"}, Subject: "Огледало", From: mail.Address{Name: "Георги", Local: "g", Domain: "out.test"}, Words: typed["bg"][0], Locale: "bg", At: time.Now(), ID: "x"})
		got, err := mail.Parse(raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		res := reply.Extract(reply.Input{Text: got.Text, HTML: got.HTML, Subject: got.Subject})
		if got.Subject != "Огледало" || len(got.InReplyTo) > 0 || res.Reply != typed["bg"][0] {
			t.Errorf("%s: %q, %q, answers %v", c.Key, got.Subject, res.Reply, got.InReplyTo)
		}
	}
}
