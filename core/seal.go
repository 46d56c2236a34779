package core

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Raw mail is compressed, then sealed with the account's content key
// (AES-256-GCM), which itself lies in the database wrapped by the host's
// master key: a copy of the database alone reads no mail.

// sealCache keeps the opened content keys. mu guards byA.
type sealCache struct {
	mu  sync.RWMutex
	byA map[ID]cipher.AEAD
}

var (
	// The encoder and decoder are stateless and safe for concurrent use in their EncodeAll and DecodeAll.
	zstdEncoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true))
	zstdDecoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(1<<30), zstd.WithDecoderLowmem(true))
)

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
			return nil, fmt.Errorf("content key of account %s: %w", a.ID, err)
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
	return nil, fmt.Errorf("account %s: master key %d is not in the keyring", a.ID, a.Key[0])
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

// packBuffers hold compressed mail between compressing and sealing.
var packBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// Seal compresses and seals content of an account; row is the ID it belongs to.
func (c *Core) Seal(a *Account, row ID, plain []byte) ([]byte, error) {
	aead, err := c.aead(a)
	if err != nil {
		return nil, err
	}
	buf := packBuffers.Get().(*[]byte)
	packed := zstdEncoder.EncodeAll(plain, (*buf)[:0])
	sealed := sealWith(aead, packed, row)
	if cap(packed) <= 256<<10 { // one huge mail must not stay in memory for ever
		*buf = packed
	}
	packBuffers.Put(buf)
	return sealed, nil
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
	plain, err := zstdDecoder.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", row, err)
	}
	return plain, nil
}

// rawOf gives the source of a message, wherever it lies.
func (c *Core) rawOf(ctx context.Context, a *Account, m *Message) ([]byte, error) {
	if m.RawHash != "" {
		return c.readSealedFile(ctx, a, m)
	}
	var sealed []byte
	err := c.store.View(ctx, func(tx Tx) error {
		var err error
		sealed, err = tx.FindRaw(ctx, a.ID, m.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.Unseal(a, m.ID, sealed)
}
