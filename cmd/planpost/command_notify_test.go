package main

import (
	"fmt"
	"testing"
)

func TestN1WhatIsToldIsChosenOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	stands := func(event string) (mail, page any) {
		t.Helper()
		for _, r := range objects(t, s.ok("user", "notify", "eve@holzbau.test", "--json")) {
			if r["event"] == event {
				return r["mail"], r["page"]
			}
		}
		t.Fatalf("%s is not listed", event)
		return nil, nil
	}
	s.ok("user", "notify", "eve@holzbau.test", "task.changed.mail=off", "comment.added.page=off", "--as", "eve@holzbau.test")
	if mail, page := stands("task.changed"); mail != false || page != true {
		t.Errorf("mail %v, page %v", mail, page)
	}
	if mail, page := stands("comment.added"); mail != true || page != false {
		t.Errorf("mail %v, page %v", mail, page)
	}
	s.bad(1, "cannot be switched off", "user", "notify", "eve@holzbau.test", "account.safety.mail=off")
	s.bad(1, "does not exist yet", "user", "notify", "eve@holzbau.test", "invoice.paid.mail=on")
	s.bad(1, "is not like", "user", "notify", "eve@holzbau.test", "task.changed")
}

func TestN1AThreadIsMutedOnTheCommandLineByWhoseItIs(t *testing.T) {
	s := furnished(t)
	project := fmt.Sprint(objects(t, s.ok("project", "list", "--json"))[0]["id"])
	s.bad(1, "--as", "task", "mute", "1")
	for _, args := range [][]string{{"task", "mute", "1"}, {"project", "mute", project}} {
		for _, off := range []bool{false, true} {
			more := []string{"--as", "eve@holzbau.test", "--json"}
			if off {
				more = append(more, "--off")
			}
			if out := objects(t, s.ok(append(args, more...)...))[0]; out["muted"] != !off {
				t.Errorf("%v: %v", args, out)
			}
		}
	}
}
