package core

import (
	"bytes"
	"encoding/binary"
	"slices"

	"planpost/mail"
	"planpost/mail/tnef"
)

// A mail that Outlook saves (.msg) is a compound file: shorter or longer by one
// byte it could not be opened. So its tokens are overwritten with dots, in the
// texts of one byte a letter, in those of two (MS-OXMSG §2.1.1), and in RTF.

// blotCompound is redact for a compound file; the length stays.
func blotCompound(content []byte) []byte {
	clean := bytes.Clone(content)
	if !mail.EditCompound(clean, blotStream) {
		blotStream(clean) // damaged: what lies in one piece is found all the same
	}
	return clean
}

func blotStream(b []byte) {
	if tnef.IsPacked(b) {
		tnef.Blot(b, tokenSpans)
		return
	}
	blot(b, 1)
	blot(b, 2)
	if len(b) > 0 { // in a file within the file the letters may begin at an odd place
		blot(b[1:], 2)
	}
}

// blot overwrites the tokens of a text whose letters are of so many bytes, the low one first.
func blot(b []byte, width int) {
	narrow := make([]byte, len(b)/width)
	for i := range narrow {
		if width == 1 {
			narrow[i] = b[i]
		} else if u := binary.LittleEndian.Uint16(b[2*i:]); u < 0x80 { // others are in no token
			narrow[i] = byte(u)
		}
	}
	for _, s := range tokenSpans(string(narrow)) {
		for i := s[0]; i < s[1]; i++ {
			if isTokenByte(narrow[i]) {
				b[i*width] = '.'
			}
		}
	}
}

// tokenSpans finds the tokens of our addresses and links, in order and none within another.
func tokenSpans(s string) [][2]int {
	all := append(addressSpans(s), linkSpans(s)...)
	slices.SortFunc(all, func(x, y [2]int) int { return x[0] - y[0] })
	apart := all[:0]
	for _, span := range all {
		if n := len(apart); n > 0 && span[0] < apart[n-1][1] {
			apart[n-1][1] = max(apart[n-1][1], span[1])
			continue
		}
		apart = append(apart, span)
	}
	return apart
}
