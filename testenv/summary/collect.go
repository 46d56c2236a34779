package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"
)

// event is one line of "go test -json" (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a package that is being built
	Test        string
	Elapsed     float64 // seconds
	Output      string
	FailedBuild string // the ImportPath whose build failed
}

// outcome is how a test ended, in the words of test2json.
type outcome string

const (
	passed  outcome = "pass"
	failed  outcome = "fail"
	skipped outcome = "skip"
)

// result is one test without subtests, or a test that failed beside them; Test is empty when a whole package failed
// outside of its tests (it did not build, its TestMain gave up).
type result struct {
	Package, Test string
	Outcome       outcome
	Output        string // without the lines of the test runner
}

// collector turns the stream of events into results. Packages run at the same time, so their lines are mixed.
type collector struct {
	out     io.Writer
	builds  map[string]string // what the compiler said, by ImportPath
	running map[string]*pkg
	results []result
}

// pkg is one run of one package; the same package may come again later (a second pass with other flags).
type pkg struct {
	output string // what belongs to no test
	tests  map[string]*test
}

type test struct {
	output  strings.Builder
	outcome outcome // empty while it runs
}

func newCollector(out io.Writer) *collector {
	return &collector{out: out, builds: map[string]string{}, running: map[string]*pkg{}}
}

// read takes events until the stream ends. Lines that are no events (a tool's complaint) are shown as they are.
func (c *collector) read(r io.Reader) error {
	br := bufio.NewReaderSize(r, 1<<16)
	for {
		line, err := br.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if line[0] != '{' || json.Unmarshal(line, &e) != nil {
				fmt.Fprint(c.out, string(line))
			} else {
				c.event(e)
			}
		}
		if err == io.EOF {
			c.unfinished()
			return nil
		}
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
	}
}

func (c *collector) event(e event) {
	switch e.Action {
	case "build-output":
		if !strings.Contains(c.builds[e.ImportPath], e.Output) { // a later pass builds, and fails, again
			c.builds[e.ImportPath] += e.Output
		}
		return
	case "build-fail":
		return
	}
	if e.Package == "" {
		return
	}
	p := c.running[e.Package]
	if p == nil {
		p = &pkg{tests: map[string]*test{}}
		c.running[e.Package] = p
	}
	if e.Test == "" {
		c.packageEvent(p, e)
		return
	}
	t := p.tests[e.Test]
	if t == nil {
		t = &test{}
		p.tests[e.Test] = t
	}
	switch e.Action {
	case "output":
		t.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		t.outcome = outcome(e.Action)
	}
}

// unfinished fails the packages whose end never came: the runner itself was stopped.
func (c *collector) unfinished() {
	for _, name := range slices.Sorted(maps.Keys(c.running)) {
		c.finish(c.running[name], event{Action: "fail", Package: name})
	}
}

func (c *collector) packageEvent(p *pkg, e event) {
	switch e.Action {
	case "output":
		p.output += e.Output
	case "pass", "fail", "skip":
		delete(c.running, e.Package)
		c.finish(p, e)
	}
}

// finish closes the account of one package.
func (c *collector) finish(p *pkg, e event) {
	rs := p.results(e.Package, e.Action == "fail")
	if e.Action == "fail" && !anyFailed(rs) {
		rs = append(rs, result{Package: e.Package, Outcome: failed, Output: p.output + c.builds[e.FailedBuild]})
	}
	c.results = append(c.results, rs...)
	word := "ok  "
	if e.Action == "fail" {
		word = "FAIL"
	}
	if e.Action == "skip" {
		word = "-   " // it has no tests
	}
	fmt.Fprintf(c.out, "%s %s %.1fs, %d tests\n", word, e.Package, e.Elapsed, len(rs))
	for _, r := range rs {
		if r.Outcome == failed {
			fmt.Fprintf(c.out, "--- failed: %s %s\n%s\n", r.Package, r.Test, strings.TrimRight(r.Output, "\n"))
		}
	}
}

// results lists the tests that count. A test that never ended (the process died, the time was up) failed.
func (p *pkg) results(name string, died bool) []result {
	parent, badChild := map[string]bool{}, map[string]bool{}
	for test, t := range p.tests {
		for up := above(test); up != ""; up = above(up) {
			parent[up] = true
			badChild[up] = badChild[up] || t.outcome == failed || t.outcome == ""
		}
	}
	var rs []result
	for test, t := range p.tests {
		o := t.outcome
		if o == "" && died {
			o = failed
		}
		// The children of a parent are counted; the parent itself only where it failed on its own.
		if o == "" || parent[test] && (o != failed || badChild[test]) {
			continue
		}
		rs = append(rs, result{Package: name, Test: test, Outcome: o, Output: plain(t.output.String())})
	}
	sort.Slice(rs, func(i, j int) bool { return rs[i].Test < rs[j].Test })
	return rs
}

// above is the name of the test of which this is a subtest, or empty. A subtest's own name may hold slashes: then a
// name that no test bears comes out, which does no harm.
func above(test string) string {
	i := strings.LastIndexByte(test, '/')
	if i < 0 {
		return ""
	}
	return test[:i]
}

// plain drops the lines of the test runner.
func plain(out string) string {
	var b strings.Builder
	for line := range strings.Lines(out) {
		if s := strings.TrimSpace(line); strings.HasPrefix(s, "=== ") || strings.HasPrefix(s, "--- ") {
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

func anyFailed(rs []result) bool {
	for _, r := range rs {
		if r.Outcome == failed {
			return true
		}
	}
	return false
}
