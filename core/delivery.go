package core

import (
	"context"
	"time"
)

// Notification tells one person of one event; many may share one delivery.
type Notification struct {
	ID, Account, Person ID
	Event               Event
	// Reason is why this person: told, assignee, participant, …, worded under "why.<Reason>".
	Reason        string
	Task, Comment ID
	Receipt       ID
	// Delivery is the mail that carries it; empty when it is shown in pages only.
	Delivery ID
	// Page tells that it is shown in pages; else it only says what its delivery tells of.
	Page      bool
	CreatedAt time.Time
	// ReadAt is zero until seen.
	ReadAt time.Time
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states. Due ones wait for their time or a lease's end.
const (
	DeliveryDue       DeliveryState = "due"
	DeliverySent      DeliveryState = "sent"
	DeliveryFailed    DeliveryState = "failed"
	DeliveryCancelled DeliveryState = "cancelled"
	DeliveryUncertain DeliveryState = "uncertain" // the connection was lost after DATA; repeated once, byte for byte
	DeliveryHeld      DeliveryState = "held"      // kept back with a reason until a person lets it go
)

// LetterKind is what a delivery says.
type LetterKind string

// TaskLetter is mail about a task, or about held messages; its words come from its notifications.
const TaskLetter LetterKind = ""

// Delivery is one mail owed to one person (the outbox row).
type Delivery struct {
	ID, Account, Person ID
	// Task is the thread, empty when the mail only tells of held messages for no task; Scope is
	// "internal" or "external", as of its reply link, and of a LinkLetter what tells it apart from others of its link.
	Task ID
	// Kind is what sort of letter it is: TaskLetter, or one that speaks of no task. Params fill its words, in pairs: name, value.
	Kind   LetterKind
	Params []string
	// Stream is the road it takes, set by its kind.
	Stream Stream
	Scope  string
	Link   ID
	State  DeliveryState
	// Gather marks a delivery that more notifications of the task may join until it is first claimed:
	// the store then moves DueAt to the later notification's, at most to GatherUntil.
	Gather      bool
	GatherUntil time.Time
	DueAt       time.Time
	LeaseUntil  time.Time
	LeaseToken  ID
	Attempts    int
	// SentDate is fixed by the first claim: the Date header, also of every repeat. A mail that was postponed
	// before it was tried has none again.
	SentDate time.Time
	// Reason says why it failed or was cancelled, worded under "reason.<Reason>"; Text is the server's words.
	Reason, Text string
	CreatedAt    time.Time
	DoneAt       time.Time
}

// Attempt is one try of one delivery.
type Attempt struct {
	ID, Account, Delivery ID
	Number                int
	StartedAt, EndedAt    time.Time
	// Remote is the server's name and address; Code, Enhanced and Text its last answer.
	Remote         string
	Code           int
	Enhanced, Text string
	// Outcome is sent, deferred, failed, uncertain, held or cancelled; bounced and delayed are what a report told later.
	Outcome string
	// Address is whom it went to, normalised; empty when nothing was sent.
	Address string
}

// AttemptResult is what the mailer found out about a claimed delivery.
type AttemptResult struct {
	Delivery Delivery // as claimed, LeaseToken included
	Attempt  Attempt
	// State is the new state; Due with RetryAt when it is to be tried again.
	State   DeliveryState
	RetryAt time.Time
	Reason  string
	// SentText is the text that was sent with tokens as placeholders, kept for aligning replies.
	SentText string
	// Captured is the sealed mail where the transport captures instead of sending.
	Captured []byte
	// Uncounted marks an attempt that does not count: interrupted by shutdown.
	Uncounted bool
}

// DeliveryItem is a delivery in a list.
type DeliveryItem struct {
	Delivery   Delivery
	PersonName string
	Address    string
	TaskNumber int64
	TaskTitle  string
}

// DeliveryFilter narrows a list of deliveries, newest first.
type DeliveryFilter struct {
	// ID finds one delivery.
	ID                    ID
	Task, Person, Comment ID
	Kind                  LetterKind
	State                 DeliveryState
	Before                ID
	Limit                 int
}

// ReplyContext is everything the road in must know about a reply address, read in one query.
type ReplyContext struct {
	Link    Link
	Account Account
	Person  Person // with addresses
	Task    Task   // with people
	Project Project
	// Blocked tells that the person is blocked in the task's project.
	Blocked bool
	// People are the task's related people, with addresses.
	People []Person
	// Stopped tells that mail to an address of the person is stopped.
	Stopped bool
	// Sent is the text of ours that is answered, if it was asked for and is kept.
	Sent string
}

// Answer is what a message says of the mail it answers.
type Answer struct {
	// Delivery is the one it names by our Message-ID; empty when it names none.
	Delivery ID
	// Quotes tells that the text may hold quotes: the text we sent is wanted, that of
	// Delivery, or the newest over the same link.
	Quotes bool
}

// Counts are totals that must fit together; used by the self-check and by benchmarks.
type Counts struct {
	Messages, Raw, Receipts, Comments, Tasks int64
	Notifications, Deliveries, Attempts      int64
	DueDeliveries, PendingSearch             int64
}

// EndFilter names links or mails to be ended. Empty fields do not narrow.
type EndFilter struct {
	Account ID
	// Person is the addressee, CreatedBy who had a link sent.
	Person, CreatedBy ID
	// Project narrows to it and its tasks, Task to one.
	Project, Task ID
}

// DeliveryTx reads and writes what goes out.
type DeliveryTx interface {
	// Owe writes what is owed, each mail as CreateDelivery does; a notification's Delivery becomes the one that its mail is now.
	Owe(ctx context.Context, list []Owed) error
	// CreateDelivery writes d, or, when d.Gather is set and the person has an unclaimed gathering
	// delivery for the same task and scope, joins that one: d.ID then becomes its ID.
	CreateDelivery(ctx context.Context, d *Delivery) error
	// CreateLetter writes the delivery of a LinkLetter; false when one with the same link and scope is there.
	CreateLetter(ctx context.Context, d *Delivery) (bool, error)
	FindDelivery(ctx context.Context, account, id ID) (Delivery, error)
	ListDeliveries(ctx context.Context, account ID, f DeliveryFilter) ([]DeliveryItem, error)
	// SetDeliveryState moves a delivery that is not leased: ended ones back to due, due ones to
	// cancelled; false when its state does not allow it.
	SetDeliveryState(ctx context.Context, account, id ID, to DeliveryState, reason string, at time.Time) (bool, error)
	ListAttempts(ctx context.Context, account, delivery ID) ([]Attempt, error)
	// AnswerTo finds the first comment on a task that a person's mail made in answer to a Message-ID; empty without one.
	AnswerTo(ctx context.Context, account, task, person ID, messageID string) (comment ID, at time.Time, err error)
	NotificationsOf(ctx context.Context, account, delivery ID) ([]Notification, error)
	// ListNotifications gives a person's newest, unread first when unread is set.
	ListNotifications(ctx context.Context, account, person ID, unread bool, limit int) ([]Notification, error)
	// ClaimDeliveries leases at most limit due ones of a stream: attempt counted, SentDate fixed, Gather ended. Of a
	// person and task the earlier one comes first: the later waits until it has ended, unless its fate is unknown.
	ClaimDeliveries(ctx context.Context, stream Stream, now time.Time, lease time.Duration, limit int) ([]Delivery, error)
	// FinishAttempt records the result if the lease is still the claimer's; false when it is not.
	FinishAttempt(ctx context.Context, r *AttemptResult) (bool, error)
	// NextDue is when the next delivery of a stream is due after an instant, or a lease ends; ok is false when nothing waits.
	NextDue(ctx context.Context, stream Stream, after time.Time) (at time.Time, ok bool, err error)
	FindSentText(ctx context.Context, account, delivery ID) (string, error)
	FindCaptured(ctx context.Context, account, delivery ID) ([]byte, error)

	// EnsureLink writes l, or finds the live row with the same kind, person, object and scope; l becomes that row.
	EnsureLink(ctx context.Context, l *Link) error
	FindLink(ctx context.Context, id ID) (Link, error)
	// FindLinkOf finds the one live row of this kind, person, object and scope.
	FindLinkOf(ctx context.Context, kind LinkKind, person, object ID, scope string) (l Link, ok bool, err error)
	// FindReplyContext: NotFound "link.unknown" when there is no such row.
	FindReplyContext(ctx context.Context, link ID, answer Answer) (ReplyContext, error)
	// RevokeLinksOf ends every live link of a person; what is made later is another link.
	RevokeLinksOf(ctx context.Context, account, person ID, reason string, at time.Time) error
	RevokeLink(ctx context.Context, account, id ID, reason string, at time.Time) error
	// LinksOf gives a person's links of a kind that are not revoked, the newest first.
	LinksOf(ctx context.Context, account, person ID, kind LinkKind) ([]Link, error)
	// ConsumeLink marks a live link as used; false when it was used or ended already.
	ConsumeLink(ctx context.Context, account, id ID, at time.Time) (bool, error)
	// RenewLink raises the generation of a link that is not revoked to this one and moves its end.
	RenewLink(ctx context.Context, account, id ID, generation int, expires time.Time) error
	// ExpiringLinks gives at most limit live links of a kind that end between the two times, of all accounts.
	ExpiringLinks(ctx context.Context, kind LinkKind, from, until time.Time, limit int) ([]Link, error)
	// LivingLinks lists the links of a person that are neither used, expired nor ended, as far as the viewer may, the newest first.
	LivingLinks(ctx context.Context, v Viewer, person ID, now time.Time, limit int) ([]LinkItem, error)
	CreateLinkVisit(ctx context.Context, v *LinkVisit) error
	// RaiseLinkVisit calls the visits by that agent since then those of a person, where nothing speaks against it.
	RaiseLinkVisit(ctx context.Context, account, link ID, agent string, since time.Time) error
	// MaskLinkVisits drops the whole addresses of all visits and events before that time.
	MaskLinkVisits(ctx context.Context, before time.Time) error
	// LinkVisits lists the visits of a link, the newest first.
	LinkVisits(ctx context.Context, account, link ID, limit int) ([]LinkVisit, error)
	CreateLinkEvent(ctx context.Context, e *LinkEvent) error
	// LinkEvents lists what happened to a link, the newest first.
	LinkEvents(ctx context.Context, account, link ID, limit int) ([]LinkEvent, error)
	// MailsOfLink lists the mails that brought a link and were handed over, the newest first:
	// letters of its own, or those about the conversation that it is of.
	MailsOfLink(ctx context.Context, l *Link, limit int) ([]Delivery, error)
	// LetterOf is the newest delivery that brought a link; false when there is none.
	LetterOf(ctx context.Context, account, link ID) (Delivery, bool, error)

	// EndLinks ends the live links that the filter names, generations raised, and tells how many.
	EndLinks(ctx context.Context, f EndFilter, reason string, at time.Time) (int, error)
	// EndDeliveries cancels the mails that wait, and tells how many.
	EndDeliveries(ctx context.Context, f EndFilter, reason string, at time.Time) (int, error)

	Counts(ctx context.Context) (Counts, error)
	// PendingSearch is Counts.PendingSearch alone, at little cost.
	PendingSearch(ctx context.Context) (int64, error)
}
