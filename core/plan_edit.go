package core

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// PlanEdit is what is to be changed of a plan; what is nil stays.
type PlanEdit struct {
	Number, Title *string
	// TradeRole gives the plan to another trade; only an administrator of the project may.
	TradeRole *string
}

// EditPlan changes number, title or trade, with one line in the change log.
func (c *Core) EditPlan(ctx context.Context, a *Actor, plan ID, e PlanEdit) (p Plan, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if p, err = c.requirePlan(ctx, tx, a, plan, "plan.edit"); err != nil {
			return err
		}
		was := p
		assign(&p.Number, e.Number)
		assign(&p.Title, e.Title)
		if differs(e.TradeRole, p.TradeRole) {
			if err := c.require(ctx, tx, a, "participant.set_role", Object{"project", p.Project}); err != nil {
				return err
			}
			if p.TradeRole, err = trade(ctx, tx, a, p.Project, *e.TradeRole, ""); err != nil {
				return err
			}
		}
		if err := c.checkPlan(&p); err != nil {
			return err
		}
		if p == was {
			return nil
		}
		p.UpdatedAt = tx.Now()
		if err := tx.UpdatePlan(ctx, &p); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "plan.edit", p.object(), []Change{{"number", was.Number, p.Number}, {"title", was.Title, p.Title}, {"trade_role", was.TradeRole, p.TradeRole}}, "name", p.Name())
	})
	c.plansChanged(a, err)
	return p, err
}

// SecurePlan limits who may see a plan, or opens it to the project again. Who
// limits it and is no administrator stays on the list.
func (c *Core) SecurePlan(ctx context.Context, a *Actor, plan ID, secured bool, people []ID) (p Plan, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if p, err = tx.FindPlan(ctx, a.Account.ID, plan); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "doc.secure", p.object()); err != nil {
			return err
		}
		was := p.Secured
		p.Secured, p.UpdatedAt = secured, tx.Now()
		if secured && !was {
			p.SecuredAt = tx.Now()
		}
		if err := tx.UpdatePlan(ctx, &p); err != nil {
			return err
		}
		if !secured {
			people = nil
		} else if a.Person.ID != "" {
			ans, err := c.may(ctx, tx, a, "participant.set_admin", Object{"project", p.Project})
			if err != nil {
				return err
			}
			if !ans.Allowed {
				people = append(slices.Clone(people), a.Person.ID)
			}
		}
		return c.limitAccess(ctx, tx, a, &p, people)
	})
	c.plansChanged(a, err)
	return p, err
}

// limitAccess writes the list of a secured plan: participants of its project.
func (c *Core) limitAccess(ctx context.Context, tx Tx, a *Actor, p *Plan, people []ID) error {
	was, err := tx.PlanAccess(ctx, p.Account, p.ID)
	if err != nil {
		return err
	}
	places, err := tx.ListParticipants(ctx, p.Account, p.Project)
	if err != nil {
		return err
	}
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	for _, id := range people {
		in := slices.ContainsFunc(places, func(m Participant) bool { return m.Person == id && !m.Guest && m.BlockedAt.IsZero() })
		if !in && id != a.Person.ID && id != p.CreatedBy {
			return Fail(Invalid, "plan.access_away")
		}
	}
	if err := tx.SetPlanAccess(ctx, p.Account, p.ID, people); err != nil {
		return err
	}
	return c.noteChanges(ctx, tx, a, "plan.secure", p.object(), []Change{{"access", listOfIDs(was), idWords(people)}}, "name", p.Name(), "secured", strconv.FormatBool(p.Secured))
}

func listOfIDs(ids []ID) string {
	var list []string
	for _, id := range ids {
		list = append(list, string(id))
	}
	return strings.Join(list, " ")
}

// DeletePlan puts a plan with its versions into the bin.
func (c *Core) DeletePlan(ctx context.Context, a *Actor, plan ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := tx.FindPlan(ctx, a.Account.ID, plan)
		if err != nil {
			return err
		}
		return c.toBin(ctx, tx, a, p.right("plan.delete"), p.object())
	})
	c.plansChanged(a, err)
	return err
}

// PlansTopic is the Bus topic of an account's plans.
func PlansTopic(account ID) string { return "plans:" + string(account) }

// plansChanged tells open pages, unless nothing happened.
func (c *Core) plansChanged(a *Actor, err error) {
	if err == nil {
		c.bus.Publish(PlansTopic(a.Account.ID))
		c.wakeMailer()
	}
}
