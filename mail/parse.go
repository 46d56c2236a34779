package mail

import (
	"bytes"
	"strings"
	"time"
	"unicode"
)

// ParseError tells why a message was not read to its end. Code is stable.
type ParseError struct{ Code string }

// Codes of ParseError.
const (
	CodeTooDeep        = "too_deep"
	CodeTooManyParts   = "too_many_parts"
	CodeHeaderTooLarge = "header_too_large"
	CodeTooSlow        = "too_slow"
	CodeNotAMessage    = "not_a_message"
)

func (e *ParseError) Error() string { return "mail: " + e.Code }

// maxIDs is the most message ids read from one message's References.
const maxIDs = 50

// DefaultLimits are the limits of the zero Limits.
func DefaultLimits() Limits {
	return Limits{Parts: 1000, Depth: 20, HeaderBytes: 256 << 10, HeaderFields: 1000, Addresses: defaultAddresses, Time: time.Second}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, want *int }{
		{&l.Parts, &d.Parts}, {&l.Depth, &d.Depth}, {&l.HeaderBytes, &d.HeaderBytes},
		{&l.HeaderFields, &d.HeaderFields}, {&l.Addresses, &d.Addresses},
	} {
		if *f.have <= 0 {
			*f.have = *f.want
		}
	}
	if l.Time <= 0 {
		l.Time = d.Time
	}
	return l
}

// Parse reads a raw message. What is broken is mended and named in Defects;
// the error is a *ParseError, and then only for an empty message or one that
// passes a limit. raw is only read and not kept.
func Parse(raw []byte, lim Limits) (*Message, error) {
	w := &walker{lim: lim.orDefault(), msg: &Message{Size: len(raw)}}
	w.deadline = time.Now().Add(w.lim.Time)
	raw = w.skipEnvelope(raw)
	if len(bytes.Trim(raw, " \t\r\n\x00")) == 0 {
		return nil, &ParseError{Code: CodeNotAMessage}
	}
	h, body, err := w.readHeader(raw, true)
	if err != nil {
		return nil, err
	}
	if len(h) == 0 {
		w.defect("header.missing")
	}
	top := newPart(h, body, "text/plain")
	w.fields(h)
	found, err := w.walk(top, 0, "")
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(found.text) == "" && strings.TrimSpace(found.html) == "" && w.packed != (content{}) {
		found = w.packed
	}
	w.msg.Text, w.msg.HTML = found.text, found.html
	w.finish()
	return w.msg, nil
}

// ReadHeader gives the header section at the front of raw alone: values unfolded, encoded words as they stand. What
// cannot be read, or is larger than the defaults allow, has none.
func ReadHeader(raw []byte) Header {
	w := &walker{lim: DefaultLimits(), msg: &Message{}}
	h, _, err := w.readHeader(w.skipEnvelope(raw), true)
	if err != nil {
		return nil
	}
	return h
}

// skipEnvelope passes over what is not part of a message: a byte order mark,
// empty lines, the "From " line of mbox files. A message of bare CRs gets
// line feeds.
func (w *walker) skipEnvelope(raw []byte) []byte {
	if cut, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		w.defect("message.bom")
		raw = cut
	}
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0 {
		w.defect("message.bare-cr")
		raw = bytes.ReplaceAll(raw, []byte{'\r'}, []byte{'\n'})
	}
	for len(raw) > 0 {
		line, rest, _ := cutLine(raw)
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			w.defect("message.leading-blank")
		case bytes.HasPrefix(line, []byte("From ")), bytes.HasPrefix(line, []byte(">From ")):
			w.defect("header.mbox")
		default:
			return raw
		}
		raw = rest
	}
	return raw
}

// fields fills the message from its header, then decodes the header itself.
func (w *walker) fields(h Header) {
	m := w.msg
	for i := range h {
		f := &h[i]
		switch len(f.Name) {
		case 2, 4, 6, 8:
			w.addressField(f.Name, f.Value)
		}
		if strings.Contains(f.Value, "=?") {
			f.Value = decodeField(f.Value)
		}
	}
	if len(m.From) == 0 && h.Has("From") {
		w.defect("address.missing")
	}
	m.Header = h
	m.Subject = oneLine(h.Get("Subject"))
	m.Date = parseDate(h.Get("Date"))
	if ids := messageIDs(h.Get("Message-ID"), 1); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	m.InReplyTo = messageIDs(h.Get("In-Reply-To"), maxIDs)
	m.References = messageIDs(strings.Join(h.Values("References"), " "), maxIDs)
}

