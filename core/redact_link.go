package core

import (
	"slices"
	"strconv"
	"strings"
)

// redactLinks takes the tokens of our links out of a text that somebody quoted:
// whoever answers an invitation must not hand its link to all who read the
// answer. It goes by the shape of a path, a letter between two slashes and a
// token's length behind them, and not by our host: a quoted mail may name the
// host otherwise, or a mail filter may have packed the address percent-encoded
// into one of its own (RFC 3986 §2.1). A text without any
// of the three signs costs three scans.
func redactLinks(s string) string { return cutSpans(s, linkSpans(s)) }

// linkSpans finds the tokens of our links.
func linkSpans(s string) (spans [][2]int) {
	// A slash may stand as itself, as "%2F" or as "=2F".
	next := [...]int{nextByte(s, '/', 0), nextByte(s, '%', 0), nextByte(s, '=', 0)}
	for at := slices.Min(next[:]); at < len(s); at = slices.Min(next[:]) {
		passed := at + 1
		if from, ok := linkStart(s, at); ok {
			if end, ok := linkEnd(s, from); ok {
				spans = append(spans, [2]int{from, end})
				passed = end
			}
		}
		for i, b := range [...]byte{'/', '%', '='} {
			if next[i] < passed {
				next[i] = nextByte(s, b, passed)
			}
		}
	}
	return spans
}

// nextByte is where b is next in s from a place on, or its length.
func nextByte(s string, b byte, from int) int {
	if i := strings.IndexByte(s[from:], b); i >= 0 {
		return from + i
	}
	return len(s)
}

// linkStart is where a token would begin if the segment of a link's kind begins with the slash at a place.
func linkStart(s string, at int) (from int, ok bool) {
	if from, ok = skipSlash(s, at); !ok {
		return 0, false
	}
	b, from := encodedByte(s, from)
	if b = lowerByte(b); b < 'a' || b > 'z' {
		return 0, false
	}
	return skipSlash(s, from)
}

// skipSlash passes a slash: plain, or percent-encoded as "%2F", or that encoded again as "%252F".
func skipSlash(s string, at int) (next int, ok bool) {
	b, next := encodedByte(s, at)
	if b != '%' {
		return next, b == '/'
	}
	for {
		tens, after := encodedByte(s, next)
		ones, after := encodedByte(s, after)
		if tens != '2' || ones != '5' {
			return after, tens == '2' && lowerByte(ones) == 'f'
		}
		next = after
	}
}

// linkEnd is where the token that begins at from ends, if one does. What goes
// on with letters is another's address, such as that of a shared document; a
// lone dash or underscore is the mark-up around a link.
func linkEnd(s string, from int) (end int, ok bool) {
	for range linkTokenLen {
		var b byte
		if b, from = encodedByte(s, from); !isTokenByte(b) {
			return 0, false
		}
	}
	b, after := encodedByte(s, from)
	for b == '-' || b == '_' {
		b, after = encodedByte(s, after)
	}
	return from, !isTokenByte(b)
}

// isTokenByte tells the letters of base64url (RFC 4648 §5).
func isTokenByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '_'
}

// mostBreaks is how many soft line breaks are passed at a place: nobody writes
// more, and a text of nothing else must not be read again from each of them.
const mostBreaks = 3

// encodedByte reads one byte of a text that may be quoted-printable: soft line
// breaks before it are passed and "=5F" is "_" (RFC 2045 §6.7). It is 0 at the end.
func encodedByte(s string, at int) (b byte, next int) {
	for range mostBreaks {
		if at >= len(s) || s[at] != '=' {
			break
		}
		rest := s[at+1:]
		if trimmed, soft := strings.CutPrefix(strings.TrimPrefix(rest, "\r"), "\n"); soft {
			at = len(s) - len(trimmed)
			continue
		}
		if len(rest) >= 2 {
			if v, err := strconv.ParseUint(rest[:2], 16, 8); err == nil {
				return byte(v), at + 3
			}
		}
		break
	}
	if at >= len(s) {
		return 0, at
	}
	return s[at], at + 1
}
