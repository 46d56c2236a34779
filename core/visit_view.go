package core

import (
	"context"

	"planpost/core/access"
)

// VisitView is a visit's page.
type VisitView struct {
	VisitItem
	May Rights
	// Outside are people from outside who have to do with the task; for who may manage the visit.
	Outside []Person
}

// Visits lists what the actor may see, the earliest first.
func (c *Core) Visits(ctx context.Context, a *Actor, f VisitFilter) (list []VisitItem, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = c.visits(ctx, tx, a, f)
		return err
	})
	return list, err
}

func (c *Core) visits(ctx context.Context, tx Tx, a *Actor, f VisitFilter) ([]VisitItem, error) {
	if f.Limit <= 0 || f.Limit > maxVisits {
		f.Limit = maxVisits
	}
	list, err := tx.ListVisits(ctx, a.Viewer(), f)
	if err != nil {
		return nil, err
	}
	var ids []ID
	for i := range list {
		ids = append(ids, list[i].Person)
	}
	people, err := peopleByID(ctx, tx, a.Account.ID, ids)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := c.fillVisit(ctx, tx, a, &list[i], people); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// maxVisits is how many a page holds.
const maxVisits = 1000

// fillVisit adds the resource and what speaks against the plan; that and the
// note are for those inside.
func (c *Core) fillVisit(ctx context.Context, tx Tx, a *Actor, v *VisitItem, people map[ID]Person) error {
	v.Resource = people[v.Person]
	if !a.inside() {
		v.Note, v.Overlaps = "", false
		return nil
	}
	if v.State != VisitPlanned || !v.Resource.AwayOn(v.Day) {
		return nil
	}
	v.Away = true
	d, err := peopleByID(ctx, tx, v.Account, []ID{v.Resource.Deputy})
	deputy := d[v.Resource.Deputy]
	v.Deputy = deputy.Name
	return err
}

// Visit gives one visit's page.
func (c *Core) Visit(ctx context.Context, a *Actor, id ID) (v VisitView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		one, err := tx.FindVisit(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		o := one.object()
		if v.May, err = c.rights(ctx, tx, a, o, "visit.view", "visit.manage"); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "visit.view", o); err != nil {
			return err
		}
		list, err := c.visits(ctx, tx, a, VisitFilter{Task: one.Task})
		for i := range list {
			if list[i].ID == id {
				v.VisitItem = list[i]
			}
		}
		if err != nil || !v.May["visit.manage"] {
			return err
		}
		v.Outside, err = c.outsideOf(ctx, tx, a, one.Task)
		return err
	})
	return v, err
}

// TaskVisits are a task's visits with what may be done about them.
type TaskVisits struct {
	Items     []VisitItem
	MayManage bool
	Outside   []Person
}

// VisitsOf gives the visits of a task by its number, none for who may see none.
func (c *Core) VisitsOf(ctx context.Context, a *Actor, number int64) (v TaskVisits, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = TaskVisits{}
		t, err := tx.FindTaskByNumber(ctx, a.Account.ID, number)
		if err != nil {
			return err
		}
		may, err := c.rights(ctx, tx, a, Object{"task", t.ID}, "visit.manage")
		if err != nil {
			return err
		}
		if v.MayManage = may["visit.manage"]; v.MayManage {
			if v.Outside, err = c.outsideOf(ctx, tx, a, t.ID); err != nil {
				return err
			}
		}
		v.Items, err = c.visits(ctx, tx, a, VisitFilter{Task: t.ID})
		return err
	})
	return v, err
}

// outsideOf are the people from outside of a task who can be mailed, for who sees the task.
func (c *Core) outsideOf(ctx context.Context, tx Tx, a *Actor, task ID) (list []Person, err error) {
	if ans, err := c.may(ctx, tx, a, "task.view", Object{"task", task}); err != nil || !ans.Allowed || !a.inside() {
		return nil, err
	}
	t, err := tx.FindTask(ctx, a.Account.ID, task)
	if err != nil {
		return nil, err
	}
	people, err := peopleByID(ctx, tx, a.Account.ID, t.Related())
	for _, id := range t.Related() {
		if p := people[id]; !p.Staff() && reachable(&p) {
			list = append(list, p)
		}
	}
	return list, err
}

// MayPlan tells whether the actor may plan visits at all: of every task, or of
// those he has to do with.
func (c *Core) MayPlan(ctx context.Context, a *Actor) (yes bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		ans, err := c.may(ctx, tx, a, "visit.manage", Object{}, access.Rel)
		yes = ans.Allowed
		return err
	})
	return yes, err
}
