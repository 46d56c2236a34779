package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"planpost/core"
)

// moveView asks where a comment is to go, and then, with Asked set, shows who will read it there.
type moveView struct {
	Frame
	Task    core.Task
	Comment core.Comment
	Number  string
	// Near are tasks it may belong to.
	Near  []option
	Asked *movePreview
}

// movePreview tells what the move means.
type movePreview struct {
	To              core.Task
	Readers, Inside []card
	IDs             []core.ID
}

func (s *Site) movePage(w http.ResponseWriter, v *visit) error {
	return s.askMove(w, v, nil, nil)
}

// askMove shows the form; wrong is what was met with the number, m the move that is to be confirmed.
func (s *Site) askMove(w http.ResponseWriter, v *visit, m *core.CommentMove, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	cm, t, err := s.core.CommentToMove(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := moveView{Frame: s.frame(v, v.t("comment.move")), Task: t, Comment: cm, Number: v.PostFormValue("number")}
	if m != nil {
		view.Asked = &movePreview{To: m.To}
		for i := range m.Readers {
			view.Asked.Readers, view.Asked.IDs = append(view.Asked.Readers, cardOf(v, &m.Readers[i])), append(view.Asked.IDs, m.Readers[i].ID)
		}
		for i := range m.Inside {
			view.Asked.Inside = append(view.Asked.Inside, cardOf(v, &m.Inside[i]))
		}
	} else if view.Near, err = s.openTasks(v, core.TaskFilter{Project: t.Project, Limit: 50}, t.ID); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "movecomment", view)
}

// openTasks are tasks to choose from by their number, the latest first, but for one.
func (s *Site) openTasks(v *visit, f core.TaskFilter, but core.ID) (list []option, err error) {
	tasks, err := s.core.Tasks(v.Context(), v.actor, f)
	for i := range tasks {
		if t := &tasks[i].Task; t.ID != but {
			list = append(list, option{Value: strconv.FormatInt(t.Number, 10), Text: fmt.Sprintf("#%d %s", t.Number, t.Title)})
		}
	}
	return list, err
}

// moveComment first shows who will read the comment there, then moves it.
func (s *Site) moveComment(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	// People write a number as they read it.
	number, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(v.PostFormValue("number")), "#"), 10, 64)
	if err != nil {
		return s.askMove(w, v, nil, core.Fail(core.Invalid, "comment.no_task", "number", v.PostFormValue("number")))
	}
	var wrong error
	if v.PostFormValue("seen") != "" {
		m, err := s.core.MoveComment(v.Context(), v.actor, id, number, ids(v.PostForm["reader"]))
		switch {
		case err == nil:
			return redirect(w, v, taskURL(m.To.Number), "commentmoved", "c-"+string(id))
		case core.CodeOf(err) != "comment.readers":
			return s.moveAgain(w, v, err)
		}
		wrong = err // others can read it by now: they are shown
	}
	m, err := s.core.ForeseeMove(v.Context(), v.actor, id, number)
	if err != nil {
		return s.moveAgain(w, v, err)
	}
	return s.askMove(w, v, &m, wrong)
}

func (s *Site) moveAgain(w http.ResponseWriter, v *visit, err error) error {
	if core.KindOf(err) == core.Invalid {
		return s.askMove(w, v, nil, err)
	}
	return err
}
