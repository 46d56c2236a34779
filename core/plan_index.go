package core

import (
	"context"
	"strconv"
	"time"
)

// NextIndex suggests what follows the latest index: B after A, AA after Z, 10
// after 9; A where there is none, and nothing where it cannot be told.
func NextIndex(last string) string {
	if last == "" {
		return "A"
	}
	head, end := last, len(last)
	for end > 0 && last[end-1] >= '0' && last[end-1] <= '9' {
		end--
	}
	if digits := last[end:]; digits != "" && len(digits) < 10 {
		n, _ := strconv.Atoi(digits)
		next := strconv.Itoa(n + 1)
		for len(next) < len(digits) {
			next = "0" + next
		}
		return last[:end] + next
	}
	b := []byte(head)
	for i := len(b) - 1; i >= 0; i-- {
		first, lastOf := byte('A'), byte('Z')
		if b[i] >= 'a' && b[i] <= 'z' {
			first, lastOf = 'a', 'z'
		}
		if b[i] < first || b[i] > lastOf {
			return ""
		}
		if b[i] < lastOf {
			b[i]++
			return string(b)
		}
		b[i] = first
		if i == 0 {
			return string(first) + string(b)
		}
	}
	return ""
}

// supersede ends the current version of a plan, because another becomes it.
func (c *Core) supersede(ctx context.Context, tx Tx, a *Actor, p *Plan) error {
	return c.endVersions(ctx, tx, a, p, Current, Superseded)
}

// endReview ends the version in review, because a newer one comes; its request is overtaken.
func (c *Core) endReview(ctx context.Context, tx Tx, a *Actor, p *Plan) error {
	return c.endVersions(ctx, tx, a, p, InReview, Superseded)
}

func (c *Core) endVersions(ctx context.Context, tx Tx, a *Actor, p *Plan, was, now VersionState) error {
	versions, err := tx.ListVersions(ctx, p.Account, p.ID)
	if err != nil {
		return err
	}
	for i := range versions {
		if versions[i].State == was {
			if err := c.endVersion(ctx, tx, a, &versions[i], now); err != nil {
				return err
			}
		}
	}
	return nil
}

// endVersion moves a version to superseded or withdrawn, and ends what waits to be decided about it.
func (c *Core) endVersion(ctx context.Context, tx Tx, a *Actor, v *Version, to VersionState) error {
	was := v.State
	v.State, v.EndedAt, v.EndedBy = to, tx.Now(), a.Person.ID
	if was == InReview {
		v.CurrentAt = time.Time{}
		if err := c.endApprovals(ctx, tx, a, v, to); err != nil {
			return err
		}
	}
	return tx.MoveVersion(ctx, v, was)
}

// endApprovals ends the request that waits about a version: overtaken by a newer one, or withdrawn with it.
func (c *Core) endApprovals(ctx context.Context, tx Tx, a *Actor, v *Version, to VersionState) error {
	list, err := tx.ListApprovals(ctx, v.Account, ApprovalFilter{Version: v.ID, State: ApprovalWaiting})
	if err != nil {
		return err
	}
	for i := range list {
		ap := &list[i]
		ap.State, ap.EndedAt = ApprovalOvertaken, tx.Now()
		if to == Withdrawn {
			ap.State = ApprovalWithdrawn
		}
		if err := c.endApproval(ctx, tx, ap); err != nil {
			return err
		}
		if err := c.note(ctx, tx, a, "approval."+string(ap.State), ap.object(), "index", v.Index); err != nil {
			return err
		}
	}
	return nil
}

// makeCurrent lets an approved version replace the current one.
func (c *Core) makeCurrent(ctx context.Context, tx Tx, a *Actor, p *Plan, v *Version) error {
	if err := c.supersede(ctx, tx, a, p); err != nil {
		return err
	}
	v.State, v.CurrentAt = Current, tx.Now()
	if err := tx.MoveVersion(ctx, v, InReview); err != nil {
		return err
	}
	p.UpdatedAt = tx.Now()
	if err := tx.UpdatePlan(ctx, p); err != nil {
		return err
	}
	return c.tellHolders(ctx, tx, a, p, v)
}

// WithdrawVersion takes an index back: nobody shall work with it. No older one becomes current by that.
func (c *Core) WithdrawVersion(ctx context.Context, a *Actor, version ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		v, err := tx.FindVersion(ctx, a.Account.ID, version)
		if err != nil {
			return err
		}
		p, err := c.requirePlan(ctx, tx, a, v.Plan, "plan.edit")
		if err != nil {
			return err
		}
		if v.State != Current && v.State != InReview {
			return Fail(Conflict, "version.ended", "index", v.Index)
		}
		if err := c.endVersion(ctx, tx, a, &v, Withdrawn); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "plan.withdraw", v.object(), "name", p.Name(), "index", v.Index)
	})
	c.plansChanged(a, err)
	return err
}
