package core

import (
	"context"
	"time"
)

// LinkItem is a living link as a list shows it; never its token.
type LinkItem struct {
	Link Link
	// Task and Title, or Project, are what it covers; both are empty when it covers the person alone.
	Task           int64
	Title, Project string
	// SeenAt is when a person opened it last; Machines how often something else did.
	SeenAt   time.Time
	Machines int
	// MayEnd tells that the viewer may end it.
	MayEnd bool
}

// linksShown is how many links a list shows, the newest first.
const linksShown = 200

// PersonLinks is what a person holds by mail.
type PersonLinks struct {
	Person Person
	Links  []LinkItem
	More   bool
}

// LinksOfPerson lists the living links that were mailed to a person: all of
// them for who manages the account, else those one made or of a project one administers.
func (c *Core) LinksOfPerson(ctx context.Context, a *Actor, person ID) (l PersonLinks, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if l.Person, err = tx.FindPerson(ctx, a.Account.ID, person); err != nil {
			return err
		}
		if l.Links, err = tx.LivingLinks(ctx, a.Viewer(), person, c.Now(), linksShown+1); err != nil {
			return err
		}
		if len(l.Links) == 0 {
			if err := c.mayListLinks(ctx, tx, a, &l.Person); err != nil {
				return err
			}
		}
		l.More = len(l.Links) > linksShown
		l.Links = l.Links[:min(linksShown, len(l.Links))]
		return nil
	})
	return l, err
}

// mayListLinks answers who is shown no link at all: that there are none, that
// he may not see them, or, to who does not see the person either, nothing.
func (c *Core) mayListLinks(ctx context.Context, tx Tx, a *Actor, p *Person) error {
	if err := c.require(ctx, tx, a, "link.list", Object{}); err != nil {
		if unseen := c.require(ctx, tx, a, viewAction(p), Object{"person", p.ID}); unseen != nil {
			return Fail(NotFound, "person.unknown")
		}
		return err
	}
	return nil
}

// LinkHistory is one link with what is known of its life.
type LinkHistory struct {
	Link       Link
	State      LinkState
	Person, By Person
	Visits     []LinkVisit
	// Events is what else happened to it, the newest first; People are those whom it names.
	Events []LinkEvent
	People map[ID]Person
	// MayMails tells that the viewer may open the mails among the events.
	MayEnd, MayMails bool
	// MayExtend tells that the viewer may give it more time.
	MayExtend bool
}

// visitsShown is how many visits a page shows, the newest first.
const visitsShown = 100

// LinkHistory tells of one link, whether it lives or not.
func (c *Core) LinkHistory(ctx context.Context, a *Actor, id ID) (h LinkHistory, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if h.Link, err = tx.FindLink(ctx, id); err != nil {
			return err
		}
		if h.Link.Account != a.Account.ID {
			return Fail(NotFound, "link.unknown")
		}
		o := Object{"link", id}
		if err := c.require(ctx, tx, a, "link.list", o); err != nil {
			return err
		}
		h.State = h.Link.State(c.Now())
		if h.Person, err = tx.FindPerson(ctx, a.Account.ID, h.Link.Person); err != nil {
			return err
		}
		if h.Link.CreatedBy != "" {
			if h.By, err = tx.FindPerson(ctx, a.Account.ID, h.Link.CreatedBy); err != nil {
				return err
			}
		}
		if h.Visits, err = tx.LinkVisits(ctx, a.Account.ID, id, visitsShown); err != nil {
			return err
		}
		if h.Events, err = c.linkEvents(ctx, tx, &h.Link); err != nil {
			return err
		}
		var people []ID
		for i := range h.Events {
			people = append(people, h.Events[i].Actor)
		}
		if h.People, err = peopleByID(ctx, tx, a.Account.ID, people); err != nil {
			return err
		}
		mails, err := c.may(ctx, tx, a, "delivery.view", Object{})
		if err != nil {
			return err
		}
		ans, err := c.may(ctx, tx, a, "link.revoke", o)
		h.MayEnd, h.MayMails = ans.Allowed && h.State == LinkLive, mails.Allowed
		if err == nil && h.Link.extendable() {
			ans, err = c.may(ctx, tx, a, "link.extend", o)
			h.MayExtend = ans.Allowed
		}
		return err
	})
	return h, err
}

// RevokeLink ends one link at once; a later mail brings another one. One that
// has ended already stays as it ended.
func (c *Core) RevokeLink(ctx context.Context, a *Actor, id ID) (l Link, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if l, err = tx.FindLink(ctx, id); err != nil {
			return err
		}
		if l.Account != a.Account.ID {
			return Fail(NotFound, "link.unknown")
		}
		if err := c.require(ctx, tx, a, "link.revoke", Object{"link", id}); err != nil {
			return err
		}
		if !l.RevokedAt.IsZero() {
			return nil
		}
		if err := tx.RevokeLink(ctx, l.Account, id, "by_hand", c.Now()); err != nil {
			return err
		}
		if err := c.noteLink(ctx, tx, &l, LinkRevoked, a.Person.ID, Visitor{IP: a.IP}); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "link.revoke", Object{"person", l.Person}, "kind", string(l.Kind), "link", string(id))
	})
	return l, err
}
