package core_test

import (
	"fmt"
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

func TestX18PublishingIsExactHoweverManyReadAlong(t *testing.T) {
	each(t, func(h *house) {
		h.onlyWhoIsInside()
		cm, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "inside", Hidden: true})
		h.must(err)
		want := 0
		for i := range 130 {
			p := h.basic(fmt.Sprintf("Contact %03d", i), fmt.Sprintf("c%d@client.test", i))
			if i%10 == 9 { // those who do not see the company's tasks read nothing
				continue
			}
			want++
			p.CompanyTasks = true
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdatePerson(h.ctx, &p) }))
		}
		_, _, readers, err := h.c.CommentReaders(h.ctx, h.as(h.eve), cm.ID)
		h.must(err)
		if len(readers) != want {
			h.t.Fatalf("%d readers are shown of %d", len(readers), want)
		}
		var seen []core.ID
		for _, p := range readers {
			seen = append(seen, p.ID)
		}
		if _, err := h.c.PublishComment(h.ctx, h.as(h.eve), cm.ID, seen[:len(seen)-1]); core.CodeOf(err) != "comment.readers" {
			h.t.Errorf("published to the last one unseen: %v", err)
		}
		_, err = h.c.PublishComment(h.ctx, h.as(h.eve), cm.ID, seen)
		h.must(err)
	})
}
