package core

import (
	"cmp"
	"context"
	"slices"

	"planpost/core/access"
)

// PlaceView is the page of one person in a project.
type PlaceView struct {
	Project Project
	Person  Person
	Place   Participant
	// Owner tells that the person owns the project.
	Owner bool
	May   Rights
	// Blocks are the receipts of the person's blocks here, for who may look behind the lock.
	Blocks []Block
}

// Participants lists who takes part in a project, or with blocked the blocked
// ones, whom only its administrators find (B5).
func (c *Core) Participants(ctx context.Context, a *Actor, project ID, blocked bool) (j Project, list []ParticipantView, may Rights, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if j, err = tx.FindProject(ctx, a.Account.ID, project); err != nil {
			return err
		}
		o := Object{"project", project}
		action := access.Action("participant.list")
		if blocked {
			action = "participant.list_blocked"
		}
		if err := c.require(ctx, tx, a, action, o); err != nil {
			return err
		}
		if may, err = c.rights(ctx, tx, a, o, projectActions...); err != nil {
			return err
		}
		list, err = c.places(ctx, tx, a, &j, blocked)
		return err
	})
	return j, list, may, err
}

func (c *Core) places(ctx context.Context, tx Tx, a *Actor, j *Project, blocked bool) (list []ParticipantView, err error) {
	rows, err := tx.ListParticipants(ctx, j.Account, j.ID)
	if err != nil {
		return nil, err
	}
	var ids []ID
	for _, m := range rows {
		ids = append(ids, m.Person)
	}
	people, err := peopleByID(ctx, tx, j.Account, ids)
	if err != nil {
		return nil, err
	}
	for _, m := range rows {
		p := people[m.Person]
		if !m.BlockedAt.IsZero() == blocked && (blocked || !m.Guest) && (blocked || a.sees(&p)) {
			list = append(list, ParticipantView{m, p})
		}
	}
	slices.SortStableFunc(list, func(x, y ParticipantView) int { return cmp.Compare(x.Of.Name, y.Of.Name) })
	return list, nil
}

// Place gives one person's page in a project. Of the blocked only the
// project's administrators learn, and of people who are not in it only who may bring them in.
func (c *Core) Place(ctx context.Context, a *Actor, project, person ID) (v PlaceView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if v.Project, v.Person, v.Place, err = findPlace(ctx, tx, a.Account.ID, project, person); err != nil {
			return err
		}
		o := Object{"project", project}
		action := access.Action("participant.list")
		switch {
		case !v.Place.BlockedAt.IsZero():
			action = "participant.list_blocked"
		case v.Place.Guest:
			action = "participant.invite"
		}
		if err := c.require(ctx, tx, a, action, o); err != nil {
			return err
		}
		if !a.sees(&v.Person) && action == "participant.list" {
			if err := c.require(ctx, tx, a, "participant.invite", o); err != nil {
				return Fail(NotFound, "not_found")
			}
		}
		v.Owner = v.Person.ID == v.Project.Owner
		seen, err := c.may(ctx, tx, a, "participant.list_blocked", o)
		if err != nil {
			return err
		}
		if seen.Allowed {
			if v.Blocks, err = tx.ListBlocks(ctx, a.Account.ID, person, project); err != nil {
				return err
			}
		}
		return c.placeRights(ctx, tx, a, &v)
	})
	return v, err
}

func (c *Core) placeRights(ctx context.Context, tx Tx, a *Actor, v *PlaceView) error {
	o := Object{"project", v.Project.ID}
	v.May = make(Rights)
	block, unblock, role := blockAction(&v.Person, "block"), blockAction(&v.Person, "unblock"), access.Action("participant.set_role")
	if v.Person.Subject() == access.AddressOnly {
		role = "address.set_role"
	}
	target := inProject(a, &v.Person, &v.Project)
	for name, action := range map[access.Action]access.Action{"participant.block": block, "participant.unblock": unblock, "participant.set_role": role,
		"participant.set_admin": "participant.set_admin", "participant.grant_approval": "participant.grant_approval",
		"project.set_auditor": "project.set_auditor", "participant.invite": "participant.invite"} {
		ans, err := c.may(ctx, tx, a, action, o, target...)
		if err != nil {
			return err
		}
		v.May[name] = ans.Allowed
	}
	v.May["participant.block"] = v.May["participant.block"] && !v.Owner
	v.May["project.set_auditor"] = v.May["project.set_auditor"] && v.Person.Staff()
	return nil
}
