package core

import (
	"context"
	"time"
)

// Fetch is one download: of a file, or of a version as part of one archive.
type Fetch struct {
	ID, Account, Plan, Version ID
	// File is empty for an archive.
	File   ID
	Person ID
	// Link is empty for who has a session; Transmittal is what was sent by the link.
	Link, Transmittal ID
	At                time.Time
	// EndedAt is zero while it runs, or where the process ended first.
	EndedAt time.Time
	// Class is person, scanner or unknown, Reason why; only persons count.
	Class, Reason string
	// Size is what there was to send and Sent what was.
	Size, Sent int64
	// Whole tells that all of it went out, Cut that a block ended it.
	Whole, Cut     bool
	Agent, Network string
}

// FetchFilter narrows a list of downloads; empty fields do not.
type FetchFilter struct {
	Plan, Version, Person, Link, Transmittal ID
	// Running narrows to those that have not ended.
	Running bool
	// Before continues behind that one; the newest come first.
	Before ID
	Limit  int
}

// Receipt of a plan's version: somebody said that he has it.
type PlanReceipt struct {
	Account, Version, Person ID
	At                       time.Time
	Link                     ID
	// How is "page", or "paper" where RecordedBy wrote it down.
	How        string
	RecordedBy ID
}

// FetchTx reads and writes who fetched and confirmed what.
type FetchTx interface {
	CreateFetches(ctx context.Context, f ...Fetch) error
	// EndFetch writes how it ended: EndedAt, Class, Reason, Sent, Whole and Cut.
	EndFetch(ctx context.Context, f *Fetch) error
	ListFetches(ctx context.Context, account ID, f FetchFilter) ([]Fetch, error)
	// CreatePlanReceipt tells false when that person's is there already; the first stays.
	CreatePlanReceipt(ctx context.Context, r *PlanReceipt) (bool, error)
	ListPlanReceipts(ctx context.Context, account ID, versions ...ID) ([]PlanReceipt, error)
}
