package mail

import (
	"encoding/base64"
	"strings"
)

// decodeWords decodes encoded words (RFC 2047) wherever they stand, also
// where the standard forbids them: clients put them into quoted strings and
// parameters. Neighbouring words of one charset are joined before they are
// decoded, because many clients split a character between two.
func decodeWords(s string) string {
	start := strings.Index(s, "=?")
	if start < 0 {
		return s
	}
	var out strings.Builder
	var run []byte // bytes of the words in hand
	var charset string
	carry := "" // base64 that a client cut within a group of four
	flush := func() {
		if carry != "" {
			run, carry = appendBase64(run, carry), ""
		}
		if len(run) > 0 {
			out.WriteString(mendString(decodeCharset(run, charset, nil)))
			run = run[:0]
		}
	}
	gap := "" // white space after a word, dropped when another word follows
	for s != "" {
		w, n := cutEncodedWord(s)
		if n > 0 {
			if len(run)+len(carry) > 0 && !strings.EqualFold(w.charset, charset) {
				flush()
			}
			charset, gap = w.charset, ""
			if carry != "" && !(w.base64 && len(w.text)&3 != 0 && (len(carry)+len(w.text))&3 == 0) {
				run, carry = appendBase64(run, carry), "" // it only lacked its padding
			}
			if w.base64 {
				w.text, carry = splitGroups(carry + w.text)
			}
			run = w.decode(run)
			s = s[n:]
			i := len(s) - len(strings.TrimLeft(s, " \t\r\n"))
			gap, s = s[:i], s[i:]
			continue
		}
		flush()
		out.WriteString(gap)
		gap = ""
		next := strings.Index(s[1:], "=?")
		if next < 0 {
			out.WriteString(s)
			break
		}
		out.WriteString(s[:next+1])
		s = s[next+1:]
	}
	flush()
	return out.String()
}

// maxWord is the longest text of an encoded word read. RFC 2047 §2 allows 75
// characters, some clients put a whole subject into one.
const maxWord = 4000

type encodedWord struct {
	charset string
	base64  bool
	text    string
}

// encodedWordLen is the length of the encoded word at the front of s, or 0.
func encodedWordLen(s string) int {
	_, n := cutEncodedWord(s)
	return n
}

// cutEncodedWord reads =?charset[*lang]?enc?text?= at the front of s. Spaces
// in the text are let through; a question mark is, when "=" does not follow.
func cutEncodedWord(s string) (w encodedWord, n int) {
	if !strings.HasPrefix(s, "=?") {
		return w, 0
	}
	cs := strings.IndexByte(s[2:], '?')
	if cs <= 0 || cs > 60 {
		return w, 0
	}
	rest := s[2+cs+1:]
	if len(rest) < 4 || rest[1] != '?' {
		return w, 0
	}
	switch rest[0] {
	case 'b', 'B':
		w.base64 = true
	case 'q', 'Q':
	default:
		return w, 0
	}
	text := rest[2:]
	end := wordEnd(text[:min(len(text), maxWord)], w.base64)
	if end < 0 {
		return w, 0
	}
	// "=?utf-8?Q?=?=" would end too early at "?=": an escape needs its two digits.
	if end == 0 && !w.base64 && strings.HasPrefix(text, "?==") {
		return w, 0
	}
	w.charset, _, _ = strings.Cut(s[2:2+cs], "*") // RFC 2231 §5 language
	w.text = text[:end]
	return w, 2 + cs + 1 + 2 + end + 2
}

// splitGroups parts base64 without padding before its last, unfinished group.
func splitGroups(s string) (whole, rest string) {
	if strings.ContainsAny(s, "= \t") {
		return s, ""
	}
	return s[:len(s)&^3], s[len(s)&^3:]
}

// wordEnd is where the text of a word ends, or -1. In Q a question mark may
// stand bare before an escape: "?=3D" ends nothing when an end follows.
func wordEnd(text string, base64 bool) int {
	end := strings.Index(text, "?=")
	if end < 0 || base64 {
		return end
	}
	rest := text[end+2:]
	if len(rest) < 4 || unhex(rest[0]) < 0 || unhex(rest[1]) < 0 {
		return end
	}
	next := strings.IndexAny(rest, "? \t")
	if next < 0 || !strings.HasPrefix(rest[next:], "?=") || rest[next-1] == '=' {
		return end
	}
	return end + 2 + next
}

func (w encodedWord) decode(dst []byte) []byte {
	if w.base64 {
		return appendBase64(dst, w.text)
	}
	for i := 0; i < len(w.text); i++ {
		c := w.text[i]
		switch {
		case c == '_':
			c = ' '
		case c == '=' && i+2 < len(w.text):
			hi, lo := unhex(w.text[i+1]), unhex(w.text[i+2])
			if hi >= 0 && lo >= 0 {
				c = byte(hi<<4 | lo)
				i += 2
			}
		}
		dst = append(dst, c)
	}
	return dst
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// encodeWords writes text as UTF-8 encoded words, separated by spaces at which
// a header may be folded. RFC 2047 §2 allows 75 characters; 64 leave room for
// the name of the field on its first line. Words hold whole characters. Q is
// taken when most of the text is ASCII.
func encodeWords(s string) string {
	const room = 64 - len("=?utf-8?q??=")
	plain := 0
	for i := 0; i < len(s); i++ {
		if isAlnum(s[i]) || s[i] == ' ' {
			plain++
		}
	}
	if plain*2 < len(s) {
		return encodeWordsB(s, room)
	}
	var b strings.Builder
	b.WriteString("=?utf-8?q?")
	used := 0
	for _, r := range s {
		cell := qCell(string(r))
		if used+len(cell) > room {
			b.WriteString("?= =?utf-8?q?")
			used = 0
		}
		b.WriteString(cell)
		used += len(cell)
	}
	b.WriteString("?=")
	return b.String()
}

func encodeWordsB(s string, room int) string {
	var b strings.Builder
	most := room / 4 * 3
	for first := true; s != ""; first = false {
		chunk := cutBytes(s, most)
		s = s[len(chunk):]
		if !first {
			b.WriteByte(' ')
		}
		b.WriteString("=?utf-8?b?")
		b.WriteString(base64.StdEncoding.EncodeToString([]byte(chunk)))
		b.WriteString("?=")
	}
	return b.String()
}

// qCell is one character in the Q encoding, in the form that is safe in a
// phrase as well (RFC 2047 §5 (3)).
func qCell(char string) string {
	const hex = "0123456789ABCDEF"
	if len(char) == 1 {
		switch c := char[0]; {
		case isAlnum(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/':
			return char
		case c == ' ':
			return "_"
		}
	}
	var b strings.Builder
	for i := 0; i < len(char); i++ {
		b.WriteByte('=')
		b.WriteByte(hex[char[i]>>4])
		b.WriteByte(hex[char[i]&15])
	}
	return b.String()
}
