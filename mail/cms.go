package mail

import (
	"bytes"
	"encoding/asn1"
)

// cmsKind is what a CMS object holds (RFC 5652 §3).
type cmsKind int

const (
	cmsUnknown cmsKind = iota
	cmsSigned
	cmsSealed
	cmsOther // compressed, certificates only: readable by a mail program, neither sealed nor words
)

// Object identifiers of RFC 5652, RFC 5083 and RFC 3274, in their DER bytes.
var (
	oidSigned     = derOID(1, 2, 840, 113549, 1, 7, 2)
	oidEnveloped  = derOID(1, 2, 840, 113549, 1, 7, 3)
	oidEncrypted  = derOID(1, 2, 840, 113549, 1, 7, 6)
	oidAuthSealed = derOID(1, 2, 840, 113549, 1, 9, 16, 1, 23)
	oidCompressed = derOID(1, 2, 840, 113549, 1, 9, 16, 1, 9)
)

func derOID(arcs ...int) []byte {
	b, err := asn1.Marshal(asn1.ObjectIdentifier(arcs))
	if err != nil {
		panic(err) // a literal above is no identifier
	}
	return b[2:]
}

// Tags of X.690 §8 as they stand in the first byte, the bit for constructed
// values set where it must be.
const (
	tagInteger     = 0x02
	tagOctets      = 0x04
	tagOID         = 0x06
	tagSequence    = 0x30
	tagSet         = 0x31
	tagExplicit    = 0xa0
	bitConstructed = 0x20
)

// openCMS takes the content out of signed data. Mail programs write BER, not
// DER: lengths may be open and the content cut into pieces, so encoding/asn1
// cannot read it. Nothing is verified. content shares memory with b when it
// lies there in one piece; it is nil when there is none.
func openCMS(b []byte) (kind cmsKind, content []byte) {
	r := berReader{b: b}
	if !r.enter(tagSequence) {
		return cmsUnknown, nil
	}
	switch oid := r.value(tagOID); {
	case bytes.Equal(oid, oidSigned):
	case bytes.Equal(oid, oidEnveloped), bytes.Equal(oid, oidEncrypted), bytes.Equal(oid, oidAuthSealed):
		return cmsSealed, nil
	case bytes.Equal(oid, oidCompressed):
		return cmsOther, nil
	default:
		return cmsUnknown, nil
	}
	// SignedData: version, digestAlgorithms, encapContentInfo (RFC 5652 §5.1).
	if !r.enter(tagExplicit) || !r.enter(tagSequence) || r.value(tagInteger) == nil || !r.skip(tagSet) ||
		!r.enter(tagSequence) || r.value(tagOID) == nil || !r.enter(tagExplicit) {
		return cmsOther, nil
	}
	return cmsSigned, r.octets(0)
}

// berReader reads BER from the front. It goes into a value without looking
// for its end, so that every byte is passed once.
type berReader struct{ b []byte }

// head takes a tag and a length off the front; length is -1 when it is open
// (X.690 §8.1.3.6).
func (r *berReader) head() (tag byte, length int, ok bool) {
	if len(r.b) < 2 || r.b[0]&0x1f == 0x1f {
		return 0, 0, false
	}
	tag, length = r.b[0], int(r.b[1])
	r.b = r.b[2:]
	switch {
	case length < 0x80:
	case length == 0x80:
		return tag, -1, tag&bitConstructed != 0
	default:
		n := length & 0x7f
		if n > 4 || n > len(r.b) {
			return 0, 0, false
		}
		length = 0
		for _, c := range r.b[:n] {
			length = length<<8 | int(c)
		}
		r.b = r.b[n:]
	}
	// What was cut off in transit is read as far as it goes.
	return tag, min(length, len(r.b)), true
}

func (r *berReader) enter(tag byte) bool {
	have, _, ok := r.head()
	return ok && have == tag
}

// value takes a primitive value; nil when there is none of this tag.
func (r *berReader) value(tag byte) []byte {
	have, n, ok := r.head()
	if !ok || have != tag || n < 0 {
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

// maxBERDepth is the deepest nesting that is passed over or put together.
const maxBERDepth = 8

func (r *berReader) skip(tag byte) bool {
	have, n, ok := r.head()
	return ok && have == tag && r.pass(n, 0)
}

// pass goes behind a value whose head was read.
func (r *berReader) pass(n, depth int) bool {
	if n >= 0 {
		r.b = r.b[n:]
		return true
	}
	for depth < maxBERDepth {
		tag, n, ok := r.head()
		switch {
		case !ok:
			return false
		case tag == 0 && n == 0: // the end of an open value
			return true
		case !r.pass(n, depth+1):
			return false
		}
	}
	return false
}

// octets reads an OCTET STRING, whole or in pieces (X.690 §8.7.3).
func (r *berReader) octets(depth int) []byte {
	tag, n, ok := r.head()
	if !ok || depth > maxBERDepth || tag&^bitConstructed != tagOctets {
		return nil
	}
	if tag&bitConstructed == 0 {
		v := r.b[:n:n]
		r.b = r.b[n:]
		return v
	}
	inner := r
	if n >= 0 {
		inner = &berReader{b: r.b[:n]}
		r.b = r.b[n:]
	}
	var out []byte
	for len(inner.b) > 0 && (inner.b[0] != 0) {
		piece := inner.octets(depth + 1)
		if piece == nil {
			return out
		}
		out = append(out, piece...)
	}
	if n < 0 && len(inner.b) >= 2 {
		inner.b = inner.b[2:]
	}
	return out
}
