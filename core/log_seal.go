package core

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// The change log is sealed: a duty takes entries in order, some hundreds at a
// time, and writes beside them what only this host can write.
//
//	digest of an entry = SHA-256(salt, every field of it)
//	mark of a seal     = HMAC(key, mark of the seal before, number, time, all its ids, salts and digests)
//
// The key is derived from the host's master key, which is not in the database:
// who has only the database can change an entry, but cannot make the marks
// agree with it. The salt lets the words of an entry be erased one day and its
// digest stay, without the digest giving the words away.

// sealMargin is how old an entry must be: transactions commit in another order
// than their entries' ids, and one that is still under way must not be passed over.
const sealMargin = 2 * time.Minute

// lateWindow is how far back is looked for entries that came later even so.
const lateWindow = 2 * time.Hour

// sealBatch is the most entries of one seal.
const sealBatch = 500

// LogSeal covers some entries of the change log.
type LogSeal struct {
	Account ID
	// Number counts from 1 without gaps.
	Number int64
	At     time.Time
	// Upto is how far the log was looked at: behind it nothing is sealed yet.
	Upto ID
	// Last is the greatest ID it covers.
	Last    ID
	Entries []SealedEntry
	// Mark chains it to all before.
	Mark []byte
}

// SealedEntry is what a seal knows of one entry.
type SealedEntry struct {
	ID     ID
	Salt   [16]byte
	Digest [32]byte
}

// digestOf is the salted digest of an entry. Each field is preceded by its
// length, so that no two entries have the same bytes.
func digestOf(salt [16]byte, e *LogEntry) (sum [32]byte) {
	h := sha256.New()
	h.Write(salt[:])
	field := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		io.WriteString(h, s)
	}
	for _, s := range []string{string(e.ID), string(e.Account), fmt.Sprint(e.At.UnixMicro()), string(e.Actor), e.Via, e.Auth, string(e.Behalf), e.Code, e.Object, string(e.ObjectID)} {
		field(s)
	}
	field(fmt.Sprint(len(e.Params)))
	for _, s := range e.Params {
		field(s)
	}
	for _, ch := range e.Changes {
		field(ch.Field)
		field(ch.Was)
		field(ch.Now)
	}
	h.Sum(sum[:0])
	return sum
}

// markOf is the mark of a seal after one whose mark is before.
func markOf(key, before []byte, s *LogSeal) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(before)
	fmt.Fprintf(h, "%s %d %d %s %s %d\n", s.Account, s.Number, s.At.UnixMicro(), s.Upto, s.Last, len(s.Entries))
	for i := range s.Entries {
		e := &s.Entries[i]
		io.WriteString(h, string(e.ID)+"\n")
		h.Write(e.Salt[:])
		h.Write(e.Digest[:])
	}
	return h.Sum(nil)
}

// SealLog seals what is old enough in every account; a duty.
func (c *Core) SealLog(ctx context.Context) error {
	upto := idAt(c.Now().Add(-sealMargin))
	return c.eachAccount(ctx, func(account ID) error { return c.sealUpto(ctx, account, upto) })
}

// SealLate seals entries that were committed after later ones had been sealed; a duty.
func (c *Core) SealLate(ctx context.Context) error {
	from := idAt(c.Now().Add(-lateWindow))
	return c.eachAccount(ctx, func(account ID) error { return c.sealLate(ctx, account, from) })
}

func (c *Core) eachAccount(ctx context.Context, do func(ID) error) error {
	accounts, err := c.Accounts(ctx)
	for i := 0; i < len(accounts) && err == nil; i++ {
		err = do(accounts[i].ID)
	}
	return err
}

// sealUpto seals all entries before upto that lie behind the sealed ones.
func (c *Core) sealUpto(ctx context.Context, account, upto ID) error {
	for {
		n := 0
		err := c.store.InTx(ctx, func(tx Tx) error {
			last, err := tx.LastSeal(ctx, account)
			if err != nil {
				return err
			}
			list, err := tx.LogAfter(ctx, account, last.Upto, upto, sealBatch)
			if n = len(list); err != nil || n == 0 {
				return err
			}
			return c.seal(ctx, tx, last, list[n-1].ID, list)
		})
		if err != nil || n < sealBatch {
			return err
		}
	}
}

// sealLate seals entries behind from that were passed over.
func (c *Core) sealLate(ctx context.Context, account, from ID) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		last, err := tx.LastSeal(ctx, account)
		if err != nil || last.Upto <= from {
			return err
		}
		sealed := make(map[ID]bool)
		seals, err := tx.SealsReaching(ctx, account, from)
		for i := range seals {
			for j := range seals[i].Entries {
				sealed[seals[i].Entries[j].ID] = true
			}
		}
		var late []LogEntry
		for after := from; err == nil && len(late) < sealBatch; {
			var list []LogEntry
			if list, err = tx.LogAfter(ctx, account, after, last.Upto, sealBatch); len(list) == 0 {
				break
			}
			for i := range list {
				if !sealed[list[i].ID] {
					late = append(late, list[i])
				}
			}
			after = list[len(list)-1].ID
		}
		if err != nil || len(late) == 0 {
			return err
		}
		return c.seal(ctx, tx, last, last.Upto, late)
	})
}

// seal writes the seal behind last over the entries of list, oldest first.
func (c *Core) seal(ctx context.Context, tx Tx, last LogSeal, upto ID, list []LogEntry) error {
	s := LogSeal{Account: list[0].Account, Number: last.Number + 1, At: tx.Now(), Upto: upto, Last: list[len(list)-1].ID}
	for i := range list {
		e := SealedEntry{ID: list[i].ID}
		if _, err := io.ReadFull(c.rand, e.Salt[:]); err != nil {
			return fmt.Errorf("salt: %w", err)
		}
		e.Digest = digestOf(e.Salt, &list[i])
		s.Entries = append(s.Entries, e)
	}
	s.Mark = markOf(c.keys.Derive(sealKey), last.Mark, &s)
	return tx.AppendSeal(ctx, &s)
}

// sealKey is the purpose of the key that marks seals.
const sealKey = "change log"
