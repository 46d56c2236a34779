package core

import (
	"context"
	"slices"

	"planpost/core/access"
	"planpost/mail"
)

// MessageView is the page that tells a message's way.
type MessageView struct {
	Message Message
	Receipt Receipt
	// Others are the receipts of the same message for other recipients.
	Others  []Receipt
	Person  Person
	Task    Task
	Project Project
	// Sender is the known person with the From address; its ID is empty when nobody has it.
	Sender Person
	// SameID tells that another message with the same Message-ID but other content came earlier.
	SameID bool
	// Words are the author's own words, wherever they are kept.
	Words string
	// Attachments are the files of the comment it became, with what became of each, or those
	// that a held message would bring.
	Attachments []Attachment
	// Releasable tells that a held message, or one that was only a quote, can become a comment at all.
	Releasable bool
	// Masked hides addresses, subject and text (technical administrators).
	Masked bool
	May    Rights
}

// Messages lists what came in, newest first.
func (c *Core) Messages(ctx context.Context, a *Actor, f MessageFilter) (list []MessageItem, err error) {
	f.Limit = pageSize(f.Limit)
	err = c.store.View(ctx, func(tx Tx) error {
		ans, err := c.may(ctx, tx, a, "inbound.list", Object{})
		if err != nil {
			return err
		}
		if ans.Must(access.Mask) {
			f.Query = "" // or what is masked could be found out by asking for it
		}
		// Receipts sort by when they came.
		if end := idAt(f.Until); !f.Until.IsZero() && (f.Before == "" || end < f.Before) {
			f.Before = end
		}
		if !f.From.IsZero() {
			f.Since = idAt(f.From)
		}
		if list, err = tx.ListMessages(ctx, a.Viewer(), f); err != nil {
			return err
		}
		if ans.Must(access.Mask) {
			for i := range list {
				maskMessage(&list[i].Message, &list[i].Receipt)
				list[i].TaskTitle, list[i].PersonName = "", ""
			}
		}
		return err
	})
	return list, err
}

func maskMessage(m *Message, r *Receipt) {
	mask := func(s string) string {
		a, err := mail.ParseMailbox(s)
		if err != nil {
			return ""
		}
		return a.Masked()
	}
	m.From, m.FromName, m.Subject, m.Text, m.Cuts, m.ReversePath = mask(m.From), "", "", "", nil, mask(m.ReversePath)
	m.HeaderID, m.InReplyTo, m.Evidence = "", "", ""
	m.Facts = MessageFacts{}
	r.Params, r.Recipient = nil, mask(r.Recipient)
	for i := range r.Trace {
		r.Trace[i].Params = nil
	}
	for i := range m.Trace {
		m.Trace[i].Params = nil
	}
}

// HeldCount is how many held messages the actor could decide about.
func (c *Core) HeldCount(ctx context.Context, a *Actor) (n int, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		n, err = tx.CountHeld(ctx, a.Viewer())
		return err
	})
	return n, err
}

// Message gives the way of one message to one recipient.
func (c *Core) Message(ctx context.Context, a *Actor, receipt ID) (v MessageView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = MessageView{}
		if v.Receipt, err = tx.FindReceipt(ctx, a.Account.ID, receipt); err != nil {
			return err
		}
		o := Object{"receipt", receipt}
		ans, err := c.may(ctx, tx, a, "inbound.view", o)
		if err != nil {
			return err
		}
		if err := denied(ans); err != nil {
			return err
		}
		if v.May, err = c.rights(ctx, tx, a, o, "inbound.source", "inbound.quarantine.release", "inbound.quarantine.refuse"); err != nil {
			return err
		}
		v.Masked = ans.Must(access.Mask)
		return c.fillMessage(ctx, tx, a, &v)
	})
	if err != nil || v.Masked {
		return v, err
	}
	if v.Receipt.Disposition == Held {
		if v.Attachments, err = c.heldFiles(ctx, a, &v.Message); err != nil {
			return v, err
		}
	}
	return v, c.wholeCuts(ctx, a, &v.Message)
}

func (c *Core) fillMessage(ctx context.Context, tx Tx, a *Actor, v *MessageView) (err error) {
	r := &v.Receipt
	if v.Message, err = tx.FindMessage(ctx, r.Account, r.Message); err != nil {
		return err
	}
	if v.Masked {
		maskMessage(&v.Message, r)
		return nil
	}
	alike, err := tx.MessagesWithHeaderID(ctx, r.Account, v.Message.HeaderID)
	if err != nil {
		return err
	}
	v.SameID = len(alike) > 0 && alike[0] != r.Message
	all, err := tx.ListReceipts(ctx, r.Account, r.Message)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID == r.ID {
			continue
		}
		if ans, err := c.may(ctx, tx, a, "inbound.view", Object{"receipt", other.ID}); err != nil {
			return err
		} else if ans.Allowed {
			v.Others = append(v.Others, other)
		}
	}
	return c.fillMessageObjects(ctx, tx, v)
}

