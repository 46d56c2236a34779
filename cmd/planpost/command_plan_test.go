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

func TestE1PlansAreSentAndHeldOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	file := filepath.Join(t.TempDir(), "stairs.pdf")
	must(t, os.WriteFile(file, []byte("%PDF-1.7"), 0o600))
	project := fmt.Sprint(objects(t, s.ok("project", "list", "--json"))[0]["id"])
	owner := fmt.Sprint(objects(t, s.ok("user", "list", "--json"))[0]["address"])
	s.ok("project", "invite", project, owner)
	plan := fmt.Sprint(objects(t, s.ok("plan", "add", project, "--number", "A-1", "--title", "Stairs", "--index", "A", "--file", file, "--author", owner, "--json"))[0]["id"])
	sent := objects(t, s.ok("transmittal", "send", project, plan, "--to", "plot@shop.test", "--role", "Print shop", "--copies", "2", "--sheet", "A1", "--json"))[0]
	id := fmt.Sprint(sent["sending"])
	if list := objects(t, s.ok("transmittal", "list", project, "--json")); len(list) != 1 || fmt.Sprint(list[0]["to"]) != "[plot@shop.test]" || list[0]["plans"] != 1.0 {
		t.Fatalf("listed %v", list)
	}
	s.bad(1, "", "transmittal", "send", project, plan, "--to", "no address")
	s.ok("plan", "hand", plan, "plot@shop.test", "--index", "a")
	s.bad(1, "", "plan", "hand", plan, "plot@shop.test", "--index", "Z")
	s.ok("plan", "index", plan, "--index", "B", "--file", file, "--author", owner)
	held := objects(t, s.ok("plan", "holders", plan, "--json"))
	if len(held) != 1 || held[0]["index"] != "A" || held[0]["behind"] != true || held[0]["how"] != "paper" {
		t.Errorf("held %v", held)
	}
	if current := objects(t, s.ok("plan", "current", project, "--json")); len(current) != 1 || current[0]["index"] != "B" {
		t.Errorf("current %v", current)
	}
	if changed := s.ok("plan", "current", project, "--since", "2199-01-01"); changed != "" {
		t.Errorf("changed in the future: %s", changed)
	}
	s.bad(1, "", "plan", "current", project, "--since", "yesterday")
	s.ok("transmittal", "recall", id)
	if got := objects(t, s.ok("transmittal", "show", id, "--json"))[0]; got["state"] != "ended" {
		t.Errorf("recalled: %v", got)
	}
	s.bad(1, "recalled already", "transmittal", "recall", id)
}

func TestAP7AnIndexIsAskedForAndDecidedOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	file := filepath.Join(t.TempDir(), "stairs.pdf")
	must(t, os.WriteFile(file, []byte("%PDF-1.7"), 0o600))
	project := fmt.Sprint(objects(t, s.ok("project", "list", "--json"))[0]["id"])
	const eve, owner = "eve@holzbau.test", "planner@holzbau.test"
	s.ok("user", "create", "--name", "Planner", "--address", owner, "--role", "employee")
	s.ok("project", "invite", project, owner)
	s.ok("project", "invite", project, eve, "--approves")
	s.ok("user", "create", "--name", "Max", "--address", "max@holzbau.test", "--role", "employee")
	s.ok("project", "invite", project, "max@holzbau.test", "--approves")
	plan := fmt.Sprint(objects(t, s.ok("plan", "add", project, "--number", "A-1", "--index", "A", "--file", file, "--author", owner, "--approve", eve, "--json"))[0]["id"])
	version := fmt.Sprint(objects(t, s.ok("plan", "show", plan, "--json"))[0]["id"])
	asked := func() string {
		t.Helper()
		list := objects(t, s.ok("approval", "list", project, "--state", "waiting", "--json"))
		if len(list) != 1 || list[0]["version"] != version {
			t.Fatalf("waiting %v", list)
		}
		return fmt.Sprint(list[0]["id"])
	}
	id := asked()
	s.ok("approval", "remind", id)
	s.ok("approval", "withdraw", id)
	s.bad(1, "", "approval", "decide", id, "approve", "--as", eve)
	s.ok("approval", "ask", version, "--approve", eve, "--message", "Once more")
	id = asked()
	s.ok("approval", "substitute", id, "max@holzbau.test", "--as", eve)
	s.bad(1, "", "approval", "decide", id, "correct", "--as", eve)
	s.ok("approval", "decide", id, "correct", "--words", "Too steep", "--file", file, "--as", eve)
	s.ok("approval", "ask", version, "--approve", eve)
	s.ok("approval", "decide", asked(), "approve", "--as", eve)
	if got := objects(t, s.ok("plan", "show", plan, "--json"))[0]; got["state"] != "current" {
		t.Errorf("approved: %v", got)
	}
}
