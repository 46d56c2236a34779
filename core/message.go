package core

import (
	"context"
	"strings"
	"time"
)

// Disposition is what became of one message for one recipient; every
// receipt ends in exactly one.
type Disposition string

// The closed list of dispositions.
const (
	Posted    Disposition = "posted"    // became a comment
	Created   Disposition = "created"   // became a task
	Recorded  Disposition = "recorded"  // noted with its delivery or person: reports, out-of-office, read receipts
	Held      Disposition = "held"      // waits for a person
	Ignored   Disposition = "ignored"   // a loop, or nothing in it
	Duplicate Disposition = "duplicate" // the same message already counted
	Refused   Disposition = "refused"   // a person refused what was held
)

// Message is one incoming message of one account, once, however many recipients it had.
type Message struct {
	ID, Account ID
	// Hash is unique: the MessageHash.
	Hash string
	// Kind is mail.Class's kind: message, auto-reply, bounce, feedback, receipt, list.
	Kind string
	// From and FromName are the header's claim; Verified what was proven of it (auth.Outcome).
	From, FromName, Verified string
	Subject                  string
	// HeaderID is the Message-ID without brackets; InReplyTo the first of In-Reply-To or the last of References.
	HeaderID, InReplyTo string
	// ReversePath, Peer, Helo, Protocol are the envelope.
	ReversePath, Peer, Helo, Protocol string
	// Evidence is auth.Verdict as JSON; Trace the decisions about the whole message as JSON ([]Step).
	Evidence string
	Trace    []Step
	// Text is what the author wrote, after cutting, kept here while it is no comment; Cuts the
	// beginning of what was cut, and why.
	Text string
	Cuts []Cut
	// Facts are what a page tells of it besides its words.
	Facts MessageFacts
	Size  int
	// RawHash is set when the sealed source lies in Files; else it lies in the raw table, or was dropped.
	RawHash    string
	ReceivedAt time.Time
}

// Step is one decision on a message's road with its evidence.
type Step struct {
	// Station is parse, verify, classify, route, sender, extract, accept, person.
	Station string `json:"s"`
	// Code is the decision, worded in templates under "step.<Code>"; Params fill it, in pairs.
	Code   string   `json:"c"`
	Params []string `json:"p,omitempty"`
}

// Cut is a piece of the text that is not the author's own words.
type Cut struct {
	Why  string `json:"why"`
	Text string `json:"text"`
	// Left is how many bytes of the text are not in Text: rows keep the beginning,
	// the whole lies beside the source.
	Left int `json:"left,omitempty"`
	// At is where it stood: a byte offset in the text of the comment as it was posted, at the edge of a line.
	At int `json:"at,omitempty"`
}

// shownCut is how much of a cut stands in the message's row, in bytes.
const shownCut = 400

// short is the cut as its row keeps it.
func (c Cut) short() Cut {
	if len(c.Text) <= shownCut {
		return c
	}
	text := strings.TrimRight(cut(c.Text, shownCut), " \n")
	return Cut{Why: c.Why, Text: text, Left: len(c.Text) - len(text), At: c.At}
}

// Receipt is a message's fate for one recipient.
type Receipt struct {
	ID, Account, Message ID
	// Recipient is the envelope address as shown: of a reply address only the link, never the token.
	Recipient string
	// Key makes the receipt unique with its message: the link, the project or the address.
	Key         string
	Route       RouteKind
	Link        ID
	Disposition Disposition
	// Reason is a code, worded in templates under "reason.<Reason>"; Params fill it, in pairs.
	Reason string
	Params []string
	Trace  []Step
	// Person is the author shown or, for held ones, the owner of the reply address.
	Person, Project, Task, Comment, Delivery ID
	// Again counts later arrivals of the same message for this recipient.
	Again      int
	ReceivedAt time.Time
	// DecidedBy and DecidedAt tell who released or refused it.
	DecidedBy ID
	DecidedAt time.Time
}

// MessageItem is a receipt in the recorder's list, with its message.
type MessageItem struct {
	Receipt    Receipt
	Message    Message
	TaskNumber int64
	TaskTitle  string
	PersonName string
}

