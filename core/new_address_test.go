package core_test

import (
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// linkLetters are the letters with links that are due, by the mailbox they go to.
func (h *house) linkLetters() map[string]core.Letter {
	h.t.Helper()
	to := map[string]core.Letter{}
	for {
		list, err := storetest.Claim(h.ctx, h.c, 10)
		h.must(err)
		if len(list) == 0 {
			return to
		}
		for _, d := range list {
			l, err := h.c.Letter(h.ctx, d)
			if core.KindOf(err) != core.Conflict {
				h.must(err)
			}
			if err == nil && d.Kind == core.LinkLetter {
				to[l.To.Mailbox()] = l
			}
			h.must(h.c.RecordAttempt(h.ctx, core.AttemptResult{Delivery: d, State: core.DeliverySent, SentText: "text"}))
		}
	}
}

const evesNew = "eve.neu@holzbau.test"

// askedFor is Eve's wish for another address: the links in the new mailbox and in the old one.
func (h *house) askedFor(to string) (confirm, stop string) {
	h.t.Helper()
	eve := h.from(h.signIn(evesLogin, evesPassword, office), office)
	h.linkLetters()
	waits, err := h.c.AskNewAddress(h.ctx, eve, h.eve.ID, core.NewAddress{Address: to, Proof: core.Proof{Password: evesPassword}})
	h.must(err)
	letters := h.linkLetters()
	if !waits || len(letters) != 2 {
		h.t.Fatalf("%d letters, waits %v", len(letters), waits)
	}
	return h.opened(core.EmailLink, letters[to]), h.opened(core.EmailCancelLink, letters[evesLogin])
}

func (h *house) addressOf(id core.ID) string {
	p := h.person(id)
	return p.Address().Mailbox()
}

func TestANewAddressCountsWhenItsMailboxConfirmsWithThePassword(t *testing.T) {
	each(t, func(h *house) {
		eve := h.from(h.signIn(evesLogin, evesPassword, office), office)
		for address, code := range map[string]string{"": "address", "planpost@" + domain: "address", evesLogin: "newaddress.same", "EVE@holzbau.test": "newaddress.same", ownersLogin: "address.taken"} {
			if _, err := h.c.AskNewAddress(h.ctx, eve, h.eve.ID, core.NewAddress{Address: address, Proof: core.Proof{Password: evesPassword}}); core.CodeOf(err) != code && !(code == "newaddress.same" && err == nil && address != evesLogin) {
				t.Errorf("%q: %v", address, err)
			}
		}
		if _, err := h.c.AskNewAddress(h.ctx, eve, h.eve.ID, core.NewAddress{Address: evesNew, Proof: core.Proof{Password: "not hers"}}); core.CodeOf(err) != "password.wrong" {
			t.Errorf("without the password: %v", err)
		}
		confirm, stop := h.askedFor(evesNew)
		if h.addressOf(h.eve.ID) != evesLogin {
			t.Fatal("it is changed before anybody confirmed")
		}
		v, err := h.c.VisitNewAddress(h.ctx, core.EmailCancelLink, stop, home)
		h.must(err)
		if v.Old != evesLogin || v.New != evesNew {
			t.Errorf("the page to stop it shows %s and %s", v.Old, v.New)
		}
		if err := h.c.ConfirmNewAddress(h.ctx, confirm, "not hers", home); core.CodeOf(err) != "password.wrong" {
			t.Errorf("confirmed without the password: %v", err)
		}
		if err := h.c.ConfirmNewAddress(h.ctx, stop, evesPassword, home); core.KindOf(err) != core.NotFound {
			t.Errorf("confirmed by the link to stop it: %v", err)
		}
		h.must(h.c.ConfirmNewAddress(h.ctx, confirm, evesPassword, home))
		p := h.person(h.eve.ID)
		if len(p.Addresses) != 1 || p.Addresses[0].Norm != evesNew || p.Addresses[0].ConfirmedAt.IsZero() {
			t.Errorf("the addresses are %+v", p.Addresses)
		}
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: evesLogin, Password: evesPassword, IP: home}); core.CodeOf(err) != "signin.wrong" {
			t.Errorf("with the old address: %v", err)
		}
		h.signIn(evesNew, evesPassword, home)
		if err := h.c.ConfirmNewAddress(h.ctx, confirm, evesPassword, home); core.CodeOf(err) != "link.used" {
			t.Errorf("twice: %v", err)
		}
		if err := h.c.StopNewAddress(h.ctx, stop, evesLogin, home); core.KindOf(err) != core.Expired {
			t.Errorf("stopped when it is done: %v", err)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		found := false
		for _, e := range log {
			found = found || e.Code == "user.address" && e.Changes[0] == (core.Change{Field: "address", Was: evesLogin, Now: evesNew})
		}
		if !found {
			t.Error("the log does not tell the change")
		}
	})
}

