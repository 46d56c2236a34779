package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// collection holds mails of others with expected answers; nothing of it is part of the project.
const collection = "../../../shared/corpus"

// collected skips the test where the collection is not beside the project.
func collected(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(collection)
	must(t, err)
	if _, err := os.Stat(filepath.Join(dir, "graded.txt")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the collection of other people's mails is not beside the project: nothing is graded")
	}
	return dir
}

// graded is one mail of the collection: its folder, which names it, and the file to be read.
type graded struct{ name, dir, file string }

// cases lists the mails below the folders, which hold source/case/input.*.
func cases(t testing.TB, top string, folders ...string) (list []graded) {
	t.Helper()
	for _, folder := range folders {
		dirs, err := filepath.Glob(filepath.Join(top, folder, "*", "*"))
		must(t, err)
		for _, dir := range dirs {
			for _, ext := range []string{".eml", ".html", ".txt"} {
				file := filepath.Join(dir, "input"+ext)
				if _, err := os.Stat(file); err == nil {
					name, err := filepath.Rel(top, dir)
					must(t, err)
					list = append(list, graded{filepath.ToSlash(name), dir, file})
					break
				}
			}
		}
	}
	return list
}

// answer is one line of "mail reply --json" or "mail show --json".
type answer struct {
	File    string       `json:"file"`
	Reply   string       `json:"reply"`
	Kind    string       `json:"kind"`
	Bounces []bounceJSON `json:"bounces"`
	Error   string       `json:"error"`
}

// ask runs the program over the mails, some hundred at a time, and returns the
// answers by file and the mails a second, the program's start included.
func ask(t *testing.T, program, verb string, list []graded) (map[string]answer, float64) {
	t.Helper()
	answers, start := map[string]answer{}, time.Now()
	for part := range slices.Chunk(list, 400) {
		args := []string{"mail", verb, "--json"}
		for _, c := range part {
			args = append(args, c.file)
		}
		// The status is 1 when a mail could not be read; its line says so.
		out, err := exec.Command(program, args...).Output()
		if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		for line := range bytes.Lines(out) {
			var a answer
			if err := json.Unmarshal(line, &a); err != nil {
				t.Fatalf("mail %s: %v in %.200s", verb, err, line)
			}
			answers[a.File] = a
		}
	}
	return answers, float64(len(list)) / time.Since(start).Seconds()
}

// anyWord is what counts as a word: a letter of a script without spaces, or a run of letters and digits.
var anyWord = regexp.MustCompile(`[\x{3040}-\x{30ff}\x{3400}-\x{9fff}\x{ac00}-\x{d7af}\x{0e00}-\x{0e7f}]|[\pL\pN]+`)

func wordsOf(s string) []string { return anyWord.FindAllString(s, -1) }

func squeezed(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n\v\f\u00a0\u200b\ufeff", r) }), " ")
}

// verdict on one reply; the zero value is right.
type verdict string

const (
	emptied verdict = "emptied"
	lost    verdict = "lost words of the author"
	leaked  verdict = "kept words of others"
)

func judge(t *testing.T, c graded, reply string) verdict {
	t.Helper()
	want, err := os.ReadFile(filepath.Join(c.dir, "expected.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		return judgeChecks(t, c, squeezed(reply))
	}
	must(t, err)
	w, g := wordsOf(string(want)), wordsOf(reply)
	switch {
	case slices.Equal(w, g):
		return ""
	case len(g) == 0:
		return emptied
	case slices.ContainsFunc(w, func(word string) bool { return !slices.Contains(g, word) }):
		return lost
	}
	return leaked
}

func judgeChecks(t *testing.T, c graded, reply string) verdict {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.dir, "checks.json"))
	must(t, err)
	var checks struct {
		Include []string `json:"must_include"`
		Exclude []string `json:"must_exclude"`
		Start   []string `json:"must_start"`
		End     []string `json:"must_end"`
	}
	must(t, json.Unmarshal(raw, &checks))
	lacks := func(list []string, has func(s, part string) bool) bool {
		return slices.ContainsFunc(list, func(v string) bool { return !has(reply, squeezed(v)) })
	}
	missing := lacks(checks.Include, strings.Contains) || lacks(checks.Start, strings.HasPrefix) || lacks(checks.End, strings.HasSuffix)
	tooMuch := slices.ContainsFunc(checks.Exclude, func(v string) bool { return strings.Contains(reply, squeezed(v)) })
	switch {
	case (missing || tooMuch) && reply == "":
		return emptied
	case tooMuch:
		return leaked
	case missing: // a start or an end may be missed by keeping too much, too
		if lacks(checks.Include, strings.Contains) {
			return lost
		}
		return leaked
	}
	return ""
}

// figure logs a figure as the measuring scripts read it, and fails when it is not reached.
func figure(t *testing.T, name string, value float64, unit string, min, max float64) {
	t.Helper()
	t.Logf("CORPUS %s %.4g %s %g %g", name, value, unit, min, max)
	if value < min || value > max {
		t.Errorf("%s: %.4g %s, wanted %g to %g", name, value, unit, min, max)
	}
}