// MessageFilter narrows the recorder's list. The zero value lists all, newest first.
type MessageFilter struct {
	Disposition Disposition
	// Task narrows to one task.
	Task ID
	// Query matches sender address, subject words, Message-ID or our reference exactly, folded.
	Query string
	// Reason narrows to one reason's code.
	Reason string
	// From and Until bound when it came: from From on and before Until; zero leaves that side open. The core turns them
	// into Since, where the list ends, and Before.
	From, Until time.Time
	Since       ID
	// Before continues behind the receipt with this ID.
	Before ID
	Limit  int
}

// Refusal aggregates recipients refused at RCPT, so that a flood cannot fill the disk.
type Refusal struct {
	// Peer is a /24 or /48 prefix; Reason a code; Hour the start of the hour.
	Peer, Reason string
	Hour         time.Time
	Count        int
}

// Acceptance is everything one incoming message changes in one account,
// decided before and written in one transaction. The store writes whole
// groups of them in bulk statements; it decides nothing.
type Acceptance struct {
	Message Message
	// Known tells that the message is kept already, under Message.ID: it came again for
	// recipients it had not before. Only what these make is written.
	Known bool
	// Raw is the sealed source, nil when it lies in Files (Message.RawHash).
	Raw      []byte
	Receipts []Receipt
	// People are new; one whose address exists by now is replaced by who has it, in the whole acceptance.
	People []Person
	// Tasks are new; the store gives their numbers.
	Tasks         []Task
	Comments      []Comment
	Attachments   []Attachment
	Pictures      []PictureSeen
	Notifications []Notification
	Deliveries    []Delivery
	// Reports are delivery reports about our own mail.
	Reports []DeliveryReport
	// Suppressions are what they stop; Written an address whose owner wrote, which lifts what bounces and
	// complaints stopped, empty when nothing did.
	Suppressions []Suppression
	Written      string
	// Answered are the tasks of which people inside answered mail: what that told them they have seen.
	Answered []Answered
	// Hours are working time that its author recorded.
	Hours []Hours
	// Fetched is the ledger's entry of a message from a mailbox; nil for others.
	Fetched *Fetched
	Log     []LogEntry
}

// Answered is a task and who answered mail about it.
type Answered struct{ Task, Person ID }

// DeliveryReport is what a DSN said about a delivery.
type DeliveryReport struct {
	Account, Delivery ID
	// Status is the enhanced code (RFC 3463); Permanent ends the delivery.
	Status, Text string
	Permanent    bool
	At           time.Time
}

// AcceptResult is the store's answer to an Acceptance.
type AcceptResult struct {
	// Duplicate tells that the account already has this message; nothing was written but the
	// counters of the receipts that it had before.
	Duplicate bool
	// Known are all receipts of a duplicate, as they are kept.
	Known []Receipt
	// Message is the ID under which it is kept: the earlier one's for a duplicate.
	Message ID
	// Numbers are those of Acceptance.Tasks.
	Numbers []int64
}

// MessageTx reads and changes messages and receipts.
type MessageTx interface {
	FindMessage(ctx context.Context, account, id ID) (Message, error)
	FindReceipt(ctx context.Context, account, id ID) (Receipt, error)
	ListReceipts(ctx context.Context, account, message ID) ([]Receipt, error)
	// ListMessages gives what the viewer may see (inbound.list or, for a task, inbound.view), newest first.
	ListMessages(ctx context.Context, v Viewer, f MessageFilter) ([]MessageItem, error)
	// CountHeld tells how many held receipts the viewer could decide about (inbound.quarantine.view).
	CountHeld(ctx context.Context, v Viewer) (int, error)
	// AwayNotes gives the absence notes of people on a task that came since then, newest first, at most 100.
	AwayNotes(ctx context.Context, account, task ID, since time.Time) ([]AwayNote, error)
	// DecideReceipt ends a held or recorded receipt; false when somebody has decided about it.
	DecideReceipt(ctx context.Context, r *Receipt) (bool, error)
	// FindRaw gives the sealed source; NotFound "raw.dropped" when it is not in the database.
	FindRaw(ctx context.Context, account, message ID) ([]byte, error)
	CountRefusal(ctx context.Context, r *Refusal) error
	ListRefusals(ctx context.Context, since time.Time) ([]Refusal, error)
	// MessagesWithHeaderID gives the account's first messages with this Message-ID; none for an empty one.
	MessagesWithHeaderID(ctx context.Context, account ID, headerID string) ([]ID, error)
}
