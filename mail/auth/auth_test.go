package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"planpost/mail"
)

const (
	goodPeer = "192.0.2.1"
	badPeer  = "203.0.113.9"
)

var errServer = &net.DNSError{Err: "server misbehaving"}

func TestATrustedSourceIsProofAndCostsNothing(t *testing.T) {
	z := world(t)
	v := NewVerifier(Config{Resolver: z})
	env, raw := from(badPeer, "x@other.net"), []byte(sign(t, plainMessage, signing{}))
	env.Trusted = true
	var got Verdict
	ctx := t.Context()
	allocs := testing.AllocsPerRun(10, func() { got = v.Verify(ctx, env, raw, mail.Address{}) })
	if !got.Verified() || !got.Trusted || got.Reason != ReasonTrusted {
		t.Errorf("got %+v", got)
	}
	if n := z.asked.Load(); n != 0 || allocs != 0 {
		t.Errorf("%d questions and %v allocations, want none", n, allocs)
	}
}

func TestOutcomeFollowsAlignmentAndResult(t *testing.T) {
	const noPolicy = "_dmarc.example.org"
	alignedSig, foreignSig := signing{}, signing{domain: "other.net"}
	broken := func(s string) string { return strings.Replace(s, "two centimetres", "six centimetres", 1) }
	same := func(s string) string { return s }
	cases := []struct {
		name    string
		sig     *signing
		change  func(string) string
		peer    string
		path    string
		prepare func(*zone)
		outcome Outcome
		reason  Reason
		dmarc   Result
	}{
		{"aligned dkim and spf", &alignedSig, same, goodPeer, "ada@example.org", nil, Pass, ReasonDKIM, ResultPass},
		{"aligned dkim, foreign peer", &alignedSig, same, badPeer, "list@other.net", nil, Pass, ReasonDKIM, ResultPass},
		{"aligned spf, no signature", nil, same, goodPeer, "ada@example.org", nil, Pass, ReasonSPF, ResultPass},
		{"aligned spf, broken aligned signature", &alignedSig, broken, goodPeer, "ada@example.org", nil, Pass, ReasonSPF, ResultPass},
		{"foreign dkim passes", &foreignSig, same, badPeer, "x@nothing.net", nil, Fail, ReasonPolicy, ResultFail},
		{"foreign spf passes", nil, same, goodPeer, "x@other.net", nil, Fail, ReasonPolicy, ResultFail},
		{"foreign passes, no policy", &foreignSig, same, goodPeer, "x@other.net",
			func(z *zone) { delete(z.txt, noPolicy) }, None, ReasonNoEvidence, ResultNone},
		{"foreign passes, policy none", &foreignSig, same, goodPeer, "x@other.net",
			func(z *zone) { z.txt[noPolicy] = []string{"v=DMARC1; p=none"} }, None, ReasonNoEvidence, ResultFail},
		{"broken signature, no policy", &alignedSig, broken, badPeer, "x@other.net",
			func(z *zone) { delete(z.txt, noPolicy) }, None, ReasonFailed, ResultNone},
		{"spf fails hard, no policy", nil, same, badPeer, "ada@example.org",
			func(z *zone) { delete(z.txt, noPolicy) }, Fail, ReasonSPFFail, ResultNone},
		{"spf fails softly, no policy", nil, same, badPeer, "ada@example.org",
			func(z *zone) { delete(z.txt, noPolicy); z.txt["example.org"] = []string{"v=spf1 ~all"} }, None, ReasonFailed, ResultNone},
		{"nothing published", nil, same, badPeer, "ada@example.org",
			func(z *zone) { delete(z.txt, noPolicy); delete(z.txt, "example.org") }, None, ReasonNoEvidence, ResultNone},
		{"nothing published but the policy", nil, same, badPeer, "ada@example.org",
			func(z *zone) { delete(z.txt, "example.org") }, Fail, ReasonPolicy, ResultFail},
		{"key unavailable", &alignedSig, same, badPeer, "x@other.net",
			func(z *zone) { z.errs["sel._domainkey.example.org"] = errServer }, Temporary, ReasonDNS, ResultTempError},
		{"spf unavailable", nil, same, badPeer, "ada@example.org",
			func(z *zone) { z.errs["example.org"] = errServer }, Temporary, ReasonDNS, ResultTempError},
		{"foreign spf unavailable", nil, same, badPeer, "x@other.net",
			func(z *zone) { z.errs["other.net"] = errServer }, Fail, ReasonPolicy, ResultFail},
		{"policy unavailable, aligned dkim", &alignedSig, same, badPeer, "x@other.net",
			func(z *zone) { z.errs[noPolicy] = errServer }, Pass, ReasonDKIM, ResultTempError},
		{"policy unavailable, only relaxed alignment", &signing{domain: "mail.example.org"}, same, badPeer, "x@other.net",
			func(z *zone) { z.errs[noPolicy] = errServer }, Temporary, ReasonDNS, ResultTempError},
		{"policy unavailable, nothing aligned", nil, same, badPeer, "x@other.net",
			func(z *zone) { z.errs[noPolicy] = errServer }, Temporary, ReasonDNS, ResultTempError},
		{"relaxed alignment", &signing{domain: "mail.example.org"}, same, badPeer, "x@other.net", nil, Pass, ReasonDKIM, ResultPass},
		{"relaxed against strict", &signing{domain: "mail.example.org"}, same, goodPeer, "x@mail.example.org",
			func(z *zone) { z.txt[noPolicy] = []string{"v=DMARC1; p=quarantine; adkim=s; aspf=s"} }, Fail, ReasonPolicy, ResultFail},
		{"null path, helo passes", nil, same, goodPeer, "",
			func(z *zone) { z.txt["mx.example.org"] = []string{"v=spf1 ip4:192.0.2.1 -all"} }, Pass, ReasonSPF, ResultPass},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			z, raw := world(t), plainMessage
			if c.sig != nil {
				raw = sign(t, raw, *c.sig)
			}
			if c.prepare != nil {
				c.prepare(z)
			}
			got := verify(t, z, from(c.peer, c.path), c.change(raw))
			if got.Outcome != c.outcome || got.Reason != c.reason || got.DMARC.Result != c.dmarc {
				t.Errorf("got %s (%s), dmarc %s; want %s (%s), dmarc %s\n%+v",
					got.Outcome, got.Reason, got.DMARC.Result, c.outcome, c.reason, c.dmarc, got)
			}
		})
	}
}

