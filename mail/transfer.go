package mail

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// decodeTransfer undoes a Content-Transfer-Encoding (RFC 2045 §6) into fresh
// memory. It never fails: what cannot be decoded is passed over or left as it
// stands, and a defect says so.
func decodeTransfer(body []byte, encoding string, defect func(string)) []byte {
	switch encoding {
	case "base64":
		return decodeBase64(body, defect)
	case "quoted-printable":
		return decodeQuotedPrintable(body, defect)
	case "uuencode":
		return decodeUU(body, defect)
	}
	return bytes.Clone(plainTransfer(body, encoding, defect))
}

// viewTransfer is decodeTransfer for those who only look: what was not encoded
// is body itself.
func viewTransfer(body []byte, encoding string, defect func(string)) []byte {
	if encoding == "base64" || encoding == "quoted-printable" || encoding == "uuencode" {
		return decodeTransfer(body, encoding, defect)
	}
	return plainTransfer(body, encoding, defect)
}

func plainTransfer(body []byte, encoding string, defect func(string)) []byte {
	switch encoding {
	case "", "7bit", "8bit", "binary":
	default:
		tell(defect, "encoding.unknown")
	}
	return body
}

// decodeBase64 takes the quick way for clean input and mends the rest.
func decodeBase64(body []byte, defect func(string)) []byte {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(body)))
	if n, err := base64.StdEncoding.Decode(out, bytes.TrimSpace(body)); err == nil {
		return out[:n]
	}
	tell(defect, "base64.malformed")
	return appendBase64(out[:0], string(body))
}

// appendBase64 decodes what there is: strange characters are skipped, padding
// in the middle ends a group (some gateways join encoded pieces), and a
// missing tail is no reason to lose the head.
func appendBase64(dst []byte, s string) []byte {
	var group uint32
	bits := 0
	for i := 0; i < len(s); i++ {
		v := base64Value(s[i])
		if v < 0 {
			if s[i] == '=' {
				bits, group = 0, 0
			}
			continue
		}
		group = group<<6 | uint32(v)
		if bits += 6; bits >= 8 {
			bits -= 8
			dst = append(dst, byte(group>>bits))
		}
	}
	return dst
}

func base64Value(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}

// decodeQuotedPrintable follows RFC 2045 §6.7 and leaves a "=" that starts no
// escape as it is.
func decodeQuotedPrintable(body []byte, defect func(string)) []byte {
	out := make([]byte, 0, len(body))
	bad := false
	for len(body) > 0 {
		line, rest, ending := cutLine(body)
		body = rest
		line = bytes.TrimRight(line, " \t") // rule (3): added in transit
		soft := false
		for {
			i := bytes.IndexByte(line, '=')
			if i < 0 {
				out = append(out, line...)
				break
			}
			out = append(out, line[:i]...)
			line = line[i+1:]
			if len(line) == 0 {
				soft = true
				break
			}
			if len(line) >= 2 {
				if hi, lo := unhex(line[0]), unhex(line[1]); hi >= 0 && lo >= 0 {
					out = append(out, byte(hi<<4|lo))
					line = line[2:]
					continue
				}
			}
			bad = true
			out = append(out, '=')
		}
		if !soft {
			out = append(out, ending...)
		}
	}
	if bad {
		tell(defect, "quoted-printable.malformed")
	}
	return out
}

// cutLine takes one line off the front of b; ending is its CRLF, LF or nothing.
func cutLine(b []byte) (line, rest, ending []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, nil, nil
	}
	end := i
	if i > 0 && b[i-1] == '\r' {
		end = i - 1
	}
	return b[:end], b[i+1:], b[end : i+1]
}

// normalLines gives text with \n line ends, without NUL and byte order mark.
// s is valid UTF-8.
func normalLines(s string) string {
	s = strings.TrimPrefix(s, "\uFEFF")
	if strings.IndexByte(s, '\r') < 0 && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return normalBytes([]byte(s))
}

// normalBytes is normalLines for valid UTF-8 in bytes, which it only reads: one
// copy makes the text.
func normalBytes(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	var out strings.Builder
	out.Grow(len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\r')
		if i < 0 {
			writeWithoutNUL(&out, b)
			break
		}
		writeWithoutNUL(&out, b[:i])
		if b = b[i+1:]; len(b) == 0 || b[0] != '\n' { // CRLF is one line end, and so is a CR alone
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func writeWithoutNUL(out *strings.Builder, b []byte) {
	for {
		i := bytes.IndexByte(b, 0)
		if i < 0 {
			out.Write(b)
			return
		}
		out.Write(b[:i])
		b = b[i+1:]
	}
}
