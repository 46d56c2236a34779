package core

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"

	"planpost/mail"
)

// redactFiles takes our live addresses and links out of files that are text, or
// hold some as Outlook's mails do: a mail that somebody attaches whole holds
// those of its reader, and whoever may see the comment may fetch the file.
func (c *Core) redactFiles(list []mail.Attachment) {
	for i := range list[:min(len(list), mostFiles)] {
		f := &list[i]
		head, tail := mail.FileSample(f.Content)
		if facts := mail.FactsOfFile(f.Name, f.Type, head, tail); textual(facts.Kind) || mail.IsCompound(head) {
			f.Content = c.redactText(f.Content)
		}
	}
}

// textual tells which files hold words as they are, and not packed or in a format of their own.
func textual(k mail.FileKind) bool {
	switch k {
	case mail.FileMail, mail.FileText, mail.FileWebPage, mail.FileCalendar:
		return true
	}
	return false
}

// redactText is redact for a whole file. What is neither text nor a compound
// file stays as it is: cut anywhere it could not be opened.
func (c *Core) redactText(content []byte) []byte {
	if bytes.IndexByte(content, 0) < 0 {
		return c.redactSource(content)
	}
	if mail.IsCompound(content) {
		return blotCompound(content)
	}
	if clean, ok := c.redactWide(string(content)); ok {
		return []byte(clean)
	}
	return content
}

// redactWide is redact for UTF-16, in which Windows writes text; false for what is none.
func (c *Core) redactWide(s string) (string, bool) {
	order := wideOrder(s)
	if order == nil {
		return s, false
	}
	units := make([]uint16, len(s)/2)
	for i := range units {
		units[i] = order.Uint16([]byte(s[2*i : 2*i+2]))
	}
	plain := string(utf16.Decode(units))
	clean := c.redact(plain)
	if clean == plain {
		return s, true
	}
	out := make([]byte, 0, 2*len(clean))
	for _, u := range utf16.Encode([]rune(clean)) {
		out = order.AppendUint16(out, u)
	}
	return string(out), true
}

// byteOrder reads and writes the units of UTF-16.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// wideOrder tells which half of its units comes first: by the mark at the
// beginning (RFC 2781 §3.2), else by where the zeros of Latin letters are, of
// which any token is made. Nil for what is no UTF-16.
func wideOrder(s string) byteOrder {
	switch {
	case len(s) < 2 || len(s)%2 != 0:
		return nil
	case strings.HasPrefix(s, "\xff\xfe"):
		return binary.LittleEndian
	case strings.HasPrefix(s, "\xfe\xff"):
		return binary.BigEndian
	}
	zeros := [2]int{}
	for i := range len(s) {
		if s[i] == 0 {
			zeros[i%2]++
		}
	}
	switch few := len(s) / 16; {
	case zeros[1] > few && zeros[0] == 0:
		return binary.LittleEndian
	case zeros[0] > few && zeros[1] == 0:
		return binary.BigEndian
	}
	return nil
}

// mostText is the largest file of a page's form that is looked through, in bytes.
const mostText = 16 << 20

// redactUpload does the same for a file that somebody sends in a page.
func (c *Core) redactUpload(f *Upload) error {
	start := make([]byte, 64<<10)
	n, err := io.ReadFull(f.Content, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	start = start[:n]
	whole := io.MultiReader(bytes.NewReader(start), f.Content)
	f.Content = whole
	if facts := mail.FactsOfFile(f.Name, f.Type, start, nil); !textual(facts.Kind) && !mail.IsCompound(start) {
		return nil
	}
	content, err := io.ReadAll(io.LimitReader(whole, mostText))
	if err != nil {
		return err
	}
	if len(content) < mostText {
		content = c.redactText(content)
	}
	f.Content = io.MultiReader(bytes.NewReader(content), whole)
	return nil
}
