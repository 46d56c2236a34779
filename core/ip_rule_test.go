package core_test

import (
	"testing"
	"time"

	"planpost/core"
)

// rule adds a rule, as the operator: nobody is locked out by a test.
func (h *house) rule(r core.IPRule) core.IPRule {
	h.t.Helper()
	if r.Class == "" {
		r.Class = core.IPSessions
	}
	r, err := h.c.AddIPRule(h.ctx, core.OperatorOf(h.account), r)
	h.must(err)
	return r
}

// shut takes the rule away that an account starts with.
func (h *house) shut() {
	h.t.Helper()
	rules, err := h.c.IPRules(h.ctx, core.OperatorOf(h.account))
	h.must(err)
	for _, r := range rules {
		h.must(h.c.RemoveIPRule(h.ctx, core.OperatorOf(h.account), r.ID))
	}
}

func TestS2AnAccountStartsOpenAndDeniesWhereNoRuleFits(t *testing.T) {
	each(t, func(h *house) {
		rules, err := h.c.IPRules(h.ctx, h.as(h.owner))
		h.must(err)
		if len(rules) != 1 || rules[0].Who != core.WhoEveryone || rules[0].Network != core.Everywhere || rules[0].Class != core.IPSessions {
			t.Fatalf("the rules it ships with: %+v", rules)
		}
		there, here := h.signIn(evesLogin, evesPassword, home), h.signIn(evesLogin, evesPassword, office)
		h.rule(core.IPRule{Who: core.WhoStaff, Network: "192.0.2.0/24"})
		h.must(h.c.RemoveIPRule(h.ctx, core.OperatorOf(h.account), rules[0].ID))
		// Same credentials, other address: refused, at the next request of an old session too.
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: evesLogin, Password: evesPassword, IP: home}); core.CodeOf(err) != "ip.refused" {
			t.Errorf("signed in from elsewhere: %v", err)
		}
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: evesLogin, Password: "a wrong password", IP: home}); core.CodeOf(err) != "signin.wrong" {
			t.Errorf("a stranger learns of the rules: %v", err)
		}
		a := h.from(there, home)
		if !a.Gates.IPRefused {
			t.Error("an old session goes on from elsewhere")
		}
		if ans, err := h.c.May(h.ctx, a, "task.create", core.Object{}); err != nil || ans.Allowed || ans.Reason != "gate:ip" {
			t.Errorf("it may: %+v %v", ans, err)
		}
		if h.from(here, office).Gates.IPRefused || h.from(there, office).Gates.IPRefused {
			t.Error("refused in the office")
		}
		refused, err := h.c.IPRefusals(h.ctx, h.as(h.owner), 10)
		h.must(err)
		if len(refused) != 1 || refused[0].Person != h.eve.ID || refused[0].IP != home {
			t.Errorf("logged are %+v", refused)
		}
		h.now = time.Now().UTC() // the store's clock counted them
		h.pass(91 * 24 * time.Hour)
		h.must(h.c.SweepSessions(h.ctx))
		if old, err := h.c.IPRefusals(h.ctx, h.as(h.owner), 10); err != nil || len(old) != 0 {
			t.Errorf("kept for ever: %+v %v", old, err)
		}
	})
}

func TestS2RulesSayWhoWhereAndWhen(t *testing.T) {
	each(t, func(h *house) {
		h.shut()
		h.rule(core.IPRule{Who: string(core.Owner), Network: core.Everywhere})
		h.rule(core.IPRule{Who: core.WhoOutside, Network: "2001:db8::/32"})
		h.rule(core.IPRule{Who: core.WhoPerson, Person: h.eve.ID, Network: "203.0.113.5"})
		h.rule(core.IPRule{Who: string(core.Employee), Network: office, Days: "12345", From: "08:00", Until: "18:00"})
		h.rule(core.IPRule{Who: string(core.Employee), Network: "10.0.0.0/8", Days: "5", From: "22:00", Until: "06:00"})
		vienna, err := time.LoadLocation("Europe/Vienna")
		h.must(err)
		at := func(day, clock string) time.Time {
			when, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, vienna)
			h.must(err)
			return when.UTC()
		}
		monday, friday, saturday, sunday := "2026-03-02", "2026-03-06", "2026-03-07", "2026-03-08"
		for _, c := range []struct {
			who  core.Person
			ip   string
			at   time.Time
			want bool
		}{
			{h.owner, home, at(monday, "09:00"), true},
			{h.eve, home, at(monday, "09:00"), false},
			{h.eve, "203.0.113.5", at(sunday, "03:00"), true},
			{h.eve, "203.0.113.6", at(sunday, "03:00"), false},
			{h.klara, "2001:db8:1::7", at(monday, "09:00"), true},
			{h.klara, "2001:db9::7", at(monday, "09:00"), false},
			{h.eve, "2001:db8:1::7", at(monday, "09:00"), false},
			{h.eve, office, at(monday, "08:00"), true},
			{h.eve, office, at(monday, "07:59"), false},
			{h.eve, office, at(monday, "17:59"), true},
			{h.eve, office, at(monday, "18:00"), false},
			{h.eve, office, at(sunday, "09:00"), false},
			{h.eve, "::ffff:" + office, at(monday, "09:00"), true}, // an IPv4 address in IPv6 clothes
			{h.eve, "10.1.2.3", at(friday, "23:00"), true},
			{h.eve, "10.1.2.3", at(saturday, "05:59"), true}, // Friday's night goes on
			{h.eve, "10.1.2.3", at(saturday, "06:00"), false},
			{h.eve, "10.1.2.3", at(friday, "05:00"), false}, // Thursday's is none
		} {
			rule, err := h.c.TestIPRules(h.ctx, h.as(h.owner), core.IPQuestion{Person: c.who.ID, Class: core.IPSessions, IP: c.ip, At: c.at})
			h.must(err)
			if (rule != nil) != c.want {
				t.Errorf("%s from %s at %s: %v", c.who.Name, c.ip, c.at, rule)
			}
		}
		for code, r := range map[string]core.IPRule{
			"ip.class": {Class: "mail", Who: core.WhoStaff, Network: office}, "ip.who": {Class: core.IPLinks, Who: "friends", Network: office},
			"ip.person": {Class: core.IPLinks, Who: core.WhoPerson, Network: office}, "ip.network": {Class: core.IPLinks, Who: core.WhoStaff, Network: "our office"},
			"ip.days": {Class: core.IPLinks, Who: core.WhoStaff, Network: office, Days: "18"}, "ip.hours": {Class: core.IPLinks, Who: core.WhoStaff, Network: office, From: "8", Until: "9"},
		} {
			if _, err := h.c.AddIPRule(h.ctx, h.as(h.owner), r); core.CodeOf(err) != code {
				t.Errorf("%+v: %v, want %s", r, err, code)
			}
		}
	})
}

