package core

import (
	"context"
	"encoding/base64"
)

// Some providers give another refresh token each time and end the one before.
// The newest is kept sealed, under the one that was configured: whoever
// configures another begins anew.

const purposeOAuth = "oauth"

func refreshKey(configured string) string { return "oauth." + hashSecret(configured) }

// RefreshToken is the one in force in place of what was configured. It is a live secret.
func (c *Core) RefreshToken(ctx context.Context, configured string) (token string, err error) {
	token = configured
	err = c.store.Ask(ctx, func(tx Tx) error {
		value, ok, err := tx.FindValue(ctx, refreshKey(configured))
		if err != nil || !ok {
			return err
		}
		sealed, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return err
		}
		plain, err := c.keys.openSecret(purposeOAuth, ID(refreshKey(configured)), sealed)
		token = string(plain)
		return err
	})
	return token, err
}

// KeepRefreshToken keeps the one that a provider gave, for every process and the next start.
func (c *Core) KeepRefreshToken(ctx context.Context, configured, token string) error {
	key := refreshKey(configured)
	sealed, err := c.keys.sealSecret(purposeOAuth, ID(key), []byte(token))
	if err != nil {
		return err
	}
	return c.store.InTx(ctx, func(tx Tx) error { return tx.PutValue(ctx, key, base64.StdEncoding.EncodeToString(sealed)) })
}
