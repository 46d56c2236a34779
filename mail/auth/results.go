package auth

import "strings"

// Header is the value of an Authentication-Results field (RFC 8601 §2.2) in
// the name of authservID, folded with one method a line and ready to stand
// behind "Authentication-Results: ". Domains and selectors come from the
// sender and are made harmless; details are left out.
func (v Verdict) Header(authservID string) string {
	var b strings.Builder
	b.WriteString(value(authservID))
	if v.Trusted || v.SPF.Result == "" && v.DMARC.Result == "" && len(v.DKIM) == 0 {
		b.WriteString("; none") // RFC 8601 §2.2: nothing was examined.
		return b.String()
	}
	v.writeSPF(&b)
	for _, d := range v.DKIM {
		method(&b, "dkim", d.Result)
		property(&b, "header.d", d.Domain)
		property(&b, "header.s", d.Selector)
	}
	if len(v.DKIM) == 0 {
		method(&b, "dkim", ResultNone)
	}
	method(&b, "dmarc", v.DMARC.Result)
	if v.DMARC.Policy != "" {
		b.WriteString(" (p=" + v.DMARC.Policy + ")")
	}
	property(&b, "header.from", v.DMARC.Domain)
	if v.ARC.Result != "" { // RFC 8617 §10.1
		method(&b, "arc", v.ARC.Result)
	}
	return b.String()
}

func (v Verdict) writeSPF(b *strings.Builder) {
	method(b, "spf", v.SPF.Result)
	if v.SPF.Helo {
		property(b, "smtp.helo", v.SPF.Domain)
		return
	}
	property(b, "smtp.mailfrom", v.SPF.Domain)
}

func method(b *strings.Builder, name string, r Result) {
	b.WriteString(";\r\n\t" + name + "=" + word(r))
}

func property(b *strings.Builder, name, v string) {
	if v == "" {
		return
	}
	b.WriteString(" " + name + "=" + value(v))
}

// value writes s as a token (RFC 2045 §5.1), underscores for what is none. A
// quoted string would be allowed, but many readers split at any semicolon, and
// the sender could then write results of his own.
func value(s string) string {
	if s == "" {
		return "_"
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?=`, r) {
			return '_'
		}
		return r
	}, s)
}
