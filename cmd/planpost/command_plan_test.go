package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestD6APlanIsBroughtAndSupersededOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	file := filepath.Join(t.TempDir(), "stairs.pdf")
	must(t, os.WriteFile(file, []byte("%PDF-1.7"), 0o600))
	project := fmt.Sprint(objects(t, s.ok("project", "list", "--json"))[0]["id"])
	owner := fmt.Sprint(objects(t, s.ok("user", "list", "--json"))[0]["address"])
	s.ok("project", "invite", project, owner)
	s.bad(1, "whose plan", "plan", "add", project, "--number", "A-1", "--index", "A", "--file", file)
	p := objects(t, s.ok("plan", "add", project, "--number", "A-1", "--title", "Stairs", "--index", "A", "--file", file, "--author", owner, "--json"))[0]
	id := fmt.Sprint(p["id"])
	s.bad(1, "index A already", "plan", "index", id, "--index", "A", "--file", file, "--author", owner)
	s.ok("plan", "index", id, "--index", "B", "--file", file, "--author", owner)
	list := objects(t, s.ok("plan", "list", project, "--json"))
	if len(list) != 1 || list[0]["index"] != "B" || list[0]["state"] != "current" {
		t.Fatalf("listed %v", list)
	}
	versions := objects(t, s.ok("plan", "show", id, "--json"))
	if len(versions) != 2 || versions[1]["superseded_by"] != "B" || fmt.Sprint(versions[0]["files"]) != "[stairs.pdf]" {
		t.Fatalf("shown %v", versions)
	}
	s.ok("plan", "edit", id, "--number", "A-2")
	s.ok("plan", "secure", id)
	if secured := s.ok("plan", "list", project, "--state", "secured"); !strings.Contains(secured, "A-2 Stairs") {
		t.Errorf("secured: %s", secured)
	}
	s.ok("plan", "secure", id, "--open")
	s.ok("plan", "withdraw", fmt.Sprint(versions[0]["id"]))
	s.ok("plan", "delete", id)
	if left := s.ok("plan", "list", project); left != "" {
		t.Errorf("still listed: %s", left)
	}
}
