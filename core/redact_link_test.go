package core

import (
	"strings"
	"testing"
)

func TestAQuotedLinkLosesItsTokenHoweverItIsWritten(t *testing.T) {
	token := strings.Repeat("aB3-_xY", 7)[:linkTokenLen]
	packed := "https://filter.test/?url=https%3A%2F%2Fplan.test%2Fi%2F" + token + "&amp;data=05"
	for name, text := range map[string]string{
		"plain":            "> open https://plan.test/i/" + token + " soon",
		"html":             `<a href="https://plan.test/p/` + token + `">here</a>`,
		"upper case":       "HTTPS://PLAN.TEST/E/" + token,
		"at the end":       "/t/" + token,
		"underlined":       "_https://plan.test/i/" + token + "_",
		"packed":           packed,
		"packed twice":     strings.ReplaceAll(packed, "%", "%25"),
		"packed, in lines": strings.ReplaceAll(packed, "%2F", "%=\r\n2=\r\nf"),
		"soft break":       "https://plan.test/i/" + token[:9] + "=\r\n" + token[9:30] + "=\n" + token[30:] + "=\r\n now",
		"break at slash":   "https://plan.test/=\r\ni=\r\n/=\r\n" + token,
		"encoded bytes":    "https://plan.test/i/" + strings.NewReplacer("-", "=2D", "_", "=5F").Replace(token),
		"encoded slash":    "https://plan.test=2Fi=2F" + token,
	} {
		got := redactLinks(text)
		plain := strings.NewReplacer("=\r\n", "", "=\n", "", "=2D", "-", "=5F", "_").Replace(got)
		if strings.Contains(plain, token[:12]) || strings.Contains(plain, token[31:]) || !strings.Contains(got, "…") {
			t.Errorf("%s: %q", name, got)
		}
	}
	two := redactLinks("a /i/" + token + " b /p/" + token + " c")
	if two != "a /i/… b /p/… c" {
		t.Errorf("two links: %q", two)
	}
}

func TestOtherAddressesStayWhole(t *testing.T) {
	long := strings.Repeat("q", linkTokenLen+1)
	for _, text := range []string{
		"", "/", "%", "=", "/i", "/i/", "/i/=", "%2", "%25", "%2Fi%2F", "a/b and 50 % of 2/3",
		"https://docs.test/spreadsheets/d/" + long + "/edit", "/i/" + long[2:], "/ii/" + long[1:], "/1/" + long[1:],
		"https://plan.test/i/…",
	} {
		if got := redactLinks(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestATextWithoutLinksIsNotCopied(t *testing.T) {
	text := strings.Repeat("see https://client.test/plans/12 and 5 % more\n", 90)
	if n := testing.AllocsPerRun(10, func() { redactLinks(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkRedactLinks(b *testing.B) {
	text := strings.Repeat("see https://client.test/plans/12 and 5 % more\n", 90)
	for b.Loop() {
		redactLinks(text)
	}
}

// A text of nothing but soft breaks, escapes or slashes is read once, not once from each of them.
func TestLinksAreLookedForInOneWalk(t *testing.T) {
	for _, unit := range []string{"=\r\n", "=\n", "%25", "%2525", "=25", "/", "/a", "/a/", "=2F", "%2Fa%2F", "=\n/=\na=\n/=\n"} {
		s := strings.Repeat(unit, 4<<20/len(unit))
		if got := redactLinks(s); got != s {
			t.Errorf("%q: something was taken out", unit)
		}
	}
}
