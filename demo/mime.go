package demo

import (
	"encoding/base64"
	"mime"
	"mime/quotedprintable"
	"strings"

	"planpost/mail"
)

// part is a piece of a message as a program writes it: header lines, and a
// body that is encoded already, or parts with their boundary.
type part struct {
	fields   []string
	body     string
	boundary string
	// preamble is what old readers see before the first part.
	preamble string
	parts    []*part
}

func (p *part) bytes() []byte {
	var b strings.Builder
	p.write(&b)
	return []byte(b.String())
}

func (p *part) write(b *strings.Builder) {
	for _, f := range p.fields {
		b.WriteString(f + "\r\n")
	}
	b.WriteString("\r\n")
	if p.boundary == "" {
		b.WriteString(p.body)
		if !strings.HasSuffix(p.body, "\r\n") {
			b.WriteString("\r\n")
		}
		return
	}
	if p.preamble != "" {
		b.WriteString(p.preamble + "\r\n\r\n")
	}
	for _, child := range p.parts {
		b.WriteString("--" + p.boundary + "\r\n")
		child.write(b)
		b.WriteString("\r\n")
	}
	b.WriteString("--" + p.boundary + "--\r\n")
}

// crlf gives network line ends (RFC 5321 §2.3.8).
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func quotedPrintable(s string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(crlf(s))) // a strings.Builder does not fail
	_ = w.Close()
	return b.String()
}

func base64Lines(content []byte) string {
	s := base64.StdEncoding.EncodeToString(content)
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	b.WriteString(s + "\r\n")
	return b.String()
}

// text is a text part in the encoding named; 7bit and 8bit leave it as it is.
func text(contentType, encoding, s string) *part {
	p := &part{fields: []string{"Content-Type: " + contentType, "Content-Transfer-Encoding: " + encoding}}
	switch encoding {
	case "quoted-printable":
		p.body = quotedPrintable(s)
	case "base64":
		p.body = base64Lines([]byte(crlf(s)))
	default:
		p.body = crlf(s)
	}
	return p
}

// encodingFor is what most programs take: 7bit where it does, base64 for
// mostly foreign letters, else quoted-printable.
func encodingFor(s string) string {
	high := 0
	for i := range len(s) {
		if s[i] >= 0x80 {
			high++
		}
	}
	switch {
	case high == 0 && longest(s) < 900:
		return "7bit"
	case high*3 > len(s):
		return "base64"
	}
	return "quoted-printable"
}

// longest is the length of the longest line.
func longest(s string) (n int) {
	for line := range strings.SplitSeq(s, "\n") {
		n = max(n, len(line))
	}
	return n
}

// encoded writes a header value, as encoded words when it is not ASCII (RFC 2047).
func encoded(s string) string {
	return strings.ReplaceAll(mime.BEncoding.Encode("UTF-8", s), "?= =?", "?=\r\n =?")
}

// withFiles wraps a body together with attachments, as multipart/mixed. The
// body's own content fields move inward.
func withFiles(p *part, contentType, boundary string, files []mail.Attachment, extra func(i int) []string) *part {
	if len(files) == 0 {
		return p
	}
	outer, inner := &part{boundary: boundary, preamble: p.preamble}, &part{body: p.body, boundary: p.boundary, parts: p.parts}
	for _, f := range p.fields {
		if name, _, _ := strings.Cut(strings.ToLower(f), ":"); strings.HasPrefix(name, "content-") && name != "content-language" {
			inner.fields = append(inner.fields, f)
		} else {
			outer.fields = append(outer.fields, f)
		}
	}
	outer.fields = append(outer.fields, "Content-Type: "+contentType)
	outer.parts = append(outer.parts, inner)
	for i := range files {
		outer.parts = append(outer.parts, attached(&files[i], extra, i))
	}
	return outer
}

func attached(f *mail.Attachment, extra func(i int) []string, i int) *part {
	p := &part{body: base64Lines(f.Content), fields: []string{
		"Content-Type: " + f.Type + "; name=\"" + encoded(strings.NewReplacer(`"`, "'", `\`, "-").Replace(f.Name)) + "\"",
		"Content-Disposition: " + mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}),
		"Content-Transfer-Encoding: base64"}}
	if extra != nil {
		p.fields = append(p.fields, extra(i)...)
	}
	return p
}

// inner is what stands within the body element of an HTML document.
func inner(doc string) string {
	low := strings.ToLower(doc)
	if i := strings.Index(low, "<body"); i >= 0 {
		if end := strings.IndexByte(low[i:], '>'); end >= 0 {
			doc, low = doc[i+end+1:], low[i+end+1:]
		}
	}
	if i := strings.LastIndex(low, "</body"); i >= 0 {
		doc = doc[:i]
	}
	return strings.TrimSpace(doc)
}