func TestTheOldAddressStopsTheChange(t *testing.T) {
	each(t, func(h *house) {
		confirm, stop := h.askedFor(evesNew)
		for _, typed := range []string{"", evesNew, "somebody@else.test"} {
			if err := h.c.StopNewAddress(h.ctx, stop, typed, home); core.CodeOf(err) != "newaddress.typed" {
				t.Errorf("stopped with %q: %v", typed, err)
			}
		}
		h.must(h.c.StopNewAddress(h.ctx, stop, " Eve@Holzbau.test", home))
		if err := h.c.ConfirmNewAddress(h.ctx, confirm, evesPassword, home); core.KindOf(err) != core.Expired {
			t.Errorf("confirmed after it was stopped: %v", err)
		}
		if h.addressOf(h.eve.ID) != evesLogin {
			t.Error("the address is another")
		}
		if err := h.c.StopNewAddress(h.ctx, stop, evesLogin, home); core.CodeOf(err) != "link.used" {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestAWishForAnAddressEndsWithTheNextOneAfterADayAndWithABlock(t *testing.T) {
	each(t, func(h *house) {
		first, firstStop := h.askedFor("first@holzbau.test")
		second, _ := h.askedFor(evesNew)
		for _, pass := range []string{first, firstStop} {
			for _, kind := range []core.LinkKind{core.EmailLink, core.EmailCancelLink} {
				if v, err := h.c.VisitNewAddress(h.ctx, kind, pass, home); err == nil && v.State != core.LinkEnded {
					t.Errorf("the earlier wish is %s", v.State)
				}
			}
		}
		h.pass(25 * time.Hour)
		if err := h.c.ConfirmNewAddress(h.ctx, second, evesPassword, home); core.CodeOf(err) != "link.expired" {
			t.Errorf("after a day: %v", err)
		}
		third, _ := h.askedFor(evesNew)
		_, err := h.c.BlockPerson(h.ctx, h.as(h.owner), h.eve.ID)
		h.must(err)
		if err := h.c.ConfirmNewAddress(h.ctx, third, evesPassword, home); core.KindOf(err) != core.Expired {
			t.Errorf("of somebody blocked: %v", err)
		}
	})
}

func TestAnAdministratorAsksForStaffAndCannotTakeALoginOver(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		h.linkLetters()
		waits, err := h.c.AskNewAddress(h.ctx, owner, h.eve.ID, core.NewAddress{Address: evesNew})
		h.must(err)
		letters := h.linkLetters()
		if !waits || len(letters) != 2 {
			t.Fatalf("waits %v, %d letters", waits, len(letters))
		}
		pass := h.opened(core.EmailLink, letters[evesNew])
		if err := h.c.ConfirmNewAddress(h.ctx, pass, ownersPassword, home); core.CodeOf(err) != "password.wrong" {
			t.Errorf("the administrator's password confirms: %v", err)
		}
		if h.addressOf(h.eve.ID) != evesLogin {
			t.Error("the address is another")
		}
		// Who has no sign-in yet gets it at once; the invitation goes along and the earlier one ends.
		ina := h.invited("Ina", "ina@holzbau.test")
		earlier := h.opened(core.ActivationLink, h.linkLetters()["ina@holzbau.test"])
		if waits, err = h.c.AskNewAddress(h.ctx, owner, ina.ID, core.NewAddress{Address: "ina.richtig@holzbau.test"}); err != nil || waits {
			t.Fatalf("waits %v, %v", waits, err)
		}
		if v, err := h.c.VisitInvitation(h.ctx, earlier, home); err != nil || v.State != core.LinkEnded {
			t.Errorf("the earlier invitation is %s, %v", v.State, err)
		}
		l, ok := h.linkLetters()["ina.richtig@holzbau.test"]
		if !ok {
			t.Fatal("no invitation goes to the new mailbox")
		}
		_, err = h.c.Activate(h.ctx, core.Activation{Pass: h.opened(core.ActivationLink, l), Password: newPhrase})
		h.must(err)
		for name, c := range map[string]struct {
			who    *core.Actor
			person core.ID
		}{"a colleague": {h.as(h.eve), ina.ID}, "of a client": {owner, h.klara.ID}} {
			if _, err := h.c.AskNewAddress(h.ctx, c.who, c.person, core.NewAddress{Address: "else@where.test"}); core.KindOf(err) != core.Forbidden && core.KindOf(err) != core.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAnAddressOfAnotherLoginIsRefusedWhereItIsConfirmed(t *testing.T) {
	opens(t, func(h *house) {
		l := h.registered("taken@else.test")
		_, err := h.c.Activate(h.ctx, core.Activation{Pass: h.opened(core.ActivationLink, l), Password: newPhrase, Own: core.OwnAccount{AccountName: "Else", Name: "Else"}})
		h.must(err)
		confirm, _ := h.askedFor("taken@else.test") // nothing is told before the mailbox is read
		if err := h.c.ConfirmNewAddress(h.ctx, confirm, evesPassword, home); core.CodeOf(err) != "login.taken" {
			t.Errorf("two logins have one address: %v", err)
		}
		if h.addressOf(h.eve.ID) != evesLogin {
			t.Error("the address is another")
		}
	})
}
