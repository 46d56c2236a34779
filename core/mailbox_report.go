package core

import (
	"context"
	"time"
)

// MailboxReport is what a test of a mailbox found, before or after it is kept. Nothing on the server is changed by it.
type MailboxReport struct {
	// Steps are those that were passed, in order: reach, certificate, signin, folder.
	Steps []string
	// Failed is the step that was not passed, empty when all were; Code and Text tell why (MailFolderState).
	Failed, Code, Text string
	// Folders are the watched ones, Names all that the server has, as far as they were listed.
	Folders []FolderReport
	Names   []string
	// AuthServ is in whose name the newest message's topmost Authentication-Results stands; empty where there is none.
	AuthServ string
	// Fields are those of TrustedFields that the newest message has.
	Fields []string
	// Idle tells that the server tells of new mail by itself, ModSeq that it tells whether anything changed, Move and
	// Expunge that messages can be moved and deleted one by one.
	Idle, ModSeq, Move, Expunge bool
	Took                        time.Duration
}

// FolderReport is one folder of a MailboxReport.
type FolderReport struct {
	Name string
	// Messages are all in it; Old are those since the date that was asked for, Large those of them that are too large.
	Messages, Old, Large int
	// Bytes are those of the old ones together.
	Bytes int64
	// Oldest and Newest are when the server got the first and the last of the old ones.
	Oldest, Newest time.Time
}

// MailboxLink is who can reach the servers of mailboxes: doors that only show pages cannot.
type MailboxLink interface {
	// Try connects, signs in and looks, and changes nothing.
	Try(ctx context.Context, m *Mailbox, s MailboxSecret) MailboxReport
	// AgreeURL is the provider's page on which the owner of a mailbox agrees; Agreed turns its answer into a token.
	AgreeURL(m *Mailbox, back, state, verifier string) string
	Agreed(ctx context.Context, m *Mailbox, s MailboxSecret, back, code, verifier string) (refresh string, err error)
	// Words are the code and the server's words of an error.
	Words(err error) (code, text string)
}
