package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"
)

// pick makes n letters and figures out of a seed, for ids and boundaries:
// the same seed gives the same, so a composed mail can be compared.
func pick(seed string, n int) string {
	const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	var b strings.Builder
	for b.Len() < n {
		sum := sha256.Sum256([]byte(seed))
		v, base, mod := new(big.Int).SetBytes(sum[:]), big.NewInt(int64(len(alphabet))), new(big.Int)
		for range 40 {
			v.DivMod(v, base, mod)
			b.WriteByte(alphabet[mod.Int64()])
		}
		seed += "+"
	}
	return b.String()[:n]
}

// hexOf makes n hexadecimal figures, at most 64.
func hexOf(seed string, n int) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:])[:n]
}

// uuid has the form that Apple and Mozilla give their names.
func uuid(seed string) string {
	h := strings.ToUpper(hexOf("uuid "+seed, 32))
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-A" + h[17:20] + "-" + h[20:]
}
