package core

import (
	"context"
	"errors"
)

// A preview of what somebody would see is no second set of rules: the change is
// made, the lists are read as that person, and everything is taken back.

// errLooked takes a previewed change back.
var errLooked = errors.New("only looked at what would be seen")

// Bounds of a preview: more is not read, and said to be more.
const (
	sightTasks    = 100
	sightComments = 100
	sightPeople   = 100
)

// Sight is what a change lets a person see in addition (X24).
type Sight struct {
	Person Person
	// Project tells that the project's page becomes visible.
	Project bool
	// Tasks are those with something new to see; More tells that there are others.
	Tasks []SightTask
	More  bool
	// Comments is how many comments become visible in all of them.
	Comments int
}

// SightTask is a task that becomes visible, or of which more does.
type SightTask struct {
	Task     Task
	IsNew    bool
	Comments int
	// Newest are the last words of what becomes visible.
	Newest []Comment
}

// Nothing tells that the change shows the person nothing new.
func (s Sight) Nothing() bool { return !s.Project && len(s.Tasks) == 0 }

// seen is what a person sees now.
type seen struct {
	project  bool
	tasks    []TaskItem
	comments map[ID][]Comment
}

// dashboard is the person as somebody outside reads by a link: a footer's link
// opens the conversation to who has no access of his own.
func dashboard(p Person) Person {
	if !p.Staff() && (p.Access == NoAccess || p.Access == "" || p.Kind == AddressKind) {
		p.Kind, p.Access = ContactKind, BasicAccess
	}
	return p
}

func (c *Core) sees(ctx context.Context, tx Tx, p Person, f TaskFilter) (s seen, err error) {
	v := Viewer{Account: p.Account, Person: dashboard(p)}
	f.Status, f.Limit = "any", sightTasks+1
	if f.Project != "" {
		facts, blocked, err := tx.ProjectFacts(ctx, &v.Person, f.Project)
		if err != nil {
			return s, err
		}
		account := Account{ID: p.Account}
		s.project = decide(&Actor{Person: v.Person, Account: account}, "project.view", facts, blocked, false).Allowed
	}
	if s.tasks, err = tx.ListTasks(ctx, v, f); err != nil {
		return s, err
	}
	s.comments = make(map[ID][]Comment, len(s.tasks))
	for i := range min(len(s.tasks), sightTasks) {
		id := s.tasks[i].ID
		if s.comments[id], err = tx.ListComments(ctx, v, id, "", sightComments); err != nil {
			return s, err
		}
	}
	return s, nil
}

// gained is what after has and before has not.
func gained(p Person, before, after *seen) Sight {
	g := Sight{Person: p, Project: after.project && !before.project, More: len(after.tasks) > sightTasks}
	had := make(map[ID]bool, len(before.tasks))
	for i := range before.tasks {
		had[before.tasks[i].ID] = true
	}
	for i := range min(len(after.tasks), sightTasks) {
		t := SightTask{Task: after.tasks[i].Task, IsNew: !had[after.tasks[i].ID]}
		t.Task.Description = ""
		old := make(map[ID]bool)
		for _, cm := range before.comments[t.Task.ID] {
			old[cm.ID] = true
		}
		for _, cm := range after.comments[t.Task.ID] {
			if old[cm.ID] {
				continue
			}
			if t.Comments++; len(t.Newest) < 3 {
				cm.Text = cut(oneLine(cm.Text), 160)
				t.Newest = append(t.Newest, cm)
			}
		}
		if t.IsNew || t.Comments > 0 {
			g.Tasks = append(g.Tasks, t)
			g.Comments += t.Comments
		}
	}
	return g
}

// foresee compares what people see before and after a change. who asks the
// rights and tells whom to look at before; change tells whom it concerned.
func (c *Core) foresee(ctx context.Context, f TaskFilter, who, change func(Tx) ([]Person, error)) (list []Compared, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		before := make(map[ID]seen)
		list = nil
		people, err := who(tx)
		if err != nil {
			return err
		}
		for _, p := range people {
			if before[p.ID], err = c.sees(ctx, tx, p, f); err != nil {
				return err
			}
		}
		if people, err = change(tx); err != nil {
			return err
		}
		for _, p := range people {
			was := before[p.ID]
			now, err := c.sees(ctx, tx, p, f)
			if err != nil {
				return err
			}
			list = append(list, Compared{gained(p, &was, &now), gained(p, &now, &was)})
		}
		return errLooked
	})
	if errors.Is(err, errLooked) {
		err = nil
	}
	return list, err
}

// Compared is what a change lets a person see, and what it takes from sight.
type Compared struct{ Gains, Loses Sight }

// Same tells that nothing changes for the person.
func (x Compared) Same() bool { return x.Gains.Nothing() && x.Loses.Nothing() }

// PreviewParticipant tells what somebody would see who is brought into a project.
// Nothing is written and nobody is told.
func (c *Core) PreviewParticipant(ctx context.Context, a *Actor, project ID, n NewParticipant) (Sight, error) {
	list, err := c.foresee(ctx, TaskFilter{Project: project}, func(tx Tx) ([]Person, error) {
		if _, err := tx.FindProject(ctx, a.Account.ID, project); err != nil {
			return nil, err
		}
		if err := c.require(ctx, tx, a, "participant.invite", Object{"project", project}); err != nil {
			return nil, err
		}
		p, err := c.known(ctx, tx, a, &n)
		if KindOf(err) == NotFound {
			return nil, nil
		}
		return []Person{p}, err
	}, func(tx Tx) ([]Person, error) {
		p, err := c.bringIn(ctx, tx, a, project, &n)
		return []Person{p}, err
	})
	return firstGain(list), err
}

