package core

import (
	"context"

	"planpost/mail"
)

// Recall reads what we know of the mail that a message answers, before its
// text is taken apart: the reply contexts of its routes, which stay with in for
// AcceptInbound, and, where the text may hold quotes, the text we sent. All is
// asked at once, because each message asks for it. An error stops nothing:
// what could not be read is read again when the message is accepted.
func (c *Core) Recall(ctx context.Context, in *Inbound, quotes bool) (sent string, err error) {
	answer := Answer{Delivery: c.answeredDelivery(in.Message), Quotes: quotes}
	err = c.store.Ask(ctx, func(tx Tx) error {
		in.recalled, sent = make(map[ID]*ReplyContext, 1), ""
		for i := range in.Routes {
			text, err := recallRoute(ctx, tx, in, &in.Routes[i], answer)
			if err != nil && KindOf(err) != NotFound {
				return err
			}
			if sent == "" {
				sent = text
			}
		}
		return nil
	})
	return sent, err
}

func recallRoute(ctx context.Context, tx Tx, in *Inbound, r *Route, answer Answer) (sent string, err error) {
	switch {
	case r.Kind == RouteReply:
		rc, err := tx.FindReplyContext(ctx, r.Link, answer)
		if err != nil {
			return "", err
		}
		in.recalled[r.Link] = &rc
		return rc.Sent, nil
	case answer.Quotes && answer.Delivery != "":
		return tx.FindSentText(ctx, r.Account, answer.Delivery)
	}
	return "", nil
}

// answeredDelivery is the newest mail of ours that a message names.
func (c *Core) answeredDelivery(m *mail.Message) ID {
	for _, list := range [...][]string{m.InReplyTo, m.References} {
		for i := len(list) - 1; i >= 0; i-- {
			if id, ok := c.keys.OpenMessageID(list[i], c.cfg.MailDomain); ok {
				return id
			}
		}
	}
	return ""
}

// replyContext is the one recalled, or read now. One that was recalled serves
// once: when the message is decided anew, time has passed.
func (d *decision) replyContext(ctx context.Context, tx Tx, link ID) (ReplyContext, error) {
	if rc := d.in.recalled[link]; rc != nil && !d.Known {
		return *rc, nil
	}
	return tx.FindReplyContext(ctx, link, Answer{})
}
