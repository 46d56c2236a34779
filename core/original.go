package core

import (
	"context"

	"planpost/mail"
)

// Original is a message as its sender's program drew it, untouched but for our
// own live addresses. Nobody may show it as it is.
type Original struct {
	// HTML is empty when the message has none.
	HTML string
	// Files are those it may refer to by their ContentID.
	Files []mail.Attachment
}

// MessageOriginal reads the HTML out of a message's source, for who may have the source.
func (c *Core) MessageOriginal(ctx context.Context, a *Actor, receipt ID) (o Original, err error) {
	raw, err := c.sourceOf(ctx, a, receipt)
	if err != nil {
		return o, err
	}
	m, err := mail.Parse(raw, mail.Limits{})
	if err != nil {
		return o, nil // what cannot be read has no HTML
	}
	return Original{HTML: c.redact(m.HTML), Files: m.Attachments}, nil
}

// sourceOf is the source as it came.
func (c *Core) sourceOf(ctx context.Context, a *Actor, receipt ID) ([]byte, error) {
	var m Message
	err := c.store.View(ctx, func(tx Tx) error {
		r, err := tx.FindReceipt(ctx, a.Account.ID, receipt)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "inbound.source", Object{"receipt", receipt}); err != nil {
			return err
		}
		m, err = tx.FindMessage(ctx, r.Account, r.Message)
		return err
	})
	if err != nil {
		return nil, err
	}
	raw, _, err := c.rawOf(ctx, &a.Account, &m)
	return raw, err
}
