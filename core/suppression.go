package core

import (
	"context"
	"time"

	"planpost/core/access"
	"planpost/mail"
)

// SuppressReason is why mail to an address is stopped, worded under "suppressed.<reason>".
type SuppressReason string

// The reasons.
const (
	// SuppressBounce: the other side said that nobody is there (RFC 3463 §3.2, 5.1.x).
	SuppressBounce SuppressReason = "bounce"
	// SuppressComplaint: the addressee called a mail of ours spam (RFC 5965). Only the addressee lifts it, by writing.
	SuppressComplaint SuppressReason = "complaint"
	// SuppressUnsubscribed: the addressee wants no more of this stream.
	SuppressUnsubscribed SuppressReason = "unsubscribe"
	// SuppressByHand: somebody inside said so.
	SuppressByHand SuppressReason = "hand"
)

// Suppression stops the mail of one stream to one address.
type Suppression struct {
	ID, Account ID
	// Address is normalised.
	Address string
	Stream  Stream
	Reason  SuppressReason
	// Evidence is what the other server, or who stopped it, said; Delivery the mail that it was about,
	// Receipt the message that told it. Each may be empty.
	Evidence          string
	Delivery, Receipt ID
	// By is who stopped it by hand.
	By        ID
	CreatedAt time.Time
	// LiftedAt is zero while it holds; LiftedBy is the person who lifted it, empty for the addressee's own mail.
	LiftedAt time.Time
	LiftedBy ID
}

// SuppressionItem is a Suppression in a list, with who has the address.
type SuppressionItem struct {
	Suppression
	Person             ID
	PersonName, ByName string
}

// SuppressionFilter narrows a list of suppressions that hold, newest first.
type SuppressionFilter struct {
	// Address is normalised, ID finds one.
	Address string
	ID      ID
	// Person narrows to one person's addresses.
	Person ID
	Before ID
	Limit  int
}

// SuppressionTx reads and writes suppressions.
type SuppressionTx interface {
	// Suppress writes s unless the same stream to the same address is stopped already; a complaint takes the place of another reason.
	Suppress(ctx context.Context, s *Suppression) error
	// FindSuppression finds what stops a stream to an address.
	FindSuppression(ctx context.Context, account ID, address string, stream Stream) (s Suppression, ok bool, err error)
	ListSuppressions(ctx context.Context, account ID, f SuppressionFilter) ([]SuppressionItem, error)
	LiftSuppression(ctx context.Context, account, id ID, at time.Time, by ID) error
	// LiftWritten lifts what bounces and complaints stopped to an address whose owner wrote; it tells how many.
	LiftWritten(ctx context.Context, account ID, address string, at time.Time) (int, error)
}

// stops are the streams that an event about one mail stops. That nobody is
// there is as true for the digest as for work; a complaint is about its own
// stream. Security mail is asked for by who waits for it, and goes on unless it
// was itself what could not arrive.
func stops(reason SuppressReason, stream Stream) []Stream {
	switch {
	case stream == SecurityStream && reason == SuppressComplaint:
		return nil
	case stream != SecurityStream && reason == SuppressBounce:
		return []Stream{WorkStream, DigestStream}
	}
	return []Stream{stream}
}

// nobodyThere tells which codes mean that an address is of no use (RFC 3463
// §3.2), unlike a full mailbox, a policy or trouble with our own address.
func nobodyThere(enhanced string) bool {
	switch enhanced {
	case "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10":
		return true
	}
	return false
}

// suppressed asks whether a letter's stream is stopped to its address.
func suppressed(ctx context.Context, tx Tx, l *Letter) error {
	s, ok, err := tx.FindSuppression(ctx, l.Account.ID, l.To.Norm(), l.Delivery.Stream)
	if err != nil || !ok {
		return err
	}
	if s.Reason == SuppressUnsubscribed {
		return Fail(Conflict, reasonUnsubscribed) // that is what was asked for: nobody has to look at it
	}
	return Fail(Conflict, "delivery.suppressed."+string(s.Reason))
}

