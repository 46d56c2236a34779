package core

import (
	"context"
	"time"
)

// Kinds of plan.
const (
	// DrawingKind is a drawing; it has a number of its own in the project.
	DrawingKind = "plan"
	// DocumentKind is anything else that is kept in versions; it may have no number.
	DocumentKind = "document"
)

// Plan is what a project keeps under one number, from index to index. The
// number bears neither index nor date.
type Plan struct {
	ID, Account, Project ID
	Kind                 string
	Number, Title        string
	// TradeRole is the trade whose people may renew it (fact ROLE): that of its first author.
	TradeRole string
	// Secured keeps it from all but those of its list and the project's administrators (facts VAULT and ACL).
	Secured bool
	// SecuredAt is since when: what was sent before opens it no more for who is not on its list.
	SecuredAt            time.Time
	CreatedBy            ID
	CreatedAt, UpdatedAt time.Time
	// DeletedAt is set while it lies in the bin.
	DeletedAt time.Time
	DeletedBy ID
}

// Name is what people call it: number and title, or what it has of them.
func (p Plan) Name() string {
	if p.Number == "" || p.Title == "" {
		return p.Number + p.Title
	}
	return p.Number + " " + p.Title
}

// VersionState is where one index of a plan stands.
type VersionState string

// The states. A plan has at most one that is current and one in review: while
// that is not approved, everybody works with the current one (AP12).
const (
	InReview   VersionState = "in_review"
	Current    VersionState = "current"
	Superseded VersionState = "superseded"
	Withdrawn  VersionState = "withdrawn"
)

// Version is one index of a plan, with its files. It is made whole.
type Version struct {
	ID, Account, Plan ID
	// Index is what people call it: A, B … or 1, 2 …
	Index string
	// Position counts the plan's versions from 1 in the order in which they came; it never changes.
	Position int
	State    VersionState
	// Author is who it stands for, UploadedBy who brought it.
	Author, UploadedBy ID
	Note               string
	// Approval tells that it was asked for when it was uploaded.
	Approval  bool
	CreatedAt time.Time
	// CurrentAt is when it became current, EndedAt when it was superseded or withdrawn, by EndedBy.
	CurrentAt, EndedAt time.Time
	EndedBy            ID
}

// FileClass tells what a file of a plan is for.
type FileClass string

// The classes. "Printing files only" sends those for print.
const (
	PrintFile FileClass = "print"
	CADFile   FileClass = "cad"
	OtherFile FileClass = "other"
)

// PlanFile is a file of a version; its bytes never change.
type PlanFile struct {
	ID, Account, Version ID
	// Position orders the files of a version, from 0.
	Position   int
	Name, Type string
	Class      FileClass
	Size       int64
	Hash       string
	// Pages, and the sheet of the first of them in tenths of a millimetre; 0 where nothing is known.
	Pages, Width, Height int
}

// PlanFilter narrows a list of plans; empty fields do not.
type PlanFilter struct {
	Project ID
	Kind    string
	// TradeRole is one trade.
	TradeRole string
	// State is current, in_review, withdrawn (there is nothing newer) or unsecured and secured for the vault.
	State string
	// Author is who the shown version stands for.
	Author ID
	// Text must be in number or title.
	Text string
	// Since narrows to those whose shown version became current, or was withdrawn, after it.
	Since time.Time
	// Only narrows to these plans.
	Only []ID
	// After and AfterID continue behind that plan, as PlanItem.Key and ID of the last one.
	After   string
	AfterID ID
	Limit   int
}

// PlanItem is a plan in a list.
type PlanItem struct {
	Plan
	// Version is the current one, or the latest where none is; Review the one in review, zero where none is.
	Version, Review Version
	// Key is its place in the order.
	Key string
	// MayNew, MayDownload and MaySend are what the viewer may do with it.
	MayNew, MayDownload, MaySend bool
}

// MostCounted is up to where the plans that fit a filter are counted: beyond
// that a number helps nobody, and counting all costs more than the list.
const MostCounted = 2000

// PlanTx reads and writes plans, their versions and files.
type PlanTx interface {
	// CreatePlan: Conflict "plan.number_taken" when the project has another with that number.
	CreatePlan(ctx context.Context, p *Plan) error
	// UpdatePlan writes number, title, trade role, secured, SecuredAt and UpdatedAt; errors as CreatePlan.
	UpdatePlan(ctx context.Context, p *Plan) error
	FindPlan(ctx context.Context, account, id ID) (Plan, error)
	// FindPlanByNumber looks among those that are not in the bin, without regard to case and spaces.
	FindPlanByNumber(ctx context.Context, account, project ID, number string) (p Plan, ok bool, err error)
	// ListPlans gives what the viewer may see, by number.
	ListPlans(ctx context.Context, v Viewer, f PlanFilter) ([]PlanItem, error)
	// CountPlans counts what ListPlans would give without limit, but no further than MostCounted and one.
	CountPlans(ctx context.Context, v Viewer, f PlanFilter) (int, error)
	// PlanRoles are the trades that plans of the project have, of those that the viewer may see, at most a hundred.
	PlanRoles(ctx context.Context, v Viewer, project ID) ([]string, error)

	// CreateVersion writes a version with its files and the next position: Conflict "version.index_taken" when the plan has the index, "version.exists" when a current one or one in review is there already.
	CreateVersion(ctx context.Context, v *Version, files []PlanFile) error
	// MoveVersion writes state, current_at, ended_at and ended_by where the state is still was: Conflict "version.changed".
	MoveVersion(ctx context.Context, v *Version, was VersionState) error
	// EditVersion writes author and note.
	EditVersion(ctx context.Context, v *Version) error
	FindVersion(ctx context.Context, account, id ID) (Version, error)
	// ListVersions gives all of a plan, the latest first.
	ListVersions(ctx context.Context, account, plan ID) ([]Version, error)
	FindPlanFile(ctx context.Context, account, id ID) (PlanFile, error)
	// VersionsToRemind gives current versions, of any account, that came after others and became current until at, of which step reminders are sent.
	VersionsToRemind(ctx context.Context, step int, at time.Time, limit int) ([]Version, error)
	// MarkReminded writes how many are sent.
	MarkReminded(ctx context.Context, account, id ID, step int) error
	// ListPlanFiles gives the files of the versions, each version's in its order.
	ListPlanFiles(ctx context.Context, account ID, versions ...ID) ([]PlanFile, error)

	// SetPlanAccess makes these people the list of a secured plan.
	SetPlanAccess(ctx context.Context, account, plan ID, people []ID) error
	PlanAccess(ctx context.Context, account, plan ID) ([]ID, error)
	// SecuredAmong are those of the plans that are secured.
	SecuredAmong(ctx context.Context, account ID, plans ...ID) ([]ID, error)
}

func (p *Plan) object() Object { return Object{"plan", p.ID} }

func (v *Version) object() Object { return Object{"version", v.ID} }
