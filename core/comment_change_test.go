package core_test

import (
	"slices"
	"testing"

	"planpost/core"
)

func TestX18AHiddenCommentIsPublishedOnlyToReadersWhoWereSeen(t *testing.T) {
	each(t, func(h *house) {
		cm, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "inside", Hidden: true})
		h.must(err)
		_, _, readers, err := h.c.CommentReaders(h.ctx, h.as(h.eve), cm.ID)
		h.must(err)
		var seen []core.ID
		for _, p := range readers {
			seen = append(seen, p.ID)
		}
		for _, p := range []core.Person{h.klara, h.karl, h.sub} {
			if !slices.Contains(seen, p.ID) {
				h.t.Errorf("%s would read it and is not named", p.Name)
			}
		}
		if _, err := h.c.PublishComment(h.ctx, h.as(h.eve), cm.ID, seen[1:]); core.CodeOf(err) != "comment.readers" {
			h.t.Errorf("published to somebody who was not seen: %v", err)
		}
		_, err = h.c.PublishComment(h.ctx, h.as(h.eve), cm.ID, seen)
		h.must(err)
		if h.lastComment().Hidden {
			h.t.Error("it is hidden still")
		}
		_, err = h.c.HideComment(h.ctx, h.as(h.eve), cm.ID)
		h.must(err)
		if !h.lastComment().Hidden {
			h.t.Error("it is not hidden again")
		}
		n := len(h.comments())
		_, err = h.c.DeleteComment(h.ctx, h.as(h.eve), cm.ID)
		h.must(err)
		if len(h.comments()) != n-1 {
			h.t.Error("it is not in the bin")
		}
	})
}
