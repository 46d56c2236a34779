package core

import (
	"context"
	"io"
)

// Staging keeps files while they come in, part by part, apart from what is
// kept for good; what is there can be seen by nobody.
type Staging interface {
	// Room tells that so many bytes more fit: Unavailable "upload.no_room".
	Room(ctx context.Context, size int64) error
	// Stage gives the file of an upload to one writer, who closes it; Conflict
	// "upload.busy" while another has it, in this process or another one.
	Stage(ctx context.Context, account, upload ID) (Staged, error)
	// Unstage removes it; what is not there is no error.
	Unstage(ctx context.Context, account, upload ID) error
}

// Staged is a file that comes in, in the hands of its only writer.
type Staged interface {
	io.ReadSeekCloser
	// Append writes what r gives, at most most bytes, behind the first at ones, and
	// returns once that is durable: how many it were, and the digest's state after
	// them (nil at the beginning). When r breaks off, what came before counts and is
	// told with the error; when the disk does ("upload.no_room"), nothing counts and
	// the first at bytes are as they were.
	Append(ctx context.Context, r io.Reader, at int64, state []byte, most int64) (n int64, after []byte, err error)
	// Keep puts the first ref.Size bytes, whose digest the caller vouches for, among
	// the files of the account and returns once that is durable.
	Keep(ctx context.Context, ref FileRef) error
}

// Sheets reads what a drawing says of itself.
type Sheets interface {
	// Look gives the number of pages of a PDF and the size of the first as one looks
	// at it, in tenths of a millimetre; zeros where nothing is known. It ends in time
	// and within bounds, whatever content is.
	Look(ctx context.Context, content io.ReadSeeker) Sheet
}

// Sheet is what is known of a drawing.
type Sheet struct {
	Pages, Width, Height int
}
