package mail

import (
	"strings"
)

// maxUU is the most files taken out of one text.
const maxUU = 50

// uuencoded takes the files out of a text that old programs wrote into it
// (POSIX uuencode): from "begin 644 name" to "end". A block that is not whole
// stays in the text.
func (w *walker) uuencoded(s string) string {
	if !strings.HasPrefix(s, "begin ") && !strings.Contains(s, "\nbegin ") {
		return s
	}
	var out strings.Builder
	for found := 0; s != "" && found < maxUU; {
		start := 0
		if !strings.HasPrefix(s, "begin ") {
			i := strings.Index(s, "\nbegin ")
			if i < 0 {
				break
			}
			start = i + 1
		}
		name, content, end, whole := cutUU(s[start:])
		out.WriteString(s[:start])
		if whole {
			w.uuFile(name, content)
			found++
		} else {
			out.WriteString(s[start : start+end])
		}
		s = s[start+end:]
	}
	return out.String() + s
}

func (w *walker) uuFile(name string, content []byte) {
	w.defect("uuencode.opened")
	a := Attachment{Name: cleanFileName(name), Type: "application/octet-stream", Steered: steered(name), Content: content}
	if a.Name == "" {
		a.Name = nameByType(a.Type)
	}
	w.msg.Attachments = append(w.msg.Attachments, a)
}

// cutUU reads the block at the front of s. end is how far it was read; no
// other block begins before it.
func cutUU(s string) (name string, content []byte, end int, whole bool) {
	line, rest, _ := strings.Cut(s, "\n")
	end = len(s) - len(rest)
	mode, name, ok := strings.Cut(strings.TrimPrefix(line, "begin "), " ")
	name = strings.TrimSpace(name)
	if !ok || name == "" || len(mode) < 3 || len(mode) > 4 || strings.Trim(mode, "01234567") != "" {
		return "", nil, end, false
	}
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\n")
		line = strings.TrimRight(line, "\r")
		if line == "end" {
			return name, content, len(s) - len(after), true
		}
		if content, ok = appendUU(content, line); !ok {
			return "", nil, len(s) - len(rest), false
		}
		rest = after
	}
	return "", nil, len(s), false
}

// appendUU decodes one line: its length, then four characters for three bytes.
// Blanks at the end may have been lost in transit.
func appendUU(dst []byte, line string) ([]byte, bool) {
	if strings.TrimSpace(line) == "" {
		return dst, true
	}
	n := int(line[0]) - ' '
	if n < 0 || n > 64 || len(line) > 1+4*22 {
		return dst, false
	}
	n &= 63
	line = line[1:]
	var group [4]byte
	for n > 0 {
		for i := range group {
			group[i] = 0
			if i < len(line) {
				if line[i] < ' ' || line[i] > '`' {
					return dst, false
				}
				group[i] = (line[i] - ' ') & 63
			}
		}
		three := [3]byte{group[0]<<2 | group[1]>>4, group[1]<<4 | group[2]>>2, group[2]<<6 | group[3]}
		dst = append(dst, three[:min(n, 3)]...)
		line = line[min(4, len(line)):]
		n -= 3
	}
	return dst, len(line) <= 2 // some writers add a checksum
}

// decodeUU is for a part whose encoding says it is uuencoded; what is not stays.
func decodeUU(body []byte, defect func(string)) []byte {
	s := string(body)
	start := 0
	if !strings.HasPrefix(s, "begin ") {
		start = strings.Index(s, "\nbegin ") + 1
	}
	if _, content, _, whole := cutUU(s[start:]); whole {
		return content
	}
	tell(defect, "encoding.wrong")
	return []byte(s)
}
