package mail

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// walker goes through the parts of one message within its limits.
type walker struct {
	lim      Limits
	deadline time.Time
	msg      *Message
	parts    int
	counting bool // inside an attached message: only the limits are of interest
	opened   int  // bytes taken out of wrappings so far
	packs    int  // containers opened
	packed   content
}

// part is one entity of RFC 2045 §2.4.
type part struct {
	header   Header
	media    mediaType
	disp     mediaType
	encoding string
	body     []byte
	typed    bool // a usable Content-Type was given
}

// content is what a part adds to the text of the message.
type content struct{ text, html string }

func (w *walker) defect(code string) {
	if !w.counting && !slices.Contains(w.msg.Defects, code) {
		w.msg.Defects = append(w.msg.Defects, code)
	}
}

func newPart(h Header, body []byte, defaultType string) part {
	p := part{header: h, body: body}
	for i := range h {
		if name := h[i].Name; len(name) < 12 || !strings.EqualFold(name[:8], "content-") {
			continue
		}
		switch v, name := h[i].Value, h[i].Name[8:]; {
		case strings.EqualFold(name, "type"):
			if p.media.value == "" {
				p.media = parseMediaType(v)
			}
		case strings.EqualFold(name, "disposition"):
			if p.disp.value == "" {
				p.disp = parseMediaType(v)
			}
		case strings.EqualFold(name, "transfer-encoding"):
			p.encoding = encodingName(v)
		}
	}
	if major, minor, ok := strings.Cut(p.media.value, "/"); ok && major != "" && minor != "" {
		p.typed = true
	} else {
		p.media.value = defaultType // RFC 2045 §5.2
	}
	return p
}

func encodingName(v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if i := strings.IndexAny(v, " ;("); i > 0 {
		v = v[:i]
	}
	switch v = strings.Trim(v, "\"'"); v {
	case "7-bit":
		return "7bit"
	case "8-bit":
		return "8bit"
	case "x-uuencode", "x-uue", "uue":
		return "uuencode"
	case "quotedprintable", "quoted_printable", "qp":
		return "quoted-printable"
	case "base-64", "b64":
		return "base64"
	}
	return v
}

// fileName is the name the part claims, raw.
func (p part) fileName() string {
	if n := p.disp.get("filename"); n != "" {
		return n
	}
	return p.media.get("name")
}

// walk reads one part. in is the subtype of the multipart around it.
func (w *walker) walk(p part, depth int, in string) (content, error) {
	w.parts++
	switch {
	case w.parts > w.lim.Parts:
		return content{}, &ParseError{Code: CodeTooManyParts}
	case depth > w.lim.Depth:
		return content{}, &ParseError{Code: CodeTooDeep}
	case time.Now().After(w.deadline):
		return content{}, &ParseError{Code: CodeTooSlow}
	}
	if kind, ok := strings.CutPrefix(p.media.value, "multipart/"); ok {
		return w.multipart(p, depth, kind)
	}
	if p.media.value == "message/rfc822" || p.media.value == "message/global" {
		return content{}, w.attachedMessage(p, depth)
	}
	if p.isCMS() {
		if c, opened, err := w.cms(p, depth, in); opened || err != nil {
			return c, err
		}
	}
	if w.counting {
		return content{}, nil
	}
	if media, ok := p.textual(in); ok {
		return w.text(p, media), nil
	}
	if p.isSignature(in) {
		w.signedWith(signatureKind(p.media.value))
		return content{}, nil
	}
	if p.isTNEF() {
		if opened, err := w.tnef(p); opened || err != nil {
			return content{}, err
		}
	}
	w.attach(p, in)
	return content{}, nil
}

// textual tells whether a part is words of the message and not a file.
func (p part) textual(in string) (media string, ok bool) {
	media = p.media.value
	if !p.typed && media == "text/plain" && looksLikeHTML(p.body) {
		media = "text/html"
	}
	if media != "text/plain" && media != "text/html" || p.disp.value == "attachment" {
		return "", false
	}
	// At the top and in an alternative there is nothing else it could be.
	return media, in == "" || in == "alternative" || p.fileName() == ""
}

