package files

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"planpost/core"
)

// Put keeps what r gives to its end, for account, and returns once it is
// durable. More than limit bytes (when limit > 0) is TooLarge
// "file.too_large"; trouble with the disk is Unavailable; an error of r comes
// back wrapped. A Put that fails leaves nothing to be seen or, when only the
// last sync failed, the whole content; repeating it is harmless.
func (f *Folder) Put(ctx context.Context, account core.ID, r io.Reader, limit int64) (core.FileRef, error) {
	if _, ok := core.ParseID(string(account)); !ok {
		return core.FileRef{}, fmt.Errorf("put file: %q is no account", account)
	}
	temp := aside + "/" + rand.Text()
	file, err := f.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return core.FileRef{}, unavailable("create", err)
	}
	ref, err := f.fill(ctx, file, r, limit)
	if err == nil {
		err = f.publish(account, temp, ref.Hash)
	}
	if err != nil {
		// Gone already when only the last sync failed; else left to the sweep.
		_ = f.root.Remove(temp)
		return core.FileRef{}, err
	}
	return ref, nil
}

// fill copies r into file, syncs and closes it.
func (f *Folder) fill(ctx context.Context, file *os.File, r io.Reader, limit int64) (core.FileRef, error) {
	ref, err := f.copy(ctx, file, r, limit)
	if err == nil {
		if serr := f.sync(file); serr != nil {
			err = unavailable("sync", serr)
		}
	}
	if cerr := file.Close(); err == nil && cerr != nil {
		err = unavailable("close", cerr)
	}
	return ref, err
}

func (f *Folder) copy(ctx context.Context, w io.Writer, r io.Reader, limit int64) (core.FileRef, error) {
	buf := f.buffers.Get().(*[chunk]byte)
	defer f.buffers.Put(buf)
	digest := sha256.New()
	var size int64
	for {
		if err := ctx.Err(); err != nil {
			return core.FileRef{}, fmt.Errorf("put file: %w", err)
		}
		n, err := r.Read(buf[:])
		size += int64(n)
		if limit > 0 && size > limit {
			return core.FileRef{}, core.Fail(core.TooLarge, "file.too_large", "limit", fmt.Sprint(limit))
		}
		digest.Write(buf[:n])
		if _, werr := w.Write(buf[:n]); werr != nil {
			return core.FileRef{}, unavailable("write", werr)
		}
		if errors.Is(err, io.EOF) {
			return core.FileRef{Hash: hex.EncodeToString(digest.Sum(nil)), Size: size}, nil
		}
		if err != nil {
			return core.FileRef{}, fmt.Errorf("put file: read: %w", err)
		}
	}
}

// publish moves a synced file to its place and makes its names durable. It
// renames even when equal content is there: that one may be about to be
// deleted, or may have been made by a Put whose folders are not synced yet.
// For the same reason the folders above are synced the first time, whoever made them.
func (f *Folder) publish(account core.ID, temp, hash string) error {
	name, ok := place(account, hash)
	if !ok {
		return fmt.Errorf("put file: no place for %q", hash)
	}
	folder := path.Dir(name)
	if err := f.root.MkdirAll(folder, 0o700); err != nil {
		return unavailable("make folder of", err)
	}
	f.unsynced.Store(name, true)
	if err := f.root.Rename(temp, name); err != nil {
		return unavailable("rename", err)
	}
	if err := f.syncNames(folder, account); err != nil {
		return unavailable("sync folder of", err)
	}
	f.unsynced.Delete(name)
	return nil
}

// syncNames makes the names in a folder of an account durable, and, the first time, that of the folder itself.
func (f *Folder) syncNames(folder string, account core.ID) error {
	dirs := []string{folder, string(account), "."}
	if _, known := f.rooted.Load(folder); known {
		dirs = dirs[:1]
	}
	for _, dir := range dirs {
		if err := f.syncFolder(dir); err != nil {
			return err
		}
	}
	f.rooted.Store(folder, true)
	return nil
}
