package main

import (
	"strings"
	"testing"
)

func TestP6InvitingOnTheCommandLineAsksRightsLikeAPage(t *testing.T) {
	s := furnished(t)
	made := objects(t, s.ok("user", "invite", "nora@holzbau.test", "--name", "Nora", "--json"))
	if len(made) != 1 {
		t.Fatalf("made %v", made)
	}
	if out := s.ok("user", "list"); !strings.Contains(out, "nora@holzbau.test") {
		t.Errorf("staff: %s", out)
	}
	s.ok("user", "invite", "nora@holzbau.test", "--again")
	s.ok("contact", "access", "klara@client.test")
	s.ok("contact", "access", "klara@client.test", "--off")
	s.bad(1, "", "user", "invite", "nils@holzbau.test", "--as", "eve@holzbau.test")
	s.bad(1, "", "contact", "access", "klara@client.test", "--as", "eve@holzbau.test")
}
