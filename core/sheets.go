package core

import (
	"context"
	"time"
)

// CurrentSheets are the plans of a project that are in force, as a page that
// people keep at hand shows them: nothing of what is in review.
type CurrentSheets struct {
	Project Project
	// Items are by number, Changed those that became current or were withdrawn after a visit before.
	Items, Changed []PlanItem
}

// sheetsChanged is how many changes such a page lists.
const sheetsChanged = 100

// CurrentPlans gives them from a place in the order on; since is zero where no
// visit is known. Only Project, After, AfterID and Limit of f count.
func (c *Core) CurrentPlans(ctx context.Context, a *Actor, f PlanFilter, since time.Time) (s CurrentSheets, err error) {
	f = PlanFilter{Project: f.Project, State: string(Current), After: f.After, AfterID: f.AfterID, Limit: f.Limit}
	err = c.store.View(ctx, func(tx Tx) error {
		s = CurrentSheets{}
		if s.Project, err = tx.FindProject(ctx, a.Account.ID, f.Project); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "plan.list", Object{"project", f.Project}); err != nil {
			return err
		}
		if s.Items, err = tx.ListPlans(ctx, a.Viewer(), f); err != nil || since.IsZero() {
			return err
		}
		s.Changed, err = tx.ListPlans(ctx, a.Viewer(), PlanFilter{Project: f.Project, Since: since, Limit: sheetsChanged})
		return err
	})
	return s, err
}
