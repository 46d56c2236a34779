package auth

import "testing"

func TestTheRecordIsReadLenientlyAndExactly(t *testing.T) {
	cases := []struct {
		name, domain string
		records      map[string][]string
		found        bool
		asks         string
		result       Result
	}{
		{"own record", "example.org", map[string][]string{"example.org": {"v=DMARC1; p=reject"}}, true, "reject", ""},
		{"upper case and odd spaces", "example.org", map[string][]string{"example.org": {"v = DMARC1 ;P=Quarantine;; junk"}}, true, "quarantine", ""},
		{"other texts beside it", "example.org", map[string][]string{"example.org": {"hello", "v=spf1 -all", "v=DMARC1; p=reject"}}, true, "reject", ""},
		{"of the organisation", "a.b.example.org", map[string][]string{"example.org": {"v=DMARC1; p=reject"}}, true, "reject", ""},
		{"for what is below", "a.example.org", map[string][]string{"example.org": {"v=DMARC1; p=reject; sp=none"}}, true, "none", ""},
		{"sp is not for the domain itself", "example.org", map[string][]string{"example.org": {"v=DMARC1; p=reject; sp=none"}}, true, "reject", ""},
		{"own record wins", "a.example.org", map[string][]string{"example.org": {"v=DMARC1; p=reject"}, "a.example.org": {"v=DMARC1; p=none"}}, true, "none", ""},
		{"nothing between", "a.b.example.org", map[string][]string{"b.example.org": {"v=DMARC1; p=reject"}}, false, "", ResultNone},
		{"not above the organisation", "example.co.uk", map[string][]string{"co.uk": {"v=DMARC1; p=reject"}}, false, "", ResultNone},
		{"several records", "example.org", map[string][]string{"example.org": {"v=DMARC1; p=reject", "v=DMARC1; p=none"}}, false, "", ResultPermError},
		{"another version", "example.org", map[string][]string{"example.org": {"v=DMARC2; p=reject"}}, false, "", ResultNone},
		{"version not first", "example.org", map[string][]string{"example.org": {"p=reject; v=DMARC1"}}, false, "", ResultNone},
		{"no policy", "example.org", map[string][]string{"example.org": {"v=DMARC1"}}, false, "", ResultPermError},
		{"no policy but reports", "example.org", map[string][]string{"example.org": {"v=DMARC1; rua=mailto:a@example.org"}}, true, "none", ""},
		{"unknown fo and rf", "example.org", map[string][]string{"example.org": {"v=DMARC1; p=reject; fo=9; rf=zip; ri=-1"}}, true, "reject", ""},
		{"pct 0 weakens", "example.org", map[string][]string{"example.org": {"v=DMARC1; p=reject; pct=0"}}, true, "quarantine", ""},
		{"pct 0 switches off", "example.org", map[string][]string{"example.org": {"v=DMARC1; p=quarantine; pct=0"}}, true, "none", ""},
		{"pct 50 counts whole", "example.org", map[string][]string{"example.org": {"v=DMARC1; p=quarantine; pct=50"}}, true, "quarantine", ""},
		{"nothing", "example.org", nil, false, "", ResultNone},
	}
	for _, c := range cases {
		z := newZone()
		for d, r := range c.records {
			z.txt["_dmarc."+d] = r
		}
		got := findPolicy(t.Context(), &lookups{resolver: z}, c.domain)
		if got.found != c.found || got.asks != c.asks || got.result != c.result {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}

func TestDomainsAlignByOrganisation(t *testing.T) {
	cases := []struct {
		domain, author  string
		relaxed, strict bool
	}{
		{"example.org", "example.org", true, true},
		{"mail.example.org", "example.org", true, false},
		{"example.org", "a.b.example.org", true, false},
		{"a.example.org", "b.example.org", true, false},
		{"notexample.org", "example.org", false, false},
		{"other.co.uk", "example.co.uk", false, false},
		{"co.uk", "example.co.uk", false, false},
		{"org", "example.org", false, false},
		{"ada.github.io", "eve.github.io", false, false},
		{"", "", false, false},
	}
	for _, c := range cases {
		if r, s := aligned(c.domain, c.author, false), aligned(c.domain, c.author, true); r != c.relaxed || s != c.strict {
			t.Errorf("%s for %s: relaxed %v strict %v", c.domain, c.author, r, s)
		}
	}
}

func TestDomainsAreComparedInOneForm(t *testing.T) {
	cases := []struct {
		in, want string
		ok       bool
	}{
		{"Example.ORG.", "example.org", true},
		{"bücher.example", "xn--bcher-kva.example", true},
		{"BÜCHER.example", "xn--bcher-kva.example", true},
		{"_x.example", "_x.example", true},
		{"localhost", "localhost", false},
		{"[192.0.2.1]", "[192.0.2.1]", false},
		{"a..example", "a..example", false},
		{"a b.example", "a b.example", false},
		{"a\r\n.example", "a\r\n.example", false},
		{"", "", false},
	}
	for _, c := range cases {
		if got, ok := asciiDomain(c.in); got != c.want || ok != c.ok {
			t.Errorf("%q: got %q, %v", c.in, got, ok)
		}
	}
}
