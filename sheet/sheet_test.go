package sheet

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if Child() {
		return
	}
	os.Exit(m.Run())
}

// pdf writes a file of these objects, the first of which is the catalogue.
func pdf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

// drawing has these pages, each with its attributes; what is in all is inherited.
func drawing(all string, pages ...string) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", ""}
	var kids strings.Builder
	for _, p := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", len(objects)+1)
		objects = append(objects, "<</Type/Page/Parent 2 0 R/Resources<<>>"+p+">>")
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]%s>>", len(pages), kids.String(), all)
	return pdf(objects...)
}

func open(t *testing.T, content []byte) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "plan.pdf")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func look(t *testing.T, content io.ReadSeeker) Facts {
	t.Helper()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	return r.Look(t.Context(), content)
}

const a1 = "/MediaBox[0 0 2383.937 1683.780]" // 841 × 594 mm

func TestPagesAndSheetAreThoseOneLooksAt(t *testing.T) {
	for name, c := range map[string]struct {
		pdf  []byte
		want Facts
	}{
		"A1 across":             {drawing("", a1), Facts{1, 8410, 5940}},
		"three, inherited":      {drawing(a1, "", "", "/MediaBox[0 0 72 72]"), Facts{3, 8410, 5940}},
		"turned":                {drawing("", a1+"/Rotate 90"), Facts{1, 5940, 8410}},
		"only a part is shown":  {drawing("", a1+"/CropBox[0 0 1190.551 841.890]"), Facts{1, 4200, 2970}},
		"corners the other way": {drawing("", "/MediaBox[595.276 841.890 0 0]"), Facts{1, 2100, 2970}},
		"ten metres":            {drawing("", "/MediaBox[0 0 14173.228 1683.780]/UserUnit 2"), Facts{1, 100000, 11880}},
		"something before it":   {append([]byte("\r\n"), drawing("", a1)...), Facts{1, 8410, 5940}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := look(t, open(t, c.pdf)); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func deflated(n int) string {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, 9)
	zeros := make([]byte, 1<<20)
	for range n >> 20 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	return b.String()
}

// bomb has a table of its objects that unpacks to n bytes.
func bomb(n int) []byte {
	table := deflated(n)
	return fmt.Appendf(nil, "%%PDF-1.7\n1 0 obj\n<</Type/XRef/Size %d/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n9\n%%%%EOF\n", n/4, len(table), table)
}

func TestHostileAndBrokenDrawingsCostLittleAndTellNothing(t *testing.T) {
	whole := drawing("", a1)
	for name, content := range map[string][]byte{
		"no PDF":                     []byte("Rechnung"),
		"empty":                      {},
		"the head":                   []byte("%PDF-1.7\n"),
		"cut":                        whole[:len(whole)/2],
		"its own page":               pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 9/Kids[2 0 R]>>"),
		"deep":                       pdf("<</Type/Catalog/Pages 2 0 R/X "+strings.Repeat("[", 1<<20)+">>", "<</Type/Pages/Count 0/Kids[]>>"),
		"a gigabyte in one megabyte": bomb(1 << 30),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got := look(t, open(t, content))
			if got.Width != 0 || got.Height != 0 {
				t.Errorf("%+v", got)
			}
			if took := time.Since(start); took > longest+time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestWhoGoesAwayEndsTheLooking(t *testing.T) {
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := r.Look(ctx, open(t, drawing("", a1))); got != (Facts{}) {
		t.Errorf("%+v", got)
	}
	if got := r.Look(t.Context(), bytes.NewReader(drawing("", a1))); got != (Facts{}) {
		t.Errorf("what is no file of the system: %+v", got)
	}
}
