package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decodeCharset gives text as valid UTF-8: the declared charset first, then
// UTF-8 if the bytes are that, then windows-1252, which cannot fail. Nothing
// is guessed from statistics: guesses override correct labels and cost more
// than the rest of the parse. defect, which may be nil, is told what was mended.
func decodeCharset(b []byte, label string, defect func(string)) string {
	label = strings.ToLower(strings.Trim(label, " \t\"'"))
	switch label {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "8bit", "x-unknown", "unknown-8bit", "default":
		return decodeUnicode(b, label, defect)
	case "utf-7", "unicode-1-1-utf-7", "x-unicode-1-1-utf-7":
		return mendString(decodeUTF7(b))
	}
	if isASCIIBytes(b) && !strings.HasPrefix(label, "utf-16") && !strings.HasPrefix(label, "iso-2022") && !strings.HasPrefix(label, "hz") {
		return string(b) // every other charset of mail agrees with ASCII here
	}
	enc := findCharset(label)
	if enc == nil {
		tell(defect, "charset.unknown")
		return decodeFallback(b, defect)
	}
	out, err := decodeBy(enc, b)
	if err != nil || strings.Contains(out, "\uFFFD") && utf8.Valid(b) {
		tell(defect, "charset.wrong")
		return decodeFallback(b, defect)
	}
	return mendString(out)
}

// decodeBy takes the memory for the result once, as far as can be told before.
func decodeBy(enc encoding.Encoding, b []byte) (string, error) {
	size := len(b)
	for _, c := range b {
		if c >= utf8.RuneSelf {
			size += 2
		}
	}
	var out strings.Builder
	out.Grow(size)
	w := transform.NewWriter(&out, enc.NewDecoder())
	if _, err := w.Write(b); err != nil {
		return "", err
	}
	err := w.Close()
	return out.String(), err
}

// decodeUnicode is for text that claims to be UTF-8, ASCII or nothing.
func decodeUnicode(b []byte, label string, defect func(string)) string {
	if utf8.Valid(b) && (label != "us-ascii" && label != "ascii" || isASCIIBytes(b)) {
		return string(b)
	}
	tell(defect, "charset.wrong")
	return decodeFallback(b, defect)
}

// decodeFallback is for text whose declared charset is of no use, and tells as
// what it was decoded.
func decodeFallback(b []byte, defect func(string)) string {
	if good, bad := countRunes(b); bad == 0 || good > bad { // with some damage, often a cut character at the end
		tell(defect, "decoded.utf-8")
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	tell(defect, "decoded.windows-1252")
	out, err := decodeBy(charmap.Windows1252, b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return out
}

// countRunes counts the whole multi-byte characters and the bytes that belong to none.
func countRunes(b []byte) (good, bad int) {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		b = b[n:]
	}
	return good, bad
}

// findCharset knows the labels of the web (the widest set of aliases in real
// use), then those of IANA; nil when unknown.
func findCharset(label string) encoding.Encoding {
	switch label {
	case "utf-16": // RFC 2781 §4.3: big-endian unless a mark says otherwise
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312 // the web dropped it, old mail has it
	}
	if strings.HasPrefix(label, "cp") && len(label) > 2 && label[2] == '-' {
		label = "cp" + label[3:]
	}
	if enc, err := htmlindex.Get(label); err == nil && enc != encoding.Replacement {
		return enc
	}
	if enc, err := ianaindex.MIME.Encoding(label); err == nil && enc != nil {
		return enc
	}
	if i := strings.IndexByte(label, '_'); i > 0 { // iso_8859-1, windows_1251
		return findCharset(strings.ReplaceAll(label, "_", "-"))
	}
	return nil
}

// mendString makes s valid UTF-8 without NUL.
func mendString(s string) string {
	if !utf8.ValidString(s) {
		s = decodeUnicode([]byte(s), "", nil)
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

func isASCIIBytes(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func tell(defect func(string), code string) {
	if defect != nil {
		defect(code)
	}
}

// decodeUTF7 reads RFC 2152 text; what is not in its base64 alphabet stays.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		plus := bytes.IndexByte(b, '+')
		if plus < 0 {
			break
		}
		out.Write(b[:plus])
		b = b[plus+1:]
		n := 0
		for n < len(b) && (isAlnum(b[n]) || b[n] == '+' || b[n] == '/') {
			n++
		}
		if n == 0 {
			out.WriteByte('+')
		} else if raw := appendBase64(nil, string(b[:n])); len(raw) >= 2 {
			text, _ := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Bytes(raw[:len(raw)&^1])
			out.Write(text)
		}
		b = b[n:]
		if len(b) > 0 && b[0] == '-' { // "+-" is a plain plus
			b = b[1:]
		}
	}
	out.Write(b)
	return out.String()
}
