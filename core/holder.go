package core

import (
	"context"
	"time"
)

// Holder is somebody who has a plan on his disk or table: the latest index that he fetched or confirmed.
type Holder struct {
	Account, Plan, Person, Version ID
	// Position is that of the version.
	Position int
	Since    time.Time
	// How is download, receipt or paper.
	How string
}

// HolderCount is how many hold a plan, and how many of them an older index than the current one.
type HolderCount struct{ All, Behind int }

// HolderTx reads and writes who holds which index.
type HolderTx interface {
	// BehindHolders are those of a project's plans, by number, who hold an older index than the current one: of one person or, with none, of all.
	BehindHolders(ctx context.Context, account, project, person ID) ([]Holder, error)
	// RaiseHolders notes what people hold; never an older index than before.
	RaiseHolders(ctx context.Context, h ...Holder) error
	// ListHolders gives those of the plans, of each plan the oldest index first.
	ListHolders(ctx context.Context, account ID, plans ...ID) ([]Holder, error)
	// CountHolders counts for the plans, by plan; a plan that nobody holds is not in it.
	CountHolders(ctx context.Context, account ID, plans ...ID) (map[ID]HolderCount, error)
	// HeldBy gives what a person holds in a project.
	HeldBy(ctx context.Context, account, person, project ID) ([]Holder, error)
}
