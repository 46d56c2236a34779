package core

import (
	"context"

	"planpost/mail"
)

// heldFiles names the files of a message that waits for a decision: who decides
// must know what comes with it. They are told from the source, with what they
// are, and not unpacked; none when the source was dropped or cannot be read.
func (c *Core) heldFiles(ctx context.Context, a *Actor, m *Message) ([]Attachment, error) {
	raw, _, err := c.rawOf(ctx, &a.Account, m)
	if KindOf(err) == NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	msg, err := mail.Parse(raw, mail.Limits{})
	if err != nil {
		return nil, nil // its own page says that it cannot be read
	}
	var list []Attachment
	for i := range msg.Attachments[:min(len(msg.Attachments), mostFiles)] {
		f := &arrived{file: &msg.Attachments[i]}
		head, tail := mail.FileSample(f.file.Content)
		f.facts = mail.FactsOfFile(f.file.Name, f.file.Type, head, tail)
		att := f.attachment()
		att.Fate, att.Reason = FileLeft, "held"
		list = append(list, att)
	}
	return list, nil
}
