package mailer

import (
	"context"
	"time"

	"planpost/core"
	"planpost/mail"
)

// Outgoing is one mail to one recipient.
type Outgoing struct {
	// ReversePath is where reports come back to (RFC 5321 §4.4.7).
	ReversePath mail.Address
	Recipient   mail.Address
	// Raw has CRLF line ends. It is not changed and not kept.
	Raw []byte
	// Sender is the domain in its From; Stream what sort of mail it is.
	Sender string
	Stream core.Stream
	// Begin is the latest time at which it may be begun, zero for any: what was asked before it was made may
	// not be so any more.
	Begin time.Time
}

// Class is what an attempt came to.
type Class string

// The classes. Interrupted and Late are no attempts: we stopped it ourselves before the
// other side could have taken the mail.
const (
	Sent        Class = "sent"
	Temporary   Class = "temporary"
	Permanent   Class = "permanent"
	Uncertain   Class = "uncertain" // the other side may have taken it or not
	Interrupted Class = "interrupted"
	Late        Class = "late" // it waited for its turn beyond Begin; nothing was tried
)

// Outcome is one attempt as the transport saw it.
type Outcome struct {
	Class Class
	// Remote is the other side's name and address; Code and Enhanced its last answer's (RFC 5321 §4.2,
	// RFC 3463), zero when it gave none; Text its words or what went wrong.
	Remote   string
	Code     int
	Enhanced string
	Text     string
	// Cause is what went wrong before any mail was named, nil where the other side answered.
	Cause error
	// Slow tells that the destination asked for fewer mails: it gets them more slowly.
	Slow bool
	// Keep asks to keep the mail itself with its delivery: it went nowhere.
	Keep bool
}

// Transport takes mail on its way. Send is called by many at once; it never
// panics on a hostile peer and returns soon after ctx ends.
type Transport interface {
	Send(ctx context.Context, out Outgoing) Outcome
}

// Capture keeps every mail with its delivery instead of sending it: the demo's transport.
type Capture struct{}

// Send always succeeds.
func (Capture) Send(context.Context, Outgoing) Outcome {
	return Outcome{Class: Sent, Remote: "captured", Keep: true}
}
