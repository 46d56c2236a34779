package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// readHeader reads the header section at the front of raw. The values are
// unfolded valid UTF-8 on one line, encoded words not yet decoded; all share
// one new string. top is false for a part of a multipart, where a first line
// that is no field means that the header is missing.
func (w *walker) readHeader(raw []byte, top bool) (Header, []byte, error) {
	var spans [48]span
	b := sectionBuilder{spans: spans[:0], size: sectionSize(raw)}
	limit, rest := w.lim.HeaderBytes, raw
	for len(rest) > 0 {
		if len(raw)-len(rest) > limit || len(b.spans) > w.lim.HeaderFields {
			return nil, nil, &ParseError{Code: CodeHeaderTooLarge}
		}
		line, after, _ := cutLine(rest)
		if len(line) > limit {
			return nil, nil, &ParseError{Code: CodeHeaderTooLarge}
		}
		if len(line) == 0 {
			return b.header(w), after, nil
		}
		if line[0] == ' ' || line[0] == '\t' {
			text := bytes.Trim(line, " \t")
			if len(text) == 0 && !headerGoesOn(after) {
				return b.header(w), after, nil // a blank line in all but bytes
			}
			if len(b.spans) == 0 && !top {
				break
			}
			b.fold(text)
		} else if name, value, ok := cutField(line); ok {
			b.field(name, value)
		} else {
			// RFC 5322 §2.2 knows no such line. It is passed over where
			// fields follow; else the blank line was forgotten.
			w.defect("header.malformed")
			if len(b.spans) == 0 && !top || !fieldFollows(after) {
				break
			}
		}
		rest = after
	}
	if len(rest) > 0 || top {
		w.defect("header.unclosed")
	}
	return b.header(w), rest, nil
}

type span struct{ name, nameEnd, value, end int }

// sectionBuilder gathers the unfolded fields in one buffer that becomes the
// string they share; size is what it will take, about.
type sectionBuilder struct {
	buf   strings.Builder
	size  int
	spans []span
}

// sectionSize is the length of a header section that ends the usual way. It
// does not look far: a body without a blank line would be searched in vain.
func sectionSize(raw []byte) int {
	head := raw[:min(len(raw), 8<<10)]
	if i := bytes.Index(head, []byte("\r\n\r\n")); i >= 0 {
		return i
	}
	return min(len(head), 2048)
}

func (b *sectionBuilder) field(name, value []byte) {
	if len(b.spans) == 0 {
		b.buf.Grow(b.size)
	}
	s := span{name: b.buf.Len()}
	b.buf.Write(name)
	s.nameEnd = b.buf.Len()
	s.value = s.nameEnd
	b.buf.Write(bytes.Trim(value, " \t\r"))
	s.end = b.buf.Len()
	b.spans = append(b.spans, s)
}

// fold adds a continuation line (RFC 5322 §2.2.3).
func (b *sectionBuilder) fold(text []byte) {
	if len(b.spans) == 0 {
		return
	}
	last := &b.spans[len(b.spans)-1]
	if last.end > last.value && len(text) > 0 {
		b.buf.WriteByte(' ')
	}
	b.buf.Write(text)
	last.end = b.buf.Len()
}

func (b *sectionBuilder) header(w *walker) Header {
	if len(b.spans) == 0 {
		return nil
	}
	s := b.buf.String()
	clean := isPlain(s)
	h := make(Header, len(b.spans))
	for i, sp := range b.spans {
		h[i] = Field{Name: s[sp.name:sp.nameEnd], Value: s[sp.value:sp.end]}
		if !clean && !isPlain(h[i].Value) {
			h[i].Value = w.mendValue(h[i].Value)
		}
	}
	return h
}

// mendValue makes valid UTF-8 of 8-bit values. Control characters become the
// replacement character: dropped, they would let "exam\x00ple.com" turn into
// another address than the one a checker before us saw.
func (w *walker) mendValue(v string) string {
	if !utf8.ValidString(v) {
		w.defect("header.charset")
		v = decodeFallback([]byte(v), w.defect)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\r':
			return ' '
		case r < 0x20, r == 0x7f:
			w.defect("header.control")
			return utf8.RuneError
		}
		return r
	}, v)
}

// isPlain tells printable ASCII.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// cutField splits "Name: value". White space before the colon is obsolete
// but seen (RFC 5322 §4.5). A URL is no field.
func cutField(line []byte) (name, value []byte, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || colon > 200 {
		return nil, nil, false
	}
	name, value = bytes.TrimRight(line[:colon], " \t"), line[colon+1:]
	if len(name) == 0 || bytes.HasPrefix(value, []byte("//")) {
		return nil, nil, false
	}
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return nil, nil, false
		}
	}
	return name, value, true
}

// fieldFollows tells whether a field stands before the next blank line. It
// looks at some lines only, so that a large body is not read over and over.
func fieldFollows(rest []byte) bool {
	for range 16 {
		line, after, _ := cutLine(rest)
		if len(line) == 0 {
			return false
		}
		if _, _, ok := cutField(line); ok {
			return true
		}
		rest = after
	}
	return false
}

// headerGoesOn tells whether the line after one of white space only still
// belongs to the header.
func headerGoesOn(rest []byte) bool {
	line, _, _ := cutLine(rest)
	if len(line) == 0 {
		return false
	}
	_, _, ok := cutField(line)
	return ok
}
