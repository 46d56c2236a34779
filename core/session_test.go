package core_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

func TestS8SessionsAreListedAndEnded(t *testing.T) {
	each(t, func(h *house) {
		here, there := h.signIn(evesLogin, evesPassword, office), h.signIn(evesLogin, evesPassword, home)
		a := h.from(here, office)
		list, err := h.c.Sessions(h.ctx, a, h.eve.ID)
		h.must(err)
		if len(list) != 2 || list[0].Here == list[1].Here || list[0].UserAgent != "Test/1" || list[0].AccountName != "Holzbau" {
			t.Fatalf("listed: %+v", list)
		}
		if err := h.c.EndSession(h.ctx, h.from(h.signIn(ownersLogin, ownersPassword, office), office), h.owner.ID, list[0].ID); core.KindOf(err) != core.NotFound {
			t.Errorf("another's session as one's own: %v", err)
		}
		if _, err := h.c.Sessions(h.ctx, a, h.owner.ID); core.KindOf(err) != core.Forbidden {
			t.Errorf("an employee sees the owner's: %v", err)
		}
		h.must(h.c.EndSessions(h.ctx, a, h.eve.ID)) // all others
		h.from(here, office)
		if _, err := h.c.Session(h.ctx, there, home); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("the other goes on: %v", err)
		}
		third := h.signIn(evesLogin, evesPassword, home)
		list, err = h.c.Sessions(h.ctx, a, h.eve.ID)
		h.must(err)
		for _, s := range list {
			if !s.Here {
				h.must(h.c.EndSession(h.ctx, a, h.eve.ID, s.ID))
			}
		}
		if _, err := h.c.Session(h.ctx, third, home); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("the third goes on: %v", err)
		}
		h.must(h.c.EndSessions(h.ctx, h.as(h.owner), h.eve.ID)) // by the owner: all
		if _, err := h.c.Session(h.ctx, here, office); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("the owner ends nothing: %v", err)
		}
	})
}

func TestS8AChangedRightCountsAtTheNextRequest(t *testing.T) {
	each(t, func(h *house) {
		token := h.signIn(evesLogin, evesPassword, office)
		may := func() bool {
			ans, err := h.c.May(h.ctx, h.from(token, office), "account.ip_rules.edit", core.Object{})
			h.must(err)
			return ans.Allowed
		}
		if may() {
			t.Fatal("an employee may already")
		}
		change := func(role core.Role, status string) {
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
				p, err := tx.FindPerson(h.ctx, h.account.ID, h.eve.ID)
				if err != nil {
					return err
				}
				p.Role, p.Status, p.Caps = role, status, []string{"security"}
				return tx.UpdatePerson(h.ctx, &p)
			}))
		}
		change(core.Administrator, core.Active)
		if !may() {
			t.Error("a new right does not count")
		}
		change(core.Employee, core.Active)
		if may() {
			t.Error("an old right still counts")
		}
		change(core.Employee, core.Inactive)
		if _, err := h.c.Session(h.ctx, token, office); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("who left is still in: %v", err)
		}
	})
}

// counting counts what a deed asks the database.
type counting struct {
	core.Store
	n *int
}

func (c counting) View(ctx context.Context, fn func(core.Tx) error) error {
	*c.n++
	return c.Store.View(ctx, fn)
}

func (c counting) Ask(ctx context.Context, fn func(core.Tx) error) error {
	*c.n++
	return c.Store.Ask(ctx, fn)
}

func (c counting) InTx(ctx context.Context, fn func(core.Tx) error) error {
	*c.n++
	return c.Store.InTx(ctx, fn)
}

// The hash of a password takes 19 MiB and nearly all the time of a sign-in.
// Counted are hashes, by what was allocated, and questions to the database.
func TestS7SignInCostsOneHashWhoeverComes(t *testing.T) {
	s := storetest.Open(t, store.Config{URL: storetest.SQLite(t)})
	asked := 0
	h := newHouseOn(t, s, counting{s, &asked})
	const hash = 19 << 20
	h.c = h.with(func(c *core.Config) { c.PasswordCost = core.PasswordCost{} }) // the full one
	const phrase = "a wholly new phrase"
	_, err := h.c.SetPassword(h.ctx, h.from(h.signIn(evesLogin, evesPassword, office), office), core.PasswordChange{Current: evesPassword, New: phrase})
	h.must(err)
	for _, c := range []struct {
		name, login, password string
		fits                  bool
	}{
		{"known, right", evesLogin, phrase, true},
		{"known, wrong", evesLogin, "a wrong password", false},
		{"unknown", "nobody@holzbau.test", "a wrong password", false},
		{"no password", evesLogin, "", false},
	} {
		h.pass(time.Hour)
		asked = 0
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: c.login, Password: c.password, IP: office})
		runtime.ReadMemStats(&after)
		if (err == nil) != c.fits {
			t.Errorf("%s: %v", c.name, err)
		}
		if n := (after.TotalAlloc - before.TotalAlloc) / hash; n != 1 {
			t.Errorf("%s: %d hashes", c.name, n)
		}
		if want := map[bool]int{true: 3, false: 1}[c.fits]; asked > want {
			t.Errorf("%s: the database is asked %d times, at most %d", c.name, asked, want)
		}
	}
}

func TestS7SignInIsLimitedByLoginAddressAndNetwork(t *testing.T) {
	for name, next := range map[string]func(i int) core.Credentials{
		"one login from everywhere": func(i int) core.Credentials {
			return core.Credentials{Login: evesLogin, IP: "10." + string(rune('0'+i%10)) + ".0.1"}
		},
		"many logins from one address": func(i int) core.Credentials { return core.Credentials{Login: string(core.NewID()), IP: office} },
	} {
		h := newHouse(t, storetest.Open(t, store.Config{URL: storetest.SQLite(t)}))
		for i := range 11 {
			h.now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
			_, _, err := h.c.SignIn(h.ctx, next(i))
			if want := map[bool]string{true: "signin.limited", false: "signin.wrong"}[i == 10]; core.CodeOf(err) != want {
				t.Errorf("%s, try %d: %v", name, i, err)
			}
		}
	}
}
