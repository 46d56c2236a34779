package tnef

import (
	"encoding/binary"
	"strings"
	"testing"
)

// packed is compressed RTF: strings as they are, and pairs of where in the
// text something stands that is repeated, and how long it is.
func packed(parts ...any) []byte {
	var tokens []string
	at := 0
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			for i := range len(p) {
				tokens = append(tokens, p[i:i+1])
			}
			at += len(p)
		case [2]int:
			n := (len(dictionary)+p[0])<<4 | (p[1] - 2)
			tokens = append(tokens, string([]byte{byte(n >> 8), byte(n)}))
			at += p[1]
		}
	}
	body := ""
	for len(tokens) > 0 {
		control, run := byte(0), ""
		for i, t := range tokens[:min(8, len(tokens))] {
			if len(t) == 2 {
				control |= 1 << i
			}
			run += t
		}
		tokens = tokens[min(8, len(tokens)):]
		body += string([]byte{control}) + run
	}
	return []byte(u32(len(body)+12) + u32(at) + u32(compressed) + u32(0) + body)
}

func TestATokenIsOverwrittenInCompressedRTFAndNothingElse(t *testing.T) {
	const before, token = `{\rtf1 see http://x.test/t/`, "AbcdefghijklmnopqrstuvwxyzAbcdefghijklmnopq"
	at := len(before)
	b := packed(before, token, ` again `, [2]int{at, 17}, [2]int{at + 17, 17}, [2]int{at + 34, 9}, ` \p`, [2]int{at, 2}, `}`)
	text := string(expand(b))
	if text != before+token+` again `+token+` \pAb}` {
		t.Fatalf("the text is %q", text)
	}
	find := func(s string) (spans [][2]int) {
		for from := 0; ; {
			i := strings.Index(s[from:], token)
			if i < 0 {
				return spans
			}
			spans = append(spans, [2]int{from + i, from + i + len(token)})
			from += i + len(token)
		}
	}
	size := len(b)
	Blot(b, find)
	dots := "Ab" + strings.Repeat(".", len(token)-2)
	if got := string(expand(b)); got != before+dots+` again `+dots+` \pAb}` || len(b) != size {
		t.Errorf("now it is %q", got)
	}
}

// The example of MS-OXRTFCP §4.1.1 bears its own checksum.
func TestTheChecksumOfBlottedRTFIsThatOfTheStandard(t *testing.T) {
	const example = "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0"
	b := []byte(example)
	binary.LittleEndian.PutUint32(b[12:], 0)
	Blot(b, func(string) [][2]int { return [][2]int{{0, 2}} }) // what stands in the dictionary, which is in no file
	if string(b) != example {
		t.Errorf("%q", b)
	}
	Blot(b, func(s string) [][2]int { i := strings.Index(s, "hel"); return [][2]int{{i, i + 3}} })
	if got := string(expand(b)); !strings.Contains(got, "...lo world") || string(b[12:16]) == example[12:16] {
		t.Errorf("%q", got)
	}
}
