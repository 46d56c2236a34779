package core

import (
	"context"
	"slices"
	"strconv"

	"planpost/mail"
)

// The letters that speak of no task.
const (
	// NoticeLetter tells a person of something that happened; its code is the first of Params.
	NoticeLetter LetterKind = "notice"
	// LinkLetter brings a link's token, or a code, to its addressee; Delivery.Link is the row.
	LinkLetter LetterKind = "link"
)

// oweNotice owes a person a notice, worded under "notice.<code>.subject" and
// "notice.<code>.text" with params as pairs of name and value. A value named
// "at" or "until" is a time in RFC 3339 and shown in the reader's zone. It goes
// out at once; the caller calls wakeMailer after the commit. Nothing is owed to
// who cannot be written to, or has switched such mail off.
func (c *Core) oweNotice(ctx context.Context, tx Tx, account, person ID, code string, params ...string) error {
	p, err := tx.FindPerson(ctx, account, person)
	if err != nil || !writable(&p) {
		return err
	}
	all, err := tastes(ctx, tx, account, []*Person{&p})
	if err != nil || !all[p.ID].wants(noticeEvent(code), MailChannel) {
		return err
	}
	d := c.plainLetter(account, person, NoticeLetter, append([]string{"code", code}, params...)...)
	return tx.CreateDelivery(ctx, &d)
}

// tellAdministrators owes the owner and every administrator a notice, of what
// was done on the host over their heads; but for those who are told already.
func (c *Core) tellAdministrators(ctx context.Context, tx Tx, account ID, code string, params []string, but ...ID) error {
	f := PersonFilter{Kinds: []PersonKind{UserKind}, Limit: 200}
	for {
		people, err := tx.ListPeople(ctx, Viewer{Account: account, All: true}, f)
		if err != nil {
			return err
		}
		for i := range people {
			p := &people[i]
			if p.Role != Owner && p.Role != Administrator || p.Status != Active || slices.Contains(but, p.ID) {
				continue
			}
			if err := c.oweNotice(ctx, tx, account, p.ID, code, params...); err != nil {
				return err
			}
		}
		if len(people) < f.Limit {
			return nil
		}
		f.AfterName, f.AfterID = people[len(people)-1].Name, people[len(people)-1].ID
	}
}

// oweLink owes the mail that brings the token of a link, worded under
// "letter.<kind>.…". Mails of the same generation and key are one, however often
// they are owed: "" is the first, and somebody who asks again brings a key of
// his own. fresh is false when it was owed before.
func (c *Core) oweLink(ctx context.Context, tx Tx, l *Link, key string, params ...string) (fresh bool, err error) {
	kind := LinkLetter
	if l.Kind == DownloadLink {
		kind = TransmittalLetter
	}
	d := c.plainLetter(l.Account, l.Person, kind, params...)
	d.Link, d.Scope = l.ID, strconv.Itoa(l.Generation)+key
	return tx.CreateLetter(ctx, &d)
}

func (c *Core) plainLetter(account, person ID, kind LetterKind, params ...string) Delivery {
	now := c.Now()
	return Delivery{ID: NewID(), Account: account, Person: person, Kind: kind, Params: params, Stream: streamOf(kind, params), State: DeliveryDue, DueAt: now, CreatedAt: now}
}

// writable tells whether letters without a task reach a person: unlike mail
// about tasks they do so before the invitation was accepted.
func writable(p *Person) bool {
	return (p.Status == Active || p.Status == Pending) && p.BlockedAt.IsZero() && len(p.Addresses) > 0
}

// readPlain reads a letter that speaks of no task. A link that ended meanwhile is not mailed.
func (c *Core) readPlain(ctx context.Context, tx Tx, l *Letter) (err error) {
	if l.Delivery.Kind == NoticeLetter {
		return c.readNotice(ctx, tx, l)
	}
	switch l.Delivery.Kind {
	case VisitLetter:
		return c.readVisit(ctx, tx, l)
	case TransmittalLetter:
		return c.readSending(ctx, tx, l)
	case HolderLetter:
		return c.readHolder(ctx, tx, l)
	case ApprovalLetter:
		return c.readApproval(ctx, tx, l)
	}
	return c.readLinkLetter(ctx, tx, l)
}

