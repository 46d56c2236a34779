package mail

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// defaultAddresses is the most mailboxes read from a field when nothing is said.
const defaultAddresses = 500

// maxSpec is more than any address is long.
const maxSpec = 2 * (maxLocal + maxDomain)

// maxComment is the deepest nesting of comments followed.
const maxComment = 20

// ParseMailbox reads "local@domain" as SMTP has it (RFC 5321 §4.1.2, with
// RFC 6531): no display name, no comment, no angle brackets. It is strict,
// and its error wraps ErrAddress.
func ParseMailbox(s string) (Address, error) {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 {
		return Address{}, fmt.Errorf("%w: no @", ErrAddress)
	}
	local, domain := s[:at], strings.TrimSuffix(s[at+1:], ".")
	if local[0] == '"' {
		inner, rest, ok := cutQuoted(local)
		if !ok || rest != "" {
			return Address{}, fmt.Errorf("%w: quotes", ErrAddress)
		}
		local = inner
	} else if err := checkDotAtom(local); err != nil {
		return Address{}, err
	}
	a := Address{Local: local, Domain: domain}
	return a, a.check()
}

// ParseAddress reads one mailbox as a person or a client writes it, with or
// without a display name. Text that holds several or none is an error that
// wraps ErrAddress.
func ParseAddress(s string) (Address, error) {
	list, err := ParseAddressList(s, 2)
	if len(list) != 1 {
		return Address{}, fmt.Errorf("%w: %d mailboxes", ErrAddress, len(list))
	}
	return list[0], err
}

// ParseAddressList reads the mailboxes of one undecoded field value
// (RFC 5322 §3.4 and its obsolete forms), groups opened, in order. Encoded
// words are decoded in display names only, never in the address itself.
//
// It returns every usable mailbox also when it returns an error: one wrapping
// ErrAddress for a piece that is no address, ErrTooManyAddresses for more
// than max (500 when max <= 0). An empty field or group is no error.
func ParseAddressList(field string, max int) ([]Address, error) {
	if max <= 0 {
		max = defaultAddresses
	}
	p := addressParser{s: field, max: max}
	if !utf8.ValidString(field) {
		p.s = decodeUnicode([]byte(field), "", nil)
	}
	for p.pos < len(p.s) && p.err != ErrTooManyAddresses {
		p.item()
	}
	return p.list, p.err
}

// addressParser reads items, the pieces between commas.
type addressParser struct {
	s    string
	pos  int
	max  int
	list []Address
	err  error
	// What was never closed once is not looked for again: a field full of
	// opening marks would be read to its end for each of them.
	openQuote, openComment bool
}

// piece is one lexical token of an item.
type piece struct {
	text   string // decoded of quotes and comments
	quoted bool
	glued  bool // no white space before it
}

// item reads up to the next comma or semicolon and adds what it holds. One
// item may hold several mailboxes: some clients forget the comma, and hiding
// the second would let a sender show one author and mean another.
func (p *addressParser) item() {
	var words []piece
	var comment string
	angles, glued := 0, true
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		switch {
		case c == ',' || c == ';':
			p.pos++
			p.finish(words, comment, angles)
			return
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			p.pos++
			glued = false
			continue
		case c == '(':
			comment = p.comment()
		case c == '"':
			words = append(words, piece{text: p.quoted(), quoted: true, glued: glued})
		case c == '<':
			p.addAngle(p.angle(), words, comment)
			words, angles = nil, angles+1
		case c == ':' && groupName(words):
			p.pos++ // RFC 5322 §3.4 group: its name tells nothing about mailboxes.
			words = nil
		default:
			words = append(words, piece{text: p.atom(), glued: glued})
		}
		glued = true
	}
	p.finish(words, comment, angles)
}

// groupName tells that a colon here ends the name of a group and is not part
// of "mailto:" or of a stray word.
func groupName(words []piece) bool {
	for _, w := range words {
		if !w.quoted && strings.IndexByte(w.text, '@') >= 0 {
			return false
		}
	}
	return len(words) > 0 && !strings.EqualFold(words[len(words)-1].text, "mailto")
}

// atom reads a run without delimiters. An encoded word is taken whole: some
// clients leave commas and quotes inside it.
func (p *addressParser) atom() string {
	start := p.pos
	if n := encodedWordLen(p.s[start:]); n > 0 {
		p.pos += n
		return p.s[start:p.pos]
	}
	p.pos++
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		if strings.IndexByte(" \t\r\n,;()\"<", c) >= 0 || c == ':' && !strings.EqualFold(p.s[start:p.pos], "mailto") {
			break
		}
		if c == '[' { // a domain literal may hold colons
			if end := strings.IndexByte(p.s[p.pos:], ']'); end > 0 && p.s[p.pos-1] == '@' {
				p.pos += end
			}
		}
		p.pos++
	}
	return p.s[start:p.pos]
}

