// Package sheet reads what a drawing says of itself: how many pages a PDF has,
// and how large the first is as one looks at it.
//
//	Reader.Look -> a process of its own (Child), within bounds -> core's facts
//
// PDFs come from strangers, and reading one is much work for a library: a file
// of a few kilobytes can ask for gigabytes, or never end. So each is read by a
// child of this program that the system stops at a bound of memory and of time;
// what stops it stops nothing else, and the drawing is one of which nothing is
// known. The child gets the open file and an empty environment.
//
// It must not know what a plan is, or who asks.
package sheet

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const (
	// marker in the environment makes of this program the child.
	marker = "PLANPOST_READS_A_SHEET=1"
	// longest is how long one may be looked at, waiting for others included.
	longest = 10 * time.Second
	// largest is the largest file that is looked at, in bytes.
	largest = 1 << 30
)

// Facts are what is known of a drawing; zeros where nothing is.
type Facts struct {
	Pages int
	// Width and Height are of the first page as one looks at it, in tenths of a millimetre.
	Width, Height int
}

// Reader looks at drawings, a few at a time. It is safe for concurrent use.
type Reader struct {
	program string
	room    chan struct{}
}

// NewReader makes a reader that runs this program again for each drawing: its
// main function, or TestMain, begins with Child.
func NewReader() (*Reader, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return &Reader{program, make(chan struct{}, 2)}, nil
}

// Look reads an open file from its beginning. Content that is no open file of
// the system, no PDF, broken, encrypted or beyond the bounds gives zeros.
func (r *Reader) Look(ctx context.Context, content io.ReadSeeker) Facts {
	ctx, done := context.WithTimeout(ctx, longest)
	defer done()
	if !looksLikePDF(content) {
		return Facts{}
	}
	select {
	case r.room <- struct{}{}:
		defer func() { <-r.room }()
	case <-ctx.Done():
		return Facts{}
	}
	f, ok := content.(interface{ Fd() uintptr })
	if !ok {
		return Facts{}
	}
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return Facts{}
	}
	file := os.NewFile(uintptr(fd), "drawing")
	defer file.Close()
	return r.ask(ctx, file)
}

func (r *Reader) ask(ctx context.Context, file *os.File) (facts Facts) {
	var out bytes.Buffer
	// A test's program whose TestMain does not begin with Child runs no test for it.
	child := exec.CommandContext(ctx, r.program, "-test.run=^$")
	child.Env, child.Dir, child.Stdin, child.Stdout = []string{marker}, "/", file, &out
	child.WaitDelay = time.Second
	if child.Run() != nil || json.Unmarshal(out.Bytes(), &facts) != nil {
		return Facts{}
	}
	return facts
}

// looksLikePDF looks for the head, which may stand behind a little else, and
// leaves content at its beginning.
func looksLikePDF(content io.ReadSeeker) bool {
	size, err := content.Seek(0, io.SeekEnd)
	if err != nil || size > largest {
		return false
	}
	head := make([]byte, 1024)
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return false
	}
	n, _ := io.ReadFull(content, head)
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return false
	}
	return bytes.Contains(head[:n], []byte("%PDF-"))
}
