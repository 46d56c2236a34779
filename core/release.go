package core

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"planpost/mail"
	"planpost/mail/reply"
)

// Release is how a held message is let through.
type Release struct {
	// Join makes its author a participant of the task, who may answer from now on.
	Join bool
}

// Release posts a held message, or one in which nothing but quotes was found, as a comment by the person whose address it
// bears, never by the owner of the reply address unless that is the same
// person. Whether the address was proven stays said with the comment.
func (c *Core) Release(ctx context.Context, a *Actor, receipt ID, how Release) (cm Comment, err error) {
	m, hidden, err := c.heldMessage(ctx, a, receipt)
	if err != nil {
		return cm, err
	}
	files, err := c.heldContent(ctx, a, &m)
	if err != nil {
		return cm, err
	}
	if m.Text == "" && len(files) == 0 && len(m.Cuts) == 0 {
		return cm, Fail(Conflict, "held.not_releasable")
	}
	var t Task
	err = c.store.InTx(ctx, func(tx Tx) error {
		r, err := c.heldReceipt(ctx, tx, a, receipt, "inbound.quarantine.release")
		if err != nil {
			return err
		}
		if !releasable(&r, &m) {
			return Fail(Conflict, "held.not_releasable")
		}
		if t, err = tx.FindTask(ctx, r.Account, r.Task); err != nil {
			return err
		}
		author, err := c.releaseAuthor(ctx, tx, &m)
		if err != nil {
			return err
		}
		if how.Join {
			if err := c.join(ctx, tx, a, &t, author.ID); err != nil {
				return err
			}
		}
		cm = releasedComment(&t, &m, author.ID)
		cm.Hidden = hidden
		if m.Text == "" && len(files) == 0 {
			cm.unfoldAll(m.Cuts, a.Person.ID, tx.Now())
		}
		if err := cm.receive(ctx, tx, files); err != nil {
			return err
		}
		if err := c.post(ctx, tx, a, &t, &cm, nil); err != nil {
			return err
		}
		if len(cm.PutBack.Cuts) > 0 { // rare, and no column of new comments
			if err := tx.UpdateComment(ctx, &cm); err != nil {
				return err
			}
		}
		r.Disposition, r.Person, r.Comment, r.DecidedBy, r.DecidedAt = Posted, author.ID, cm.ID, a.Person.ID, tx.Now()
		return c.decideReceipt(ctx, tx, a, &r, "message.release")
	})
	if err != nil {
		return cm, err
	}
	c.changed(&t)
	c.bus.Publish(HeldTopic(a.Account.ID))
	return cm, nil
}

func releasedComment(t *Task, m *Message, author ID) Comment {
	return Comment{ID: NewID(), Account: t.Account, Task: t.ID, Author: author, Text: m.Text, Via: "mail", Message: m.ID, Verified: m.Verified, CreatedAt: m.ReceivedAt}
}

// heldMessage also tells whether the message came to an internal reply
// address: what it becomes stays hidden, whoever lets it through.
func (c *Core) heldMessage(ctx context.Context, a *Actor, receipt ID) (m Message, hidden bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		r, err := c.heldReceipt(ctx, tx, a, receipt, "inbound.quarantine.release")
		if err != nil {
			return err
		}
		if r.Link != "" {
			l, err := tx.FindLink(ctx, r.Link)
			if err != nil && KindOf(err) != NotFound {
				return err
			}
			hidden = l.Scope == ScopeInternal
		}
		m, err = tx.FindMessage(ctx, r.Account, r.Message)
		return err
	})
	return m, hidden, err
}

// heldContent reads the source again: the files of a held message are not
// unpacked before somebody wants them, and its words are not kept in its row
// when it had become a comment elsewhere before.
func (c *Core) heldContent(ctx context.Context, a *Actor, m *Message) ([]mail.Attachment, error) {
	raw, whole, err := c.rawOf(ctx, &a.Account, m)
	if err != nil {
		return nil, err
	}
	m.Cuts = completed(m.Cuts, whole)
	msg, err := mail.Parse(raw, mail.Limits{})
	if err != nil {
		return nil, Fail(Conflict, "held.not_releasable")
	}
	if m.Text == "" {
		m.Text = c.wordsOf(msg)
	}
	c.redactFiles(msg.Attachments)
	for _, att := range msg.Attachments[:min(len(msg.Attachments), mostFiles)] {
		if _, err := c.files.Put(ctx, m.Account, bytes.NewReader(att.Content), 0); err != nil {
			return nil, err
		}
	}
	return msg.Attachments, nil
}

// releaseAuthor is the person with the From address; an unknown one becomes known as an address.
func (c *Core) releaseAuthor(ctx context.Context, tx Tx, m *Message) (Person, error) {
	p, err := senderOf(ctx, tx, m)
	if err != nil || p.ID != "" {
		return p, err
	}
	name := m.FromName
	if strings.Contains(name, "@") {
		name = ""
	}
	if p, err = c.newPerson(m.Account, AddressKind, name, m.From); err != nil {
		return p, err
	}
	return p, tx.CreatePerson(ctx, &p)
}

// join makes a person participant of a task, with the right that this asks for.
func (c *Core) join(ctx context.Context, tx Tx, a *Actor, t *Task, person ID) error {
	if err := c.require(ctx, tx, a, "task.add_participant", Object{"task", t.ID}); err != nil {
		return err
	}
	for _, id := range t.Related() {
		if id == person {
			return nil
		}
	}
	was := *t
	t.People = append(slices.Clone(t.People), TaskPerson{person, Participate})
	if err := tx.SetTaskPeople(ctx, t.Account, t.ID, t.People); err != nil {
		return err
	}
	return c.taskLines(ctx, tx, a, &was, t)
}

// wordsOf are the author's own words in a message that is read again.
func (c *Core) wordsOf(msg *mail.Message) string {
	words := reply.Extract(reply.Input{Text: msg.Text, HTML: msg.HTML, Subject: msg.Subject})
	return c.redact(body(strings.TrimSpace(words.Reply + "\n\n" + words.Forwarded)))
}
