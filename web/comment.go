package web

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"planpost/core"
)

// entry is one entry of a conversation.
type entry struct {
	ID               core.ID
	Author           card
	Outside, Hidden  bool
	Change, From, To string
	// Clock is the time of a due date.
	Clock    string
	ByMail   bool
	Verified string
	// Text is all of it; Words and Forwarded are its parts as shown.
	Text, Words, Forwarded string
	HTML                   template.HTML
	CreatedAt, EditedAt    time.Time
	Files                  fileSet
	Cuts                   []cutRow
	// PutBack names who put text of the mail back.
	PutBack []string
	Facts   factCards
	Sent    []sentRow
	// EditURL and MessageURL are empty for who may not follow them.
	EditURL, MessageURL string
	// PublishURL, HideURL, MoveURL and DeleteURL too.
	PublishURL, HideURL, MoveURL, DeleteURL, HistoryURL string
	// UndoURL takes back the mails to people outside that have not left: how many, and when the last one leaves.
	UndoURL  string
	Undoable int
	LeavesAt time.Time
	// Removable are the files that may be put into the bin.
	Removable []removable
	// Plain leaves out how its sender was verified.
	Plain bool
	// Own marks what a reader from outside wrote; NoBin that who deletes it cannot take it back himself.
	Own, NoBin bool
	// Draft is what an edit of it met; nil without one.
	Draft *draft
}

// sentRow is one mail that carried an entry.
type sentRow struct {
	Name, Address string
	State         core.DeliveryState
	At            time.Time
	Reason, Text  string
	URL           string
}

// entryOf makes an entry; look tells that the visitor may open the mails it went out with.
func entryOf(v *visit, t *core.TaskView, c *core.CommentView, look bool) entry {
	e := entry{ID: c.ID, Author: cardOf(v, &c.AuthorPerson), Hidden: c.Hidden, Change: c.Change, From: c.From, To: c.To, ByMail: c.Via == "mail", Verified: c.Verified,
		Text: c.Text, CreatedAt: c.CreatedAt, EditedAt: c.EditedAt, Facts: factsOf(v.locale, v.zone, &c.Facts)}
	e.From, e.To, e.Clock = lineTexts(v, t, &c.Comment)
	e.Words, e.Forwarded = forwarded(c.Text, c.PutBack.Text, c.Facts.Forwarded)
	e.Cuts, e.PutBack = cutsOf(t, c)
	e.Outside = e.Author.Outside && e.Change == ""
	if id := c.AuthorPerson.Company; id != "" && id == t.Counterparty.ID {
		e.Author.Company = t.Counterparty.Name
	}
	var placed map[core.ID]bool
	if c.HTML != "" {
		e.HTML, placed = safe(v, c.HTML, c.Attachments)
	}
	e.Files = filesOf(v, c.Attachments, placed, func(a *core.Attachment) string {
		if !t.May["task.attach"] || v.base != "" {
			return ""
		}
		return taskURL(t.Task.Number) + "/attachments/" + string(a.ID) + "/restore"
	})
	at := v.taskURL(t.Task.Number) + "/comments/" + string(c.ID)
	e.NoBin = !v.staff()
	if c.CanEdit {
		e.EditURL = at
	}
	if c.May["comment.delete"] {
		e.DeleteURL = at + "/delete"
	}
	if v.base != "" { // people outside read, answer and mend their own words
		e.Plain, e.Own = true, c.Author == v.actor.Person.ID
		return e
	}
	if c.May["comment.publish"] {
		e.PublishURL = at + "/publish"
	}
	if c.May["comment.set_hidden"] {
		e.HideURL = at + "/hide"
	}
	if !c.EditedAt.IsZero() && t.May["comment.view_hidden"] {
		e.HistoryURL = at + "/history"
	}
	if c.May["attachment.delete"] {
		for i := range c.Attachments {
			f := &c.Attachments[i]
			e.Removable = append(e.Removable, removable{f.Name, taskURL(t.Task.Number) + "/attachments/" + string(f.ID) + "/delete"})
		}
	}
	if c.May["comment.move"] {
		e.MoveURL = at + "/move"
	}
	if c.Undoable > 0 {
		e.UndoURL, e.Undoable, e.LeavesAt = at+"/undo", c.Undoable, c.LeavesAt
	}
	if c.Receipt != "" {
		e.MessageURL = "/messages/" + string(c.Receipt)
	}
	for _, it := range c.Sent {
		row := sentRow{Name: it.PersonName, Address: it.Address, State: it.Delivery.State, At: it.Delivery.DoneAt, Reason: it.Delivery.Reason, Text: it.Delivery.Text}
		if row.Name == row.Address {
			row.Address = ""
		}
		if look {
			row.URL = "/outbox/" + string(it.Delivery.ID)
		}
		e.Sent = append(e.Sent, row)
	}
	return e
}

// lineTexts are what a line of the system tells: people by name, a date apart from its time.
func lineTexts(v *visit, t *core.TaskView, c *core.Comment) (from, to, clock string) {
	names := func(text string) string {
		var list []string
		for _, id := range core.LinePeople(text) {
			if name := t.People[id].Name; name != "" {
				list = append(list, name)
			} else {
				list = append(list, v.t("line.somebody"))
			}
		}
		return strings.Join(list, ", ")
	}
	switch c.Change {
	case core.LineDue:
		to, clock, _ = strings.Cut(c.To, " ")
		return c.From, to, clock
	case core.LineAssignee:
		return names(c.From), names(c.To), ""
	case core.LineJoined, core.LineLeft:
		return c.From, names(c.To), ""
	}
	return c.From, c.To, ""
}

// comment reads the form with its files and posts the comment.
func (s *Site) comment(w http.ResponseWriter, v *visit) error {
	t, err := s.taskByNumber(v)
	if err != nil {
		return err
	}
	defer v.dropFiles()
	err = v.parseFiles(s.core.Config().AttachmentLimit + maxForm)
	d := draft{Text: v.PostFormValue("text"), Hidden: v.PostFormValue("hidden") != "", Tell: ids(v.PostForm["tell"]), Kept: true, Files: v.hadFiles}
	d.Ask, _ = core.ParseID(v.PostFormValue("ask"))
	var c core.Comment
	if err == nil {
		c, err = s.core.Comment(v.Context(), v.actor, core.NewComment{Task: t.ID, Text: d.Text, Hidden: d.Hidden, Tell: d.Tell, Files: v.files, Ask: d.Ask})
	}
	switch {
	case err == nil:
		return redirect(w, v, "/tasks/"+v.PathValue("number"), "comment", "c-"+string(c.ID))
	case mendable(err):
		return s.taskPage(w, v, d, err)
	}
	return err
}

func (s *Site) editComment(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	number, err := v.number()
	if err != nil {
		return err
	}
	text := v.PostFormValue("text")
	err = s.core.EditComment(v.Context(), v.actor, id, text)
	switch {
	case err == nil:
		return redirect(w, v, v.taskURL(number), "edited", "c-"+string(id))
	case !mendable(err):
		return err
	}
	d := draft{Comment: id, Text: text, Kept: true}
	if v.base != "" {
		return s.guestTask(w, v, number, s.answerForm(v, number, d), err)
	}
	return s.taskPage(w, v, d, err)
}

// removable is a file with the address that deletes it.
type removable struct{ Name, URL string }
