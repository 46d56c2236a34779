package reply

import (
	"strings"
	"sync"
	"testing"
)

func TestWordsAreFoundAsInLowerCase(t *testing.T) {
	texts := []string{"", "S", "Sent from my iPhone", "SENT FROM", "Envoyé de mon", "ENVOYÉ DE", "Отправлено с iPhone", "ОТПРАВЛЕНО", "\u212Aüldve", "KÜLDVE", "から送信", "a\u212A", "é", "E\u0301"}
	words := []string{"s", "sent", "sent from", "envoyé", "envoyé de", "отправлено", "küldve", "から送信", "送信", "k", "iphone", "é"}
	for _, s := range texts {
		low := strings.ToLower(s)
		for _, w := range words {
			if got, want := beginsFold(s, w), strings.HasPrefix(low, w); got != want {
				t.Errorf("%q begins with %q: %v", s, w, got)
			}
			rest, got := cutEndFold(s, w)
			if want := strings.HasSuffix(low, w); got != want || got && strings.ToLower(rest) != strings.TrimSuffix(low, w) {
				t.Errorf("%q ends with %q: %v, before it %q", s, w, got, rest)
			}
		}
		if s != "" && (firstByte(s) != low[0] || lastByte(s) != low[len(low)-1]) {
			t.Errorf("%q: first byte %x, last %x", s, firstByte(s), lastByte(s))
		}
	}
}

func TestASetHoldsWhatWasAddedAndNothingOfItsLastUse(t *testing.T) {
	s := hashSet{}.room(100)
	for h := range uint64(100) {
		s.add(h * 4096)
		s.add(h * 4096)
	}
	for h := range uint64(100) {
		if !s.has(h*4096) || s.has(h*4096+7) {
			t.Fatalf("%d: has %v, has its neighbour %v", h, s.has(h*4096), s.has(h*4096+7))
		}
	}
	if s = s.room(100); s.has(4096) {
		t.Error("a new set holds what the old one did")
	}
}

func TestAMailLeavesNothingForTheNext(t *testing.T) {
	long := Input{Text: realText(30 << 10), Sent: strings.Repeat("we sent these words to the person in question ", 40), Marker: []string{"Reply above this line"}}
	page := Input{HTML: realHTML(20 << 10), Subject: "Fwd: x"}
	empty := Input{HTML: "<div class=gmail_quote><blockquote><br> </blockquote></div>", Text: "Yes.\n> No?"}
	short := Input{Text: "Yes, on Friday.\n\nOn 5 May 2020, A <a@b.example> wrote:\n> When?\n"}
	want := Extract(short)
	if want.Reply != "Yes, on Friday." || len(want.Removed) != 2 {
		t.Fatalf("%+v", want)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				for _, in := range []Input{long, short, page, short, empty, short} {
					got := Extract(in)
					if in.Text == short.Text && (got.Reply != want.Reply || got.Removed[0] != want.Removed[0] || got.Removed[1] != want.Removed[1]) {
						t.Errorf("%+v", got)
						return
					}
				}
			}
		})
	}
	all.Wait()
}
