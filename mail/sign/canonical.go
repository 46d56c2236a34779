package sign

import (
	"bytes"
	"crypto/sha256"
	"strings"
)

// field is one of the header: its name in lower case, its value with folds and all that follows the colon.
type field struct{ name, value string }

// split takes a message apart. The body may be empty.
func split(raw []byte) (fields []field, body []byte, ok bool) {
	head, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		if head, found = bytes.CutSuffix(raw, []byte("\r\n")); !found {
			return nil, nil, false
		}
		body = nil
	}
	for _, line := range strings.Split(string(head), "\r\n") {
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			if len(fields) == 0 {
				return nil, nil, false
			}
			fields[len(fields)-1].value += "\r\n" + line
			continue
		}
		name, value, colon := strings.Cut(line, ":")
		if !colon || name == "" {
			return nil, nil, false
		}
		fields = append(fields, field{strings.ToLower(strings.TrimRight(name, " \t")), value})
	}
	return fields, body, len(fields) > 0
}

// relaxed is the field as RFC 6376 §3.4.2 wants it, without a line end.
func (f *field) relaxed() string {
	var b strings.Builder
	b.Grow(len(f.name) + len(f.value) + 1)
	b.WriteString(f.name + ":")
	space, begun := false, false
	for i := 0; i < len(f.value); i++ {
		switch c := f.value[i]; c {
		case '\r', '\n':
		case ' ', '\t':
			space = true
		default:
			if space && begun {
				b.WriteByte(' ')
			}
			space, begun = false, true
			b.WriteByte(c)
		}
	}
	return b.String()
}

// hashBody is the hash of the body as RFC 6376 §3.4.4 wants it: runs of spaces
// are one, none at a line's end, no empty lines at the end. An empty body stays empty.
func hashBody(body []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	line := make([]byte, 0, 1024)
	empty := 0
	for len(body) > 0 {
		text, rest, _ := bytes.Cut(body, []byte("\r\n"))
		body = rest
		if line = relaxedLine(line[:0], text); len(line) == 0 {
			empty++
			continue
		}
		for ; empty > 0; empty-- {
			h.Write([]byte("\r\n"))
		}
		h.Write(append(line, '\r', '\n'))
	}
	h.Sum(sum[:0])
	return sum
}

func relaxedLine(to, text []byte) []byte {
	text = bytes.TrimRight(text, " \t")
	space := false
	for _, c := range text {
		if c == ' ' || c == '\t' {
			space = true
			continue
		}
		if space {
			to = append(to, ' ')
			space = false
		}
		to = append(to, c)
	}
	return to
}
