package core

import (
	"strings"
	"testing"
)

func TestPasswordsAreRefusedWithTheirReason(t *testing.T) {
	cases := map[string]string{
		"short":                   "password.short",
		strings.Repeat("x", 12):   "password.common",
		"Password1234":            "password.common",
		strings.Repeat("ab", 200): "password.long",
		"olga.owner1":             "password.short",
		"olga@firm.test12":        "password.context",
		"correct horse battery":   "",
		"дванадесет знака":        "",
	}
	for password, want := range cases {
		_, err := HashPassword(password, "olga@firm.test")
		if CodeOf(err) != want {
			t.Errorf("%q: %v, want %q", password, err, want)
		}
	}
}

func TestAPasswordFitsOnlyItsOwnHash(t *testing.T) {
	a, err := HashPassword("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := HashPassword("correct horse battery")
	if a == b {
		t.Error("two hashes of one password are equal: no salt")
	}
	if !passwordFits(a, "correct horse battery") || passwordFits(a, "correct horse batterz") || passwordFits("", "") || passwordFits("$argon2id$bad", "x") {
		t.Error("comparison")
	}
}
