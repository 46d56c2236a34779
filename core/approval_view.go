package core

import (
	"context"
	"io"
	"slices"
)

// ApprovalView is a request as the page of its plan shows it.
type ApprovalView struct {
	Approval
	Approvers []ApproverView
	// MayDecide tells that the viewer is asked and has not said anything; the others what else he may do.
	MayDecide, MayWithdraw, MayRemind bool
	// Substitutes are whom the viewer can ask to decide in his place.
	Substitutes []Person
}

// ApproverView is somebody who was asked, with what he said.
type ApproverView struct {
	Approver
	Of Person
	// For is whose place he takes; zero for who was chosen.
	For   Person
	Files []ApprovalFile
	// Mail is queued, deferred, sent or bounced; empty where none was owed.
	Mail string
}

// approvalViews are the newest requests for versions of a plan, by version.
func (c *Core) approvalViews(ctx context.Context, tx Tx, a *Actor, p *Plan, versions []VersionView) (map[ID]ApprovalView, error) {
	list, err := tx.ListApprovals(ctx, p.Account, ApprovalFilter{Plan: p.ID, Limit: 200})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	all := make(map[ID]ApprovalView, len(list))
	for i := range list {
		ap := &list[i]
		if _, newer := all[ap.Version]; newer {
			continue
		}
		seen, err := c.may(ctx, tx, a, "approval.view", ap.object())
		if err = unlessGone(err); err != nil {
			return nil, err
		}
		if seen.Allowed {
			i := slices.IndexFunc(versions, func(v VersionView) bool { return v.ID == ap.Version })
			if i < 0 {
				continue
			}
			if all[ap.Version], err = c.approvalView(ctx, tx, a, p, &versions[i].Version, ap); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func (c *Core) approvalView(ctx context.Context, tx Tx, a *Actor, p *Plan, v *Version, ap *Approval) (view ApprovalView, err error) {
	view = ApprovalView{Approval: *ap}
	of, err := tx.Approvers(ctx, ap.Account, ap.ID)
	if err != nil {
		return view, err
	}
	files, err := tx.ListApprovalFiles(ctx, ap.Account, ap.ID)
	if err != nil {
		return view, err
	}
	for _, r := range of {
		one := ApproverView{Approver: r}
		if one.Of, err = tx.FindPerson(ctx, ap.Account, r.Person); err != nil {
			return view, err
		}
		if r.SubstituteOf != "" {
			if one.For, err = tx.FindPerson(ctx, ap.Account, r.SubstituteOf); err != nil {
				return view, err
			}
		}
		for _, f := range files {
			if f.Person == r.Person {
				one.Files = append(one.Files, f)
			}
		}
		if r.Delivery != "" {
			d, err := tx.FindDelivery(ctx, ap.Account, r.Delivery)
			if err != nil {
				return view, err
			}
			one.Mail = mailState(&d)
		}
		view.Approvers = append(view.Approvers, one)
	}
	if ap.State != ApprovalWaiting {
		return view, nil
	}
	rights, err := c.rights(ctx, tx, a, ap.object(), "approval.decide", "approval.withdraw", "approval.remind", "approval.set_substitute")
	if err != nil {
		return view, err
	}
	view.MayWithdraw, view.MayRemind = rights["approval.withdraw"], rights["approval.remind"]
	for i := range view.Approvers {
		if r := &view.Approvers[i]; r.Person == a.Person.ID && r.waits() {
			view.MayDecide = rights["approval.decide"]
			if rights["approval.set_substitute"] {
				view.Substitutes, err = c.askable(ctx, tx, p, v.Author, of)
			}
		}
	}
	return view, err
}

// ApprovalItem is a request in a list.
type ApprovalItem struct {
	Approval
	Plan    Plan
	Version Version
}

// Approvals lists the requests that the actor may know of, the newest first.
func (c *Core) Approvals(ctx context.Context, a *Actor, f ApprovalFilter) (list []ApprovalItem, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		all, err := tx.ListApprovals(ctx, a.Account.ID, f)
		list = make([]ApprovalItem, 0, len(all))
		for i := 0; err == nil && i < len(all); i++ {
			var o asking
			if o, err = c.askingOf(ctx, tx, a.Account.ID, all[i].ID); err == nil {
				err = c.listApproval(ctx, tx, a, &o, &list)
			}
		}
		return err
	})
	return list, err
}

func (c *Core) listApproval(ctx context.Context, tx Tx, a *Actor, o *asking, list *[]ApprovalItem) error {
	seen, err := c.may(ctx, tx, a, "approval.view", o.Approval.object())
	if err = unlessGone(err); err == nil && seen.Allowed && o.Plan.DeletedAt.IsZero() {
		*list = append(*list, ApprovalItem{o.Approval, o.Plan, o.Version})
	}
	return err
}

// waitingShown is how many requests somebody's own list names.
const waitingShown = 50

// MyApprovals are the requests that wait for the actor.
func (c *Core) MyApprovals(ctx context.Context, a *Actor) (list []ApprovalItem, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list = nil
		n := 0
		return c.eachWaiting(ctx, tx, &a.Person, "", func(o *asking) error {
			if n++; n > waitingShown {
				return nil
			}
			may, err := c.may(ctx, tx, a, "approval.decide", o.Approval.object())
			if err = unlessGone(err); err == nil && may.Allowed {
				err = c.listApproval(ctx, tx, a, o, &list)
			}
			return err
		})
	})
	return list, err
}

