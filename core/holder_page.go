package core

import (
	"context"
	"time"
)

// HoldersPage is who holds which index of a plan.
type HoldersPage struct {
	Project Project
	Plan    Plan
	// Now is the current index, zero while none is.
	Now  Version
	Rows []HolderRow
	// Behind is how many of Rows hold an older index than Now.
	Behind int
	// MaySend tells that the viewer may send the plan.
	MaySend bool
	// Versions are those that can have been handed out, the latest first; People whom they can have been handed to.
	// Both are empty for who may not write down a receipt.
	Versions []Version
	People   []Person
	// Fetches are the newest downloads of the plan, of programs too.
	Fetches []FetchRow
}

// FetchRow is a download with whose it was and of which index.
type FetchRow struct {
	Fetch
	Of    Person
	Index string
}

// fetchesShown is how many downloads the page of a plan's holders lists.
const fetchesShown = 50

// holderRows are the plan's holders, the oldest index first.
func (c *Core) holderRows(ctx context.Context, tx Tx, p *Plan) (rows []HolderRow, err error) {
	list, err := tx.ListHolders(ctx, p.Account, p.ID)
	if err != nil {
		return nil, err
	}
	versions, err := tx.ListVersions(ctx, p.Account, p.ID)
	if err != nil {
		return nil, err
	}
	index, now := map[ID]string{}, 0
	for i := range versions {
		index[versions[i].ID] = versions[i].Index
		if versions[i].State == Current {
			now = versions[i].Position
		}
	}
	var ids []ID
	for _, h := range list {
		ids = append(ids, h.Person)
	}
	people, err := peopleByID(ctx, tx, p.Account, ids)
	for _, h := range list {
		rows = append(rows, HolderRow{Holder: h, Of: people[h.Person], Index: index[h.Version], Behind: h.Position < now})
	}
	return rows, err
}

// PlanHolders lists who holds which index. It names recipients, who must not
// learn of each other: it is for those inside and the project's administrators.
func (c *Core) PlanHolders(ctx context.Context, a *Actor, plan ID) (v HoldersPage, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = HoldersPage{}
		if v.Plan, err = c.requirePlan(ctx, tx, a, plan, "plan.view"); err != nil {
			return err
		}
		o := Object{"project", v.Plan.Project}
		if !a.inside() {
			if err := c.require(ctx, tx, a, "participant.list_blocked", o); err != nil {
				return err
			}
		}
		if v.Project, err = tx.FindProject(ctx, a.Account.ID, v.Plan.Project); err != nil {
			return err
		}
		if v.Now, err = currentVersion(ctx, tx, &v.Plan); err != nil {
			return err
		}
		if v.Rows, err = c.holderRows(ctx, tx, &v.Plan); err != nil {
			return err
		}
		for i := range v.Rows {
			if v.Rows[i].Behind {
				v.Behind++
			}
		}
		if v.Fetches, err = c.fetchRows(ctx, tx, &v.Plan); err != nil {
			return err
		}
		may, err := c.may(ctx, tx, a, v.Plan.right("plan.send"), v.Plan.object())
		if err != nil || !may.Allowed {
			return err
		}
		v.MaySend = true
		return c.paperChoices(ctx, tx, a, &v)
	})
	return v, err
}

func (c *Core) fetchRows(ctx context.Context, tx Tx, p *Plan) (rows []FetchRow, err error) {
	list, err := tx.ListFetches(ctx, p.Account, FetchFilter{Plan: p.ID, Limit: fetchesShown})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	versions, err := tx.ListVersions(ctx, p.Account, p.ID)
	if err != nil {
		return nil, err
	}
	index := map[ID]string{}
	for i := range versions {
		index[versions[i].ID] = versions[i].Index
	}
	var ids []ID
	for i := range list {
		ids = append(ids, list[i].Person)
	}
	people, err := peopleByID(ctx, tx, p.Account, ids)
	for _, f := range list {
		rows = append(rows, FetchRow{f, people[f.Person], index[f.Version]})
	}
	return rows, err
}

// paperChoices are the indices that were ever current, and everybody who takes part or holds one.
func (c *Core) paperChoices(ctx context.Context, tx Tx, a *Actor, v *HoldersPage) error {
	versions, err := tx.ListVersions(ctx, v.Plan.Account, v.Plan.ID)
	if err != nil {
		return err
	}
	for i := range versions {
		if !versions[i].CurrentAt.IsZero() {
			v.Versions = append(v.Versions, versions[i])
		}
	}
	places, err := c.places(ctx, tx, a, &v.Project, false)
	if err != nil {
		return err
	}
	there := map[ID]bool{}
	for i := range places {
		there[places[i].Person] = true
		v.People = append(v.People, places[i].Of)
	}
	for i := range v.Rows {
		if !there[v.Rows[i].Person] {
			v.People = append(v.People, v.Rows[i].Of)
		}
	}
	return nil
}

func currentVersion(ctx context.Context, tx Tx, p *Plan) (Version, error) {
	versions, err := tx.ListVersions(ctx, p.Account, p.ID)
	for i := range versions {
		if versions[i].State == Current {
			return versions[i], err
		}
	}
	return Version{}, err
}

// HandedOnPaper writes down that somebody was given an index on paper and
// signed for it. It is a receipt of its own kind, with the name of who wrote it
// down; a receipt that is there stays.
func (c *Core) HandedOnPaper(ctx context.Context, a *Actor, plan, version, person ID, day time.Time) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.requirePlan(ctx, tx, a, plan, "plan.send")
		if err != nil {
			return err
		}
		v, err := tx.FindVersion(ctx, a.Account.ID, version)
		switch {
		case err != nil:
			return err
		case v.Plan != p.ID || v.CurrentAt.IsZero():
			return Fail(NotFound, "version.unknown")
		}
		of, err := tx.FindPerson(ctx, a.Account.ID, person)
		if err != nil {
			return err
		}
		if day.IsZero() {
			day = tx.Now()
		}
		if day.After(tx.Now()) || day.Before(v.CreatedAt.Add(-24*time.Hour)) {
			return Fail(Invalid, "holder.day")
		}
		fresh, err := tx.CreatePlanReceipt(ctx, &PlanReceipt{Account: p.Account, Version: v.ID, Person: of.ID, At: day, How: "paper", RecordedBy: a.Person.ID})
		if err != nil || !fresh {
			return err
		}
		if err := tx.RaiseHolders(ctx, Holder{Account: p.Account, Plan: p.ID, Person: of.ID, Version: v.ID, Position: v.Position, Since: day, How: "paper"}); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "plan.paper", v.object(), "name", p.Name(), "index", v.Index, "person", string(of.ID))
	})
	c.plansChanged(a, err)
	return err
}
