package core

import (
	"context"
	"time"

	"planpost/mail"
)

// Mailbox is one on somebody else's server from which mail is fetched by IMAP. It belongs to an account.
type Mailbox struct {
	ID, Account ID
	// Name is what people call it.
	Name string
	// Address is where people write to.
	Address mail.Address
	MailboxSettings
	// Sealed is what signs in, sealed with a key of the host (MailboxSecret).
	Sealed []byte
	// Configured tells that it stands in the host's configuration, and is changed there only.
	Configured bool
	// PausedAt is zero while it is fetched from.
	PausedAt             time.Time
	CreatedAt, UpdatedAt time.Time
}

// MailboxSecurity is how the connection to a mailbox is protected.
type MailboxSecurity string

// The kinds of protection. Plain is for a server on this machine only.
const (
	MailboxTLS      MailboxSecurity = "tls"      // TLS from the start (RFC 8314 §3.2)
	MailboxStartTLS MailboxSecurity = "starttls" // STARTTLS or nothing (RFC 9051 §6.2.1)
	MailboxPlain    MailboxSecurity = "plain"
)

// MailboxAuth is what proves who we are to a mailbox's server.
type MailboxAuth string

// The kinds of proof.
const (
	MailboxPassword  MailboxAuth = "password"
	MailboxGoogle    MailboxAuth = "google"    // OAuth 2 at Google
	MailboxMicrosoft MailboxAuth = "microsoft" // OAuth 2 at Microsoft 365
	MailboxOAuth     MailboxAuth = "oauth"     // OAuth 2 at another provider
)

// AfterFetch is what happens on the server to a message that was taken in.
type AfterFetch string

// What may happen. Nothing is ever done before the message is kept here.
const (
	LeaveFetched  AfterFetch = "leave"
	MarkFetched   AfterFetch = "mark" // as read
	MoveFetched   AfterFetch = "move"
	DeleteFetched AfterFetch = "delete"
)

// What becomes of mail that answers nothing of ours. Besides these, Else may be a project's ID: such mail becomes a task in it.
const (
	ElseHold   = "hold"   // waits for a person
	ElseIgnore = "ignore" // is noted, and that is all
)

// MailboxSettings are what is set about a mailbox; nothing of it is secret.
type MailboxSettings struct {
	Host     string          `json:"host"`
	Port     int             `json:"port"`
	Security MailboxSecurity `json:"security"`
	// User signs in; Auth tells by what.
	User  string       `json:"user"`
	Auth  MailboxAuth  `json:"auth"`
	OAuth MailboxGrant `json:"oauth,omitzero"`
	// Folders are those watched, INBOX as a rule.
	Folders []string `json:"folders"`
	// After tells what happens to a message once it is kept here; MoveTo is the folder of MoveFetched.
	After  AfterFetch `json:"after"`
	MoveTo string     `json:"move_to,omitempty"`
	// FailedTo is the folder for messages that could not be taken in; empty leaves them where they are.
	FailedTo string `json:"failed_to,omitempty"`
	// Trust are header fields whose word about the recipient and the return path this mailbox's server gives:
	// Delivered-To, X-Original-To, Envelope-To, Return-Path. A sender can write any of them elsewhere.
	Trust []string `json:"trust,omitempty"`
	// AuthServ names the server whose topmost Authentication-Results tells who sent a message.
	AuthServ string `json:"authserv,omitempty"`
	// Else is what becomes of mail that answers nothing of ours.
	Else string `json:"else"`
	// Since is the beginning of the old mail that is taken in, too; zero: only what comes from now on.
	Since time.Time `json:"since,omitzero"`
	// Size is the largest message that is fetched unasked, in bytes.
	Size int64 `json:"size"`
	// AlarmMinutes is how long mail may lie on the server, or the server be away, before somebody is told.
	AlarmMinutes int `json:"alarm_minutes"`
	// CanaryMinutes is how often a mail of ours proves the way; 0 is never.
	CanaryMinutes int `json:"canary_minutes,omitempty"`
	// Plus tells that the server keeps what stands behind a plus in the address: the test has seen it.
	Plus bool `json:"plus,omitempty"`
}

// MailboxGrant is how access tokens are got (RFC 6749).
type MailboxGrant struct {
	// Tenant is Microsoft's name of the organisation; Client is ours at the provider.
	Tenant string `json:"tenant,omitempty"`
	Client string `json:"client,omitempty"`
	// AuthURL and TokenURL are the provider's, where it is neither Google nor Microsoft; Scope what is asked for there.
	AuthURL  string `json:"auth_url,omitempty"`
	TokenURL string `json:"token_url,omitempty"`
	Scope    string `json:"scope,omitempty"`
	// Own tells that the client asks in its own name, for a mailbox shared with it (§4.4); else in that of who agreed (§4.1).
	Own bool `json:"own,omitempty"`
	// SecretEnds is when the client's secret ends, as the provider said; zero when nobody said.
	SecretEnds time.Time `json:"secret_ends,omitzero"`
}

// MailboxSecret is what signs in at a mailbox. It is a live secret: sealed at rest, and in no log.
type MailboxSecret struct {
	Password string `json:"password,omitempty"`
	// Client is the OAuth client's secret, Refresh the token that gets access tokens (RFC 6749 §1.5).
	Client  string `json:"client,omitempty"`
	Refresh string `json:"refresh,omitempty"`
	// RefreshedAt is when Refresh was given: some providers end it when it is not used for a time.
	RefreshedAt time.Time `json:"refreshed_at,omitzero"`
}

