package core

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
)

// Keyring holds the host's master keys. Keys for every purpose are derived
// from them (HKDF, RFC 5869), so no derived key and no token rests anywhere.
type Keyring struct {
	keys []masterKey // the newest first
}

type masterKey struct {
	id    byte // the first byte of its fingerprint; two bits of it are part of every address made with it
	bytes []byte
	reply []byte
	bounc []byte
	msgid []byte
	wrap  []byte
}

// NewKeyring makes a ring of master keys of 32 bytes each, the one in use
// first; older ones only verify and open.
func NewKeyring(masters ...[]byte) (*Keyring, error) {
	if len(masters) == 0 || len(masters) > 4 {
		return nil, errors.New("a keyring holds one to four master keys")
	}
	k := &Keyring{}
	for _, m := range masters {
		if len(m) != 32 {
			return nil, errors.New("a master key has 32 bytes")
		}
		// A key is known by its fingerprint, so that it stays itself whatever keys come and go.
		mk := masterKey{id: fingerprint(m)[0], bytes: m}
		for purpose, to := range map[string]*[]byte{"reply address": &mk.reply, "bounce address": &mk.bounc, "message id": &mk.msgid, "wrap account key": &mk.wrap} {
			d, err := hkdf.Key(sha256.New, m, nil, "planpost "+purpose, 32)
			if err != nil {
				return nil, err
			}
			*to = d
		}
		k.keys = append(k.keys, mk)
	}
	return k, nil
}

// Derive gives 32 bytes for a purpose that has no method of its own.
func (k *Keyring) Derive(purpose string) []byte { return k.DeriveAll(purpose)[0] }

// DeriveAll gives them for every master key, the one in use first.
func (k *Keyring) DeriveAll(purpose string) (list [][]byte) {
	for i := range k.keys {
		d, err := hkdf.Key(sha256.New, k.keys[i].bytes, nil, "planpost "+purpose, 32)
		if err != nil {
			panic("core: derive " + purpose + ": " + err.Error())
		}
		list = append(list, d)
	}
	return list
}

// addressText is the alphabet of reply addresses: lower case, without l, o,
// 0 and 1, so that it survives servers that change case and people who type.
const addressText = "23456789abcdefghijkmnpqrstuvwxyz"

// The token of an address has 225 bits in 45 characters: 128 of the id,
// 2 of the version (0), 2 of the key's number, 93 of the MAC.
const (
	tokenLen = 45
	macBits  = 93
)

// replyPrefix and bouncePrefix start the local parts of our own addresses.
const (
	replyPrefix  = "r-"
	bouncePrefix = "b-"
)

func sealToken(key masterKey, kind []byte, id ID, scope string) string {
	b := id.Bytes()
	n := new(big.Int).SetBytes(b[:])
	n.Lsh(n, 4)
	n.Or(n, big.NewInt(int64(key.id&3)))
	n.Lsh(n, macBits)
	n.Or(n, tokenMAC(kind, key.id, b, scope))
	out := make([]byte, tokenLen)
	mod, five := new(big.Int), uint(5)
	mask := big.NewInt(31)
	for i := tokenLen - 1; i >= 0; i-- {
		out[i] = addressText[mod.And(n, mask).Int64()]
		n.Rsh(n, five)
	}
	return string(out)
}

func tokenMAC(kind []byte, keyID byte, id [16]byte, scope string) *big.Int {
	h := hmac.New(sha256.New, kind)
	h.Write([]byte{0, keyID})
	h.Write(id[:])
	h.Write([]byte(scope))
	n := new(big.Int).SetBytes(h.Sum(nil)[:12])
	return n.Rsh(n, 96-macBits)
}