// decodeField decodes a value; a line break hidden in an encoded word must
// not come out as one.
func decodeField(v string) string {
	v = decodeWords(v)
	if isPlain(v) {
		return v
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return ' '
		}
		return r
	}, v)
}

// addressField reads the mailboxes while encoded words are still closed: a
// decoded comma would part a name in two.
func (w *walker) addressField(name, value string) {
	m := w.msg
	var list *[]Address
	switch {
	case strings.EqualFold(name, "from"):
		list = &m.From
	case strings.EqualFold(name, "sender"):
		list = &m.Sender
	case strings.EqualFold(name, "reply-to"):
		list = &m.ReplyTo
	case strings.EqualFold(name, "to"):
		list = &m.To
	case strings.EqualFold(name, "cc"):
		list = &m.Cc
	default:
		return
	}
	found, err := ParseAddressList(value, w.lim.Addresses-len(*list))
	if len(*list) >= w.lim.Addresses {
		found, err = nil, ErrTooManyAddresses
	}
	switch {
	case err == ErrTooManyAddresses:
		w.defect("address.too-many")
	case err != nil:
		w.defect("address.malformed")
	}
	*list = append(*list, found...)
}

// messageIDs takes the ids out of a field (RFC 5322 §3.6.4), the last max of
// them. Ids without brackets are taken when they look like ids.
func messageIDs(v string, max int) []string {
	var ids []string
	add := func(id string) {
		if strings.IndexFunc(id, unicode.IsSpace) >= 0 {
			id = strings.Join(strings.Fields(id), "") // folded in the middle
		}
		if id != "" && len(id) <= 900 && !strings.ContainsAny(id, "<>") {
			ids = append(ids, id)
		}
	}
	if strings.IndexByte(v, '<') < 0 {
		for word := range strings.FieldsSeq(v) {
			if strings.IndexByte(word, '@') > 0 {
				add(strings.Trim(word, ">,;\""))
			}
		}
	}
	for {
		_, after, ok := strings.Cut(v, "<")
		if !ok {
			break
		}
		id, rest, closed := strings.Cut(after, ">")
		if !closed {
			id, rest = strings.TrimSpace(after), ""
			id, _, _ = strings.Cut(id, " ")
		}
		add(id)
		v = rest
	}
	if len(ids) > max {
		ids = ids[len(ids)-max:]
	}
	return ids
}

// finish draws the conclusions that need the whole message.
func (w *walker) finish() {
	m := w.msg
	markInline(m)
	m.Invitations = invitationsOf(m)
}

// markInline makes inline what the HTML refers to, whatever the part says:
// clients call pictures of the text attachments, and files inline.
func markInline(m *Message) {
	if len(m.Attachments) == 0 || m.HTML == "" {
		return
	}
	refs := make(map[string]bool)
	rest := m.HTML
	for {
		i := strings.Index(rest, "cid:")
		if i < 0 {
			break
		}
		rest = rest[i+4:]
		end := strings.IndexAny(rest, "\"'<> )")
		if end < 0 {
			end = len(rest)
		}
		refs[strings.ToLower(rest[:end])] = true
	}
	for i := range m.Attachments {
		a := &m.Attachments[i]
		if a.ContentID != "" && len(refs) > 0 {
			a.Inline = refs[strings.ToLower(a.ContentID)] || refs[strings.ToLower(percentOnce(a.ContentID))]
		}
	}
}

// percentOnce writes the "@" of a Content-ID as some clients do in cid URLs.
func percentOnce(id string) string { return strings.ReplaceAll(id, "@", "%40") }

// ReceivedCount is the number of hops the message says it made; a loop guard.
func (m *Message) ReceivedCount() int { return m.Header.Count("Received") }
