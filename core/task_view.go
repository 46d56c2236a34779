package core

import (
	"context"
	"slices"
	"time"

	"planpost/core/access"
)

// TaskView is a task's page.
type TaskView struct {
	Task         Task
	Project      Project
	Counterparty Company
	// People are all that the page names.
	People map[ID]Person
	// Comments are the newest, oldest first; Earlier continues with older ones, empty when there are none.
	Comments []CommentView
	Earlier  ID
	// Tell are the people a comment can be addressed to.
	Tell []Recipient
	// Away are the people who are not there now, by their own notes; for staff only.
	Away []AwayNote
	// Description is empty for who may see the title only.
	Description string
	May         Rights
}

// CommentView is a comment with what belongs to it.
type CommentView struct {
	Comment
	AuthorPerson Person
	// Cuts were taken out of the mail it came in; for staff only.
	Cuts []Cut
	// Facts are what is told of the mail it came in besides its words.
	Facts MessageFacts
	// Receipt leads to the message's page, empty for who may not see it.
	Receipt ID
	// Sent are the mails that carried it; for staff only.
	Sent    []DeliveryItem
	CanEdit bool
	// Undoable is how many of them the actor can take back, LeavesAt when the last of these leaves.
	Undoable int
	LeavesAt time.Time
	// May are the rights to hide, publish, move and delete it, as far as they make sense now.
	May Rights
}

// Recipient is somebody a comment can be addressed to.
type Recipient struct {
	Person   Person
	Relation Relation
	Outside  bool
	// Cautions are reasons to look twice at the address, the gravest first; for staff only.
	Cautions []Caution
}

// taskActions are the rights a task's page asks about.
var taskActions = []access.Action{"task.comment", "task.attach", "task.set_status", "task.set_people_dates", "task.edit", "task.close", "comment.view_hidden", "task.view_description", "inbound.view", "inbound.quarantine.release",
	"task.add_participant", "task.set_visibility", "task.set_counterparty", "task.delete"}

// Tasks lists what the actor may see.
func (c *Core) Tasks(ctx context.Context, a *Actor, f TaskFilter) (list []TaskItem, err error) {
	f.Limit = pageSize(f.Limit)
	err = c.store.View(ctx, func(tx Tx) error {
		if list, err = tx.ListTasks(ctx, a.Viewer(), f); err != nil {
			return err
		}
		return veilTasks(ctx, tx, a, list)
	})
	return list, err
}

// Search finds tasks and comments that the actor may see, newest first.
func (c *Core) Search(ctx context.Context, a *Actor, query string, before int64, limit int) (list []Found, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = tx.Search(ctx, a.Viewer(), cut(query, 500), before, min(pageSize(limit), 100))
		return err
	})
	return list, err
}

// Task gives one task's page with the comments older than before (the newest when empty).
func (c *Core) Task(ctx context.Context, a *Actor, number int64, before ID) (v TaskView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = TaskView{}
		if v.Task, err = tx.FindTaskByNumber(ctx, a.Account.ID, number); err != nil {
			return err
		}
		o := Object{"task", v.Task.ID}
		if err := c.require(ctx, tx, a, "task.view", o); err != nil {
			return err
		}
		if v.May, err = c.rights(ctx, tx, a, o, taskActions...); err != nil {
			return err
		}
		return c.fillTask(ctx, tx, a, before, &v)
	})
	return v, err
}

// commentPage is how many comments a task's page shows at once.
const commentPage = 50

func (c *Core) fillTask(ctx context.Context, tx Tx, a *Actor, before ID, v *TaskView) (err error) {
	t := &v.Task
	if v.May["task.view_description"] {
		v.Description = t.Description
	}
	t.Description = ""
	if t.Project != "" {
		if v.Project, err = tx.FindProject(ctx, t.Account, t.Project); err != nil {
			return err
		}
	}
	if id := counterpartyOf(t, &v.Project); id != "" {
		if v.Counterparty, err = tx.FindCompany(ctx, t.Account, id); err != nil {
			return err
		}
	}
	comments, err := tx.ListComments(ctx, a.Viewer(), t.ID, before, commentPage+1)
	if err != nil {
		return err
	}
	if len(comments) > commentPage {
		comments = comments[:commentPage]
		v.Earlier = comments[commentPage-1].ID
	}
	slices.Reverse(comments)
	ways, err := commentWays(ctx, tx, a, comments)
	if err != nil {
		return err
	}
	if v.Away, err = c.away(ctx, tx, a, v); err != nil {
		return err
	}
	ids := t.Related()
	for i := range v.Away {
		ids = append(ids, v.Away[i].Person, v.Away[i].Deputy)
		if !v.May["inbound.view"] {
			v.Away[i].Receipt = ""
		}
	}
	for i := range comments {
		ids = append(ids, comments[i].Author)
		ids = append(append(ids, comments[i].Recipients...), comments[i].named()...)
		for _, b := range comments[i].PutBack.Cuts {
			ids = append(ids, b.By)
		}
		for _, d := range ways[comments[i].ID].Sent {
			ids = append(ids, d.Person)
		}
	}
	if v.People, err = peopleByID(ctx, tx, t.Account, ids); err != nil {
		return err
	}
	v.fillComments(a, comments, ways)
	if err := commentMay(ctx, tx, a, v, c.Now()); err != nil {
		return err
	}
	if err := c.veilMoves(ctx, tx, a, v); err != nil {
		return err
	}
	v.Tell = recipients(a, t, v.People)
	if err := c.cautions(ctx, tx, a, v); err != nil {
		return err
	}
	veilTask(a, v)
	return nil
}