// readApprovalNotice leads to the plan, and asks again: who may not see the plan any more hears nothing of it.
func (c *Core) readApprovalNotice(ctx context.Context, tx Tx, l *Letter, approval ID) error {
	o, err := c.askingOf(ctx, tx, l.Account.ID, approval)
	if err != nil {
		return err
	}
	if l.Project, err = tx.FindProject(ctx, l.Account.ID, o.Plan.Project); err != nil {
		return err
	}
	if noticeEvent(l.Delivery.Params[1]) == PlanWaiting { // to an approver, whose page is his link
		return nil
	}
	seen, err := c.may(ctx, tx, &Actor{Person: l.Person, Account: l.Account, Via: "mail"}, o.Plan.right("plan.view"), o.Plan.object())
	switch err = unlessGone(err); {
	case err != nil:
		return err
	case !seen.Allowed:
		return Fail(Conflict, "delivery.right")
	}
	l.LinkURL = c.cfg.BaseURL + "/plans/" + string(o.Plan.ID)
	return nil
}

// ApprovalPlan is the plan that a request is about.
func (c *Core) ApprovalPlan(ctx context.Context, a *Actor, approval ID) (p Plan, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		o, err := c.askingOf(ctx, tx, a.Account.ID, approval)
		if err != nil {
			return err
		}
		p = o.Plan
		return c.require(ctx, tx, a, "approval.view", o.Approval.object())
	})
	return p, err
}

// ApprovalFile opens a file that came with a decision. The caller closes it.
func (c *Core) ApprovalFile(ctx context.Context, a *Actor, approval, file ID) (f ApprovalFile, content io.ReadSeekCloser, err error) {
	if f, err = c.findApprovalFile(ctx, a, approval, file); err == nil {
		content, err = c.files.Open(ctx, f.Account, f.Hash)
	}
	return f, content, err
}

func (c *Core) findApprovalFile(ctx context.Context, a *Actor, approval, file ID) (f ApprovalFile, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		ap, err := tx.FindApproval(ctx, a.Account.ID, approval)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "approval.view", ap.object()); err != nil {
			return err
		}
		list, err := tx.ListApprovalFiles(ctx, a.Account.ID, approval)
		if err != nil {
			return err
		}
		for _, f = range list {
			if f.ID == file {
				return nil
			}
		}
		return Fail(NotFound, "approval.file_unknown")
	})
	return f, err
}
