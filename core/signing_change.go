package core

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"planpost/mail"
	"planpost/mail/auth"
)

// signingAlgorithms are the ones there are; both stand side by side, for not
// everybody who checks knows the second.
var signingAlgorithms = []string{"rsa-sha256", "ed25519-sha256"}

// NewSigningKeys makes keys for a domain, one of each algorithm. They wait for
// their records: see CheckSigningKeys. For the operator.
func (c *Core) NewSigningKeys(ctx context.Context, domain string) (list []SigningKey, err error) {
	domain, err = signingDomain(domain)
	if err != nil {
		return nil, err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		list = nil
		there, err := tx.SigningKeys(ctx, domain)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(there, func(k SigningKey) bool { return k.State(c.Now()) == SigningWaits }) {
			return Fail(Conflict, "signing.waits", "domain", domain)
		}
		for _, algorithm := range signingAlgorithms {
			k, err := c.newSigningKey(domain, algorithm, c.freeSelector(there, algorithm))
			if err != nil {
				return err
			}
			if err := tx.CreateSigningKey(ctx, &k); err != nil {
				return err
			}
			list = append(list, k)
		}
		return nil
	})
	return list, err
}

// signingDomain is a domain as keys have it: in ASCII and lower case.
func signingDomain(s string) (string, error) {
	a, err := mail.ParseMailbox("x@" + strings.TrimSuffix(strings.TrimSpace(s), "."))
	if err != nil || a.Local != "x" || !strings.Contains(a.Domain, ".") || strings.HasPrefix(a.Domain, "[") {
		return "", Fail(Invalid, "signing.domain", "domain", s)
	}
	return strings.ToLower(a.Norm()[2:]), nil
}

// freeSelector names the day and the algorithm, such as pp20261123r: who reads it in the DNS sees how old it is.
func (c *Core) freeSelector(there []SigningKey, algorithm string) string {
	base := "pp" + c.Now().Format("20060102") + algorithm[:1]
	for n, name := 2, base; ; n++ {
		if !slices.ContainsFunc(there, func(k SigningKey) bool { return k.Selector == name }) {
			return name
		}
		name = fmt.Sprintf("%s%d", base, n)
	}
}

// SigningKeys are all there are. For the operator.
func (c *Core) SigningKeys(ctx context.Context) (list []SigningKey, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = tx.SigningKeys(ctx, "")
		return err
	})
	return list, err
}

// TXT asks the DNS for texts; *net.Resolver is one.
type TXT interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// SigningFinding is what the DNS says of a key.
type SigningFinding struct {
	Key SigningKey
	// Says is "fine", "missing", "other" (another key stands there) or "unknown" (the DNS did not answer).
	Says string
	// Begins tells that the key signs from now on.
	Begins bool
}

// CheckSigningKeys looks for the records. A key that waited and whose record
// stands begins to sign, and takes the place of the older one of its algorithm:
// so a rotation cannot be done in the wrong order. For the operator.
func (c *Core) CheckSigningKeys(ctx context.Context, dns TXT) (list []SigningFinding, err error) {
	keys, err := c.SigningKeys(ctx)
	if err != nil {
		return nil, err
	}
	for i := range keys {
		f := SigningFinding{Key: keys[i], Says: recordSays(ctx, dns, &keys[i])}
		if f.Says == "fine" && f.Key.State(c.Now()) == SigningWaits {
			if err := c.beginSigning(ctx, &f.Key); err != nil {
				return nil, err
			}
			f.Begins = true
		}
		list = append(list, f)
	}
	return list, nil
}

func recordSays(ctx context.Context, dns TXT, k *SigningKey) string {
	texts, err := dns.LookupTXT(ctx, k.Name()+".")
	if e, ok := err.(*net.DNSError); ok && e.IsNotFound || err == nil && len(texts) == 0 {
		return "missing"
	}
	if err != nil {
		return "unknown"
	}
	for _, text := range texts {
		if auth.SamePublicKey(text, k.Record()) {
			return "fine"
		}
	}
	return "other"
}

// BeginSigning lets a key sign although its record was not seen. For the
// operator, where the DNS shows the host something else than the world.
func (c *Core) BeginSigning(ctx context.Context, selector, domain string) (k SigningKey, err error) {
	if k, err = c.findSigningKey(ctx, selector, domain); err != nil {
		return k, err
	}
	if k.State(c.Now()) != SigningWaits {
		return k, Fail(Conflict, "signing.begun", "key", k.Name())
	}
	err = c.beginSigning(ctx, &k)
	return k, err
}

func (c *Core) findSigningKey(ctx context.Context, selector, domain string) (SigningKey, error) {
	list, err := c.SigningKeys(ctx)
	for _, k := range list {
		if k.Selector == selector && k.Domain == strings.ToLower(domain) {
			return k, nil
		}
	}
	return SigningKey{}, firstError(err, Fail(NotFound, "signing.unknown", "key", selector+"._domainkey."+domain))
}

func (c *Core) beginSigning(ctx context.Context, k *SigningKey) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		now := c.Now()
		there, err := tx.SigningKeys(ctx, k.Domain)
		if err != nil {
			return err
		}
		for i := range there {
			if o := &there[i]; o.ID != k.ID && o.Algorithm == k.Algorithm && o.State(now) == SigningSigns {
				o.Until = now
				if err := tx.SetSigningTime(ctx, o); err != nil {
					return err
				}
			}
		}
		k.From = now
		return tx.SetSigningTime(ctx, k)
	})
	c.forgetSigners()
	return err
}

// signingKept is how long the record and the key of an older signature are
// needed: while a mail is tried again, and until who got it has looked at it.
const signingKept = 7 * 24 * time.Hour

// RemoveSigningKey takes a key away: one that waits, or one that was replaced a
// week ago. One that signs goes only by another taking its place, or with last,
// which says that mail of the domain shall not be signed any more. For the operator.
func (c *Core) RemoveSigningKey(ctx context.Context, selector, domain string, last bool) (k SigningKey, err error) {
	if k, err = c.findSigningKey(ctx, selector, domain); err != nil {
		return k, err
	}
	switch now := c.Now(); k.State(now) {
	case SigningSigns:
		if !last {
			return k, Fail(Conflict, "signing.signs", "key", k.Name())
		}
	case SigningRetired:
		if now.Sub(k.Until) < signingKept && !last {
			return k, Fail(Conflict, "signing.underway", "key", k.Name())
		}
	}
	err = c.store.InTx(ctx, func(tx Tx) error { return tx.DeleteSigningKey(ctx, k.ID) })
	c.forgetSigners()
	return k, err
}
