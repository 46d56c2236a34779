package core

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// A time-based code (RFC 6238): SHA-1, six digits, a new one every 30 seconds.
// It is what every authenticator understands; others are ignored by many.
const (
	totpStep   = 30
	totpDigits = 6
	totpSecret = 20 // bytes: RFC 4226 §4 recommends 160 bits
)

// stepAt is the number of the code in force at a moment (RFC 6238 §4.2).
func stepAt(now time.Time) int64 { return now.Unix() / totpStep }

// totp is the code of a step (RFC 4226 §5.3).
func totp(secret []byte, step int64) string {
	h := hmac.New(sha1.New, secret)
	_ = binary.Write(h, binary.BigEndian, step)
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%0*d", totpDigits, binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// stepOf is the step of a code that is good now or was one step before or
// after (clocks differ, RFC 6238 §5.2), 0 for none. Every one is compared
// whatever the first says.
func stepOf(secret []byte, code string, now time.Time) (step int64) {
	for d := int64(-1); d <= 1; d++ {
		s := stepAt(now) + d
		if subtle.ConstantTimeCompare([]byte(totp(secret, s)), []byte(code)) == 1 {
			step = s
		}
	}
	return step
}

// secretText is a secret as people type it.
func secretText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// otpauth is the address that a picture carries to an authenticator.
func otpauth(secret []byte, issuer, login string) string {
	label := url.PathEscape(strings.ReplaceAll(issuer, ":", " ") + ":" + login)
	q := url.Values{"secret": {secretText(secret)}, "issuer": {issuer}}
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(q.Encode(), "+", "%20") // some read + as it is
}

// sealSecret seals a few bytes for rows that belong to the host and to no
// account, such as the secret of a login: number of the master key, nonce,
// sealed bytes, bound to purpose and row.
func (k *Keyring) sealSecret(purpose string, row ID, plain []byte) ([]byte, error) {
	aead, err := newAEAD(k.keys[0].forPurpose(purpose))
	if err != nil {
		return nil, err
	}
	return append([]byte{k.keys[0].id}, sealWith(aead, plain, row)...), nil
}

// openSecret opens what sealSecret made with any key of the ring.
func (k *Keyring) openSecret(purpose string, row ID, sealed []byte) ([]byte, error) {
	for i := range k.keys {
		if len(sealed) == 0 || k.keys[i].id != sealed[0] {
			continue
		}
		aead, err := newAEAD(k.keys[i].forPurpose(purpose))
		if err != nil {
			return nil, err
		}
		if plain, err := openWith(aead, sealed[1:], row); err == nil {
			return plain, nil
		}
	}
	return nil, errSeal
}

func (m *masterKey) forPurpose(purpose string) []byte {
	d, err := hkdf.Key(sha256.New, m.bytes, nil, "planpost seal "+purpose, 32)
	if err != nil {
		panic("core: derive " + purpose + ": " + err.Error())
	}
	return d
}
