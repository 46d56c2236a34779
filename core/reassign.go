package core

import (
	"context"
	"slices"
)

// Reassign gives pieces of a person's open work to another of the staff, or to
// nobody when to is empty, in one transaction. What is not open any more, or
// not this person's, is Conflict "work.gone" and nothing is moved.
func (c *Core) Reassign(ctx context.Context, a *Actor, person ID, items []WorkRef, to ID) error {
	m := mover{core: c, actor: a, to: to}
	err := c.store.InTx(ctx, func(tx Tx) error {
		m.moved = nil
		var err error
		if m.from, err = c.staffMember(ctx, tx, a, person); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "user.reassign_work", Object{"person", person}); err != nil {
			return err
		}
		return m.move(ctx, tx, items)
	})
	if err == nil {
		m.tell()
	}
	return err
}

// mover moves open work from one person to another.
type mover struct {
	core  *Core
	actor *Actor
	from  Person
	to    ID
	moved []Task
}

func (m *mover) move(ctx context.Context, tx Tx, items []WorkRef) error {
	if len(items) == 0 {
		return Fail(Invalid, "work.none")
	}
	if err := m.check(ctx, tx, items); err != nil {
		return err
	}
	for _, w := range items {
		var err error
		switch {
		case w.Kind.OnTask():
			err = m.task(ctx, tx, w)
		case w.Kind == WorkVisit:
			err = m.visit(ctx, tx, w)
		default:
			err = m.post(ctx, tx, w)
		}
		if err != nil {
			return err
		}
		o := Object{"task", w.Object}
		switch w.Kind {
		case WorkProjectOwner, WorkClientManager, WorkResponsible, WorkMember:
			o.Kind = "project"
		case WorkDeputy, WorkTeam:
			o.Kind = "person"
		case WorkVisit:
			o.Kind = "visit"
		case WorkIntake:
			o.Kind = "account"
		}
		if err := m.core.noteChanges(ctx, tx, m.actor, "work.move", o, []Change{{string(w.Kind), string(m.from.ID), string(m.to)}}); err != nil {
			return err
		}
	}
	return nil
}

// check sees that everything named is open, and that the new one can take it.
func (m *mover) check(ctx context.Context, tx Tx, items []WorkRef) error {
	if m.to != "" {
		p, err := tx.FindPerson(ctx, m.actor.Account.ID, m.to)
		if err != nil || !p.Staff() || p.Status != Active && p.Status != Pending || !p.BlockedAt.IsZero() || p.ID == m.from.ID {
			return firstError(err, Fail(Invalid, "work.to"))
		}
	}
	open, err := tx.OpenWorkOf(ctx, m.actor.Account.ID, m.from.ID)
	if err != nil {
		return err
	}
	posts, err := m.core.mayMovePosts(ctx, tx, m.actor, m.from.ID)
	if err != nil {
		return err
	}
	known := make(map[WorkRef]bool, len(open))
	for i := range open {
		known[open[i].WorkRef] = posts || open[i].Kind.byTeam()
	}
	for _, w := range items {
		switch {
		case !known[w]:
			return Fail(Conflict, "work.gone")
		case m.to == "" && w.Kind.needsSomebody():
			return Fail(Invalid, "work.needs_somebody")
		}
		known[w] = false // named twice
	}
	return nil
}

