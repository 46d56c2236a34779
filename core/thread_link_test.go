package core_test

import (
	"testing"
	"time"

	"planpost/core"
)

func (h *house) threadOf(p core.Person) core.Link {
	h.t.Helper()
	var l core.Link
	h.must(h.store.View(h.ctx, func(tx core.Tx) (err error) {
		l, _, err = tx.FindLinkOf(h.ctx, core.ThreadLink, p.ID, h.task.ID, p.Addresses[0].Norm)
		return err
	}))
	return l
}

func (h *house) tell(text string, who ...core.Person) {
	h.t.Helper()
	n := core.NewComment{Task: h.task.ID, Text: text}
	for _, p := range who {
		n.Tell = append(n.Tell, p.ID)
	}
	_, err := h.c.Comment(h.ctx, h.as(h.owner), n)
	h.must(err)
}

func TestX5TheFirstMailToAContactBringsTheLinkToTheConversation(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		first := sent["Klara"].ThreadURL
		if first == "" || sent["Eve"].ThreadURL != "" || sent["Karl"].ThreadURL == first {
			h.t.Fatalf("Klara gets %q, Eve %q, Karl %q", first, sent["Eve"].ThreadURL, sent["Karl"].ThreadURL)
		}
		l := h.threadOf(h.klara)
		if l.Object != h.task.ID || l.Person != h.klara.ID || l.ExpiresAt.Sub(h.now) < 29*24*time.Hour {
			h.t.Errorf("the row is %+v", l)
		}
		h.pass(20 * 24 * time.Hour)
		h.tell("again", h.klara)
		sent, _ = h.letters()
		if sent["Klara"].ThreadURL != first {
			h.t.Error("the next mail brings another link")
		}
		if now := h.threadOf(h.klara); now.ExpiresAt.Sub(h.now) < 29*24*time.Hour || now.Generation != l.Generation {
			h.t.Errorf("a mail does not give the link its life anew: %+v", now)
		}
		h.pass(40 * 24 * time.Hour) // expired meanwhile: a new mail revives it
		h.tell("and again", h.klara)
		sent, _ = h.letters()
		if l = h.threadOf(h.klara); sent["Klara"].ThreadURL != first || l.State(h.now) != core.LinkLive {
			h.t.Errorf("after it expired a mail brings %q", sent["Klara"].ThreadURL)
		}
		_, err := h.c.BlockPerson(h.ctx, h.as(h.owner), h.klara.ID)
		h.must(err)
		h.must(h.c.UnblockPerson(h.ctx, h.as(h.owner), h.klara.ID))
		h.tell("welcome back", h.klara)
		sent, _ = h.letters()
		if again := sent["Klara"].ThreadURL; again == "" || again == first {
			h.t.Errorf("after a block the link is %q, the old one %q", again, first)
		}
	})
}
