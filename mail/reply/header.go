package reply

import (
	"strings"
	"unicode/utf8"
)

// longestKey is the most bytes of a header key, in any language.
const longestKey = 48

// headerLine reads "Key: value". The key may be bold in plain text ("*From:*").
func headerLine(s string) (f field, key, value string) {
	i := strings.IndexByte(s[:min(len(s), longestKey+1)], ':')
	if i < 0 {
		// East Asian clients write a full-width colon. One byte tells most lines that have none.
		head := s[:min(len(s), longestKey+len("："))]
		if strings.IndexByte(head, "："[0]) < 0 {
			return noField, "", ""
		}
		if i = strings.Index(head, "："); i < 0 {
			return noField, "", ""
		}
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	key = strings.ToLower(strings.TrimFunc(s[:i], func(r rune) bool { return invisible(r) || r == '*' || r == '_' }))
	value = strings.TrimFunc(s[i+n:], func(r rune) bool { return invisible(r) || r == '*' })
	f, ok := keys[key]
	if !ok && strings.ContainsRune(key, ' ') {
		f = keys[strings.ReplaceAll(key, "\u00a0", " ")]
	}
	return f, key, value
}

// block is a run of header lines above an older message.
type block struct {
	end    int // index of the first line after it
	have   [otherField + 1]bool
	mailed bool // a field only mails have, or an address
	dated  bool
}

// headerBlock recognises the lines that start at i as From, Sent, To, Subject.
// It allows one blank line between fields and values that were wrapped.
func (d *doc) headerBlock(i int) (b block, ok bool) {
	if d.looks++; d.looks > mostLooks {
		return b, false
	}
	depth := d.lines[i].depth
	fields, gap, wrapped := 0, 0, 0
	b.end = i
	for j := i; j < len(d.lines) && j < i+40; j++ {
		l := &d.lines[j]
		if l.kind == blank {
			if gap++; gap > 1 || b.have[subjectField] && b.have[fromField] {
				break
			}
			continue
		}
		if l.depth != depth || l.kind == code {
			break
		}
		f, key, value := headerLine(l.text)
		if f == noField {
			// A long list of recipients, or an address on its own line.
			if gap > 0 || fields == 0 || wrapped >= 4 || !continues(l.text, b) {
				break
			}
			wrapped++
			b.mailed = b.mailed || strings.IndexByte(l.text, '@') >= 0
			b.end = j + 1
			continue
		}
		if fields > 12 || b.have[f] && f != otherField && f != toField {
			break // a second From: another block, or prose
		}
		gap, wrapped = 0, 0
		fields++
		b.have[f] = true
		b.mailed = b.mailed || sentKeys[key] || f == subjectField || strings.IndexByte(value, '@') >= 0
		b.dated = b.dated || f == dateField && hasDigit(value)
		b.end = j + 1
	}
	if fields < 2 || !b.mailed {
		return b, false
	}
	kinds := 0
	for _, f := range []field{fromField, dateField, toField, subjectField} {
		if b.have[f] {
			kinds++
		}
	}
	if !b.have[fromField] {
		return b, b.dated && b.have[toField] && kinds >= 2
	}
	return b, kinds >= 2
}

// bareHeaders marks the lines from i on as a header block that has no colons,
// as some clients write it below a divider: From "X" <a@b.example>.
func (d *doc) bareHeaders(i int) {
	from := d.nextText(i)
	end, known, mailed := from, 0, false
	for end < len(d.lines) && end < from+tallestBare && d.lines[end].kind == words && d.lines[end].depth == d.lines[from].depth {
		s := d.lines[end].text
		if f, _, _ := headerLine(s); f != noField {
			return // with colons: another matter
		}
		if bareKey(s) {
			known++
		}
		mailed = mailed || strings.IndexByte(s, '@') >= 0
		end++
	}
	if known < 2 || !mailed || end < len(d.lines) && d.lines[end].kind == words {
		return
	}
	for ; from < end; from++ {
		d.lines[from].kind = header
	}
}

// tallestBare is the most lines a header block without colons has.
const tallestBare = 8

// bareKey tells that s begins with the name of a header field.
func bareKey(s string) bool {
	low := strings.ToLower(s[:min(len(s), longestKey)])
	for i := range len(low) {
		if low[i] == ' ' && keys[low[:i]] != noField {
			return true
		}
	}
	return false
}

// continues tells that a line without a key may belong to the value before it.
func continues(s string, b block) bool {
	if b.have[subjectField] {
		return false
	}
	return strings.ContainsAny(s, "@;") || len(s) < 30 && strings.HasSuffix(s, ">")
}

func hasDigit(s string) bool {
	return strings.ContainsAny(s, "0123456789") || strings.ContainsAny(s, "٠١٢٣٤٥٦٧٨٩")
}
