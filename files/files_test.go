package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"planpost/core"
)

func newFolder(t *testing.T) (*Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, dir
}

func put(t *testing.T, f *Folder, account core.ID, text string) core.FileRef {
	t.Helper()
	ref, err := f.Put(t.Context(), account, strings.NewReader(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// tree lists the files below dir, slash-separated.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, name)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestWhatWasPutIsReadBackUnderItsHash(t *testing.T) {
	f, dir := newFolder(t)
	account := core.NewID()
	for _, text := range []string{"", "a plan", strings.Repeat("0123456789", chunk/5)} {
		ref := put(t, f, account, text)
		sum := sha256.Sum256([]byte(text))
		if ref.Hash != hex.EncodeToString(sum[:]) || ref.Size != int64(len(text)) {
			t.Errorf("got %+v for %d bytes", ref, len(text))
		}
		r, err := f.Open(t.Context(), account, ref.Hash)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != text {
			t.Errorf("read %d bytes, %v; want %d", len(got), err, len(text))
		}
		if at, err := r.Seek(0, io.SeekStart); at != 0 || err != nil {
			t.Errorf("seek: %d, %v", at, err)
		}
		_ = r.Close()
		if has, err := f.Has(t.Context(), account, ref.Hash); !has || err != nil {
			t.Errorf("has: %v, %v", has, err)
		}
		if want := string(account) + "/" + ref.Hash[:2] + "/" + ref.Hash[2:]; !slices.Contains(tree(t, dir), want) {
			t.Errorf("%s is not among %v", want, tree(t, dir))
		}
	}
}

func TestItSurvivesARestart(t *testing.T) {
	f, dir := newFolder(t)
	account := core.NewID()
	ref := put(t, f, account, "a plan")
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if has, err := again.Has(t.Context(), account, ref.Hash); !has || err != nil {
		t.Errorf("has: %v, %v", has, err)
	}
}

func TestEqualContentIsKeptOnceAlsoWhenPutAtOnce(t *testing.T) {
	f, dir := newFolder(t)
	account := core.NewID()
	text := strings.Repeat("a plan", 50_000)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := f.Put(t.Context(), account, strings.NewReader(text), 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := tree(t, dir); len(got) != 1 {
		t.Errorf("got %v, want one file", got)
	}
}

func TestAccountsShareNothing(t *testing.T) {
	f, _ := newFolder(t)
	mine, other := core.NewID(), core.NewID()
	ref := put(t, f, mine, "a plan")
	if has, _ := f.Has(t.Context(), other, ref.Hash); has {
		t.Error("another account has it")
	}
	put(t, f, other, "a plan")
	if err := f.Delete(t.Context(), mine, ref.Hash); err != nil {
		t.Fatal(err)
	}
	if has, _ := f.Has(t.Context(), other, ref.Hash); !has {
		t.Error("deleting mine took the other's")
	}
}

func TestDeletingTwiceIsNoError(t *testing.T) {
	f, dir := newFolder(t)
	account := core.NewID()
	ref := put(t, f, account, "a plan")
	for range 2 {
		if err := f.Delete(t.Context(), account, ref.Hash); err != nil {
			t.Error(err)
		}
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left %v", got)
	}
	if _, err := f.Open(t.Context(), account, ref.Hash); core.KindOf(err) != core.NotFound || core.CodeOf(err) != "file.missing" {
		t.Errorf("open: %v", err)
	}
}

func TestMoreThanTheLimitIsRefusedAndLeavesNothing(t *testing.T) {
	f, dir := newFolder(t)
	account := core.NewID()
	if _, err := f.Put(t.Context(), account, strings.NewReader("12345"), 5); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	_, err := f.Put(t.Context(), account, strings.NewReader("123456"), 5)
	if core.KindOf(err) != core.TooLarge || core.CodeOf(err) != "file.too_large" {
		t.Errorf("got %v", err)
	}
	if got := tree(t, dir); len(got) != 1 {
		t.Errorf("left %v", got)
	}
}

func TestAFailingReaderOrAnEndedContextLeavesNothing(t *testing.T) {
	f, dir := newFolder(t)
	broken := errors.New("the line went dead")
	_, err := f.Put(t.Context(), core.NewID(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), 0)
	if !errors.Is(err, broken) || core.KindOf(err) == core.Unavailable {
		t.Errorf("got %v, want the reader's own error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Put(ctx, core.NewID(), strings.NewReader("x"), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left %v", got)
	}
}

func TestNoNameLeadsOutOfTheFolder(t *testing.T) {
	f, dir := newFolder(t)
	account := core.NewID()
	secret := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	hash := put(t, f, account, "a plan").Hash
	for _, n := range []struct{ account, hash string }{
		{string(account), "../../../secret"},
		{string(account), ""},
		{string(account), strings.ToUpper(hash)},
		{string(account), hash + "0"},
		{string(account), hash[:62] + "/."},
		{string(account), strings.Repeat("../", 21) + "x"},
		{"..", hash}, {"", hash}, {".tmp", hash}, {"../files/" + string(account), hash},
		{string(account)[:25] + "/", hash},
	} {
		if r, err := f.Open(t.Context(), core.ID(n.account), n.hash); core.KindOf(err) != core.NotFound {
			t.Errorf("open %q %q: %v, %v", n.account, n.hash, r, err)
		}
		if has, err := f.Has(t.Context(), core.ID(n.account), n.hash); has || err != nil {
			t.Errorf("has %q %q: %v, %v", n.account, n.hash, has, err)
		}
		if err := f.Delete(t.Context(), core.ID(n.account), n.hash); err != nil {
			t.Errorf("delete %q %q: %v", n.account, n.hash, err)
		}
	}
	for _, a := range []core.ID{"", "..", ".tmp", "../x", "a/b"} {
		if _, err := f.Put(t.Context(), a, strings.NewReader("x"), 0); err == nil {
			t.Errorf("put for %q was taken", a)
		}
	}
	if _, err := os.Stat(secret); err != nil {
		t.Error("the file outside is gone")
	}
	if got := tree(t, dir); len(got) != 1 {
		t.Errorf("left %v", got)
	}
}

func TestTheFileIsSyncedBeforeItsNameAndTheFoldersAfter(t *testing.T) {
	f, dir := newFolder(t)
	account := core.NewID()
	var order []string
	f.sync = func(file *os.File) error {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		visible := len(tree(t, filepath.Join(dir, string(account)))) > 0
		switch {
		case !info.IsDir() && !visible:
			order = append(order, "file, not yet visible")
		case info.IsDir() && visible:
			rel, _ := filepath.Rel(dir, file.Name())
			order = append(order, filepath.ToSlash(rel))
		default:
			order = append(order, "wrong: "+file.Name())
		}
		return file.Sync()
	}
	if err := os.Mkdir(filepath.Join(dir, string(account)), 0o700); err != nil {
		t.Fatal(err)
	}
	ref := put(t, f, account, "a plan")
	want := []string{"file, not yet visible", string(account) + "/" + ref.Hash[:2], string(account), "."}
	if !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
}

func TestTroubleWithTheDiskIsTemporaryAndLeavesNothing(t *testing.T) {
	f, dir := newFolder(t)
	account := core.NewID()
	f.sync = func(*os.File) error { return syscall.ENOSPC }
	_, err := f.Put(t.Context(), account, strings.NewReader("a plan"), 0)
	if core.KindOf(err) != core.Unavailable || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("full disk: %v", err)
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left %v", got)
	}
	f.sync = (*os.File).Sync
	if err := os.Remove(filepath.Join(dir, aside)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Put(t.Context(), account, strings.NewReader("a plan"), 0); core.KindOf(err) != core.Unavailable {
		t.Errorf("no place to write: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, string(account)), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(t.Context(), account, strings.Repeat("ab", 32)); core.KindOf(err) != core.Unavailable {
		t.Errorf("a file where a folder should be: %v", err)
	}
}

func TestAWriteThatFailsIsUnavailable(t *testing.T) {
	f, dir := newFolder(t)
	name := filepath.Join(dir, aside, "x")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	readOnly, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.fill(t.Context(), readOnly, strings.NewReader("a plan"), 0); core.KindOf(err) != core.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestAStartSweepsOnlyWhatIsADayOld(t *testing.T) {
	f, dir := newFolder(t)
	ref := put(t, f, core.NewID(), "a plan")
	old, young := filepath.Join(dir, aside, "old"), filepath.Join(dir, aside, "young")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	kept := filepath.Join(dir, tree(t, dir)[len(tree(t, dir))-1])
	for _, name := range []string{old, kept} {
		if err := os.Chtimes(name, yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	got := tree(t, dir)
	if len(got) != 2 || got[0] != aside+"/young" || !strings.HasSuffix(got[1], ref.Hash[2:]) {
		t.Errorf("left %v", got)
	}
}

func BenchmarkPut300KB(b *testing.B) {
	f, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	account, text := core.NewID(), bytes.Repeat([]byte("0123456789"), 30_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		copy(text, time.Now().String())
		if _, err := f.Put(b.Context(), account, bytes.NewReader(text), 0); err != nil {
			b.Fatal(err)
		}
	}
}

func TestHasIsSilentUntilTheContentIsDurable(t *testing.T) {
	f, _ := newFolder(t)
	account := core.NewID()
	ref, err := f.Put(t.Context(), account, strings.NewReader("logo"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Delete(t.Context(), account, ref.Hash); err != nil {
		t.Fatal(err)
	}
	f.sync = func(file *os.File) error {
		// The file itself is synced before anybody can see it; then come the folders.
		if ok, err := f.Has(t.Context(), account, ref.Hash); ok || err != nil {
			t.Errorf("Has while %s is being synced: %v, %v", file.Name(), ok, err)
		}
		return file.Sync()
	}
	if _, err := f.Put(t.Context(), account, strings.NewReader("logo"), 0); err != nil {
		t.Fatal(err)
	}
	if ok, err := f.Has(t.Context(), account, ref.Hash); !ok || err != nil {
		t.Errorf("Has after Put: %v, %v", ok, err)
	}
}
