package mailer

import (
	"html/template"
	"net/url"
	"strings"

	"planpost/core"
	"planpost/mail"
	"planpost/safehtml"
	"planpost/templates"
)

// onlyHeld tells that a mail has held messages to tell of and nothing else:
// there is nobody to answer then, the decision is made in the page.
func onlyHeld(l *core.Letter) bool {
	return l.Task.ID == "" || len(l.Held) > 0 && len(l.Entries) == 0 && !opens(l)
}

func (m *Mailer) heldView(l *core.Letter) templates.HeldMail {
	return templates.HeldMail{Zone: m.zone(l), Account: l.Account.Name, Number: l.Task.Number, Title: l.Task.Title, Project: l.Project.Name,
		Held: heldList(l), Reasons: l.Reasons, ChooseURL: l.ChooseURL}
}

// heldList shows the name that a sender gives itself unless it looks like
// another address, which would deceive.
func heldList(l *core.Letter) templates.HeldList {
	v := templates.HeldList{More: l.MoreHeld, URL: l.HeldURL}
	for i := range l.Held {
		h := &l.Held[i]
		item := templates.HeldItem{From: h.Message.From, Subject: h.Message.Subject, At: h.Message.ReceivedAt, Reason: h.Receipt.Reason, Params: h.Receipt.Params, URL: h.URL}
		if !strings.Contains(h.Message.FromName, "@") {
			item.Name = h.Message.FromName
		}
		if l.Task.ID == "" {
			item.Project = h.Project.Name
		}
		v.Items = append(v.Items, item)
	}
	return v
}

func (m *Mailer) taskView(l *core.Letter, files packed) templates.TaskMail {
	v := templates.TaskMail{Zone: m.zone(l), Account: l.Account.Name, Project: l.Project.Name, Number: l.Task.Number, Title: l.Task.Title, Topic: l.Topic,
		Reasons: l.Reasons, Outside: !l.Staff, Readers: l.Readers, OutsideReaders: l.OutsideReaders, OthersRead: l.OthersRead,
		URL: l.TaskURL, ThreadURL: l.ThreadURL, MuteURL: l.MuteURL, ChooseURL: l.ChooseURL, Held: heldList(l)}
	if l.UnsubscribeURL != "" {
		v.MuteURL = l.UnsubscribeURL // it needs no sign-in
	}
	if opens(l) {
		v.Entries = append(v.Entries, opening(l))
	}
	for i := range l.Entries {
		v.Entries = append(v.Entries, entryView(l, &l.Entries[i], files))
	}
	for i := range l.Earlier {
		e := &l.Earlier[i]
		v.Earlier = append(v.Earlier, templates.MailQuote{Author: e.Author.Name, At: e.Comment.CreatedAt, Text: templates.Excerpt(e.Comment.Text)})
	}
	v.Fit()
	return v
}

// opens tells whether the task is new to the reader, who is then shown its sheet.
func opens(l *core.Letter) bool { return l.Event == core.TaskAssigned || l.Event == core.TaskShared }

func opening(l *core.Letter) templates.MailEntry {
	e := templates.MailEntry{Kind: "shared", At: l.Delivery.CreatedAt, Author: firstName(l, core.Assigner), Sheet: &templates.MailSheet{
		Status: l.Task.Status, DueDate: l.Task.DueDate, DueTime: l.Task.DueTime, Assignee: firstName(l, core.Assignee), Description: l.Description}}
	if l.Event == core.TaskAssigned {
		e.Kind = "assigned"
	}
	return e
}

// firstName names the first person with a relation to the task.
func firstName(l *core.Letter, r core.Relation) string {
	for _, id := range l.Task.Of(r) {
		if p := l.People[id]; p.Name != "" {
			return p.Name
		}
	}
	return ""
}

func entryView(l *core.Letter, e *core.LetterEntry, files packed) templates.MailEntry {
	c := &e.Comment
	v := templates.MailEntry{Kind: "comment", Author: e.Author.Name, At: c.CreatedAt, Text: c.Text, Hidden: c.Hidden, From: c.From, To: c.To,
		Unproven: c.Via == "mail" && c.Verified != "pass"}
	if c.Change != "" {
		v.Kind = c.Change
	}
	if c.HTML != "" {
		// It was cleaned when it came in; a mail leaves the house, so that is not taken on trust.
		v.HTML = template.HTML(safehtml.Clean(c.HTML))
	}
	for _, a := range c.Attachments {
		if !goesAlong(&a) {
			continue
		}
		f := templates.MailFile{Name: a.Name, Size: a.Size}
		if files.apart && l.FilesURL != "" {
			f.URL = l.FilesURL + string(a.ID) + "/" + url.PathEscape(a.Name)
		}
		v.Files = append(v.Files, f)
	}
	v.FilesApart = len(v.Files) > 0 && files.apart
	return v
}

// packed are the files of a mail: either all go along, or all stay behind and are named.
type packed struct {
	along []mail.Attachment
	apart bool
}