func TestAMessageWithoutOneFromVerifiesNobody(t *testing.T) {
	signed := sign(t, plainMessage, signing{})
	cases := []struct {
		name, raw string
		from      mail.Address
		reason    Reason
	}{
		{"no mailbox", signed, mail.Address{}, ReasonNoFrom},
		{"no From field", "Subject: x\r\n\r\nx", author, ReasonNoFrom},
		{"a second From above the signed one", "From: eve@example.org\r\n" + signed, author, ReasonSeveralFrom},
		{"a second From, oddly written", "fRom : eve@example.org\r\n" + signed, author, ReasonSeveralFrom},
		{"an address literal", signed, mail.Address{Local: "a", Domain: "[192.0.2.1]"}, ReasonNoFrom},
	}
	for _, c := range cases {
		z := world(t)
		got := NewVerifier(Config{Resolver: z}).Verify(t.Context(), from(goodPeer, "ada@example.org"), []byte(c.raw), c.from)
		if got.Outcome != None || got.Reason != c.reason {
			t.Errorf("%s: got %s (%s), want none (%s)", c.name, got.Outcome, got.Reason, c.reason)
		}
	}
}

func TestASilentResolverGivesTemporaryInTime(t *testing.T) {
	hang := make(silence)
	defer close(hang)
	v := NewVerifier(Config{Resolver: hang, Timeout: 50 * time.Millisecond})
	raw := []byte(sign(t, plainMessage, signing{}))
	start := time.Now()
	got := v.Verify(context.Background(), from(badPeer, "ada@example.org"), raw, author)
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %s", took)
	}
	if got.Outcome != Temporary || got.SPF.Result != ResultTempError || got.DMARC.Result != ResultTempError ||
		len(got.DKIM) != 1 || got.DKIM[0].Result != ResultTempError {
		t.Errorf("got %+v", got)
	}
}

func TestAnEndedContextGivesTemporaryNotFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	raw := []byte(sign(t, plainMessage, signing{}))
	got := NewVerifier(Config{Resolver: world(t)}).Verify(ctx, from(badPeer, "ada@example.org"), raw, author)
	if got.Outcome != Temporary {
		t.Errorf("got %+v", got)
	}
}

