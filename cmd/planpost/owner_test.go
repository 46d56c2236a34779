package main

import "testing"

func TestA10A2TheHostGivesAccountsAndPlacesAndPasswords(t *testing.T) {
	s := newShell(t)
	s.okWith("a long enough phrase\n", "account", "create", "--name", "Holzbau", "--owner", "olga@holzbau.test", "--person", "Olga", "--password", "-")
	for _, p := range []string{"eve", "sam"} {
		s.ok("user", "create", "--name", p, "--address", p+"@holzbau.test", "--role", "employee", "--password", "another long phrase")
	}
	s.ok("user", "create", "--name", "nora", "--address", "nora@holzbau.test", "--role", "employee")
	role := func(address string) any {
		for _, p := range objects(t, s.ok("user", "list", "--json")) {
			if p["address"] == address {
				return p["role"]
			}
		}
		return nil
	}
	s.bad(1, "", "account", "transfer", "--to", "eve@holzbau.test", "--as", "sam@holzbau.test")
	s.bad(1, "cannot sign in", "account", "transfer", "--to", "nora@holzbau.test")
	s.ok("account", "transfer", "--to", "eve@holzbau.test")
	if role("eve@holzbau.test") != "owner" || role("olga@holzbau.test") != "admin" {
		t.Errorf("Eve is %v, Olga is %v", role("eve@holzbau.test"), role("olga@holzbau.test"))
	}
	s.ok("admin", "replace", "olga@holzbau.test", "sam@holzbau.test")
	if role("sam@holzbau.test") != "admin" || role("olga@holzbau.test") != "employee" {
		t.Errorf("Sam is %v, Olga is %v", role("sam@holzbau.test"), role("olga@holzbau.test"))
	}
	s.bad(1, "neither", "admin", "replace", "olga@holzbau.test", "sam@holzbau.test")
	s.bad(2, "", "admin", "replace", "eve@holzbau.test", "sam@holzbau.test", "--as", "eve@holzbau.test")
	s.okWith("a wholly new phrase\n", "user", "password", "olga@holzbau.test")
	s.bad(1, "no sign-in yet", "user", "password", "nora@holzbau.test", "--password", "a wholly new phrase")
	s.ok("user", "address", "nora@holzbau.test", "nora.neu@holzbau.test")
	if role("nora.neu@holzbau.test") != "employee" {
		t.Error("Nora's address is the old one")
	}
	if log := objects(t, s.ok("log", "list", "--json")); len(log) < 4 || log[0]["code"] != "user.address" {
		t.Errorf("the log begins with %v", log[0])
	}
}
