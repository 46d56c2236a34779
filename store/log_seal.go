package store

import (
	"context"
	"fmt"

	"planpost/core"
)

const (
	sealColumns   = `account_id, number, at, upto, last_id, entries, mark`
	lastSeal      = `select ` + sealColumns + ` from log_seal where account_id = $1 order by number desc limit 1`
	sealsAfter    = `select ` + sealColumns + ` from log_seal where account_id = $1 and number > $2 order by number limit $3`
	sealsReaching = `select ` + sealColumns + ` from log_seal where account_id = $1 and last_id >= $2 order by number`
)

var sealTable = newTable("log_seal", "", "account_id key", "number int", "at int", "upto key", "last_id key", "entries bytes", "mark bytes")

// sealedBytes is the length of one entry in a seal's row: ID, salt, digest.
const sealedBytes = 16 + 16 + 32

func packSealed(list []core.SealedEntry) []byte {
	b := make([]byte, 0, len(list)*sealedBytes)
	for i := range list {
		id := list[i].ID.Bytes()
		b = append(append(append(b, id[:]...), list[i].Salt[:]...), list[i].Digest[:]...)
	}
	return b
}

func unpackSealed(b []byte) ([]core.SealedEntry, error) {
	if len(b)%sealedBytes != 0 {
		return nil, fmt.Errorf("a seal of the change log has %d bytes of entries", len(b))
	}
	list := make([]core.SealedEntry, len(b)/sealedBytes)
	for i := range list {
		one := b[i*sealedBytes:]
		list[i] = core.SealedEntry{ID: core.IDOf([16]byte(one)), Salt: [16]byte(one[16:]), Digest: [32]byte(one[32:])}
	}
	return list, nil
}

func scanSeal(r row, s *core.LogSeal) error {
	var packed []byte
	if err := r.Scan(&s.Account, &s.Number, into(&s.At), &s.Upto, &s.Last, &packed, &s.Mark); err != nil {
		return err
	}
	var err error
	s.Entries, err = unpackSealed(packed)
	return err
}

// LastSeal gives the zero seal when there is none.
func (x *tx) LastSeal(ctx context.Context, account core.ID) (core.LogSeal, error) {
	s, _, err := lookup(ctx, x, scanSeal, lastSeal, account)
	return s, err
}

func (x *tx) SealsAfter(ctx context.Context, account core.ID, number int64, n int) ([]core.LogSeal, error) {
	return list(ctx, x, scanSeal, sealsAfter, account, number, limit(n, 100))
}

func (x *tx) SealsReaching(ctx context.Context, account, id core.ID) ([]core.LogSeal, error) {
	return list(ctx, x, scanSeal, sealsReaching, account, id)
}

func (x *tx) AppendSeal(ctx context.Context, s *core.LogSeal) error {
	return x.insert(ctx, sealTable, []any{s.Account, s.Number, micros(s.At), s.Upto, s.Last, packSealed(s.Entries), s.Mark})
}
