package core_test

import (
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
	"planpost/store/storetest"
)

// owners counts the account's owners, past what OwnerOf tells.
func (h *house) owners() (ids []core.ID) {
	h.t.Helper()
	people, err := h.c.People(h.ctx, core.OperatorOf(h.account), core.PersonFilter{Kinds: []core.PersonKind{core.UserKind}, Deleted: true, Limit: 200})
	h.must(err)
	for _, p := range people {
		if p.Role == core.Owner {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// notices are the codes of the notices that are due, by person.
func (h *house) notices() map[string][]string {
	h.t.Helper()
	told := map[string][]string{}
	for {
		list, err := storetest.Claim(h.ctx, h.c, 10)
		h.must(err)
		if len(list) == 0 {
			return told
		}
		for _, d := range list {
			l, err := h.c.Letter(h.ctx, d)
			h.must(err)
			if d.Kind == core.NoticeLetter {
				told[l.Person.Name] = append(told[l.Person.Name], d.Params[1])
			}
			h.must(h.c.RecordAttempt(h.ctx, core.AttemptResult{Delivery: l.Delivery, State: core.DeliverySent, SentText: "text"}))
		}
	}
}

func TestA1AfterSetUpExactlyOneOwnerExistsAndItIsTheRegistrant(t *testing.T) {
	each(t, func(h *house) {
		if ids := h.owners(); len(ids) != 1 || ids[0] != h.owner.ID {
			t.Fatalf("owners %v, registered %s", ids, h.owner.ID)
		}
		// No road makes a second: neither a role nor the store itself.
		if err := h.c.SetRole(h.ctx, h.as(h.owner), h.eve.ID, core.NewRole{Role: core.Owner}); core.KindOf(err) != core.Invalid {
			t.Errorf("a role makes an owner: %v", err)
		}
		if _, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Second", Address: "second@holzbau.test", Role: core.Owner}); err == nil {
			t.Error("a second owner is made")
		}
		eve := h.eve
		eve.Role = core.Owner
		if err := h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdatePerson(h.ctx, &eve) }); err == nil {
			t.Error("the database takes a second owner")
		}
	})
}

func TestA2OwnershipGoesOverAfterAFreshProofAndBothAreMailed(t *testing.T) {
	each(t, func(h *house) {
		token := h.signIn(ownersLogin, ownersPassword, office)
		owner := h.from(token, office)
		h.notices()
		n := core.NewOwner{Person: h.eve.ID, Stay: core.Manager, Proof: core.Proof{Password: "not the password"}}
		if err := h.c.TransferOwnership(h.ctx, owner, n); core.CodeOf(err) != "password.wrong" {
			t.Fatalf("without the password: %v", err)
		}
		h.must(h.c.SetRole(h.ctx, owner, h.eve.ID, core.NewRole{Role: core.Administrator}))
		admin := h.from(h.signIn(evesLogin, evesPassword, office), office)
		if err := h.c.TransferOwnership(h.ctx, admin, core.NewOwner{Person: h.eve.ID, Stay: core.Manager, Proof: core.Proof{Password: evesPassword}}); core.KindOf(err) != core.Forbidden {
			t.Errorf("an administrator takes the account: %v", err)
		}
		n.Proof.Password = ownersPassword
		for id, code := range map[core.ID]string{h.owner.ID: "owner.already", h.klara.ID: "owner.cannot"} {
			wrong := n
			wrong.Person = id
			if err := h.c.TransferOwnership(h.ctx, owner, wrong); core.CodeOf(err) != code {
				t.Errorf("to %s: %v", id, err)
			}
		}
		if len(h.owners()) != 1 || len(h.notices()) != 0 {
			t.Error("what failed left something behind")
		}
		h.must(h.c.TransferOwnership(h.ctx, owner, n))
		if ids := h.owners(); len(ids) != 1 || ids[0] != h.eve.ID || h.person(h.owner.ID).Role != core.Manager {
			t.Errorf("owners %v, the earlier one is %s", ids, h.person(h.owner.ID).Role)
		}
		if told := h.notices(); len(told["Olga"]) != 1 || told["Olga"][0] != "account.given" || len(told["Eve"]) != 1 || told["Eve"][0] != "account.received" {
			t.Errorf("told: %v", told)
		}
		// It counts at the next request of sessions that are open already.
		if ans, err := h.c.May(h.ctx, h.from(token, office), "account.ownership.transfer", core.Object{}); err != nil || ans.Allowed {
			t.Errorf("the earlier owner still may: %v", err)
		}
		log, err := h.log(h.as(h.person(h.eve.ID)))
		h.must(err)
		if log[0].Code != "account.transfer" || log[0].Actor != h.owner.ID || len(log[0].Changes) != 2 || log[0].Changes[0] != (core.Change{Field: "owner", Was: string(h.owner.ID), Now: string(h.eve.ID)}) {
			t.Errorf("the log says %+v", log[0])
		}
	})
}

