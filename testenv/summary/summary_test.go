package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lines writes a stream of events in short: "package test action [output]".
func lines(rows ...[4]string) string {
	var b strings.Builder
	for _, r := range rows {
		e := `{"Package":"` + r[0] + `","Action":"` + r[2] + `"`
		if r[1] != "" {
			e += `,"Test":"` + r[1] + `"`
		}
		if r[3] != "" {
			e += `,"Output":"` + r[3] + `\n"`
		}
		b.WriteString(e + "}\n")
	}
	return b.String()
}

func collect(t *testing.T, stream string) ([]result, string) {
	t.Helper()
	var out bytes.Buffer
	c := newCollector(&out)
	if err := c.read(strings.NewReader(stream)); err != nil {
		t.Fatal(err)
	}
	return c.results, out.String()
}

func TestWhatCounts(t *testing.T) {
	cases := []struct {
		name, stream string
		want         string // "outcome test" of each result
	}{
		{"a parent is counted through its children", lines(
			[4]string{"p", "TestA/sqlite", "pass"}, [4]string{"p", "TestA/postgres", "skip"}, [4]string{"p", "TestA", "pass"}, [4]string{"p", "", "pass"}),
			"skip TestA/postgres, pass TestA/sqlite"},
		{"a parent that fails with its child is one failure", lines(
			[4]string{"p", "TestA/x", "fail"}, [4]string{"p", "TestA", "fail"}, [4]string{"p", "", "fail"}), "fail TestA/x"},
		{"a parent that fails by itself is not forgotten", lines(
			[4]string{"p", "TestA/x", "pass"}, [4]string{"p", "TestA", "fail"}, [4]string{"p", "", "fail"}), "fail TestA, pass TestA/x"},
		{"a test that never ends failed", lines(
			[4]string{"p", "TestA", "run"}, [4]string{"p", "", "fail"}), "fail TestA"},
		{"a parent whose child never ended is not a second failure", lines(
			[4]string{"p", "TestA", "run"}, [4]string{"p", "TestA/x", "run"}, [4]string{"p", "", "fail"}), "fail TestA/x"},
		{"a package that fails outside of its tests is a failure", lines(
			[4]string{"p", "TestA", "pass"}, [4]string{"p", "", "fail"}), "pass TestA, fail "},
		{"a stream that breaks off fails what was running", lines(
			[4]string{"p", "TestA", "pass"}, [4]string{"p", "TestB", "run"}), "pass TestA, fail TestB"},
		{"a package without tests is nothing", lines([4]string{"p", "", "skip"}), ""},
		{"the same package again counts again", lines(
			[4]string{"p", "TestA", "pass"}, [4]string{"p", "", "pass"}, [4]string{"p", "TestA", "fail"}, [4]string{"p", "", "fail"}),
			"pass TestA, fail TestA"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rs, _ := collect(t, c.stream)
			var got []string
			for _, r := range rs {
				got = append(got, string(r.Outcome)+" "+r.Test)
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func TestACompilerErrorIsShown(t *testing.T) {
	_, out := collect(t, `{"ImportPath":"p [p.test]","Action":"build-output","Output":"undefined: x\n"}`+"\n"+
		`{"Package":"p","Action":"fail","FailedBuild":"p [p.test]"}`+"\n")
	if !strings.Contains(out, "undefined: x") {
		t.Errorf("the compiler's words are lost: %q", out)
	}
}

func TestALineThatIsNoEventIsShown(t *testing.T) {
	_, out := collect(t, "go: cannot find module\n{broken\n")
	if out != "go: cannot find module\n{broken\n" {
		t.Errorf("got %q", out)
	}
}

func TestEngineOfATest(t *testing.T) {
	for name, want := range map[string]string{
		"TestStore/sqlite/keeps":              "SQLite",
		"TestStore/postgres":                  "PostgreSQL",
		"TestStore/a_name_with_sqlite_inside": "other",
		"TestBrowserClosesTheCircle/sqlite":   "browser",
		"TestPostfixRelaysIn":                 "Postfix",
		"TestOutsideMail/postfix":             "Postfix",
		"TestTheLanguageOfTheBrowser":         "other",
		"TestParse":                           "other",
	} {
		if got := engine(result{Test: name}); got != want {
			t.Errorf("%s counts as %s, want %s", name, got, want)
		}
	}
}

func TestWhenTheRunIsGood(t *testing.T) {
	pass, fail := result{Test: "TestA", Outcome: passed}, result{Test: "TestB", Outcome: failed}
	skip := result{Test: "TestC", Outcome: skipped, Output: "    c_test.go:3: no PostgreSQL\n"}
	corpus := result{Test: "TestD", Outcome: skipped, Output: "    d_test.go:3: the corpus is not here\n"}
	cases := []struct {
		name string
		v    verdict
		rs   []result
		want bool
	}{
		{"all passed", verdict{}, []result{pass}, true},
		{"one failed", verdict{}, []result{pass, fail}, false},
		{"nothing ran", verdict{}, nil, false},
		{"a skip on a laptop", verdict{}, []result{pass, skip}, true},
		{"a skip in CI", verdict{ci: true}, []result{pass, skip}, false},
		{"no corpus in CI", verdict{ci: true}, []result{pass, corpus}, true},
		{"a corpus that is there, not used in CI", verdict{ci: true, corpus: true}, []result{pass, corpus}, false},
		{"a required test ran", verdict{require: []string{"TestA"}}, []result{pass}, true},
		{"a required test is gone", verdict{require: []string{"TestZ"}}, []result{pass}, false},
		{"a required test was skipped", verdict{require: []string{"TestC"}}, []result{pass, skip}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			if got := c.v.report(&out, c.rs); got != c.want {
				t.Errorf("got %v, want %v:\n%s", got, c.want, out.String())
			}
		})
	}
}

// TestTheScriptsParse keeps a slip of the pen in a shell script from showing only on somebody's machine.
func TestTheScriptsParse(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	scripts, err := filepath.Glob("../../bench/*.sh")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in bench: %v", err)
	}
	for _, script := range append(scripts, "../lib.sh", "../run", "../test", "../postgres", "../postfix", "../../.ci/run") {
		if out, err := exec.Command(bash, "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
	}
}
