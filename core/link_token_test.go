package core

import (
	"bytes"
	"strings"
	"testing"
)

func ring(t *testing.T, seeds ...byte) *Keyring {
	t.Helper()
	var masters [][]byte
	for _, s := range seeds {
		masters = append(masters, bytes.Repeat([]byte{s}, 32))
	}
	k, err := NewKeyring(masters...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestALinkTokenOpensAsItsKindAndGenerationOnly(t *testing.T) {
	k, id := ring(t, 1), ID(strings.Repeat("a", 25)+"0")
	token := k.LinkToken(ResetLink, id, 2)
	if len(token) != 43 {
		t.Errorf("a token has %d characters", len(token))
	}
	if got, generation, ok := k.OpenLink(ResetLink, token); !ok || got != id || generation != 2 {
		t.Errorf("opens as %s, %d, %v", got, generation, ok)
	}
	if _, _, ok := k.OpenLink(ActivationLink, token); ok {
		t.Error("a token works as another kind")
	}
	if _, _, ok := k.OpenLinkPass(ResetLink, token); ok {
		t.Error("the token of an address works as what a browser keeps")
	}
	if _, _, ok := k.OpenLink(ResetLink, k.LinkPass(ResetLink, id, 2)); ok {
		t.Error("what a browser keeps works as an address")
	}
	if token == k.LinkToken(ResetLink, id, 3) {
		t.Error("another generation has the same token")
	}
	for i := range token {
		for _, c := range []string{"A", "b", "_"} {
			if forged := token[:i] + c + token[i+1:]; forged != token {
				if _, _, ok := k.OpenLink(ResetLink, forged); ok {
					t.Fatalf("%s opens", forged)
				}
			}
		}
	}
}

func TestTokensOfAnOldKeyGoOnAndOfAForeignOneDoNot(t *testing.T) {
	id := ID(strings.Repeat("b", 25) + "0")
	token := ring(t, 1).LinkToken(ActivationLink, id, 0)
	if _, _, ok := ring(t, 2, 1).OpenLink(ActivationLink, token); !ok {
		t.Error("a token ends when the key is changed")
	}
	if _, _, ok := ring(t, 2).OpenLink(ActivationLink, token); ok {
		t.Error("a token of a foreign key opens")
	}
	code := ring(t, 1).LinkCode(id, 1)
	if k := ring(t, 2, 1); len(code) != 8 || strings.Trim(code, "0123456789") != "" || !k.LinkCodeFits(code[:4]+" "+code[4:]+" ", id, 1) || k.LinkCodeFits(code, id, 2) || k.LinkCodeFits("", id, 1) {
		t.Errorf("the code %s fits where it must not, or not where it must", code)
	}
}
