package core

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"planpost/core/access"
)

// ProjectView is a project's page.
type ProjectView struct {
	Project                           Project
	Counterparty                      Company
	Owner, ClientManager, Responsible Person
	Participants                      []ParticipantView
	// Inbound is the project's address, to which anyone may write; empty for who may not know it.
	Inbound string
	May     Rights
}

// ParticipantView is a participant with the person.
type ParticipantView struct {
	Participant
	Of Person
}

// NewProject is a project to be made.
type NewProject struct {
	Name                                     string
	Counterparty, ClientManager, Responsible ID
	Visibility                               string
	Hidden                                   bool
}

// Projects lists what the actor may see, by name, behind (afterName, afterID).
func (c *Core) Projects(ctx context.Context, a *Actor, afterName string, afterID ID, limit int) (list []ProjectItem, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = tx.ListProjects(ctx, a.Viewer(), afterName, afterID, pageSize(limit))
		veilProjects(a, list)
		return err
	})
	return list, err
}

// Project gives one project's page.
func (c *Core) Project(ctx context.Context, a *Actor, id ID) (v ProjectView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = ProjectView{}
		if v.Project, err = tx.FindProject(ctx, a.Account.ID, id); err != nil {
			return err
		}
		o := Object{"project", id}
		if err := c.require(ctx, tx, a, "project.view", o); err != nil {
			return err
		}
		if v.May, err = c.rights(ctx, tx, a, o, "project.edit", "task.create", "participant.list", "participant.invite"); err != nil {
			return err
		}
		return c.fillProject(ctx, tx, a, &v)
	})
	return v, err
}

func (c *Core) fillProject(ctx context.Context, tx Tx, a *Actor, v *ProjectView) error {
	p := v.Project
	if p.Counterparty != "" {
		var err error
		if v.Counterparty, err = tx.FindCompany(ctx, p.Account, p.Counterparty); err != nil {
			return err
		}
	}
	ids := []ID{p.Owner, p.ClientManager, p.Responsible}
	var list []Participant
	if v.May["participant.list"] {
		var err error
		if list, err = tx.ListParticipants(ctx, p.Account, p.ID); err != nil {
			return err
		}
		for _, m := range list {
			ids = append(ids, m.Person)
		}
	}
	people, err := peopleByID(ctx, tx, p.Account, ids)
	if err != nil {
		return err
	}
	v.Owner, v.ClientManager, v.Responsible = people[p.Owner], people[p.ClientManager], people[p.Responsible]
	for _, m := range list {
		if m.BlockedAt.IsZero() {
			v.Participants = append(v.Participants, ParticipantView{m, people[m.Person]})
		}
	}
	if a.Operator || a.Person.Staff() {
		v.Inbound = p.Inbound + "@" + c.cfg.MailDomain
	}
	veilProject(a, v)
	return nil
}

// peopleByID reads people once each; who does not exist is simply missing.
func peopleByID(ctx context.Context, tx Tx, account ID, ids []ID) (map[ID]Person, error) {
	seen := make(map[ID]Person, len(ids))
	var want []ID
	for _, id := range ids {
		if _, ok := seen[id]; !ok && id != "" {
			seen[id] = Person{}
			want = append(want, id)
		}
	}
	if len(want) == 0 {
		return seen, nil
	}
	people, err := tx.FindPeople(ctx, account, want)
	for _, p := range people {
		seen[p.ID] = p
	}
	return seen, err
}

// CreateProject makes a project that the actor owns (the operator: the account's owner).
func (c *Core) CreateProject(ctx context.Context, a *Actor, n NewProject) (p Project, err error) {
	name := oneLine(n.Name)
	if name == "" {
		return p, Fail(Invalid, "project.name")
	}
	inbound, err := c.inboundLocal(name)
	if err != nil {
		return p, err
	}
	if n.Visibility == "" {
		n.Visibility = VisibleInside
	}
	if n.Visibility != VisibleInside && n.Visibility != VisibleParticipants {
		return p, Fail(Invalid, "visibility", "visibility", n.Visibility)
	}
	p = Project{ID: NewID(), Account: a.Account.ID, Name: name, Owner: a.Person.ID, Counterparty: n.Counterparty, Hidden: n.Hidden,
		ClientManager: n.ClientManager, Responsible: n.Responsible, Visibility: n.Visibility, Inbound: inbound, CreatedAt: c.Now()}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "project.create", Object{}); err != nil {
			return err
		}
		if err := c.checkProject(ctx, tx, &p); err != nil {
			return err
		}
		if err := tx.CreateProject(ctx, &p); err != nil {
			return err
		}
		if err := tx.SetParticipant(ctx, &Participant{Account: p.Account, Project: p.ID, Person: p.Owner, Admin: true}); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "project.create", Object{"project", p.ID})
	})
	return p, err
}

