package core

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"planpost/mail"
)

// redact takes our own live addresses and links out of text that is kept or
// shown: who may read a comment may not therefore answer, or set a password, in
// somebody's name.
func (c *Core) redact(s string) string { return redactLinks(redactAddresses(s)) }

// redactAddresses is redact for reply and return addresses. Those broken
// by the soft line breaks of quoted-printable (RFC 2045 §6.7) count.
func redactAddresses(s string) string { return cutSpans(s, addressSpans(s)) }

// cutSpans writes a sign of omission for what the spans name: pairs of where a token begins and ends.
func cutSpans(s string, spans [][2]int) string {
	if len(spans) == 0 {
		return s
	}
	var out strings.Builder
	last := 0
	for _, at := range spans {
		out.WriteString(s[last:at[0]])
		out.WriteString("…")
		last = at[1]
	}
	out.WriteString(s[last:])
	return out.String()
}

// addressSpans finds the tokens of our addresses.
func addressSpans(s string) (spans [][2]int) {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '-')
		if i < 0 {
			break
		}
		from += i + 1
		if !startsToken(s[:from-1]) {
			continue
		}
		if end, ok := tokenEnd(s, from); ok {
			spans = append(spans, [2]int{from, end})
			from = end
		}
	}
	return spans
}

// startsToken tells that what stands before a dash is the letter of replyPrefix or bouncePrefix.
func startsToken(before string) bool {
	if len(before) > 0 && before[len(before)-1] == '\n' {
		before = strings.TrimSuffix(strings.TrimSuffix(before, "\n"), "\r")
		if !strings.HasSuffix(before, "=") {
			return false
		}
		before = before[:len(before)-1]
	}
	if before == "" {
		return false
	}
	b := lowerByte(before[len(before)-1])
	return b == replyPrefix[0] || b == bouncePrefix[0]
}

// tokenEnd is where the token that begins at from ends, if one does.
func tokenEnd(s string, from int) (end int, ok bool) {
	for n := 0; from < len(s); {
		switch {
		case n == tokenLen:
			return from, true
		case strings.IndexByte(addressText, lowerByte(s[from])) >= 0:
			from, n = from+1, n+1
		case strings.HasPrefix(s[from:], "=\r\n"):
			from += 3
		case strings.HasPrefix(s[from:], "=\n"):
			from += 2
		default:
			return 0, false
		}
		if n == tokenLen {
			return from, true
		}
	}
	return 0, false
}

// redactSource is redact for a message's source, whose parts may be in base64.
func (c *Core) redactSource(raw []byte) []byte {
	var out bytes.Buffer
	var run [][]byte
	flush := func() {
		out.WriteString(c.redactBase64(bytes.Join(run, nil)))
		run = run[:0]
	}
	for line := range bytes.Lines(raw) {
		if isBase64(bytes.TrimRight(line, "\r\n")) {
			run = append(run, line)
			continue
		}
		flush()
		out.Write(line)
	}
	flush()
	return []byte(c.redact(out.String()))
}

func isBase64(line []byte) bool {
	for _, b := range bytes.TrimRight(line, "=") {
		if !('A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || b == '+' || b == '/') {
			return false
		}
	}
	return len(line) > 0
}

// redactBase64 writes lines anew when there is one of our addresses or links in them;
// what only looks like base64 stays as it is.
func (c *Core) redactBase64(lines []byte) string {
	plain, err := base64.StdEncoding.DecodeString(string(lines)) // skips line ends
	if err != nil {
		return string(lines)
	}
	clean, whole := string(plain), false
	switch {
	case mail.IsCompound(plain):
		clean, whole = string(blotCompound(plain)), true
	case bytes.IndexByte(plain, 0) >= 0:
		clean, whole = c.redactWide(clean)
	}
	if !whole {
		clean = c.redact(clean)
	}
	if clean == string(plain) {
		return string(lines)
	}
	var out strings.Builder
	for part := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(clean))), 76) {
		out.Write(part)
		out.WriteString("\r\n")
	}
	return out.String()
}

// redactSteps is redact for the evidence of decisions.
func (c *Core) redactSteps(steps []Step) []Step {
	copied := false
	for i := range steps {
		for j, p := range steps[i].Params {
			clean := c.redact(p)
			if clean == p {
				continue
			}
			if !copied {
				steps, copied = slices.Clone(steps), true
			}
			steps[i].Params = slices.Clone(steps[i].Params)
			steps[i].Params[j] = clean
		}
	}
	return steps
}

// ownAddress tells that nobody can have an address: it is one of those that we make for our mail.
func (c *Core) ownAddress(a mail.Address) bool {
	if !strings.EqualFold(a.Domain, c.cfg.MailDomain) {
		return false
	}
	_, reply := c.keys.OpenReply(a.Local)
	_, bounce := c.keys.OpenBounce(a.Local)
	return reply || bounce || c.ownBox(a)
}
