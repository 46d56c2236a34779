package core_test

import (
	"testing"

	"planpost/core"
)

func TestP11TheOldTextOfAnEditedCommentIsKeptAndNeverShownOutside(t *testing.T) {
	each(t, func(h *house) {
		cm, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "we pay 900"})
		h.must(err)
		h.must(h.c.EditComment(h.ctx, h.as(h.eve), cm.ID, "we pay <b>800</b>"))
		_, err = h.c.HideComment(h.ctx, h.as(h.eve), cm.ID) // changes no text
		h.must(err)
		h.must(h.c.EditComment(h.ctx, h.as(h.eve), cm.ID, "we pay"))
		got, err := h.c.CommentHistory(h.ctx, h.as(h.owner), cm.ID)
		h.must(err)
		if len(got.Kept) != 2 || got.Kept[0].Text != "we pay 900" || got.Kept[1].Text != "we pay <b>800</b>" {
			h.t.Fatalf("kept %+v", got.Kept)
		}
		for _, k := range got.Kept {
			if k.Until.IsZero() || got.People[k.By].Name != h.eve.Name {
				h.t.Errorf("not told who and when: %+v", k)
			}
		}
		for _, p := range []core.Person{h.klara, h.sub} {
			if _, err := h.c.CommentHistory(h.ctx, h.as(p), cm.ID); core.KindOf(err) != core.NotFound && core.KindOf(err) != core.Forbidden {
				h.t.Errorf("%s reads what was taken back: %v", p.Name, err)
			}
		}
	})
}
