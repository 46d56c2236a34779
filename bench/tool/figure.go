package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// cmdCounted compares two lines of "planpost bench count --json": between them n mails must have become n comments,
// n raw mails and n receipts, and two deliveries each. Anything else means that a mail was lost or doubled.
func cmdCounted(args []string) error {
	fs := flag.NewFlagSet("counted", flag.ExitOnError)
	n := fs.Int("n", 0, "mails answered with 250 between the two counts")
	_ = fs.Parse(args)
	if fs.NArg() != 2 {
		return fmt.Errorf("wants two files: before and after")
	}
	var counts [2]map[string]int
	for i, name := range fs.Args() {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(b, &counts[i]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	var wrong []string
	for _, w := range []struct {
		what string
		want int
	}{{"comments", *n}, {"raw", *n}, {"receipts", *n}, {"deliveries", 2 * *n}} {
		after, known := counts[1][w.what]
		if got := after - counts[0][w.what]; !known || got != w.want {
			wrong = append(wrong, fmt.Sprintf("%s grew by %d, not by %d", w.what, got, w.want))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong, "; "))
	}
	return nil
}

// cmdPick prints one number out of result lines: the median of a field over the runs of a label in a cell, or, with
// -over, the median of the pairwise ratios to another label's runs, in the order in which they ran. A run with a
// failure is not a result: then there is no number but an error.
func cmdPick(args []string) error {
	fs := flag.NewFlagSet("pick", flag.ExitOnError)
	label := fs.String("label", "ours", "label")
	cell := fs.String("cell", "", "cell")
	field := fs.String("field", "rate", "field of the result line, or of its extra figures")
	over := fs.String("over", "", "LABEL@CELL to divide by, pair by pair")
	_ = fs.Parse(args)
	of, err := pick(fs.Args(), *label, *cell, *field)
	if err != nil {
		return err
	}
	if *over != "" {
		l, c, _ := strings.Cut(*over, "@")
		by, err := pick(fs.Args(), l, c, *field)
		if err != nil {
			return err
		}
		if len(by) != len(of) {
			return fmt.Errorf("%d runs of %s, %d of %s", len(of), *label, len(by), *over)
		}
		for i := range of {
			of[i] /= by[i]
		}
	}
	fmt.Println(strconv.FormatFloat(median(of), 'f', 3, 64))
	return nil
}

func pick(files []string, label, cell, field string) ([]float64, error) {
	var out []float64
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		sc := bufio.NewScanner(f)
		sc.Buffer(make([]byte, 1<<20), 1<<20)
		for sc.Scan() {
			var r result
			m := map[string]any{}
			if json.Unmarshal(sc.Bytes(), &r) != nil || json.Unmarshal(sc.Bytes(), &m) != nil || r.Label != label || r.Cell != cell {
				continue
			}
			if r.Failed > 0 {
				return nil, fmt.Errorf("%s %s: %d failed: %s", label, cell, r.Failed, r.Err)
			}
			v, ok := m[field].(float64)
			if !ok {
				v, ok = r.Extra[field]
			}
			if !ok {
				return nil, fmt.Errorf("%s %s has no %s", label, cell, field)
			}
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no run of %s %s", label, cell)
	}
	return out, nil
}

// cmdFigure prints a figure beside what is wanted of it, in the one form that people and scripts read.
func cmdFigure(args []string) error {
	fs := flag.NewFlagSet("figure", flag.ExitOnError)
	least := fs.Float64("min", 0, "met when at least this")
	most := fs.Float64("max", -1, "met when at most this, 0 too")
	out := fs.String("out", "", "append the line here too")
	_ = fs.Parse(args)
	if fs.NArg() != 3 {
		return fmt.Errorf("wants NAME VALUE UNIT")
	}
	name, unit := fs.Arg(0), fs.Arg(2)
	line := fmt.Sprintf("FIGURE %s none %s (not measured)", name, unit)
	if v, err := strconv.ParseFloat(fs.Arg(1), 64); err == nil {
		digits := 2
		if v != 0 && v < 0.1 { // a few milliseconds are not 0 s
			digits = 4
		}
		line = fmt.Sprintf("FIGURE %s %.*f %s (%s)", name, digits, v, unit, judge(v, *least, *most))
	}
	fmt.Println(line)
	if *out == "" {
		return nil
	}
	f, err := os.OpenFile(*out, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintln(f, line)
	return err
}

func judge(v, least, most float64) string {
	word := map[bool]string{true: "met", false: "missed"}
	switch {
	case least > 0:
		return fmt.Sprintf("wanted at least %g, %s", least, word[v >= least])
	case most >= 0:
		return fmt.Sprintf("wanted at most %g, %s", most, word[v <= most])
	}
	return "for comparison"
}
