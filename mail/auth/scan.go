package auth

import (
	"bytes"
	"strings"
)

// header is what a first, cheap look at a message finds: enough to know
// whether DKIM has any work, and what that work would cost.
type header struct {
	fields, froms int
	// signed counts the DKIM-Signature fields; signatures are the topmost of
	// them, in order.
	signed     int
	signatures []signature
	// sealed tells that there is an ARC-Seal.
	sealed bool
	// ended tells that the empty line after the header was found.
	ended bool
}

// signature is what the verifying library does not tell of a DKIM-Signature.
type signature struct {
	domain, selector, algorithm string
	bits                        int // length of the value of b=
	listed                      int // names in h=
}

// scanHeader reads the header section the way the verifying library does, so
// that both see the same signatures in the same order. It allocates only when
// there are signatures.
func scanHeader(raw []byte, most int) header {
	var h header
	field := -1 // where the signature being read begins
	rest := raw
	for len(rest) > 0 {
		at := len(raw) - len(rest)
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') && h.fields > 0 {
			continue
		}
		if field >= 0 {
			h.signatures = append(h.signatures, parseSignature(string(raw[field:at])))
			field = -1
		}
		if len(line) == 0 {
			h.ended = true
			return h
		}
		h.fields++
		switch name, _, _ := bytes.Cut(line, []byte{':'}); {
		case fieldIs(name, "from"):
			h.froms++
		case fieldIs(name, "arc-seal"):
			h.sealed = true
		case fieldIs(name, "dkim-signature"):
			h.signed++
			if len(h.signatures) < most {
				field = at
			}
		}
	}
	if field >= 0 {
		h.signatures = append(h.signatures, parseSignature(string(raw[field:])))
	}
	return h
}

// fieldIs folds case by Unicode, as the library does: to differ on a Kelvin
// sign would be to count other signatures than it does.
func fieldIs(name []byte, want string) bool {
	name = bytes.TrimSpace(name)
	return len(name) >= len(want) && bytes.EqualFold(name, []byte(want))
}

// parseSignature reads the few tags that are shown or weighed; whether the
// field is valid is for the library to say.
func parseSignature(field string) signature {
	var s signature
	_, value, _ := strings.Cut(field, ":")
	for tag := range strings.SplitSeq(value, ";") {
		name, v, _ := strings.Cut(tag, "=")
		switch strings.TrimSpace(name) {
		case "d":
			s.domain = squeeze(v)
		case "s":
			s.selector = squeeze(v)
		case "a":
			s.algorithm, _, _ = strings.Cut(squeeze(v), "-")
		case "b":
			s.bits = 8 * base64Len(v)
		case "h":
			s.listed = strings.Count(v, ":") + 1
		}
	}
	return s
}

// squeeze removes the folding white space that RFC 6376 §3.2 allows in values.
func squeeze(s string) string {
	return strings.Join(strings.Fields(s), "")
}

// base64Len is the number of bytes that s stands for, white space ignored.
func base64Len(s string) int {
	n := 0
	for i := range len(s) {
		if c := s[i]; c > ' ' && c != '=' {
			n++
		}
	}
	return n * 3 / 4
}
