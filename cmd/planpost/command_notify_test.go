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

func TestN9WhenMailComesIsSaidOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	get := func(args ...string) map[string]any {
		t.Helper()
		return objects(t, s.ok(append([]string{"user", "mail", "eve@holzbau.test", "--json"}, args...)...))[0]
	}
	if r := get(); r["digest"] != "off" || r["days"] != "" || r["unsubscribed"] != false {
		t.Errorf("at first %v", r)
	}
	get("--digest", "daily", "--days", "12345", "--hours", "08:00-16:30", "--as", "eve@holzbau.test")
	get("--hours", "09:00-16:30") // the rest stays
	if r := get("--resume"); r["digest"] != "daily" || r["days"] != "12345" || r["from"] != "09:00" || r["until"] != "16:30" {
		t.Errorf("then %v", r)
	}
	if r := get("--days", "-"); r["days"] != "" || r["from"] != "" {
		t.Errorf("without hours %v", r)
	}
	s.bad(1, "no digest", "user", "mail", "eve@holzbau.test", "--digest", "weekly")
	s.bad(1, "is not like", "user", "mail", "eve@holzbau.test", "--days", "1", "--hours", "late")
	s.bad(1, "no working day", "user", "mail", "eve@holzbau.test", "--days", "1", "--hours", "18:00-08:00")
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
