package core

import (
	"context"
	"slices"
	"time"

	"planpost/core/access"
)

// NewTask is a task to be made. An outsider's task goes to the client manager or responsible person.
type NewTask struct {
	Title, Description                  string
	Project                             ID
	Assignee                            ID
	CoAssignees, Participants, Auditors []ID
	DueDate, DueTime                    string
	Visibility                          string
	Counterparty                        ID
	// Template is what it was made from, if anything; see DraftTask.
	Template ID
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
		if !a.inside() && task.Project == "" {
			if task.Project, err = c.firstProject(ctx, tx, a, n.Template); err != nil {
				return err
			}
		}
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
		if err := c.confirmTask(ctx, tx, a, &task); err != nil {
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
	if err := c.checkPeople(ctx, tx, a, t.People); err != nil {
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

// caretaker is who gets work that nobody was named for: the first who is there
// to do it. Who left with such a place still in hand (U9), or is blocked, sees nothing of the task.
func (c *Core) caretaker(ctx context.Context, tx Tx, account ID, project *Project) (ID, error) {
	a, err := tx.FindAccount(ctx, account)
	if err != nil {
		return "", err
	}
	for _, id := range []ID{project.ClientManager, project.Responsible, project.Owner, a.IntakePerson} {
		if id == "" {
			continue
		}
		if p, err := tx.FindPerson(ctx, account, id); err != nil || reachable(&p) {
			return p.ID, err
		}
	}
	owner, err := tx.OwnerOf(ctx, account)
	return owner.ID, err
}

// maxPeople is how many relations a task may have: each is told of each comment.
const maxPeople = 300

// checkPeople refuses who does not exist here or is hidden from the actor, is gone, or is an outsider as auditor (X25).
func (c *Core) checkPeople(ctx context.Context, tx Tx, a *Actor, list []TaskPerson) error {
	if len(list) > maxPeople {
		return Fail(Invalid, "task.people", "max", itoa(maxPeople))
	}
	ids := make([]ID, len(list))
	for i := range list {
		ids[i] = list[i].Person
	}
	people, err := peopleByID(ctx, tx, a.Account.ID, ids)
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
		if err := c.mayName(ctx, tx, a, &p); err != nil {
			return err
		}
	}
	return nil
}
