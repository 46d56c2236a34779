package core

import (
	"context"
	"slices"

	"planpost/core/access"
)

// PlanList is a project's plans as its page shows them.
type PlanList struct {
	Project Project
	Items   []PlanItem
	// Count is how many the filter finds, of those that the viewer may see.
	Count int
	// Roles are the trades of plans that the viewer may see.
	Roles []string
	// People are those whom the versions name.
	People map[ID]Person
	// Holders are how many hold each plan; only for who is inside the project.
	Holders map[ID]HolderCount
	May     Rights
}

// planListActions are the rights of a project that its list of plans asks.
var planListActions = []access.Action{"plan.list", "plan.create", "doc.create", "plan.create_on_behalf"}

// Plans lists what a project has, to its members: of each plan the current
// index, and the one in review. Secured plans that are not theirs leave no trace (V1).
func (c *Core) Plans(ctx context.Context, a *Actor, f PlanFilter) (l PlanList, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		l = PlanList{}
		if l.Project, err = tx.FindProject(ctx, a.Account.ID, f.Project); err != nil {
			return err
		}
		o := Object{"project", f.Project}
		if err := c.require(ctx, tx, a, "plan.list", o); err != nil {
			return err
		}
		if l.May, err = c.rights(ctx, tx, a, o, planListActions...); err != nil {
			return err
		}
		if l.Items, err = tx.ListPlans(ctx, a.Viewer(), f); err != nil {
			return err
		}
		if l.Count = len(l.Items); f.AfterID != "" || l.Count >= f.Limit {
			if l.Count, err = tx.CountPlans(ctx, a.Viewer(), f); err != nil {
				return err
			}
		}
		if l.Roles, err = tx.PlanRoles(ctx, a.Viewer(), f.Project); err != nil {
			return err
		}
		var people, plans []ID
		for i := range l.Items {
			people = append(people, l.Items[i].Version.Author, l.Items[i].Review.Author)
			plans = append(plans, l.Items[i].ID)
		}
		if l.People, err = peopleByID(ctx, tx, a.Account.ID, people); err != nil {
			return err
		}
		l.Holders, err = tx.CountHolders(ctx, a.Account.ID, plans...)
		return err
	})
	return l, err
}

// PlanView is one plan's page.
type PlanView struct {
	Project Project
	Plan    Plan
	// Versions are the latest first, each with its files.
	Versions []VersionView
	// Access is the list of a secured plan; only for who may change it.
	Access  []ID
	People  map[ID]Person
	Holders HolderCount
	// May has plan.* rights, whatever they are called for a document, and doc.secure and approval.require.
	May Rights
}

// VersionView is one index with its files.
type VersionView struct {
	Version
	Files []PlanFile
	// By is the index that superseded it; empty where none did.
	By string
	// MayDownload is the right to fetch its files, as the state asks for it.
	MayDownload bool
	// Asked is the latest request to approve it; zero where there is none.
	Asked ApprovalView
	// Able are who can be asked, where the index is in review, waits for nobody and the reader may ask.
	Able []Person
	// MayConfirm tells that the reader can say to have it, Confirmed that he said so.
	MayConfirm, Confirmed bool
}

// planActions are the rights that a plan's page asks.
var planActions = []access.Action{"plan.new_index", "plan.edit", "plan.delete", "plan.send", "plan.download_current", "plan.download_superseded", "plan.download_in_review"}

// PlanPage gives a plan with all of its indices.
func (c *Core) PlanPage(ctx context.Context, a *Actor, plan ID) (v PlanView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = PlanView{}
		if v.Plan, err = c.requirePlan(ctx, tx, a, plan, "plan.view"); err != nil {
			return err
		}
		if v.Project, err = tx.FindProject(ctx, a.Account.ID, v.Plan.Project); err != nil {
			return err
		}
		if v.May, err = c.planRights(ctx, tx, a, &v.Plan); err != nil {
			return err
		}
		if v.Versions, err = c.versionViews(ctx, tx, &v.Plan, v.May); err != nil {
			return err
		}
		asked, err := c.approvalViews(ctx, tx, a, &v.Plan, v.Versions)
		if err != nil {
			return err
		}
		for i := range v.Versions {
			n := &v.Versions[i]
			n.Asked = asked[n.ID]
			if n.State == InReview && n.Asked.State != ApprovalWaiting && v.May["approval.require"] {
				if n.Able, err = c.askable(ctx, tx, &v.Plan, n.Author, nil); err != nil {
					return err
				}
			}
		}
		if v.May["doc.secure"] {
			if v.Access, err = tx.PlanAccess(ctx, a.Account.ID, plan); err != nil {
				return err
			}
		}
		ids := slices.Clone(v.Access)
		for i := range v.Versions {
			ids = append(ids, v.Versions[i].Author, v.Versions[i].UploadedBy, v.Versions[i].EndedBy)
		}
		if v.People, err = peopleByID(ctx, tx, a.Account.ID, ids); err != nil {
			return err
		}
		if err := c.receiptOf(ctx, tx, a, &v); err != nil {
			return err
		}
		holders, err := tx.CountHolders(ctx, a.Account.ID, plan)
		v.Holders = holders[plan]
		return err
	})
	return v, err
}

