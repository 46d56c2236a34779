package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

// opens is a house on a host where anybody may open an account.
func opens(t *testing.T, test func(h *house)) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		h := newHouse(t, open())
		h.c = h.with(func(cfg *core.Config) { cfg.Registration = true })
		test(h)
	})
}

// registered is the link letter that a registration mails.
func (h *house) registered(address string) core.Letter {
	h.t.Helper()
	h.must(h.c.Register(h.ctx, address, "de", home))
	for {
		list, err := storetest.Claim(h.ctx, h.c, 10)
		h.must(err)
		if len(list) == 0 {
			h.t.Fatalf("nothing is mailed to %s", address)
		}
		for _, d := range list {
			l, err := h.c.Letter(h.ctx, d)
			h.must(err)
			h.must(h.c.RecordAttempt(h.ctx, core.AttemptResult{Delivery: l.Delivery, State: core.DeliverySent, SentText: "text"}))
			if l.To.Mailbox() == address && d.Kind == core.LinkLetter {
				return l
			}
		}
	}
}

func TestA1WhoRegistersReadsTheMailboxAndOwnsTheAccount(t *testing.T) {
	opens(t, func(h *house) {
		l := h.registered("rita@dach.test")
		if l.From.Name != "Planpost" || l.Person.Status != core.Pending || l.Person.Role != core.Owner {
			t.Errorf("the mail is from %q, the person is %s, %s", l.From.Name, l.Person.Role, l.Person.Status)
		}
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "rita@dach.test", Password: "", IP: home}); core.CodeOf(err) != "signin.wrong" {
			t.Errorf("before the mail is read: %v", err)
		}
		pass := h.opened(core.ActivationLink, l)
		n := core.Activation{Pass: pass, Password: "a phrase of her own", IP: home}
		if _, err := h.c.Activate(h.ctx, n); core.CodeOf(err) != "account.name" {
			t.Errorf("without a name: %v", err)
		}
		n.Own = core.OwnAccount{AccountName: "Dach & Fach", Name: "Rita", Zone: "Europe/Paris"}
		token, err := h.c.Activate(h.ctx, n)
		h.must(err)
		rita := h.from(token, home)
		if rita.Person.Role != core.Owner || rita.Person.Status != core.Active || rita.Person.Name != "Rita" || rita.Account.Name != "Dach & Fach" || rita.Account.Zone != "Europe/Paris" || rita.Account.Locale != "de" {
			t.Errorf("the owner is %+v of %+v", rita.Person, rita.Account)
		}
		if rita.Person.Addresses[0].ConfirmedAt.IsZero() {
			t.Error("the mailbox is not confirmed")
		}
		if _, err := h.c.Activate(h.ctx, n); core.CodeOf(err) != "link.used" {
			t.Errorf("the link twice: %v", err)
		}
		log, err := h.log(rita)
		h.must(err)
		if len(log) != 2 || log[0].Code != "user.activate" || log[1].Code != "account.create" || log[0].Actor != rita.Person.ID {
			t.Errorf("the log has %d entries, the newest %+v", len(log), log[0])
		}
		if list, err := h.c.Projects(h.ctx, rita, "", "", 10); err != nil || len(list) != 0 {
			t.Errorf("she sees %d projects, %v", len(list), err)
		}
	})
}

