package core

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// A token in a mail is base64url(id ‖ tag): 43 characters, of which 128 bits
// are the row's random id and 128 an HMAC over kind, id and generation under a
// key of the kind. It is computed while a page or mail is rendered and kept
// nowhere: a copy of the database alone forges nothing, and a guess is refused
// before the database is asked.
const (
	linkTokenLen = 43
	linkTagLen   = 16
	// maxGeneration bounds how often tokens of one row are made invalid: a token does not name its
	// generation, so each is tried. Beyond it another row must be made.
	maxGeneration = 15
)

func linkKey(key masterKey, purpose string) []byte {
	d, err := hkdf.Key(sha256.New, key.bytes, nil, "planpost link "+purpose, 32)
	if err != nil {
		panic("core: link key: " + err.Error())
	}
	return d
}

func linkTag(key []byte, purpose string, id [16]byte, generation int) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write(id[:])
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(generation)))
	return h.Sum(nil)[:linkTagLen]
}

// LinkToken is the token of a link row of that kind and generation.
func (k *Keyring) LinkToken(kind LinkKind, id ID, generation int) string {
	return k.linkToken(string(kind), id, generation)
}

// OpenLink reads a token of that kind made with any key of the ring. The caller
// still compares the generation with the row's: an older one has ended.
func (k *Keyring) OpenLink(kind LinkKind, token string) (id ID, generation int, ok bool) {
	return k.openLinkToken(string(kind), token)
}

// LinkPass is what a browser keeps instead of the token of the address it came
// by: bound to the same row and generation, and of no use as an address.
func (k *Keyring) LinkPass(kind LinkKind, id ID, generation int) string {
	return k.linkToken("pass "+string(kind), id, generation)
}

// OpenLinkPass reads what LinkPass made.
func (k *Keyring) OpenLinkPass(kind LinkKind, pass string) (id ID, generation int, ok bool) {
	return k.openLinkToken("pass "+string(kind), pass)
}

func (k *Keyring) linkToken(purpose string, id ID, generation int) string {
	b := id.Bytes()
	return base64.RawURLEncoding.EncodeToString(append(b[:], linkTag(linkKey(k.keys[0], purpose), purpose, b, generation)...))
}

func (k *Keyring) openLinkToken(purpose, token string) (ID, int, bool) {
	if len(token) != linkTokenLen {
		return "", 0, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != 16+linkTagLen {
		return "", 0, false
	}
	id := [16]byte(raw[:16])
	for _, key := range k.keys {
		derived := linkKey(key, purpose)
		for generation := range maxGeneration + 1 {
			if subtle.ConstantTimeCompare(raw[16:], linkTag(derived, purpose, id, generation)) == 1 {
				return IDOf(id), generation, true
			}
		}
	}
	return "", 0, false
}

// linkCodeLen is the length of a short code, in digits: phones recognise such
// ones in a mail and offer them. The row's limits of tries and time make 26 bits enough.
const linkCodeLen = 8

// LinkCode is the short code of a link row and generation, for typing off a
// mail. Like a token it rests nowhere.
func (k *Keyring) LinkCode(id ID, generation int) string {
	return k.linkCode(k.keys[0], id, generation)
}

func (k *Keyring) linkCode(key masterKey, id ID, generation int) string {
	tag := linkTag(linkKey(key, string(CodeLink)), string(CodeLink), id.Bytes(), generation)
	return fmt.Sprintf("%0*d", linkCodeLen, binary.BigEndian.Uint64(tag)%1e8)
}

// bareCode is a typed code without what people put between its digits.
func bareCode(typed string) string {
	return strings.NewReplacer("-", "", " ", "", "\u00a0", "").Replace(typed)
}

// LinkCodeFits compares what somebody typed with the code of a row, for any key of the ring.
func (k *Keyring) LinkCodeFits(typed string, id ID, generation int) bool {
	typed = bareCode(typed)
	fits := 0
	for _, key := range k.keys {
		fits |= subtle.ConstantTimeCompare([]byte(typed), []byte(k.linkCode(key, id, generation)))
	}
	return fits == 1
}
