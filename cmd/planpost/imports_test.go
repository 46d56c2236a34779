package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows is the map of the house (docs/architecture.md): which room may
// import which. Sub-packages follow their parents. cmd may import everything.
var arrows = map[string][]string{
	"smtpd":      {"ingest", "core", "mail", "templates"},
	"imapworker": {"ingest", "core", "mail", "templates"},
	"ingest":     {"core", "mail", "picture", "safehtml"},
	"mailer":     {"core", "mail", "picture", "templates", "safehtml"},
	"web":        {"core", "mail", "picture", "templates", "safehtml"},
	"demo":       {"core", "mail", "mailer", "templates", "safehtml"},
	"store":      {"core", "mail"},
	"files":      {"core", "mail"},
	"cluster":    {"core", "mail"},
	"core":       {"mail"},
	"mail":       {"markup"},
	"markup":     {},
	"picture":    {},
	"safehtml":   {"markup"},
	"sheet":      {},
	"templates":  {},
	"testenv":    {}, // the tools of the tests, standard library only
}

func TestRoomsImportOnlyWhatTheMapAllows(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "bench" || name == "testdata") {
				return filepath.SkipDir // bench has modules of its own
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		rel, _ := filepath.Rel(root, path)
		room := strings.Split(filepath.ToSlash(rel), "/")[0]
		seen[room] = true
		if room == "cmd" {
			return nil
		}
		checkFile(t, path, room)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room := range arrows {
		if !seen[room] {
			t.Errorf("the map names the room %s, but there is no such folder", room)
		}
	}
	if !seen["cmd"] {
		t.Error("nothing was read: is the test run in its folder?")
	}
}

func checkFile(t *testing.T, path, room string) {
	allowed, known := arrows[room]
	if !known {
		t.Errorf("%s: the room %s is not on the map", path, room)
		return
	}
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, imp := range f.Imports {
		name, _ := strconv.Unquote(imp.Path.Value)
		rest, ours := strings.CutPrefix(name, "planpost/")
		if !ours {
			continue
		}
		target := strings.Split(rest, "/")[0]
		if target == room || slices.Contains(allowed, target) || testHelp(path, target) {
			continue
		}
		t.Errorf("%s imports %s: there is no arrow from %s to %s", path, name, room, target)
	}
}

// testHelp lets tests of upper rooms use the real database and files: the map is about the product.
func testHelp(path, target string) bool {
	return strings.HasSuffix(path, "_test.go") && slices.Contains([]string{"store", "files", "cluster", "ingest", "smtpd", "mailer"}, target)
}
