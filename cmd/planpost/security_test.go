package main

import "testing"

func TestS3S1TheHostOpensWhatIsShutAndResetsWhatIsLost(t *testing.T) {
	s := newShell(t)
	s.okWith("a long enough phrase\n", "account", "create", "--name", "Holzbau", "--owner", "olga@holzbau.test", "--person", "Olga", "--password", "-")
	s.ok("user", "create", "--name", "Eve", "--address", "eve@holzbau.test", "--role", "employee", "--password", "another long phrase")
	open := objects(t, s.ok("ip", "list", "--json"))
	if len(open) != 1 || open[0]["network"] != "everywhere" {
		t.Fatalf("the rules at the start: %v", open)
	}
	s.ok("ip", "add", "--network", "192.0.2.0/24", "--who", "staff")
	s.ok("ip", "remove", open[0]["id"].(string))
	for ip, want := range map[string]bool{"192.0.2.9": true, "198.51.100.1": false} {
		if got := objects(t, s.ok("ip", "test", "eve@holzbau.test", ip, "--json")); got[0]["allowed"] != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
	s.bad(1, "", "ip", "list", "--as", "eve@holzbau.test")
	s.bad(1, "", "ip", "off", "--as", "eve@holzbau.test")
	s.ok("ip", "off")
	if now := objects(t, s.ok("ip", "list", "--json")); len(now) != 1 || now[0]["network"] != "everywhere" {
		t.Errorf("after ip off: %v", now)
	}
	s.bad(1, "", "account", "factor", "--staff", "required", "--as", "eve@holzbau.test")
	s.ok("account", "factor", "--staff", "chosen", "--chosen", "eve@holzbau.test")
	if got := objects(t, s.ok("account", "factor", "--json")); got[0]["staff"] != "chosen" || got[0]["outside"] != "allowed" || len(got[0]["chosen"].([]any)) != 1 {
		t.Errorf("the policy: %v", got)
	}
	s.bad(1, "No second factor is set up.", "user", "factor", "reset", "eve@holzbau.test")
	s.bad(1, "", "user", "sessions", "end", "olga@holzbau.test", "--as", "eve@holzbau.test")
	s.ok("user", "sessions", "end", "eve@holzbau.test")
	if got := objects(t, s.ok("user", "sessions", "list", "eve@holzbau.test", "--json")); len(got) != 0 {
		t.Errorf("signed in: %v", got)
	}
}
