package core

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// ticketLife is how long a ticket works: programs of print shops fetch with it
// what a page showed, without its cookies (links.md, 2).
const ticketLife = 10 * time.Minute

// A ticket is base64url(link ‖ object ‖ generation ‖ end in seconds ‖ tag). It
// has no row; that of its link is read again whenever it is used.
const (
	ticketBody = 16 + 16 + 4 + 8
	ticketTag  = 16
)

// Ticket is the way from a link's page to one file, or to the archive when
// object is the sending.
func (c *Core) Ticket(l *Link, object ID) string {
	id, of := l.ID.Bytes(), object.Bytes()
	b := append(id[:], of[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(l.Generation))
	b = binary.BigEndian.AppendUint64(b, uint64(c.Now().Add(ticketLife).Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, ticketTagOf(c.keys.Derive("ticket"), b)...))
}

func ticketTagOf(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(body)
	return h.Sum(nil)[:ticketTag]
}

// openTicket reads a ticket made with any key of the ring; NotFound for what is none.
func (c *Core) openTicket(ticket string) (link, object ID, generation int, until time.Time, err error) {
	b, wrong := base64.RawURLEncoding.Strict().DecodeString(ticket)
	if wrong != nil || len(b) != ticketBody+ticketTag {
		return "", "", 0, until, Fail(NotFound, "link.unknown")
	}
	fits := false
	for _, key := range c.keys.DeriveAll("ticket") {
		fits = hmac.Equal(b[ticketBody:], ticketTagOf(key, b[:ticketBody])) || fits
	}
	if !fits {
		return "", "", 0, until, Fail(NotFound, "link.unknown")
	}
	return IDOf([16]byte(b[:16])), IDOf([16]byte(b[16:32])), int(binary.BigEndian.Uint32(b[32:])), time.Unix(int64(binary.BigEndian.Uint64(b[36:])), 0), nil
}

// Order is what somebody fetches: one file, or several in an archive.
type Order struct {
	Account, Project ID
	Person           Person
	// Link is zero for who has a session; Transmittal what was sent by it.
	Link        Link
	Transmittal ID
	// Archive tells that all of Files go into one archive called Name; else there is one file.
	Archive bool
	Name    string
	Files   []OrderedFile
}

// OrderedFile is a file of an order with the index that it belongs to.
type OrderedFile struct {
	Plan    Plan
	Version Version
	PlanFile
}

// OpenTicket gives what a ticket stands for. The row of the link and the right
// to each index are read again: Expired "link.ended" when the link has ended,
// "link.superseded" when nothing of it is current any more and
// "ticket.expired" when the page has to be opened again.
func (c *Core) OpenTicket(ctx context.Context, ticket, ip string) (o Order, v LinkView, err error) {
	link, object, generation, until, err := c.openTicket(ticket)
	if err != nil {
		return o, v, err
	}
	err = c.store.View(ctx, func(tx Tx) error {
		l, err := tx.FindLink(ctx, link)
		if err != nil {
			return err
		}
		if v, err = c.readLink(ctx, tx, l.Kind, link, generation, ip); err != nil {
			return err
		}
		if err := v.usable(); err != nil {
			return err
		}
		if c.Now().After(until) {
			return Fail(Expired, "ticket.expired")
		}
		if l.Kind == ApprovalLink {
			if o, err = c.orderOfApproval(ctx, tx, &v, object); err == nil && len(o.Files) == 0 {
				err = Fail(Expired, "link.superseded")
			}
			return err
		}
		s, err := c.sendingOf(ctx, tx, linkActor(&v.Link, &v.Person, &v.Account))
		if err != nil {
			return err
		}
		o = Order{Account: v.Account.ID, Project: s.Transmittal.Project, Person: v.Person, Link: v.Link, Transmittal: s.ID, Archive: object == s.ID, Name: s.Project.Name}
		for i := range s.Plans {
			p := &s.Plans[i]
			for _, f := range p.Files {
				if p.MayFetch && (o.Archive || f.ID == object) {
					o.Files = append(o.Files, OrderedFile{p.Plan, p.Version, f})
				}
			}
		}
		if len(o.Files) == 0 {
			return Fail(Expired, "link.superseded")
		}
		return nil
	})
	return o, v, c.refusedLink(ctx, &v, ip, err)
}
