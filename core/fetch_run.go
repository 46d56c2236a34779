package core

import (
	"context"
	"io"
	"slices"
	"time"
)

// Fetching is an order that is being sent.
type Fetching struct {
	Order Order
	rows  []Fetch
}

// BeginFetch writes down that somebody fetches what was ordered: a line for
// each index. Opened is when the page was shown whose mark the browser brought
// back, zero where it brought none.
func (c *Core) BeginFetch(ctx context.Context, o *Order, by Visitor, opened time.Time) (*Fetching, error) {
	f := &Fetching{Order: *o}
	now := c.Now()
	err := c.store.InTx(ctx, func(tx Tx) error {
		f.rows = nil
		e := Evidence{Visitor: by, At: now, Opened: opened, Session: o.Link.ID == ""}
		if !e.Session {
			d, _, err := tx.LetterOf(ctx, o.Account, o.Link.ID)
			if err != nil {
				return err
			}
			e.Sent = d.DoneAt
			before, err := tx.ListFetches(ctx, o.Account, FetchFilter{Link: o.Link.ID, Limit: 50})
			if err != nil {
				return err
			}
			e.Together = together(before, networkOf(by.IP), now)
			if e.Probed, err = c.probed(ctx, tx, &o.Link, networkOf(by.IP)); err != nil {
				return err
			}
		}
		class, reasons := e.Class()
		reason := ""
		if len(reasons) > 0 {
			reason = reasons[0]
		}
		for i := range o.Files {
			file := &o.Files[i]
			if n := slices.IndexFunc(f.rows, func(r Fetch) bool { return r.Version == file.PlanFile.Version }); n >= 0 {
				f.rows[n].Size += file.Size
				continue
			}
			r := Fetch{ID: NewID(), Account: o.Account, Plan: file.Plan.ID, Version: file.PlanFile.Version, Person: o.Person.ID, Link: o.Link.ID, Transmittal: o.Transmittal,
				At: now, Class: string(class), Reason: reason, Size: file.Size, Agent: agentOf(by.Agent), Network: networkOf(by.IP)}
			if !o.Archive {
				r.File = file.ID
			}
			f.rows = append(f.rows, r)
		}
		return tx.CreateFetches(ctx, f.rows...)
	})
	return f, err
}

// together counts the other files that came from one network just before, each click for itself.
func together(before []Fetch, network string, now time.Time) int {
	var files []ID
	for i := range before {
		if f := &before[i]; f.Network == network && now.Sub(f.At) < burstWindow && !slices.Contains(files, f.File) {
			files = append(files, f.File)
		}
	}
	return len(files)
}

// EndFetch writes down how it ended. Who fetched all of an index, as far as
// that can be known a person, holds it from now on.
func (c *Core) EndFetch(ctx context.Context, f *Fetching, sent int64, whole, cut bool) error {
	now := c.Now()
	return c.store.InTx(ctx, func(tx Tx) error {
		left := sent
		for i := range f.rows {
			r := f.rows[i]
			r.EndedAt, r.Whole, r.Cut = now, whole, cut
			r.Sent = min(left, r.Size)
			left -= r.Sent
			if err := tx.EndFetch(ctx, &r); err != nil {
				return err
			}
			if !whole || r.Class != string(VisitPerson) {
				continue
			}
			v, err := tx.FindVersion(ctx, r.Account, r.Version)
			if err != nil {
				return err
			}
			if err := tx.RaiseHolders(ctx, Holder{Account: r.Account, Plan: r.Plan, Person: r.Person, Version: r.Version, Position: v.Position, Since: now, How: "download"}); err != nil {
				return err
			}
		}
		return nil
	})
}

// StillStands tells for each order whether it may go on being sent: running
// downloads are asked about several times a second.
func (c *Core) StillStands(ctx context.Context, orders []*Order) (ok []bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		ok = make([]bool, len(orders))
		for i, o := range orders {
			stands, err := c.orderStands(ctx, tx, o)
			if err = unlessGone(err); err != nil {
				return err
			}
			ok[i] = stands
		}
		return nil
	})
	return ok, err
}

