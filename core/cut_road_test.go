package core_test

import (
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail/auth"
)

func TestWhatWasCutIsPutBackAndFoldedAgain(t *testing.T) {
	each(t, func(h *house) {
		long := strings.Repeat("> a long line of an older mail that nobody reads again\n", 40)
		h.one(h.letter("klara@client.test", "Yes please.\n\nOn Mon, 2 Mar 2026 at 09:00, Olga <olga@holzbau.test> wrote:\n"+long+"> the very end"), auth.Pass, h.replyTo(h.klara))
		cm := h.lastComment()
		if cm.Text != "Yes please." || len(cm.Cuts) != 2 || cm.Cuts[1].Left == 0 {
			h.t.Fatalf("comment %q, cuts %+v", cm.Text, cm.Cuts)
		}
		must, eve := h.must, h.as(h.eve)
		must(h.c.PutBack(h.ctx, eve, cm.ID, 1))
		must(h.c.PutBack(h.ctx, eve, cm.ID, 0))
		must(h.c.PutBack(h.ctx, eve, cm.ID, 0)) // a second click on an old page
		now := h.lastComment()
		if !strings.HasPrefix(now.Text, "Yes please.\n\nOn Mon") || !strings.HasSuffix(now.Text, "> the very end") || strings.Count(now.Text, "wrote:") != 1 {
			h.t.Errorf("put back: %q", now.Text)
		}
		if b, ok := now.PutBack.Has(1); !ok || b.By != h.eve.ID || b.At.IsZero() || !now.EditedAt.IsZero() {
			h.t.Errorf("said of it: %+v", now.PutBack)
		}
		h.must(indexAll(h))
		if found, err := h.c.Search(h.ctx, h.as(h.owner), "very end", 0, 10); err != nil || len(found) != 1 {
			h.t.Errorf("what is back is not found: %v %v", found, err)
		}
		must(h.c.FoldAgain(h.ctx, eve, cm.ID, 0))
		must(h.c.FoldAgain(h.ctx, eve, cm.ID, 1))
		if now := h.lastComment(); now.Text != "Yes please." || len(now.PutBack.Cuts) != 0 {
			h.t.Errorf("folded again: %q %+v", now.Text, now.PutBack)
		}
	})
}

func indexAll(h *house) error {
	for {
		done, err := h.store.IndexPending(h.ctx, 100)
		if err != nil || done.Number == 0 {
			return err
		}
	}
}

func TestPuttingBackAsksTheRightOfWhoDecidesAboutMail(t *testing.T) {
	each(t, func(h *house) {
		h.one(h.letter("eve@holzbau.test", "Yes please.\n\n-- \nEve\nHolzbau Ltd"), auth.Pass, h.replyTo(h.eve))
		cm := h.lastComment()
		if len(cm.Cuts) != 1 {
			h.t.Fatalf("cuts %+v", cm.Cuts)
		}
		stranger, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Max", Address: "max@holzbau.test", Role: core.Employee})
		h.must(err)
		for _, p := range []core.Person{h.klara, h.karl, stranger} {
			if err := h.c.PutBack(h.ctx, h.as(p), cm.ID, 0); err == nil {
				h.t.Errorf("%s put it back", p.Name)
			}
		}
		for _, cut := range []int{-1, 1} {
			if err := h.c.PutBack(h.ctx, h.as(h.owner), cm.ID, cut); core.KindOf(err) != core.NotFound {
				h.t.Errorf("cut %d: %v", cut, err)
			}
		}
		// Who edits the comment makes the text his own: then there is nothing to fold.
		h.must(h.c.PutBack(h.ctx, h.as(h.owner), cm.ID, 0))
		h.must(h.c.EditComment(h.ctx, h.as(h.eve), cm.ID, "Another text"))
		h.must(h.c.FoldAgain(h.ctx, h.as(h.owner), cm.ID, 0))
		if now := h.lastComment(); now.Text != "Another text" || len(now.PutBack.Cuts) != 0 {
			h.t.Errorf("after an edit: %q %+v", now.Text, now.PutBack)
		}
	})
}

func TestAMailThatWasOnlyAQuoteBecomesACommentWithOneClick(t *testing.T) {
	each(t, func(h *house) {
		r := h.one(h.letter("klara@client.test", "On Mon, 2 Mar 2026 at 09:00, Olga <olga@holzbau.test> wrote:\n> only a quote\n> of ours"), auth.Pass, h.replyTo(h.klara))
		if r.Disposition != core.Recorded || r.Reason != "reply.empty" {
			h.t.Fatalf("%s %s", r.Disposition, r.Reason)
		}
		v, err := h.c.Message(h.ctx, h.as(h.eve), r.ID)
		h.must(err)
		if !v.Releasable || len(v.Message.Cuts) == 0 {
			h.t.Errorf("the page offers %v with %d cuts", v.Releasable, len(v.Message.Cuts))
		}
		if err := h.c.RefuseHeld(h.ctx, h.as(h.eve), r.ID); core.CodeOf(err) != "held.decided" {
			h.t.Errorf("refused: %v", err)
		}
		_, err = h.c.Release(h.ctx, h.as(h.eve), r.ID, core.Release{})
		h.must(err)
		cm := h.lastComment()
		if cm.Author != h.klara.ID || !strings.Contains(cm.Text, "only a quote") || len(cm.PutBack.Cuts) != len(v.Message.Cuts) || cm.PutBack.Cuts[0].By != h.eve.ID {
			h.t.Errorf("comment %q, %+v", cm.Text, cm.PutBack)
		}
		if _, err = h.c.Release(h.ctx, h.as(h.eve), r.ID, core.Release{}); core.CodeOf(err) != "held.decided" {
			h.t.Errorf("a second click: %v", err)
		}
		h.must(h.c.FoldAgain(h.ctx, h.as(h.eve), cm.ID, 0))
		if now := h.lastComment(); strings.Contains(now.Text, "wrote:") || !strings.Contains(now.Text, "only a quote") {
			h.t.Errorf("one folded: %q", now.Text)
		}
	})
}