func TestA1ARegistrationMailsNoWordOfAStrangerAndOnceForAnAddress(t *testing.T) {
	opens(t, func(h *house) {
		first := h.registered("rita@dach.test")
		h.pass(2 * time.Minute)
		again := h.registered("rita@dach.test")
		if first.Link.ID != again.Link.ID || first.Account.ID != again.Account.ID {
			t.Error("one address makes two accounts that wait")
		}
		for _, bad := range []string{"", "no address", "planpost@" + domain} {
			if err := h.c.Register(h.ctx, bad, "en", home); core.KindOf(err) != core.Invalid {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if err := h.c.Register(h.ctx, "rita@dach.test", "xx", office); core.KindOf(err) != core.Invalid {
			t.Errorf("an unknown language: %v", err)
		}
		limited := false
		for range 20 {
			limited = limited || core.KindOf(h.c.Register(h.ctx, "rita@dach.test", "en", home)) == core.Limited
		}
		if !limited {
			t.Error("there is no end to it")
		}
		closed := h.with(func(*core.Config) {})
		if err := closed.Register(h.ctx, "rita@dach.test", "en", home); core.KindOf(err) != core.NotFound {
			t.Errorf("where it is not open: %v", err)
		}
	})
}

func TestA1AnAccountThatNobodyCameIntoIsForgottenWithoutATrace(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			address := database(t)
			h := newHouse(t, storetest.Open(t, store.Config{URL: address}))
			h.c = h.with(func(cfg *core.Config) { cfg.Registration = true })
			l := h.registered("rita@dach.test")
			h.must(h.c.SealLog(h.ctx))
			h.pass(29 * 24 * time.Hour)
			h.must(h.c.SweepRegistrations(h.ctx))
			if list, err := h.c.Accounts(h.ctx); err != nil || len(list) != 2 {
				t.Fatalf("after 29 days %d accounts, %v", len(list), err)
			}
			h.pass(2 * 24 * time.Hour)
			h.must(h.c.SweepRegistrations(h.ctx))
			if list, err := h.c.Accounts(h.ctx); err != nil || len(list) != 1 || list[0].ID != h.account.ID {
				t.Errorf("after 31 days %d accounts, %v", len(list), err)
			}
			if _, err := h.c.VisitLink(h.ctx, core.ActivationLink, tokenOf(l), home); core.KindOf(err) != core.NotFound {
				t.Errorf("its link: %v", err)
			}
			for table, rows := range storetest.Dump(t, address) {
				for _, row := range rows {
					for _, trace := range []string{"dach.test", string(l.Account.ID), string(l.Person.ID), string(l.Link.ID)} {
						if strings.Contains(row, trace) {
							t.Errorf("%s is left in %s: %s", trace, table, row)
						}
					}
				}
			}
		})
	}
}

// An invited participant opens an own account and a project there; the host account is untouched.
func TestP1AParticipantOpensAnAccountOfHerOwn(t *testing.T) {
	opens(t, func(h *house) {
		before, err := h.log(h.as(h.owner))
		h.must(err)
		l := h.registered("klara@client.test")
		token, err := h.c.Activate(h.ctx, core.Activation{Pass: h.opened(core.ActivationLink, l), Password: "a phrase of her own", IP: home, Own: core.OwnAccount{AccountName: "Klara plant", Name: "Klara"}})
		h.must(err)
		klara := h.from(token, home)
		j, err := h.c.CreateProject(h.ctx, klara, core.NewProject{Name: "Umbau"})
		h.must(err)
		if j.Owner != klara.Person.ID || j.Account == h.account.ID {
			t.Errorf("the project is %s's in %s", j.Owner, j.Account)
		}
		after, err := h.log(h.as(h.owner))
		h.must(err)
		now := h.person(h.klara.ID)
		if len(after) != len(before) || now.Identity != "" || now.Kind != core.ContactKind || now.Access != h.klara.Access {
			t.Errorf("the host account is touched: %d entries more, %+v", len(after)-len(before), now)
		}
		if list, err := h.c.Projects(h.ctx, h.as(h.owner), "", "", 10); err != nil || len(list) != 1 {
			t.Errorf("the host account has %d projects, %v", len(list), err)
		}
	})
}

