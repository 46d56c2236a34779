package core_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"planpost/core"
)

func TestARefreshTokenThatTheProviderGaveIsKeptSealed(t *testing.T) {
	each(t, func(h *house) {
		get := func(configured string) string {
			token, err := h.c.RefreshToken(h.ctx, configured)
			h.must(err)
			return token
		}
		if got := get("first"); got != "first" {
			h.t.Errorf("before any was given: %q", got)
		}
		h.must(h.c.KeepRefreshToken(h.ctx, "first", "second"))
		h.must(h.c.KeepRefreshToken(h.ctx, "first", "the third one"))
		if got := get("first"); got != "the third one" {
			h.t.Errorf("in force is %q", got)
		}
		if got := get("another"); got != "another" {
			h.t.Errorf("of another configuration: %q", got)
		}
		h.must(h.store.View(h.ctx, func(tx core.Tx) error {
			value, ok, err := tx.FindValue(h.ctx, fmt.Sprintf("oauth.%x", sha256.Sum256([]byte("first"))))
			if !ok || strings.Contains(value, "third") {
				h.t.Errorf("kept as %q", value)
			}
			return err
		}))
	})
}
