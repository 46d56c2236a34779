package auth

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"net"
	"slices"
	"strings"
)

// keyring finds public keys in the DNS, each once for one message.
type keyring struct {
	ctx   context.Context
	dns   *lookups
	known map[string]keyFound
}

type keyFound struct {
	key crypto.PublicKey
	err error
}

// minRSA and maxRSA bound keys, in bits (RFC 8301 §3.2).
const minRSA, maxRSA = 1024, 4096

// check verifies the signature of a field with these tags over what it signs.
func (k *keyring) check(tags map[string]string, signed []byte) error {
	b, err := base64Of(tags["b"])
	if err != nil || len(b) == 0 {
		return broken("no signature")
	}
	domain, ok := asciiDomain(tags["d"])
	if !ok {
		return broken("d= is no domain")
	}
	selector := tags["s"]
	if selector == "" || len(selector) > 253 || strings.ContainsFunc(strings.ToLower(selector), func(r rune) bool { return r != '.' && oddInLabel(r) }) {
		return broken("s= is no selector")
	}
	key, err := k.find(selector + "._domainkey." + domain)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(signed)
	switch key := key.(type) {
	case *rsa.PublicKey:
		if tags["a"] != "rsa-sha256" {
			return broken("a= does not fit the key")
		}
		if n := key.N.BitLen(); n < minRSA || n > maxRSA {
			return broken("a key of %d bit", n)
		}
		if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], b) != nil {
			return broken("the signature does not fit")
		}
	case ed25519.PublicKey: // RFC 8463 §3
		if tags["a"] != "ed25519-sha256" {
			return broken("a= does not fit the key")
		}
		if !ed25519.Verify(key, sum[:], b) {
			return broken("the signature does not fit")
		}
	}
	return nil
}

func (k *keyring) find(name string) (crypto.PublicKey, error) {
	if f, ok := k.known[name]; ok {
		return f.key, f.err
	}
	var f keyFound
	f.key, f.err = k.ask(name)
	k.known[name] = f
	return f.key, f.err
}

func (k *keyring) ask(name string) (crypto.PublicKey, error) {
	records, err := lookupKey(k.ctx, k.dns, name)
	if e, ok := err.(*net.DNSError); ok && !e.IsNotFound {
		return nil, &arcError{why: "the key could not be asked for", temporary: true}
	}
	if err != nil || len(records) != 1 {
		return nil, broken("no key")
	}
	return readKey(records[0])
}

// readKey reads a key record (RFC 6376 §3.6.1, RFC 8463 §4).
func readKey(record string) (crypto.PublicKey, error) {
	tags, err := tagList(record)
	if err != nil {
		return nil, broken("the key record cannot be read")
	}
	allows := func(tag, want string) bool {
		list, given := tags[tag]
		return !given || slices.ContainsFunc(strings.Split(list, ":"), func(s string) bool {
			return strings.TrimSpace(s) == want || strings.TrimSpace(s) == "*"
		})
	}
	if v, given := tags["v"]; given && v != "DKIM1" || !allows("h", "sha256") || !allows("s", "email") {
		return nil, broken("the key is for something else")
	}
	der, err := base64Of(tags["p"])
	if err != nil || len(der) == 0 {
		return nil, broken("the key is revoked or cannot be read")
	}
	switch tags["k"] {
	case "", "rsa":
		if key, err := x509.ParsePKIXPublicKey(der); err == nil {
			if key, ok := key.(*rsa.PublicKey); ok {
				return key, nil
			}
		} else if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
			return key, nil
		}
	case "ed25519":
		if len(der) == ed25519.PublicKeySize {
			return ed25519.PublicKey(der), nil
		}
	}
	return nil, broken("the key cannot be read")
}
