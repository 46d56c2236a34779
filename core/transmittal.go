package core

import (
	"context"
	"time"
)

// Transmittal is one sending: exact versions of plans to people, each of whom
// gets a link of his own and learns of no other.
type Transmittal struct {
	ID, Account, Project ID
	// Number counts the project's sendings from 1.
	Number int64
	Sender ID
	// Message is plain text.
	Message string
	// PrintOnly sends files for print alone.
	PrintOnly bool
	// Copies, Sheet and Folding are what a print shop is asked for; zero where nothing is.
	Copies         int
	Sheet, Folding string
	CreatedAt      time.Time
	// RecalledAt ends its links.
	RecalledAt time.Time
	RecalledBy ID
}

// TransmittalItem is a version that was sent.
type TransmittalItem struct{ Transmittal, Version, Plan ID }

// TransmittalRecipient is somebody to whom it was sent.
type TransmittalRecipient struct{ Transmittal, Person, Link, Delivery ID }

// TransmittalFilter narrows a register of sendings; empty fields do not.
type TransmittalFilter struct {
	Project, Plan, Version, Person, Sender ID
	// Before continues behind that one; the newest come first.
	Before ID
	Limit  int
}

// TransmittalTx reads and writes sendings.
type TransmittalTx interface {
	// CreateTransmittal writes all of it and gives it its number.
	CreateTransmittal(ctx context.Context, t *Transmittal, items []TransmittalItem, to []TransmittalRecipient) error
	FindTransmittal(ctx context.Context, account, id ID) (Transmittal, error)
	FindTransmittalNumber(ctx context.Context, account, project ID, number int64) (Transmittal, error)
	// ListTransmittals asks no rights: the register is for who may list the project's plans.
	ListTransmittals(ctx context.Context, account ID, f TransmittalFilter) ([]Transmittal, error)
	TransmittalItems(ctx context.Context, account ID, transmittals ...ID) ([]TransmittalItem, error)
	TransmittalRecipients(ctx context.Context, account ID, transmittals ...ID) ([]TransmittalRecipient, error)
	// RecallTransmittal: Conflict "transmittal.recalled" when it was already.
	RecallTransmittal(ctx context.Context, t *Transmittal) error
}

func (t *Transmittal) object() Object { return Object{"transmittal", t.ID} }
