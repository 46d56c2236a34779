package reply

import (
	"unicode"
	"unicode/utf8"
)

// beginsFold tells that s in lower case begins with low, without making the
// lower case: it is asked of every line, and the first letters mostly differ.
func beginsFold(s, low string) bool {
	for len(low) > 0 {
		if len(s) == 0 {
			return false
		}
		if c := s[0]; c < utf8.RuneSelf {
			if lowerASCII(c) != low[0] {
				return false
			}
			s, low = s[1:], low[1:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		want, m := utf8.DecodeRuneInString(low)
		if unicode.ToLower(r) != want {
			return false
		}
		s, low = s[n:], low[m:]
	}
	return true
}

// cutEndFold is s without its end, when that in lower case is low.
func cutEndFold(s, low string) (before string, ok bool) {
	for len(low) > 0 {
		if len(s) == 0 {
			return "", false
		}
		if c := s[len(s)-1]; c < utf8.RuneSelf {
			if lowerASCII(c) != low[len(low)-1] {
				return "", false
			}
			s, low = s[:len(s)-1], low[:len(low)-1]
			continue
		}
		r, n := utf8.DecodeLastRuneInString(s)
		want, m := utf8.DecodeLastRuneInString(low)
		if unicode.ToLower(r) != want {
			return "", false
		}
		s, low = s[:len(s)-n], low[:len(low)-m]
	}
	return s, true
}

func lowerASCII(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c |= 0x20
	}
	return c
}

// firstByte and lastByte are those of s in lower case; s is not empty.
func firstByte(s string) byte {
	if s[0] < utf8.RuneSelf {
		return lowerASCII(s[0])
	}
	r, _ := utf8.DecodeRuneInString(s)
	var b [utf8.UTFMax]byte
	utf8.EncodeRune(b[:], unicode.ToLower(r))
	return b[0]
}

func lastByte(s string) byte {
	if c := s[len(s)-1]; c < utf8.RuneSelf {
		return lowerASCII(c)
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	var b [utf8.UTFMax]byte
	return b[utf8.EncodeRune(b[:], unicode.ToLower(r))-1]
}
