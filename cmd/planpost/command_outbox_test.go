package main

import (
	"strings"
	"testing"
)

func TestMailIsListedHeldAndLetGoOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	list := func(args ...string) []map[string]any {
		return objects(t, s.ok(append([]string{"outbox", "list", "--json"}, args...)...))
	}
	mails := list("--state", "due")
	if len(mails) == 0 || len(list("--limit", "1")) != 1 || len(list("--state", "sent")) != 0 {
		t.Fatalf("%v", mails)
	}
	id := mails[0]["id"].(string)
	state := func(want string) {
		t.Helper()
		if got := objects(t, s.ok("outbox", "show", id, "--json"))[0]["state"]; got != want {
			t.Errorf("the mail is %v, not %s", got, want)
		}
	}
	s.ok("outbox", "hold", id)
	state("held")
	s.bad(1, "", "outbox", "hold", id)
	s.ok("outbox", "again", id)
	state("due")
	s.ok("outbox", "cancel", id)
	state("cancelled")
	if out := s.ok("outbox", "show", id); !strings.Contains(out, "cancelled") || !strings.Contains(out, "by_hand") {
		t.Error(out)
	}
	s.bad(1, "", "outbox", "show", strings.Repeat("0", 26))
}