// second makes Eve the owner of an account of her own, with the login she has.
func (h *house) second() (core.Account, core.Person) {
	h.t.Helper()
	l := h.registered("eve@holzbau.test")
	pass := h.opened(core.ActivationLink, l)
	own := core.OwnAccount{AccountName: "Eves Werkstatt", Name: "Eve zu Hause"}
	v, err := h.c.VisitInvitation(h.ctx, pass, home)
	h.must(err)
	if _, err := h.c.Activate(h.ctx, core.Activation{Pass: pass, Password: "not her password", IP: home, Own: own}); !v.Known || core.CodeOf(err) != "password.wrong" {
		h.t.Fatalf("a login that is there is taken without its password: %v", err)
	}
	token, err := h.c.Activate(h.ctx, core.Activation{Pass: pass, Password: evesPassword, IP: home, Own: own})
	h.must(err)
	a := h.from(token, home)
	return a.Account, a.Person
}

func TestA13OneLoginInTwoAccountsChoosesAndEachAccountLearnsItsOwn(t *testing.T) {
	opens(t, func(h *house) {
		own, evesSelf := h.second()
		token, people, err := h.c.SignIn(h.ctx, core.Credentials{Login: evesLogin, Password: evesPassword, IP: office})
		h.must(err)
		if len(people) != 2 {
			t.Fatalf("%d accounts to choose from", len(people))
		}
		if a := h.from(token, office); a.Person.ID != "" {
			t.Errorf("%s is chosen by itself", a.Person.Name)
		}
		signIns := func(account core.Account, who core.Person) (n int) {
			log, err := h.log(&core.Actor{Person: who, Account: account, Via: "page"})
			h.must(err)
			for _, e := range log {
				if e.Code == "session.sign_in" {
					n++
				}
			}
			return n
		}
		here, there := signIns(h.account, h.owner), signIns(own, evesSelf)
		h.must(h.c.ChoosePerson(h.ctx, token, h.eve.ID))
		if a := h.from(token, office); a.Account.ID != h.account.ID || a.Person.ID != h.eve.ID {
			t.Errorf("chosen is %s in %s", a.Person.Name, a.Account.Name)
		}
		if signIns(h.account, h.owner) != here+1 || signIns(own, evesSelf) != there {
			t.Error("the sign-in is not told in the account that was chosen, and there alone")
		}
		h.must(h.c.ChoosePerson(h.ctx, token, h.eve.ID)) // the same again is nothing new
		h.must(h.c.ChoosePerson(h.ctx, token, evesSelf.ID))
		if signIns(h.account, h.owner) != here+1 || signIns(own, evesSelf) != there+1 {
			t.Error("switching over is not told once, where it leads")
		}
		if err := h.c.ChoosePerson(h.ctx, token, h.owner.ID); core.KindOf(err) != core.NotFound {
			t.Errorf("somebody else is chosen: %v", err)
		}
		// Another account's things are not there.
		for _, a := range []*core.Actor{h.from(token, office)} {
			if _, err := h.c.Task(h.ctx, a, h.task.Number, ""); core.KindOf(err) != core.NotFound {
				t.Errorf("the other account's task: %v", err)
			}
			if _, err := h.c.Project(h.ctx, a, h.project.ID); core.KindOf(err) != core.NotFound {
				t.Errorf("the other account's project: %v", err)
			}
			if _, err := h.c.Person(h.ctx, a, h.owner.ID); core.KindOf(err) != core.NotFound {
				t.Errorf("the other account's owner: %v", err)
			}
		}
	})
}

