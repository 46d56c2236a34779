package core

import (
	"strings"
	"testing"
	"time"

	"planpost/mail/reply"
)

func TestCutsGoBackToTheirPlaces(t *testing.T) {
	cm := Comment{Text: "First.\nSecond.", HTML: "<p>First.</p>"}
	cuts := []Cut{{Text: "above\n"}, {Text: "between", At: len("First.")}, {Text: "below", At: len("First.\nSecond.")}, {Text: "last", At: 999}}
	for _, i := range []int{2, 0, 3, 1} {
		cm.unfold(cuts, CutBack{Cut: i, By: "anna", At: time.Unix(1, 0)})
	}
	if want := "above\n\nFirst.\n\nbetween\n\nSecond.\n\nbelow\n\nlast"; cm.Text != want || cm.HTML != "" {
		t.Errorf("all back: %q %q", cm.Text, cm.HTML)
	}
	for _, i := range []int{0, 1, 3} {
		cm.fold(cuts, i)
	}
	if want := "First.\nSecond.\n\nbelow"; cm.Text != want {
		t.Errorf("one left: %q", cm.Text)
	}
	cm.fold(cuts, 2)
	if cm.Text != "First.\nSecond." || cm.HTML != "<p>First.</p>" || len(cm.PutBack.Cuts) > 0 {
		t.Errorf("folded: %+v", cm)
	}
	none := Comment{}
	none.unfoldAll(cuts[:2], "anna", time.Unix(1, 0))
	if none.Text != "above\n\nbetween" {
		t.Errorf("nothing but cuts: %q", none.Text)
	}
}

// The text may be another than the one in which the places were noted.
func TestACutNeverTearsALine(t *testing.T) {
	const text = "Grüße\n\nund mehr"
	for at := -1; at < len(text)+3; at++ {
		got := withCuts(text, []Cut{{Text: "CUT", At: at}}, []CutBack{{}})
		if rest := strings.Join(strings.Fields(strings.Replace(got, "CUT", "", 1)), " "); rest != "Grüße und mehr" {
			t.Errorf("at %d: %q", at, got)
		}
	}
}

func TestPlacesAreThoseOfTheTextAsItIsKept(t *testing.T) {
	w := reply.Result{Reply: "  Yes.\nNo.", Forwarded: "Old.", Removed: []reply.Removed{{Text: "a", At: 1}, {Text: "b", At: 6}, {Text: "c", At: len("  Yes.\nNo.\n\nOld.")}}}
	cuts := new(Core).cutsOf(&w)
	kept := body(strings.TrimSpace(w.Reply + "\n\n" + w.Forwarded))
	if cuts[0].At != 0 || kept[:cuts[1].At] != "Yes." || kept[:cuts[2].At] != kept {
		t.Errorf("%+v in %q", cuts, kept)
	}
}