// receiptOf tells for the current index whether the reader said to have it, or can.
func (c *Core) receiptOf(ctx context.Context, tx Tx, a *Actor, v *PlanView) error {
	i := slices.IndexFunc(v.Versions, func(n VersionView) bool { return n.State == Current })
	if i < 0 || a.Person.ID == "" {
		return nil
	}
	n := &v.Versions[i]
	list, err := tx.ListPlanReceipts(ctx, n.Account, n.ID)
	if err != nil {
		return err
	}
	n.Confirmed = slices.ContainsFunc(list, func(r PlanReceipt) bool { return r.Person == a.Person.ID })
	may, err := c.may(ctx, tx, a, "plan.confirm_receipt", n.object())
	n.MayConfirm = may.Allowed && !n.Confirmed
	return err
}

// planRights are the rights to a plan under the names of plans.
func (c *Core) planRights(ctx context.Context, tx Tx, a *Actor, p *Plan) (Rights, error) {
	ask := []access.Action{"doc.secure", "approval.require"}
	for _, action := range planActions {
		ask = append(ask, p.right(action))
	}
	got, err := c.rights(ctx, tx, a, p.object(), ask...)
	may := Rights{"doc.secure": got["doc.secure"], "approval.require": got["approval.require"]}
	for _, action := range planActions {
		may[action] = got[p.right(action)]
	}
	return may, err
}

// findIndex reads a version and the plan it belongs to.
func findIndex(ctx context.Context, tx Tx, account, version ID) (v Version, p Plan, err error) {
	if v, err = tx.FindVersion(ctx, account, version); err == nil {
		p, err = tx.FindPlan(ctx, account, v.Plan)
	}
	return v, p, err
}

// downloadRight is the right that a version's files ask.
func (v *Version) downloadRight() access.Action {
	switch v.State {
	case Current:
		return "plan.download_current"
	case InReview:
		return "plan.download_in_review"
	}
	return "plan.download_superseded"
}

func (c *Core) versionViews(ctx context.Context, tx Tx, p *Plan, may Rights) (list []VersionView, err error) {
	versions, err := tx.ListVersions(ctx, p.Account, p.ID)
	if err != nil {
		return nil, err
	}
	var ids []ID
	for i := range versions {
		ids = append(ids, versions[i].ID)
	}
	files, err := tx.ListPlanFiles(ctx, p.Account, ids...)
	if err != nil {
		return nil, err
	}
	by := "" // the next that was current, or is, in the order of their coming
	for i := range versions {
		v := VersionView{Version: versions[i], MayDownload: may[versions[i].downloadRight()]}
		for _, f := range files {
			if f.Version == v.ID {
				v.Files = append(v.Files, f)
			}
		}
		if v.State == Superseded {
			v.By = by
		}
		if !v.CurrentAt.IsZero() {
			by = v.Index
		}
		list = append(list, v)
	}
	return list, nil
}

// PlanChoices are what a form for a plan offers.
type PlanChoices struct {
	Project Project
	// Authors are the project's members, for who may bring plans for others; nobody otherwise.
	Authors []Person
	// Approvers may be asked to approve; nobody while the project has no system of approval.
	Approvers []Person
	// Members are who can be on the list of a secured plan.
	Members []Person
	// Index is the one that follows.
	Index string
	// MaySecure and MayAsk tell whether the actor may limit access, and require approval.
	MaySecure, MayAsk bool
}

// PlanChoices answers for a plan to be made in a project, or with plan for a new index of it.
func (c *Core) PlanChoices(ctx context.Context, a *Actor, project, plan ID) (ch PlanChoices, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		ch = PlanChoices{Index: NextIndex("")}
		kind, o := DrawingKind, Object{"project", project}
		if plan != "" {
			p, err := c.requirePlan(ctx, tx, a, plan, "plan.new_index")
			if err != nil {
				return err
			}
			kind, o, project = p.Kind, p.object(), p.Project
			versions, err := tx.ListVersions(ctx, p.Account, p.ID)
			if err != nil {
				return err
			}
			ch.Index = NextIndex(versions[0].Index)
		}
		if ch.Project, err = tx.FindProject(ctx, a.Account.ID, project); err != nil {
			return err
		}
		if plan == "" {
			if err := c.require(ctx, tx, a, planRight(kind, false, "plan.create"), o); err != nil {
				return err
			}
		}
		return c.fillChoices(ctx, tx, a, &ch, kind, o)
	})
	return ch, err
}

func (c *Core) fillChoices(ctx context.Context, tx Tx, a *Actor, ch *PlanChoices, kind string, o Object) error {
	project := ch.Project.ID
	places, err := c.places(ctx, tx, a, &ch.Project, false)
	if err != nil {
		return err
	}
	behalf, err := c.may(ctx, tx, a, planRight(kind, false, "plan.create_on_behalf"), Object{"project", project})
	if err != nil {
		return err
	}
	role := false
	for _, m := range places {
		ch.Members = append(ch.Members, m.Of)
		if m.Approves {
			ch.Approvers = append(ch.Approvers, m.Of)
		}
		role = role || m.Person == a.Person.ID && m.TradeRole != ""
	}
	if behalf.Allowed {
		ch.Authors = slices.Clone(ch.Members)
		if !slices.ContainsFunc(ch.Authors, func(p Person) bool { return p.ID == a.Person.ID }) && a.Person.ID != "" {
			ch.Authors = append([]Person{a.Person}, ch.Authors...)
		}
	}
	if o.Kind == "project" { // what is made gets the author's role
		ch.MaySecure, ch.MayAsk = behalf.Allowed || role, behalf.Allowed || role
		return nil
	}
	may, err := c.rights(ctx, tx, a, o, "doc.secure", "approval.require")
	ch.MaySecure, ch.MayAsk = may["doc.secure"], may["approval.require"]
	return err
}
