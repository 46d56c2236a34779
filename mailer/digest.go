package mailer

import (
	"planpost/core"
	"planpost/templates"
)

func (m *Mailer) digestView(l *core.Letter) templates.DigestMail {
	v := templates.DigestMail{Zone: m.zone(l), Account: l.Account.Name, More: l.MoreTasks, URL: l.NotesURL, MuteURL: l.UnsubscribeURL, ChooseURL: l.ChooseURL, Reasons: l.Reasons}
	for i := range l.Digest {
		d := &l.Digest[i]
		t := templates.DigestTask{Number: d.Task.Number, Title: d.Task.Title, Project: d.Project.Name, URL: d.URL, More: d.More}
		for j := range d.Entries {
			c := &d.Entries[j].Comment
			e := templates.MailEntry{Kind: "comment", Author: d.Entries[j].Author.Name, At: c.CreatedAt, Text: templates.Excerpt(c.Text), Hidden: c.Hidden, From: c.From, To: c.To}
			if c.Change != "" {
				e.Kind = c.Change
			}
			t.Entries = append(t.Entries, e)
		}
		v.Tasks = append(v.Tasks, t)
	}
	return v
}
