package web

import (
	"archive/zip"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

func ordered(number, index, name string, size int64) core.OrderedFile {
	return core.OrderedFile{Plan: core.Plan{Number: number}, Version: core.Version{Index: index}, PlanFile: core.PlanFile{Name: name, Size: size}}
}

var nameCases = []struct {
	in   core.OrderedFile
	want string
}{
	{ordered("A-1", "C", "stairs.pdf", 0), "A-1_C_stairs.pdf"},
	{ordered("A-1", "C", "STAIRS.pdf", 0), "A-1_C_STAIRS (2).pdf"},
	{ordered("A-1", "C", "a-1_c_stairs.pdf", 0), "a-1_c_stairs (3).pdf"},
	{ordered("", "A", "../../etc/passwd", 0), "_.._.._etc_passwd"},
	{ordered("", "A", `C:\windows\x.pdf`, 0), "C__windows_x.pdf"},
	{ordered("", "A", "nul.pdf", 0), "_nul.pdf"},
	{ordered("", "A", "plan\u202efdp.exe", 0), "planfdp.exe"},
	{ordered("", "A", "a\nb\x00.pdf", 0), "a_b_.pdf"},
	{ordered("", "A", ". .", 0), "_"},
	{ordered("", "A", "", 0), "_ (2)"},
	{ordered("A/2", "1", "x.pdf. ", 0), "A_2_1_x.pdf"},
	{ordered("", "A", strings.Repeat("ü", 300)+".pdf", 0), strings.Repeat("ü", 98) + ".pdf"},
}

func TestE8NoNameInAnArchiveHarmsOrRepeats(t *testing.T) {
	var files []core.OrderedFile
	var want []string
	for _, c := range nameCases {
		files, want = append(files, c.in), append(want, c.want)
	}
	if got := archiveNames(files); !slices.Equal(got, want) {
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q becomes %q, want %q", files[i].Name, got[i], want[i])
			}
		}
	}
}

// zeros reads as nothing but zeros, without end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) { c.n += int64(len(b)); return len(b), nil }

func TestE8TheLengthOfAnArchiveIsKnownBefore(t *testing.T) {
	few := []core.OrderedFile{ordered("A", "1", "x.pdf", 0), ordered("B", "2", "ü.pdf", 12345)}
	many := make([]core.OrderedFile, 1<<16)
	for i := range many {
		many[i] = ordered("", "", "x", 1)
	}
	for name, files := range map[string][]core.OrderedFile{"none": nil, "few": few, "many": many} {
		asPredicted(t, name, files)
	}
}

// asPredicted makes an archive and compares its length with what archiveSize says.
func asPredicted(t testing.TB, what string, files []core.OrderedFile) {
	t.Helper()
	names := make([]string, len(files))
	out := new(counter)
	z := zip.NewWriter(out)
	for i := range files {
		names[i] = files[i].Name
		w, err := z.CreateHeader(&zip.FileHeader{Name: names[i], Method: zip.Store, Modified: time.Unix(1, 0)})
		must(t, err)
		_, err = io.CopyBuffer(w, io.LimitReader(zeros{}, files[i].Size), make([]byte, 1<<20))
		must(t, err)
	}
	must(t, z.Close())
	if got := archiveSize(files, names); got != out.n {
		t.Errorf("%s: %d, want %d", what, got, out.n)
	}
}
