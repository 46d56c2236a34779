package core

import (
	"context"
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
	// Warnings are codes of what is not as it should be, worded under "project.warn.<code>"; for those inside.
	Warnings []string
	May      Rights
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

// ProjectNames gives ID and name of the projects that the actor may see, by name: for a choice.
func (c *Core) ProjectNames(ctx context.Context, a *Actor, limit int) (list []Project, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = tx.ListProjectNames(ctx, a.Viewer(), pageSize(limit))
		return err
	})
	return list, err
}

// projectActions are the rights a project's pages ask about.
var projectActions = []access.Action{"project.edit", "project.set_counterparty", "project.set_client_manager", "project.set_visibility", "project.transfer", "project.delete",
	"project.settings_backup", "task.create", "plan.list", "participant.list", "participant.list_blocked", "participant.invite", "participant.set_admin", "participant.leave"}

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
		if v.May, err = c.rights(ctx, tx, a, o, projectActions...); err != nil {
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
		if m.BlockedAt.IsZero() && !m.Guest {
			v.Participants = append(v.Participants, ParticipantView{m, people[m.Person]})
		}
	}
	if a.Operator || a.Person.Staff() {
		v.Inbound = p.Inbound + "@" + c.cfg.MailDomain
		v.Warnings = warnings(&p)
	}
	veilProject(a, v)
	return nil
}

// warnings: a client whose project names no client manager writes to whoever
// else is responsible, in the end to the project's owner (X22).
func warnings(p *Project) (codes []string) {
	if p.Counterparty == "" || p.ClientManager != "" {
		return nil
	}
	if p.Responsible != "" {
		return []string{"no_client_manager_responsible"}
	}
	return []string{"no_client_manager"}
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
