package web

import (
	"net/http"
	"time"

	"planpost/core"
)

// historyView shows the texts that a comment had.
type historyView struct {
	Frame
	Task    core.Task
	Comment core.Comment
	Kept    []keptText
}

// keptText is one earlier text; By is a name, empty when it is not known.
type keptText struct {
	Text, By string
	Until    time.Time
}

func (s *Site) historyPage(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	h, err := s.core.CommentHistory(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := historyView{Frame: s.frame(v, v.t("comment.kept")), Task: h.Task, Comment: h.Comment}
	for _, k := range h.Kept {
		view.Kept = append(view.Kept, keptText{k.Text, h.People[k.By].Name, k.Until})
	}
	return s.render(w, v, http.StatusOK, "commenthistory", view)
}
