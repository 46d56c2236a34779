package files

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"planpost/core"
)

func stage(t *testing.T, f *Folder, account, upload core.ID) core.Staged {
	t.Helper()
	s, err := f.Stage(t.Context(), account, upload)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func TestAFileComesInPartsAndIsKeptUnderItsHash(t *testing.T) {
	f, dir := newFolder(t)
	account, upload := core.NewID(), core.NewID()
	content := make([]byte, 300<<10)
	_, _ = rand.Read(content)
	var at int64
	var state []byte
	for at < int64(len(content)) { // each part by another process, as it were
		s := stage(t, f, account, upload)
		n, after, err := s.Append(t.Context(), bytes.NewReader(content[at:]), at, state, 70_000)
		if err != nil {
			t.Fatal(err)
		}
		at, state = at+n, after
		_ = s.Close()
	}
	digest, err := digestAt(state)
	if err != nil {
		t.Fatal(err)
	}
	hash := hex.EncodeToString(digest.Sum(nil))
	if hash != sum(content) {
		t.Fatalf("the running digest is %s", hash)
	}
	if ok, _ := f.Has(t.Context(), account, hash); ok {
		t.Error("it can be seen before it is kept")
	}
	s := stage(t, f, account, upload)
	if err := s.Keep(t.Context(), core.FileRef{Hash: hash, Size: at}); err != nil {
		t.Fatal(err)
	}
	r, err := f.Open(t.Context(), account, hash)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, _ := io.ReadAll(r); !bytes.Equal(got, content) {
		t.Error("it is other content")
	}
	if left, _ := os.ReadDir(filepath.Join(dir, coming)); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestWhatBrokeOffCountsAndGoesOn(t *testing.T) {
	f, _ := newFolder(t)
	account, upload := core.NewID(), core.NewID()
	s := stage(t, f, account, upload)
	cut := io.MultiReader(strings.NewReader("first half, "), iotest.ErrReader(io.ErrUnexpectedEOF))
	n, state, err := s.Append(t.Context(), cut, 0, nil, 1<<20)
	if n != 12 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%d, %v", n, err)
	}
	// A process that died after writing and before noting it: the same part once more.
	for range 2 {
		if _, _, err = s.Append(t.Context(), strings.NewReader("second half and more"), n, state, 11); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(s); string(got) != "first half, second half" {
		t.Errorf("got %q", got)
	}
}

func TestADiskThatIsFullLosesNothingThatCameBefore(t *testing.T) {
	f, dir := newFolder(t)
	account, upload := core.NewID(), core.NewID()
	s := stage(t, f, account, upload)
	n, state, err := s.Append(t.Context(), strings.NewReader("kept"), 0, nil, 100)
	if err != nil {
		t.Fatal(err)
	}
	f.writeAt = func(file *os.File, b []byte, at int64) (int, error) {
		k, _ := file.WriteAt(b[:len(b)/2], at)
		return k, &os.PathError{Op: "write", Err: syscall.ENOSPC}
	}
	_, _, err = s.Append(t.Context(), strings.NewReader("and the rest"), n, state, 100)
	if core.KindOf(err) != core.Unavailable || core.CodeOf(err) != "upload.no_room" {
		t.Fatal(err)
	}
	f.writeAt = (*os.File).WriteAt
	hash := sum([]byte("kept"))
	if err := s.Keep(t.Context(), core.FileRef{Hash: hash, Size: n}); err != nil { // cuts the broken half off
		t.Fatal(err)
	}
	b, _ := os.ReadFile(filepath.Join(dir, string(account), hash[:2], hash[2:]))
	if string(b) != "kept" {
		t.Errorf("got %q", b)
	}
	f.free = func() (int64, error) { return spare + 10, nil }
	if err := f.Room(t.Context(), 11); core.CodeOf(err) != "upload.no_room" {
		t.Errorf("room for too much: %v", err)
	}
	if err := f.Room(t.Context(), 10); err != nil {
		t.Error(err)
	}
}

func TestAStagedFileHasOneWriterAndIsNeverWrittenOnceKept(t *testing.T) {
	f, _ := newFolder(t)
	account, upload := core.NewID(), core.NewID()
	s := stage(t, f, account, upload)
	if _, err := f.Stage(t.Context(), account, upload); core.CodeOf(err) != "upload.busy" {
		t.Errorf("a second writer: %v", err)
	}
	if _, _, err := s.Append(t.Context(), strings.NewReader("x"), 0, nil, 1); err != nil {
		t.Fatal(err)
	}
	// Who opened the file before it was kept and has it to himself only now.
	late, err := f.root.OpenFile(coming+"/"+string(account)+"-"+string(upload), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	if err := s.Keep(t.Context(), core.FileRef{Hash: sum([]byte("x")), Size: 1}); err != nil {
		t.Fatal(err)
	}
	if f.lies(late, coming+"/"+string(account)+"-"+string(upload)) {
		t.Error("a kept file would be written")
	}
	if _, err := f.Stage(t.Context(), account, "../../etc/passwd"); err == nil {
		t.Error("a name that leaves the folder")
	}
}

func TestWhatBeganToComeIsSweptAfterTwoWeeks(t *testing.T) {
	f, dir := newFolder(t)
	old, young := core.NewID(), core.NewID()
	account := core.NewID()
	for _, id := range []core.ID{old, young} {
		_ = stage(t, f, account, id).Close()
	}
	past := time.Now().Add(-forgotten - time.Minute)
	if err := os.Chtimes(filepath.Join(dir, coming, string(account)+"-"+string(old)), past, past); err != nil {
		t.Fatal(err)
	}
	if err := f.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, filepath.Join(dir, coming)); len(got) != 1 || !strings.HasSuffix(got[0], string(young)) {
		t.Errorf("left: %v", got)
	}
}

// endless gives zeros.
type endless struct{}

func (endless) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestALargeFileCostsNoMemory(t *testing.T) {
	f, _ := newFolder(t)
	f.sync = func(*os.File) error { return nil }
	f.writeAt = func(_ *os.File, b []byte, _ int64) (int, error) { return len(b), nil }
	s := stage(t, f, core.NewID(), core.NewID())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, _, err := s.Append(context.Background(), endless{}, 0, nil, 256<<20)
	runtime.ReadMemStats(&after)
	if err != nil || n != 256<<20 {
		t.Fatalf("%d, %v", n, err)
	}
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 1<<20 {
		t.Errorf("256 MB cost %d bytes of memory", cost)
	}
}