func (c *Core) orderStands(ctx context.Context, tx Tx, o *Order) (bool, error) {
	of, err := tx.FindAccount(ctx, o.Account)
	if err != nil || !of.FrozenAt.IsZero() {
		return false, err
	}
	p, err := tx.FindPerson(ctx, o.Account, o.Person.ID)
	if err != nil || !writable(&p) {
		return false, err
	}
	if o.Link.ID != "" {
		l, err := tx.FindLink(ctx, o.Link.ID)
		if err != nil || l.Generation != o.Link.Generation || !l.RevokedAt.IsZero() {
			return false, err
		}
		return c.vaultStands(ctx, tx, o, linkActor(&l, &p, &of))
	}
	a := &Actor{Person: p, Account: of, Via: "page", Auth: "session"}
	got, err := c.may(ctx, tx, a, o.Files[0].Plan.right(o.Files[0].Version.downloadRight()), o.Files[0].Version.object())
	return got.Allowed, err
}

// vaultStands tells whether the link still opens those plans of an order that were secured meanwhile.
func (c *Core) vaultStands(ctx context.Context, tx Tx, o *Order, a *Actor) (bool, error) {
	plans := make([]ID, len(o.Files))
	for i := range o.Files {
		plans[i] = o.Files[i].Plan.ID
	}
	secured, err := tx.SecuredAmong(ctx, o.Account, distinct(plans)...)
	for _, id := range secured {
		open, err := a.coversPlan(ctx, tx, Object{"plan", id})
		if err != nil || !open {
			return false, err
		}
	}
	return true, err
}

// OrderFile is a file of a plan for who has a session.
func (c *Core) OrderFile(ctx context.Context, a *Actor, file ID) (o Order, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		f, err := tx.FindPlanFile(ctx, a.Account.ID, file)
		if err != nil {
			return err
		}
		one, err := c.orderedVersion(ctx, tx, a, f.Version)
		if err != nil {
			return err
		}
		one.PlanFile = f
		o = Order{Account: a.Account.ID, Project: one.Plan.Project, Person: a.Person, Name: f.Name, Files: []OrderedFile{one}}
		return nil
	})
	return o, err
}

// orderedVersion asks the right that the version's state demands.
func (c *Core) orderedVersion(ctx context.Context, tx Tx, a *Actor, version ID) (one OrderedFile, err error) {
	if one.Version, one.Plan, err = findIndex(ctx, tx, a.Account.ID, version); err != nil {
		return one, err
	}
	return one, c.require(ctx, tx, a, one.Plan.right(one.Version.downloadRight()), one.Version.object())
}

// OrderPlans is one archive with the current index of the plans (E8), for who
// has a session. What the actor may not fetch is left out.
func (c *Core) OrderPlans(ctx context.Context, a *Actor, project ID, plans []ID, printOnly bool) (o Order, err error) {
	if plans = distinct(plans); len(plans) > maxSentPlans {
		return o, Fail(Invalid, "transmittal.many", "most", itoa(maxSentPlans))
	}
	err = c.store.View(ctx, func(tx Tx) error {
		j, err := tx.FindProject(ctx, a.Account.ID, project)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "plan.list", Object{"project", project}); err != nil {
			return err
		}
		o = Order{Account: a.Account.ID, Project: project, Person: a.Person, Archive: true, Name: j.Name}
		items, err := tx.ListPlans(ctx, a.Viewer(), PlanFilter{Project: project, Only: plans, State: "current", Limit: maxSentPlans})
		if err != nil || len(plans) == 0 {
			return firstError(err, Fail(Invalid, "transmittal.nothing"))
		}
		for i := range items {
			one, err := c.orderedVersion(ctx, tx, a, items[i].Version.ID)
			if k := KindOf(err); k == NotFound || k == Forbidden {
				continue
			}
			if err != nil {
				return err
			}
			files, err := tx.ListPlanFiles(ctx, a.Account.ID, one.Version.ID)
			if err != nil {
				return err
			}
			for _, f := range files {
				if !printOnly || f.Class == PrintFile {
					one.PlanFile = f
					o.Files = append(o.Files, one)
				}
			}
		}
		if len(o.Files) == 0 {
			return Fail(NotFound, "plan.file_unknown")
		}
		return nil
	})
	return o, err
}

// OpenOrdered gives the bytes of a file of an order.
func (c *Core) OpenOrdered(ctx context.Context, f *OrderedFile) (io.ReadSeekCloser, error) {
	return c.files.Open(ctx, f.Account, f.Hash)
}
