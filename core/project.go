package core

import (
	"context"
	"time"
)

// Visibility of a project or task inside the account.
const (
	// VisibleInside means everyone inside may see it (fact OPEN).
	VisibleInside = "inside"
	// VisibleParticipants means only those concerned.
	VisibleParticipants = "participants"
)

// Project holds tasks for one counterparty.
type Project struct {
	ID, Account ID
	Name        string
	Owner       ID
	// Counterparty is a company; its contacts see the project unless Hidden.
	Counterparty ID
	Hidden       bool
	// ClientManager and Responsible are users (fact PMGR).
	ClientManager, Responsible ID
	Visibility                 string
	// Inbound is the local part of the project's address, with a random end; mail to it makes a task.
	Inbound string
	// NoSending keeps participants from sending plans (fact SENDOK is its contrary); administrators always may.
	NoSending bool
	// ReplyApproves takes a reply with the code for a decision about a plan, from a sender whose address is proven.
	ReplyApproves bool
	// LinkDays is how long a link to plans lives, 1 to 365; 0 is DefaultLinkDays.
	LinkDays  int
	CreatedAt time.Time
	// ClosedAt is zero while work goes on.
	ClosedAt time.Time
	// DeletedAt is set while it lies in the bin, with all that belongs to it; DeletedBy put it there.
	DeletedAt time.Time
	DeletedBy ID
}

// DefaultLinkDays is how long a link to plans lives where the project says nothing.
const DefaultLinkDays = 60

// Days is how many days a link to plans of the project lives.
func (p Project) Days() int {
	if p.LinkDays == 0 {
		return DefaultLinkDays
	}
	return p.LinkDays
}

// LinkLife is how long a link to plans of the project lives.
func (p Project) LinkLife() time.Duration { return time.Duration(p.Days()) * 24 * time.Hour }

// Participant is a person's place in a project.
type Participant struct {
	Account, Project, Person ID
	// Admin is fact PADM; Auditor is AUD (users only).
	Admin, Auditor bool
	// TradeRole is the trade whose plans the person may renew (fact ROLE); Approves lets the person be asked for approvals.
	TradeRole string
	Approves  bool
	// Guest marks somebody who takes no part: the row only holds a trade role or a block.
	Guest bool
	// BlockedAt ends everything the person may do there.
	BlockedAt time.Time
}

// ProjectItem is a project in a list.
type ProjectItem struct {
	Project
	CounterpartyName string
	OpenTasks        int
}

// ProjectTx reads and writes projects.
type ProjectTx interface {
	CreateProject(ctx context.Context, p *Project) error
	UpdateProject(ctx context.Context, p *Project) error
	FindProject(ctx context.Context, account, id ID) (Project, error)
	// FindProjectByInbound looks the local part of a project's address up, host-wide and without regard to case.
	FindProjectByInbound(ctx context.Context, local string) (Project, error)
	// ListProjects gives what the viewer may see (action project.view), by folded name, then ID.
	ListProjects(ctx context.Context, v Viewer, after string, afterID ID, limit int) ([]ProjectItem, error)
	// ListProjectNames gives ID and name of what ListProjects would, without the cost of counting tasks: for a choice.
	ListProjectNames(ctx context.Context, v Viewer, limit int) ([]Project, error)
	// ListProjectsOf is ListProjects of one counterparty; empty: of those that have none and are not closed.
	ListProjectsOf(ctx context.Context, v Viewer, counterparty ID, limit int) ([]ProjectItem, error)
	SetParticipant(ctx context.Context, p *Participant) error
	ListParticipants(ctx context.Context, account, project ID) ([]Participant, error)
	FindParticipant(ctx context.Context, account, project, person ID) (p Participant, ok bool, err error)
	DeleteParticipant(ctx context.Context, account, project, person ID) error
	// FirstProject is the oldest open project that the viewer may see; empty when there is none.
	FirstProject(ctx context.Context, v Viewer) (ID, error)
	// OutsidersOf lists at most n contacts of the companies, by name.
	OutsidersOf(ctx context.Context, account ID, companies []ID, n int) ([]Person, error)
	// SeersOf lists, by name, all who may see all tasks of a company, however many.
	SeersOf(ctx context.Context, account, company ID) ([]Person, error)
	// CompanyHasWork tells whether the company is counterparty of a project or task that its
	// contacts can see: one that is not hidden from them, nor in the bin.
	CompanyHasWork(ctx context.Context, account, company ID) (bool, error)
}
