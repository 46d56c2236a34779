package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each sentence of the founding document names its tests; a test that is renamed or gone is missed here.
func TestTheTestsThatTheDocumentOfPlansNamesAreThere(t *testing.T) {
	doc, err := os.ReadFile("../../docs/plans.md")
	must(t, err)
	there := map[string]bool{}
	must(t, filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(source, -1) {
			there[string(m[1])] = true
		}
		return err
	}))
	named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(doc), -1)
	if len(named) < 30 {
		t.Errorf("it names %d tests", len(named))
	}
	for _, m := range named {
		if !there[m[1]] {
			t.Errorf("%s is no test", m[1])
		}
	}
}
