package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"planpost/core"
)

// place is where content of an account lies, as a path below the root. It is
// made of checked letters and digits only; os.Root would stop anything else
// from leaving the folder, but a name out of place is refused before.
func place(account core.ID, hash string) (name string, ok bool) {
	if _, ok := core.ParseID(string(account)); !ok || !isHash(hash) {
		return "", false
	}
	return string(account) + "/" + hash[:2] + "/" + hash[2:], true
}

// isHash accepts one spelling only, so that nothing is kept twice.
func isHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// Open gives the bytes kept under hash for account; the caller closes them. An
// *core.Error NotFound "file.missing" tells that there are none, also when
// account or hash is no such thing. What is deleted while open stays readable.
func (f *Folder) Open(ctx context.Context, account core.ID, hash string) (io.ReadSeekCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name, ok := place(account, hash)
	if !ok {
		return nil, core.Fail(core.NotFound, "file.missing")
	}
	file, err := f.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &core.Error{Kind: core.NotFound, Code: "file.missing", Err: err}
	}
	if err != nil {
		return nil, unavailable("open", err)
	}
	return file, nil
}

// Has tells whether content is kept under hash for account, and durable: a row that names it may be written.
func (f *Folder) Has(ctx context.Context, account core.ID, hash string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	name, ok := place(account, hash)
	if !ok {
		return false, nil
	}
	if _, waits := f.unsynced.Load(name); waits {
		return false, nil
	}
	info, err := f.root.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, unavailable("look for", err)
	}
	return info.Mode().IsRegular(), nil
}

// Delete removes the content for ever and returns once that is durable.
// Deleting what is not there is no error: the second time changes nothing.
func (f *Folder) Delete(ctx context.Context, account core.ID, hash string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name, ok := place(account, hash)
	if !ok {
		return nil
	}
	err := f.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = f.syncFolder(path.Dir(name))
	}
	if err != nil {
		return unavailable("delete", err)
	}
	return nil
}

// syncFolder makes the names in a folder durable.
func (f *Folder) syncFolder(name string) error {
	dir, err := f.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.sync(dir), dir.Close())
}

// unavailable wraps trouble with the disk. Whatever it is (full, read-only,
// broken), it is ours and may pass: the sender is asked to try again.
func unavailable(deed string, err error) error {
	return &core.Error{Kind: core.Unavailable, Code: "store.unavailable", Err: fmt.Errorf("%s file: %w", deed, err)}
}
