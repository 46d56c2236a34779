package reply_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"planpost/mail"
	"planpost/mail/reply"
)

// floor is the share of the collection, in percent, below which a change is a
// step back. What is reached lies a few points above it.
const floor = 95

// TestMailsOfOthers grades the public collection beside the project by equal
// words, as its grader does.
func TestMailsOfOthers(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "corpus")
	list, err := os.ReadFile(filepath.Join(root, "graded.txt"))
	if err != nil {
		t.Skip("the collection of mails is not beside the project: ", err)
	}
	right, all, emptied := 0, 0, 0
	for name := range strings.FieldsSeq(string(list)) {
		dir := filepath.Join(root, filepath.FromSlash(name))
		in, ok := readCase(t, dir)
		if !ok {
			continue
		}
		all++
		r := reply.Extract(in)
		good, empty := agrees(t, dir, r.Reply+"\n\n"+r.Forwarded)
		if good {
			right++
		} else {
			t.Log("differs: ", name)
		}
		if empty {
			emptied++
		}
	}
	t.Logf("%d of %d right, %d emptied", right, all, emptied)
	if all == 0 || right*100 < all*floor || emptied > 1 {
		t.Errorf("%d of %d right, %d emptied; the floor is %d %%", right, all, emptied, floor)
	}
}

func readCase(t *testing.T, dir string) (in reply.Input, ok bool) {
	t.Helper()
	if b, err := os.ReadFile(filepath.Join(dir, "input.eml")); err == nil {
		m, err := mail.Parse(b, mail.Limits{})
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			return in, false
		}
		return reply.Input{Text: m.Text, HTML: m.HTML, Subject: m.Subject}, true
	}
	if b, err := os.ReadFile(filepath.Join(dir, "input.html")); err == nil {
		return reply.Input{HTML: string(b)}, true
	}
	b, err := os.ReadFile(filepath.Join(dir, "input.txt"))
	return reply.Input{Text: string(b)}, err == nil
}

func agrees(t *testing.T, dir, got string) (good, emptied bool) {
	t.Helper()
	if want, err := os.ReadFile(filepath.Join(dir, "expected.txt")); err == nil {
		w, g := wordsOf(string(want)), wordsOf(got)
		return slices.Equal(w, g), len(w) > 0 && len(g) == 0
	}
	b, err := os.ReadFile(filepath.Join(dir, "checks.json"))
	if err != nil {
		t.Errorf("%s: nothing expected: %v", dir, err)
		return false, false
	}
	var checks struct {
		Include []string `json:"must_include"`
		Exclude []string `json:"must_exclude"`
		Start   []string `json:"must_start"`
		End     []string `json:"must_end"`
	}
	if err := json.Unmarshal(b, &checks); err != nil {
		t.Errorf("%s: %v", dir, err)
	}
	flat := fold(got)
	good = true
	for _, c := range []struct {
		list []string
		ok   func(s, part string) bool
	}{
		{checks.Include, strings.Contains}, {checks.Start, strings.HasPrefix}, {checks.End, strings.HasSuffix},
		{checks.Exclude, func(s, part string) bool { return !strings.Contains(s, part) }},
	} {
		for _, part := range c.list {
			good = good && c.ok(flat, fold(part))
		}
	}
	return good, !good && flat == ""
}

func fold(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }), " ")
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
