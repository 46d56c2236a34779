package core

import (
	"context"
	"errors"
	"slices"
	"strconv"
)

// The conversation's lines about a moved comment: From and To are the comment
// and the number of the other task, both blank for who may not see that task.
const (
	MovedAway = "moved_away" // the comment is in task To now
	MovedHere = "moved_here" // it was in task From
)

// CommentMove is a comment on its way into another task.
type CommentMove struct {
	Comment  Comment
	From, To Task
	// Readers are those from outside who could read it there, Inside the people inside who work on that task.
	Readers, Inside []Person
}

// ForeseeMove tells who would read a comment in the task with this number. Nothing is written.
func (c *Core) ForeseeMove(ctx context.Context, a *Actor, id ID, number int64) (m CommentMove, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if m, err = c.moveComment(ctx, tx, a, id, number); err != nil {
			return err
		}
		if m.Readers, err = c.readersOf(ctx, tx, &m, nil); err != nil {
			return err
		}
		people, err := tx.FindPeople(ctx, m.To.Account, m.To.Related())
		if err != nil {
			return err
		}
		for _, p := range people {
			if p.Staff() && p.Status == Active {
				m.Inside = append(m.Inside, p)
			}
		}
		return errLooked
	})
	if errors.Is(err, errLooked) {
		err = nil
	}
	return m, err
}

// CommentToMove gives a comment and its task to who may move it.
func (c *Core) CommentToMove(ctx context.Context, a *Actor, id ID) (cm Comment, t Task, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		cm, t, err = c.movable(ctx, tx, a, id)
		return err
	})
	return cm, t, err
}

// MoveComment moves a wrongly threaded comment with its files into the task
// with this number; both conversations show it. Conflict "comment.readers" when
// somebody from outside would read it there who is not among seen. The reply
// addresses of mails that carried it belong to their task for ever, so answers
// to those still go where they went.
func (c *Core) MoveComment(ctx context.Context, a *Actor, id ID, number int64, seen []ID) (m CommentMove, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if m, err = c.moveComment(ctx, tx, a, id, number); err != nil {
			return err
		}
		unseen, err := c.readersOf(ctx, tx, &m, seen)
		if err != nil {
			return err
		}
		if len(unseen) > 0 {
			return Fail(Conflict, "comment.readers")
		}
		if err := c.tellMove(ctx, tx, a, &m); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "comment.move", Object{"comment", id}, []Change{{"task", string(m.From.ID), string(m.To.ID)}}, "task", string(m.To.ID))
	})
	if err == nil {
		c.changed(&m.From)
		c.changed(&m.To)
	}
	return m, err
}

// movable finds a comment that the actor may take out of its task.
func (c *Core) movable(ctx context.Context, tx Tx, a *Actor, id ID) (cm Comment, t Task, err error) {
	if cm, err = tx.FindComment(ctx, a.Account.ID, id); err != nil {
		return cm, t, err
	}
	if err := c.require(ctx, tx, a, "comment.move", Object{"comment", id}); err != nil {
		return cm, t, err
	}
	if cm.Change != "" {
		return cm, t, Fail(Conflict, "comment.system")
	}
	t, err = tx.FindTask(ctx, a.Account.ID, cm.Task)
	return cm, t, err
}

// moveComment asks for both sides and writes the move itself: who puts a
// comment into a task could also write it there.
func (c *Core) moveComment(ctx context.Context, tx Tx, a *Actor, id ID, number int64) (m CommentMove, err error) {
	if m.Comment, m.From, err = c.movable(ctx, tx, a, id); err != nil {
		return m, err
	}
	m.To, err = tx.FindTaskByNumber(ctx, a.Account.ID, number)
	if err == nil {
		err = c.require(ctx, tx, a, "task.comment", Object{"task", m.To.ID})
	}
	if KindOf(err) == NotFound { // the comment is there; it is the number that is wrong
		return m, Fail(Invalid, "comment.no_task", "number", itoa(number))
	}
	if err != nil {
		return m, err
	}
	if m.To.ID == m.From.ID {
		return m, Fail(Invalid, "comment.same_task")
	}
	m.Comment.Task = m.To.ID
	return m, tx.MoveComment(ctx, &m.Comment, m.To.Project)
}

// readersOf are those from outside who may read the moved comment where it is now, without those known.
func (c *Core) readersOf(ctx context.Context, tx Tx, m *CommentMove, known []ID) (list []Person, err error) {
	if m.Comment.Hidden {
		return nil, nil
	}
	people, err := c.readersOutside(ctx, tx, &m.To, known)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		reader := Actor{Person: dashboard(p)}
		facts, blocked, err := tx.CommentFacts(ctx, &reader.Person, m.Comment.ID)
		if err != nil {
			return nil, err
		}
		if !blocked && readable(&reader, "comment.view_public", facts) {
			list = append(list, p)
		}
	}
	return list, nil
}

// tellMove writes the lines of both conversations, and tells those inside, also
// who was told before: answers to this mail go into the right task. Nobody from
// outside is mailed by a move.
func (c *Core) tellMove(ctx context.Context, tx Tx, a *Actor, m *CommentMove) error {
	for _, line := range []*Comment{
		c.changeEntry(a, &m.From, MovedAway, string(m.Comment.ID), itoa(m.To.Number)),
		c.changeEntry(a, &m.To, MovedHere, itoa(m.From.Number), string(m.Comment.ID)),
	} {
		// Who read the comment reads where it went.
		line.Hidden, line.Recipients = m.Comment.Hidden, append(slices.Clone(m.Comment.Recipients), m.Comment.Author)
		if err := c.postLine(ctx, tx, line); err != nil {
			return err
		}
	}
	people, err := peopleByID(ctx, tx, m.To.Account, m.To.Related())
	if err != nil {
		return err
	}
	outside, err := fromOutside(ctx, tx, &m.Comment, people)
	if err != nil {
		return err
	}
	var notices []notice
	for _, n := range commentNotices(&m.To, people, &m.Comment, outside, nil) {
		if n.person.ID != a.Person.ID {
			notices = append(notices, n)
		}
	}
	return c.oweAll(ctx, tx, &m.To, m.Comment.ID, notices)
}

// veilMoves blanks the numbers of tasks that the reader may not see.
func (c *Core) veilMoves(ctx context.Context, tx Tx, a *Actor, v *TaskView) error {
	for i := range v.Comments {
		cm := &v.Comments[i].Comment
		text := map[string]string{MovedAway: cm.To, MovedHere: cm.From}[cm.Change]
		if text == "" {
			continue
		}
		number, _ := strconv.ParseInt(text, 10, 64)
		list, err := tx.ListTasks(ctx, a.Viewer(), TaskFilter{Number: number, Status: "any", Limit: 1})
		if err != nil {
			return err
		}
		if len(list) == 0 || number == 0 {
			cm.From, cm.To = "", ""
		}
	}
	return nil
}