// quoted reads a quoted string; an unclosed one is taken as a lone quote mark
// so that the rest of the field is not lost in it.
func (p *addressParser) quoted() string {
	inner, n := p.quotedAt(p.pos)
	if n == 0 {
		p.pos++
		return ""
	}
	p.pos += n
	return inner
}

// quotedAt reads the quoted string at i; n is its length, 0 when it is open.
func (p *addressParser) quotedAt(i int) (inner string, n int) {
	if p.openQuote {
		return "", 0
	}
	inner, rest, ok := cutQuoted(p.s[i:])
	if !ok {
		p.openQuote = true
		return "", 0
	}
	return inner, len(p.s) - i - len(rest)
}

// cutQuoted takes a quoted string from the front of s and unescapes it.
func cutQuoted(s string) (inner, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", s, false
	}
	simple := true
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			simple = false
			i++
		case '"':
			if inner = s[1:i]; !simple {
				inner = unescape(inner)
			}
			return inner, s[i+1:], true
		}
	}
	return "", s, false
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// comment skips a comment and returns its text, which old clients use for the
// display name.
func (p *addressParser) comment() string {
	start, depth := p.pos, 0
	for i := p.pos; i < len(p.s) && !p.openComment; i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '(':
			if depth++; depth > maxComment {
				p.pos = len(p.s)
				return ""
			}
		case ')':
			if depth--; depth == 0 {
				p.pos = i + 1
				return unescape(p.s[start+1 : i])
			}
		}
	}
	p.openComment = true
	p.pos++ // never closed: the parenthesis alone
	return ""
}

// angle takes what stands between < and >, quotes respected.
func (p *addressParser) angle() string {
	start := p.pos + 1
	for i := start; i < len(p.s); i++ {
		switch p.s[i] {
		case '"':
			if _, n := p.quotedAt(i); n > 0 {
				i += n - 1
			}
		case '>':
			p.pos = i + 1
			return p.s[start:i]
		case '<': // "<<a@b>>" and "<a@b <c@d>"
			if strings.TrimSpace(p.s[start:i]) != "" {
				p.pos = i
				return p.s[start:i]
			}
			start = i + 1
		}
	}
	end := len(p.s)
	if i := strings.IndexByte(p.s[start:], ','); i >= 0 {
		end = start + i
	}
	p.pos = end
	return p.s[start:end]
}

func (p *addressParser) addAngle(spec string, words []piece, comment string) {
	name := joinWords(words)
	if name == "" {
		name = comment
	}
	spec = strings.TrimSpace(spec)
	if i := strings.LastIndexByte(spec, ':'); i > 0 && spec[0] == '@' {
		spec = spec[i+1:] // RFC 5322 §4.4: a source route is ignored
	}
	if len(spec) > 7 && strings.EqualFold(spec[:7], "mailto:") {
		spec = spec[7:]
	}
	if spec == "" && name == "" {
		return // "<>" says nobody
	}
	a, err := parseSpec(spec)
	if err != nil {
		p.fail(err)
		return
	}
	a.Name = cleanPersonName(name)
	p.add(a)
}

// finish handles an item without angle brackets: bare addresses, with the
// name in a comment or beside them.
func (p *addressParser) finish(words []piece, comment string, angles int) {
	before := len(p.list)
	for i := 0; i < len(words); i++ {
		spec, n := bareSpec(words[i:])
		i += n - 1
		if spec == "" {
			continue
		}
		if a, err := parseSpec(spec); err == nil {
			p.add(a)
		}
	}
	switch found := len(p.list) - before; {
	case found == 1 && comment != "":
		p.list[before].Name = cleanPersonName(comment)
	case found == 0 && angles == 0 && len(words) > 0:
		p.fail(fmt.Errorf("%w: %.40q", ErrAddress, joinWords(words)))
	}
}

// bareSpec puts together the pieces of one addr-spec without brackets, from
// words on: `"a b"@c`, `a . b @ c` (RFC 5322 §4.4), `a@b`. It returns how many
// pieces it took, and "" when they are no address.
func bareSpec(words []piece) (string, int) {
	first := words[0]
	if first.quoted {
		if len(words) > 1 && words[1].glued && strings.HasPrefix(words[1].text, "@") {
			return quote(first.text) + words[1].text, 2
		}
		return "", 1
	}
	text, n := first.text, 1
	for n < len(words) && !words[n].quoted && len(text) < maxSpec {
		next := words[n].text
		if !strings.HasSuffix(text, "@") && !strings.HasSuffix(text, ".") && next[0] != '@' && next[0] != '.' {
			break
		}
		text += next
		n++
	}
	if strings.IndexByte(text, '@') < 0 {
		return "", n
	}
	if len(text) > 7 && strings.EqualFold(text[:7], "mailto:") {
		text = text[7:]
	}
	return strings.TrimRight(text, ">'."), n
}

