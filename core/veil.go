package core

import (
	"context"
	"slices"
)

// What outsiders read is veiled here, once for every door: they learn of
// those inside, of themselves, and of who wrote to them, never of one another.

// inside tells that the actor may know everybody.
func (a *Actor) inside() bool { return a.Operator || a.Person.Staff() }

// sees tells whether the actor may learn of p here.
func (a *Actor) sees(p *Person) bool { return a.inside() || p.Staff() || p.ID == a.Person.ID }

// company gives the firm of an object to who is inside or of that firm.
func (a *Actor) company(c Company) Company {
	if a.inside() || c.ID == a.Person.Company {
		return c
	}
	return Company{}
}

// veilTask takes other outsiders out of a task's page. Authors of comments
// that may be read stay: they wrote to the reader.
func veilTask(a *Actor, v *TaskView) {
	if a.inside() {
		return
	}
	hide := func(id ID) bool { p := v.People[id]; return !a.sees(&p) }
	v.Task.People = slices.DeleteFunc(slices.Clone(v.Task.People), func(tp TaskPerson) bool { return hide(tp.Person) })
	authors := make(map[ID]bool)
	for i := range v.Comments {
		authors[v.Comments[i].Author] = true
		v.Comments[i].Recipients = slices.DeleteFunc(v.Comments[i].Recipients, hide)
	}
	for id := range v.People {
		if hide(id) && !authors[id] {
			delete(v.People, id)
		}
	}
	v.Counterparty, v.Project.Inbound = a.company(v.Counterparty), ""
}

// veilTasks takes out of a list what outsiders may not learn from it: other
// outsiders, descriptions, and how much was said that is hidden from them.
func veilTasks(ctx context.Context, tx Tx, a *Actor, list []TaskItem) error {
	if a.inside() || len(list) == 0 {
		return nil
	}
	var ids []ID
	for i := range list {
		ids = append(ids, list[i].Related()...)
	}
	people, err := peopleByID(ctx, tx, a.Account.ID, ids)
	if err != nil {
		return err
	}
	hide := func(id ID) bool { p := people[id]; return !a.sees(&p) }
	for i := range list {
		it := &list[i]
		if slices.ContainsFunc(it.Of(Assignee), hide) {
			it.AssigneeName = ""
		}
		it.People = slices.DeleteFunc(slices.Clone(it.People), func(tp TaskPerson) bool { return hide(tp.Person) })
		it.Comments, it.Description = 0, ""
	}
	return nil
}

// veilProject does the same for a project's page.
func veilProject(a *Actor, v *ProjectView) {
	if a.inside() {
		return
	}
	v.Participants = slices.DeleteFunc(v.Participants, func(p ParticipantView) bool { return !a.sees(&p.Of) })
	v.Counterparty, v.Project.Inbound = a.company(v.Counterparty), ""
}

// veilProjects does the same for a list of projects.
func veilProjects(a *Actor, list []ProjectItem) {
	for i := range list {
		if p := &list[i]; !a.inside() {
			p.Inbound = ""
			if p.Counterparty != a.Person.Company {
				p.CounterpartyName = ""
			}
		}
	}
}
