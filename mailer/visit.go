package mailer

import (
	"fmt"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

// visitView are the words beside the calendar entry, for whose program shows none.
func (m *Mailer) visitView(l *core.Letter) templates.PlainMail {
	n := &l.Visit
	v := templates.PlainMail{Zone: m.zone(l), Account: l.Account.Name, URL: l.VisitURL, Key: "visitmail.request", Reasons: reasonsOf(l), ChooseURL: l.ChooseURL}
	if n.Cancel {
		v.Key = "visitmail.cancel"
	}
	when := templates.Civil(l.Locale, n.Day, n.From)
	if n.From != "" {
		when = templates.T(l.Locale, "visit.fromuntil", "from", when, "until", n.Until)
	}
	note := ""
	if n.Note != "" {
		note = "\n\n" + n.Note
	}
	who := n.Resource
	if who == "" {
		who = templates.T(l.Locale, "visit.nobody")
	}
	v.Params = []string{"title", n.Title, "when", when, "zone", n.Zone, "who", who, "note", note}
	return v
}

// calendarOf adds the entry twice: as a form of the body, which most programs
// offer to enter, and as a file for those that only show files.
func calendarOf(d *mail.Draft, l *core.Letter) error {
	n := &l.Visit
	e := mail.Event{Method: "REQUEST", UID: "visit-" + string(n.Visit) + "@" + l.From.Domain, Sequence: n.Sequence, Stamp: l.Date,
		Summary: fmt.Sprintf("#%d %s", n.Number, n.Title), Description: n.Note, URL: l.VisitURL,
		Organizer: mail.Address{Name: l.Account.Name, Local: l.From.Local, Domain: l.From.Domain}, Attendees: []mail.Address{l.To}}
	if n.Cancel {
		e.Method = "CANCEL"
	}
	e.Start, e.End, e.AllDay = n.Span()
	raw, err := mail.ComposeCalendar(&e)
	if err != nil {
		return err
	}
	d.Calendar, d.CalendarMethod = raw, e.Method
	d.Attachments = append(d.Attachments, mail.Attachment{Name: "invite.ics", Type: "application/ics", Content: raw})
	return nil
}
