package core

import (
	"context"
	"slices"
)

// coversPlan tells whether a link to plans is about the object: a plan or
// version that was sent by it, or the approval it asks for with its version.
func (a *Actor) coversPlan(ctx context.Context, tx Tx, o Object) (bool, error) {
	l := &a.Link
	if o.ID == "" {
		return false, nil
	}
	if o.ID == l.Object || o.Kind == "link" && o.ID == l.ID {
		return true, nil
	}
	plan, version, err := plainPlan(ctx, tx, l.Account, o)
	if err != nil || plan == "" {
		return false, err
	}
	if l.Kind == ApprovalLink {
		ap, err := tx.FindApproval(ctx, l.Account, l.Object)
		if err != nil {
			return false, err
		}
		v, err := tx.FindVersion(ctx, l.Account, ap.Version)
		return v.Plan == plan && (version == "" || version == v.ID), err
	}
	items, err := a.sentItems(ctx, tx)
	if err != nil || !slices.ContainsFunc(items, func(i TransmittalItem) bool { return i.Plan == plan && (version == "" || i.Version == version) }) {
		return false, err
	}
	return l.outlastsVault(ctx, tx, plan)
}

// sentItems are what the actor's link leads to. They never change, and a page
// of many plans asks for each of them: they are read once.
func (a *Actor) sentItems(ctx context.Context, tx Tx) (items []TransmittalItem, err error) {
	if a.sent == nil {
		a.sent, err = tx.TransmittalItems(ctx, a.Link.Account, a.Link.Object)
	}
	return a.sent, err
}

// outlastsVault: what was sent before a plan was secured opens it only for who is on the list.
func (l *Link) outlastsVault(ctx context.Context, tx Tx, plan ID) (bool, error) {
	p, err := tx.FindPlan(ctx, l.Account, plan)
	if err != nil || !p.Secured {
		return true, err
	}
	s, err := tx.FindTransmittal(ctx, l.Account, l.Object)
	if err != nil || !s.CreatedAt.Before(p.SecuredAt) {
		return true, err
	}
	list, err := tx.PlanAccess(ctx, l.Account, plan)
	return slices.Contains(list, l.Person), err
}

// plainPlan is the plan that an object is or belongs to, and the version if it is one; empty for others.
func plainPlan(ctx context.Context, tx Tx, account ID, o Object) (plan, version ID, err error) {
	switch o.Kind {
	case "plan":
		return o.ID, "", nil
	case "version":
		v, err := tx.FindVersion(ctx, account, o.ID)
		return v.Plan, v.ID, err
	}
	return "", "", nil
}