func looksLikeHTML(body []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 256)]))
	return bytes.HasPrefix(head, []byte("<html")) || bytes.HasPrefix(head, []byte("<!doctype html"))
}

// text decodes a text part.
func (w *walker) text(p part, media string) content {
	raw := viewTransfer(p.body, p.encoding, w.defect)
	charset := p.media.raw("charset")
	if charset == "" && media == "text/html" {
		charset = metaCharset(raw)
	}
	s := w.words(raw, charset)
	if media == "text/html" {
		return content{html: s}
	}
	if strings.EqualFold(p.media.raw("format"), "flowed") {
		s = unflow(s, strings.EqualFold(p.media.raw("delsp"), "yes"))
	}
	return content{text: w.uuencoded(w.armor(s))}
}

// words is the text of raw with \n line ends. Most mail is UTF-8 as it says and
// becomes text in one copy.
func (w *walker) words(raw []byte, charset string) string {
	if (charset == "" || strings.EqualFold(charset, "utf-8")) && utf8.Valid(raw) {
		if bytes.IndexByte(raw, 0) >= 0 {
			w.defect("text.nul")
		}
		return normalBytes(raw)
	}
	if len(raw) <= wordsPiece || strings.HasPrefix(strings.ToLower(charset), "utf-16") {
		return w.piece(raw, charset)
	}
	// Decoding makes several copies, so a large text is decoded some lines at a
	// time: in the charsets of mail a line feed is never part of a character.
	var out strings.Builder
	out.Grow(len(raw) + len(raw)/16)
	for len(raw) > 0 {
		end := len(raw)
		if end > wordsPiece {
			if i := bytes.IndexByte(raw[wordsPiece:], '\n'); i >= 0 {
				end = wordsPiece + i + 1
			}
		}
		out.WriteString(w.piece(raw[:end], charset))
		raw = raw[end:]
	}
	return out.String()
}

// wordsPiece is about how many bytes of a large text are decoded at a time.
const wordsPiece = 1 << 20

func (w *walker) piece(raw []byte, charset string) string {
	s := decodeCharset(raw, charset, w.defect)
	if strings.IndexByte(s, 0) >= 0 {
		w.defect("text.nul")
	}
	return normalLines(s)
}

