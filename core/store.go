package core

import (
	"context"
	"io"
	"time"

	"planpost/core/access"
)

// Store keeps what the core decided. Every method honours ctx until its
// turn comes; an outcome that got lost after that is an *Error of kind
// Unavailable with code "store.unknown", for which "try again" is right.
// A full disk or an absent database is Unavailable "store.unavailable".
type Store interface {
	// View runs fn on one consistent snapshot, read-only.
	View(ctx context.Context, fn func(Tx) error) error
	// Ask is View for a single question, or for several that need not fit together: each sees
	// what is committed by then.
	Ask(ctx context.Context, fn func(Tx) error) error
	// InTx runs fn in one transaction and commits when it returns nil. fn may run more than
	// once (busy, deadlock) and must have no effect outside its Tx.
	InTx(ctx context.Context, fn func(Tx) error) error
	// Accept writes one Acceptance durably, together with others that wait.
	Accept(ctx context.Context, a *Acceptance) (AcceptResult, error)
	// IndexPending moves at most limit pending texts into the full-text index, and the activity
	// (Task.UpdatedAt) of tasks that got comments by mail.
	IndexPending(ctx context.Context, limit int) (Indexed, error)
	// Lease takes or renews the named lease until now+ttl; false when another owner has it.
	Lease(ctx context.Context, name string, owner ID, now time.Time, ttl time.Duration) (bool, error)
	// Leases is Lease for many at once, and tells of each whether the owner has it. A ttl before now gives them back.
	Leases(ctx context.Context, names []string, owner ID, now time.Time, ttl time.Duration) ([]bool, error)
	// Ping tells whether the database answers.
	Ping(ctx context.Context) error
	// Check tells every inconsistency found: orphans, receipts without disposition, lost rows.
	Check(ctx context.Context) ([]string, error)
}

// Tx is one transaction. It is not safe for concurrent use and must not be kept.
type Tx interface {
	AccountTx
	PersonTx
	RateTx
	OpenWorkTx
	ProjectTx
	TaskTx
	TemplateTx
	VisitTx
	HoursTx
	PlanTx
	UploadTx
	TransmittalTx
	FetchTx
	HolderTx
	ApprovalTx
	BlockTx
	SigningTx
	HealthTx
	HealthNumbersTx
	AlarmTx
	MailGuideTx
	ProbeTx
	AttachmentTx
	MessageTx
	MailboxTx
	MailboxWatchTx
	DeliveryTx
	NotifTx
	SuppressionTx
	CautionTx
	GuestTx
	BinTx
	LogTx
	FactTx
	IPRuleTx
	FactorTx
	ViewingTx
	// Now is the transaction's one time, in whole microseconds.
	Now() time.Time
}

// FactTx reads the relations that the permission table speaks of.
type FactTx interface {
	// TaskFacts and the others tell which facts hold between a person and
	// one object, capabilities and everything implied included, and whether the person is blocked there.
	TaskFacts(ctx context.Context, p *Person, task ID) (access.Facts, bool, error)
	ProjectFacts(ctx context.Context, p *Person, project ID) (access.Facts, bool, error)
	CommentFacts(ctx context.Context, p *Person, comment ID) (access.Facts, bool, error)
	VisitFacts(ctx context.Context, p *Person, visit ID) (access.Facts, bool, error)
	// HoursFacts are those of the task, but what has to do with recorded hours is who worked them.
	HoursFacts(ctx context.Context, p *Person, hours ID) (access.Facts, bool, error)
	ReceiptFacts(ctx context.Context, p *Person, receipt ID) (access.Facts, bool, error)
	// PlanFacts are those of a plan and its versions; what an author or approver has to do with one version is in VersionFacts alone.
	PlanFacts(ctx context.Context, p *Person, plan ID) (access.Facts, bool, error)
	VersionFacts(ctx context.Context, p *Person, version ID) (access.Facts, bool, error)
	ApprovalFacts(ctx context.Context, p *Person, approval ID) (access.Facts, bool, error)
	TransmittalFacts(ctx context.Context, p *Person, transmittal ID) (access.Facts, bool, error)
	LinkFacts(ctx context.Context, p *Person, link ID) (access.Facts, bool, error)
	PersonFacts(ctx context.Context, p *Person, person ID) (access.Facts, bool, error)
	CompanyFacts(ctx context.Context, p *Person, company ID) (access.Facts, bool, error)
}

// FileRef names stored bytes.
type FileRef struct {
	// Hash is the SHA-256 of the content in lower-case hex.
	Hash string
	Size int64
}

// Files keeps bytes under their hash, per account. Equal content is kept once.
type Files interface {
	// Put reads r to its end and returns once the bytes are durable. More than limit
	// bytes (when limit > 0) is TooLarge "file.too_large".
	Put(ctx context.Context, account ID, r io.Reader, limit int64) (FileRef, error)
	// Open gives the bytes; NotFound "file.missing" when they are not there.
	Open(ctx context.Context, account ID, hash string) (io.ReadSeekCloser, error)
	// Has tells whether the bytes are there and durable: a row that names them may be written.
	Has(ctx context.Context, account ID, hash string) (bool, error)
	Delete(ctx context.Context, account ID, hash string) error
}

// Bus tells who listens that something changed; it carries no content and may lose nothing
// but repeats: a subscriber that is slow gets the topic once.
type Bus interface {
	Publish(topic string)
	// Subscribe gives a channel of topics out of those asked for, and a function that ends it.
	Subscribe(topics ...string) (<-chan string, func())
}

// Limiter bounds tries by key.
type Limiter interface {
	// Allow takes one of burst tries that come back at one per `every`; when none is
	// left it tells how long to wait.
	Allow(ctx context.Context, key string, burst int, every time.Duration) (ok bool, retry time.Duration)
}

// TaskTopic is the Bus topic of one task; TasksTopic of any task of an account; HeldTopic of held
// messages; OutboxTopic of captured or sent mail.
func TaskTopic(task ID) string     { return "task:" + string(task) }
func TasksTopic(account ID) string { return "tasks:" + string(account) }
func HeldTopic(account ID) string  { return "held:" + string(account) }

// NotesTopic is told when a person's notifications changed.
func NotesTopic(person ID) string { return "notes:" + string(person) }

// OutboxTopic is told when a delivery changed its state.
func OutboxTopic(account ID) string { return "outbox:" + string(account) }