func percent(part, all int) float64 {
	if all == 0 {
		return 0
	}
	return 100 * float64(part) / float64(all)
}

func TestRepliesOfOthersAreTheirAuthorsWords(t *testing.T) {
	top := collected(t)
	list, err := os.ReadFile(filepath.Join(top, "graded.txt"))
	must(t, err)
	wanted := map[string]bool{}
	for name := range strings.FieldsSeq(string(list)) {
		wanted[name] = true
	}
	todo := slices.DeleteFunc(cases(t, top, "reply", "reply_checks"), func(c graded) bool { return !wanted[c.name] })
	got, rate := ask(t, program(t), "reply", todo)
	count := map[verdict]int{}
	for _, c := range todo {
		v := judge(t, c, got[c.file].Reply)
		if count[v]++; v != "" {
			t.Logf("%s: %s", c.name, v)
		}
	}
	if len(todo) != len(wanted) {
		t.Errorf("%d of %d graded mails are there", len(todo), len(wanted))
	}
	figure(t, "reply/right", percent(count[""], len(todo)), "%", 95, 100)
	figure(t, "reply/emptied", float64(count[emptied]), "mails", 0, 0)
	figure(t, "reply/lost-words", percent(count[lost], len(todo)), "%", 0, 1)
	t.Logf("%d let quotes or signatures in; %.0f mails/s with the program's start", count[leaked], rate)
}

// stated is what the source of a mail says about it.
type stated struct {
	Auto    *bool `json:"auto"`
	Bounces []struct {
		Status string `json:"status"`
		Reason string `json:"reason"`
		Hard   bool   `json:"hardbounce"`
	} `json:"bounces"`
}

func statedOf(t *testing.T, c graded) (s stated, ok bool) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.dir, "expected.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return s, false
	}
	must(t, err)
	// "bounces" is no list where the source only counts them.
	var wrongType *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &s); err != nil && !errors.As(err, &wrongType) {
		t.Fatal(c.name, err)
	}
	return s, true
}

func TestDeliveryReportsOfOthersAreToldApart(t *testing.T) {
	todo := cases(t, collected(t), "bounce")
	got, _ := ask(t, program(t), "show", todo)
	var n, apart, classes, class, kinds, kind int
	for _, c := range todo {
		s, ok := statedOf(t, c)
		a := got[c.file]
		if ok && strings.Contains(c.name, "_not_bounce") {
			if n++; a.Kind != "bounce" && a.Kind != "feedback" {
				apart++
			} else {
				t.Logf("%s: a %s, but it is none", c.name, a.Kind)
			}
			continue
		}
		if !ok || len(s.Bounces) == 0 {
			continue
		}
		want, b := s.Bounces[0], bounceJSON{}
		if len(a.Bounces) > 0 {
			b = a.Bounces[0]
		}
		expect := map[string]string{"feedback": "feedback", "vacation": "auto-reply"}[want.Reason]
		if expect == "" {
			expect = "bounce"
		}
		if n++; a.Kind == expect {
			apart++
		} else {
			t.Logf("%s: kind %s, wanted %s", c.name, a.Kind, expect)
		}
		if a.Kind != "bounce" || expect != "bounce" {
			continue
		}
		if want.Status != "" {
			if classes++; strings.HasPrefix(b.Status, want.Status[:1]) {
				class++
			}
		}
		if kinds++; b.Permanent == want.Hard {
			kind++
		}
	}
	figure(t, "bounce/told-apart", percent(apart, n), "%", 98, 100)
	figure(t, "bounce/status-class", percent(class, classes), "%", 95, 100)
	figure(t, "bounce/permanence", percent(kind, kinds), "%", 95, 100)
}

func TestAutomaticAnswersOfOthersAreToldApart(t *testing.T) {
	todo := cases(t, collected(t), "auto")
	got, _ := ask(t, program(t), "show", todo)
	n, right := 0, 0
	for _, c := range todo {
		s, _ := statedOf(t, c)
		if s.Auto == nil && len(s.Bounces) == 0 {
			continue
		}
		expect := s.Auto != nil && *s.Auto || s.Auto == nil && s.Bounces[0].Reason == "vacation"
		if n++; (got[c.file].Kind != "message") == expect {
			right++
		} else {
			t.Logf("%s: kind %s", c.name, got[c.file].Kind)
		}
	}
	figure(t, "auto/told-apart", percent(right, n), "%", 100, 100)
}

func TestEveryOddMailOfOthersIsRead(t *testing.T) {
	todo := cases(t, collected(t), "odd")
	got, _ := ask(t, program(t), "show", todo)
	refused := 0
	for _, c := range todo {
		if a, ok := got[c.file]; !ok || a.Error != "" {
			refused++
			t.Logf("%s: answered %v, %s", c.name, ok, a.Error)
		}
	}
	figure(t, "odd/refused", float64(refused), "mails", 0, 0)
}
