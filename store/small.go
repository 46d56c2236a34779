package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"planpost/core"
)

// smallFile is how large content may be, in bytes, to be kept with the records. Most attachments are: a signature's
// picture, a short text. A file of its own costs two syncs of the disk and a place in a folder; a row shares the sync of
// whatever else is written at the moment. Measured on a mailbox with an attachment in every fourth mail, files were half
// of all work.
const smallFile = 16 << 10

const (
	putSmall    = `insert into small_file (account_id, hash, content) values ($1, $2, $3) on conflict (account_id, hash) do nothing`
	findSmall   = `select content from small_file where account_id = $1 and hash = $2`
	hasSmall    = `select count(*) from small_file where account_id = $1 and hash = $2`
	deleteSmall = `delete from small_file where account_id = $1 and hash = $2`
)

// fileKeeper is core.Files: small content lies with the records, the rest in other files.
type fileKeeper struct {
	s     *Store
	large core.Files
}

// Files gives files of which the small ones lie with the records, and the others in large.
func (s *Store) Files(large core.Files) core.Files { return &fileKeeper{s, large} }

// Put implements core.Files, as do the methods below.
func (k *fileKeeper) Put(ctx context.Context, account core.ID, r io.Reader, limit int64) (core.FileRef, error) {
	head := make([]byte, smallFile+1)
	n, err := io.ReadFull(r, head)
	switch {
	case err == nil:
		return k.large.Put(ctx, account, io.MultiReader(bytes.NewReader(head), r), limit)
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF), limit > 0 && int64(n) > limit:
		return k.large.Put(ctx, account, io.MultiReader(bytes.NewReader(head[:n]), failing{err}), limit) // it says what is wrong
	}
	if _, ok := core.ParseID(string(account)); !ok {
		return core.FileRef{}, errors.New("put file: there is no such account")
	}
	sum := sha256.Sum256(head[:n])
	ref := core.FileRef{Hash: hex.EncodeToString(sum[:]), Size: int64(n)}
	content := bytes.Clone(head[:n])
	return ref, k.s.InTx(ctx, func(t core.Tx) error {
		_, err := t.(*tx).exec(ctx, putSmall, account, ref.Hash, bytesOf(content))
		return err
	})
}

// failing gives nothing but an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if errors.Is(f.err, io.ErrUnexpectedEOF) {
		return 0, io.EOF
	}
	return 0, f.err
}

// content is a small file in memory.
type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

func (k *fileKeeper) Open(ctx context.Context, account core.ID, hash string) (io.ReadSeekCloser, error) {
	var found []byte
	known := false
	err := k.s.Ask(ctx, func(t core.Tx) (err error) {
		found, known, err = lookup(ctx, t.(*tx), func(r row, b *[]byte) error { return r.Scan(b) }, findSmall, account, hash)
		return err
	})
	if err != nil || known {
		return content{bytes.NewReader(found)}, err
	}
	return k.large.Open(ctx, account, hash)
}

func (k *fileKeeper) Has(ctx context.Context, account core.ID, hash string) (known bool, err error) {
	err = k.s.Ask(ctx, func(t core.Tx) error {
		n, err := t.(*tx).count(ctx, hasSmall, account, hash)
		known = n > 0
		return err
	})
	if err != nil || known {
		return known, err
	}
	return k.large.Has(ctx, account, hash)
}

func (k *fileKeeper) Delete(ctx context.Context, account core.ID, hash string) error {
	err := k.s.InTx(ctx, func(t core.Tx) error {
		_, err := t.(*tx).exec(ctx, deleteSmall, account, hash)
		return err
	})
	if err != nil {
		return err
	}
	return k.large.Delete(ctx, account, hash)
}
