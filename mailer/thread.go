package mailer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"planpost/core"
)

// threadIndex is the place of a mail in its conversation as Outlook keeps it
// ([MS-OXOMSG] 2.2.1.3): a root of 22 bytes that all mails of a task share, and
// one child of five bytes for this one. All hang on the root: which of our
// mails a person has seen before is different for each.
func threadIndex(l *core.Letter) string {
	root := filetime(l.Task.CreatedAt)
	index := make([]byte, 0, 27)
	index = append(index, 1)
	index = append(index, binary.BigEndian.AppendUint64(nil, root)[:5]...)
	guid := sha256.Sum256([]byte("t-" + string(l.Task.ID) + "@" + l.From.Domain))
	index = append(index, guid[:16]...)
	// The root keeps no more of its time than those five bytes.
	since := filetime(l.Date) - min(filetime(l.Date), root&^(1<<24-1))
	delta := uint32(since>>18) & (1<<31 - 1)
	if since >= 1<<49 { // more than 1.7 years: coarser, and marked so
		delta = 1<<31 | uint32(since>>23)&(1<<31-1)
	}
	index = binary.BigEndian.AppendUint32(index, delta)
	// Random in the first half, and how often this very block stands there already.
	index = append(index, sha256.Sum256([]byte(l.Delivery.ID))[0]&0xf0)
	return base64.StdEncoding.EncodeToString(index)
}

// filetime counts tenths of microseconds since 1601, as Windows does.
func filetime(t time.Time) uint64 {
	const epoch = 11644473600 // 1970 in seconds since 1601
	if t.Unix() < -epoch {
		return 0
	}
	return uint64(t.Unix()+epoch)*1e7 + uint64(t.Nanosecond()/100)
}
