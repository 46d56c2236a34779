package core

import (
	"context"
	"slices"
	"strings"
)

// SendChoices are what the form for a sending offers, and what was chosen for it.
type SendChoices struct {
	Project Project
	// Plans are those chosen that can be sent: their current index; Left are the others.
	Plans, Left []PlanItem
	// People are the project's members who have an address.
	People []Person
}

// SendChoices answers for plans that were chosen in a list.
func (c *Core) SendChoices(ctx context.Context, a *Actor, project ID, plans []ID) (ch SendChoices, err error) {
	plans = distinct(plans)
	if len(plans) > maxSentPlans {
		return ch, Fail(Invalid, "transmittal.many", "most", itoa(maxSentPlans))
	}
	err = c.store.View(ctx, func(tx Tx) error {
		ch = SendChoices{}
		if ch.Project, err = tx.FindProject(ctx, a.Account.ID, project); err != nil {
			return err
		}
		o := Object{"project", project}
		if err := c.require(ctx, tx, a, "plan.list", o); err != nil {
			return err
		}
		if len(plans) > 0 {
			items, err := tx.ListPlans(ctx, a.Viewer(), PlanFilter{Project: project, Only: plans, Limit: maxSentPlans})
			if err != nil {
				return err
			}
			for _, item := range items {
				may := item.Version.State == Current
				if may {
					got, err := c.may(ctx, tx, a, item.Plan.right("plan.send"), item.Version.object())
					if err != nil {
						return err
					}
					may = got.Allowed
				}
				if may {
					ch.Plans = append(ch.Plans, item)
				} else {
					ch.Left = append(ch.Left, item)
				}
			}
		}
		ch.People, err = c.membersToSend(ctx, tx, a, project)
		return err
	})
	return ch, err
}

// membersToSend are who takes part and can be written to, but for the one who
// sends. People from outside choose addresses only: they do not learn of each other.
func (c *Core) membersToSend(ctx context.Context, tx Tx, a *Actor, project ID) (people []Person, err error) {
	if !a.inside() {
		return nil, nil
	}
	places, err := tx.ListParticipants(ctx, a.Account.ID, project)
	if err != nil {
		return nil, err
	}
	var ids []ID
	for _, p := range places {
		if p.BlockedAt.IsZero() && p.Person != a.Person.ID {
			ids = append(ids, p.Person)
		}
	}
	all, err := tx.FindPeople(ctx, a.Account.ID, ids)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if writable(&all[i]) {
			people = append(people, all[i])
		}
	}
	slices.SortFunc(people, func(p, q Person) int { return strings.Compare(p.Name, q.Name) })
	return people, nil
}

// SendLook is one recipient of a sending before it leaves.
type SendLook struct {
	Person Person
	// Address is what was typed; empty for who was chosen by name.
	Address string
	// OfferRole tells that nothing was ever sent there, and that a trade role may be chosen.
	OfferRole bool
	Cautions  []Caution
}

// LookAtSending tells to whom a sending would go, and what to look at twice. Nothing is written.
func (c *Core) LookAtSending(ctx context.Context, a *Actor, n NewTransmittal) (list []SendLook, err error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	err = c.store.View(ctx, func(tx Tx) error {
		list = nil
		project, err := tx.FindProject(ctx, a.Account.ID, n.Project)
		if err != nil {
			return err
		}
		o := Object{"project", n.Project}
		if err := c.require(ctx, tx, a, "plan.list", o); err != nil {
			return err
		}
		role, err := c.may(ctx, tx, a, "address.set_role", o, project.sendFacts()...)
		if err != nil {
			return err
		}
		w := watch{tx: tx, a: a, now: c.Now()}
		if project.Counterparty != "" {
			if w.home, err = tx.FindCompany(ctx, a.Account.ID, project.Counterparty); err != nil {
				return err
			}
		}
		for _, id := range n.People {
			one := SendLook{}
			if one.Person, err = c.known(ctx, tx, a, &NewParticipant{Person: id}); err != nil {
				return err
			}
			list = append(list, one)
		}
		for _, s := range n.Addresses {
			one := SendLook{Address: s.Address}
			one.Person, err = c.known(ctx, tx, a, &NewParticipant{Address: one.Address})
			if KindOf(err) == NotFound {
				one.Person, err = c.newPerson(a.Account.ID, AddressKind, s.name, s.Address)
			}
			if err != nil {
				return err
			}
			place, there, err := tx.FindParticipant(ctx, a.Account.ID, n.Project, one.Person.ID)
			if err != nil {
				return err
			}
			if one.OfferRole = role.Allowed && !one.Person.Staff() && (!there || place.TradeRole == "" && place.Guest); one.OfferRole {
				before, err := tx.ListTransmittals(ctx, a.Account.ID, TransmittalFilter{Project: n.Project, Person: one.Person.ID, Limit: 1})
				if err != nil {
					return err
				}
				one.OfferRole = len(before) == 0 // offered once; from the address's page after that (E3)
			}
			list = append(list, one)
		}
		return c.cautionLooks(ctx, &w, list)
	})
	return list, err
}

// cautionLooks says nothing to people from outside: it would tell them whom we know.
func (c *Core) cautionLooks(ctx context.Context, w *watch, list []SendLook) error {
	if !w.a.inside() {
		return nil
	}
	var ids []ID
	for i := range list {
		ids = append(ids, list[i].Person.ID)
	}
	written, err := w.tx.WrittenTo(ctx, w.a.Account.ID, ids)
	if err != nil {
		return err
	}
	for i := range list {
		p := &list[i].Person
		if p.Staff() || len(p.Addresses) == 0 {
			continue
		}
		if list[i].Cautions, err = w.of(ctx, p, slices.Contains(written, p.ID)); err != nil {
			return err
		}
	}
	return nil
}