func TestA2ASecondFactorIsPartOfTheProof(t *testing.T) {
	each(t, func(h *house) {
		token := h.signIn(ownersLogin, ownersPassword, office)
		secret, _ := h.enrol(h.from(token, office))
		h.pass(time.Minute)
		n := core.NewOwner{Person: h.eve.ID, Stay: core.Administrator, Proof: core.Proof{Password: ownersPassword, Code: "000000"}}
		if err := h.c.TransferOwnership(h.ctx, h.from(token, office), n); core.CodeOf(err) != "factor.wrong" {
			t.Fatalf("without the code: %v", err)
		}
		n.Proof.Code = core.CodeAt(secret, h.now)
		h.must(h.c.TransferOwnership(h.ctx, h.from(token, office), n))
	})
}

// Nothing needs a second role: the owner alone passes every cell that is not of one person or a state.
func TestA3AnAccountWithNoAdministratorIsFullyOperable(t *testing.T) {
	each(t, func(h *house) {
		n := 0
		owner := h.as(h.owner)
		for _, p := range h.owners() {
			if p != h.owner.ID {
				t.Fatal("another owner")
			}
		}
		for _, action := range access.Actions() {
			admin, _ := access.CellOf(action, access.Administrator)
			for _, cell := range [][]access.Fact{nil, {access.CapSecurity, access.CapBilling, access.CapExport, access.CapRollback}} {
				facts := access.FactsOf(cell...)
				if !admin.Eval(facts) {
					continue
				}
				n++
				ans, err := h.c.May(h.ctx, owner, action, core.Object{})
				h.must(err)
				if !ans.Allowed {
					t.Errorf("%s needs an administrator beside the owner", action)
				}
			}
		}
		if n < 50 {
			t.Errorf("only %d cells were asked", n)
		}
		// And the deeds themselves, from the first colleague to the last rule.
		h.must(h.c.SetRole(h.ctx, owner, h.eve.ID, core.NewRole{Role: core.TechnicalAdministrator}))
		h.must(h.c.SetFactorPolicy(h.ctx, owner, core.FactorPolicy{Staff: core.FactorAllowed, Outside: core.FactorOff}))
		_, err := h.c.AddIPRule(h.ctx, owner, core.IPRule{Class: core.IPLinks, Who: core.WhoEveryone, Network: "192.0.2.0/24"})
		h.must(err)
		_, err = h.log(owner)
		h.must(err)
	})
}

