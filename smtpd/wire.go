package smtpd

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// dataCommand is the line before a message, in letters of any case.
const dataCommand = "DATA\r\n"

// flushAt is how many bytes of replies wait at most for the next read.
const flushAt = 4096

// outStart is the room for replies at first: the answer to EHLO fits.
const outStart = 512

// errBroken ends a transaction whose transfer stalled or broke. It is go-smtp's
// type because go-smtp would make a permanent 554 of any other error in BDAT.
var errBroken = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "The transfer took too long or broke off, closing the connection"}

// wire is the connection below go-smtp.
//
// Every read and write has its own deadline, so a slow but live transfer goes
// on and a silent one ends. Replies are sent together, when the next read
// would wait: go-smtp writes each line by itself. After a failed read nothing
// is read any more: go-smtp would go back to reading commands, and the rest of
// a stalled message would be obeyed.
type wire struct {
	net.Conn
	srv     *Server
	peer    netip.Addr
	trusted bool

	// Reading belongs to one goroutine at a time.
	word  [4]byte // the first bytes: which greeting was used
	seen  int
	cr    bool   // the last byte was CR
	bare  bool   // there was a CR without LF, or in DATA one of both alone
	line  bool   // the last that go-smtp got is one line
	ahead []byte // read from the peer, not given to go-smtp yet
	err   error
	// encrypted is set when the TLS handshake starts: then the bytes are not SMTP's.
	encrypted atomic.Bool
	ended     atomic.Bool // the peer closed its side
	closing   atomic.Bool // nothing is read any more: one more reply, then the end
	probing   atomic.Bool
	busy      atomic.Bool // in a transaction

	mu      sync.Mutex // guards out, until and the setting of deadlines
	out     []byte
	until   time.Time // the end of the transfer in progress
	closeIt sync.Once
	shut    error
}

func newWire(c net.Conn, s *Server) *wire {
	w := &wire{Conn: c, srv: s, peer: peerOf(c.RemoteAddr()), out: make([]byte, 0, outStart)}
	w.trusted = s.trusted(c.RemoteAddr(), w.peer)
	return w
}

// Read implements net.Conn for go-smtp. The command DATA comes alone, although
// a peer may send it behind others: then it is known that go-smtp has nothing
// left and the message can be read past it.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.take(p)
	if n == 0 || w.encrypted.Load() {
		return n, err
	}
	if at := n - len(dataCommand); at > 0 && p[at-1] == '\n' && bytes.EqualFold(p[at:n], []byte(dataCommand)) {
		w.ahead = slices.Concat(p[at:n], w.ahead)
		n = at
	}
	w.line = bytes.IndexByte(p[:n], '\n') == n-1
	w.watch(p[:n])
	return n, err
}

// take reads what was put back, or else from the peer: replies go out, then it waits.
func (w *wire) take(p []byte) (int, error) {
	if w.probing.Load() {
		return 0, os.ErrDeadlineExceeded
	}
	if w.err != nil {
		return 0, w.err
	}
	if len(w.ahead) > 0 && !w.closing.Load() {
		n := copy(p, w.ahead)
		if w.ahead = w.ahead[n:]; len(w.ahead) == 0 {
			w.ahead = nil
		}
		return n, nil
	}
	if err := w.prepare(); err != nil {
		w.err = err
		return 0, err
	}
	n, err := w.Conn.Read(p)
	if err != nil {
		w.err = w.final(err)
	}
	return n, w.err
}

// alone tells whether go-smtp holds nothing but the line it is obeying. It asks
// for more only when it has no whole line left, or no byte of a chunk; so that
// is sure when one line was the last it got.
func (w *wire) alone() bool { return w.line && !w.encrypted.Load() }

// putBack returns what was read behind a message, and the end of the data, for
// which go-smtp will look.
func (w *wire) putBack(rest []byte) {
	w.ahead = slices.Concat([]byte(endOfData), rest, w.ahead)
}

// prepare sends what waits and sets the deadline, unless the connection is to end.
func (w *wire) prepare() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.flush(w.srv.cfg.Idle); err != nil {
		return io.EOF
	}
	if w.closing.Load() {
		return io.EOF
	}
	if w.srv.stopping.Load() && !w.busy.Load() {
		return os.ErrDeadlineExceeded
	}
	t := time.Now().Add(w.srv.cfg.Idle)
	if !w.until.IsZero() && w.until.Before(t) {
		t = w.until
	}
	return w.Conn.SetReadDeadline(t)
}

// final makes an error one that stays. Outside of a transaction go-smtp says
// 421 itself to a peer that is silent.
func (w *wire) final(err error) error {
	if err == io.EOF {
		w.ended.Store(true)
		return err
	}
	if w.busy.Load() {
		return errBroken
	}
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		return os.ErrDeadlineExceeded
	}
	return io.EOF
}

// watch looks for CRs that stand alone. go-smtp swallows some of them ("." CR at
// the start of a line), so they must be seen before it reads them. Under TLS
// those stay unseen; they never end a message, they are only missing in it.
func (w *wire) watch(p []byte) {
	if w.seen < len(w.word) {
		w.seen += copy(w.word[w.seen:], p)
	}
	if w.cr && p[0] != '\n' {
		w.bare = true
	}
	alone := bytes.Count(p, []byte{'\r'}) - bytes.Count(p, []byte("\r\n"))
	if w.cr = p[len(p)-1] == '\r'; w.cr {
		alone--
	}
	if alone > 0 {
		w.bare = true
	}
}

// Write implements net.Conn: it keeps replies until the next read.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = append(w.out, p...)
	if len(w.out) < flushAt {
		return len(p), nil
	}
	return len(p), w.flush(w.srv.cfg.Idle)
}

// flush sends the replies; mu is held.
func (w *wire) flush(wait time.Duration) error {
	if len(w.out) == 0 {
		return nil
	}
	if err := w.Conn.SetWriteDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	_, err := w.Conn.Write(w.out)
	w.out = w.out[:0]
	return err
}

// Close implements net.Conn. The last reply leaves first, when that needs no waiting.
func (w *wire) Close() error {
	w.closeIt.Do(func() {
		w.mu.Lock()
		_ = w.flush(100 * time.Millisecond)
		w.mu.Unlock()
		w.shut = w.Conn.Close()
		w.srv.leave(w)
	})
	return w.shut
}

// SetDeadline and its like do nothing: deadlines are the wire's own.
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// secure is told when the TLS handshake starts: what was read for it was not
// SMTP either.
func (w *wire) secure() {
	w.encrypted.Store(true)
	w.bare, w.cr = false, false
}

// finish lets one more reply out and ends the connection then.
func (w *wire) finish() { w.closing.Store(true) }

// begin and end mark a transaction; one that runs is not cut by a stop.
func (w *wire) begin() { w.busy.Store(true) }

func (w *wire) end() {
	w.busy.Store(false)
	w.limit(time.Time{})
}

// limit sets the moment until which the message must be here.
func (w *wire) limit(t time.Time) {
	w.mu.Lock()
	w.until = t
	w.mu.Unlock()
}

// wake ends the wait for the next command, or with force any wait.
func (w *wire) wake(force bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if force || !w.busy.Load() {
		_ = w.Conn.SetReadDeadline(time.Unix(1, 0))
	}
	if force {
		w.until = time.Unix(1, 0)
	}
}
