package mail

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrDraft is returned, wrapped with the place, for a draft that cannot
// become a valid message: a control character in a header value, no sender.
var ErrDraft = errors.New("draft cannot be sent")

// Draft is a message to be composed. From is wanted; all else may be empty.
type Draft struct {
	From, To, Cc, ReplyTo []Address
	// Sender is written when it is not zero (RFC 5322 §3.6.2).
	Sender  Address
	Subject string
	// MessageID, InReplyTo and References are without angle brackets.
	MessageID, InReplyTo string
	References           []string
	Date                 time.Time
	// Header are further fields, written in this order after the standard
	// ones. Their values are written as they are and folded, so non-ASCII
	// text is encoded but structured values stay structured.
	Header []Field
	// Text and HTML are the two forms of the body; lines end in \n.
	Text, HTML string
	// Calendar is an iCalendar object with its METHOD, a third form of the body
	// (RFC 6047 §2.4): the reader's program offers to enter it. Lines end in CRLF.
	Calendar       []byte
	CalendarMethod string
	// Attachments with a ContentID and Inline go beside the HTML
	// (multipart/related), the others after the text.
	Attachments []Attachment
	// Boundary seeds all boundaries; drafts that are alike but for it differ
	// only in them. Letters, digits and hyphens; empty means the MessageID's.
	Boundary string
}

// Compose writes the message with CRLF line ends. It is a pure function:
// the same draft gives the same bytes, so a repeated delivery is the same
// message. The error wraps ErrDraft. Lines are folded at 78 characters where
// they can be and never exceed 998 (RFC 5322 §2.1.1).
func Compose(d *Draft) ([]byte, error) {
	c := &composer{draft: d, seed: boundarySeed(d)}
	c.out.Grow(2048 + 2*(len(d.Text)+len(d.HTML)) + attachmentSize(d.Attachments))
	c.header()
	c.field("MIME-Version", "1.0")
	c.body()
	if c.err != nil {
		return nil, c.err
	}
	return c.out.Bytes(), nil
}

type composer struct {
	draft *Draft
	seed  string
	out   bytes.Buffer
	count int // boundaries used
	err   error
}

func (c *composer) header() {
	d := c.draft
	if len(d.From) == 0 {
		c.fail("From", "no address")
		return
	}
	if !d.Date.IsZero() {
		c.field("Date", d.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	}
	c.addresses("From", d.From)
	if !d.Sender.IsZero() {
		c.addresses("Sender", []Address{d.Sender})
	}
	c.addresses("Reply-To", d.ReplyTo)
	c.addresses("To", d.To)
	c.addresses("Cc", d.Cc)
	c.text("Subject", d.Subject)
	if d.MessageID != "" {
		c.ids("Message-ID", []string{d.MessageID})
	}
	if d.InReplyTo != "" {
		c.ids("In-Reply-To", []string{d.InReplyTo})
	}
	c.ids("References", d.References)
	for _, f := range d.Header {
		if !validFieldName(f.Name) || isOwnField(f.Name) {
			c.fail(fmt.Sprintf("%.40q", f.Name), "not a name for a further field")
			return
		}
		c.text(f.Name, f.Value)
	}
}

func (c *composer) fail(place, why string) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s: %s", ErrDraft, place, why)
	}
}

// addresses writes a list of mailboxes. Each is checked: what comes from a
// database or a form must not be able to add a header (RFC 5322 §2.2).
func (c *composer) addresses(name string, list []Address) {
	if len(list) == 0 {
		return
	}
	parts := make([]string, len(list))
	for i, a := range list {
		if hasControl(a.Name) || !validUTF8(a.Name) {
			c.fail(name, "control character")
			return
		}
		if _, err := ParseMailbox(a.Mailbox()); err != nil {
			c.fail(name, err.Error())
			return
		}
		parts[i] = a.String()
	}
	c.field(name, strings.Join(parts, ", "))
}

// text writes an unstructured value, encoded when it is not ASCII or looks
// like an encoded word.
func (c *composer) text(name, value string) {
	if value == "" && name == "Subject" {
		return
	}
	if hasControl(value) || !validUTF8(value) {
		c.fail(name, "control character")
		return
	}
	if !isASCII(value) || name == "Subject" && (strings.Contains(value, "=?") || hasLongWord(value)) {
		value = encodeWords(value)
	}
	c.field(name, value)
}

func (c *composer) ids(name string, ids []string) {
	if len(ids) == 0 {
		return
	}
	parts := make([]string, 0, len(ids))
	for _, id := range ids {
		if hasControl(id) || strings.ContainsAny(id, "<> ") || !isASCII(id) || id == "" || len(id) > 900 {
			c.fail(name, "not a message id")
			return
		}
		parts = append(parts, "<"+id+">")
	}
	c.field(name, strings.Join(parts, " "))
}

