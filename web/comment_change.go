package web

import (
	"context"
	"net/http"

	"planpost/core"
)

// publishView asks before a hidden comment is shown to people from outside.
type publishView struct {
	Frame
	Task    core.Task
	Comment core.Comment
	Readers []card
	IDs     []core.ID
}

func (s *Site) hideComment(w http.ResponseWriter, v *visit) error {
	return commentDone(w, v, "commenthidden", true, s.core.HideComment)
}

func (s *Site) deleteComment(w http.ResponseWriter, v *visit) error {
	done := "commentdeleted"
	if !v.staff() { // who has no bin is not told of it
		done = "commentgone"
	}
	return commentDone(w, v, done, false, s.core.DeleteComment)
}

// undoMail takes back what has not left.
func (s *Site) undoMail(w http.ResponseWriter, v *visit) error {
	return commentDone(w, v, "undone", true, func(ctx context.Context, a *core.Actor, id core.ID) (core.Task, error) {
		t, _, err := s.core.UndoMail(ctx, a, id)
		return t, err
	})
}

// doComment is a deed on a comment; it gives the comment's task.
type doComment func(context.Context, *core.Actor, core.ID) (core.Task, error)

// commentDone does one thing to the comment of the path and goes back to its task.
func commentDone(w http.ResponseWriter, v *visit, done string, stays bool, do doComment) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	t, err := do(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	at := ""
	if stays {
		at = "c-" + string(id)
	}
	return redirect(w, v, v.taskURL(t.Number), done, at)
}

func (s *Site) publishPage(w http.ResponseWriter, v *visit) error { return s.askPublish(w, v, nil) }

func (s *Site) askPublish(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	cm, t, readers, err := s.core.CommentReaders(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := publishView{Frame: s.frame(v, v.t("comment.publish")), Task: t, Comment: cm}
	for i := range readers {
		view.Readers, view.IDs = append(view.Readers, cardOf(v, &readers[i])), append(view.IDs, readers[i].ID)
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "publish", view)
}

// publish shows the comment to the readers that the form names; if there are
// others by now, it asks again.
func (s *Site) publish(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	t, err := s.core.PublishComment(v.Context(), v.actor, id, ids(v.PostForm["reader"]))
	switch {
	case err == nil:
		return redirect(w, v, taskURL(t.Number), "published", "c-"+string(id))
	case core.CodeOf(err) == "comment.readers":
		return s.askPublish(w, v, err)
	}
	return err
}
