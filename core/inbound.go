package core

import (
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/mail/reply"
)

// Inbound is one message offered to the core by the road in: everything
// that can be found out about it without asking who is who.
type Inbound struct {
	Envelope *mail.Envelope
	// Raw is the message as received; it is sealed and kept, not changed.
	Raw []byte
	// Hash is mail.ContentHash(Raw).
	Hash [32]byte
	// Message is nil when Raw cannot be read as mail; Unreadable is then the parser's code.
	Message    *mail.Message
	Unreadable string
	Verdict    auth.Verdict
	Class      mail.Class
	Reports    []mail.Report
	// Words are the author's own words and what was cut.
	Words reply.Result
	// HTML is the safe rendering of the author's HTML, empty for plain text.
	HTML string
	// Heights are those of the message's attachments that are pictures, in pixels; 0 or missing when unknown.
	Heights []int
	// Routes are those of the accepted recipients, each once.
	Routes []Route
	// Fetched is where it was fetched; nil when it was sent to us.
	Fetched *FetchedFrom
	// Trace are the decisions so far.
	Trace []Step

	recalled map[ID]*ReplyContext // by link
}
