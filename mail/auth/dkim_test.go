package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestASignatureIsJudgedByWhatItCovers(t *testing.T) {
	signed := sign(t, plainMessage, signing{})
	swap := func(old, with string) string {
		t.Helper()
		if !strings.Contains(signed, old) {
			t.Fatalf("%q is not in the message", old)
		}
		return strings.Replace(signed, old, with, 1)
	}
	cases := []struct {
		name, raw string
		prepare   func(*zone)
		want      Result
		detail    string
	}{
		{"valid", signed, nil, ResultPass, "rsa 2048 bit"},
		{"valid with bare line feeds", strings.ReplaceAll(signed, "\r\n", "\n"), nil, ResultPass, ""},
		{"ed25519", sign(t, plainMessage, signing{selector: "ed", key: edKey()}), nil, ResultPass, "ed25519"},
		{"body changed", swap("two", "six"), nil, ResultFail, "body hash"},
		{"something appended", signed + "PS: pay to me\r\n", nil, ResultFail, "body hash"},
		{"subject changed", swap("Subject: plan", "Subject: PLAN"), nil, ResultFail, "signature"},
		{"body length given", swap("c=relaxed", "l=10; c=relaxed"), nil, ResultFail, "length"},
		{"expired", sign(t, plainMessage, signing{expires: time.Now().Add(-time.Hour)}), nil, ResultFail, "expired"},
		{"not yet expired", sign(t, plainMessage, signing{expires: time.Now().Add(time.Hour)}), nil, ResultPass, ""},
		{"From not covered", swap("h=From:", "h=Cc:"), nil, ResultPermError, "From"},
		{"no key", signed, func(z *zone) { delete(z.txt, "sel._domainkey.example.org") }, ResultPermError, "no key"},
		{"key withdrawn", signed, func(z *zone) { z.txt["sel._domainkey.example.org"] = []string{"v=DKIM1; p="} }, ResultPermError, "revoked"},
		{"key of 512 bits", signed, func(z *zone) { z.txt["sel._domainkey.example.org"] = []string{rsaRecord(t, shortKey())} }, ResultFail, "too short"},
		{"key of monstrous length", signed, func(z *zone) {
			z.txt["sel._domainkey.example.org"] = []string{"p=" + strings.Repeat("A", 60000)}
		}, ResultPermError, "too long"},
		{"sha1", swap("rsa-sha256", "rsa-sha1"), nil, ResultFail, "weak"},
		{"nonsense", "DKIM-Signature: \x00;;=\r\n" + plainMessage, nil, ResultPermError, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			z := world(t)
			if c.prepare != nil {
				c.prepare(z)
			}
			got := verify(t, z, from(badPeer, "x@other.net"), c.raw).DKIM
			if len(got) != 1 || got[0].Result != c.want || !strings.Contains(got[0].Detail, c.detail) {
				t.Errorf("got %+v, want %s with %q", got, c.want, c.detail)
			}
		})
	}
}

func TestExpiryIsReadFromTheVerifiersClock(t *testing.T) {
	raw := sign(t, plainMessage, signing{expires: time.Now().Add(time.Hour)})
	v := NewVerifier(Config{Resolver: world(t), Now: func() time.Time { return time.Now().Add(2 * time.Hour) }})
	if got := v.Verify(t.Context(), from(badPeer, "x@other.net"), []byte(raw), author); got.Verified() || got.DKIM[0].Result != ResultFail {
		t.Errorf("got %+v", got)
	}
}

func TestAMessageWithoutBodyOrEmptyLineIsStillChecked(t *testing.T) {
	head, _, _ := strings.Cut(plainMessage, "\r\n\r\n")
	raw := sign(t, head+"\r\n\r\n", signing{})
	got := verify(t, world(t), from(badPeer, "x@other.net"), strings.TrimSuffix(raw, "\r\n\r\n"))
	if len(got.DKIM) != 1 || got.DKIM[0].Result != ResultPass {
		t.Errorf("got %+v", got.DKIM)
	}
}

func TestOnlyTheTopmostSignaturesAreChecked(t *testing.T) {
	raw := sign(t, plainMessage, signing{})
	for i := range 7 {
		raw = fmt.Sprintf("DKIM-Signature: v=1; a=rsa-sha256; d=d%d.net; s=x; h=from; bh=AA==; b=AA==\r\n", i) + raw
	}
	z := world(t)
	got := verify(t, z, from(badPeer, "x@other.net"), raw)
	if len(got.DKIM) != DefaultMaxSignatures || got.Unchecked != 3 || got.Verified() {
		t.Errorf("got %d checked, %d not: %+v", len(got.DKIM), got.Unchecked, got)
	}
	for i, d := range got.DKIM {
		if want := fmt.Sprintf("d%d.net", 6-i); d.Domain != want || d.Selector != "x" {
			t.Errorf("entry %d is %+v, want %s", i, d, want)
		}
	}
}

// One reader that folds case by Unicode and one that does not would see
// different signatures, and a stranger's pass would be booked on another's d=.
func TestAPassIsNeverBookedOnAnotherSignature(t *testing.T) {
	foreign := sign(t, plainMessage, signing{domain: "other.net"})
	for _, name := range []string{"D\u212aIM-Signature", "DKIM-\u017fignature", "DKIM-Signature "} {
		odd := strings.Replace(foreign, "DKIM-Signature", name, 1)
		forged := strings.Replace(odd, "From: Ada", "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=sel; h=from; bh=AA==; b=AA==\r\nFrom: Ada", 1)
		got := verify(t, world(t), from(badPeer, "x@other.net"), forged)
		for _, d := range got.DKIM {
			if d.Aligned && d.Result == ResultPass {
				t.Errorf("%q: %+v", name, got.DKIM)
			}
		}
		if got.Verified() {
			t.Errorf("%q: verified", name)
		}
	}
}

func TestAHostileHeaderIsNotWorthMinutes(t *testing.T) {
	var b strings.Builder
	b.WriteString("DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=sel; bh=AA==; b=AA==; h=from" + strings.Repeat(":a", 100_000) + "\r\n")
	b.WriteString(strings.Repeat("a:\r\n", 100_000))
	z := world(t)
	got := verify(t, z, from(badPeer, "x@other.net"), b.String()+plainMessage)
	if len(got.DKIM) != 1 || got.DKIM[0].Result != ResultPermError || !strings.Contains(got.DKIM[0].Detail, "too large") {
		t.Errorf("got %+v", got.DKIM)
	}
}

func TestAnUnsignedMessageAsksForNoKey(t *testing.T) {
	raw := []byte(plainMessage)
	if n := testing.AllocsPerRun(10, func() { scanHeader(raw, 5) }); n != 0 {
		t.Errorf("%v allocations for a message without signature", n)
	}
	got := verify(t, world(t), from(goodPeer, "ada@example.org"), plainMessage)
	if got.DKIM != nil {
		t.Errorf("got %+v", got.DKIM)
	}
}

func BenchmarkVerifySigned4KB(b *testing.B) {
	raw := []byte(sign(b, plainMessage+strings.Repeat("All work and no play makes a dull site.\r\n", 95), signing{}))
	v := NewVerifier(Config{Resolver: world(b)})
	env := from(goodPeer, "ada@example.org")
	b.ReportAllocs()
	for b.Loop() {
		if !v.Verify(b.Context(), env, raw, author).Verified() {
			b.Fatal("not verified")
		}
	}
}
