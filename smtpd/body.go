package smtpd

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/emersion/go-smtp"
)

const (
	// bodyStart is the room a fresh buffer has, enough for most mail.
	bodyStart = 16 << 10
	// bodyBelieved is how much of an announced size gets room before it is there.
	bodyBelieved = 128 << 10
	// bodySpare is room for the end of the data and some dots that are taken away.
	bodySpare = 1 << 10
	// bodyKept is the largest buffer kept for the next message.
	bodyKept = 1 << 20
)

var (
	errTooLarge = errors.New("message larger than the limit")
	errMemory   = errors.New("too many bytes in transfer")
)

// bodies lends the buffers messages are read into. They live on across
// connections: a fresh one for each costs six times the processor time at
// 100 KB. All that are lent together stay within budget bytes.
type bodies struct {
	pool   sync.Pool
	lent   atomic.Int64
	budget int64
}

// body is one message in transfer.
type body struct {
	b    []byte
	from *bodies
	// counted is how much of the budget it holds.
	counted int64
}

// lend gives an empty body with room for the announced size and its end, as far as that is believed.
func (p *bodies) lend(announced int64) *body {
	b, _ := p.pool.Get().(*body)
	if b == nil {
		b = &body{from: p}
	}
	want := int(min(max(announced+bodySpare, bodyStart), bodyBelieved))
	if cap(b.b) < want {
		b.b = make([]byte, 0, want)
	}
	b.count()
	return b
}

// giveBack ends the loan; the bytes must not be used any more.
func (b *body) giveBack() {
	b.from.lent.Add(-b.counted)
	b.counted = 0
	if cap(b.b) > bodyKept {
		return
	}
	b.b = b.b[:0]
	b.from.pool.Put(b)
}

// count brings the budget up to date.
func (b *body) count() {
	more := int64(cap(b.b)) - b.counted
	b.counted += more
	b.from.lent.Add(more)
}

// grow doubles the room, within the budget. What stands behind the message
// stays there.
func (b *body) grow() error {
	if b.from.lent.Load()+int64(cap(b.b)) > b.from.budget {
		return errMemory
	}
	bigger := make([]byte, len(b.b), 2*cap(b.b))
	copy(bigger[:cap(b.b)], b.b[:cap(b.b)])
	b.b = bigger
	b.count()
	return nil
}

// readFrom reads a whole message. What is too large is read to its end and
// thrown away, so that the dialogue stays in step.
func (b *body) readFrom(r io.Reader) error {
	for {
		if len(b.b) == cap(b.b) {
			if err := b.grow(); err != nil {
				return discard(r, err)
			}
		}
		n, err := r.Read(b.b[len(b.b):cap(b.b)])
		b.b = b.b[:len(b.b)+n]
		switch {
		case err == nil:
		case err == io.EOF:
			return nil
		case errors.Is(err, smtp.ErrDataTooLarge):
			return errTooLarge // go-smtp reads the rest itself
		default:
			return err
		}
	}
}

func discard(r io.Reader, why error) error {
	_, err := io.Copy(io.Discard, r)
	if err != nil && !errors.Is(err, smtp.ErrDataTooLarge) {
		return err
	}
	return why
}

// strict tells whether every CR and LF of the message belongs to a CRLF
// (RFC 5321 §2.3.8). Servers that read lone ones as line ends see other
// messages in the same bytes, which is how mail is smuggled.
func (b *body) strict() bool {
	pairs := bytes.Count(b.b, []byte("\r\n"))
	return bytes.Count(b.b, []byte{'\n'}) == pairs && bytes.Count(b.b, []byte{'\r'}) == pairs
}
