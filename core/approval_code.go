package core

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
)

// The code of a request for approval, such as "C-47", is the index and two
// digits that follow from the row of the approver's link. It stands in the mail
// beside the link, so it is no secret; but no machine that follows links types
// it, and who does has read which index it is about. Tries are limited.

const approvalCode = "approval code"

// ApprovalCode is the code of a link's row and generation for an index. Like a token it rests nowhere.
func (k *Keyring) ApprovalCode(link ID, generation int, index string) string {
	return k.approvalCode(k.keys[0], link, generation, index)
}

func (k *Keyring) approvalCode(key masterKey, link ID, generation int, index string) string {
	tag := linkTag(linkKey(key, approvalCode), approvalCode, link.Bytes(), generation)
	return fmt.Sprintf("%s-%02d", index, binary.BigEndian.Uint64(tag)%100)
}

// ApprovalCodeFits compares what somebody typed with the code, for any key of the ring.
func (k *Keyring) ApprovalCodeFits(typed string, link ID, generation int, index string) bool {
	typed = plainCode(typed)
	fits := 0
	for _, key := range k.keys {
		fits |= subtle.ConstantTimeCompare([]byte(typed), []byte(plainCode(k.approvalCode(key, link, generation, index))))
	}
	return fits == 1
}

// indexOfCode is the index that a typed code, with its dash, speaks of; empty for what is none.
func indexOfCode(typed string) string {
	index, digits, ok := strings.Cut(strings.TrimSpace(typed), "-")
	if digits = plainCode(digits); !ok || len(digits) != 2 || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return plainCode(index)
}

// plainCode is a code however it is typed: in small letters, without its dash,
// with spaces, or with Cyrillic letters that look like the Latin ones.
func plainCode(s string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToUpper(r)
		if latin, ok := lookalikes[r]; ok {
			return latin
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

var lookalikes = map[rune]rune{'А': 'A', 'В': 'B', 'С': 'C', 'Е': 'E', 'Н': 'H', 'К': 'K', 'М': 'M', 'О': 'O', 'Р': 'P', 'Т': 'T', 'У': 'Y', 'Х': 'X'}