// readLinkLetter reads the letter that brings a link.
func (c *Core) readLinkLetter(ctx context.Context, tx Tx, l *Letter) (err error) {
	if l.Link, err = tx.FindLink(ctx, l.Delivery.Link); err != nil {
		return err
	}
	if l.Link.State(c.Now()) != LinkLive {
		return Fail(Conflict, "delivery.link_ended")
	}
	if l.Link.CreatedBy != "" {
		if l.By, err = tx.FindPerson(ctx, l.Account.ID, l.Link.CreatedBy); err != nil {
			return err
		}
	}
	if l.Link.Kind == CodeLink && l.Link.Object != l.Person.ID { // back to the conversation, whose page may be closed by now
		if l.thread, _, err = tx.FindLinkOf(ctx, ThreadLink, l.Person.ID, l.Link.Object, l.Person.Address().Norm()); err != nil {
			return err
		}
	}
	to, err := linkMailbox(&l.Link, &l.Person)
	l.To = to
	return err
}

// readNotice asks again whether its reader wants to hear of such things by mail.
func (c *Core) readNotice(ctx context.Context, tx Tx, l *Letter) error {
	mine, err := l.tasteOf(ctx, tx)
	if err == nil && len(l.Delivery.Params) > 1 && !mine.wants(noticeEvent(l.Delivery.Params[1]), MailChannel) {
		err = Fail(Conflict, reasonOff)
	}
	if err != nil {
		return err
	}
	if id := paramsOf(l.Delivery.Params)["approval"]; id != "" {
		return c.readApprovalNotice(ctx, tx, l, ID(id))
	}
	return nil
}

// linkMailbox is where the token of a link goes: some kinds are for one mailbox, whatever the person's is by now.
func linkMailbox(l *Link, p *Person) (mail.Address, error) {
	switch l.Kind {
	case EmailLink:
		return mail.ParseMailbox(l.Scope)
	case ResetLink, EmailCancelLink:
		for i := range p.Addresses {
			if p.Addresses[i].Norm == l.Scope {
				return p.Addresses[i].Given, nil
			}
		}
		return mail.Address{}, Fail(Conflict, "delivery.link_ended")
	}
	return p.Address(), nil
}

// addressPlain makes the token or code of the letter; they live in the rendered mail only.
func (c *Core) addressPlain(l *Letter) {
	// The name of the house and of nobody else: an invitation must not carry words of whoever sends it.
	l.QuickURL = c.cfg.BaseURL + "/start/" + l.Locale
	if id := paramsOf(l.Delivery.Params)["mailbox"]; l.Delivery.Kind == NoticeLetter && id != "" {
		l.LinkURL = c.cfg.BaseURL + "/mailboxes/" + id
	}
	switch {
	case l.Delivery.Kind == DigestLetter:
		l.NotesURL = c.cfg.BaseURL + "/notifications"
	case l.Delivery.Kind == VisitLetter && l.Staff:
		l.VisitURL = c.cfg.BaseURL + "/visits/" + string(l.Visit.Visit)
	case l.Link.Kind == CodeLink:
		l.Code = c.keys.LinkCode(l.Link.ID, l.Link.Generation)
		if t := &l.thread; t.ID != "" {
			l.LinkURL = c.cfg.BaseURL + t.Kind.Path() + c.keys.LinkToken(t.Kind, t.ID, t.Generation)
		}
	case l.Link.ID != "":
		l.LinkURL = c.cfg.BaseURL + l.Link.Kind.Path() + c.keys.LinkToken(l.Link.Kind, l.Link.ID, l.Link.Generation)
	}
}
