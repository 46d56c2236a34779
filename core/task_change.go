package core

import (
	"context"
	"slices"
	"time"

	"planpost/core/access"
)

// TaskPeople are who works on a task and when it is due.
type TaskPeople struct {
	Assignee                            ID
	CoAssignees, Participants, Auditors []ID
	DueDate, DueTime                    string
}

// SetStatus changes a task's status; the conversation shows it.
func (c *Core) SetStatus(ctx context.Context, a *Actor, task ID, status string) error {
	if !slices.Contains(TaskStatuses(), status) {
		return Fail(Invalid, "task.status", "status", oneLine(status))
	}
	action := access.Action("task.set_status")
	if Closed(status) {
		action = "task.close"
	}
	return c.changeTask(ctx, a, task, action, func(tx Tx, t *Task) (*Comment, error) {
		if t.Status == status {
			return nil, nil
		}
		entry := c.changeEntry(a, t, "status", t.Status, status)
		t.Status, t.ClosedAt = status, time.Time{}
		if Closed(status) {
			t.ClosedAt = tx.Now()
		}
		return entry, nil
	})
}

// SetPeopleAndDates changes who works on a task and when it is due.
func (c *Core) SetPeopleAndDates(ctx context.Context, a *Actor, task ID, n TaskPeople) error {
	_, err := c.EditTask(ctx, a, task, TaskEdit{People: &n})
	return err
}

// setPeople writes who has to do with the task. An auditor may close and
// delete, so that relation has a right of its own, and is never an outsider's (X25).
func (c *Core) setPeople(ctx context.Context, tx Tx, a *Actor, t *Task, n TaskPeople) error {
	was := Task{People: t.People}
	t.People = taskPeople(one(t.Of(Assigner)), n)
	if err := c.checkJoined(ctx, tx, a, t, &was); err != nil {
		return err
	}
	if !slices.Equal(was.Of(Auditor), t.Of(Auditor)) {
		if err := c.require(ctx, tx, a, "task.set_auditor", Object{"task", t.ID}, access.TgtInt); err != nil {
			return err
		}
	}
	return tx.SetTaskPeople(ctx, t.Account, t.ID, t.People)
}

// checkJoined checks who is new; people who left meanwhile may stay named.
func (c *Core) checkJoined(ctx context.Context, tx Tx, a *Actor, t, was *Task) error {
	if len(t.People) > maxPeople {
		return Fail(Invalid, "task.people", "max", itoa(maxPeople))
	}
	joined := slices.DeleteFunc(slices.Clone(t.People), func(p TaskPerson) bool { return slices.Contains(was.People, p) })
	return c.checkPeople(ctx, tx, a, joined)
}

// AddTaskPerson gives one more person a relation to a task: participant,
// co-assignee or auditor.
func (c *Core) AddTaskPerson(ctx context.Context, a *Actor, task, person ID, r Relation) error {
	action := access.Action("task.add_participant")
	switch r {
	case Participate:
	case CoAssignee:
		action = "task.set_people_dates"
	case Auditor:
		return c.addAuditor(ctx, a, task, person)
	default:
		return Fail(Invalid, "task.relation")
	}
	return c.changeTask(ctx, a, task, action, func(tx Tx, t *Task) (*Comment, error) { return nil, c.addPerson(ctx, tx, a, t, person, r) })
}

// addAuditor says why an outsider cannot be one before anything else (X25).
func (c *Core) addAuditor(ctx context.Context, a *Actor, task, person ID) error {
	var t Task
	err := c.store.InTx(ctx, func(tx Tx) (err error) {
		if t, err = tx.FindTask(ctx, a.Account.ID, task); err != nil {
			return err
		}
		o := Object{"task", task}
		if err := c.require(ctx, tx, a, "task.set_auditor", o, access.TgtInt); err != nil {
			return err
		}
		if err := c.addPerson(ctx, tx, a, &t, person, Auditor); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "task.set_auditor", o, []Change{{"auditor", "", string(person)}})
	})
	if err == nil {
		c.changed(&t)
	}
	return err
}

