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

func TestAllWhoWereImportedAreInvitedByOneCommand(t *testing.T) {
	s := furnished(t)
	file := mailFile(t, t.TempDir(), "people.csv", "Name;E-Mail\nAnna;anna@new.test\nBen;ben@new.test\n")
	s.ok("contact", "import", file, "--kind", "staff")
	if n := len(objects(t, s.ok("user", "invite-all", "--dry-run", "--json"))); n != 2 {
		t.Fatalf("%d wait", n)
	}
	if status, _, _ := s.run("", "user", "invite-all", "--as", "eve@holzbau.test"); status != 1 {
		t.Errorf("an employee invites all: status %d", status)
	}
	s.ok("user", "invite-all")
	if out := strings.TrimSpace(s.ok("user", "invite-all", "--dry-run", "--json")); out != "" {
		t.Errorf("somebody still waits: %s", out)
	}
	links := objects(t, s.ok("link", "list", "anna@new.test", "--json"))
	if len(links) != 1 || links[0]["kind"] != "activation" {
		t.Fatalf("links of Anna: %v", links)
	}
	id := links[0]["id"].(string)
	if status, _, _ := s.run("", "link", "revoke", id, "--as", "eve@holzbau.test"); status != 1 {
		t.Errorf("an employee ends the link: status %d", status)
	}
	if status, _, _ := s.run("", "link", "show", id, "--as", "eve@holzbau.test"); status != 1 {
		t.Errorf("an employee looks at the link: status %d", status)
	}
	s.ok("link", "revoke", id)
	if got := objects(t, s.ok("link", "show", id, "--json"))[0]; got["state"] != "ended" {
		t.Errorf("after ending: %v", got)
	}
	if out := strings.TrimSpace(s.ok("link", "list", "anna@new.test")); out != "" {
		t.Errorf("still listed: %s", out)
	}
}
