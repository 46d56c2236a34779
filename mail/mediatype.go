package mail

import (
	"sort"
	"strconv"
	"strings"
)

// maxParams bounds the parameters read from one field, maxPieces the
// continuations of one parameter (RFC 2231 §3).
const (
	maxParams = 64
	maxPieces = 32
)

// mediaType is a Content-Type or Content-Disposition: a lower-case value and
// its parameters with lower-case names.
type mediaType struct {
	value  string
	params []param
}

type param struct {
	name, value string
	extended    bool // name*= : percent-encoded with a charset (RFC 2231 §4)
}

// get returns a parameter, decoded, or "".
func (m mediaType) get(name string) string {
	for _, p := range m.params {
		if p.name == name && p.extended {
			return decodeExtended(p.value)
		}
	}
	if v, ok := m.joined(name); ok {
		return v
	}
	for _, p := range m.params {
		if p.name == name {
			return decodeParam(p.value)
		}
	}
	return ""
}

// raw returns a parameter as it stands; for boundary and charset, in which
// nothing is encoded.
func (m mediaType) raw(name string) string {
	for _, p := range m.params {
		if p.name == name {
			return p.value
		}
	}
	v, _ := m.joined(name)
	return v
}

// joined puts the continuations name*0, name*1* … together (RFC 2231 §3, §4.1).
func (m mediaType) joined(name string) (string, bool) {
	type piece struct {
		n int
		param
	}
	var pieces []piece
	for _, p := range m.params {
		rest, ok := strings.CutPrefix(p.name, name+"*")
		if !ok || len(pieces) >= maxPieces {
			continue
		}
		if n, err := strconv.Atoi(rest); err == nil && n >= 0 {
			pieces = append(pieces, piece{n, p})
		}
	}
	if len(pieces) == 0 {
		return "", false
	}
	sort.SliceStable(pieces, func(i, j int) bool { return pieces[i].n < pieces[j].n })
	charset, plain := "", true
	var bytes []byte
	for i, p := range pieces {
		v := p.value
		if p.extended {
			plain = false
			if i == 0 {
				charset, v = cutCharset(v)
			}
			bytes = appendPercent(bytes, v)
			continue
		}
		bytes = append(bytes, v...)
	}
	if plain {
		return decodeParam(string(bytes)), true
	}
	return mendString(decodeCharset(bytes, charset, nil)), true
}

// decodeExtended reads charset'lang'percent-encoded.
func decodeExtended(v string) string {
	charset, rest := cutCharset(v)
	return mendString(decodeCharset(appendPercent(nil, rest), charset, nil))
}

// decodeParam decodes a parameter without a star: encoded words, which do not
// belong here, and what should have had its star.
func decodeParam(v string) string {
	if strings.IndexByte(v, '\'') > 0 && strings.IndexByte(v, '%') > 0 {
		if charset, _ := cutCharset(v); charset != "" && findCharset(strings.ToLower(charset)) != nil {
			return decodeExtended(v)
		}
	}
	return decodeWords(v)
}

// cutCharset parts charset'lang'text. Some writers leave out the language with
// its quote, some the charset.
func cutCharset(v string) (charset, rest string) {
	a := strings.IndexByte(v, '\'')
	if a < 0 {
		return "", v
	}
	if b := strings.IndexByte(v[a+1:], '\''); b >= 0 && b < 20 {
		return v[:a], v[a+1+b+1:]
	}
	if a > 0 && a < 40 && findCharset(strings.ToLower(v[:a])) != nil {
		return v[:a], v[a+1:]
	}
	return "", v
}

func appendPercent(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				dst = append(dst, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		dst = append(dst, s[i])
	}
	return dst
}

// parseMediaType reads RFC 2045 §5.1 with what clients make of it: spaces
// around "=", values with spaces and no quotes, a missing semicolon between
// parameters, comments, unclosed quotes. The first of equal names wins.
func parseMediaType(s string) mediaType {
	end := strings.IndexAny(s, ";(")
	if end < 0 {
		end = len(s)
	}
	value := strings.TrimSpace(s[:end])
	rest := s[end:]
	if i := strings.IndexAny(value, " \t"); i > 0 { // "text/plain charset=x"
		rest = value[i:] + rest
		value = value[:i]
	}
	m := mediaType{value: strings.ToLower(strings.Trim(value, "\"'"))}
	for len(m.params) < maxParams {
		var p param
		var ok bool
		if p, rest, ok = cutParam(rest); !ok {
			return m
		}
		if p.name != "" && !m.has(p) {
			m.params = append(m.params, p)
		}
	}
	return m
}

func (m mediaType) has(p param) bool {
	for _, q := range m.params {
		if q.name == p.name && q.extended == p.extended {
			return true
		}
	}
	return false
}

// cutParam takes "; name = value" off the front.
func cutParam(s string) (p param, rest string, ok bool) {
	s = skipComments(s)
	if s == "" {
		return p, "", false
	}
	eq := strings.IndexAny(s, "=;")
	if eq < 0 {
		return p, "", false
	}
	if s[eq] == ';' { // a word without a value
		return p, s[eq+1:], true
	}
	name := strings.ToLower(strings.TrimSpace(s[:eq]))
	if i := strings.LastIndexAny(name, " \t"); i >= 0 {
		name = name[i+1:]
	}
	if strings.HasSuffix(name, "*") {
		p.extended, name = true, name[:len(name)-1]
	}
	p.name = name
	s = strings.TrimLeft(s[eq+1:], " \t")
	if inner, after, closed := cutQuoted(s); closed {
		p.value = inner
		return p, after, true
	}
	s = strings.TrimPrefix(s, "\"")
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	p.value = trimValue(name, s[:end])
	return p, s[end:], true
}

// trimValue cuts an unquoted value: names of files may hold spaces, all other
// values end at white space or a comment.
func trimValue(name, v string) string {
	v = strings.TrimSpace(v)
	if strings.HasPrefix(name, "name") || strings.HasPrefix(name, "filename") {
		return strings.Trim(v, "\"")
	}
	if i := strings.IndexAny(v, " \t("); i >= 0 {
		v = v[:i]
	}
	return strings.Trim(v, "\"'")
}

// skipComments passes over separators and comments before a parameter.
func skipComments(s string) string {
	for {
		s = strings.TrimLeft(s, "; \t\r\n")
		if !strings.HasPrefix(s, "(") {
			return s
		}
		end := strings.IndexByte(s, ')')
		if end < 0 {
			return ""
		}
		s = s[end+1:]
	}
}
