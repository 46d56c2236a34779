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
}

// Recipient is somebody a comment can be addressed to.
type Recipient struct {
	Person   Person
	Relation Relation
	Outside  bool
}

// NewTask is a task to be made. An outsider's task goes to the client manager or responsible person.
type NewTask struct {
	Title, Description                  string
	Project                             ID
	Assignee                            ID
	CoAssignees, Participants, Auditors []ID
	DueDate, DueTime                    string
	Visibility                          string
	Counterparty                        ID
}

// TaskPeople are who works on a task and when it is due.
type TaskPeople struct {
	Assignee                            ID
	CoAssignees, Participants, Auditors []ID
	DueDate, DueTime                    string
}

// taskActions are the rights a task's page asks about.
var taskActions = []access.Action{"task.comment", "task.attach", "task.set_status", "task.set_people_dates", "task.edit", "task.close", "comment.view_hidden", "task.view_description", "inbound.view", "inbound.quarantine.release", "task.add_participant"}

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
		ids = append(ids, v.Away[i].Person)
		if !v.May["inbound.view"] {
			v.Away[i].Receipt = ""
		}
	}
	for i := range comments {
		ids = append(ids, comments[i].Author)
		ids = append(ids, comments[i].Recipients...)
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
	v.Tell = recipients(a, t, v.People)
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
		cv := CommentView{Comment: cm, AuthorPerson: v.People[cm.Author], CanEdit: cm.Author == a.Person.ID && cm.Change == "" && a.Person.ID != ""}
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

// CreateTask makes a task and tells whom it concerns.
func (c *Core) CreateTask(ctx context.Context, a *Actor, n NewTask) (t Task, err error) {
	wanted, err := c.newTask(a, n)
	if err != nil {
		return t, err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		task := wanted // what is completed below must not be taken for the actor's choice when this runs again
		task.People = slices.Clone(wanted.People)
		if err := c.mayCreate(ctx, tx, a, &task); err != nil {
			return err
		}
		if err := tx.CreateTask(ctx, &task); err != nil {
			return err
		}
		notices, err := c.newTaskNotices(ctx, tx, &task)
		if err != nil {
			return err
		}
		if err := c.oweAll(ctx, tx, &task, "", notices); err != nil {
			return err
		}
		t = task
		return c.note(ctx, tx, a, "task.create", Object{"task", task.ID})
	})
	if err == nil {
		c.changed(&t)
	}
	return t, err
}

func (c *Core) newTask(a *Actor, n NewTask) (Task, error) {
	title := oneLine(c.redact(n.Title))
	if title == "" {
		return Task{}, Fail(Invalid, "task.title")
	}
	if err := checkDue(n.DueDate, n.DueTime); err != nil {
		return Task{}, err
	}
	if n.Visibility == "" {
		n.Visibility = VisibleParticipants
	}
	if n.Visibility != VisibleInside && n.Visibility != VisibleParticipants {
		return Task{}, Fail(Invalid, "visibility", "visibility", oneLine(n.Visibility))
	}
	now := c.Now()
	t := Task{ID: NewID(), Account: a.Account.ID, Project: n.Project, Title: title, Description: c.redact(body(n.Description)), Status: TaskNew,
		DueDate: n.DueDate, DueTime: n.DueTime, Visibility: n.Visibility, Counterparty: n.Counterparty, CreatedAt: now, UpdatedAt: now}
	t.People = taskPeople(a.Person.ID, TaskPeople{n.Assignee, n.CoAssignees, n.Participants, n.Auditors, "", ""})
	return t, nil
}

func taskPeople(assigner ID, p TaskPeople) (list []TaskPerson) {
	add := func(r Relation, ids ...ID) {
		for _, id := range ids {
			if id != "" && !slices.Contains(list, TaskPerson{id, r}) {
				list = append(list, TaskPerson{id, r})
			}
		}
	}
	add(Assigner, assigner)
	add(Assignee, p.Assignee)
	add(CoAssignee, p.CoAssignees...)
	add(Participate, p.Participants...)
	add(Auditor, p.Auditors...)
	return list
}

func checkDue(date, clock string) error {
	if date != "" {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return Fail(Invalid, "due.date", "date", oneLine(date))
		}
	}
	if clock != "" {
		if _, err := time.Parse("15:04", clock); err != nil || date == "" {
			return Fail(Invalid, "due.time", "time", oneLine(clock))
		}
	}
	return nil
}

// mayCreate asks the right, completes what was left open and refuses people
// who cannot have their relation.
func (c *Core) mayCreate(ctx context.Context, tx Tx, a *Actor, t *Task) error {
	if err := c.require(ctx, tx, a, "task.create", Object{}); err != nil {
		return err
	}
	var project Project
	if t.Project != "" {
		var err error
		if project, err = tx.FindProject(ctx, t.Account, t.Project); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "project.view", Object{"project", t.Project}); err != nil {
			return err
		}
	}
	if a.Operator && len(t.Of(Assigner)) == 0 {
		owner, err := tx.OwnerOf(ctx, t.Account)
		if err != nil {
			return err
		}
		t.People = append([]TaskPerson{{owner.ID, Assigner}}, t.People...)
	}
	if err := c.completeAssignee(ctx, tx, a, t, &project); err != nil {
		return err
	}
	if err := c.checkPeople(ctx, tx, t.Account, t.People); err != nil {
		return err
	}
	return c.mayArrange(ctx, tx, a, t, &project)
}

