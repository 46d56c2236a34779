package store_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"planpost/core"
	"planpost/files"
	"planpost/store"
	"planpost/store/storetest"
)

// Content is found again whatever its size, by its own account alone, and equal content is kept once.
func TestSmallFilesLieWithTheRecords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		folder, err := files.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { folder.Close() })
		ctx, mine, other := context.Background(), core.NewID(), core.NewID()
		k := s.Files(folder)
		for _, size := range []int{0, 1, 16 << 10, 16<<10 + 1, 300 << 10} {
			want := bytes.Repeat([]byte{byte(size), 7, 0}, size/3+1)[:size]
			ref, err := k.Put(ctx, mine, bytes.NewReader(want), 0)
			if err != nil || ref.Size != int64(size) {
				t.Fatalf("%d bytes: %+v, %v", size, ref, err)
			}
			again, err := k.Put(ctx, mine, bytes.NewReader(want), 0)
			if err != nil || again != ref {
				t.Errorf("%d bytes again: %+v, %v", size, again, err)
			}
			if in, _ := folder.Has(ctx, mine, ref.Hash); in != (size > 16<<10) {
				t.Errorf("%d bytes lie in the folder: %v", size, in)
			}
			f, err := k.Open(ctx, mine, ref.Hash)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(f)
			f.Close()
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes come back as %d, %v", size, len(got), err)
			}
			if there, _ := k.Has(ctx, other, ref.Hash); there {
				t.Errorf("%d bytes are another account's too", size)
			}
			if err := k.Delete(ctx, mine, ref.Hash); err != nil {
				t.Fatal(err)
			}
			if _, err := k.Open(ctx, mine, ref.Hash); core.KindOf(err) != core.NotFound {
				t.Errorf("%d bytes after their end: %v", size, err)
			}
		}
		if _, err := k.Put(ctx, mine, bytes.NewReader(make([]byte, 100)), 50); core.KindOf(err) != core.TooLarge {
			t.Errorf("more than the limit: %v", err)
		}
		broken := errors.New("the sender left")
		if _, err := k.Put(ctx, mine, io.MultiReader(bytes.NewReader([]byte("half")), iotestErr{broken}), 0); !errors.Is(err, broken) {
			t.Errorf("a reader that breaks: %v", err)
		}
	})
}

type iotestErr struct{ err error }

func (e iotestErr) Read([]byte) (int, error) { return 0, e.err }
