package core

import (
	"bytes"
	"encoding/base32"
	"strings"
	"testing"
	"time"
)

// CodeAt is what an authenticator shows for a secret as people type it.
func CodeAt(secret string, at time.Time) string {
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		panic(err)
	}
	return totp(b, stepAt(at))
}

func TestS1CodesAreThoseOfTheStandard(t *testing.T) {
	// RFC 6238, Appendix B, SHA-1, the last six of the eight digits.
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := totp(secret, stepAt(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestS1ACodeIsGoodOneStepAroundItsOwn(t *testing.T) {
	secret, now := []byte("12345678901234567890"), time.Unix(1234567890, 0)
	for d := int64(-3); d <= 3; d++ {
		step := stepOf(secret, totp(secret, stepAt(now)+d), now)
		if good := step == stepAt(now)+d; good != (d >= -1 && d <= 1) {
			t.Errorf("%d steps away: step %d", d, step)
		}
	}
	if stepOf(secret, "", now) != 0 || stepOf(secret, "12345", now) != 0 {
		t.Error("no code is a code")
	}
}

func TestS1SecretsRestSealed(t *testing.T) {
	old, err := NewKeyring(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := old.sealSecret(factorPurpose, "row", []byte("the secret of a login"))
	if err != nil || bytes.Contains(sealed, []byte("secret")) {
		t.Fatalf("%q %v", sealed, err)
	}
	rotated, err := NewKeyring(bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := rotated.openSecret(factorPurpose, "row", sealed); err != nil || string(plain) != "the secret of a login" {
		t.Errorf("after rotation: %q %v", plain, err)
	}
	other, _ := NewKeyring(bytes.Repeat([]byte{3}, 32))
	for name, open := range map[string]func() ([]byte, error){
		"another key":     func() ([]byte, error) { return other.openSecret(factorPurpose, "row", sealed) },
		"another row":     func() ([]byte, error) { return old.openSecret(factorPurpose, "other", sealed) },
		"another purpose": func() ([]byte, error) { return old.openSecret("else", "row", sealed) },
		"nothing":         func() ([]byte, error) { return old.openSecret(factorPurpose, "row", nil) },
	} {
		if plain, err := open(); err == nil {
			t.Errorf("%s opens it: %q", name, plain)
		}
	}
}

func TestS1TheAddressForAuthenticatorsIsEscaped(t *testing.T) {
	got := otpauth([]byte("12345678901234567890"), "Bau & Söhne: Nord", "a+b@x.test")
	if !strings.HasPrefix(got, "otpauth://totp/Bau%20&%20S%C3%B6hne%20%20Nord:a+b@x.test?") || !strings.Contains(got, "issuer=Bau%20%26%20S%C3%B6hne%3A%20Nord") || !strings.Contains(got, "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") {
		t.Error(got)
	}
}
