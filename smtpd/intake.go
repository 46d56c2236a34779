package smtpd

import (
	"bytes"
	"io"
	"strings"

	"github.com/emersion/go-smtp"
)

// intakeAt is how much is read at once at most; it bounds what may have to be
// kept of the commands behind a message.
const intakeAt = 64 << 10

// endOfData is what ends a message, at the start of a line (RFC 5321 §4.1.1.4).
const endOfData = ".\r\n"

// intake reads the text of DATA in large pieces: line by line instead of byte
// by byte, as go-smtp does, which costs more than everything else at this door.
//
// It finds the same end and takes away the same dots. The one difference is
// behind a CR or LF that stands alone, where servers disagree about what a line
// is: there it may see the end earlier, and so nothing behind it is obeyed.
type intake struct {
	mid    bool // in the middle of a line
	column int  // bytes of the line so far
	cr     bool // the last byte was CR
	crs    int  // CRs and
	pairs  int  // CRLFs so far
	bareLF bool
	ended  bool
	long   bool // a line longer than maxLine
}

// scan takes the next piece of the stream. The first kept bytes of raw become
// the message's; used is how many are dealt with. What is left stands behind
// the end, or is the start of a line that needs more bytes to be understood: it
// must come again in front of the next piece.
func (t *intake) scan(raw []byte) (kept, used int) {
	from, pos := 0, 0 // raw[from:pos] is message, not moved to its place yet
	move := func() {
		t.crs += bytes.Count(raw[from:pos], []byte{'\r'})
		if kept != from {
			copy(raw[kept:], raw[from:pos])
		}
		kept += pos - from
	}
	for pos < len(raw) && !t.long {
		if !t.mid && raw[pos] == '.' {
			first := raw[pos:min(pos+len(endOfData), len(raw))]
			if t.ended = string(first) == endOfData; t.ended || strings.HasPrefix(endOfData, string(first)) {
				break
			}
			move() // RFC 5321 §4.5.2: the first dot of a line is not the message's
			from, pos = pos+1, pos+1
			t.mid, t.column = true, 1
			continue
		}
		pos = t.line(raw, pos)
	}
	move()
	if t.ended {
		pos += len(endOfData)
	}
	return kept, pos
}

// line goes to the end of the line, or of what is there of it.
func (t *intake) line(raw []byte, pos int) int {
	n := bytes.IndexByte(raw[pos:], '\n')
	if n < 0 {
		t.column += len(raw) - pos
		t.long = t.column >= maxLine
		t.mid, t.cr = true, raw[len(raw)-1] == '\r'
		return len(raw)
	}
	end := pos + n
	pair := t.cr
	if end > 0 {
		pair = raw[end-1] == '\r'
	}
	t.long = t.column+n >= maxLine
	t.column, t.cr = 0, false
	if t.mid = !pair; pair { // behind a lone LF no line begins: ".\r\n" is not the end there
		t.pairs++
	} else {
		t.bareLF = true
	}
	return end + 1
}

// bare tells whether a CR or LF stood alone (RFC 5321 §2.3.8), once the end is seen.
func (t *intake) bare() bool { return t.bareLF || t.crs != t.pairs }

// receive reads a whole message from the connection itself; limit is the first
// size that is too large, as it is for go-smtp. What is too large is read to
// its end and thrown away, so that the dialogue stays in step.
func (b *body) receive(w *wire, limit int64) error {
	var t intake
	var why error
	left := 0 // bytes behind the message to be scanned again
	for {
		at := len(b.b) + left
		if at == cap(b.b) {
			if why = b.grow(); why != nil {
				copy(b.b[:left], b.b[len(b.b):at])
				b.b, at = b.b[:0], left
			}
		}
		n, err := w.take(b.b[at:min(cap(b.b), at+intakeAt)])
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		raw := b.b[len(b.b) : at+n]
		kept, used := t.scan(raw)
		if b.b = b.b[:len(b.b)+kept]; int64(len(b.b)) >= limit && why == nil {
			why = errTooLarge
		}
		switch {
		case t.long:
			return smtp.ErrTooLongLine
		case t.ended:
			w.putBack(raw[used:])
			if t.bare() {
				w.bare = true
				w.finish()
			}
			return why
		}
		if why != nil {
			b.b = b.b[:0]
		}
		left = copy(b.b[len(b.b):cap(b.b)], raw[used:])
	}
}