func TestA13WhatEndsSomebodyInOneAccountLeavesTheOther(t *testing.T) {
	for name, end := range map[string]func(h *house, owner *core.Actor) error{
		"block": func(h *house, a *core.Actor) error { _, err := h.c.BlockPerson(h.ctx, a, h.eve.ID); return err },
		"deactivate": func(h *house, a *core.Actor) error {
			return h.c.Deactivate(h.ctx, a, h.eve.ID, core.Leaving{Leave: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			opens(t, func(h *house) {
				_, evesSelf := h.second()
				here, there := h.signIn(evesLogin, evesPassword, office), h.signIn(evesLogin, evesPassword, office)
				h.must(h.c.ChoosePerson(h.ctx, here, h.eve.ID))
				h.must(h.c.ChoosePerson(h.ctx, there, evesSelf.ID))
				h.must(end(h, h.as(h.owner)))
				if _, err := h.c.Session(h.ctx, here, office); core.KindOf(err) != core.Unauthenticated {
					t.Errorf("the session here goes on: %v", err)
				}
				if a := h.from(there, office); a.Person.ID != evesSelf.ID {
					t.Errorf("the session there is %s's", a.Person.Name)
				}
				if err := h.c.ChoosePerson(h.ctx, there, h.eve.ID); core.KindOf(err) != core.NotFound {
					t.Errorf("it comes back in here: %v", err)
				}
				if _, people, err := h.c.SignIn(h.ctx, core.Credentials{Login: evesLogin, Password: evesPassword, IP: office}); err != nil || len(people) != 1 || people[0].ID != evesSelf.ID {
					t.Errorf("signing in leads to %d accounts, %v", len(people), err)
				}
			})
		})
	}
}

func TestA13GoingOverToAnotherAccountEndsAViewing(t *testing.T) {
	opens(t, func(h *house) {
		h.must(h.c.SetRole(h.ctx, h.as(h.owner), h.eve.ID, core.NewRole{Role: core.Administrator}))
		sam, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Sam", Address: "sam@holzbau.test", Role: core.Employee})
		h.must(err)
		_, evesSelf := h.second()
		token := h.signIn(evesLogin, evesPassword, office)
		h.must(h.c.ChoosePerson(h.ctx, token, h.eve.ID))
		h.must(h.c.StartViewing(h.ctx, h.from(token, office), sam.ID))
		h.must(h.c.ChoosePerson(h.ctx, token, evesSelf.ID))
		if a := h.from(token, office); a.Person.ID != evesSelf.ID || a.ViewedBy != nil {
			t.Errorf("in the other account as %s, viewed by %v", a.Person.Name, a.ViewedBy)
		}
		h.must(h.c.ChoosePerson(h.ctx, token, h.eve.ID))
		if a := h.from(token, office); a.Person.ID != h.eve.ID || a.ViewedBy != nil {
			t.Errorf("back again as %s, viewed by %v", a.Person.Name, a.ViewedBy)
		}
	})
}

func TestA11SetUpSuggestsARoleAddressAndKeepsThatItWasAcknowledged(t *testing.T) {
	for _, c := range []struct{ address, name, better string }{
		{"olga.owner@holzbau.test", "Olga Owner", "office@holzbau.test"},
		{"olga@holzbau.test", "Olga Owner", "office@holzbau.test"},
		{"oowner@holzbau.test", "Olga Owner", "office@holzbau.test"},
		{"max.muster@holzbau.test", "", "office@holzbau.test"},
		{"info@holzbau.test", "Olga Owner", ""},
		{"admin@holzbau.test", "Olga Owner", ""},
		{"projekte.nord@holzbau.test", "Olga Owner", ""},
		{"baustelle@holzbau.test", "Olga Owner", ""},
		{"olga@gmail.com", "Olga Owner", ""},
		{"nonsense", "Olga Owner", ""},
	} {
		if got := core.SuggestRoleAddress(c.address, c.name); got != c.better {
			t.Errorf("%s of %s: %q", c.address, c.name, got)
		}
	}
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		h := newBareHouse(t, s, s)
		code, err := h.c.NewSetupCode(h.ctx)
		h.must(err)
		setup := core.Setup{Code: code, AccountName: "Holzbau", Name: "Olga", Address: "olga@holzbau.test", Password: ownersPassword}
		if _, _, err := h.c.SetUp(h.ctx, setup); core.CodeOf(err) != "setup.personal" || !strings.Contains(err.(*core.Error).Params[1], "office@") {
			t.Fatalf("nothing is suggested: %v", err)
		}
		setup.Acknowledged = true // the code is still good: the hint cost nothing
		h.account, h.owner, err = h.c.SetUp(h.ctx, setup)
		h.must(err)
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Param("acknowledged") != "olga@holzbau.test" {
			t.Errorf("the log does not keep it: %+v", log[0])
		}
	})
}