// commentWays are how comments came and went. That is for staff; others learn
// only what the mail itself brought.
func commentWays(ctx context.Context, tx Tx, a *Actor, comments []Comment) (map[ID]CommentWay, error) {
	if len(comments) == 0 {
		return nil, nil
	}
	ids := make([]ID, len(comments))
	for i := range comments {
		ids[i] = comments[i].ID
	}
	ways, err := tx.CommentWays(ctx, a.Account.ID, ids)
	if !a.inside() {
		for id, w := range ways {
			ways[id] = CommentWay{Facts: w.Facts.outside()}
		}
	}
	return ways, err
}

// fillComments adds what the actor may see of how a comment came and went.
func (v *TaskView) fillComments(a *Actor, comments []Comment, ways map[ID]CommentWay) {
	for _, cm := range comments {
		cv := CommentView{Comment: cm, AuthorPerson: v.People[cm.Author], CanEdit: cm.Author == a.Person.ID && cm.Change == "" && a.Person.ID != "" && a.Link.ID == ""}
		way := ways[cm.ID]
		cv.Facts = way.Facts
		for _, d := range way.Sent {
			to := v.People[d.Person]
			cv.Sent = append(cv.Sent, DeliveryItem{Delivery: d, PersonName: to.Name, Address: to.Address().Mailbox(), TaskNumber: v.Task.Number, TaskTitle: v.Task.Title})
		}
		if v.May["inbound.view"] {
			cv.Receipt, cv.Cuts = way.Receipt, way.Cuts
		}
		v.Comments = append(v.Comments, cv)
	}
}

// commentMay tells what may be done with each comment: the facts of the task
// are asked once, and of a comment only whose it is.
func commentMay(ctx context.Context, tx Tx, a *Actor, v *TaskView, now time.Time) error {
	if a.Operator || len(v.Comments) == 0 {
		return nil
	}
	facts, blocked, err := tx.TaskFacts(ctx, &a.Person, v.Task.ID)
	if err != nil {
		return err
	}
	for i := range v.Comments {
		cv := &v.Comments[i]
		f := facts.When(cv.Author == a.Person.ID, access.Mine)
		can := func(action access.Action) bool { return cv.Change == "" && decide(a, action, f, blocked, true).Allowed }
		if can("delivery.cancel") {
			cv.undoable(v.People, now)
		}
		cv.May = Rights{"comment.publish": cv.Hidden && can("comment.publish"), "comment.set_hidden": !cv.Hidden && can("comment.set_hidden"), "comment.delete": can("comment.delete"), "comment.move": can("comment.move"),
			"attachment.delete": len(cv.Attachments) > 0 && can("attachment.delete")}
	}
	return nil
}

func counterpartyOf(t *Task, p *Project) ID {
	if t.Counterparty != "" {
		return t.Counterparty
	}
	return p.Counterparty
}

// recipients are the related people other than the actor: outsiders see
// inside people only, so that they never learn of one another here.
func recipients(a *Actor, t *Task, people map[ID]Person) (list []Recipient) {
	seen := map[ID]bool{a.Person.ID: true}
	for _, tp := range t.People {
		p := people[tp.Person]
		if seen[tp.Person] || p.Status != Active || !p.BlockedAt.IsZero() {
			continue
		}
		seen[tp.Person] = true
		if a.Operator || a.Person.Staff() || p.Staff() {
			list = append(list, Recipient{Person: p, Relation: tp.Relation, Outside: !p.Staff()})
		}
	}
	return list
}
