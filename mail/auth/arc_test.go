package auth

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"planpost/mail"
)

// arcSuite is one scenario of the ARC suite, in its own words.
type arcSuite struct {
	Description string
	Tests       yaml.Node         // some names stand twice
	Records     map[string]string `yaml:"txt-records"`
}

// departs are the cases in which we do not answer as the suite wants, and why. The suite is of a draft.
var departs = map[string]string{
	"ams_fields_c_na": "without c= the forms are simple/simple (RFC 8617 §4.1.2, RFC 6376 §3.5)",
}

// The suite's answers are those of RFC 8617; an empty one, of a chain that says itself that it failed, is fail.
func TestARCAnswersItsSuite(t *testing.T) {
	const corpus = "../../../shared/corpus/auth/arc/arc-draft-validation-tests.yml"
	file, err := os.Open(filepath.FromSlash(corpus))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the ARC suite is not here: ", corpus)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n := 0
	for dec := yaml.NewDecoder(file); ; {
		var s arcSuite
		if err := dec.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		z := newZone()
		for name, text := range s.Records {
			z.txt[strings.ToLower(name)] = []string{text}
		}
		for i := 0; i < len(s.Tests.Content); i += 2 {
			n++
			var c struct{ Message, CV string }
			if err := s.Tests.Content[i+1].Decode(&c); err != nil {
				t.Fatal(err)
			}
			t.Run(s.Tests.Content[i].Value, func(t *testing.T) {
				want := Result(strings.ToLower(c.CV))
				if want == "" {
					want = ResultFail
				}
				raw := []byte(strings.ReplaceAll(c.Message, "\n", "\r\n"))
				got := NewVerifier(Config{Resolver: z}).checkARC(context.Background(), &lookups{resolver: z}, raw, "d1.example.org")
				why, departs := departs[path.Base(t.Name())]
				switch right := got.Result == want; {
				case right && departs:
					t.Error("answered as the suite wants: take it off the list")
				case !right && !departs:
					t.Errorf("got %s (%s), want %s", got.Result, got.Detail, want)
				case !right:
					t.Log(why)
				}
			})
		}
	}
	if n < 150 {
		t.Errorf("only %d cases read", n)
	}
}

// sealer is one who passes messages on.
type sealer struct {
	domain string
	key    *rsa.PrivateKey
}

func newSealer(t *testing.T, z *zone, domain string) *sealer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	z.txt["s._domainkey."+domain] = []string{"v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)}
	return &sealer{domain, key}
}

// pass adds a set to a message: what the sealer found, its signature of the message (the fields h) and its seal.
func (s *sealer) pass(t *testing.T, raw []byte, n int, found, h string) []byte {
	t.Helper()
	sign := func(f *field, over []byte) string {
		sum := sha256.Sum256(append(over, f.relaxed(true)...))
		b, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return string(f.whole) + base64.StdEncoding.EncodeToString(b)
	}
	cv := "pass"
	if n == 1 {
		cv = "none"
	}
	fields, body := splitFields(raw)
	results := fmt.Sprintf("ARC-Authentication-Results: i=%d; mx.%s; %s", n, s.domain, found)
	var over []byte
	pick := picker(fields, nil)
	for _, name := range signedNames(h) {
		if f := pick(name); f != nil {
			over = append(append(over, f.relaxed(false)...), "\r\n"...)
		}
	}
	message := sign(&field{"arc-message-signature", fmt.Appendf(nil, "ARC-Message-Signature: i=%d; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=s; h=%s; bh=%s; b=",
		n, s.domain, h, base64.StdEncoding.EncodeToString(hashBody(body, true)))}, over)
	sets, err := arcSets(fields)
	if err != nil {
		t.Fatal(err)
	}
	over = nil
	for _, o := range sets {
		for _, f := range []*field{o.resultField, o.signField, o.sealField} {
			over = append(append(over, f.relaxed(false)...), "\r\n"...)
		}
	}
	for _, whole := range []string{results, message} {
		name, _, _ := strings.Cut(whole, ":")
		f := field{strings.ToLower(name), []byte(whole)}
		over = append(append(over, f.relaxed(false)...), "\r\n"...)
	}
	seal := sign(&field{"arc-seal", fmt.Appendf(nil, "ARC-Seal: i=%d; a=rsa-sha256; cv=%s; d=%s; s=s; b=", n, cv, s.domain)}, over)
	return []byte(seal + "\r\n" + message + "\r\n" + results + "\r\n" + string(raw))
}