// checkProject sees that everything a project names exists and is of the right kind.
func (c *Core) checkProject(ctx context.Context, tx Tx, p *Project) error {
	if p.Owner == "" {
		owner, err := tx.OwnerOf(ctx, p.Account)
		if err != nil {
			return err
		}
		p.Owner = owner.ID
	}
	if p.Counterparty != "" {
		if _, err := tx.FindCompany(ctx, p.Account, p.Counterparty); err != nil {
			return err
		}
	}
	for _, id := range []ID{p.ClientManager, p.Responsible} {
		if id == "" {
			continue
		}
		person, err := tx.FindPerson(ctx, p.Account, id)
		if err != nil {
			return err
		}
		if !person.Staff() {
			return Fail(Invalid, "project.manager_outside", "name", person.Name)
		}
	}
	return nil
}

// inboundLocal makes the local part of a project's address: readable start,
// random end, so that guessing costs an attacker 40 bits (inbound.md 4, 15).
func (c *Core) inboundLocal(name string) (string, error) {
	var slug strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			slug.WriteRune(r)
		case slug.Len() > 0 && !strings.HasSuffix(slug.String(), "-"):
			slug.WriteByte('-')
		}
		if slug.Len() >= 24 {
			break
		}
	}
	start := strings.Trim(slug.String(), "-")
	if len(start) < 2 || start == "r" || start == "b" { // those start our own tokens
		start = "project"
	}
	id, err := RandomID(c.rand)
	if err != nil {
		return "", err
	}
	b := id.Bytes()
	end := make([]byte, 8)
	for i := range end {
		end[i] = addressText[b[i]&31]
	}
	return start + "-" + string(end), nil
}

// participantOf is the place that a person has in a project; zero when there is none.
func participantOf(ctx context.Context, tx Tx, account, project, person ID) (Participant, error) {
	list, err := tx.ListParticipants(ctx, account, project)
	for _, p := range list {
		if p.Person == person {
			return p, nil
		}
	}
	return Participant{}, err
}

// AddParticipant gives a person a place in a project, or changes it; it takes
// the same rights to make an administrator and to take that away. It never unblocks.
func (c *Core) AddParticipant(ctx context.Context, a *Actor, project, person ID, admin, auditor bool) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		if _, err := tx.FindProject(ctx, a.Account.ID, project); err != nil {
			return err
		}
		p, err := tx.FindPerson(ctx, a.Account.ID, person)
		if err != nil {
			return err
		}
		o := Object{"project", project}
		if err := c.require(ctx, tx, a, "participant.invite", o); err != nil {
			return err
		}
		was, err := participantOf(ctx, tx, a.Account.ID, project, person)
		if err != nil {
			return err
		}
		if admin != was.Admin {
			if err := c.require(ctx, tx, a, "participant.set_admin", o); err != nil {
				return err
			}
		}
		if auditor != was.Auditor {
			if auditor && !p.Staff() {
				return Fail(Forbidden, "auditor.outside", "name", p.Name)
			}
			if err := c.require(ctx, tx, a, "project.set_auditor", o, access.TgtInt); err != nil {
				return err
			}
		}
		if err := tx.SetParticipant(ctx, &Participant{Account: a.Account.ID, Project: project, Person: person, Admin: admin, Auditor: auditor, BlockedAt: was.BlockedAt}); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "participant.add", o, "person", string(person), "admin", fmt.Sprint(admin), "auditor", fmt.Sprint(auditor))
	})
}
