package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestKeysAreMadeListedAndTakenAwayOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	made := objects(t, s.ok("dkim", "new", "mail.example.org", "--json"))
	if len(made) != 2 || made[0]["state"] != "waits" || !strings.HasPrefix(fmt.Sprint(made[0]["record"]), "v=DKIM1; k=rsa; p=") {
		t.Fatalf("made %v", made)
	}
	if out := s.ok("dkim", "list"); !strings.Contains(out, fmt.Sprint(made[1]["name"])) || !strings.Contains(out, `" "`) {
		t.Errorf("the long record is not in pieces:\n%s", out)
	}
	selector := fmt.Sprint(made[0]["selector"])
	s.ok("dkim", "begin", selector, "mail.example.org")
	s.bad(1, "signs mail", "dkim", "remove", selector, "mail.example.org")
	s.ok("dkim", "remove", selector, "mail.example.org", "--last")
	s.bad(1, "no key", "dkim", "remove", selector, "mail.example.org")
	s.bad(1, "localhost-without-a-dot", "dkim", "new", "localhost-without-a-dot")
}