// A chain counts for those alone who trust its sealers, for the domain that a sealer saw proven, and only while the
// message is as it was sealed.
func TestARCCountsForWhoTrustsTheSealer(t *testing.T) {
	z := newZone()
	z.txt["_dmarc.bank.example"] = []string{"v=DMARC1; p=reject"}
	list, relay := newSealer(t, z, "list.example"), newSealer(t, z, "relay.example")
	const proven, disproven, fields = "dmarc=pass header.from=bank.example", "dmarc=fail header.from=bank.example; arc=pass", "from:subject"
	letter := []byte("From: Anna <anna@bank.example>\r\nSubject: [list] The door\r\n\r\nWe take the oak one.\r\n-- \r\nthe list\r\n")
	once := list.pass(t, letter, 1, proven, fields)
	twice := relay.pass(t, once, 2, disproven, fields)
	for name, c := range map[string]struct {
		raw     []byte
		trusted []string
		want    Outcome
	}{
		"nobody is trusted":               {once, nil, Fail},
		"the list is":                     {once, []string{"list.example"}, Pass},
		"another is":                      {once, []string{"relay.example"}, Fail},
		"a domain below is not":           {once, []string{"mx.list.example", "example"}, Fail},
		"it was not proven to the list":   {list.pass(t, letter, 1, disproven, fields), []string{"list.example"}, Fail},
		"another domain was":              {list.pass(t, letter, 1, "dmarc=pass header.from=other.example", fields), []string{"list.example"}, Fail},
		"an aligned signature was":        {list.pass(t, letter, 1, "dkim=pass header.d=bank.example", fields), []string{"list.example"}, Pass},
		"a foreign signature was":         {list.pass(t, letter, 1, "dkim=pass header.d=list.example; spf=pass smtp.mailfrom=x@list.example", fields), []string{"list.example"}, Fail},
		"From is not signed":              {list.pass(t, letter, 1, proven, "subject"), []string{"list.example"}, Fail},
		"From was changed":                {bytes.Replace(once, []byte("anna@"), []byte("otto@"), 1), []string{"list.example"}, Fail},
		"the words were changed":          {bytes.Replace(once, []byte("oak"), []byte("ash"), 1), []string{"list.example"}, Fail},
		"what was found was changed":      {bytes.Replace(list.pass(t, letter, 1, disproven, fields), []byte("dmarc=fail"), []byte("dmarc=pass"), 1), []string{"list.example"}, Fail},
		"both of two are":                 {twice, []string{"relay.example", "list.example"}, Pass},
		"only the first of two is":        {twice, []string{"list.example"}, Fail},
		"only the last of two is":         {twice, []string{"relay.example"}, Fail},
		"the last says that it is proven": {relay.pass(t, once, 2, proven, fields), []string{"relay.example"}, Pass},
	} {
		t.Run(name, func(t *testing.T) {
			v := NewVerifier(Config{Resolver: z}).Verify(t.Context(), &mail.Envelope{Peer: netip.MustParseAddr("192.0.2.1"), Helo: "mx.list.example", ReversePath: mail.Address{Local: "b", Domain: "list.example"}},
				c.raw, mail.Address{Local: "anna", Domain: "bank.example"})
			if v.Outcome == Pass {
				t.Fatalf("it is proven by itself: %+v", v)
			}
			if got := v.Honour(c.trusted); got.Outcome != c.want || got.Outcome == Pass && got.Reason != ReasonARC {
				t.Errorf("%s (%s), want %s: %+v", got.Outcome, got.Reason, c.want, v.ARC)
			}
		})
	}
}

// A name server that does not tell is no broken chain; a chain as long as may be costs a bounded number of questions.
func TestARCAsksLittle(t *testing.T) {
	z := newZone()
	list := newSealer(t, z, "list.example")
	raw := []byte("From: anna@bank.example\r\n\r\nHello.\r\n")
	for n := 1; n <= maxSets; n++ {
		raw = list.pass(t, raw, n, "dmarc=pass header.from=bank.example", "from")
	}
	check := func(raw []byte) ARCResult {
		return NewVerifier(Config{Resolver: z}).checkARC(t.Context(), &lookups{resolver: z}, raw, "bank.example")
	}
	if got := check(raw); got.Result != ResultPass || len(got.Sets) != maxSets {
		t.Errorf("the longest chain: %s (%s), %d sets", got.Result, got.Detail, len(got.Sets))
	}
	if n := z.asked.Load(); n != 1 {
		t.Errorf("%d questions for one key", n)
	}
	z.errs["s._domainkey.list.example"] = errors.New("server failure")
	if got := check(raw); got.Result != ResultTempError {
		t.Errorf("no answer: %s (%s)", got.Result, got.Detail)
	}
	for _, bad := range []string{"ARC-Seal: i=1\r\n", "ARC-Seal: i=51; cv=none\r\n", "ARC-Seal: ;;;;\r\n", "ARC-Authentication-Results:\r\n", "ARC-Seal:"} {
		if got := check([]byte(bad + "From: a@bank.example\r\n\r\n")); got.Result != ResultFail {
			t.Errorf("%q: %s", bad, got.Result)
		}
	}
}
