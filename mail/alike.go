package mail

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Below this length names differ in one letter by chance.
const minAlike = 5

// drawnAlike are letters of other alphabets, and digits, that look like Latin
// ones: those of Unicode's confusables (UTS #39) that a domain may hold.
var drawnAlike = strings.NewReplacer(
	"а", "a", "в", "b", "с", "c", "ԁ", "d", "е", "e", "ё", "e", "г", "r", "һ", "h", "н", "h", "і", "l", "ї", "l", "ј", "j", "к", "k", "м", "m", "о", "o",
	"п", "n", "р", "p", "ԛ", "q", "ѕ", "s", "т", "t", "у", "y", "ѵ", "v", "ԝ", "w", "х", "x",
	"α", "a", "γ", "y", "ε", "e", "η", "n", "ι", "l", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "σ", "o", "τ", "t", "υ", "u", "χ", "x", "ω", "w",
	"ı", "l", "ł", "l", "ø", "o", "đ", "d", "ß", "b",
	"0", "o", "1", "l", "i", "l", "5", "s", "rn", "m", "vv", "w", "-", "", "_", "", ".", "")

// Drawn is what a reader sees at a glance: texts that look the same give the
// same one. It is for comparing, not for showing.
func Drawn(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
	return drawnAlike.Replace(plain)
}

// SameDomain tells that both addresses are of one domain, however it is written.
func (a Address) SameDomain(b Address) bool { return asciiDomain(a.Domain) == asciiDomain(b.Domain) }

// DomainAlike tells that two different domains can be taken for one another:
// they look the same, differ in one letter or only in their ending, or one
// begins with the other.
func (a Address) DomainAlike(b Address) bool {
	if a.SameDomain(b) {
		return false
	}
	x, y := shownDomain(a.Domain), shownDomain(b.Domain)
	if strings.HasSuffix(x, "."+y) || strings.HasSuffix(y, "."+x) {
		return false // who has the one has the other
	}
	if Drawn(x) == Drawn(y) || strings.HasPrefix(x, y+".") {
		return true
	}
	nx, ny := domainName(x), domainName(y)
	return min(len(nx), len(ny)) >= minAlike && oneApart(nx, ny)
}

// LocalAlike tells the same of two local parts.
func (a Address) LocalAlike(b Address) bool {
	x, y := strings.ToLower(a.Local), strings.ToLower(b.Local)
	return x != y && (Drawn(x) == Drawn(y) || min(len(x), len(y)) >= minAlike && oneApart(x, y))
}

// shownDomain is a domain as people read it: in its own letters.
func shownDomain(domain string) string {
	if u, err := idna.Display.ToUnicode(domain); err == nil {
		domain = u
	}
	return strings.ToLower(domain)
}

// domainName is the part of a domain before its ending.
func domainName(domain string) string {
	labels := strings.Split(domain, ".")
	return labels[max(len(labels)-2, 0)]
}

// oneApart tells that two texts are equal or that one letter is put in, left
// out, replaced, or changed places with its neighbour.
func oneApart(x, y string) bool {
	a, b := []rune(x), []rune(y)
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	swapped := len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
	return len(a) <= 1 && len(b) <= 1 || swapped
}
