package reply

import (
	"strings"
	"testing"
)

func TestEveryCutKnowsWhereItStood(t *testing.T) {
	for _, c := range []struct {
		name, text string
		before     []string // what is kept before each cut
	}{
		{"below", "Fine with me.\n\nOn Mon, 3 Nov 2025 at 10:00, Anna <anna@nordbau.example> wrote:\n> Shall we?\n", []string{"Fine with me.", "Fine with me."}},
		{"above", "On Mon, 3 Nov 2025 at 10:00, Anna <anna@nordbau.example> wrote:\n> Shall we?\n\nFine with me.\n", []string{"", ""}},
		{"between", "On Mon, 3 Nov 2025 at 10:00, Anna <anna@nordbau.example> wrote:\n> Shall we?\nYes.\n> And then?\nNo.\n> The rest\n", []string{"", "", "Yes.\n> And then?\nNo."}},
		{"signature", "Ünicode words\n\n-- \nAnna\n", []string{"Ünicode words"}},
	} {
		r := Extract(Input{Text: c.text})
		if len(r.Removed) != len(c.before) {
			t.Errorf("%s: cut %+v", c.name, r.Removed)
			continue
		}
		for i, cut := range r.Removed {
			if got := strings.TrimRight(r.Reply[:cut.At], "\n"); got != c.before[i] {
				t.Errorf("%s: cut %d (%s) stood behind %q, want %q", c.name, i, cut.Why, got, c.before[i])
			}
		}
	}
	r := Extract(Input{Subject: "Fwd: Windows", Text: "For you.\n\n---------- Forwarded message ---------\nFrom: Bob <bob@x.example>\nSubject: Windows\n\nNew windows.\n\nSent from my iPhone\n"})
	whole := r.Reply + "\n\n" + r.Forwarded
	for _, cut := range r.Removed {
		if cut.At < 0 || cut.At > len(whole) {
			t.Errorf("%s stood at %d of %d", cut.Why, cut.At, len(whole))
		}
	}
}