// MailFolder is how far one folder of a mailbox was read.
type MailFolder struct {
	ID, Mailbox ID
	Name        string
	// Validity is the folder's UIDVALIDITY (RFC 9051 §2.3.1.1), 0 before it was ever opened. Next is the lowest UID
	// that was not looked at; all below are in the ledger, or were there before the beginning.
	Validity, Next uint32
	// First is the UID from which on all mail is ours; below it only what is in Backlog, or in the ledger.
	First uint32
	// BeganAt is when the folder was first opened: mail from before is not ours unless it is in Backlog.
	BeganAt time.Time
	// Backlog is the old mail that is taken in, as a set of UIDs; Total how many those are.
	Backlog string
	Total   int
	// AtHand are the UIDs that are being taken in just now. Found by a process that did not begin it, they are those that
	// another one died over.
	AtHand string
	// ModSeq is HIGHESTMODSEQ (RFC 7162) when server and ledger were last found alike; 0 when they were not, or the server has none.
	ModSeq uint64
	MailFolderState
}

// MailFolderState is how it goes with a folder.
type MailFolderState struct {
	// Code is what is wrong, worded under "fetch.error.<Code>"; empty while all is well. Text are the server's words.
	Code, Text string
	// Since is when Code began; ContactAt when the server last answered as it should, ImportedAt when mail last came.
	Since, ContactAt, ImportedAt time.Time
	// CheckedAt is when server and ledger were last compared, Missing how many messages were on the server then and not
	// taken in, since MissingSince.
	CheckedAt, MissingSince time.Time
	Missing                 int
	// Left is how much of the old mail is still to come.
	Left int
}

// FetchState is what became of a message on the server.
type FetchState string

// The states of the ledger.
const (
	FetchDone    FetchState = "done"    // it is kept here
	FetchBefore  FetchState = "before"  // it was there before the beginning
	FetchLarge   FetchState = "large"   // it is larger than is fetched unasked
	FetchWaiting FetchState = "waiting" // it failed, and is tried again
	FetchFailed  FetchState = "failed"  // it was set aside after some tries
	FetchGone    FetchState = "gone"    // it was set aside, and is not on the server any more
)

// Fetched is one entry of the ledger: a message on a mailbox's server.
type Fetched struct {
	Account, Folder ID
	Validity, UID   uint32
	State           FetchState
	// Message is what it became; empty when it is not kept.
	Message ID
	// Mark tells it from others when the server numbers them anew.
	Mark string
	// Size is in bytes, At when the server got it (INTERNALDATE).
	Size int64
	At   time.Time
	// Tries is how often it failed, NextTry when it is tried again; Code and Text tell why, as MailFolderState's do.
	Tries      int
	NextTry    time.Time
	Code, Text string
	// From and Subject are kept of what is not.
	From, Subject string
	// Due tells that what is to happen on the server afterwards has not happened yet.
	Due bool
	// Asked tells that somebody wants it whatever its size.
	Asked bool
}

// FetchedFrom is where a message that is offered to the core was fetched.
type FetchedFrom struct {
	Mailbox *Mailbox
	Fetched
	// Past marks mail from before the mailbox was connected: nobody is told of it, and it keeps its date.
	Past bool
}

// MailboxTx keeps mailboxes and the ledger of what was fetched from them.
type MailboxTx interface {
	PutMailbox(ctx context.Context, m *Mailbox) error
	// FindMailbox: NotFound "mailbox.unknown". An empty account is any.
	FindMailbox(ctx context.Context, account, id ID) (Mailbox, error)
	// ListMailboxes gives those of an account, or of all when it is empty, by name.
	ListMailboxes(ctx context.Context, account ID) ([]Mailbox, error)
	// DeleteMailbox takes its ledger along.
	DeleteMailbox(ctx context.Context, account, id ID) error

	PutMailFolder(ctx context.Context, f *MailFolder) error
	// PutMailFolderState changes the state alone.
	PutMailFolderState(ctx context.Context, folder ID, s *MailFolderState) error
	MailFolders(ctx context.Context, mailbox ID) ([]MailFolder, error)

	// PutFetched writes entries, or changes them.
	PutFetched(ctx context.Context, list []Fetched) error
	// DoneAfter notes that nothing is to be done any more on the server about these.
	DoneAfter(ctx context.Context, folder ID, validity uint32, uids []uint32) error
	// FetchedUIDs are the entries of a folder from a UID on, sorted.
	FetchedUIDs(ctx context.Context, folder ID, validity, from uint32) ([]uint32, error)
	// FetchedMarks counts the entries of a folder by mark that are settled and whose numbers are of another validity.
	FetchedMarks(ctx context.Context, folder ID, but uint32) (map[string]int, error)
	// ForgetFetched takes entries of another validity out of the ledger.
	ForgetFetched(ctx context.Context, folder ID, but uint32) error
	// DueFetched are entries with something to do at a time: a try, or what happens on the server afterwards; at most limit.
	DueFetched(ctx context.Context, folder ID, validity uint32, now time.Time, limit int) ([]Fetched, error)
	// AsideFetched are those of a mailbox that are not kept here and should be looked at: large, waiting, failed, gone; at most limit.
	AsideFetched(ctx context.Context, mailbox ID, limit int) ([]Fetched, error)
	// CountFetched counts the entries of a mailbox by state.
	CountFetched(ctx context.Context, mailbox ID) (map[FetchState]int, error)
	FindFetched(ctx context.Context, folder ID, validity, uid uint32) (Fetched, error)
}