// field writes one header field, folded at its spaces (RFC 5322 §2.2.3).
func (c *composer) field(name, value string) {
	const soft, hard = 78, 998
	c.out.WriteString(name)
	c.out.WriteByte(':')
	col := len(name) + 1
	for i, word := range strings.Split(value, " ") {
		switch {
		case len(word)+1 > hard:
			c.fail(name, "a word of more than 998 octets")
			return
		case i > 0 && word != "" && col+1+len(word) > soft:
			c.out.WriteString("\r\n ")
			col = 1
		default:
			c.out.WriteByte(' ')
			col++
		}
		c.out.WriteString(word)
		col += len(word)
	}
	c.out.WriteString("\r\n")
}

// body writes the MIME structure that the draft needs and no more.
func (c *composer) body() {
	var related, mixed []Attachment
	for _, a := range c.draft.Attachments {
		if a.Inline && a.ContentID != "" && c.draft.HTML != "" {
			related = append(related, a)
		} else {
			mixed = append(mixed, a)
		}
	}
	if len(mixed) == 0 {
		c.textAndHTML(related)
		return
	}
	end := c.open("mixed", "")
	c.next(end)
	c.textAndHTML(related)
	for _, a := range mixed {
		c.next(end)
		c.attachment(a, "attachment")
	}
	c.close(end)
}

func (c *composer) textAndHTML(related []Attachment) {
	d := c.draft
	switch {
	case len(d.Calendar) > 0:
		c.withCalendar(related)
	case d.HTML == "":
		c.textPart("plain", d.Text)
	case d.Text == "":
		c.htmlPart(related)
	default:
		end := c.open("alternative", "")
		c.next(end)
		c.textPart("plain", d.Text)
		c.next(end)
		c.htmlPart(related)
		c.close(end)
	}
}

// withCalendar writes the calendar as the last form, which is the one that
// programs prefer (RFC 2046 §5.1.4).
func (c *composer) withCalendar(related []Attachment) {
	d := c.draft
	if d.CalendarMethod != "REQUEST" && d.CalendarMethod != "CANCEL" {
		c.fail("Calendar", "not a method we send")
		return
	}
	end := c.open("alternative", "")
	c.next(end)
	c.textPart("plain", d.Text)
	if d.HTML != "" {
		c.next(end)
		c.htmlPart(related)
	}
	c.next(end)
	c.textPart("calendar; method="+d.CalendarMethod, string(d.Calendar))
	c.close(end)
}

func (c *composer) htmlPart(related []Attachment) {
	if len(related) == 0 {
		c.textPart("html", c.draft.HTML)
		return
	}
	end := c.open("related", "text/html") // RFC 2387 §3.1 wants the type of the root
	c.next(end)
	c.textPart("html", c.draft.HTML)
	for _, a := range related {
		c.next(end)
		c.attachment(a, "inline")
	}
	c.close(end)
}

// open begins a multipart and returns its boundary. The equals sign and the
// underscore cannot stand together in encoded text (RFC 2045 §6.7), and 8-bit
// bodies are not written, so no content can hold the boundary.
func (c *composer) open(kind, root string) string {
	c.count++
	boundary := fmt.Sprintf("=_%s-%d", c.seed, c.count)
	value := "multipart/" + kind + ";"
	if root != "" {
		value += ` type="` + root + `";`
	}
	c.field("Content-Type", value+` boundary="`+boundary+`"`)
	c.out.WriteString("\r\n")
	return boundary
}

func (c *composer) next(boundary string) { c.out.WriteString("\r\n--" + boundary + "\r\n") }

func (c *composer) close(boundary string) { c.out.WriteString("\r\n--" + boundary + "--\r\n") }

// boundarySeed keeps of the seed what a boundary may hold.
func boundarySeed(d *Draft) string {
	seed := d.Boundary
	if seed == "" {
		seed = d.MessageID
	}
	seed = strings.Map(func(r rune) rune {
		if r < 0x80 && isAlnum(byte(r)) || r == '-' {
			return r
		}
		return -1
	}, seed)
	if seed == "" {
		seed = "part"
	}
	return cutBytes(seed, 50)
}

func attachmentSize(list []Attachment) int {
	n := 0
	for i := range list {
		n += len(list[i].Content)*3/2 + 500
	}
	return n
}

// validFieldName follows RFC 5322 §2.2 and leaves room for a value.
func validFieldName(name string) bool {
	for i := 0; i < len(name); i++ {
		if name[i] <= ' ' || name[i] >= 0x7f || name[i] == ':' {
			return false
		}
	}
	return name != "" && len(name) <= 70
}

// isOwnField tells the fields that may stand once and are written from the
// draft itself (RFC 5322 §3.6); a second one would be read by some and not by others.
func isOwnField(name string) bool {
	switch strings.ToLower(name) {
	case "date", "from", "sender", "reply-to", "to", "cc", "subject", "message-id", "in-reply-to", "references",
		"mime-version", "content-type", "content-transfer-encoding", "content-disposition":
		return true
	}
	return false
}

// hasLongWord tells a word that could not be folded.
func hasLongWord(s string) bool {
	for w := range strings.SplitSeq(s, " ") {
		if len(w) > 200 {
			return true
		}
	}
	return false
}