func (p *addressParser) add(a Address) {
	if len(p.list) >= p.max {
		p.err = ErrTooManyAddresses
		return
	}
	p.list = append(p.list, a)
}

func (p *addressParser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// parseSpec reads an addr-spec, obsolete white space and comments around its
// dots removed.
func parseSpec(s string) (Address, error) {
	if strings.IndexByte(s, '"') >= 0 {
		if inner, rest, ok := cutQuoted(s); ok {
			rest = strings.TrimLeft(rest, " \t")
			if strings.HasPrefix(rest, "@") {
				return ParseMailbox(quote(inner) + "@" + strings.TrimSpace(rest[1:]))
			}
		}
		return ParseMailbox(s)
	}
	if strings.ContainsAny(s, " \t\r\n(") {
		s = withoutComments(s)
	}
	return ParseMailbox(s)
}

// withoutComments removes comments and the white space around dots and @.
// White space elsewhere stays, and makes the address unusable.
func withoutComments(s string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteByte(c)
		}
	}
	fields := strings.Fields(b.String())
	out := ""
	for _, f := range fields {
		if out != "" && f[0] != '@' && f[0] != '.' && !strings.HasSuffix(out, "@") && !strings.HasSuffix(out, ".") {
			out += " "
		}
		out += f
	}
	return out
}

// check holds what every address must fulfil, quoted or not.
func (a Address) check() error {
	if a.Local == "" || len(a.Local) > maxLocal {
		return fmt.Errorf("%w: local part of %d octets", ErrAddress, len(a.Local))
	}
	if !utf8.ValidString(a.Local) {
		return fmt.Errorf("%w: not UTF-8", ErrAddress)
	}
	for _, r := range a.Local {
		if unicode.IsControl(r) || isSteering(r) || r == utf8.RuneError || r >= 0x80 && unicode.IsSpace(r) {
			return fmt.Errorf("%w: control character", ErrAddress)
		}
	}
	return checkDomain(a.Domain)
}

func checkDotAtom(local string) error {
	for i := 0; i < len(local); i++ {
		if c := local[i]; c < 0x80 && c != '.' && !isAtext(c) {
			return fmt.Errorf("%w: character %q in the local part", ErrAddress, c)
		}
	}
	return nil
}

func checkDomain(d string) error {
	if d == "" || len(d) > maxDomain || !utf8.ValidString(d) {
		return fmt.Errorf("%w: domain", ErrAddress)
	}
	if d[0] == '[' {
		return checkLiteral(d)
	}
	for label := range strings.SplitSeq(d, ".") {
		if err := checkLabel(label); err != nil {
			return err
		}
	}
	return nil
}

// checkLabel wants letters, digits and inner hyphens (RFC 1035 §2.3.1); the
// underscore is let through because host names in the wild have it.
func checkLabel(label string) error {
	if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
		return fmt.Errorf("%w: domain label", ErrAddress)
	}
	for _, r := range label {
		switch {
		case r < 0x80 && (isAlnum(byte(r)) || r == '-' || r == '_'):
		case r >= 0x80 && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == 0x200c || r == 0x200d || r == 0xb7):
		default:
			return fmt.Errorf("%w: character %q in the domain", ErrAddress, r)
		}
	}
	return nil
}

func checkLiteral(d string) error {
	if len(d) < 3 || d[len(d)-1] != ']' {
		return fmt.Errorf("%w: domain literal", ErrAddress)
	}
	for i := 1; i < len(d)-1; i++ {
		if c := d[i]; !isAlnum(c) && c != '.' && c != ':' && c != '-' {
			return fmt.Errorf("%w: domain literal", ErrAddress)
		}
	}
	return nil
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// joinWords makes the display name; encoded words are decoded later, all
// together, because a character may be split between two of them.
func joinWords(words []piece) string {
	if len(words) == 1 {
		return words[0].text
	}
	var b strings.Builder
	for i, w := range words {
		if i > 0 && !(w.glued && !w.quoted && !words[i-1].quoted && !strings.HasPrefix(w.text, "=?")) {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}

func cleanPersonName(s string) string {
	s = strings.TrimSpace(oneLine(decodeWords(s)))
	// Outlook puts names into single quotes, others quote them twice.
	for len(s) >= 2 && (s[0] == '\'' && s[len(s)-1] == '\'' || s[0] == '"' && s[len(s)-1] == '"') {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return cutBytes(s, maxName)
}
