package sign_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"pgregory.net/rapid"

	"planpost/mail/sign"
)

var at = time.Date(2026, 5, 4, 9, 15, 0, 0, time.UTC)

// keys are fresh ones with their public records as DNS would give them.
func keys(t testing.TB) (s *sign.Signer, records map[string]string) {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = sign.New(sign.Key{Domain: "holzbau.test", Selector: "r1", Private: r}, sign.Key{Domain: "holzbau.test", Selector: "e1", Private: private}); err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&r.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return s, map[string]string{
		"r1._domainkey.holzbau.test": "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der),
		"e1._domainkey.holzbau.test": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public),
	}
}

// verify gives what each signature of a message came to.
func verify(t testing.TB, raw []byte, records map[string]string) (errs []error) {
	t.Helper()
	list, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) { return []string{records[name]}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		errs = append(errs, v.Err)
	}
	return errs
}

const message = "From: Holzbau <office@holzbau.test>\r\nTo: klara@client.test\r\nSubject: Re: [#1]   Door\r\n and frame\r\nDate: Mon, 4 May 2026 09:15:00 +0000\r\n" +
	"Message-ID: <d-1@in.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nList-Unsubscribe: <https://x.test/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n" +
	"Hello  Klara, \r\n\r\n\tthe door\tis ready.\r\n\r\n\r\n"

func signedMail(t testing.TB, s *sign.Signer, raw string) []byte {
	t.Helper()
	head, err := s.Sign([]byte(raw), at)
	if err != nil {
		t.Fatal(err)
	}
	return append(head, raw...)
}

func TestBothSignaturesHoldAndTheSameMailIsSignedTheSame(t *testing.T) {
	s, records := keys(t)
	raw := signedMail(t, s, message)
	for i, err := range verify(t, raw, records) {
		if err != nil {
			t.Errorf("signature %d: %v", i, err)
		}
	}
	if n := len(verify(t, raw, records)); n != 2 {
		t.Errorf("%d signatures", n)
	}
	if again := signedMail(t, s, message); !bytes.Equal(raw, again) {
		t.Error("the same mail is signed otherwise the second time")
	}
	for _, line := range strings.Split(string(raw), "\r\n") {
		if len(line) > 78 && strings.HasPrefix(line, "\t") {
			t.Errorf("a folded line has %d characters", len(line))
		}
	}
}

func TestWhatIsChangedOrAddedBreaksBoth(t *testing.T) {
	s, records := keys(t)
	raw := string(signedMail(t, s, message))
	for name, changed := range map[string]string{
		"a word of the body":       strings.Replace(raw, "ready", "rotten", 1),
		"more at its end":          raw + "Pay here.\r\n",
		"the subject":              strings.Replace(raw, "Door", "Gate", 1),
		"a second From":            "From: Mallory <m@evil.test>\r\n" + raw,
		"a second Subject":         "Subject: Pay now\r\n" + raw,
		"a Reply-To":               "Reply-To: m@evil.test\r\n" + raw,
		"a Cc":                     "Cc: m@evil.test\r\n" + raw,
		"another unsubscribe link": "List-Unsubscribe: <https://evil.test/>\r\n" + raw,
		"another content type":     strings.Replace(raw, "text/plain", "text/html", 1),
	} {
		for i, err := range verify(t, []byte(changed), records) {
			if err == nil {
				t.Errorf("%s: signature %d still holds", name, i)
			}
		}
	}
	// What relays do on the way does not: they fold anew and add trace fields.
	harmless := "Received: from a by b; Mon, 4 May 2026 09:15:01 +0000\r\n" + strings.Replace(raw, "Hello  Klara, \r\n", "Hello Klara,\r\n", 1)
	for i, err := range verify(t, []byte(harmless), records) {
		if err != nil {
			t.Errorf("on the way: signature %d: %v", i, err)
		}
	}
}

func TestEveryMessageIsSignedAsAnotherProgramReadsIt(t *testing.T) {
	s, records := keys(t)
	rapid.Check(t, func(r *rapid.T) {
		line := rapid.StringMatching(`[ \ta-zé.<>=;:]{0,90}`)
		head := "From: x@holzbau.test\r\n"
		for range rapid.IntRange(0, 4).Draw(r, "fields") {
			head += rapid.SampledFrom([]string{"Subject", "To", "X-Other", "References", "Cc"}).Draw(r, "name") + ":" + line.Draw(r, "value") + "\r\n\tmore\r\n"
		}
		body := strings.Join(rapid.SliceOfN(line, 0, 6).Draw(r, "body"), "\r\n")
		raw := head + "\r\n" + body
		if body != "" {
			raw += "\r\n"
		}
		got := verify(t, signedMail(t, s, raw), records)
		for i, err := range got {
			if err != nil {
				r.Errorf("signature %d: %v\n%q", i, err, raw)
			}
		}
		if len(got) != 2 {
			r.Errorf("%d signatures\n%q", len(got), raw)
		}
	})
}

func TestKeysThatCannotSignAreRefused(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string][]sign.Key{
		"none":        nil,
		"no domain":   {{Selector: "e1", Private: private}},
		"no selector": {{Domain: "holzbau.test", Private: private}},
		"no key":      {{Domain: "holzbau.test", Selector: "e1"}},
	} {
		if _, err := sign.New(list...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	s, _ := keys(t)
	for _, raw := range []string{"", "no colon\r\n\r\n", " folded: first\r\n\r\n", "From: x@y.test\n\nunix lines\n"} {
		if _, err := s.Sign([]byte(raw), at); err == nil {
			t.Errorf("%q is signed", raw)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	s, _ := keys(b)
	raw := []byte(message + strings.Repeat("A line of an ordinary mail, about as long as they are.\r\n", 70))
	for b.Loop() {
		if _, err := s.Sign(raw, at); err != nil {
			b.Fatal(err)
		}
	}
}
