package tnef

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
)

// dictionary is what the window of MS-OXRTFCP §2.1.2.1 holds at first.
const dictionary = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

const (
	compressed   = 0x75465a4c // "LZFu"
	uncompressed = 0x414c454d // "MELA"
	packedHeader = 16
)

// expand undoes the compression of MS-OXRTFCP, as far as the bytes go.
func expand(b []byte) []byte { return unpack(b, nil) }

// unpack is expand; with trace it tells of each byte of the text where in b it
// stands: at n as itself, at -n-1 where a token repeats it, at -1 before all of b.
func unpack(b []byte, trace *[]int) []byte {
	if len(b) < packedHeader {
		return nil
	}
	size := min(int64(binary.LittleEndian.Uint32(b[4:])), maxRTF)
	kind := binary.LittleEndian.Uint32(b[8:])
	b = b[packedHeader:]
	if kind == uncompressed {
		return b[:min(int64(len(b)), size)]
	}
	if kind != compressed {
		return nil
	}
	var window [4096]byte
	var origin [4096]int
	at, whole := copy(window[:], dictionary), len(b)
	// A token of two bytes makes at most 17, so the size that is claimed is
	// not believed beyond that.
	out := make([]byte, 0, min(size, int64(len(b))*9))
	put := func(c byte, source int) {
		if out = append(out, c); trace != nil {
			*trace = append(*trace, source)
		}
		window[at], origin[at] = c, max(source, -source-1)
		at = (at + 1) & 4095
	}
	for len(b) > 0 && int64(len(out)) < size {
		control := b[0]
		b = b[1:]
		for bit := range 8 {
			if int64(len(out)) >= size || len(b) == 0 {
				break
			}
			if control>>bit&1 == 0 {
				put(b[0], packedHeader+whole-len(b))
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out
			}
			token := int(b[0])<<8 | int(b[1])
			b = b[2:]
			from, n := token>>4, token&15+2
			if from == at { // the end mark
				return out
			}
			for range n {
				put(window[from], -origin[from]-1)
				from = (from + 1) & 4095
			}
		}
	}
	return out
}

// maxGroups is the deepest nesting of RTF groups that is read.
const maxGroups = 500

type group struct {
	skip     bool // a destination that is not the text
	fallback int  // bytes to pass over after a \u (RTF 1.9, \uc)
}

// rtfReader takes the words out of RTF.
type rtfReader struct {
	src      []byte
	text     Charset
	codePage int
	out      strings.Builder
	narrow   []byte // bytes of the code page not yet turned into text
	groups   []group
	pass     int  // bytes still to pass over after a \u
	high     rune // the first half of a character written in two
}

// rtfText is the plain text of an RTF document.
func rtfText(src []byte, text Charset) string {
	r := rtfReader{src: src, text: text, codePage: 1252, groups: []group{{fallback: 1}}}
	for len(r.src) > 0 && len(r.groups) < maxGroups {
		c := r.src[0]
		r.src = r.src[1:]
		switch c {
		case '{':
			r.groups = append(r.groups, *r.group())
		case '}':
			if len(r.groups) > 1 {
				r.groups = r.groups[:len(r.groups)-1]
			}
		case '\\':
			r.control()
		case '\r', '\n', 0:
		default:
			r.byte(c)
		}
	}
	r.flush()
	return strings.TrimSpace(r.out.String())
}

func (r *rtfReader) group() *group { return &r.groups[len(r.groups)-1] }

func (r *rtfReader) byte(c byte) {
	switch {
	case r.group().skip:
	case r.pass > 0:
		r.pass--
	default:
		r.narrow = append(r.narrow, c)
	}
}

func (r *rtfReader) flush() {
	if len(r.narrow) > 0 {
		r.out.WriteString(r.text(r.narrow, r.codePage))
		r.narrow = r.narrow[:0]
	}
}

func (r *rtfReader) write(s string) {
	if !r.group().skip {
		r.flush()
		r.out.WriteString(s)
	}
}

// control reads what follows a backslash.
func (r *rtfReader) control() {
	if len(r.src) == 0 {
		return
	}
	c := r.src[0]
	if c|0x20 < 'a' || c|0x20 > 'z' {
		r.src = r.src[1:]
		r.symbol(c)
		return
	}
	n := 1
	for n < len(r.src) && n < 32 && r.src[n]|0x20 >= 'a' && r.src[n]|0x20 <= 'z' {
		n++
	}
	word := string(r.src[:n])
	m := n
	for m < len(r.src) && m < n+11 && (r.src[m] >= '0' && r.src[m] <= '9' || m == n && r.src[m] == '-') {
		m++
	}
	number, err := strconv.Atoi(string(r.src[n:m]))
	if err != nil {
		number = -1
	}
	if m < len(r.src) && r.src[m] == ' ' {
		m++
	}
	r.src = r.src[m:]
	r.word(word, number)
}

func (r *rtfReader) symbol(c byte) {
	switch c {
	case '\'':
		if len(r.src) < 2 {
			return
		}
		v, err := strconv.ParseUint(string(r.src[:2]), 16, 8)
		r.src = r.src[2:]
		if err == nil {
			r.byte(byte(v))
		}
	case '*':
		r.group().skip = true
	case '~':
		r.write("\u00a0")
	case '_':
		r.write("-")
	case '\r', '\n':
		r.write("\n")
	case '\\', '{', '}':
		r.byte(c)
	}
}

func (r *rtfReader) word(word string, number int) {
	switch word {
	case "par", "line", "row", "sect", "page":
		r.write("\n")
	case "tab", "cell":
		r.write("\t")
	case "emdash":
		r.write("—")
	case "endash":
		r.write("–")
	case "lquote":
		r.write("‘")
	case "rquote":
		r.write("’")
	case "ldblquote":
		r.write("“")
	case "rdblquote":
		r.write("”")
	case "bullet":
		r.write("•")
	case "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "fldinst":
		r.group().skip = true
	case "ansicpg":
		if number > 0 && number < 1<<16 {
			r.codePage = number
		}
	case "uc":
		r.group().fallback = min(max(number, 0), 16)
	case "u":
		r.unit(rune(uint16(number)))
	}
}

// unit writes a UTF-16 unit; what stands behind it is for older readers.
func (r *rtfReader) unit(u rune) {
	r.pass = r.group().fallback
	if utf16.IsSurrogate(u) && u < 0xdc00 {
		r.high = u
		return
	}
	if r.high != 0 {
		u, r.high = utf16.DecodeRune(r.high, u), 0
	}
	r.write(string(u))
}