// openToken reads a token; ok is false when it is not one of ours. The
// comparison takes the same time wherever it differs.
func (k *Keyring) openToken(s string, kind func(masterKey) []byte, scopes ...string) (ID, bool) {
	if len(s) != tokenLen {
		return "", false
	}
	n := new(big.Int)
	for i := range len(s) {
		v := strings.IndexByte(addressText, lowerByte(s[i]))
		if v < 0 {
			return "", false
		}
		n.Lsh(n, 5).Or(n, big.NewInt(int64(v)))
	}
	mac := new(big.Int).And(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), macBits), big.NewInt(1)))
	n.Rsh(n, macBits)
	head := new(big.Int).And(n, big.NewInt(15)).Int64()
	n.Rsh(n, 4)
	var id [16]byte
	n.FillBytes(id[:])
	if head>>2 != 0 { // another version
		return "", false
	}
	for _, key := range k.keys {
		if int64(key.id&3) != head&3 {
			continue
		}
		for _, scope := range scopes {
			if subtle.ConstantTimeCompare(mac.FillBytes(make([]byte, 12)), tokenMAC(kind(key), key.id, id, scope).FillBytes(make([]byte, 12))) == 1 {
				return IDOf(id), true
			}
		}
	}
	return "", false
}

func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

func replyKey(k masterKey) []byte  { return k.reply }
func bounceKey(k masterKey) []byte { return k.bounc }

// ReplyLocal is the local part of a link's reply address: 47 of the 64
// octets allowed (RFC 5321 §4.5.3.1.1). It is made while rendering and never stored.
func (k *Keyring) ReplyLocal(link ID) string {
	return replyPrefix + sealToken(k.keys[0], k.keys[0].reply, link, "")
}

// BounceLocal is the local part of a delivery's reverse-path, to which reports come back.
func (k *Keyring) BounceLocal(delivery ID) string {
	return bouncePrefix + sealToken(k.keys[0], k.keys[0].bounc, delivery, "")
}

// OpenReply reads the local part of a reply address.
func (k *Keyring) OpenReply(local string) (link ID, ok bool) {
	rest, found := cutPrefixFold(local, replyPrefix)
	if !found {
		return "", false
	}
	return k.openToken(rest, replyKey, "")
}

// OpenBounce reads the local part of a bounce address.
func (k *Keyring) OpenBounce(local string) (delivery ID, ok bool) {
	rest, found := cutPrefixFold(local, bouncePrefix)
	if !found {
		return "", false
	}
	return k.openToken(rest, bounceKey, "")
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}

// MessageIDOf is the Message-ID of a delivery, without brackets:
// d-ID.MAC@domain, known as ours without a look-up.
func (k *Keyring) MessageIDOf(delivery ID, domain string) string {
	return "d-" + string(delivery) + "." + messageMAC(k.keys[0], delivery) + "@" + domain
}

// OpenMessageID tells whose delivery a Message-ID names, if it is ours.
func (k *Keyring) OpenMessageID(id, domain string) (delivery ID, ok bool) {
	local, dom, found := strings.Cut(id, "@")
	if !found || !strings.EqualFold(dom, domain) {
		return "", false
	}
	rest, found := cutPrefixFold(local, "d-")
	if !found {
		return "", false
	}
	name, mac, found := strings.Cut(strings.ToLower(rest), ".")
	if !found {
		return "", false
	}
	if delivery, ok = ParseID(name); !ok {
		return "", false
	}
	for _, key := range k.keys {
		if subtle.ConstantTimeCompare([]byte(mac), []byte(messageMAC(key, delivery))) == 1 {
			return delivery, true
		}
	}
	return "", false
}

func messageMAC(k masterKey, delivery ID) string {
	h := hmac.New(sha256.New, k.msgid)
	h.Write([]byte(delivery))
	return idText.EncodeToString(h.Sum(nil)[:10])
}

func fingerprint(master []byte) []byte {
	sum := sha256.Sum256(append([]byte("planpost fingerprint "), master...))
	return sum[:]
}

// Fingerprints name the master keys, the one in use first, without telling them.
func (k *Keyring) Fingerprints() (list []string) {
	for _, key := range k.keys {
		list = append(list, hex.EncodeToString(fingerprint(key.bytes)[:8]))
	}
	return list
}
