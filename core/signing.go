package core

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"planpost/mail/sign"
)

// SigningKey signs outgoing mail of a domain (DKIM, RFC 6376). It belongs to
// the host, as the domain does, and to no account.
type SigningKey struct {
	ID ID
	// Algorithm is rsa-sha256 or ed25519-sha256.
	Domain, Selector, Algorithm string
	// Public is the public key as it stands in the record; Sealed the private one (PKCS #8), sealed.
	Public    string
	Sealed    []byte
	CreatedAt time.Time
	// From is when it signs from on, zero while it waits for its record; Until when another took its place.
	From, Until time.Time
}

// Name is where the DNS record stands (RFC 6376 §3.6.2.1).
func (k *SigningKey) Name() string { return k.Selector + "._domainkey." + k.Domain }

// Record is what the DNS record says (RFC 6376 §3.6.1).
func (k *SigningKey) Record() string {
	kind := "rsa"
	if k.Algorithm == "ed25519-sha256" {
		kind = "ed25519"
	}
	return "v=DKIM1; k=" + kind + "; p=" + k.Public
}

// SigningState is what a key is at.
type SigningState string

// The states of a signing key.
const (
	SigningWaits   SigningState = "waits" // for its record
	SigningSigns   SigningState = "signs"
	SigningRetired SigningState = "retired" // its record must stay while its mail is under way
)

// State tells what a key is at, at an instant.
func (k *SigningKey) State(now time.Time) SigningState {
	switch {
	case k.From.IsZero() || now.Before(k.From):
		return SigningWaits
	case k.Until.IsZero() || now.Before(k.Until):
		return SigningSigns
	}
	return SigningRetired
}

// SigningTx reads and writes signing keys.
type SigningTx interface {
	CreateSigningKey(ctx context.Context, k *SigningKey) error
	// SigningKeys are all of a domain, or of all domains when it is empty, the oldest first.
	SigningKeys(ctx context.Context, domain string) ([]SigningKey, error)
	// SetSigningTime writes From and Until.
	SetSigningTime(ctx context.Context, k *SigningKey) error
	DeleteSigningKey(ctx context.Context, id ID) error
}

const signingPurpose = "dkim"

// newSigningKey makes one that waits for its record.
func (c *Core) newSigningKey(domain, algorithm string, selector string) (k SigningKey, err error) {
	var private crypto.Signer
	if algorithm == "rsa-sha256" {
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		_, private, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return k, fmt.Errorf("signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return k, fmt.Errorf("signing key: %w", err)
	}
	k = SigningKey{ID: NewID(), Domain: domain, Selector: selector, Algorithm: algorithm, CreatedAt: c.Now()}
	if k.Public, err = publicOf(private); err != nil {
		return k, err
	}
	k.Sealed, err = c.keys.sealSecret(signingPurpose, k.ID, der)
	return k, err
}

// publicOf is the key as it stands in p=: RSA in its own wrapping (RFC 6376 §3.6.1), Ed25519 bare (RFC 8463 §4).
func publicOf(private crypto.Signer) (string, error) {
	if ed, ok := private.Public().(ed25519.PublicKey); ok {
		return base64.StdEncoding.EncodeToString(ed), nil
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(der), nil
}

// private opens a key.
func (c *Core) private(k *SigningKey) (crypto.Signer, error) {
	der, err := c.keys.openSecret(signingPurpose, k.ID, k.Sealed)
	if err != nil {
		return nil, fmt.Errorf("the signing key %s cannot be opened with the master keys of this host: %w", k.Name(), err)
	}
	any, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", k.Name(), err)
	}
	return any.(crypto.Signer), nil // both sorts are one
}

// signers keeps the opened keys of domains for a while.
type signers struct {
	mu sync.Mutex
	of map[string]signerSet // guarded by mu
}

type signerSet struct {
	keys  []SigningKey
	ready map[string]*sign.Signer // by the IDs of the keys that sign together
	until time.Time
}

// signersKept is how long a change of the keys may take to count in every process.
const signersKept = 30 * time.Second

// Sign gives the DKIM-Signature fields for a mail of a domain, by the keys
// that signed at the instant, which is also the time in the signature: the same
// mail is signed the same however often it is sent. Without a key it gives nothing.
func (c *Core) Sign(ctx context.Context, domain string, raw []byte, at time.Time) ([]byte, error) {
	s, err := c.signer(ctx, strings.ToLower(domain), at)
	if err != nil || s == nil {
		return nil, err
	}
	return s.Sign(raw, at)
}

func (c *Core) signer(ctx context.Context, domain string, at time.Time) (*sign.Signer, error) {
	now := c.Now()
	c.signers.mu.Lock()
	defer c.signers.mu.Unlock()
	set, ok := c.signers.of[domain]
	if !ok || now.After(set.until) {
		set = signerSet{ready: map[string]*sign.Signer{}, until: now.Add(signersKept)}
		err := c.store.View(ctx, func(tx Tx) (err error) {
			set.keys, err = tx.SigningKeys(ctx, domain)
			return err
		})
		if err != nil {
			return nil, err
		}
		if c.signers.of == nil {
			c.signers.of = map[string]signerSet{}
		}
		c.signers.of[domain] = set
	}
	return c.signerAt(&set, at)
}

// signerAt is the signer of the keys that sign at an instant, RSA first: what
// knows only one signature looks at the first it knows.
func (c *Core) signerAt(set *signerSet, at time.Time) (*sign.Signer, error) {
	var keys []SigningKey
	var id strings.Builder
	for _, k := range set.keys {
		if k.State(at) == SigningSigns {
			keys = append(keys, k)
		}
	}
	slices.SortStableFunc(keys, func(a, b SigningKey) int { return strings.Compare(b.Algorithm, a.Algorithm) })
	for i := range keys {
		id.WriteString(string(keys[i].ID))
	}
	if len(keys) == 0 {
		return nil, nil
	}
	if s := set.ready[id.String()]; s != nil {
		return s, nil
	}
	var opened []sign.Key
	for i := range keys {
		p, err := c.private(&keys[i])
		if err != nil {
			return nil, err
		}
		opened = append(opened, sign.Key{Domain: keys[i].Domain, Selector: keys[i].Selector, Private: p})
	}
	s, err := sign.New(opened...)
	if err == nil {
		set.ready[id.String()] = s
	}
	return s, err
}

// forgetSigners lets the next mail look for its keys anew.
func (c *Core) forgetSigners() {
	c.signers.mu.Lock()
	defer c.signers.mu.Unlock()
	c.signers.of = nil
}