func firstGain(list []Compared) Sight {
	if len(list) == 0 {
		return Sight{}
	}
	return list[0].Gains
}

// PreviewTaskPerson tells what somebody would see of a task who gets a relation to it.
func (c *Core) PreviewTaskPerson(ctx context.Context, a *Actor, task, person ID, r Relation) (Sight, error) {
	var t Task
	one := func(tx Tx) ([]Person, error) {
		p, err := tx.FindPerson(ctx, a.Account.ID, person)
		return []Person{p}, err
	}
	err := c.store.View(ctx, func(tx Tx) (err error) {
		if t, err = tx.FindTask(ctx, a.Account.ID, task); err != nil {
			return err
		}
		return c.require(ctx, tx, a, "task.add_participant", Object{"task", task})
	})
	if err != nil {
		return Sight{}, err
	}
	list, err := c.foresee(ctx, TaskFilter{Number: t.Number}, one, func(tx Tx) ([]Person, error) {
		people := append(t.People[:len(t.People):len(t.People)], TaskPerson{person, r})
		if err := tx.SetTaskPeople(ctx, t.Account, t.ID, people); err != nil {
			return nil, err
		}
		return one(tx)
	})
	return firstGain(list), err
}

// PreviewProject tells which contacts of the counterparties, the one before and
// the one after, gain or lose sight by a change of the project.
func (c *Core) PreviewProject(ctx context.Context, a *Actor, id ID, e ProjectEdit) (changed []Compared, err error) {
	var companies []ID
	who := func(tx Tx) ([]Person, error) {
		p, err := tx.FindProject(ctx, a.Account.ID, id)
		if err != nil {
			return nil, err
		}
		for _, action := range e.actions() {
			if err := c.require(ctx, tx, a, action, Object{"project", id}); err != nil {
				return nil, err
			}
		}
		companies = nil
		if p.Counterparty != "" {
			companies = append(companies, p.Counterparty)
		}
		if e.Counterparty != nil && *e.Counterparty != "" && *e.Counterparty != p.Counterparty {
			companies = append(companies, *e.Counterparty)
		}
		return tx.OutsidersOf(ctx, a.Account.ID, companies, sightPeople)
	}
	list, err := c.foresee(ctx, TaskFilter{Project: id}, who, func(tx Tx) ([]Person, error) {
		p, err := tx.FindProject(ctx, a.Account.ID, id)
		if err != nil {
			return nil, err
		}
		if err := c.applyEdit(ctx, tx, &p, &e); err != nil {
			return nil, err
		}
		if err := tx.UpdateProject(ctx, &p); err != nil {
			return nil, err
		}
		return tx.OutsidersOf(ctx, a.Account.ID, companies, sightPeople)
	})
	for i := range list {
		if !list[i].Same() {
			changed = append(changed, list[i])
		}
	}
	return changed, err
}

// AccessSight is what somebody sees with a kind of access.
type AccessSight struct {
	Sight
	Projects []ProjectItem
}

// PreviewAccess tells all that a contact would see with an access, for who may
// give it. Nothing is written and nobody is told.
func (c *Core) PreviewAccess(ctx context.Context, a *Actor, person ID, level string) (s AccessSight, err error) {
	if err := checkAccess(level); err != nil {
		return s, err
	}
	nobody := func(tx Tx) ([]Person, error) { // nothing is compared with what is seen now
		return nil, c.require(ctx, tx, a, "contact.grant_access", Object{"person", person})
	}
	list, err := c.foresee(ctx, TaskFilter{}, nobody, func(tx Tx) ([]Person, error) {
		p, err := tx.FindPerson(ctx, a.Account.ID, person)
		if err != nil {
			return nil, err
		}
		if p.Staff() {
			return nil, Fail(Conflict, "invite.state")
		}
		p.Kind, p.Access = ContactKind, level
		as := Actor{Person: dashboard(p), Account: a.Account}
		if s.Projects, err = tx.ListProjects(ctx, as.Viewer(), "", "", sightTasks); err != nil {
			return nil, err
		}
		veilProjects(&as, s.Projects)
		return []Person{p}, tx.UpdatePerson(ctx, &p)
	})
	s.Sight = firstGain(list)
	return s, err
}

// PreviewContact tells what a changed card would show the contact, and what it
// would take from sight: another company, or seeing the company's tasks.
func (c *Core) PreviewContact(ctx context.Context, a *Actor, id ID, n ContactCard) (Compared, error) {
	one := func(tx Tx) ([]Person, error) {
		p, err := c.contactTarget(ctx, tx, a, id, "contact.edit")
		return []Person{p}, err
	}
	list, err := c.foresee(ctx, TaskFilter{}, one, func(tx Tx) ([]Person, error) {
		people, err := one(tx)
		if err != nil {
			return nil, err
		}
		return people, c.editContact(ctx, tx, a, &people[0], n)
	})
	if err != nil || len(list) == 0 {
		return Compared{}, err
	}
	return list[0], nil
}
