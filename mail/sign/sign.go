// Package sign puts DKIM signatures (RFC 6376, RFC 8463) on outgoing mail.
//
// A Signer has one key or several for a domain: RSA for everybody, Ed25519 for
// those who know it. The body is canonicalised and hashed once for all of them.
// The same message, time and keys give the same bytes, so that a mail which is
// sent twice is the same mail.
//
// The package knows bytes and keys. Where keys come from, and which domain a
// mail is signed for, is not its business.
package sign

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Key signs for a domain under a selector (RFC 6376 §3.1).
type Key struct {
	// Domain is what the signature speaks for (d=), Selector where its public key stands: SELECTOR._domainkey.DOMAIN.
	Domain, Selector string
	// Private is an *rsa.PrivateKey of at least 1024 bits (RFC 8301 §3.2 asks for 2048) or an ed25519.PrivateKey.
	Private crypto.Signer
}

// Algorithm is the key's, as it stands in a=: rsa-sha256 or ed25519-sha256; empty for another sort of key.
func (k *Key) Algorithm() string {
	switch p := k.Private.(type) {
	case *rsa.PrivateKey:
		if p.N.BitLen() >= 1024 {
			return "rsa-sha256"
		}
	case ed25519.PrivateKey:
		return "ed25519-sha256"
	}
	return ""
}

// Signer signs with all of its keys.
type Signer struct{ keys []Key }

// New checks the keys. At least one is needed.
func New(keys ...Key) (*Signer, error) {
	if len(keys) == 0 {
		return nil, errors.New("dkim: no key to sign with")
	}
	for i := range keys {
		k := &keys[i]
		if k.Domain == "" || k.Selector == "" {
			return nil, fmt.Errorf("dkim: key %d has no domain or no selector", i+1)
		}
		if k.Algorithm() == "" {
			return nil, fmt.Errorf("dkim: the key %s._domainkey.%s is neither Ed25519 nor RSA of 1024 bits or more", k.Selector, k.Domain)
		}
	}
	return &Signer{append([]Key(nil), keys...)}, nil
}

// signed are the fields a signature covers where they are there. Those in
// sealed are named once more than they occur: nobody can add another one
// without breaking the signature (RFC 6376 §5.4.2). RFC 8058 §4 wants both unsubscribe fields covered.
var (
	signed = []string{"from", "to", "cc", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "mime-version", "content-type",
		"content-transfer-encoding", "auto-submitted", "list-id", "list-unsubscribe", "list-unsubscribe-post"}
	sealed = map[string]bool{"from": true, "to": true, "cc": true, "subject": true, "date": true, "message-id": true, "reply-to": true, "mime-version": true,
		"content-type": true, "list-unsubscribe": true, "list-unsubscribe-post": true}
)

// ErrMessage tells that what is to be signed has no header and body in CRLF lines.
var ErrMessage = errors.New("dkim: not a message")

// Sign gives the DKIM-Signature fields for raw, a message with CRLF line ends,
// to be put before it. at is the time of signing (t=), in whole seconds.
func (s *Signer) Sign(raw []byte, at time.Time) ([]byte, error) {
	fields, body, ok := split(raw)
	if !ok {
		return nil, ErrMessage
	}
	bodyHash := hashBody(body)
	names, canon := covered(fields)
	var out strings.Builder
	out.Grow(1 << 10)
	for i := range s.keys {
		if err := s.keys[i].sign(&out, names, canon, bodyHash, at); err != nil {
			return nil, err
		}
	}
	return []byte(out.String()), nil
}

// covered are the names for h= and the canonical fields in that order. Of
// several of a name the last comes first (RFC 6376 §5.4.2).
func covered(fields []field) (names string, canon string) {
	var h, c strings.Builder
	add := func(name string) {
		if h.Len() > 0 {
			h.WriteString(":")
		}
		h.WriteString(name)
	}
	for _, name := range signed {
		for i := len(fields) - 1; i >= 0; i-- {
			if fields[i].name == name {
				add(name)
				c.WriteString(fields[i].relaxed())
				c.WriteString("\r\n")
			}
		}
		if sealed[name] {
			add(name)
		}
	}
	return h.String(), c.String()
}

// sign writes one field.
func (k *Key) sign(out *strings.Builder, names, canon string, bodyHash [sha256.Size]byte, at time.Time) error {
	value := "v=1; a=" + k.Algorithm() + "; c=relaxed/relaxed; d=" + k.Domain + "; s=" + k.Selector + ";\r\n\tt=" + strconv.FormatInt(at.Unix(), 10) +
		";\r\n\th=" + fold(names, ':') + ";\r\n\tbh=" + base64.StdEncoding.EncodeToString(bodyHash[:]) + ";\r\n\tb="
	own := field{"dkim-signature", " " + value}
	digest := sha256.Sum256([]byte(canon + own.relaxed())) // without the line end of the last field (RFC 6376 §3.7)
	// RFC 8463 §3: Ed25519 signs the digest itself, as a message.
	hash := crypto.Hash(crypto.SHA256)
	if _, ed := k.Private.(ed25519.PrivateKey); ed {
		hash = crypto.Hash(0)
	}
	b, err := k.Private.Sign(nil, digest[:], hash)
	if err != nil {
		return fmt.Errorf("dkim: %w", err)
	}
	out.WriteString("DKIM-Signature: " + value + fold(base64.StdEncoding.EncodeToString(b), 0) + "\r\n")
	return nil
}

// lineLength is how long a folded line becomes (RFC 5322 §2.1.1 asks for 78).
const lineLength = 72

// fold breaks a long value over lines, after the separator or, without one, anywhere.
func fold(s string, separator byte) string {
	var b strings.Builder
	for len(s) > lineLength {
		at := lineLength
		if separator != 0 {
			if at = strings.LastIndexByte(s[:lineLength], separator) + 1; at == 0 {
				break
			}
		}
		b.WriteString(s[:at] + "\r\n\t")
		s = s[at:]
	}
	return b.String() + s
}