// mayArrange asks for what a new task brings beside title and assignee. Its
// maker is its assigner; an outsider as such arranges nothing.
func (c *Core) mayArrange(ctx context.Context, tx Tx, a *Actor, t *Task, project *Project) error {
	ask := func(action access.Action, extra ...access.Fact) error {
		return c.require(ctx, tx, a, action, Object{}, append(extra, access.Asg)...)
	}
	for _, tp := range t.People {
		var err error
		switch tp.Relation {
		case CoAssignee:
			isManager := tp.Person == project.ClientManager || tp.Person == project.Responsible
			err = ask("task.choose_assignee", access.FactsOf().When(isManager, access.TgtClientMgr).List()...)
		case Participate:
			err = ask("task.add_participant")
		case Auditor:
			err = ask("task.set_auditor", access.TgtInt)
		}
		if err != nil {
			return err
		}
	}
	if t.Counterparty != "" {
		if _, err := tx.FindCompany(ctx, t.Account, t.Counterparty); err != nil {
			return err
		}
		if err := ask("task.set_counterparty"); err != nil {
			return err
		}
	}
	if t.Visibility != VisibleInside {
		return nil
	}
	return ask("task.set_visibility")
}

// completeAssignee gives a task of an outsider, or one without project and
// assignee, to who must look after it (X20 to X22, P12).
func (c *Core) completeAssignee(ctx context.Context, tx Tx, a *Actor, t *Task, project *Project) error {
	chosen := t.Of(Assignee)
	if len(chosen) > 0 {
		isManager := chosen[0] == project.ClientManager || chosen[0] == project.Responsible
		facts := access.FactsOf().When(isManager, access.TgtClientMgr).List()
		return c.require(ctx, tx, a, "task.choose_assignee", Object{}, facts...)
	}
	if (a.Operator || a.Person.Staff()) && t.Project != "" {
		return nil // inside a project a task may wait for somebody to take it
	}
	id, err := c.caretaker(ctx, tx, t.Account, project)
	if err != nil {
		return err
	}
	t.People = append(t.People, TaskPerson{id, Assignee})
	return nil
}

// caretaker is who gets work that nobody was named for.
func (c *Core) caretaker(ctx context.Context, tx Tx, account ID, project *Project) (ID, error) {
	for _, id := range []ID{project.ClientManager, project.Responsible, project.Owner} {
		if id != "" {
			return id, nil
		}
	}
	a, err := tx.FindAccount(ctx, account)
	if err != nil {
		return "", err
	}
	if a.IntakePerson != "" {
		return a.IntakePerson, nil
	}
	owner, err := tx.OwnerOf(ctx, account)
	return owner.ID, err
}

// maxPeople is how many relations a task may have: each is told of each comment.
const maxPeople = 300

// checkPeople refuses who does not exist here, is gone, or is an outsider as auditor (X25).
func (c *Core) checkPeople(ctx context.Context, tx Tx, account ID, list []TaskPerson) error {
	if len(list) > maxPeople {
		return Fail(Invalid, "task.people", "max", itoa(maxPeople))
	}
	ids := make([]ID, len(list))
	for i := range list {
		ids[i] = list[i].Person
	}
	people, err := peopleByID(ctx, tx, account, ids)
	if err != nil {
		return err
	}
	for _, tp := range list {
		p := people[tp.Person]
		switch {
		case p.ID == "" || p.Status == Deleted || p.Status == Inactive:
			return Fail(Invalid, "person.gone")
		case tp.Relation == Auditor && !p.Staff():
			return Fail(Forbidden, "auditor.outside", "name", p.Name)
		}
	}
	return nil
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
	if err := checkDue(n.DueDate, n.DueTime); err != nil {
		return err
	}
	return c.changeTask(ctx, a, task, "task.set_people_dates", func(tx Tx, t *Task) (*Comment, error) {
		before := t.People
		var assigner ID
		if ids := t.Of(Assigner); len(ids) > 0 {
			assigner = ids[0]
		}
		t.People = taskPeople(assigner, n)
		if err := c.checkPeople(ctx, tx, t.Account, t.People); err != nil {
			return nil, err
		}
		if old := (&Task{People: before}).Of(Auditor); !slices.Equal(old, t.Of(Auditor)) {
			if err := c.require(ctx, tx, a, "task.set_auditor", Object{"task", t.ID}, access.TgtInt); err != nil {
				return nil, err
			}
		}
		t.DueDate, t.DueTime = n.DueDate, n.DueTime
		if err := tx.SetTaskPeople(ctx, t.Account, t.ID, t.People); err != nil {
			return nil, err
		}
		notices, err := c.joinedNotices(ctx, tx, a, t, before)
		if err != nil {
			return nil, err
		}
		return nil, c.oweAll(ctx, tx, t, "", notices)
	})
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
		return c.note(ctx, tx, a, string(action), Object{"task", task})
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
	if entry.Author == "" {
		owner, err := tx.OwnerOf(ctx, t.Account)
		if err != nil {
			return err
		}
		entry.Author = owner.ID
	}
	notices, err := c.changeNotices(ctx, tx, t, entry)
	if err != nil {
		return err
	}
	for _, n := range notices {
		entry.Recipients = append(entry.Recipients, n.person.ID)
	}
	if err := tx.CreateComment(ctx, entry); err != nil {
		return err
	}
	return c.oweAll(ctx, tx, t, entry.ID, notices)
}

// changed tells open pages and the mailer.
func (c *Core) changed(t *Task) {
	c.bus.Publish(TaskTopic(t.ID))
	c.bus.Publish(TasksTopic(t.Account))
	c.wakeMailer()
}
