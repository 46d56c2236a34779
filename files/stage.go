package files

import (
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"planpost/core"
)

const (
	// coming is where files lie that come in part by part.
	coming = ".coming"
	// forgotten is the age at which nobody comes back to one. Who knows of them
	// removes them earlier (core.SweepUploads); this is for what no row names any more.
	forgotten = 14 * 24 * time.Hour
	// spare is how much of the disk is left to others: the database must be able to go on.
	spare = 128 << 20
)

var _ core.Staging = (*Folder)(nil)

// staged is a file that comes in.
type staged struct {
	*os.File
	folder  *Folder
	account core.ID
	name    string
}

func stagedName(account, upload core.ID) (string, error) {
	for _, id := range []core.ID{account, upload} {
		if _, ok := core.ParseID(string(id)); !ok {
			return "", fmt.Errorf("stage file: %q is no id", id)
		}
	}
	return coming + "/" + string(account) + "-" + string(upload), nil
}

// Room implements core.Staging.
func (f *Folder) Room(ctx context.Context, size int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	free, err := f.free()
	if err != nil {
		return unavailable("ask the room for a", err)
	}
	if free < size+spare {
		return core.Fail(core.Unavailable, "upload.no_room")
	}
	return nil
}

// Stage implements core.Staging.
func (f *Folder) Stage(ctx context.Context, account, upload core.ID) (core.Staged, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name, err := stagedName(account, upload)
	if err != nil {
		return nil, err
	}
	if err := f.root.MkdirAll(coming, 0o700); err != nil {
		return nil, unavailable("make folder of", err)
	}
	file, err := f.root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unavailable("stage", err)
	}
	ours, err := claim(file)
	if err == nil && ours && f.lies(file, name) {
		return &staged{file, f, account, name}, nil
	}
	_ = file.Close()
	if err != nil {
		return nil, unavailable("claim", err)
	}
	return nil, core.Fail(core.Conflict, "upload.busy")
}

// lies tells whether the file is still what its name leads to: while it was
// waited for, it may have been kept, and what is kept is never written again.
func (f *Folder) lies(file *os.File, name string) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := f.root.Stat(name)
	return err == nil && os.SameFile(held, there)
}

// Unstage implements core.Staging.
func (f *Folder) Unstage(ctx context.Context, account, upload core.ID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name, err := stagedName(account, upload)
	if err != nil {
		return err
	}
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable("remove staged", err)
	}
	return nil
}

// Append implements core.Staged. A write that fails may leave bytes behind the
// first at: they are written over by the next one, and cut off by Keep.
func (s *staged) Append(ctx context.Context, r io.Reader, at int64, state []byte, most int64) (int64, []byte, error) {
	info, err := s.Stat()
	if err != nil {
		return 0, nil, unavailable("look at staged", err)
	}
	if info.Size() < at { // the folder was put back to an earlier day, or swept
		return 0, nil, core.Fail(core.Conflict, "upload.lost")
	}
	digest, err := digestAt(state)
	if err != nil {
		return 0, nil, err
	}
	n, readErr, err := s.write(ctx, io.LimitReader(r, most), at, digest)
	if err == nil && n > 0 {
		err = s.folder.sync(s.File)
	}
	if err == nil && at == 0 {
		err = s.folder.syncFolder(coming)
	}
	if err != nil {
		return 0, nil, disk("stage", err)
	}
	after, err := digest.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return 0, nil, fmt.Errorf("stage file: digest: %w", err)
	}
	return n, after, readErr
}

// write copies r behind the first at bytes and tells apart whose trouble it was.
func (s *staged) write(ctx context.Context, r io.Reader, at int64, digest hash.Hash) (n int64, readErr, err error) {
	buf := s.folder.buffers.Get().(*[chunk]byte)
	defer s.folder.buffers.Put(buf)
	for {
		if err := ctx.Err(); err != nil {
			return n, err, nil
		}
		k, rerr := r.Read(buf[:])
		if _, err := s.folder.writeAt(s.File, buf[:k], at+n); err != nil {
			return 0, nil, err
		}
		digest.Write(buf[:k])
		n += int64(k)
		if errors.Is(rerr, io.EOF) {
			return n, nil, nil
		}
		if rerr != nil {
			return n, fmt.Errorf("stage file: read: %w", rerr), nil
		}
	}
}

// Keep implements core.Staged.
func (s *staged) Keep(ctx context.Context, ref core.FileRef) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name, ok := place(s.account, ref.Hash)
	if !ok {
		return fmt.Errorf("keep file: no place for %q", ref.Hash)
	}
	if err := s.fit(ref.Size); err != nil {
		return err
	}
	f := s.folder
	dir := path.Dir(name)
	if err := f.root.MkdirAll(dir, 0o700); err != nil {
		return disk("make folder of", err)
	}
	f.unsynced.Store(name, true)
	if err := f.root.Rename(s.name, name); err != nil {
		return disk("rename", err)
	}
	if err := f.syncNames(dir, s.account); err != nil {
		return unavailable("sync folder of", err)
	}
	f.unsynced.Delete(name)
	return nil
}

// fit cuts off what a broken write left behind the end.
func (s *staged) fit(size int64) error {
	info, err := s.Stat()
	if err != nil {
		return unavailable("look at staged", err)
	}
	if info.Size() < size {
		return core.Fail(core.Conflict, "upload.lost")
	}
	if info.Size() == size {
		return nil
	}
	if err := s.Truncate(size); err != nil {
		return unavailable("cut staged", err)
	}
	if err := s.folder.sync(s.File); err != nil {
		return unavailable("sync", err)
	}
	return nil
}

func digestAt(state []byte) (hash.Hash, error) {
	digest := sha256.New()
	if len(state) == 0 {
		return digest, nil
	}
	if err := digest.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		return nil, fmt.Errorf("stage file: digest: %w", err)
	}
	return digest, nil
}
