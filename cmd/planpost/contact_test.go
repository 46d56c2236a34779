package main

import (
	"strings"
	"testing"
)

func TestX7AContactAndItsCompanyAreManagedOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	klara := "klara@client.test"
	s.ok("contact", "edit", klara, "--phone", "+43 1 234", "--mailbox", klara, "--mailbox", "kk@private.test")
	s.ok("contact", "edit", klara, "--company", "", "--preview")
	if out := s.ok("contact", "access", klara, "--preview"); !strings.Contains(out, "Klara") {
		t.Errorf("what she would see: %s", out)
	}
	s.ok("contact", "visibility", "kk@private.test", "participants")
	s.ok("company", "edit", "client & sons", "--name", "Client AG")
	if out := s.ok("company", "list"); !strings.Contains(out, "Client AG") || strings.Contains(out, "Sons") {
		t.Errorf("companies: %s", out)
	}
	s.bad(1, "Which person", "company", "access", "Client AG")
	s.ok("company", "access", "Client AG", "--person", klara)
	s.bad(1, "", "company", "delete", "Client AG")
	s.ok("contact", "block", klara)
	if out := s.ok("contact", "list"); strings.Contains(out, klara) {
		t.Errorf("a blocked one is listed: %s", out)
	}
	if out := s.ok("contact", "list", "--blocked"); !strings.Contains(out, klara) {
		t.Errorf("behind the lock: %s", out)
	}
	s.ok("contact", "unblock", klara)
	s.ok("contact", "delete", klara)
	if out := s.ok("contact", "list"); strings.Contains(out, klara) {
		t.Errorf("deleted, she is listed: %s", out)
	}
}
