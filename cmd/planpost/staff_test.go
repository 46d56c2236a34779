package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"planpost/core"
)

func TestU9AndU12OnTheCommandLine(t *testing.T) {
	s := furnished(t)
	s.bad(1, "Open work", "user", "deactivate", "eve@holzbau.test")
	if out := s.ok("user", "work", "eve@holzbau.test"); !strings.Contains(out, "The oak door") {
		t.Errorf("open work: %s", out)
	}
	s.bad(1, "", "user", "deactivate", "eve@holzbau.test", "--leave", "--as", "ted@holzbau.test")
	s.ok("user", "deactivate", "eve@holzbau.test", "--to", "ted@holzbau.test")
	if out := s.ok("user", "work", "ted@holzbau.test"); !strings.Contains(out, "The oak door") {
		t.Errorf("Ted has: %s", out)
	}
	s.ok("user", "activate", "eve@holzbau.test")
	s.ok("user", "reassign", "ted@holzbau.test", "--to", "eve@holzbau.test", "--kind", "assignee")
	s.ok("user", "deputy", "eve@holzbau.test", "--deputy", "ted@holzbau.test", "--from", "2030-01-01", "--until", "2099-01-01")
	if out := s.ok("user", "rate", "eve@holzbau.test", "--amount", "45,5", "--from", "2030-01-01"); !strings.Contains(out, "45.50 EUR") {
		t.Errorf("rates: %s", out)
	}
	s.ok("user", "deactivate", "eve@holzbau.test", "--leave")
	s.ok("user", "delete", "eve@holzbau.test")
	s.bad(1, "", "user", "activate", "eve@holzbau.test")
	s.bad(1, "owner", "user", "delete", "olga@holzbau.test")
}

func TestContactImportOnTheCommandLineWritesNothingInADryRun(t *testing.T) {
	s := furnished(t)
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte("Name;E-Mail;Firma\nAnna;anna@new.test;Neu\nBad;nowhere;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := s.ok("contact", "import", file, "--dry-run"); !strings.Contains(out, "wrong") || !strings.Contains(out, "new") {
		t.Errorf("preview: %s", out)
	}
	if out := s.ok("contact", "list"); strings.Contains(out, "Anna") {
		t.Error("the dry run wrote")
	}
	s.ok("contact", "import", file)
	if out := s.ok("contact", "list"); !strings.Contains(out, "Anna") {
		t.Error("nothing was written")
	}
	s.bad(1, "", "contact", "import", file, "--as", "ted@holzbau.test")
}

func TestU12ADeletedPersonIsNamedInWordsOnTheCommandLine(t *testing.T) {
	s := furnished(t)
	s.ok("task", "comment", "1", "measured", "--as", "eve@holzbau.test")
	s.ok("user", "deactivate", "eve@holzbau.test", "--leave")
	s.ok("user", "delete", "eve@holzbau.test")
	for _, args := range [][]string{{"task", "show", "1"}, {"task", "show", "1", "--json"}, {"task", "list"}} {
		if out := s.ok(args...); !strings.Contains(out, "Deleted person") || strings.Contains(out, core.Tombstone) {
			t.Errorf("%v: %s", args, out)
		}
	}
}
