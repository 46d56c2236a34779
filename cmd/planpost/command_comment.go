package main

import (
	"context"
	"fmt"
	"strings"

	"planpost/core"
)

type commentCommand struct {
	Hide    commentHide    `cmd:"" help:"Hide a comment from people from outside."`
	Publish commentPublish `cmd:"" help:"Show a hidden comment to people from outside."`
	Move    commentMove    `cmd:"" help:"Move a wrongly threaded comment to another task, with its files."`
	Delete  commentDelete  `cmd:"" help:"Put a comment into the bin."`
	Undo    commentUndo    `cmd:"" help:"Take back the mails of a comment to people outside that have not left."`
}

// oneComment is named by the id that "task show --json" gives.
type oneComment struct {
	inAccount
	ID string `arg:"" help:"Id of the comment."`
}

func (c *oneComment) do(ctx context.Context, term *terminal, said string, do func(context.Context, *core.Core, *core.Actor, core.ID) (core.Task, error)) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		t, err := do(ctx, g.core, a, core.ID(c.ID))
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": c.ID, "number": t.Number}, fmt.Sprintf("[#%d] %s", t.Number, said))
	})
}

type commentHide struct{ oneComment }

func (c *commentHide) Run(ctx context.Context, term *terminal) error {
	return c.do(ctx, term, "hidden", func(ctx context.Context, k *core.Core, a *core.Actor, id core.ID) (core.Task, error) {
		return k.HideComment(ctx, a, id)
	})
}

type commentDelete struct{ oneComment }

func (c *commentDelete) Run(ctx context.Context, term *terminal) error {
	return c.do(ctx, term, "the comment lies in the bin", func(ctx context.Context, k *core.Core, a *core.Actor, id core.ID) (core.Task, error) {
		return k.DeleteComment(ctx, a, id)
	})
}

type commentUndo struct{ oneComment }

func (c *commentUndo) Run(ctx context.Context, term *terminal) error {
	return c.do(ctx, term, "taken back", func(ctx context.Context, k *core.Core, a *core.Actor, id core.ID) (core.Task, error) {
		t, _, err := k.UndoMail(ctx, a, id)
		return t, err
	})
}

type commentPublish struct {
	oneComment
	Preview bool `help:"Only tell who would read it."`
}

func (c *commentPublish) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		_, t, readers, err := g.core.CommentReaders(ctx, a, core.ID(c.ID))
		if err != nil {
			return err
		}
		if !c.Preview {
			if _, err := g.core.PublishComment(ctx, a, core.ID(c.ID), idsOf(readers)); err != nil {
				return err
			}
		}
		return g.showReaders(term, c.JSON, &t, readers)
	})
}

type commentMove struct {
	oneComment
	Number  int64 `arg:"" help:"Number of the task it belongs to."`
	Preview bool  `help:"Only tell who would read it there."`
}

func (c *commentMove) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		m, err := g.core.ForeseeMove(ctx, a, core.ID(c.ID), c.Number)
		if err == nil && !c.Preview {
			_, err = g.core.MoveComment(ctx, a, core.ID(c.ID), c.Number, idsOf(m.Readers))
		}
		if err != nil {
			return err
		}
		return g.showReaders(term, c.JSON, &m.To, m.Readers)
	})
}

func idsOf(people []core.Person) (ids []core.ID) {
	for i := range people {
		ids = append(ids, people[i].ID)
	}
	return ids
}

// showReaders tells who from outside reads a comment in its task.
func (g *gateway) showReaders(term *terminal, asJSON bool, t *core.Task, readers []core.Person) error {
	names := []string{}
	for i := range readers {
		names = append(names, readers[i].Name)
	}
	text := "read by nobody from outside"
	if len(names) > 0 {
		text = "read from outside by " + strings.Join(names, ", ")
	}
	return g.show(term, asJSON, map[string]any{"number": t.Number, "readers": names}, fmt.Sprintf("[#%d] %s", t.Number, text))
}