func TestA10TheOperatorReplacesTheLastAdministratorAndEveryoneIsTold(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		sam, err := h.c.CreateUser(h.ctx, owner, core.NewUser{Name: "Sam", Address: "sam@holzbau.test", Role: core.Employee, Password: "a third long phrase"})
		h.must(err)
		h.must(h.c.SetRole(h.ctx, owner, h.eve.ID, core.NewRole{Role: core.Administrator}))
		token := h.signIn(evesLogin, evesPassword, office)
		h.notices()
		if err := h.c.ReplaceAdministrator(h.ctx, owner, h.eve.ID, sam.ID); core.KindOf(err) != core.Forbidden {
			t.Errorf("in a page even the owner does not: %v", err)
		}
		operator := core.OperatorOf(h.account)
		h.must(h.c.ReplaceAdministrator(h.ctx, operator, h.eve.ID, sam.ID))
		if h.person(h.eve.ID).Role != core.Employee || h.person(sam.ID).Role != core.Administrator {
			t.Errorf("Eve is %s, Sam is %s", h.person(h.eve.ID).Role, h.person(sam.ID).Role)
		}
		if _, err := h.c.Session(h.ctx, token, office); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("who is replaced goes on: %v", err)
		}
		if told := h.notices(); len(told["Olga"]) != 1 || told["Olga"][0] != "replaced.admins" || len(told["Sam"]) != 1 || len(told["Eve"]) != 1 || told["Eve"][0] != "replaced" {
			t.Errorf("told: %v", told)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "account.replace" || log[0].Actor != "" || log[0].Auth != "shell" || log[0].Via != "cli" {
			t.Errorf("the entry is not marked as the operator's: %+v", log[0])
		}
		// The owner himself is replaced in the same way; there is one at any time.
		h.must(h.c.ReplaceAdministrator(h.ctx, operator, h.owner.ID, sam.ID))
		if ids := h.owners(); len(ids) != 1 || ids[0] != sam.ID || h.person(h.owner.ID).Role != core.Employee {
			t.Errorf("owners %v, Olga is %s", ids, h.person(h.owner.ID).Role)
		}
		for _, c := range []struct {
			old, next core.ID
			code      string
		}{{h.eve.ID, h.owner.ID, "replace.administrator"}, {sam.ID, h.klara.ID, "owner.cannot"}, {sam.ID, sam.ID, "owner.cannot"}} {
			if err := h.c.ReplaceAdministrator(h.ctx, operator, c.old, c.next); core.CodeOf(err) != c.code {
				t.Errorf("%s: %v", c.code, err)
			}
		}
	})
}

func TestS7TheHostGivesAPasswordWhenMailIsDownAndEveryoneIsTold(t *testing.T) {
	each(t, func(h *house) {
		token := h.signIn(evesLogin, evesPassword, office)
		h.notices()
		operator := core.OperatorOf(h.account)
		if err := h.c.GivePassword(h.ctx, h.as(h.owner), h.eve.ID, "quite another phrase"); core.KindOf(err) != core.Forbidden {
			t.Errorf("in a page: %v", err)
		}
		if err := h.c.GivePassword(h.ctx, operator, h.eve.ID, "password1234"); core.KindOf(err) != core.Invalid {
			t.Errorf("a weak one: %v", err)
		}
		if err := h.c.GivePassword(h.ctx, operator, h.klara.ID, "quite another phrase"); core.CodeOf(err) != "password.nologin" {
			t.Errorf("to who cannot sign in: %v", err)
		}
		h.must(h.c.GivePassword(h.ctx, operator, h.eve.ID, "quite another phrase"))
		if _, err := h.c.Session(h.ctx, token, office); core.KindOf(err) != core.Unauthenticated {
			t.Errorf("the session goes on: %v", err)
		}
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: evesLogin, Password: evesPassword, IP: office}); core.CodeOf(err) != "signin.wrong" {
			t.Errorf("the old password: %v", err)
		}
		h.signIn(evesLogin, "quite another phrase", office)
		if told := h.notices(); len(told["Eve"]) != 1 || told["Eve"][0] != "password.given" || len(told["Olga"]) != 1 || told["Olga"][0] != "password.given.admins" {
			t.Errorf("told: %v", told)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[1].Code != "user.password.given" || log[1].Auth != "shell" {
			t.Errorf("the log says %+v", log[1])
		}
	})
}
