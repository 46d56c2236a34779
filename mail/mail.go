// Package mail is the craft of mail: addresses, reading, classifying and
// composing messages, delivery reports. Its sub-packages judge who sent a
// message (mail/auth), find the author's own words (mail/reply) and open
// winmail.dat (mail/tnef).
//
//	bytes -> Parse -> Message -> Classify -> Class
//	Draft -> Compose -> bytes
//
// It knows the standards (RFC 5321, 5322, 2045, 3464, 3834) and the clients
// that depart from them. It must not know our product: no task, no account,
// no database, no socket.
package mail

import (
	"net/netip"
	"time"
)

// Envelope is what SMTP said about one message (RFC 5321 §3.3), never what
// its headers claim. A door fills it; it is not changed afterwards.
type Envelope struct {
	// ReversePath is the address of MAIL FROM. The zero Address is the null
	// reverse-path "<>" of delivery reports (RFC 5321 §4.5.5).
	ReversePath Address
	// Recipients are the accepted addresses of RCPT TO, in order, unaltered.
	Recipients []Address
	// Peer is the address the connection came from; invalid when there was none.
	Peer netip.Addr
	// Helo is the name the client gave in EHLO, HELO or LHLO.
	Helo string
	// Protocol is the "with" word of RFC 3848: SMTP, ESMTP, ESMTPS, LMTP, LMTPS, or IMAP.
	Protocol string
	// TLS tells whether the transport was encrypted.
	TLS bool
	// Trusted marks loopback and configured relays, whose word about the
	// sender counts as proof (model.md, Mail in).
	Trusted bool
	// AuthServID names the server that took the message in for a mailbox from which it was fetched: the topmost
	// Authentication-Results in its name tells who sent it (RFC 8601 §2.5). Empty where we took it in ourselves.
	AuthServID string
	// Past marks old mail: what its sender's domain says today proves nothing about it, and is not asked.
	Past bool
	// ReceivedAt is when the last byte of the message arrived.
	ReceivedAt time.Time
}

// Fetched is the Protocol of what was fetched from a mailbox.
const Fetched = "IMAP"

// Message is a parsed message. Every text field is valid UTF-8 without NUL.
// It shares no memory with the bytes it was parsed from, except Attachment
// contents, which belong to the Message and must not be changed.
type Message struct {
	// Header holds every field in order, unfolded and with encoded words
	// decoded (RFC 2047); the raw bytes are kept by the caller.
	Header Header
	// From holds the mailboxes of all From fields. A message by one person
	// has exactly one; callers decide what none or several mean.
	From []Address
	// Sender, ReplyTo, To and Cc are the mailboxes of these fields (RFC 5322 §3.6).
	Sender, ReplyTo, To, Cc []Address
	// Subject is decoded, on one line, white space folded.
	Subject string
	// MessageID is without angle brackets; empty when missing or unusable.
	MessageID string
	// InReplyTo and References are message ids without angle brackets, at most 50, the newest last.
	InReplyTo, References []string
	// Date is the zero time when missing or unusable.
	Date time.Time
	// Text is the plain text the author's client wrote, HTML the HTML
	// alternative; either may be empty. Lines end in \n.
	Text, HTML string
	// Attachments are all other leaves, in order, inline images included.
	Attachments []Attachment
	// ReportType is the report-type of a multipart/report (RFC 6522): delivery-status,
	// disposition-notification, feedback-report; else empty.
	ReportType string
	// Calendar tells that a text/calendar part is present.
	Calendar bool
	// Invitations are the events of the calendars among the attachments, at most 20.
	Invitations []Invitation
	// Encrypted tells that the content is sealed for somebody (S/MIME, PGP) and cannot be read here.
	Encrypted bool
	// Signed tells how the content is signed: "smime", "pgp", or empty. Nobody has checked
	// the signature: it says that there is one, not that it is good.
	Signed string
	// Defects names, as short stable codes, what was wrong with the message and mended in
	// reading it, e.g. "header.malformed", "charset.unknown", "part.unclosed".
	Defects []string
	// Size is the length of the raw message in bytes.
	Size int
}

// Attachment is one part of a message that is not its text.
type Attachment struct {
	// Name is a display name, made safe: no path, no control or direction
	// characters, at most 200 bytes. Never empty.
	Name string
	// Type is the declared media type in lower case, or application/octet-stream.
	Type string
	// ContentID is without angle brackets; HTML refers to it by cid:.
	ContentID string
	// Inline tells that the part is meant to be shown within the text.
	Inline bool
	// Steered tells that the name as sent held characters that turn the direction of
	// reading, so that it looked like another: "exe.pdf" can be shown for "fdp.exe".
	Steered bool
	// Content are the decoded bytes.
	Content []byte
}

// Limits bound what Parse will read. The zero value means DefaultLimits.
type Limits struct {
	// Parts is the most leaves and containers together; Depth the deepest
	// nesting, message/rfc822 counted.
	Parts, Depth int
	// HeaderBytes and HeaderFields bound one header section.
	HeaderBytes, HeaderFields int
	// Addresses is the most mailboxes read from one field.
	Addresses int
	// Time is the longest that parsing may take.
	Time time.Duration
}
