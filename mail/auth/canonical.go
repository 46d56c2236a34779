package auth

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"slices"
	"strings"
)

// field is one header field as it came.
type field struct {
	// name is in lower case, whole the field without its last line break.
	name  string
	whole []byte
}

// splitFields parts a message into its header fields, from the top, and its body. What is no field is skipped.
func splitFields(raw []byte) (fields []field, body []byte) {
	begin := -1 // of the field being read
	rest := raw
	end := func(at int) {
		if begin < 0 {
			return
		}
		whole := bytes.TrimRight(raw[begin:at], "\r\n")
		if name, _, ok := bytes.Cut(whole, []byte{':'}); ok {
			fields = append(fields, field{strings.ToLower(string(bytes.TrimSpace(name))), whole})
		}
		begin = -1
	}
	for len(rest) > 0 {
		at := len(raw) - len(rest)
		line, after, _ := bytes.Cut(rest, []byte{'\n'})
		switch line = bytes.TrimSuffix(line, []byte{'\r'}); {
		case len(line) == 0:
			end(at)
			return fields, after
		case (line[0] == ' ' || line[0] == '\t') && begin >= 0:
		default:
			end(at)
			begin = at
		}
		rest = after
	}
	end(len(raw))
	return fields, nil
}

// value is what stands behind the colon, unfolded.
func (f *field) value() string {
	_, value, _ := bytes.Cut(f.whole, []byte{':'})
	return strings.NewReplacer("\r\n", "", "\n", "").Replace(string(value))
}

// form is the field in a canonical form (RFC 6376 §3.4), without the line break; unsigned leaves the value of b= out.
func (f *field) form(name string, unsigned bool) []byte {
	if name == "relaxed" {
		return f.relaxed(unsigned)
	}
	whole := f.whole
	if unsigned {
		whole = withoutSignature(whole)
	}
	return bytes.ReplaceAll(bytes.ReplaceAll(whole, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

// relaxed is RFC 6376 §3.4.2.
func (f *field) relaxed(unsigned bool) []byte {
	whole := f.whole
	if unsigned {
		whole = withoutSignature(whole)
	}
	_, value, _ := bytes.Cut(whole, []byte{':'})
	out := append([]byte(f.name), ':')
	return append(out, bytes.Join(bytes.FieldsFunc(value, isFolding), []byte{' '})...)
}

func isFolding(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// withoutSignature leaves the value of the tag b= out.
func withoutSignature(whole []byte) []byte {
	colon := bytes.IndexByte(whole, ':') + 1
	for at := colon; at < len(whole); {
		end := bytes.IndexByte(whole[at:], ';')
		if end < 0 {
			end = len(whole)
		} else {
			end += at
		}
		if name, _, ok := bytes.Cut(whole[at:end], []byte{'='}); ok && string(bytes.TrimFunc(name, isFolding)) == "b" {
			return slices.Concat(whole[:at+len(name)+1], whole[end:])
		}
		at = end + 1
	}
	return whole
}

// hashBody is the SHA-256 of a body in the simple or relaxed form (RFC 6376 §3.4.3, §3.4.4).
func hashBody(body []byte, relaxed bool) []byte {
	h := sha256.New()
	empty := 0 // empty lines that count only if another line follows
	wrote := false
	for len(body) > 0 {
		var line []byte
		line, body, _ = bytes.Cut(body, []byte{'\n'})
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if relaxed {
			line = bytes.TrimRight(line, " \t")
		}
		if len(line) == 0 {
			empty++
			continue
		}
		for ; empty > 0; empty-- {
			h.Write(lineBreak)
		}
		if relaxed {
			writeReduced(h, line)
		} else {
			h.Write(line)
		}
		h.Write(lineBreak)
		wrote = true
	}
	if !wrote && !relaxed {
		h.Write(lineBreak)
	}
	return h.Sum(nil)
}

var lineBreak = []byte("\r\n")

// writeReduced writes a line with each run of white space as one space.
func writeReduced(h hash.Hash, line []byte) {
	for len(line) > 0 {
		i := bytes.IndexAny(line, " \t")
		if i < 0 {
			h.Write(line)
			return
		}
		h.Write(line[:i])
		h.Write([]byte{' '})
		line = bytes.TrimLeft(line[i:], " \t")
	}
}

// tagList reads a list of tags (RFC 6376 §3.2). No tag may stand twice; only after the last one may nothing stand.
func tagList(value string) (map[string]string, error) {
	tags := make(map[string]string, 10)
	parts := strings.Split(value, ";")
	for i, part := range parts {
		part = strings.TrimFunc(part, isFolding)
		if part == "" && i == len(parts)-1 && i > 0 {
			break
		}
		name, v, ok := strings.Cut(part, "=")
		name = strings.TrimFunc(name, isFolding)
		if _, twice := tags[name]; !ok || twice || !isTagName(name) {
			return nil, broken("the tags cannot be read")
		}
		tags[name] = strings.TrimFunc(v, isFolding)
	}
	return tags, nil
}

func isTagName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// base64Of decodes a value in which white space counts for nothing.
func base64Of(s string) ([]byte, error) { return base64.StdEncoding.DecodeString(squeeze(s)) }