func (m *mover) task(ctx context.Context, tx Tx, w WorkRef) error {
	t, err := tx.FindTask(ctx, m.actor.Account.ID, w.Object)
	if err != nil {
		return err
	}
	before := slices.Clone(t.People)
	relation := Relation(w.Kind)
	at := slices.Index(t.People, TaskPerson{m.from.ID, relation})
	if at < 0 {
		return Fail(Conflict, "work.gone")
	}
	t.People = slices.Delete(t.People, at, at+1)
	if m.to != "" {
		if relation == Assignee { // who does it does not also help with it
			t.People = slices.DeleteFunc(t.People, func(p TaskPerson) bool { return p == TaskPerson{m.to, CoAssignee} })
			at = min(at, len(t.People))
		}
		helps := relation == CoAssignee && slices.Contains(t.People, TaskPerson{m.to, Assignee})
		if !helps && !slices.Contains(t.People, TaskPerson{m.to, relation}) {
			t.People = slices.Insert(t.People, at, TaskPerson{m.to, relation})
		}
	}
	if err := tx.SetTaskPeople(ctx, t.Account, t.ID, t.People); err != nil {
		return err
	}
	t.UpdatedAt = tx.Now()
	if err := tx.UpdateTask(ctx, &t); err != nil {
		return err
	}
	was := t
	was.People = before
	if err := m.core.taskLines(ctx, tx, m.actor, &was, &t); err != nil {
		return err
	}
	notices, err := m.core.joinedNotices(ctx, tx, m.actor, &t, before)
	if err != nil {
		return err
	}
	err = m.core.oweAll(ctx, tx, &t, "", notices)
	m.moved = append(m.moved, t)
	return err
}

// post moves what is no task: places in projects and in the account.
func (m *mover) post(ctx context.Context, tx Tx, w WorkRef) error {
	account := m.actor.Account.ID
	switch w.Kind {
	case WorkIntake:
		return tx.PutSetting(ctx, account, "intake", string(m.to))
	case WorkDeputy, WorkTeam:
		return m.person(ctx, tx, w)
	case WorkMember:
		return m.member(ctx, tx, w.Object)
	}
	p, err := tx.FindProject(ctx, account, w.Object)
	if err != nil {
		return err
	}
	switch w.Kind {
	case WorkProjectOwner:
		p.Owner = m.to
		if err := m.join(ctx, tx, p.ID, true); err != nil {
			return err
		}
		if err := tx.DeleteParticipant(ctx, account, p.ID, m.from.ID); err != nil && KindOf(err) != NotFound {
			return err
		}
	case WorkClientManager:
		p.ClientManager = m.to
	case WorkResponsible:
		p.Responsible = m.to
	}
	return tx.UpdateProject(ctx, &p)
}

func (m *mover) visit(ctx context.Context, tx Tx, w WorkRef) error {
	v, err := tx.FindVisit(ctx, m.actor.Account.ID, w.Object)
	if err != nil {
		return err
	}
	return m.core.giveVisit(ctx, tx, m.actor, &v, m.to)
}

func (m *mover) person(ctx context.Context, tx Tx, w WorkRef) error {
	p, err := tx.FindPerson(ctx, m.actor.Account.ID, w.Object)
	if err != nil {
		return err
	}
	to := m.to
	if to == p.ID { // nobody answers to himself or stands in for himself
		to = ""
	}
	if w.Kind == WorkDeputy {
		p.Deputy = to
		return tx.UpdatePerson(ctx, &p)
	}
	if to != "" {
		if err := m.core.checkManager(ctx, tx, &p, to); err != nil {
			return err
		}
	}
	p.Manager = to
	return tx.UpdatePerson(ctx, &p)
}

// member hands a place in a project on, with its rights.
func (m *mover) member(ctx context.Context, tx Tx, project ID) error {
	was, err := participantOf(ctx, tx, m.actor.Account.ID, project, m.from.ID)
	if err != nil {
		return err
	}
	if m.to != "" {
		if err := m.join(ctx, tx, project, was.Admin); err != nil {
			return err
		}
	}
	return tx.DeleteParticipant(ctx, m.actor.Account.ID, project, m.from.ID)
}

// join gives the new one a place; what he has there already stays, a block too.
func (m *mover) join(ctx context.Context, tx Tx, project ID, admin bool) error {
	p, err := participantOf(ctx, tx, m.actor.Account.ID, project, m.to)
	if err != nil {
		return err
	}
	p.Account, p.Project, p.Person, p.Admin = m.actor.Account.ID, project, m.to, p.Admin || admin
	return tx.SetParticipant(ctx, &p)
}

func (m *mover) tell() {
	m.core.wakeMailer()
	for i := range m.moved {
		m.core.changed(&m.moved[i])
	}
}