func (c *Core) fillMessageObjects(ctx context.Context, tx Tx, v *MessageView) (err error) {
	r := &v.Receipt
	people, err := peopleByID(ctx, tx, r.Account, []ID{r.Person})
	if err != nil {
		return err
	}
	v.Person, v.Words = people[r.Person], v.Message.Text
	v.Releasable = r.undecided() && releasable(r, &v.Message)
	if r.Task != "" {
		if v.Task, err = tx.FindTask(ctx, r.Account, r.Task); err != nil {
			return err
		}
	}
	if r.Project != "" {
		if v.Project, err = tx.FindProject(ctx, r.Account, r.Project); err != nil {
			return err
		}
	}
	if r.Comment != "" {
		cm, err := tx.FindComment(ctx, r.Account, r.Comment)
		if err != nil {
			return err
		}
		v.Words, v.Attachments = cm.Text, cm.Attachments
	}
	v.Sender, err = senderOf(ctx, tx, &v.Message)
	return err
}

func senderOf(ctx context.Context, tx Tx, m *Message) (Person, error) {
	from, err := mail.ParseMailbox(m.From)
	if err != nil {
		return Person{}, nil
	}
	p, err := tx.FindPersonByAddress(ctx, m.Account, from.Norm())
	if KindOf(err) == NotFound {
		return Person{}, nil
	}
	return p, err
}

// MessageSource gives the source of a message with our own live addresses taken out.
func (c *Core) MessageSource(ctx context.Context, a *Actor, receipt ID) ([]byte, error) {
	raw, err := c.sourceOf(ctx, a, receipt)
	if err != nil {
		return nil, err
	}
	return c.redactSource(raw), nil
}

// RefuseHeld ends a held message: it is kept in the recorder and becomes nothing.
func (c *Core) RefuseHeld(ctx context.Context, a *Actor, receipt ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		r, err := c.heldReceipt(ctx, tx, a, receipt, "inbound.quarantine.refuse")
		if err != nil {
			return err
		}
		if r.Disposition != Held {
			return Fail(Conflict, "held.decided")
		}
		r.Disposition, r.DecidedBy, r.DecidedAt = Refused, a.Person.ID, tx.Now()
		return c.decideReceipt(ctx, tx, a, &r, "message.refuse")
	})
	c.bus.Publish(HeldTopic(a.Account.ID))
	return err
}

func (c *Core) heldReceipt(ctx context.Context, tx Tx, a *Actor, id ID, action access.Action) (Receipt, error) {
	r, err := tx.FindReceipt(ctx, a.Account.ID, id)
	if err != nil {
		return r, err
	}
	if err := c.require(ctx, tx, a, action, Object{"receipt", id}); err != nil {
		return r, err
	}
	if !r.undecided() {
		return r, Fail(Conflict, "held.decided")
	}
	return r, nil
}

// undecided tells that a person may still make a comment of the message: it is
// held, or was recorded only because nothing but quotes was found in it.
func (r *Receipt) undecided() bool {
	return r.Disposition == Held || r.Disposition == Recorded && r.Reason == "reply.empty" && r.DecidedAt.IsZero()
}

func (c *Core) decideReceipt(ctx context.Context, tx Tx, a *Actor, r *Receipt, code string) error {
	ok, err := tx.DecideReceipt(ctx, r)
	if err != nil {
		return err
	}
	if !ok {
		return Fail(Conflict, "held.decided")
	}
	return c.note(ctx, tx, a, code, Object{"receipt", r.ID})
}

// Refusals are the totals of refused recipients of the last week, for who may see the recorder.
func (c *Core) Refusals(ctx context.Context, a *Actor) (list []Refusal, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "inbound.list", Object{}); err != nil {
			return err
		}
		list, err = tx.ListRefusals(ctx, c.Now().AddDate(0, 0, -7))
		return err
	})
	return list, err
}

// releasable are the reasons for which a person may release a held message
// as a comment: it can be read, and the task exists.
func releasable(r *Receipt, m *Message) bool {
	return r.Task != "" && m.Kind == string(mail.KindMessage) && !slices.Contains([]string{"from.missing", "from.several"}, r.Reason)
}
