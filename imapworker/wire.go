package imapworker

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// wire is a connection to a server that is not trusted to answer, nor to end.
// The library knows no limit of time while it waits, and none of size: here
// each command gets both. Deadlines that the library sets itself count for nothing.
type wire struct {
	net.Conn
	// left is what the server may still send for the command at hand, in bytes.
	left atomic.Int64

	mu       sync.Mutex // guards what follows
	patience time.Duration
	until    time.Time
	err      error
}

var (
	errTooMuch = errors.New("the server sends more than it was asked for")
	errSlow    = errors.New("the server took too long")
)

// idleBytes is what a server may say unasked.
const idleBytes = 1 << 20

// expect begins a command: the server may be silent for patience, answer for
// all, and send size bytes. No time at all means that nothing is expected yet.
func (w *wire) expect(patience, all time.Duration, size int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.patience, w.until = patience, time.Time{}
	if all > 0 {
		w.until = time.Now().Add(all)
	}
	w.left.Store(size)
	_ = w.Conn.SetReadDeadline(w.deadline()) // for the read that is waiting already
}

// deadline is that of the next read. w is locked.
func (w *wire) deadline() time.Time {
	var d time.Time
	if w.patience > 0 {
		d = time.Now().Add(w.patience)
	}
	if !w.until.IsZero() && (d.IsZero() || w.until.Before(d)) {
		d = w.until
	}
	return d
}

// Read implements net.Conn.
func (w *wire) Read(b []byte) (int, error) {
	w.mu.Lock()
	_ = w.Conn.SetReadDeadline(w.deadline())
	w.mu.Unlock()
	n, err := w.Conn.Read(b)
	if w.left.Add(int64(-n)) < 0 && err == nil {
		err = errTooMuch
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		err = errSlow
	}
	if err != nil {
		w.mu.Lock()
		if w.err == nil {
			w.err = err
		}
		w.mu.Unlock()
	}
	return n, err
}

// cause is why reading ended; nil while it did not.
func (w *wire) cause() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// SetReadDeadline implements net.Conn; it is the wire that sets it.
func (w *wire) SetReadDeadline(time.Time) error { return nil }

// SetDeadline implements net.Conn, for writing.
func (w *wire) SetDeadline(t time.Time) error { return w.Conn.SetWriteDeadline(t) }
