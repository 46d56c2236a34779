package core

import (
	"context"
	"slices"
	"time"
)

// Download is the page behind a download link.
type Download struct {
	LinkView
	Sending Sending
	// Receipts are the versions that the addressee has confirmed.
	Receipts []ID
}

// VisitDownload reads the token of a download link; it changes nothing.
func (c *Core) VisitDownload(ctx context.Context, token, ip string) (d Download, err error) {
	id, generation, ok := c.keys.OpenLink(DownloadLink, token)
	if !ok {
		return d, Fail(NotFound, "link.unknown")
	}
	if ok, wait := c.limiter.Allow(ctx, "link:"+string(id), viewsOfLink, viewsOfLinkPer); !ok {
		return d, limited("link.limited", wait)
	}
	err = c.store.View(ctx, func(tx Tx) error {
		if d.LinkView, err = c.readLink(ctx, tx, DownloadLink, id, generation, ip); err != nil || d.State != LinkLive {
			return err
		}
		if d.Sending, err = c.sendingOf(ctx, tx, linkActor(&d.Link, &d.Person, &d.Account)); err != nil {
			return err
		}
		d.Receipts, err = confirmedBy(ctx, tx, &d.Link, d.Sending.Plans)
		return err
	})
	return d, c.refusedLink(ctx, &d.LinkView, ip, err)
}

// downloadHolds tells whether something of what was sent can still be seen: a
// block in the project ends the link too, and so does the bin.
func (c *Core) downloadHolds(ctx context.Context, tx Tx, v *LinkView) (bool, error) {
	t, err := tx.FindTransmittal(ctx, v.Link.Account, v.Link.Object)
	if err != nil || !t.RecalledAt.IsZero() {
		return false, unlessGone(err)
	}
	items, err := tx.TransmittalItems(ctx, t.Account, t.ID)
	if err != nil {
		return false, err
	}
	a := linkActor(&v.Link, &v.Person, &v.Account)
	for _, i := range items {
		p, err := tx.FindPlan(ctx, t.Account, i.Plan)
		if err != nil {
			return false, err
		}
		seen, err := c.may(ctx, tx, a, p.right("plan.view"), Object{"version", i.Version})
		if err = unlessGone(err); err != nil || seen.Allowed {
			return seen.Allowed, err
		}
	}
	return false, nil
}

// unlessGone takes "not found" for an answer, not for trouble.
func unlessGone(err error) error {
	if KindOf(err) == NotFound {
		return nil
	}
	return err
}

func confirmedBy(ctx context.Context, tx Tx, l *Link, plans []SentPlan) (ids []ID, err error) {
	var versions []ID
	for i := range plans {
		versions = append(versions, plans[i].Version.ID)
	}
	all, err := tx.ListPlanReceipts(ctx, l.Account, versions...)
	for _, r := range all {
		if r.Person == l.Person {
			ids = append(ids, r.Version)
		}
	}
	return ids, err
}

// ConfirmReceipt writes down that the addressee says to have these indices
// (evidence, never on behalf of another). Doing so twice changes nothing, and
// what a program says is Invalid "receipt.machine".
func (c *Core) ConfirmReceipt(ctx context.Context, token, ip string, versions []ID, by Visitor) error {
	if len(versions) == 0 {
		return Fail(Invalid, "receipt.nothing")
	}
	v, err := c.VisitLink(ctx, DownloadLink, token, ip)
	if err != nil {
		return err
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.liveLink(ctx, tx, &v, ip); err != nil {
			return err
		}
		if err := c.byNoMachine(ctx, tx, &v.Link, by); err != nil {
			return err
		}
		a := linkActor(&v.Link, &v.Person, &v.Account)
		a.IP = ip
		s, err := c.sendingOf(ctx, tx, a)
		if err != nil {
			return err
		}
		any := false
		for i := range s.Plans {
			p := &s.Plans[i]
			if !slices.Contains(versions, p.Version.ID) || p.Version.State != Current {
				continue
			}
			any = true
			if err := c.confirm(ctx, tx, a, &p.Plan, &p.Version); err != nil {
				return err
			}
		}
		if !any {
			return Fail(NotFound, "version.unknown")
		}
		return c.noteLink(ctx, tx, &v.Link, LinkReceipt, v.Person.ID, by)
	})
	return err
}

// byNoMachine refuses what a program says that fills in forms: a receipt is the
// word of a person. Whoever calls has seen that the page was looked at.
func (c *Core) byNoMachine(ctx context.Context, tx Tx, l *Link, by Visitor) (err error) {
	e := Evidence{Visitor: by, At: c.Now(), Opened: c.Now().Add(-lookTime)}
	if e.Probed, err = c.probed(ctx, tx, l, networkOf(by.IP)); err != nil {
		return err
	}
	if class, _ := e.Class(); class == VisitScanner {
		return Fail(Invalid, "receipt.machine")
	}
	return nil
}

// ConfirmVersion is ConfirmReceipt for who has a session.
func (c *Core) ConfirmVersion(ctx context.Context, a *Actor, version ID) (p Plan, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		var v Version
		if v, p, err = findIndex(ctx, tx, a.Account.ID, version); err != nil {
			return err
		}
		return c.confirm(ctx, tx, a, &p, &v)
	})
	return p, err
}

func (c *Core) confirm(ctx context.Context, tx Tx, a *Actor, p *Plan, v *Version) error {
	if err := c.require(ctx, tx, a, "plan.confirm_receipt", v.object()); err != nil {
		return err
	}
	r := PlanReceipt{Account: v.Account, Version: v.ID, Person: a.Person.ID, At: tx.Now(), Link: a.Link.ID, How: "page"}
	fresh, err := tx.CreatePlanReceipt(ctx, &r)
	if err != nil || !fresh {
		return err
	}
	h := Holder{Account: r.Account, Plan: p.ID, Person: r.Person, Version: r.Version, Position: v.Position, Since: r.At, How: "receipt"}
	if err := tx.RaiseHolders(ctx, h); err != nil {
		return err
	}
	return c.note(ctx, tx, a, "plan.receipt", p.object(), "plan", p.Name(), "index", v.Index)
}

// renewable tells how long a new link to the same plans lives, for the addressee of one that has expired.
func (c *Core) renewable(ctx context.Context, tx Tx, a *Actor) (time.Duration, error) {
	t, err := tx.FindTransmittal(ctx, a.Account.ID, a.Link.Object)
	if err != nil {
		return 0, err
	}
	project, err := tx.FindProject(ctx, t.Account, t.Project)
	if err != nil {
		return 0, err
	}
	return project.LinkLife(), c.require(ctx, tx, a, "link.request_new", t.object())
}
