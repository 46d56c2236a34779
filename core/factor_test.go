package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
)

// signIn signs somebody in and gives the cookie's token.
func (h *house) signIn(login, password, ip string) string {
	h.t.Helper()
	token, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: login, Password: password, IP: ip, UserAgent: "Test/1"})
	h.must(err)
	return token
}

// from is who a token stands for, come from an address.
func (h *house) from(token, ip string) *core.Actor {
	h.t.Helper()
	a, err := h.c.Session(h.ctx, token, ip)
	h.must(err)
	return a
}

// enrol sets a second factor up and gives its secret and recovery codes.
func (h *house) enrol(a *core.Actor) (secret string, codes []string) {
	h.t.Helper()
	h.must(h.c.BeginFactor(h.ctx, a))
	st, err := h.c.Factor(h.ctx, a)
	h.must(err)
	if st.On || st.Secret == "" || !strings.Contains(st.URI, st.Secret) {
		h.t.Fatalf("before the first code: %+v", st)
	}
	codes, err = h.c.ConfirmFactor(h.ctx, a, core.CodeAt(st.Secret, h.now))
	h.must(err)
	return st.Secret, codes
}

const (
	evesLogin, evesPassword     = "eve@holzbau.test", "another long phrase"
	ownersLogin, ownersPassword = "olga@holzbau.test", "correct horse battery"
	office, home                = "192.0.2.7", "198.51.100.9"
)

func TestS1WithAFactorThePasswordAloneGivesNoSession(t *testing.T) {
	each(t, func(h *house) {
		secret, codes := h.enrol(h.from(h.signIn(evesLogin, evesPassword, office), office))
		h.pass(time.Minute)
		token := h.signIn(evesLogin, evesPassword, office)
		a := h.from(token, office)
		if !a.Gates.SecondFactorOutstanding {
			t.Fatal("the password alone opens a session")
		}
		for _, action := range []access.Action{"task.view", "user.profile.edit", "user.password.set", "user.sessions.end", "session.second_factor.edit"} {
			if ans, err := h.c.May(h.ctx, a, action, core.Object{Kind: "person", ID: h.eve.ID}); err != nil || ans.Allowed {
				t.Errorf("%s is allowed: %v", action, err)
			}
		}
		if _, err := h.c.SetPassword(h.ctx, a, core.PasswordChange{Current: evesPassword, New: "a wholly new phrase"}); err == nil {
			t.Error("the password is changed without the factor")
		}
		if err := h.c.BeginFactor(h.ctx, a); core.CodeOf(err) != "factor.exists" {
			t.Errorf("another factor in place of the one there is: %v", err)
		}
		if err := h.c.GiveFactor(h.ctx, a, "000000"); core.CodeOf(err) != "factor.wrong" {
			t.Errorf("a wrong code: %v", err)
		}
		code := core.CodeAt(secret, h.now)
		h.must(h.c.GiveFactor(h.ctx, a, code))
		if a = h.from(token, office); a.Gates.SecondFactorOutstanding || a.Auth != core.ByTOTP {
			t.Errorf("after the code: %+v %s", a.Gates, a.Auth)
		}
		// A code that was used is worth nothing, nor is an older one.
		second := h.from(h.signIn(evesLogin, evesPassword, office), office)
		for _, used := range []string{code, core.CodeAt(secret, h.now.Add(-30*time.Second))} {
			if err := h.c.GiveFactor(h.ctx, second, used); core.CodeOf(err) != "factor.used" {
				t.Errorf("a used code: %v", err)
			}
		}
		h.pass(10 * time.Minute)
		h.must(h.c.GiveFactor(h.ctx, second, strings.ToUpper(codes[3])))
		third := h.from(h.signIn(evesLogin, evesPassword, office), office)
		if err := h.c.GiveFactor(h.ctx, third, codes[3]); core.CodeOf(err) != "factor.wrong" {
			t.Errorf("a recovery code twice: %v", err)
		}
		if st, err := h.c.Factor(h.ctx, third); err != nil || st.CodesLeft != len(codes)-1 || len(codes) != 10 {
			t.Errorf("%d of %d codes are left: %v", st.CodesLeft, len(codes), err)
		}
	})
}

func TestS1WhatIsRequiredIsSetUpAtTheNextRequest(t *testing.T) {
	each(t, func(h *house) {
		token := h.signIn(evesLogin, evesPassword, office)
		outstanding := func() bool { return h.from(token, office).Gates.SecondFactorOutstanding }
		owner := h.as(h.owner)
		for _, c := range []struct {
			policy core.FactorPolicy
			want   bool
		}{
			{core.FactorPolicy{Staff: core.FactorAllowed, Outside: core.FactorRequired}, false},
			{core.FactorPolicy{Staff: core.FactorChosen, Outside: core.FactorOff, Chosen: []core.ID{h.owner.ID}}, false},
			{core.FactorPolicy{Staff: core.FactorChosen, Outside: core.FactorOff, Chosen: []core.ID{h.eve.ID}}, true},
			{core.FactorPolicy{Staff: core.FactorOff, Outside: core.FactorRequired, Chosen: []core.ID{h.eve.ID}}, false},
			{core.FactorPolicy{Staff: core.FactorRequired, Outside: core.FactorAllowed}, true},
		} {
			h.must(h.c.SetFactorPolicy(h.ctx, owner, c.policy))
			if outstanding() != c.want {
				t.Errorf("%+v: outstanding %v", c.policy, !c.want)
			}
		}
		a := h.from(token, office)
		h.enrol(a)
		if outstanding() {
			t.Error("it is outstanding after it was set up")
		}
		h.pass(time.Minute)
		st, err := h.c.Factor(h.ctx, h.from(token, office))
		h.must(err)
		if !st.On || st.Secret != "" || st.URI != "" {
			t.Errorf("a secret in use is told: %+v", st)
		}
		if err := h.c.SetFactorPolicy(h.ctx, owner, core.FactorPolicy{Staff: "perhaps", Outside: core.FactorOff}); core.CodeOf(err) != "factor.policy" {
			t.Errorf("an unknown policy: %v", err)
		}
		if err := h.c.SetFactorPolicy(h.ctx, h.as(h.eve), core.FactorPolicy{Staff: core.FactorOff, Outside: core.FactorOff}); core.KindOf(err) != core.Forbidden {
			t.Errorf("an employee sets the policy: %v", err)
		}
	})
}