// metaCharset looks for the charset an HTML text gives itself, when its bytes
// leave a doubt.
func metaCharset(raw []byte) string {
	if isASCIIBytes(raw) {
		return ""
	}
	head := bytes.ToLower(raw[:min(len(raw), 1024)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return ""
	}
	v := bytes.TrimLeft(head[i+8:], "\"' ")
	if end := bytes.IndexAny(v, "\"' ;/>"); end >= 0 {
		return string(v[:end])
	}
	return ""
}

// multipart walks the parts inside and puts their texts together.
func (w *walker) multipart(p part, depth int, kind string) (content, error) {
	switch {
	case w.counting:
	case kind == "encrypted":
		w.msg.Encrypted = true
	case kind == "report" && w.msg.ReportType == "":
		w.msg.ReportType = strings.ToLower(p.media.raw("report-type"))
	}
	body, delim := w.delimiter(p)
	var rest []byte
	last := false
	if delim != nil {
		_, rest, last = cutPart(body, delim)
	}
	if rest == nil {
		w.defect("boundary.missing")
		leaf := part{header: p.header, disp: p.disp, encoding: p.encoding, body: body}
		leaf.media.value = "text/plain"
		return w.walk(leaf, depth+1, "")
	}
	var pieces []content
	for !last && len(rest) > 0 {
		var raw []byte
		raw, rest, last = cutPart(rest, delim)
		if rest == nil && !last {
			w.defect("part.unclosed")
		}
		if last && len(rest) > 0 && bytes.Contains(rest, delim) { // closed too early
			_, rest, last = cutPart(rest, delim)
		}
		piece, err := w.child(raw, depth, kind, len(pieces) == 0)
		if err != nil {
			return content{}, err
		}
		pieces = append(pieces, piece)
	}
	if kind == "alternative" {
		return choose(pieces), nil
	}
	return merge(pieces), nil
}

// child reads one part of a multipart.
func (w *walker) child(raw []byte, depth int, kind string, first bool) (content, error) {
	h, body, err := w.readHeader(raw, false)
	if err != nil {
		return content{}, err
	}
	defaultType := "text/plain"
	if kind == "digest" {
		defaultType = "message/rfc822" // RFC 2046 §5.1.5
	}
	p := newPart(h, body, defaultType)
	if kind == "encrypted" {
		if p.media.value == "application/pgp-encrypted" {
			return content{}, nil // says only "Version: 1" (RFC 3156 §4)
		}
		p.disp.value = "attachment"
	}
	if kind == "alternative" && (p.media.value == "text/x-amp-html" || p.media.value == "text/watch-html") {
		return content{}, nil // a third form of the same words
	}
	return w.walk(p, depth+1, kind)
}

// delimiter finds the line that parts the body: the declared boundary, or,
// when that does not occur, a line that stands above part headers. A whole
// multipart that was encoded, against RFC 2045 §6.4, is decoded.
func (w *walker) delimiter(p part) (body, delim []byte) {
	body = p.body
	if b := p.media.raw("boundary"); b != "" {
		delim = []byte("--" + strings.TrimRight(b, " \t"))
		if bytes.Contains(body, delim) {
			return body, delim
		}
		if p.encoding == "base64" || p.encoding == "quoted-printable" {
			if decoded := decodeTransfer(body, p.encoding, nil); bytes.Contains(decoded, delim) {
				w.defect("multipart.encoded")
				return decoded, delim
			}
		}
	}
	rest := body
	for range 200 {
		line, after, _ := cutLine(rest)
		if bytes.HasPrefix(line, []byte("--")) && len(line) > 2 && partHeaderFollows(after) {
			w.defect("boundary.missing")
			return body, bytes.TrimRight(bytes.Clone(line), " \t")
		}
		if len(after) == 0 {
			break
		}
		rest = after
	}
	return body, nil
}

func partHeaderFollows(rest []byte) bool {
	name, _, ok := cutField(rest[:min(len(rest), 200)])
	return ok && len(name) > 8 && strings.EqualFold(string(name[:8]), "content-")
}

// cutPart takes what stands before the next delimiter line (RFC 2046 §5.1.1),
// without the line end that belongs to the delimiter. last tells that the
// closing delimiter was met; rest is nil when none was.
func cutPart(body, delim []byte) (before, rest []byte, last bool) {
	for pos := 0; ; {
		i := bytes.Index(body[pos:], delim)
		if i < 0 {
			return body, nil, false
		}
		i += pos
		pos = i + 1
		if i > 0 && body[i-1] != '\n' {
			continue
		}
		line, after, _ := cutLine(body[i+len(delim):])
		line = bytes.TrimRight(line, " \t\r")
		last = bytes.HasPrefix(line, []byte("--"))
		if len(line) > 0 && !last {
			continue // a longer boundary that begins like ours
		}
		before = bytes.TrimSuffix(body[:i], []byte("\n"))
		if after == nil {
			after = []byte{}
		}
		return bytes.TrimSuffix(before, []byte("\r")), after, last
	}
}

// choose takes one text and one HTML of a multipart/alternative (RFC 2046
// §5.1.4): the plainest plain one and the richest rich one.
func choose(pieces []content) content {
	var out content
	for _, p := range pieces {
		if strings.TrimSpace(out.text) == "" && p.text != "" {
			out.text = p.text
		}
		if p.html != "" {
			out.html = p.html
		}
	}
	return out
}

// merge joins the texts of one multipart in order. When some pieces are only
// plain and some only HTML, each is converted for the other side: a reader of
// either must not miss a word.
func merge(pieces []content) content {
	if len(pieces) == 1 {
		return pieces[0]
	}
	pieces = slices.DeleteFunc(pieces, func(p content) bool { return p.text == "" && p.html == "" })
	anyText, anyHTML := false, false
	for _, p := range pieces {
		anyText = anyText || p.text != ""
		anyHTML = anyHTML || p.html != ""
	}
	var text, html strings.Builder
	for _, p := range pieces {
		if anyText && p.text == "" {
			p.text = HTMLToText(p.html)
		}
		if anyHTML && p.html == "" {
			p.html = textToHTML(p.text)
		}
		appendBlock(&text, p.text)
		appendBlock(&html, p.html)
	}
	return content{text.String(), html.String()}
}

// appendBlock adds s on a line of its own.
func appendBlock(b *strings.Builder, s string) {
	if b.Len() > 0 && s != "" && !strings.HasSuffix(b.String(), "\n") {
		b.WriteByte('\n')
	}
	b.WriteString(s)
}

// attachedMessage keeps a forwarded message as a file, and walks it for the
// limits only: whoever opens it later relies on them.
func (w *walker) attachedMessage(p part, depth int) error {
	raw := decodeTransfer(p.body, p.encoding, w.defect)
	was := w.counting
	w.counting = true
	h, body, err := w.readHeader(w.skipEnvelope(raw), true)
	if err == nil {
		_, err = w.walk(newPart(h, body, "text/plain"), depth+1, "")
	}
	w.counting = was
	if err != nil || w.counting {
		return err
	}
	name := cleanFileName(p.fileName())
	if name == "" {
		name = cleanFileName(messageFileName(decodeField(h.Get("Subject"))))
	} else if !strings.Contains(name, ".") {
		name += ".eml"
	}
	w.msg.Attachments = append(w.msg.Attachments, Attachment{Name: name, Type: p.media.value, ContentID: p.contentID(), Steered: steered(p.fileName()), Content: raw})
	return nil
}

func messageFileName(subject string) string {
	subject = strings.Trim(strings.NewReplacer("/", "-", `\`, "-", ":", "").Replace(subject), " .")
	if subject == "" {
		subject = "message"
	}
	return cutBytes(subject, 120) + ".eml"
}

func (p part) contentID() string {
	id := strings.TrimSpace(p.header.Get("Content-ID"))
	return oneLine(strings.Trim(id, "<> "))
}

// attach keeps a leaf as a file.
func (w *walker) attach(p part, in string) {
	media := p.media.value
	if !p.typed && p.fileName() != "" || !safeMedia(media) {
		media = "application/octet-stream"
	}
	a := Attachment{
		Name:      cleanFileName(p.fileName()),
		Type:      media,
		ContentID: p.contentID(),
		Steered:   steered(p.fileName()),
		Content:   decodeTransfer(p.body, p.encoding, w.defect),
	}
	switch {
	case a.Name != "":
	case in == "encrypted":
		a.Name = "encrypted.asc"
	default:
		a.Name = nameByType(media)
	}
	a.Inline = p.disp.value == "inline" && strings.HasPrefix(media, "image/") || in == "related" && a.ContentID != "" && p.disp.value != "attachment"
	switch media {
	case "text/calendar":
		w.msg.Calendar = true
	case "application/pgp-encrypted": // the rest of a multipart/encrypted that a server took apart
		w.msg.Encrypted = true
	}
	w.msg.Attachments = append(w.msg.Attachments, a)
}

// safeMedia lets only the characters of RFC 6838 §4.2 into a media type.
func safeMedia(media string) bool {
	if len(media) > 127 {
		return false
	}
	for i := 0; i < len(media); i++ {
		if c := media[i]; !isAlnum(c) && strings.IndexByte("!#$&-^_.+/", c) < 0 {
			return false
		}
	}
	return true
}
