package core

import (
	"context"
	"time"

	"planpost/core/access"
)

// SentTo is how it stands with one recipient of a sending.
type SentTo struct {
	Person   Person
	Link     Link
	Delivery Delivery
	// OpenedAt is when a person first opened the page, FetchedAt a file; machines do not count.
	OpenedAt, FetchedAt time.Time
	// Fetched and Confirmed are how many of the sending's indices this person downloaded, and said to have.
	Fetched, Confirmed int
}

// TransmittalView is the page of one sending.
type TransmittalView struct {
	Sending
	Sender Person
	To     []SentTo
	May    Rights
}

// TransmittalItemView is a sending in a register.
type TransmittalItemView struct {
	Transmittal
	Sender Person
	// To are the recipients, Plans how many indices were sent.
	To    []Person
	Plans int
}

// Transmittals is the register of what was sent when to whom, the newest
// first; Project of f is needed.
func (c *Core) Transmittals(ctx context.Context, a *Actor, f TransmittalFilter) (project Project, list []TransmittalItemView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list = nil
		if project, err = tx.FindProject(ctx, a.Account.ID, f.Project); err != nil {
			return err
		}
		if err := c.maySeeSendings(ctx, tx, a, f.Project); err != nil {
			return err
		}
		all, err := tx.ListTransmittals(ctx, a.Account.ID, f)
		if err != nil {
			return err
		}
		var ids, people []ID
		for i := range all {
			ids, people = append(ids, all[i].ID), append(people, all[i].Sender)
		}
		to, err := tx.TransmittalRecipients(ctx, a.Account.ID, ids...)
		if err != nil {
			return err
		}
		for _, r := range to {
			people = append(people, r.Person)
		}
		items, err := tx.TransmittalItems(ctx, a.Account.ID, ids...)
		if err != nil {
			return err
		}
		known, err := peopleByID(ctx, tx, a.Account.ID, people)
		if err != nil {
			return err
		}
		for i := range all {
			v := TransmittalItemView{Transmittal: all[i], Sender: known[all[i].Sender]}
			for _, r := range to {
				if r.Transmittal == v.ID {
					v.To = append(v.To, known[r.Person])
				}
			}
			for _, it := range items {
				if it.Transmittal == v.ID {
					v.Plans++
				}
			}
			list = append(list, v)
		}
		return nil
	})
	return project, list, err
}

// maySeeSendings: the register names recipients, who must not learn of each
// other; it is for members who are no outsiders, and for the project's administrators.
func (c *Core) maySeeSendings(ctx context.Context, tx Tx, a *Actor, project ID) error {
	o := Object{"project", project}
	if err := c.require(ctx, tx, a, "plan.list", o); err != nil || a.inside() {
		return err
	}
	return c.require(ctx, tx, a, "participant.list_blocked", o)
}

// TransmittalPage gives one sending with what became of it.
func (c *Core) TransmittalPage(ctx context.Context, a *Actor, id ID) (v TransmittalView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = TransmittalView{}
		if v.Transmittal, err = tx.FindTransmittal(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if v.Sender, err = personOrNone(ctx, tx, a.Account.ID, v.Transmittal.Sender); err != nil {
			return err
		}
		if v.Transmittal.Sender != a.Person.ID || a.Person.ID == "" {
			if err := c.maySeeSendings(ctx, tx, a, v.Transmittal.Project); err != nil {
				return err
			}
		} else if err := c.require(ctx, tx, a, "plan.list", Object{"project", v.Transmittal.Project}); err != nil {
			return err
		}
		if v.Project, err = tx.FindProject(ctx, a.Account.ID, v.Transmittal.Project); err != nil {
			return err
		}
		if v.Plans, err = c.plansSent(ctx, tx, a, &v.Transmittal); err != nil {
			return err
		}
		if v.May, err = c.rights(ctx, tx, a, v.object(), []access.Action{"transmittal.recall"}...); err != nil {
			return err
		}
		if !v.RecalledAt.IsZero() {
			v.May["transmittal.recall"] = false
		}
		v.To, err = sentTo(ctx, tx, &v)
		return err
	})
	return v, err
}

// plansSent are the plans of a sending that the actor may see.
func (c *Core) plansSent(ctx context.Context, tx Tx, a *Actor, t *Transmittal) (list []SentPlan, err error) {
	items, err := tx.TransmittalItems(ctx, t.Account, t.ID)
	if err != nil {
		return nil, err
	}
	for _, i := range items {
		one := SentPlan{}
		if one.Plan, err = tx.FindPlan(ctx, t.Account, i.Plan); err != nil {
			return nil, err
		}
		seen, err := c.may(ctx, tx, a, one.Plan.right("plan.view"), one.Plan.object())
		if err = unlessGone(err); err != nil {
			return nil, err
		}
		if !seen.Allowed {
			continue
		}
		if one.Version, err = tx.FindVersion(ctx, t.Account, i.Version); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func sentTo(ctx context.Context, tx Tx, v *TransmittalView) (list []SentTo, err error) {
	to, err := tx.TransmittalRecipients(ctx, v.Account, v.ID)
	if err != nil {
		return nil, err
	}
	var versions []ID
	for i := range v.Plans {
		versions = append(versions, v.Plans[i].Version.ID)
	}
	receipts, err := tx.ListPlanReceipts(ctx, v.Account, versions...)
	if err != nil {
		return nil, err
	}
	for _, r := range to {
		s := SentTo{}
		if s.Person, err = tx.FindPerson(ctx, v.Account, r.Person); err != nil {
			return nil, err
		}
		if s.Link, err = tx.FindLink(ctx, r.Link); err != nil {
			return nil, err
		}
		if s.Delivery, err = tx.FindDelivery(ctx, v.Account, r.Delivery); err != nil {
			return nil, err
		}
		visits, err := tx.LinkVisits(ctx, v.Account, r.Link, eventsShown)
		if err != nil {
			return nil, err
		}
		for _, visit := range visits {
			if visit.Class == VisitPerson && (s.OpenedAt.IsZero() || visit.At.Before(s.OpenedAt)) {
				s.OpenedAt = visit.At
			}
		}
		fetches, err := tx.ListFetches(ctx, v.Account, FetchFilter{Transmittal: v.ID, Person: r.Person, Limit: 1000})
		if err != nil {
			return nil, err
		}
		got := map[ID]bool{}
		for i := range fetches {
			if f := &fetches[i]; f.Class == string(VisitPerson) {
				got[f.Version] = true
				if s.FetchedAt.IsZero() || f.At.Before(s.FetchedAt) {
					s.FetchedAt = f.At
				}
			}
		}
		s.Fetched = len(got)
		for _, rc := range receipts {
			if rc.Person == r.Person {
				s.Confirmed++
			}
		}
		list = append(list, s)
	}
	return list, nil
}
