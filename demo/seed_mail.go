package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail"
)

// answer waits for the mail that brought the comment to the person, and
// answers it as the person's program does.
func (s *seeder) answer(ctx context.Context, task, comment core.ID, l *line) error {
	who, err := writer(l)
	if err != nil {
		return err
	}
	m, err := s.mailTo(ctx, core.DeliveryFilter{Task: task, Person: s.people[l.by], Comment: comment, State: core.DeliverySent, Limit: 1})
	if err != nil {
		return err
	}
	if l.away {
		return s.deliver(ctx, who.address, answerTo(m).Mailbox(), away(m, &who, l.text, s.now()))
	}
	files, err := sampleFiles(l.files)
	if err != nil {
		return err
	}
	from, err := mail.ParseMailbox(who.address)
	if err != nil {
		return err
	}
	from.Name = who.name
	raw := clientOf(who.client).Compose(Answer{Original: m, From: from, Words: l.text, Place: l.place, Locale: who.locale, At: s.now(), Files: files, ID: rand.Text()})
	return s.deliver(ctx, who.address, answerTo(m).Mailbox(), raw)
}

// writer is who writes the line, with his program.
func writer(l *line) (outsider, error) {
	if l.as != nil {
		return *l.as, nil
	}
	for _, o := range outsiders {
		if o.key == l.by {
			return o, nil
		}
	}
	for _, w := range staff {
		if w.key == l.by {
			return outsider{key: w.key, name: w.name, address: w.address, locale: w.locale, client: l.client}, nil
		}
	}
	return outsider{}, fmt.Errorf("nobody is called %q", l.by)
}

// now is the time in the company's zone, where all these people live.
func (s *seeder) now() time.Time {
	zone, err := time.LoadLocation(companyZone)
	if err != nil {
		zone = time.UTC
	}
	return s.core.Now().In(zone).Truncate(time.Second)
}

// mailTo waits until the mail was sent, and reads it.
func (s *seeder) mailTo(ctx context.Context, f core.DeliveryFilter) (*mail.Message, error) {
	changed, stop := s.core.Bus().Subscribe(core.OutboxTopic(s.house.ID))
	defer stop()
	for {
		list, err := s.core.Deliveries(ctx, core.OperatorOf(s.house), f)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			return captured(ctx, s.core, s.house.ID, list[0].Delivery.ID)
		}
		select {
		case <-changed:
		case <-time.After(time.Second): // a sign may be lost
		case <-ctx.Done():
			return nil, errors.Join(errors.New("the mail did not come: is the mailer running?"), ctx.Err())
		}
	}
}

func captured(ctx context.Context, c *core.Core, account, delivery core.ID) (*mail.Message, error) {
	raw, err := c.Captured(ctx, account, delivery)
	if err != nil {
		return nil, err
	}
	return mail.Parse(raw, mail.Limits{})
}

// away is an automatic answer as Exchange writes it (RFC 3834).
func away(m *mail.Message, who *outsider, words string, at time.Time) []byte {
	from, _ := mail.ParseMailbox(who.address) // a constant of this package
	from.Name = who.name
	p := text(`text/plain; charset="utf-8"`, "quoted-printable", words+"\n")
	p.fields = append([]string{"From: " + from.String(), "To: " + answerTo(m).String(), "Subject: " + encoded("Automatic reply: "+m.Subject), "Date: " + at.Format("Mon, 2 Jan 2006 15:04:05 -0700"),
		"Message-ID: <" + strings.ToLower(rand.Text()) + "@" + from.Domain + ">", "In-Reply-To: <" + m.MessageID + ">", "References: <" + m.MessageID + ">",
		"Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All", "MIME-Version: 1.0"}, p.fields...)
	return p.bytes()
}

// write makes a task by a mail to a project's address.
func (s *seeder) write(ctx context.Context) error {
	t := &mailedTask
	project, err := s.core.Project(ctx, s.actors["helene"], s.projects[t.project])
	if err != nil {
		return err
	}
	to, err := mail.ParseMailbox(project.Inbound)
	if err != nil {
		return err
	}
	who, err := writer(&line{by: t.by})
	if err != nil {
		return err
	}
	files, err := sampleFiles(t.files)
	if err != nil {
		return err
	}
	from, err := mail.ParseMailbox(who.address)
	if err != nil {
		return err
	}
	from.Name = who.name
	raw := clientOf(t.client).Compose(Answer{To: to, Subject: t.subject, From: from, Words: t.text, Locale: who.locale, At: s.now(), Files: files, ID: rand.Text()})
	return s.deliver(ctx, who.address, to.Mailbox(), raw)
}
