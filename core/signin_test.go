package core_test

import (
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

func TestANewPasswordEndsEverySessionButTheOneThatGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		h := newHouseOn(t, s, twice{s})
		signIn := func(password string) (string, error) {
			token, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "eve@holzbau.test", Password: password})
			return token, err
		}
		here, err := signIn("another long phrase")
		h.must(err)
		elsewhere, err := signIn("another long phrase")
		h.must(err)
		owners, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "olga@holzbau.test", Password: "correct horse battery"})
		h.must(err)
		a, err := h.c.Session(h.ctx, here, "127.0.0.1")
		h.must(err)
		for _, c := range []struct{ current, wanted, code string }{
			{"not my password", "a wholly new phrase", "password.wrong"},
			{"", "a wholly new phrase", "password.wrong"},
			{"another long phrase", "short", "password.short"},
			{"another long phrase", "eve@holzbau.test", "password.context.word"},
			{"another long phrase", "another long phrase", "password.same"},
		} {
			if _, err := h.c.SetPassword(h.ctx, a, core.PasswordChange{Current: c.current, New: c.wanted}); core.CodeOf(err) != c.code {
				t.Errorf("%q to %q: %v, want %s", c.current, c.wanted, err, c.code)
			}
		}
		if _, err := h.c.Session(h.ctx, elsewhere, "127.0.0.1"); err != nil {
			t.Errorf("a change that failed ended a session: %v", err)
		}
		fresh, err := h.c.SetPassword(h.ctx, a, core.PasswordChange{Current: "another long phrase", New: "a wholly new phrase"})
		h.must(err)
		for name, token := range map[string]string{"this": here, "another": elsewhere} {
			if _, err := h.c.Session(h.ctx, token, "127.0.0.1"); core.CodeOf(err) != "session.none" {
				t.Errorf("%s session goes on: %v", name, err)
			}
		}
		if got, err := h.c.Session(h.ctx, fresh, "127.0.0.1"); err != nil || got.Person.ID != h.eve.ID {
			t.Errorf("the new session is of %q: %v", got.Person.Name, err)
		}
		if _, err := h.c.Session(h.ctx, owners, "127.0.0.1"); err != nil {
			t.Errorf("somebody else is signed out: %v", err)
		}
		if _, err := signIn("another long phrase"); core.CodeOf(err) != "signin.wrong" {
			t.Errorf("the old password: %v", err)
		}
		if _, err := signIn("a wholly new phrase"); err != nil {
			t.Errorf("the new password: %v", err)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if len(log) < 2 || log[1].Code != "user.password" || log[1].Actor != h.eve.ID || len(log[1].Params) != 0 {
			t.Errorf("the change log: %+v", log[:2])
		}
	})
}

func TestGuessingTheCurrentPasswordHasToWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		h := newHouse(t, open())
		a, now := h.as(h.eve), h.now
		guess := func(current string) string {
			h.now = now
			_, err := h.c.SetPassword(h.ctx, a, core.PasswordChange{Current: current, New: "a wholly new phrase"})
			return core.CodeOf(err)
		}
		for range 10 {
			if code := guess("a guess at it"); code != "password.wrong" {
				t.Fatalf("a guess: %s", code)
			}
		}
		if code := guess("another long phrase"); code != "signin.limited" {
			t.Errorf("the eleventh: %s", code)
		}
		now = now.Add(time.Minute)
		if code := guess("another long phrase"); code != "" {
			t.Errorf("after a minute: %s", code)
		}
	})
}

func TestWhoHasNoLoginHasNoPasswordToChange(t *testing.T) {
	h := newHouse(t, storetest.Open(t, store.Config{URL: storetest.SQLite(t)}))
	basic, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Bea", Address: "bea@client.test", Company: h.client.ID, Access: core.BasicAccess})
	h.must(err)
	nobody, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Max", Address: "max@holzbau.test", Role: core.Employee})
	h.must(err)
	for _, p := range []core.Person{basic, nobody} {
		if _, err := h.c.SetPassword(h.ctx, h.as(p), core.PasswordChange{New: "a wholly new phrase"}); core.KindOf(err) != core.Forbidden && core.KindOf(err) != core.NotFound {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}
