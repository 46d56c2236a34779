package core

import (
	"context"
	"slices"

	"planpost/core/access"
)

// TransmittalLetter brings one person the link to what was sent; Delivery.Link is the row.
const TransmittalLetter LetterKind = "transmittal"

// SentPlan is one index that was sent, with the files that went along.
type SentPlan struct {
	Plan    Plan
	Version Version
	Files   []PlanFile
	// MayFetch tells that the files can be had now; Now is the index that took its place, zero when none did.
	MayFetch bool
	Now      Version
	// NowURL leads to Now, without the host, where the addressee may have it.
	NowURL string
}

// Sending is a transmittal as one of its recipients sees it.
type Sending struct {
	Transmittal
	Project Project
	Plans   []SentPlan
}

// wayToCurrent leads the addressee of a link to the current index: to the
// plan's page, who signs in and may have it, others to the newest of their own
// links that carries it. It is empty where there is none.
func (c *Core) wayToCurrent(ctx context.Context, tx Tx, a *Actor, p *Plan, now *Version) (string, error) {
	if now.ID == "" {
		return "", nil
	}
	if a.Person.signsIn() {
		member := &Actor{Person: a.Person, Account: a.Account, Via: a.Via}
		if got, err := c.may(ctx, tx, member, p.right("plan.download_current"), now.object()); err != nil || got.Allowed {
			return "/plans/" + string(p.ID), unlessGone(err)
		}
	}
	l, err := c.linkToPlan(ctx, tx, p, a.Person.ID)
	if err != nil || l.ID == "" || l.ID == a.Link.ID {
		return "", err
	}
	items, err := tx.TransmittalItems(ctx, p.Account, l.Object)
	if err != nil || !slices.ContainsFunc(items, func(i TransmittalItem) bool { return i.Version == now.ID }) {
		return "", err
	}
	return l.Kind.Path() + c.keys.LinkToken(l.Kind, l.ID, l.Generation), nil
}

// readSending reads what a TransmittalLetter tells, and asks again for every plan.
func (c *Core) readSending(ctx context.Context, tx Tx, l *Letter) error {
	err := c.readLinkLetter(ctx, tx, l)
	if err != nil {
		return err
	}
	if l.Sending, err = c.sendingOf(ctx, tx, linkActor(&l.Link, &l.Person, &l.Account)); err != nil {
		return err
	}
	l.Project = l.Sending.Project
	switch {
	case !l.Sending.RecalledAt.IsZero():
		return Fail(Conflict, reasonRecalled)
	case len(l.Sending.Plans) == 0:
		return Fail(Conflict, "delivery.right")
	}
	return nil
}

// linkActor is the addressee of a link as far as it carries.
func linkActor(l *Link, p *Person, of *Account) *Actor {
	return &Actor{Person: *p, Account: *of, Via: "page", Auth: "link", Link: *l, Gates: access.Gates{Link: access.LinkActive}}
}

// sendingOf reads what the actor's link carries: only the plans that he may
// still know of. Those whose index is not current any more are among them,
// without a way to their files.
func (c *Core) sendingOf(ctx context.Context, tx Tx, a *Actor) (s Sending, err error) {
	if s.Transmittal, err = tx.FindTransmittal(ctx, a.Account.ID, a.Link.Object); err != nil {
		return s, err
	}
	if s.Project, err = tx.FindProject(ctx, a.Account.ID, s.Transmittal.Project); err != nil {
		return s, err
	}
	items, err := tx.TransmittalItems(ctx, a.Account.ID, s.ID)
	if err != nil {
		return s, err
	}
	var ids []ID
	for _, i := range items {
		one := SentPlan{}
		if one.Version, err = tx.FindVersion(ctx, a.Account.ID, i.Version); err != nil {
			return s, err
		}
		if one.Plan, err = tx.FindPlan(ctx, a.Account.ID, i.Plan); err != nil {
			return s, err
		}
		seen, err := c.may(ctx, tx, a, one.Plan.right("plan.view"), one.Version.object())
		if err = unlessGone(err); err != nil {
			return s, err
		}
		if !seen.Allowed {
			continue
		}
		if one.Version.State == Superseded {
			if one.Now, err = currentVersion(ctx, tx, &one.Plan); err != nil {
				return s, err
			}
			if one.NowURL, err = c.wayToCurrent(ctx, tx, a, &one.Plan, &one.Now); err != nil {
				return s, err
			}
		}
		one.MayFetch = one.Version.State == Current
		if one.MayFetch {
			got, err := c.may(ctx, tx, a, one.Plan.right("plan.download_current"), one.Version.object())
			if err != nil {
				return s, err
			}
			one.MayFetch = got.Allowed
		}
		s.Plans, ids = append(s.Plans, one), append(ids, i.Version)
	}
	files, err := tx.ListPlanFiles(ctx, a.Account.ID, ids...)
	if err != nil {
		return s, err
	}
	for i := range s.Plans {
		for _, f := range files {
			if f.Version == s.Plans[i].Version.ID && (!s.PrintOnly || f.Class == PrintFile) {
				s.Plans[i].Files = append(s.Plans[i].Files, f)
			}
		}
	}
	return s, nil
}
