package auth

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"planpost/mail"
)

const plainMessage = "From: Ada <ada@example.org>\r\nTo: task@in.example.net\r\nSubject: plan\r\n" +
	"Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\nThe wall is two centimetres too long.\r\n"

var author = mail.Address{Local: "ada", Domain: "example.org"}

// rsaKey is made once: making one takes a tenth of a second.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

var edKey = sync.OnceValue(func() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

func rsaRecord(t testing.TB, key *rsa.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

func edRecord() string {
	return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edKey().Public().(ed25519.PublicKey))
}

// shortKey is a public key of 512 bits; nobody needs the private half, the
// record alone must be refused.
func shortKey() *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), 511)
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(12345)), E: 65537}
}

// signing tells how to sign; the zero value signs for example.org with RSA.
type signing struct {
	domain, selector string
	key              crypto.Signer
	expires          time.Time
	keys             []string
}

func sign(t testing.TB, message string, s signing) string {
	t.Helper()
	if s.domain == "" {
		s.domain = "example.org"
	}
	if s.selector == "" {
		s.selector = "sel"
	}
	if s.key == nil {
		s.key = rsaKey()
	}
	if s.keys == nil {
		s.keys = []string{"From", "To", "Subject", "Date"}
	}
	var out bytes.Buffer
	err := dkim.Sign(&out, strings.NewReader(message), &dkim.SignOptions{
		Domain: s.domain, Selector: s.selector, Signer: s.key, Hash: crypto.SHA256, Expiration: s.expires,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: s.keys,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// world is a zone in which example.org and other.net publish keys and
// example.org lets 192.0.2.1 send.
func world(t testing.TB) *zone {
	t.Helper()
	z := newZone()
	for _, d := range []string{"example.org", "mail.example.org", "other.net"} {
		z.txt["sel._domainkey."+d] = []string{rsaRecord(t, &rsaKey().PublicKey)}
		z.txt["ed._domainkey."+d] = []string{edRecord()}
		z.txt[d] = []string{"v=spf1 ip4:192.0.2.1 -all"}
	}
	z.txt["_dmarc.example.org"] = []string{"v=DMARC1; p=reject; rua=mailto:d@example.org"}
	return z
}

// from builds an envelope of a stranger.
func from(peer, reversePath string) *mail.Envelope {
	env := &mail.Envelope{Peer: netip.MustParseAddr(peer), Helo: "mx.example.org", Protocol: "ESMTP"}
	if local, domain, ok := strings.Cut(reversePath, "@"); ok {
		env.ReversePath = mail.Address{Local: local, Domain: domain}
	}
	return env
}

func verify(t testing.TB, z Resolver, env *mail.Envelope, raw string) Verdict {
	t.Helper()
	return NewVerifier(Config{Resolver: z}).Verify(t.Context(), env, []byte(raw), author)
}
