// Package files keeps bytes under their hash: attachments, plans, large raw
// mail. Folder keeps them in a folder of the local disk:
//
//	DIR/<account>/<first two digits of the hash>/<the other sixty-two>
//	DIR/.tmp/<what is being written>
//	DIR/.coming/<what comes in part by part>
//
// A file is written aside, synced, renamed to its place, and the folders above
// it are synced before Put returns; so what was promised survives a crash, and
// a crash leaves nothing but files in .tmp, which are swept at the next start,
// and now and then, once they are a day old (others may be being written).
// Equal content has an equal name and is kept once for each account.
//
// It must not know what the bytes are, who may read them, or when they end.
package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"planpost/core"
)

const (
	// aside is where files are written; it is no account, so it clashes with none.
	aside = ".tmp"
	// abandoned is the age at which a file in aside belongs to nobody any more.
	abandoned = 24 * time.Hour
	// chunk is how much is copied at a time, in bytes.
	chunk = 64 << 10
)

var _ core.Files = (*Folder)(nil)

// Folder is core.Files in a folder. It is safe for concurrent use, also by
// several processes on one machine.
type Folder struct {
	root    *os.Root
	buffers sync.Pool // of *[chunk]byte
	// sync makes what was written durable; tests watch and break it.
	sync func(*os.File) error
	// unsynced holds the names that can be seen but are not durable yet. A name
	// whose sync failed stays: nobody may build on it until a Put succeeds.
	unsynced sync.Map
	// rooted are the folders whose own names this process has made durable: they are never removed, so that need not be
	// done again.
	rooted sync.Map
	// free and writeAt are the disk's; tests fill it.
	free    func() (int64, error)
	writeAt func(*os.File, []byte, int64) (int, error)
}

// Open opens the store in dir, makes it where it is missing, and sweeps what a
// crash left behind. Close it when nobody uses it any more.
func Open(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the file folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the file folder: %w", err)
	}
	f := &Folder{root: root, sync: (*os.File).Sync, free: freeBelow(root), writeAt: (*os.File).WriteAt}
	f.buffers.New = func() any { return new([chunk]byte) }
	if err := f.Sweep(context.Background()); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return f, nil
}

// Close lets the folder go. Files that were opened from it stay usable.
func (f *Folder) Close() error { return f.root.Close() }

// Sweep removes what a process was writing when it ended a day ago or more, and
// what began to come in and was forgotten. Open does it; a process that runs for
// weeks repeats it.
func (f *Folder) Sweep(ctx context.Context) error {
	return errors.Join(f.sweep(ctx, aside, abandoned), f.sweep(ctx, coming, forgotten))
}

func (f *Folder) sweep(ctx context.Context, folder string, age time.Duration) error {
	before := time.Now().Add(-age)
	if err := f.root.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", folder, err)
	}
	entries, err := fs.ReadDir(f.root.FS(), folder)
	if err != nil {
		return fmt.Errorf("sweep %s: %w", folder, err)
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil || !info.ModTime().Before(before) {
			continue // gone meanwhile, or in use
		}
		if err := f.root.Remove(folder + "/" + e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("sweep %s: %w", folder, err)
		}
	}
	return nil
}