func TestAReverseLookupCutOffIsNoVerdict(t *testing.T) {
	// ptr takes an unanswered lookup for one that does not match; -all behind
	// it would then disown a peer that may be right.
	z := ptrHangs{zone: newZone(), stuck: make(chan struct{})}
	defer close(z.stuck)
	z.txt["example.org"] = []string{"v=spf1 ptr -all"}
	v := NewVerifier(Config{Resolver: z, Timeout: 50 * time.Millisecond})
	got := v.Verify(context.Background(), from(badPeer, "ada@example.org"), []byte(plainMessage), author)
	if got.SPF.Result != ResultTempError || got.Outcome != Temporary {
		t.Errorf("got %+v", got)
	}
}

type ptrHangs struct {
	*zone
	stuck chan struct{}
}

func (p ptrHangs) LookupAddr(context.Context, string) ([]string, error) {
	<-p.stuck
	return nil, nil
}

func TestSPFTakesItsDomainFromTheEnvelopeOnly(t *testing.T) {
	cases := []struct {
		name   string
		env    mail.Envelope
		domain string
		result Result
	}{
		{"a quoted @ does not choose the domain", mail.Envelope{Peer: netip.MustParseAddr(goodPeer),
			ReversePath: mail.Address{Local: "x@example.org", Domain: "other.net"}}, "other.net", ResultPass},
		{"an address literal as helo", mail.Envelope{Peer: netip.MustParseAddr(goodPeer), Helo: "[192.0.2.1]"}, "", ResultNone},
		{"a mapped address", mail.Envelope{Peer: netip.MustParseAddr("::ffff:192.0.2.1"),
			ReversePath: mail.Address{Local: "a", Domain: "Example.ORG"}}, "example.org", ResultPass},
		{"no peer", mail.Envelope{ReversePath: mail.Address{Local: "a", Domain: "example.org"}}, "example.org", ResultNone},
	}
	for _, c := range cases {
		got := verify(t, world(t), &c.env, plainMessage).SPF
		if got.Domain != c.domain || got.Result != c.result {
			t.Errorf("%s: got %+v, want %s %s", c.name, got, c.domain, c.result)
		}
	}
}

func TestAnUnreachableServerIsTemporaryWhateverItIsCalled(t *testing.T) {
	for _, err := range []error{errServer, errors.New("connection refused"), context.Canceled, &net.DNSError{Err: "timeout", IsTimeout: true}} {
		z := world(t)
		z.errs["example.org"], z.errs["sel._domainkey.example.org"], z.errs["_dmarc.example.org"] = err, err, err
		got := verify(t, z, from(badPeer, "ada@example.org"), sign(t, plainMessage, signing{}))
		if got.Outcome != Temporary || got.DKIM[0].Result != ResultTempError || got.SPF.Result != ResultTempError {
			t.Errorf("%v: got %+v", err, got)
		}
	}
}

func TestGoodRecordsBesideMalformedOnesCount(t *testing.T) {
	z := partly{world(t)}
	got := verify(t, z, from(goodPeer, "ada@example.org"), plainMessage)
	if got.SPF.Result != ResultPass {
		t.Errorf("got %+v", got.SPF)
	}
}

// partly answers as net.Resolver does when it drops malformed records.
type partly struct{ *zone }

func (p partly) LookupTXT(ctx context.Context, name string) ([]string, error) {
	found, err := p.zone.LookupTXT(ctx, name)
	if err == nil {
		err = &net.DNSError{Err: "DNS response contained records which contain invalid names"}
	}
	return found, err
}

func TestAVerdictSurvivesJSONAndStaysSmall(t *testing.T) {
	want := verify(t, world(t), from(goodPeer, "ada@example.org"), sign(t, plainMessage, signing{}))
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Verdict
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Codes() != want.Codes() || got.Outcome != want.Outcome || got.DKIM[0] != want.DKIM[0] || got.SPF != want.SPF || got.DMARC != want.DMARC {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if len(text) > 500 {
		t.Errorf("%d bytes: %s", len(text), text)
	}
	small, err := json.Marshal(Verdict{Outcome: Pass, Reason: ReasonTrusted, Trusted: true})
	if err != nil || string(small) != `{"outcome":"pass","reason":"trusted","trusted":true}` {
		t.Errorf("trusted: %s, %v", small, err)
	}
}

func TestOneVerifierServesManyAtOnce(t *testing.T) {
	v := NewVerifier(Config{Resolver: world(t)})
	raw := []byte(sign(t, sign(t, plainMessage, signing{}), signing{selector: "ed", key: edKey()}))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if got := v.Verify(t.Context(), from(goodPeer, "ada@example.org"), raw, author); !got.Verified() {
				t.Errorf("got %+v", got)
			}
		})
	}
	wg.Wait()
}
