package core

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/s2"
)

// Raw mail is compressed (S2: a quarter of zstd's processor cost for a third
// more bytes, measured on replies of 4 and 100 KB), then sealed with the account's content key
// (AES-256-GCM), which itself lies in the database wrapped by the host's
// master key: a copy of the database alone reads no mail.

// sealCache keeps the opened content keys. mu guards byA.
type sealCache struct {
	mu  sync.RWMutex
	byA map[ID]cipher.AEAD
}

var errSeal = errors.New("sealed content does not open: wrong key or damaged")

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// newAccountKey makes a content key, wrapped: number of the master key, nonce, sealed key.
func (c *Core) newAccountKey(account ID) ([]byte, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, fmt.Errorf("account key: %w", err)
	}
	wrap, err := newAEAD(c.keys.keys[0].wrap)
	if err != nil {
		return nil, err
	}
	return append([]byte{c.keys.keys[0].id}, sealWith(wrap, key[:], account)...), nil
}

func (c *Core) aead(a *Account) (cipher.AEAD, error) {
	c.seals.mu.RLock()
	known := c.seals.byA[a.ID]
	c.seals.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	if len(a.Key) < 2 {
		return nil, fmt.Errorf("account %s has no content key", a.ID)
	}
	for _, master := range c.keys.keys {
		if master.id != a.Key[0] {
			continue
		}
		wrap, err := newAEAD(master.wrap)
		if err != nil {
			return nil, err
		}
		key, err := openWith(wrap, a.Key[1:], a.ID)
		if err != nil {
			continue // another master key with the same first byte, or a damaged row
		}
		opened, err := newAEAD(key)
		if err != nil {
			return nil, err
		}
		c.seals.mu.Lock()
		defer c.seals.mu.Unlock()
		if c.seals.byA == nil {
			c.seals.byA = make(map[ID]cipher.AEAD)
		}
		c.seals.byA[a.ID] = opened
		return opened, nil
	}
	return nil, fmt.Errorf("account %s: none of the master keys opens its content key: %w", a.ID, errSeal)
}

// sealWith binds the content to the row it belongs to.
func sealWith(aead cipher.AEAD, plain []byte, row ID) []byte {
	out := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	if _, err := rand.Read(out); err != nil {
		panic("core: the system gives no randomness: " + err.Error())
	}
	return aead.Seal(out, out, plain, []byte(row))
}

func openWith(aead cipher.AEAD, sealed []byte, row ID) ([]byte, error) {
	n := aead.NonceSize()
	if len(sealed) < n {
		return nil, errSeal
	}
	plain, err := aead.Open(nil, sealed[:n], sealed[n:], []byte(row))
	if err != nil {
		return nil, errSeal
	}
	return plain, nil
}

// maxPooled bounds the buffers that are kept: one huge mail must not stay in memory for ever.
const maxPooled = 256 << 10

// packBuffers hold compressed mail between compressing and sealing.
var packBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// Seal compresses and seals content of an account; row is the ID it belongs to.
func (c *Core) Seal(a *Account, row ID, plain []byte) ([]byte, error) {
	aead, err := c.aead(a)
	if err != nil {
		return nil, err
	}
	buf := packBuffers.Get().(*[]byte)
	defer packBuffers.Put(buf)
	if n := s2.MaxEncodedLen(len(plain)); n > cap(*buf) {
		grown := make([]byte, n)
		if n > maxPooled {
			return sealWith(aead, s2.Encode(grown, plain), row), nil
		}
		*buf = grown
	}
	return sealWith(aead, s2.Encode((*buf)[:cap(*buf)], plain), row), nil
}

// Unseal opens what Seal made.
func (c *Core) Unseal(a *Account, row ID, sealed []byte) ([]byte, error) {
	aead, err := c.aead(a)
	if err != nil {
		return nil, err
	}
	packed, err := openWith(aead, sealed, row)
	if err != nil {
		return nil, err
	}
	plain, err := s2.Decode(nil, packed)
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", row, err)
	}
	return plain, nil
}

// rawOf gives the source of a message, and what was cut out of it, wherever they lie.
func (c *Core) rawOf(ctx context.Context, a *Account, m *Message) (raw []byte, cuts []Cut, err error) {
	var sealed []byte
	if m.RawHash != "" {
		sealed, err = c.readFile(ctx, a, m.RawHash)
	} else {
		err = c.store.View(ctx, func(tx Tx) error {
			var err error
			sealed, err = tx.FindRaw(ctx, a.ID, m.ID)
			return err
		})
	}
	if err != nil {
		return nil, nil, err
	}
	plain, err := c.Unseal(a, m.ID, sealed)
	if err != nil {
		return nil, nil, err
	}
	return unpackMail(plain)
}

// sealMail seals a source together with its cuts: they repeat its text, so
// beside it they cost almost nothing.
func (c *Core) sealMail(a *Account, row ID, raw []byte, cuts []Cut) ([]byte, error) {
	buf := mailBuffers.Get().(*[]byte)
	plain := packMail((*buf)[:0], raw, cuts)
	sealed, err := c.Seal(a, row, plain)
	if cap(plain) <= maxPooled {
		*buf = plain
	}
	mailBuffers.Put(buf)
	return sealed, err
}

// mailBuffers hold a source with its cuts before they are compressed.
var mailBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }}

// packMail writes length and bytes of the source, then reason and text of each cut.
func packMail(to, raw []byte, cuts []Cut) []byte {
	to = append(binary.AppendUvarint(to, uint64(len(raw))), raw...)
	for _, cut := range cuts {
		for _, s := range [...]string{cut.Why, cut.Text} {
			to = append(binary.AppendUvarint(to, uint64(len(s))), s...)
		}
	}
	return to
}

func unpackMail(plain []byte) (raw []byte, cuts []Cut, err error) {
	next := func() []byte {
		n, size := binary.Uvarint(plain)
		if size <= 0 || n > uint64(len(plain)-size) {
			err = errSeal
			plain = nil
			return nil
		}
		piece := plain[size : size+int(n)]
		plain = plain[size+int(n):]
		return piece
	}
	raw = next()
	for len(plain) > 0 && err == nil {
		why := string(next())
		if len(plain) == 0 {
			return nil, nil, errSeal
		}
		cuts = append(cuts, Cut{Why: why, Text: string(next())})
	}
	return raw, cuts, err
}

// readFile gives a whole file of the account.
func (c *Core) readFile(ctx context.Context, a *Account, hash string) ([]byte, error) {
	f, err := c.files.Open(ctx, a.ID, hash)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
