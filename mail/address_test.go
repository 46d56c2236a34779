package mail

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAddressesOfRealClientsAreRead(t *testing.T) {
	for in, want := range map[string]string{
		"a@b.example":                                    "|a@b.example",
		" <a@b.example> ":                                "|a@b.example",
		"Ann Lee <ann@b.example>":                        "Ann Lee|ann@b.example",
		`"Lee, Ann" <ann@b.example>`:                     "Lee, Ann|ann@b.example",
		`"Ann \"A\" Lee" <ann@b.example>`:                `Ann "A" Lee|ann@b.example`,
		"'Ann Lee' <ann@b.example>":                      "Ann Lee|ann@b.example",
		"ann@b.example (Ann Lee)":                        "Ann Lee|ann@b.example",
		"=?utf-8?q?J=C3=B6rg=2C_M?= <j@b.example>":       "Jörg, M|j@b.example",
		"=?utf-8?b?SsO?= =?utf-8?b?tnJn?= <j@b.example>": "Jörg|j@b.example",
		`"=?iso-8859-1?Q?J=F6rg?=" <j@b.example>`:        "Jörg|j@b.example",
		"Jörg <j@b.example>":                             "Jörg|j@b.example",
		"J\xf6rg <j@b.example>":                          "Jörg|j@b.example",
		"Ann <ann@b.example> trailing garbage":           "Ann|ann@b.example",
		"ann@b.example garbage":                          "|ann@b.example",
		"Ann <ann@b.example":                             "Ann|ann@b.example",
		"Ann ann@b.example>":                             "|ann@b.example",
		`"john doe"@b.example`:                           `|"john doe"@b.example`,
		`<"a@b"@c.example>`:                              `|"a@b"@c.example`,
		"ann . lee @ b . example":                        "|ann.lee@b.example",
		"<@relay.example:ann@b.example>":                 "|ann@b.example",
		"mailto:ann@b.example":                           "|ann@b.example",
		"<mailto:ann@b.example>":                         "|ann@b.example",
		"ann..lee.@b.example":                            "|ann..lee.@b.example",
		"ann@[192.0.2.1]":                                "|ann@[192.0.2.1]",
		"ann@[IPv6:2001:db8::1]":                         "|ann@[IPv6:2001:db8::1]",
		"ann@b.example.":                                 "|ann@b.example",
		"почта@пример.example":                           "|почта@пример.example",
		"a@b.example <c@d.example>":                      "a@b.example|c@d.example",
		"Team: a@b.example;":                             "|a@b.example",
		"Ann (boss) Lee <a@b.example>":                   "Ann Lee|a@b.example",
		"Ann\u202e <a@b.example>":                        "Ann|a@b.example",
		"root@localhost":                                 "|root@localhost",
	} {
		a, err := ParseAddress(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got := a.Name + "|" + a.Mailbox(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWhatIsNoAddressIsRefused(t *testing.T) {
	for _, in := range []string{
		"", "ann", "Ann Lee", "<>", "@b.example", "ann@", "ann@b..example", "ann@-b.example",
		"a@b@c.example", "ann@b.exam\x00ple>", "ann\x01@b.example", strings.Repeat("a", 65) + "@b.example",
		"ann@" + strings.Repeat("a", 64) + ".example", "ann@" + strings.Repeat("abcdefg.", 32) + "example",
		"=?utf-8?q?ann=40b.example?=", "a@b.example, c@d.example", "ann@b.example\u202e", "an\u200bn@b.example", "<a,b@c.example>", "ann@[1.2.3.4",
	} {
		if a, err := ParseAddress(in); err == nil {
			t.Errorf("%q was read as %+v", in, a)
		}
	}
}

func TestMailboxOfSMTPIsReadStrictly(t *testing.T) {
	for _, in := range []string{"<a@b.example>", "a b@c.example", "a@b.example ", " a@b.example", "Ann <a@b.example>", "a@b.example(x)", `"a"b@c.example`, "a,b@c.example"} {
		if _, err := ParseMailbox(in); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", in, err)
		}
	}
	if a, err := ParseMailbox(`"a b"@c.example`); err != nil || a.Local != "a b" {
		t.Errorf("quoted local part: %+v %v", a, err)
	}
}

func TestAddressListsAreRead(t *testing.T) {
	for in, want := range map[string]string{
		`a@b.example, "C, D" <c@d.example>`:               "a@b.example c@d.example",
		"a@b.example; c@d.example":                        "a@b.example c@d.example",
		"a@b.example c@d.example":                         "a@b.example c@d.example",
		"<a@b.example> <c@d.example>":                     "a@b.example c@d.example",
		"Friends: a@b.example, C <c@d.example>;, e@f.org": "a@b.example c@d.example e@f.org",
		"undisclosed-recipients:;":                        "",
		"":                                                "",
		" , ,a@b.example,,":                               "a@b.example",
		`"unclosed <a@b.example>, c@d.example`:            "a@b.example c@d.example",
		"a@b.example (x, y), c@d.example":                 "a@b.example c@d.example",
	} {
		list, err := ParseAddressList(in, 0)
		var got []string
		for _, a := range list {
			got = append(got, a.Mailbox())
		}
		if strings.Join(got, " ") != want || err != nil {
			t.Errorf("%q: %v %v", in, got, err)
		}
	}
}

func TestGoodAddressesSurviveBadNeighbours(t *testing.T) {
	list, err := ParseAddressList("a@b.example, nobody, c@d.example", 0)
	if len(list) != 2 || !errors.Is(err, ErrAddress) {
		t.Errorf("%v %v", list, err)
	}
	list, err = ParseAddressList(strings.Repeat("a@b.example,", 20), 10)
	if len(list) != 10 || !errors.Is(err, ErrTooManyAddresses) {
		t.Errorf("%d %v", len(list), err)
	}
}

func TestNormComparesCaseAndAlphabetOnly(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"Ann.Lee+X@B.Example", "ann.lee+x@b.example"},
		{"ann@BÜCHER.example", "ann@xn--bcher-kva.example"},
		{"ÄNN@b.example", "änn@b.example"},
	} {
		a, err1 := ParseMailbox(c.a)
		b, err2 := ParseMailbox(c.b)
		if err1 != nil || err2 != nil || a.Norm() != b.Norm() {
			t.Errorf("%q %q: %q %q %v %v", c.a, c.b, a.Norm(), b.Norm(), err1, err2)
		}
	}
	a, b := Address{Local: "ann.lee", Domain: "gmail.com"}, Address{Local: "annlee", Domain: "gmail.com"}
	if a.Norm() == b.Norm() {
		t.Error("dots were dropped")
	}
}

func TestMaskedHidesTheAddress(t *testing.T) {
	for in, want := range map[string]string{"ann@example.com": "a…@ex…", "ö@ü.example": "ö…@ü.…"} {
		a, err := ParseMailbox(in)
		if err != nil || a.Masked() != want {
			t.Errorf("%q: %q %v", in, a.Masked(), err)
		}
	}
	if got := (Address{}).Masked(); got != "<>" {
		t.Error(got)
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{`"a b" <c@d.example>`, "=?utf-8?q?a?= <b@c>", "g: a@b, c@d;", "a@[1.2.3.4]", "((((", `"\`, "<<a@b>>", "@a:b@c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, _ := ParseAddressList(s, 100)
		for _, a := range list {
			if !utf8.ValidString(a.Name+a.Local+a.Domain) || strings.ContainsAny(a.Name+a.Local+a.Domain, "\x00\r\n") {
				t.Fatalf("unclean address %q", a)
			}
			back, err := ParseMailbox(a.Mailbox())
			if err != nil || back.Norm() != a.Norm() {
				t.Fatalf("%q does not read back: %q %v", a.Mailbox(), back, err)
			}
			if again, err := ParseAddress(a.String()); err != nil || again.Norm() != a.Norm() {
				t.Fatalf("%q does not read back: %q %v", a.String(), again, err)
			}
		}
	})
}