func TestS1AResetTellsThePersonAndLowersNothing(t *testing.T) {
	each(t, func(h *house) {
		token := h.signIn(evesLogin, evesPassword, office)
		h.enrol(h.from(token, office))
		h.must(h.c.SetFactorPolicy(h.ctx, h.as(h.owner), core.FactorPolicy{Staff: core.FactorRequired, Outside: core.FactorOff}))
		h.letters()
		if err := h.c.ResetFactor(h.ctx, h.as(h.eve), h.owner.ID); core.KindOf(err) != core.Forbidden {
			t.Errorf("an employee resets the owner's: %v", err)
		}
		h.must(h.c.ResetFactor(h.ctx, h.as(h.owner), h.eve.ID))
		if _, err := h.c.Session(h.ctx, token, office); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("the session goes on: %v", err)
		}
		if sent, _ := h.letters(); len(sent) != 1 || sent["Eve"].Person.ID != h.eve.ID {
			t.Errorf("told are %d", len(sent))
		}
		a := h.from(h.signIn(evesLogin, evesPassword, office), office)
		if !a.Gates.SecondFactorOutstanding {
			t.Error("the policy was lowered")
		}
		h.enrol(a)
		h.letters()
		// On the host, with the administrators told.
		h.must(h.c.ResetFactor(h.ctx, core.OperatorOf(h.account), h.eve.ID))
		if sent, _ := h.letters(); len(sent) != 2 {
			t.Errorf("told are %d, want Eve and the owner", len(sent))
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "factor.reset" || log[0].Auth != "shell" || log[0].ObjectID != h.eve.ID {
			t.Errorf("the log: %+v", log[0])
		}
	})
}

func TestS1ALoginThatLeadsElsewhereIsResetOnTheHostOnly(t *testing.T) {
	each(t, func(h *house) {
		h.enrol(h.from(h.signIn(evesLogin, evesPassword, office), office))
		_, _, err := h.c.CreateAccount(h.ctx, core.Setup{AccountName: "Eves own", Locale: "en", Zone: "UTC", Name: "Eve", Address: evesLogin, Password: evesPassword})
		h.must(err)
		if err := h.c.ResetFactor(h.ctx, h.as(h.owner), h.eve.ID); core.CodeOf(err) != "factor.shared" {
			t.Errorf("reset from one of two accounts: %v", err)
		}
		h.must(h.c.ResetFactor(h.ctx, core.OperatorOf(h.account), h.eve.ID))
	})
}

func TestS1GuessingCodesHasToWait(t *testing.T) {
	each(t, func(h *house) {
		secret, _ := h.enrol(h.from(h.signIn(evesLogin, evesPassword, office), office))
		h.pass(time.Hour)
		a := h.from(h.signIn(evesLogin, evesPassword, office), office)
		for range 5 {
			if err := h.c.GiveFactor(h.ctx, a, "123456"); core.CodeOf(err) != "factor.wrong" {
				t.Fatalf("a guess: %v", err)
			}
		}
		if err := h.c.GiveFactor(h.ctx, a, core.CodeAt(secret, h.now)); core.CodeOf(err) != "factor.limited" {
			t.Errorf("the sixth: %v", err)
		}
	})
}

func TestDangerousDeedsAskForPasswordAndCodeAgain(t *testing.T) {
	each(t, func(h *house) {
		token := h.signIn(evesLogin, evesPassword, office)
		a := h.from(token, office)
		if err := h.c.Prove(h.ctx, a, core.Proof{Password: "wrong wrong wrong"}); core.CodeOf(err) != "password.wrong" {
			t.Errorf("a wrong password: %v", err)
		}
		h.must(h.c.Prove(h.ctx, a, core.Proof{Password: evesPassword}))
		secret, _ := h.enrol(a)
		h.pass(time.Hour)
		a = h.from(token, office)
		if err := h.c.Prove(h.ctx, a, core.Proof{Password: evesPassword}); core.CodeOf(err) != "factor.wrong" {
			t.Errorf("without the code: %v", err)
		}
		if err := h.c.DropFactor(h.ctx, a, core.Proof{Password: evesPassword, Code: "000000"}); core.CodeOf(err) != "factor.wrong" {
			t.Errorf("turned off by a wrong code: %v", err)
		}
		h.must(h.c.Prove(h.ctx, a, core.Proof{Password: evesPassword, Code: core.CodeAt(secret, h.now)}))
		h.pass(time.Hour)
		h.must(h.c.DropFactor(h.ctx, a, core.Proof{Password: evesPassword, Code: core.CodeAt(secret, h.now)}))
		if st, err := h.c.Factor(h.ctx, a); err != nil || st.On {
			t.Errorf("it is still on: %v", err)
		}
	})
}
