package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Documents name the tests that hold what they say: each must be there.
func TestTheTestsThatDocumentsNameAreThere(t *testing.T) {
	there := map[string]bool{}
	must(t, filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(source, -1) {
			there[string(m[1])] = true
		}
		return err
	}))
	names := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	for _, d := range []struct {
		file  string
		least int
	}{{"plans.md", 30}, {"security.md", 100}} {
		doc, err := os.ReadFile(filepath.Join("..", "..", "docs", d.file))
		must(t, err)
		named := names.FindAllStringSubmatch(string(doc), -1)
		if len(named) < d.least {
			t.Errorf("%s names %d tests", d.file, len(named))
		}
		for _, m := range named {
			if !there[m[1]] {
				t.Errorf("%s: %s is no test", d.file, m[1])
			}
		}
		if d.file != "security.md" {
			continue
		}
		for n := 1; n <= 43; n++ {
			row := regexp.MustCompile(fmt.Sprintf(`(?m)^\| %d \|.*$`, n)).FindString(string(doc))
			if row == "" || !names.MatchString(row) && !strings.Contains(row, "nothing to test") {
				t.Errorf("threat %d has neither a test nor a reason: %q", n, row)
			}
		}
	}
}
