package main

import (
	"fmt"
	"testing"
)

func TestM9AVisitIsPlannedMovedAndCalledOffOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	id := fmt.Sprint(objects(t, s.ok("visit", "add", "1", "--day", "2031-02-03", "--from", "08:00", "--until", "09:30", "--json"))[0]["id"])
	s.ok("visit", "move", id, "--day", "2031-02-04")
	v := objects(t, s.ok("visit", "list", "--from", "2031-02-04", "--until", "2031-02-04", "--nobody", "--json"))
	if len(v) != 1 || v[0]["from"] != "08:00" || v[0]["task"] != 1.0 {
		t.Fatalf("listed %v", v)
	}
	s.bad(1, "time", "visit", "move", id, "--until", "07:00")
	s.ok("visit", "cancel", id)
	if left := s.ok("visit", "list", "--json"); left != "" {
		t.Errorf("still listed: %s", left)
	}
	s.bad(1, "called off", "visit", "done", id)
}