// Suppressions lists what is stopped; addresses masked for technical administrators.
func (c *Core) Suppressions(ctx context.Context, a *Actor, f SuppressionFilter) (list []SuppressionItem, err error) {
	f.Limit = pageSize(f.Limit)
	err = c.store.View(ctx, func(tx Tx) error {
		ans, err := c.may(ctx, tx, a, "suppression.view", Object{})
		if err != nil {
			return err
		}
		if err := denied(ans); err != nil {
			return err
		}
		masked := ans.Must(access.Mask)
		if masked {
			f.Address = "" // or what is masked could be found out by asking for it
		}
		list, err = tx.ListSuppressions(ctx, a.Account.ID, f)
		if masked {
			for i := range list {
				maskSuppression(&list[i])
			}
		}
		return err
	})
	return list, err
}

func maskSuppression(i *SuppressionItem) {
	if a, err := mail.ParseMailbox(i.Address); err == nil {
		i.Address = a.Masked()
	}
	i.Evidence, i.Person, i.PersonName, i.ByName = maskText(i.Evidence), "", "", ""
}

// SuppressAddress stops a stream to an address by hand; the security stream
// cannot be: who is to be kept out is blocked.
func (c *Core) SuppressAddress(ctx context.Context, a *Actor, address string, stream Stream, why string) error {
	to, err := mail.ParseMailbox(address)
	if err != nil {
		return Fail(Invalid, "address", "address", oneLine(address))
	}
	if stream != WorkStream && stream != DigestStream {
		return Fail(Invalid, "suppression.stream")
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "suppression.add", Object{}); err != nil {
			return err
		}
		if _, there, err := tx.FindSuppression(ctx, a.Account.ID, to.Norm(), stream); err != nil || there {
			return firstError(err, Fail(Conflict, "suppression.there", "address", to.Mailbox()))
		}
		s := Suppression{ID: NewID(), Account: a.Account.ID, Address: to.Norm(), Stream: stream, Reason: SuppressByHand, Evidence: cut(oneLine(why), 500), By: a.Person.ID, CreatedAt: tx.Now()}
		if err := tx.Suppress(ctx, &s); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "suppression.add", Object{}, "address", s.Address, "stream", string(stream))
	})
}

// LiftSuppression lets mail go again. What a complaint stopped is lifted by a
// mail of the addressee and nobody else.
func (c *Core) LiftSuppression(ctx context.Context, a *Actor, id ID) error {
	return c.liftAll(ctx, a, SuppressionFilter{ID: id, Limit: 1}, Fail(NotFound, "not_found"))
}

// LiftAddress is LiftSuppression of all that stops mail to an address.
func (c *Core) LiftAddress(ctx context.Context, a *Actor, address string) error {
	to, err := mail.ParseMailbox(address)
	if err != nil {
		return Fail(Invalid, "address", "address", oneLine(address))
	}
	return c.liftAll(ctx, a, SuppressionFilter{Address: to.Norm(), Limit: len(Streams)}, Fail(Conflict, "suppression.none", "address", to.Mailbox()))
}

func (c *Core) liftAll(ctx context.Context, a *Actor, f SuppressionFilter, none error) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "suppression.lift", Object{}); err != nil {
			return err
		}
		list, err := tx.ListSuppressions(ctx, a.Account.ID, f)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return none
		}
		for i := range list {
			s := &list[i]
			if s.Reason == SuppressComplaint {
				return Fail(Conflict, "suppression.complaint", "address", s.Address)
			}
			if err := tx.LiftSuppression(ctx, a.Account.ID, s.ID, tx.Now(), a.Person.ID); err != nil {
				return err
			}
			if err := c.note(ctx, tx, a, "suppression.lift", Object{}, "address", s.Address, "stream", string(s.Stream)); err != nil {
				return err
			}
		}
		return nil
	})
}
