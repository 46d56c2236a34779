package core

import (
	"strings"
	"testing"
)

func TestS7PasswordsAreRefusedWithTheirReason(t *testing.T) {
	cases := map[string]string{
		"short":                       "password.short",
		"elevenchars":                 "password.short",
		strings.Repeat("x", 12):       "password.pattern",
		"abababababab":                "password.pattern",
		"123456789012":                "password.pattern",
		"987654321098":                "password.pattern",
		"qwertzuiop12":                "password.pattern",
		"1qaz2wsx3edc":                "password.pattern",
		"йцукенгшщзхъ":                "password.pattern",
		"Password1234":                "password.common",
		"P@ssw0rd2026!":               "password.common",
		"passwordpassword":            "password.common",
		"Sommer2026!!!":               "password.common",
		"iloveyou2024":                "password.common",
		"motdepasse12":                "password.common",
		"Здравей12345":                "password.common",
		"MondayTuesday1":              "password.common",
		strings.Repeat("ab", 200):     "password.long",
		"olga.owner1":                 "password.short",
		"olga@firm.test12":            "password.context.word",
		"HolzbauNord26":               "password.context.word",
		"H0lzb@u-1999!":               "password.context.word",
		"planpost-olga":               "password.context.word",
		"correct horse battery":       "",
		"дванадесет знака":            "",
		"kein wort davon":             "",
		"tr8Kq!vz0PmL":                "",
		"all lower case letters":      "",
		"olga likes her old red bike": "", // a known word within enough others
		strings.Repeat("a b c d ", 8): "password.pattern",
		"sixty-four characters are taken, so that a manager may make them": "",
	}
	for password, want := range cases {
		_, err := HashPassword(password, "Olga Owner", "Holzbau Nord", "olga@firm.test")
		if CodeOf(err) != want {
			t.Errorf("%q: %v, want %q", password, err, want)
		}
	}
}

// No list of passwords is at hand, so the list is made: what rules of guessing
// programs make first must be refused in all its forms.
func TestS7WhatGuessingProgramsMakeFirstIsRefused(t *testing.T) {
	for _, word := range []string{"password", "passwort", "motdepasse", "парола", "welcome", "summer", "september", "football", "qwertz", "admin"} {
		for _, end := range []string{"1", "123", "1234", "12345678", "2024", "2026!", "!", "!!", "007", "_2025", "."} {
			for _, form := range []string{word + end, strings.ToUpper(word) + end, strings.ToUpper(string([]rune(word)[:1])) + string([]rune(word)[1:]) + end, end + word, word + end + word} {
				for len([]rune(form)) < minPassword {
					form += end
				}
				if err := checkPassword(form, nil); err == nil {
					t.Errorf("%q is taken", form)
				}
			}
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
	full := PasswordCost{argonTime, argonMemory}
	if !full.fits(a, "correct horse battery") || full.fits(a, "correct horse batterz") || full.fits("", "") || full.fits("$argon2id$bad", "x") {
		t.Error("comparison")
	}
}
