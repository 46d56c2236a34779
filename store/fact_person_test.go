package store_test

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

// Who works with whom, told again from the rows.

// placed tells whether the person has a place in the project that counts for being known there.
func (g *graph) placed(p core.ID, project core.ID, blockedToo bool) bool {
	place, in := g.participants[[2]core.ID{project, p}]
	return in && !place.Guest && (blockedToo || place.BlockedAt.IsZero())
}

func (g *graph) worksWith(p, other *core.Person) bool {
	if !p.Staff() {
		return false
	}
	if other.CreatedBy == p.ID {
		return true
	}
	for _, t := range g.tasks {
		me, them := false, false
		for _, m := range t.People {
			me, them = me || m.Person == p.ID, them || m.Person == other.ID
		}
		if me && them && !g.gone(&t) {
			return true
		}
	}
	for id, j := range g.projects {
		mine := j.Owner == p.ID || j.ClientManager == p.ID || j.Responsible == p.ID || g.placed(p.ID, id, false)
		if mine && j.DeletedAt.IsZero() && g.placed(other.ID, id, true) {
			return true
		}
	}
	return false
}

func (g *graph) personFacts(p, other *core.Person) access.Facts {
	f := g.capabilities(p).When(p.ID == other.ID, access.Self).When(other.CreatedBy == p.ID, access.Mine).
		When(other.Visibility != core.VisibleParticipants, access.Open).When(g.worksWith(p, other), access.Rel)
	return f.When(!other.DeletedAt.IsZero() && other.DeletedBy == p.ID, access.DelBy).WhenInBin(!other.Staff() && !other.DeletedAt.IsZero()).Closed()
}

func (g *graph) comparePeople(ctx context.Context, tx core.Tx, p *core.Person) error {
	var want, got []core.ID
	blocked := !p.BlockedAt.IsZero()
	for _, other := range g.people {
		f := g.personFacts(p, &other)
		read, readBlocked, err := tx.PersonFacts(ctx, p, other.ID)
		if err != nil {
			return err
		}
		g.same("person "+string(other.ID), p, read, f, readBlocked, blocked)
		action := access.Action("contact.view")
		if other.Staff() {
			action = "user.view"
		}
		if may(p, action, f, blocked) {
			want = append(want, other.ID)
		}
	}
	filter := core.PersonFilter{Limit: 3}
	for {
		page, err := tx.ListPeople(ctx, g.viewer(p), filter)
		if err != nil {
			return err
		}
		for _, o := range page {
			got = append(got, o.ID)
		}
		if len(page) < filter.Limit {
			break
		}
		filter.AfterName, filter.AfterID = page[2].Name, page[2].ID
	}
	g.sameIDs("people", p, got, want)
	return g.compareCompanies(ctx, tx, p)
}

func (g *graph) compareCompanies(ctx context.Context, tx core.Tx, p *core.Person) error {
	list, err := tx.ListCompanies(ctx, g.Account.ID)
	for _, co := range list {
		f := g.capabilities(p).With(access.Open).When(co.CreatedBy == p.ID, access.Mine).When(p.Staff() && co.CreatedBy == p.ID, access.Rel)
		for _, s := range g.people {
			f = f.When(s.Company == co.ID && s.DeletedAt.IsZero() && g.worksWith(p, &s), access.Rel)
		}
		read, blocked, err := tx.CompanyFacts(ctx, p, co.ID)
		if err != nil {
			return err
		}
		g.same("company "+string(co.ID), p, read, f.Closed(), blocked, !p.BlockedAt.IsZero())
	}
	return err
}
