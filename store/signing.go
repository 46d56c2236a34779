package store

import (
	"context"

	"planpost/core"
)

const (
	createSigningKey = `
		insert into signing_key (id, domain, selector, algorithm, public, sealed, created_at, signs_from, signs_until) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	signingKeys = `
		select id, domain, selector, algorithm, public, sealed, created_at, signs_from, signs_until from signing_key
		where $1 = '' or domain = $1 order by domain, id`
	setSigningTime   = `update signing_key set signs_from = $2, signs_until = $3 where id = $1`
	deleteSigningKey = `delete from signing_key where id = $1`
)

// CreateSigningKey implements core.SigningTx, as do the methods below.
func (x *tx) CreateSigningKey(ctx context.Context, k *core.SigningKey) error {
	_, err := x.exec(ctx, createSigningKey, k.ID, text(k.Domain), text(k.Selector), k.Algorithm, k.Public, k.Sealed, micros(k.CreatedAt), micros(k.From), micros(k.Until))
	return err
}

func (x *tx) SigningKeys(ctx context.Context, domain string) ([]core.SigningKey, error) {
	return list(ctx, x, func(r row, k *core.SigningKey) error {
		return r.Scan(&k.ID, &k.Domain, &k.Selector, &k.Algorithm, &k.Public, &k.Sealed, into(&k.CreatedAt), into(&k.From), into(&k.Until))
	}, signingKeys, text(domain))
}

func (x *tx) SetSigningTime(ctx context.Context, k *core.SigningKey) error {
	n, err := x.exec(ctx, setSigningTime, k.ID, micros(k.From), micros(k.Until))
	return must(n, err, "signing.unknown")
}

func (x *tx) DeleteSigningKey(ctx context.Context, id core.ID) error {
	n, err := x.exec(ctx, deleteSigningKey, id)
	return must(n, err, "signing.unknown")
}
