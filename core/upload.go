package core

import (
	"context"
	"time"
)

// StagedUpload is a file on its way here, in parts. What it becomes is made of it
// when it is whole; until then only its uploader knows of it.
type StagedUpload struct {
	ID, Account, Project, Person ID
	// Purpose is what it was begun for, such as "plan".
	Purpose    string
	Name, Type string
	// Size is how long it will be, -1 while that is not known; Received how much of it is durable.
	Size, Received int64
	// DigestState is the SHA-256 over what was received, as encoding.BinaryMarshaler gives it.
	DigestState []byte
	// DoneHash is the content's hash once it is whole and kept among the files.
	DoneHash string
	// Mark tells apart files of one name and size: what the browser says of when it was changed.
	Mark string
	// Sheet is what is known of it once it is whole.
	Sheet
	CreatedAt, TouchedAt time.Time
}

// Whole tells whether everything is here.
func (u *StagedUpload) Whole() bool { return u.DoneHash != "" }

// UploadTx reads and writes uploads.
type UploadTx interface {
	CreateUpload(ctx context.Context, u *StagedUpload) error
	FindUpload(ctx context.Context, account, id ID) (StagedUpload, error)
	// ListUploads gives a person's for a project, the oldest first.
	ListUploads(ctx context.Context, account, person, project ID) ([]StagedUpload, error)
	// AdvanceUpload writes Size, Received, DigestState, DoneHash, the sheet and TouchedAt where received is still was: Conflict "upload.moved".
	AdvanceUpload(ctx context.Context, u *StagedUpload, was int64) error
	DeleteUpload(ctx context.Context, account, id ID) error
	// StaleUploads are those of all accounts that nobody touched since.
	StaleUploads(ctx context.Context, before time.Time, limit int) ([]StagedUpload, error)
}
