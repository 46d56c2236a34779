package mailer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

// errWords is a mistake in a template: ours, and no reason to lose the mail.
var errWords = errors.New("mail cannot be rendered")

// draft makes the mail out of its letter. The same letter gives the same mail.
func (m *Mailer) draft(ctx context.Context, l *core.Letter) (*mail.Draft, error) {
	name, view := "task", any(nil)
	d := m.header(l)
	head, logo, err := m.letterhead(ctx, l)
	if err != nil {
		return nil, err
	}
	switch {
	case l.Delivery.Kind == core.VisitLetter:
		v := m.visitView(l)
		v.Head = head
		name, view = "plain", v
		if err := calendarOf(d, l); err != nil {
			return nil, err
		}
	case l.Delivery.Kind == core.TransmittalLetter:
		v := m.sendingView(l)
		v.Head = head
		name, view = "sending", v
	case l.Delivery.Kind == core.ApprovalLetter:
		v := m.approvalView(l)
		v.Head = head
		name, view = "approval", v
	case l.Delivery.Kind == core.DigestLetter:
		v := m.digestView(l)
		v.Head = head
		name, view = "digest", v
	case l.Delivery.Kind != core.TaskLetter:
		v := m.plainView(l)
		v.Head = head
		name, view = "plain", v
	case onlyHeld(l):
		v := m.heldView(l)
		v.Head = head
		name, view = "held", v
	default:
		files, err := m.pack(ctx, l)
		if err != nil {
			return nil, err
		}
		d.Attachments = files.along
		v := m.taskView(l, files)
		v.Head = head
		view = v
	}
	if name == "held" || l.ReplyTo.Local == "" { // nobody to answer
		d.ReplyTo = nil
	}
	d.Attachments = append(d.Attachments, logo...)
	if d.Subject, d.Text, d.HTML, err = templates.Mail(l.Locale, name, view); err != nil {
		return nil, fmt.Errorf("%w: %w", errWords, err)
	}
	if l.Task.ID != "" {
		// Outlook keeps a conversation together by these, whatever else the subject becomes.
		d.Header = append(d.Header, mail.Field{Name: "Thread-Topic", Value: d.Subject}, mail.Field{Name: "Thread-Index", Value: threadIndex(l)})
	}
	return d, nil
}

// header is all of the mail but its words.
func (m *Mailer) header(l *core.Letter) *mail.Draft {
	from := l.From
	from.Name = templates.BuryText(l.Locale, from.Name)
	d := &mail.Draft{
		From: []mail.Address{from}, To: []mail.Address{l.To}, ReplyTo: []mail.Address{l.ReplyTo},
		MessageID: l.MessageID, References: l.References, Date: l.Date.In(m.zone(l)), Boundary: string(l.Delivery.ID),
		Header: []mail.Field{
			// RFC 3834 §5: nobody's machine shall answer; Microsoft's servers want it said their way too.
			{Name: "Auto-Submitted", Value: "auto-generated"},
			{Name: "X-Auto-Response-Suppress", Value: "All"},
		},
	}
	if n := len(l.References); n > 0 {
		d.InReplyTo = l.References[n-1]
	}
	if l.Project.ID != "" {
		d.Header = append(d.Header, mail.Field{Name: "List-Id", Value: listID(l)})
	}
	if l.UnsubscribeURL != "" { // RFC 2369 §3.2; with one click only over HTTPS, RFC 8058 §3.1
		d.Header = append(d.Header, mail.Field{Name: "List-Unsubscribe", Value: "<" + l.UnsubscribeURL + ">"})
		if strings.HasPrefix(l.UnsubscribeURL, "https://") {
			d.Header = append(d.Header, mail.Field{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"})
		}
	}
	if reasons := reasonsOf(l); len(reasons) > 0 {
		d.Header = append(d.Header, mail.Field{Name: "X-Planpost-Reason", Value: strings.Join(reasons, ", ")})
	}
	return d
}

// reasonsOf are the codes of why the reader gets the mail; who is told of no
// task by it gets it for what it speaks of.
func reasonsOf(l *core.Letter) []string {
	switch {
	case l.Delivery.Kind == core.TaskLetter || l.Delivery.Kind == core.DigestLetter:
		return l.Reasons
	case l.Delivery.Kind == core.VisitLetter:
		return []string{"visit"}
	case l.Delivery.Kind == core.HolderLetter && l.Holder.What == "phone":
		return []string{"holderlist"}
	case l.Delivery.Kind == core.HolderLetter:
		return []string{"holder"}
	case l.Delivery.Kind == core.TransmittalLetter:
		return []string{"sent"}
	case l.Delivery.Kind == core.ApprovalLetter:
		return []string{"approval"}
	case l.Delivery.Kind == core.NoticeLetter && len(l.Delivery.Params) > 1 && strings.HasPrefix(l.Delivery.Params[1], "mailbox."):
		return []string{"administrator"}
	case l.Delivery.Stream == core.SecurityStream:
		return []string{"security"}
	}
	return []string{"own"}
}

// listID names the project for filters (RFC 2919 §3): a phrase, then a name
// under our domain in angle brackets.
func listID(l *core.Letter) string {
	id := "<p-" + string(l.Project.ID) + "." + l.From.Domain + ">"
	// The phrase of a mailbox has the same form, so it is written by the same code.
	phrase, _, ok := strings.Cut(mail.Address{Name: l.Project.Name, Local: "p", Domain: "p"}.String(), " <p@p>")
	if !ok {
		return id
	}
	return phrase + " " + id
}

// zone is the reader's, else the account's, else UTC.
func (m *Mailer) zone(l *core.Letter) *time.Location {
	name := l.Person.Zone
	if name == "" {
		name = l.Account.Zone
	}
	if name == "" {
		return time.UTC
	}
	m.zonesMu.RLock()
	zone := m.zones[name]
	m.zonesMu.RUnlock()
	if zone != nil {
		return zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	m.zonesMu.Lock()
	defer m.zonesMu.Unlock()
	m.zones[name] = zone
	return zone
}
