package mail

import (
	"bytes"
	"crypto/sha256"
	"strings"
)

// hashedFields make the message this message. Trace fields (Received,
// Return-Path, Authentication-Results, signatures, X-…) are what the road
// adds, so they do not count (RFC 5322 §3.6.7).
var hashedFields = [...]string{"From", "Date", "Message-ID", "Subject", "To", "Cc", "In-Reply-To", "Content-Type"}

// ContentHash is the same for one message that came by two roads, and
// different for two messages, also when they bear the same Message-ID. Folding,
// line ends and blank lines at the end do not count: relays change them.
func ContentHash(raw []byte) [32]byte {
	fields, body := hashedHeader(raw)
	if none(&fields) {
		body = raw // what has no header to tell it by is told by all of it, or any two pieces of noise would be one message
	}
	h := sha256.New()
	for i := range fields {
		h.Write([]byte(hashedFields[i]))
		h.Write(fields[i]) // each value begins with ":" and ends with "\n"
		h.Write([]byte{0})
	}
	body = bytes.TrimRight(body, "\r\n")
	if !onlyCRLF(body) {
		body = withCRLF(body)
	}
	h.Write(body)
	return [32]byte(h.Sum(nil))
}

// onlyCRLF tells that every line ends the way SMTP has it.
func onlyCRLF(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return true
		}
		if i == 0 || b[i-1] != '\r' {
			return false
		}
		b = b[i+1:]
	}
}

func none(fields *[len(hashedFields)][]byte) bool {
	for i := range fields {
		if fields[i] != nil {
			return false
		}
	}
	return true
}

// hashedHeader gathers the values of the fields that count and finds the body.
func hashedHeader(raw []byte) (fields [len(hashedFields)][]byte, body []byte) {
	const usual = 128 // bytes of a value; a longer one moves
	room := make([]byte, usual*len(hashedFields))
	current := -1
	for len(raw) > 0 {
		line, rest, _ := cutLine(raw)
		if len(line) == 0 {
			return fields, rest
		}
		if line[0] == ' ' || line[0] == '\t' {
			if current >= 0 {
				fields[current] = appendFolded(fields[current][:len(fields[current])-1], line)
			}
			raw = rest
			continue
		}
		current = -1
		if name, value, ok := cutField(line); ok {
			if current = hashedIndex(name); current >= 0 {
				if fields[current] == nil {
					fields[current] = room[usual*current : usual*current : usual*(current+1)]
				}
				fields[current] = append(fields[current], ':')
				fields[current] = appendFolded(fields[current], value)
			}
		}
		raw = rest
	}
	return fields, nil
}

func hashedIndex(name []byte) int {
	for i, f := range hashedFields {
		if len(f) == len(name) && strings.EqualFold(f, string(name)) {
			return i
		}
	}
	return -1
}

// appendFolded adds words parted by one space each, and a line end.
func appendFolded(dst, value []byte) []byte {
	for w := range bytes.FieldsSeq(value) {
		dst = append(append(dst, ' '), w...)
	}
	return append(dst, '\n')
}

func withCRLF(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/32)
	for len(b) > 0 {
		line, rest, ending := cutLine(b)
		out = append(out, line...)
		if len(ending) > 0 {
			out = append(out, '\r', '\n')
		}
		b = rest
	}
	return out
}
