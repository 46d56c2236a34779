package picture

import (
	"encoding/binary"
	"iter"
)

// chunk is a named piece of a PNG or WebP file. at is where it begins in the
// file, its length and name included; end is where the next one begins.
type chunk struct {
	name    string
	data    []byte
	at, end int
}

// chunksPNG gives the chunks that are whole (PNG §5.3).
func chunksPNG(b []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for at := 8; at+12 <= len(b); {
			n := int64(binary.BigEndian.Uint32(b[at:]))
			if n > int64(len(b)-at-12) {
				return
			}
			c := chunk{name: string(b[at+4 : at+8]), data: b[at+8 : at+8+int(n)], at: at, end: at + 12 + int(n)}
			if !yield(c) {
				return
			}
			at = c.end
		}
	}
}

// chunksWebP gives the chunks of a RIFF file; one that is cut short ends it and
// is given as far as it goes (RFC 9649 §2.3).
func chunksWebP(b []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for at := 12; at+8 <= len(b); {
			n := min(int64(binary.LittleEndian.Uint32(b[at+4:])), int64(len(b)-at-8))
			c := chunk{name: string(b[at : at+4]), data: b[at+8 : at+8+int(n)], at: at, end: at + 8 + int(n+n&1)}
			if !yield(c) {
				return
			}
			at = c.end
		}
	}
}
