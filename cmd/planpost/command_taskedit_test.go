package main

import "testing"

func TestP13X24ATaskIsEditedOnTheCommandLineAndPreviewed(t *testing.T) {
	s := furnished(t)
	s.ok("task", "edit", "1", "--title", "Other words", "--visibility", "inside", "--due", "2031-02-03", "--due-time", "10:30")
	v := objects(t, s.ok("task", "show", "1", "--json"))[0]
	if v["title"] != "Other words" {
		t.Errorf("the task is %v", v)
	}
	s.ok("task", "edit", "1", "--company", "no", "--preview")
	s.bad(1, "visibility", "task", "edit", "1", "--visibility", "nobody")
	s.ok("task", "delete", "1")
	if left := s.ok("task", "list", "--status", "any", "--json"); left != "" {
		t.Errorf("still listed: %s", left)
	}
}
