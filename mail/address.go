package mail

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits of RFC 5321 §4.5.3.1, in octets.
const (
	maxLocal  = 64
	maxDomain = 255
	maxLabel  = 63
	maxName   = 500
)

// ErrAddress is returned, wrapped or not, for text that is not an address.
var ErrAddress = errors.New("not a mail address")

// ErrTooManyAddresses comes with the addresses read up to the limit.
var ErrTooManyAddresses = errors.New("too many addresses")

// Address is one mailbox (RFC 5322 §3.4). The zero value is no address; in
// an Envelope it is the null reverse-path.
type Address struct {
	// Name is the display name, decoded, one line; often empty and never to be trusted.
	Name string
	// Local is the local part as given, unquoted; Domain as given without the dot at the end.
	Local, Domain string
}

// IsZero tells that a names no mailbox; a display name alone is none.
func (a Address) IsZero() bool { return a.Local == "" && a.Domain == "" }

// Mailbox is "local@domain" as given, the local part quoted where the
// grammar wants it (RFC 5321 §4.1.2). It may hold non-ASCII text (RFC 6531).
// The zero Address gives "".
func (a Address) Mailbox() string {
	if a.IsZero() {
		return ""
	}
	if needsQuotes(a.Local) {
		return quote(a.Local) + "@" + a.Domain
	}
	return a.Local + "@" + a.Domain
}

// String is the form for a header field (RFC 5322 §3.4): ASCII, with an
// encoded display name and an A-label domain, except that a non-ASCII local
// part cannot be said otherwise than raw (RFC 6532). It holds no line break.
func (a Address) String() string {
	box := Address{Local: a.Local, Domain: asciiDomain(a.Domain)}.Mailbox()
	if a.Name == "" {
		return box
	}
	return phrase(a.Name) + " <" + box + ">"
}

// Norm is the key by which addresses are compared: the local part case-folded,
// the domain in lower-case A-labels. Dots and plus tags stay: only the owner
// of the domain knows what they mean.
func (a Address) Norm() string {
	if a.IsZero() {
		return ""
	}
	local := a.Local
	if isASCII(local) {
		local = strings.ToLower(local)
	} else {
		local = cases.Fold().String(norm.NFC.String(local))
	}
	return Address{Local: local, Domain: asciiDomain(a.Domain)}.Mailbox()
}

// Masked hides most of the address, for logs: "a…@ex…".
func (a Address) Masked() string {
	if a.IsZero() {
		return "<>"
	}
	return firstRunes(a.Local, 1) + "…@" + firstRunes(a.Domain, 2) + "…"
}

// asciiDomain gives the lower-case A-label form (RFC 5890), or the lower-case
// text where that form does not exist.
func asciiDomain(domain string) string {
	if isASCII(domain) {
		return strings.ToLower(domain)
	}
	if a, err := idna.Lookup.ToASCII(domain); err == nil {
		return a
	}
	return strings.ToLower(domain)
}

// phrase writes a display name: as atoms, as a quoted string, or as encoded
// words when it is not ASCII.
func phrase(name string) string {
	name = oneLine(name)
	if !isASCII(name) || strings.Contains(name, "=?") {
		return encodeWords(name)
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; c != ' ' && !isAtext(c) {
			return quote(name)
		}
	}
	return name
}

func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// needsQuotes is true for what is not a dot-atom. Dots at odd places are left
// bare: phones of some Japanese carriers have such addresses and the carriers
// want them so.
func needsQuotes(local string) bool {
	for i := 0; i < len(local); i++ {
		if c := local[i]; c < 0x80 && c != '.' && !isAtext(c) {
			return true
		}
	}
	return local == ""
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isAtext tells an atom character (RFC 5322 §3.2.3), ASCII only.
func isAtext(c byte) bool {
	if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
		return true
	}
	return c < 0x80 && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// oneLine makes text fit for one line of display: control, direction and
// other invisible steering characters go, white space becomes single spaces.
// Direction marks go because they let a name pretend to be another.
func oneLine(s string) string {
	if isPlainLine(s) {
		return s
	}
	var b strings.Builder
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) || r < 0x20 || r == 0x7f {
			space = true
			continue
		}
		if isSteering(r) {
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// isPlainLine is the common case of oneLine: printable ASCII, single spaces.
func isPlainLine(s string) bool {
	prev := byte(' ')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0x20 || c >= 0x7f || c == ' ' && prev == ' ' {
			return false
		}
		prev = c
	}
	return len(s) == 0 || prev != ' '
}

// isSteering tells characters that change how others are shown and are not
// seen themselves. The joiners U+200C and U+200D stay: scripts and emoji need them.
func isSteering(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return true
	case r == 0x200c, r == 0x200d:
		return false
	case r == 0xad, r == 0x61c, r == 0x180e, r >= 0x200b && r <= 0x200f,
		r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff,
		r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r < 0xe0020:
		return true
	}
	return false
}

// cutBytes shortens s to at most n bytes without splitting a character.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