// addPerson adds a relation and tells the person.
func (c *Core) addPerson(ctx context.Context, tx Tx, a *Actor, t *Task, person ID, r Relation) error {
	was := Task{People: t.People}
	if slices.Contains(was.People, TaskPerson{person, r}) {
		return nil
	}
	t.People = append(slices.Clone(was.People), TaskPerson{person, r})
	if err := c.checkJoined(ctx, tx, a, t, &was); err != nil {
		return err
	}
	if err := tx.SetTaskPeople(ctx, t.Account, t.ID, t.People); err != nil {
		return err
	}
	notices, err := c.joinedNotices(ctx, tx, a, t, was.People)
	if err != nil {
		return err
	}
	if err := c.oweAll(ctx, tx, t, "", notices); err != nil {
		return err
	}
	before := *t
	before.People = was.People
	return c.taskLines(ctx, tx, a, &before, t)
}

// changeTask does one change with its right, its entry in the conversation and its line in the log.
func (c *Core) changeTask(ctx context.Context, a *Actor, task ID, action access.Action, change func(Tx, *Task) (*Comment, error)) error {
	var t Task
	err := c.store.InTx(ctx, func(tx Tx) error {
		var err error
		if t, err = tx.FindTask(ctx, a.Account.ID, task); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, action, Object{"task", task}); err != nil {
			return err
		}
		was := t
		entry, err := change(tx, &t)
		if err != nil {
			return err
		}
		t.UpdatedAt = tx.Now()
		if err := tx.UpdateTask(ctx, &t); err != nil {
			return err
		}
		if entry != nil {
			if err := c.postEntry(ctx, tx, &t, entry); err != nil {
				return err
			}
		}
		changes := append(peopleChanges(&was, &t), Change{"status", was.Status, t.Status})
		return c.noteChanges(ctx, tx, a, string(action), Object{"task", task}, changes)
	})
	if err == nil {
		c.changed(&t)
	}
	return err
}

// changeEntry is the conversation's line about a change. Outsiders see it as
// they see other unhidden comments (X18: the other actions).
func (c *Core) changeEntry(a *Actor, t *Task, change, from, to string) *Comment {
	return &Comment{ID: NewID(), Account: t.Account, Task: t.ID, Author: a.Person.ID, Via: "system", Change: change, From: from, To: to, CreatedAt: c.Now()}
}

func (c *Core) postEntry(ctx context.Context, tx Tx, t *Task, entry *Comment) error {
	notices, err := c.changeNotices(ctx, tx, t, entry)
	if err != nil {
		return err
	}
	people, err := peopleByID(ctx, tx, t.Account, t.Related())
	if err != nil {
		return err
	}
	entry.Recipients = outsidersOf(t, people)
	for _, n := range notices {
		if !slices.Contains(entry.Recipients, n.person.ID) {
			entry.Recipients = append(entry.Recipients, n.person.ID)
		}
	}
	if err := c.postLine(ctx, tx, entry); err != nil {
		return err
	}
	return c.oweAll(ctx, tx, t, entry.ID, notices)
}

// postLine writes an entry of the system that nobody is mailed. What the
// operator does stands under the owner's name.
func (c *Core) postLine(ctx context.Context, tx Tx, line *Comment) error {
	if line.Author == "" {
		owner, err := tx.OwnerOf(ctx, line.Account)
		if err != nil {
			return err
		}
		line.Author = owner.ID
	}
	return tx.CreateComment(ctx, line)
}

// changed tells open pages and the mailer.
func (c *Core) changed(t *Task) {
	c.bus.Publish(TaskTopic(t.ID))
	c.bus.Publish(TasksTopic(t.Account))
	c.tellPages(t.heard)
	c.wakeMailer()
}
