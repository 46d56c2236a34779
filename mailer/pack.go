package mailer

import (
	"context"
	"fmt"
	"io"

	"planpost/core"
	"planpost/mail"
	"planpost/picture"
)

// pack reads the attachments that go along. When they are too large together
// for the mail, or one is missing, none goes: half a set would be taken for
// the whole, and the mail says that they stay behind.
func (m *Mailer) pack(ctx context.Context, l *core.Letter) (packed, error) {
	var total int64
	for i := range l.Entries {
		for _, a := range l.Entries[i].Comment.Attachments {
			if goesAlong(&a) {
				total += a.Size
			}
		}
	}
	if total > m.cfg.AttachLimit {
		return packed{apart: true}, nil
	}
	var p packed
	for i := range l.Entries {
		for _, a := range l.Entries[i].Comment.Attachments {
			if !goesAlong(&a) {
				continue
			}
			content, err := m.read(ctx, &a)
			if core.KindOf(err) == core.NotFound {
				m.log.Error("attachment is missing", "delivery", l.Delivery.ID, "attachment", a.ID, "err", err)
				return packed{apart: true}, nil
			}
			if err != nil {
				return packed{}, fmt.Errorf("attachment %s: %w", a.ID, err)
			}
			if !l.Staff {
				// Where a photo was taken is no business of people outside; staff get what came.
				content, _ = picture.WithoutPlace(content)
			}
			p.along = append(p.along, mail.Attachment{Name: a.Name, Type: a.Type, Content: content})
		}
	}
	return p, nil
}

// goesAlong tells which files a mail carries: not those that stay in the source
// of their message, nor the pictures of somebody's signature.
func goesAlong(a *core.Attachment) bool {
	return a.Fate != core.FileLeft && a.Fate != core.FileSignature
}

func (m *Mailer) read(ctx context.Context, a *core.Attachment) ([]byte, error) {
	f, err := m.files.Open(ctx, a.Account, a.Hash)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content := make([]byte, a.Size)
	if _, err := io.ReadFull(f, content); err != nil {
		return nil, err
	}
	return content, nil
}
