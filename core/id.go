package core

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
)

// ID names a row: 26 lower-case characters, 128 bits. IDs made by NewID sort
// by the time they were made (UUIDv7, RFC 9562 §5.7); links have random ones.
// The empty ID means none.
type ID string

// idText is base32 with an alphabet in ASCII order, so text sorts like bytes.
var idText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// NewID makes an ID that sorts after earlier ones of this process.
func NewID() ID {
	u, err := uuid.NewV7()
	if err != nil {
		panic("core: the system gives no randomness: " + err.Error())
	}
	return IDOf([16]byte(u))
}

// newIDAt makes an ID that sorts as if NewID had made it then.
func newIDAt(t time.Time) ID {
	b, made := NewID().Bytes(), idAt(t).Bytes()
	copy(b[:6], made[:6])
	return IDOf(b)
}

// RandomID makes an ID of 128 random bits from r, for what must not be guessed.
func RandomID(r io.Reader) (ID, error) {
	var b [16]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return "", fmt.Errorf("random id: %w", err)
	}
	return IDOf(b), nil
}

// IDOf is the ID of 128 bits.
func IDOf(b [16]byte) ID { return ID(idText.EncodeToString(b[:])) }

// ParseID checks that s is an ID.
func ParseID(s string) (ID, bool) {
	if len(s) != 26 {
		return "", false
	}
	var b [16]byte
	if n, err := idText.Decode(b[:], []byte(s)); err != nil || n != 16 {
		return "", false
	}
	if IDOf(b) != ID(s) { // the last character has spare bits: only one spelling counts
		return "", false
	}
	return ID(s), true
}

// Bytes are the 128 bits of the ID; all zero when it is not a valid one.
func (id ID) Bytes() (b [16]byte) {
	_, _ = idText.Decode(b[:], []byte(id))
	return b
}

// idAt is an ID before which those sort that NewID made before t, and behind which those made since.
func idAt(t time.Time) ID {
	var b [16]byte
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(t.UnixMilli(), 0)))
	copy(b[:6], ms[2:])
	return IDOf(b)
}

// timeOf is when NewID made the ID, to the millisecond.
func timeOf(id ID) time.Time {
	b := id.Bytes()
	var ms [8]byte
	copy(ms[2:], b[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC()
}

// lastID sorts behind every other.
const lastID ID = "vvvvvvvvvvvvvvvvvvvvvvvvvs"
