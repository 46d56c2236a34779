package core

import (
	"context"
	"time"
)

// KeptText is a text that a comment had before it was changed.
type KeptText struct {
	Text string
	// Until is when it was changed; By who did, empty when text of the mail was put back (Comment.PutBack names who).
	Until time.Time
	By    ID
}

// CommentHistory is a comment with its earlier texts.
type CommentHistory struct {
	Comment Comment
	Task    Task
	// Kept is oldest first.
	Kept   []KeptText
	People map[ID]Person
}

// CommentHistory gives the earlier texts of a comment to who may read hidden
// ones: what somebody took back is not for people from outside, who learn only
// that it was edited.
func (c *Core) CommentHistory(ctx context.Context, a *Actor, id ID) (h CommentHistory, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		h = CommentHistory{}
		if h.Comment, err = tx.FindComment(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "comment.view_hidden", Object{"comment", id}); err != nil {
			return err
		}
		if h.Task, err = tx.FindTask(ctx, a.Account.ID, h.Comment.Task); err != nil {
			return err
		}
		if h.Kept, err = tx.KeptTexts(ctx, &h.Comment); err != nil {
			return err
		}
		ids := []ID{h.Comment.Author}
		for i := range h.Kept {
			ids = append(ids, h.Kept[i].By)
		}
		h.People, err = peopleByID(ctx, tx, a.Account.ID, ids)
		return err
	})
	return h, err
}
