package auth

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Domain is a domain as verdicts name it: lower case, A-labels (RFC 5890); false when text is none of at least two labels.
func Domain(text string) (string, bool) { return asciiDomain(text) }

// asciiDomain gives the lower-case A-label form in which domains are compared
// and looked up (RFC 7489 §3.1, RFC 8616). It refuses what is no domain of at
// least two labels: address literals, bare host names, labels of a wrong length.
func asciiDomain(domain string) (string, bool) {
	domain = strings.TrimSuffix(domain, ".")
	ascii, plain := lowerASCII(domain)
	if !plain {
		var err error
		if ascii, err = idna.Lookup.ToASCII(domain); err != nil {
			return "", false
		}
	}
	return ascii, isDomain(ascii)
}

// lowerASCII lowers the letters of domain, and tells whether it was all ASCII.
func lowerASCII(domain string) (string, bool) {
	for i := range len(domain) {
		if domain[i] >= 0x80 {
			return "", false
		}
	}
	return strings.ToLower(domain), true
}

func isDomain(domain string) bool {
	if len(domain) > 253 { // RFC 1035 §2.3.4
		return false
	}
	labels := 0
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, oddInLabel) {
			return false
		}
		labels++
	}
	return labels > 1 // RFC 7208 §4.3
}

// oddInLabel finds what can be no part of a mail domain. The underscore is
// allowed: it is no host name, but it is found in the wild.
func oddInLabel(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
}

// organization is the Organizational Domain (RFC 7489 §3.2). A public suffix
// is its own: it never aligns with what is registered below it.
func organization(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// aligned tells whether an authenticated domain speaks for the From domain
// author (RFC 7489 §3.1). Both are in the form of asciiDomain.
func aligned(domain, author string, strict bool) bool {
	if domain == "" || author == "" {
		return false
	}
	if domain == author {
		return true
	}
	return !strict && organization(domain) == organization(author)
}