func TestS3NobodyLocksHimselfOut(t *testing.T) {
	each(t, func(h *house) {
		a := h.from(h.signIn(ownersLogin, ownersPassword, office), office)
		rules, err := h.c.IPRules(h.ctx, a)
		h.must(err)
		if err := h.c.RemoveIPRule(h.ctx, a, rules[0].ID); core.CodeOf(err) != "ip.lockout" {
			t.Errorf("the last rule is taken away: %v", err)
		}
		_, err = h.c.AddIPRule(h.ctx, a, core.IPRule{Class: core.IPSessions, Who: core.WhoEveryone, Network: home})
		h.must(err) // beside the open one it shuts nobody out
		if err := h.c.RemoveIPRule(h.ctx, a, rules[0].ID); core.CodeOf(err) != "ip.lockout" {
			t.Errorf("the rule that lets him in is taken away: %v", err)
		}
		if now, err := h.c.IPRules(h.ctx, a); err != nil || len(now) != 2 {
			t.Errorf("what was refused is kept: %d rules, %v", len(now), err)
		}
		_, err = h.c.AddIPRule(h.ctx, a, core.IPRule{Class: core.IPSessions, Who: core.WhoStaff, Network: office})
		h.must(err)
		h.must(h.c.RemoveIPRule(h.ctx, a, rules[0].ID))
		log, err := h.log(a)
		h.must(err)
		if log[0].Code != "ip_rule.remove" || len(log[0].Changes) != 1 || log[0].Changes[0].Was == "" {
			t.Errorf("the log: %+v", log[0])
		}
	})
}

func TestS3TheHostOpensADoorThatIsShut(t *testing.T) {
	each(t, func(h *house) {
		h.shut()
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: ownersLogin, Password: ownersPassword, IP: office}); core.CodeOf(err) != "ip.refused" {
			t.Fatalf("not shut: %v", err)
		}
		h.must(h.c.OpenNetwork(h.ctx, core.OperatorOf(h.account)))
		h.signIn(ownersLogin, ownersPassword, home)
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[1].Code != "ip_rule.off" || log[1].Auth != "shell" {
			t.Errorf("the log: %+v", log[1])
		}
		if sent, _ := h.letters(); sent["Olga"].Person.ID != h.owner.ID {
			t.Error("the owner is not told")
		}
	})
}

func TestS4RulesForSessionsLeaveLinksAlone(t *testing.T) {
	each(t, func(h *house) {
		h.shut()
		h.rule(core.IPRule{Who: core.WhoStaff, Network: office})
		allows := func(p core.Person, class, ip string) bool {
			ok, err := h.c.NetworkAllows(h.ctx, &h.account, &p, class, ip)
			h.must(err)
			return ok
		}
		if !allows(h.klara, core.IPLinks, home) || allows(h.klara, core.IPSessions, home) {
			t.Error("a link is not open, or a session is")
		}
		h.rule(core.IPRule{Class: core.IPLinks, Who: core.WhoOutside, Network: "203.0.113.0/24"})
		if allows(h.klara, core.IPLinks, home) || !allows(h.klara, core.IPLinks, "203.0.113.9") || allows(h.eve, core.IPLinks, "203.0.113.9") {
			t.Error("a rule for links does not restrict them")
		}
	})
}

func TestS2AnotherAccountsRulesAreNotThere(t *testing.T) {
	each(t, func(h *house) {
		other, boss, err := h.c.CreateAccount(h.ctx, core.Setup{AccountName: "Other", Locale: "en", Zone: "UTC", Name: "Bo", Address: "bo@other.test", Password: "quite another phrase"})
		h.must(err)
		a := &core.Actor{Person: boss, Account: other, Via: "page", IP: office}
		rules, err := h.c.IPRules(h.ctx, h.as(h.owner))
		h.must(err)
		if err := h.c.RemoveIPRule(h.ctx, a, rules[0].ID); core.KindOf(err) != core.NotFound {
			t.Errorf("removed from outside: %v", err)
		}
		for _, do := range []func() error{
			func() error { return h.c.ResetFactor(h.ctx, a, h.eve.ID) }, func() error { return h.c.EndSessions(h.ctx, a, h.eve.ID) }, func() error { return h.c.StartViewing(h.ctx, a, h.eve.ID) },
			func() error { _, err := h.c.Sessions(h.ctx, a, h.eve.ID); return err },
			func() error {
				_, err := h.c.TestIPRules(h.ctx, a, core.IPQuestion{Person: h.eve.ID, Class: core.IPSessions, IP: office})
				return err
			},
		} {
			if err := do(); core.KindOf(err) != core.NotFound {
				t.Errorf("from another account: %v", err)
			}
		}
	})
}
