package mail

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

// textPart writes a text leaf. 7bit where the text allows it, else
// quoted-printable for mostly ASCII text and base64 for other scripts; never
// 8bit, which not every relay takes and which breaks DKIM when converted.
func (c *composer) textPart(kind, s string) {
	s = normalLines(mendString(s))
	switch {
	case fits7bit(s):
		c.field("Content-Type", "text/"+kind+"; charset=utf-8")
		c.field("Content-Transfer-Encoding", "7bit")
		c.out.WriteString("\r\n")
		c.lines7bit(s)
	case mostlyASCII(s):
		c.field("Content-Type", "text/"+kind+"; charset=utf-8")
		c.field("Content-Transfer-Encoding", "quoted-printable")
		c.out.WriteString("\r\n")
		c.quotedPrintable(s)
	default:
		c.field("Content-Type", "text/"+kind+"; charset=utf-8")
		c.field("Content-Transfer-Encoding", "base64")
		c.out.WriteString("\r\n")
		c.base64([]byte(strings.ReplaceAll(s, "\n", "\r\n")))
	}
}

// fits7bit is true for printable ASCII in lines of at most 78, without spaces
// at line ends, which get lost in transit, and without a "From " that mbox
// stores would change.
func fits7bit(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if len(line) > 78 || strings.HasSuffix(line, " ") || strings.HasPrefix(line, "From ") || line == "." {
			return false
		}
		for i := 0; i < len(line); i++ {
			if c := line[i]; c < ' ' && c != '\t' || c >= 0x7f {
				return false
			}
		}
		if strings.HasPrefix(line, "--=_") {
			return false // could be taken for a boundary of ours
		}
	}
	return true
}

func mostlyASCII(s string) bool {
	high := 0
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			high++
		}
	}
	return high*6 < len(s) || high == 0
}

func (c *composer) lines7bit(s string) {
	for line := range strings.SplitAfterSeq(s, "\n") {
		text, ended := strings.CutSuffix(line, "\n")
		c.out.WriteString(text)
		if ended {
			c.out.WriteString("\r\n")
		}
	}
	if !strings.HasSuffix(s, "\n") {
		c.out.WriteString("\r\n")
	}
}

// quotedPrintable writes RFC 2045 §6.7 with lines of at most 76.
func (c *composer) quotedPrintable(s string) {
	const hex = "0123456789ABCDEF"
	col := 0
	for i := 0; i < len(s); i++ {
		ch := s[i]
		if ch == '\n' {
			c.out.WriteString("\r\n")
			col = 0
			continue
		}
		atEnd := i+1 == len(s) || s[i+1] == '\n'
		plain := ch > ' ' && ch < 0x7f && ch != '=' || (ch == ' ' || ch == '\t') && !atEnd
		if col == 0 && (ch == 'F' && strings.HasPrefix(s[i:], "From ") || ch == '.' || ch == '-') {
			plain = false
		}
		need := 1
		if !plain {
			need = 3
		}
		if col+need > 75 && !(atEnd && col+need <= 76) {
			c.out.WriteString("=\r\n")
			col = 0
		}
		if plain {
			c.out.WriteByte(ch)
		} else {
			c.out.WriteByte('=')
			c.out.WriteByte(hex[ch>>4])
			c.out.WriteByte(hex[ch&15])
		}
		col += need
	}
	if col > 0 {
		c.out.WriteString("=\r\n") // the text ends here and not with a line end
	}
}

// base64 writes lines of 76 (RFC 2045 §6.8).
func (c *composer) base64(b []byte) {
	const perLine = 57
	var line [76]byte
	for len(b) > 0 {
		n := min(len(b), perLine)
		size := base64.StdEncoding.EncodedLen(n)
		base64.StdEncoding.Encode(line[:size], b[:n])
		c.out.Write(line[:size])
		c.out.WriteString("\r\n")
		b = b[n:]
	}
}

// attachment writes a leaf that is a file. An attached message may not be
// encoded as such (RFC 2046 §5.2.1), so it travels as opaque bytes with its
// name, which every client offers to save.
func (c *composer) attachment(a Attachment, disposition string) {
	media := a.Type
	if !safeMedia(media) || strings.Count(media, "/") != 1 || strings.HasPrefix(media, "multipart/") || strings.HasPrefix(media, "message/") {
		media = "application/octet-stream"
	}
	if hasControl(a.Name) || !validUTF8(a.Name) {
		c.fail("attachment name", "control character")
		return
	}
	name := cleanFileName(a.Name)
	if name == "" {
		name = nameByType(media)
	}
	c.field("Content-Type", media+"; "+nameParam("name", name))
	c.field("Content-Disposition", disposition+"; "+nameParam("filename", name))
	if a.ContentID != "" {
		c.ids("Content-ID", []string{a.ContentID})
	}
	c.field("Content-Transfer-Encoding", "base64")
	c.out.WriteString("\r\n")
	c.base64(a.Content)
}

// nameParam writes a file name: quoted when it is short ASCII, else in the
// pieces of RFC 2231 §4.1.
func nameParam(param, name string) string {
	if isASCII(name) && len(name) <= 60 {
		return param + "=" + quote(name)
	}
	const room = 50
	var pieces []string
	cur := "utf-8''"
	for i := 0; i < len(name); i++ {
		cell := percentCell(name[i])
		if len(cur)+len(cell) > room {
			pieces = append(pieces, cur)
			cur = ""
		}
		cur += cell
	}
	pieces = append(pieces, cur)
	if len(pieces) == 1 {
		return param + "*=" + pieces[0]
	}
	for i := range pieces {
		pieces[i] = param + "*" + strconv.Itoa(i) + "*=" + pieces[i]
	}
	return strings.Join(pieces, "; ")
}

func percentCell(c byte) string {
	const hex = "0123456789ABCDEF"
	if isAlnum(c) || c == '.' || c == '-' || c == '_' {
		return string(c)
	}
	return string([]byte{'%', hex[c>>4], hex[c&15]})
}

// hasControl tells a character that has no place in a header value: a line
// break would start a header of the sender's choice.
func hasControl(s string) bool {
	for _, r := range s {
		if r < 0x20 && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			return true
		}
	}
	return false
}

func validUTF8(s string) bool { return utf8.ValidString(s) }
