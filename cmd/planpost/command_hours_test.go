package main

import (
	"fmt"
	"testing"
)

func TestU5bHoursAreRecordedAndAddedUpOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	s.bad(1, "--as", "hours", "record", "1", "1h30")
	eve := []string{"--as", "eve@holzbau.test", "--json"}
	one := objects(t, s.ok(append([]string{"hours", "record", "1", "1h30", "--day", "2026-01-05"}, eve...)...))[0]
	s.ok(append([]string{"hours", "record", "1", "30 min", "--day", "2026-01-05"}, eve...)...)
	if sums := objects(t, s.ok("hours", "list", "--by", "task", "--json")); len(sums) != 1 || sums[0]["minutes"] != 120.0 {
		t.Errorf("sums %v", sums)
	}
	s.ok("hours", "remove", fmt.Sprint(one["id"]))
	if left := objects(t, s.ok("hours", "list", "--from", "2026-01-05", "--until", "2026-01-05", "--json")); len(left) != 1 || left[0]["minutes"] != 30.0 {
		t.Errorf("left %v", left)
	}
}
