package core

import (
	"context"
	"slices"
	"time"
)

// ApprovalState is where a request for approval stands.
type ApprovalState string

// The states of a request. Approvers have the first three and NotDelivered.
const (
	ApprovalWaiting    ApprovalState = "waiting"
	ApprovalApproved   ApprovalState = "approved"
	ApprovalCorrection ApprovalState = "correction"
	ApprovalWithdrawn  ApprovalState = "withdrawn"
	ApprovalOvertaken  ApprovalState = "overtaken"
	NotDelivered       ApprovalState = "not_delivered"
)

// Rules of a request: every approver, or one of them. One correction ends it either way.
const (
	ApproveAll = "all"
	ApproveAny = "any"
)

// Approval is a request to approve one version.
type Approval struct {
	ID, Account, Project, Version ID
	Requester                     ID
	Rule                          string
	Message                       string
	State                         ApprovalState
	CreatedAt, EndedAt            time.Time
}

// Approver is somebody who was asked.
type Approver struct {
	Account, Approval, Person ID
	// SubstituteOf is for whom the person stands in; empty for who was chosen.
	SubstituteOf ID
	// Link is the row behind the request's mail, Delivery the newest of those mails.
	Link, Delivery ID
	State          ApprovalState
	DecidedAt      time.Time
	// Assurance is how sure we are who decided.
	Assurance string
	// Words is what was typed or written to decide, Comment what was said besides.
	Words, Comment string
	// Reminded counts the reminders.
	Reminded int
}

// ApprovalFile came with a correction.
type ApprovalFile struct {
	ID, Account, Approval, Person ID
	Position                      int
	Name, Type                    string
	Size                          int64
	Hash                          string
}

// ApprovalFilter narrows a list of requests; empty fields do not.
type ApprovalFilter struct {
	Project, Version, Plan, Approver, Requester ID
	State                                       ApprovalState
	// Before continues behind that one; the newest come first.
	Before ID
	Limit  int
}

// ApprovalTx reads and writes requests for approval.
type ApprovalTx interface {
	// CreateApproval: Conflict "approval.waiting" when one of the version waits.
	CreateApproval(ctx context.Context, a *Approval, of []Approver) error
	FindApproval(ctx context.Context, account, id ID) (Approval, error)
	// ListApprovals asks no rights.
	ListApprovals(ctx context.Context, account ID, f ApprovalFilter) ([]Approval, error)
	// EndApproval writes State and EndedAt where it still waits: Conflict "approval.ended".
	EndApproval(ctx context.Context, a *Approval) error
	Approvers(ctx context.Context, account ID, approvals ...ID) ([]Approver, error)
	// AddApprover brings in a substitute; nothing happens when the person was asked already.
	AddApprover(ctx context.Context, a *Approver) error
	// SetApprover writes all but whom it is about, where the state is still was: Conflict "approval.decided".
	SetApprover(ctx context.Context, a *Approver, was ApprovalState) error
	// ApproverOfDelivery finds whom a mail asked.
	ApproverOfDelivery(ctx context.Context, account, delivery ID) (a Approver, ok bool, err error)
	CreateApprovalFiles(ctx context.Context, files ...ApprovalFile) error
	ListApprovalFiles(ctx context.Context, account, approval ID) ([]ApprovalFile, error)
	// UndeliveredApprovers are those of all accounts who wait for nothing: the mail that asked them came back or was given up.
	UndeliveredApprovers(ctx context.Context, limit int) ([]Approver, error)
	// WaitingApprovals are those of all accounts that wait and were made before, the oldest first, behind the one named.
	WaitingApprovals(ctx context.Context, before time.Time, after ID, limit int) ([]Approval, error)
}

// waits tells whether the person can still say something.
func (r *Approver) waits() bool { return r.State == ApprovalWaiting || r.State == NotDelivered }

// place is who was chosen, whoever speaks for him.
func (r *Approver) place() ID {
	if r.SubstituteOf != "" {
		return r.SubstituteOf
	}
	return r.Person
}

// approvedFor tells whether the one who was chosen or somebody in his place has approved.
func approvedFor(place ID, of []Approver) bool {
	return slices.ContainsFunc(of, func(r Approver) bool { return r.State == ApprovalApproved && r.place() == place })
}

// settled tells whether enough of those who were chosen have approved.
func settled(rule string, of []Approver) bool {
	approved := func(r Approver) bool { return approvedFor(r.place(), of) }
	if rule == ApproveAny {
		return slices.ContainsFunc(of, approved)
	}
	return !slices.ContainsFunc(of, func(r Approver) bool { return !approved(r) })
}

func (a *Approval) object() Object { return Object{"approval", a.ID} }
