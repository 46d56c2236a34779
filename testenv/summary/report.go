package main

import (
	"fmt"
	"io"
	"strings"
)

// engines are the lines of the closing table, in this order.
var engines = [...]string{"SQLite", "PostgreSQL", "browser", "Postfix", "other"}

// engine tells on which line a test counts: by the beginning of its name (TestBrowser…, TestPostfix…), else by the
// name of one of its subtests (…/sqlite/…). A test in a browser or with Postfix counts there, on whatever database it
// stands: those are the rare ones, and a reader wants to see that they ran.
func engine(r result) string {
	if strings.HasPrefix(r.Test, "TestBrowser") {
		return "browser"
	}
	if strings.HasPrefix(r.Test, "TestPostfix") {
		return "Postfix"
	}
	for element := range strings.SplitSeq(strings.ToLower(r.Test), "/") {
		switch element {
		case "sqlite":
			return "SQLite"
		case "postgres", "postgresql":
			return "PostgreSQL"
		case "browser":
			return "browser"
		case "postfix":
			return "Postfix"
		}
	}
	return "other"
}

// verdict holds what decides whether the run as a whole was good.
type verdict struct {
	ci      bool     // a skip is a failure
	corpus  bool     // the optional folder is there, so missing it is no excuse
	require []string // top-level tests that must have run
}

// report writes the skips, the missing tests and the table, and says whether all is well.
func (v verdict) report(w io.Writer, rs []result) bool {
	good := v.skips(w, rs)
	for _, name := range v.missing(rs) {
		fmt.Fprintf(w, "required, but did not run: %s\n", name)
		good = false
	}
	count := map[string]map[outcome]int{}
	for _, e := range engines {
		count[e] = map[outcome]int{}
	}
	for _, r := range rs {
		count[engine(r)][r.Outcome]++
		good = good && r.Outcome != failed
	}
	fmt.Fprintf(w, "\n%-12s %8s %8s %8s\n", "", "passed", "failed", "skipped")
	for _, e := range engines {
		fmt.Fprintf(w, "%-12s %8d %8d %8d\n", e, count[e][passed], count[e][failed], count[e][skipped])
	}
	return good
}

// skips lists what did not run and why, and says whether that is acceptable here.
func (v verdict) skips(w io.Writer, rs []result) bool {
	good := true
	for _, r := range rs {
		if r.Outcome != skipped {
			continue
		}
		reason := strings.Join(strings.Fields(r.Output), " ")
		word := "skipped"
		if v.ci && !v.excused(reason) {
			word, good = "skipped, which CI=true forbids", false
		}
		fmt.Fprintf(w, "%s: %s %s: %s\n", word, r.Package, r.Test, reason)
	}
	return good
}

func (v verdict) excused(reason string) bool {
	return !v.corpus && strings.Contains(reason, "corpus")
}

func (v verdict) missing(rs []result) []string {
	ran := map[string]bool{}
	for _, r := range rs {
		top, _, _ := strings.Cut(r.Test, "/")
		ran[top] = ran[top] || r.Outcome != skipped
	}
	if len(rs) == 0 {
		return []string{"any test at all"}
	}
	var out []string
	for _, name := range v.require {
		if !ran[name] {
			out = append(out, name)
		}
	}
	return out
}
