package core

import (
	"bytes"
	"strings"
	"testing"
)

func testKeys(t testing.TB, masters ...byte) *Keyring {
	t.Helper()
	var list [][]byte
	for _, m := range masters {
		list = append(list, bytes.Repeat([]byte{m}, 32))
	}
	k, err := NewKeyring(list...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func randomID(t testing.TB, seed byte) ID {
	id, err := RandomID(bytes.NewReader(bytes.Repeat([]byte{seed, 7, 99}, 6)))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAReplyAddressLeadsBackToItsLinkInAnyCase(t *testing.T) {
	k, id := testKeys(t, 1), randomID(t, 200)
	local := k.ReplyLocal(id)
	if len(local) != 47 || strings.ContainsAny(local[2:], "lo01") || local != strings.ToLower(local) {
		t.Fatalf("form: %q", local)
	}
	for _, form := range []string{local, strings.ToUpper(local), "R-" + local[2:]} {
		if got, ok := k.OpenReply(form); !ok || got != id {
			t.Errorf("%s opens to %q, %v", form, got, ok)
		}
	}
}

func TestAnyChangedCharacterOfATokenIsRefused(t *testing.T) {
	k, id := testKeys(t, 1), randomID(t, 3)
	local := k.ReplyLocal(id)
	for i := len(replyPrefix); i < len(local); i++ {
		for _, c := range []byte(addressText) {
			if c == local[i] {
				continue
			}
			forged := local[:i] + string(c) + local[i+1:]
			if _, ok := k.OpenReply(forged); ok {
				t.Fatalf("position %d: %s was accepted", i, forged)
			}
		}
	}
}

func TestTokensOfOneKindAreNoneOfAnother(t *testing.T) {
	k, id := testKeys(t, 1), randomID(t, 3)
	if _, ok := k.OpenBounce(bouncePrefix + k.ReplyLocal(id)[2:]); ok {
		t.Error("a reply token opened as a bounce address")
	}
	if _, ok := k.OpenReply(replyPrefix + k.BounceLocal(id)[2:]); ok {
		t.Error("a bounce token opened as a reply address")
	}
	if got, ok := k.OpenBounce(k.BounceLocal(id)); !ok || got != id {
		t.Error("a bounce address does not lead back")
	}
}

func TestOldKeysVerifyAfterANewOneCame(t *testing.T) {
	old, id := testKeys(t, 1), randomID(t, 9)
	both := testKeys(t, 2, 1)
	for _, open := range []func() (ID, bool){
		func() (ID, bool) { return both.OpenReply(old.ReplyLocal(id)) },
		func() (ID, bool) { return both.OpenMessageID(old.MessageIDOf(id, "in.test"), "in.test") },
		func() (ID, bool) { return both.OpenReply(both.ReplyLocal(id)) },
	} {
		if got, ok := open(); !ok || got != id {
			t.Errorf("got %q, %v", got, ok)
		}
	}
	// A key stays itself when older ones go and newer ones come.
	middle := testKeys(t, 2, 1).ReplyLocal(id)
	for _, ring := range []*Keyring{testKeys(t, 2), testKeys(t, 3, 2), testKeys(t, 4, 3, 2, 1)} {
		if got, ok := ring.OpenReply(middle); !ok || got != id {
			t.Errorf("with %d keys: %q, %v", len(ring.keys), got, ok)
		}
	}
	if _, ok := testKeys(t, 2).OpenReply(old.ReplyLocal(id)); ok {
		t.Error("a token of a key that is gone was accepted")
	}
}

func TestOurMessageIDsAreKnownAndOthersAreNot(t *testing.T) {
	k, id := testKeys(t, 1), NewID()
	own := k.MessageIDOf(id, "in.test")
	if got, ok := k.OpenMessageID(strings.ToUpper(own), "in.test"); !ok || got != id {
		t.Errorf("%s is not known: %q %v", own, got, ok)
	}
	for _, other := range []string{"", "x@in.test", own + "x", strings.Replace(own, "in.test", "evil.test", 1), "d-" + string(id) + "." + strings.Repeat("0", 16) + "@in.test", "d-" + string(NewID()) + own[28:]} {
		if _, ok := k.OpenMessageID(other, "in.test"); ok {
			t.Errorf("%q was taken for ours", other)
		}
	}
}

func TestLiveAddressesAreTakenOutOfText(t *testing.T) {
	c := &Core{keys: testKeys(t, 1)}
	local := c.keys.ReplyLocal(randomID(t, 5))
	text := "write to <" + local + "@in.test> or " + strings.ToUpper(local) + "@IN.TEST; r-short and our r-rated film stay, super-" + local[2:]
	got := c.redact(text)
	if strings.Contains(strings.ToLower(got), local[2:]) || !strings.Contains(got, "r-rated film") || !strings.Contains(got, "r-short") || !strings.Contains(got, "@in.test") {
		t.Errorf("got %q", got)
	}
	if plain := "nothing to hide — really"; c.redact(plain) != plain {
		t.Error("plain text changed")
	}
}

func TestIDsSortByTimeAndHaveOneSpelling(t *testing.T) {
	last := ID("")
	for range 1000 {
		id := NewID()
		if id <= last {
			t.Fatalf("%s after %s", id, last)
		}
		if back, ok := ParseID(string(id)); !ok || back != id || IDOf(id.Bytes()) != id {
			t.Fatalf("%s does not read back", id)
		}
		last = id
	}
	other := string(last[:25]) + string(last[25]+1)
	if _, ok := ParseID(other); ok {
		t.Errorf("a second spelling %s of %s was accepted", other, last)
	}
}

func FuzzOpenToken(f *testing.F) {
	k := testKeys(f, 1, 2)
	f.Add(k.ReplyLocal(randomID(f, 1)))
	f.Add("r-" + strings.Repeat("2", 45))
	f.Add("b-зzzz")
	f.Fuzz(func(t *testing.T, local string) {
		if id, ok := k.OpenReply(local); ok && !strings.EqualFold(local, k.ReplyLocal(id)) && len(k.keys) == 1 {
			t.Errorf("%q opened to %s, which is written otherwise", local, id)
		}
		k.OpenBounce(local)
		k.OpenMessageID(local, "in.test")
	})
}

func BenchmarkOpenReply(b *testing.B) {
	k := testKeys(b, 1)
	local := k.ReplyLocal(randomID(b, 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := k.OpenReply(local); !ok {
			b.Fatal("refused")
		}
	}
}
