package core

import (
	"context"
	"time"
)

// Viewing is one person looking through another's eyes, to see what he sees
// (requirement S6). It shows and changes nothing.
type Viewing struct {
	Account, ID ID
	// Viewer looks, Person is looked at.
	Viewer, Person             ID
	StartedAt, EndsAt, EndedAt time.Time
	// Pages is how many pages were shown. Filled by List.
	Pages int64
}

// Until is when the viewing was or will be over.
func (v *Viewing) Until() time.Time {
	if v.EndedAt.IsZero() {
		return v.EndsAt
	}
	return v.EndedAt
}

// ViewedPage is how often an address was shown in one viewing.
type ViewedPage struct {
	Path            string
	Number          int64
	FirstAt, LastAt time.Time
}

// ViewingTx reads and writes viewings.
type ViewingTx interface {
	CreateViewing(ctx context.Context, v *Viewing) error
	// FindViewing: NotFound "viewing.unknown".
	FindViewing(ctx context.Context, account, id ID) (Viewing, error)
	EndViewing(ctx context.Context, account, id ID, at time.Time) error
	// ListViewings gives those of which person was looked at, the newest first.
	ListViewings(ctx context.Context, account, person ID, limit int) ([]Viewing, error)
	// SetSessionView begins a session's viewing, or ends it with an empty one.
	SetSessionView(ctx context.Context, session string, viewing ID, until time.Time) error
	CountViewedPage(ctx context.Context, viewing ID, path string, at time.Time) error
	ListViewedPages(ctx context.Context, viewing ID, limit int) ([]ViewedPage, error)
}

// viewingLife is how long one looks; who needs longer begins again, and is logged again.
const viewingLife = 30 * time.Minute

// StartViewing lets the actor's session see everything as person sees it.
func (c *Core) StartViewing(ctx context.Context, a *Actor, person ID) error {
	if a.ViewedBy != nil { // no looking through eyes that are borrowed
		return Fail(Forbidden, "forbidden")
	}
	return c.inTxAndWake(ctx, func(tx Tx) error {
		p, err := tx.FindPerson(ctx, a.Account.ID, person)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "account.impersonate", Object{"person", person}); err != nil {
			return err
		}
		if a.Session == "" || !hasEyes(&p) || p.ID == a.Person.ID {
			return Fail(Conflict, "viewing.nobody")
		}
		v := Viewing{Account: p.Account, ID: NewID(), Viewer: a.Person.ID, Person: p.ID, StartedAt: c.Now(), EndsAt: c.Now().Add(viewingLife)}
		if err := tx.CreateViewing(ctx, &v); err != nil {
			return err
		}
		if err := tx.SetSessionView(ctx, a.Session, v.ID, v.EndsAt); err != nil {
			return err
		}
		// Told at the beginning: nothing that happens later can leave it out.
		if err := c.oweNotice(ctx, tx, p.Account, p.ID, "viewed", "who", a.Person.Name); err != nil {
			return err
		}
		return c.noteViewing(ctx, tx, a, &a.Person, "viewing.start", &p)
	})
}

// hasEyes tells whether a person can see anything at all.
func hasEyes(p *Person) bool {
	return p.Status == Active && p.BlockedAt.IsZero() && (p.Staff() || p.Access == BasicAccess || p.Access == AdvancedAccess)
}

// EndViewing gives the session back to who holds it.
func (c *Core) EndViewing(ctx context.Context, a *Actor) error {
	if a.ViewedBy == nil {
		return Fail(Conflict, "viewing.none")
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := tx.EndViewing(ctx, a.Account.ID, a.Viewing, c.Now()); err != nil {
			return err
		}
		if err := tx.SetSessionView(ctx, a.Session, "", time.Time{}); err != nil {
			return err
		}
		return c.noteViewing(ctx, tx, a, a.ViewedBy, "viewing.end", &a.Person)
	})
}

// leaveViewing ends the viewing of a session that goes over to another account.
func (c *Core) leaveViewing(ctx context.Context, tx Tx, s *Session) error {
	if s.View == "" {
		return nil
	}
	if err := tx.SetSessionView(ctx, s.ID, "", time.Time{}); err != nil {
		return err
	}
	v, err := tx.FindViewing(ctx, s.Account, s.View)
	if err != nil || !v.EndedAt.IsZero() || !c.Now().Before(v.EndsAt) {
		return err
	}
	viewer, err := tx.FindPerson(ctx, s.Account, v.Viewer)
	if err != nil {
		return err
	}
	viewed, err := tx.FindPerson(ctx, s.Account, v.Person)
	if err != nil {
		return err
	}
	if err := tx.EndViewing(ctx, s.Account, v.ID, c.Now()); err != nil {
		return err
	}
	return c.noteViewing(ctx, tx, &Actor{Via: "page", Auth: s.Auth}, &viewer, "viewing.end", &viewed)
}

// noteViewing writes both names into the change log.
func (c *Core) noteViewing(ctx context.Context, tx Tx, a *Actor, viewer *Person, code string, p *Person) error {
	return tx.AppendLog(ctx, &LogEntry{ID: NewID(), Account: p.Account, At: tx.Now(), Actor: viewer.ID, Via: a.Via, Auth: a.Auth,
		Code: code, Object: "person", ObjectID: p.ID, Behalf: p.ID, Params: []string{"who", viewer.Name, "person", p.Name}})
}

// NoteViewed counts that a page was shown to who looks through another's eyes.
func (c *Core) NoteViewed(ctx context.Context, a *Actor, path string) error {
	if a.ViewedBy == nil {
		return nil
	}
	c.log.Info("viewed as another", "account", a.Account.ID, "viewer", a.ViewedBy.ID, "viewer_name", a.ViewedBy.Name, "person", a.Person.ID, "person_name", a.Person.Name, "path", path)
	return c.store.InTx(ctx, func(tx Tx) error { return tx.CountViewedPage(ctx, a.Viewing, cut(path, 200), c.Now()) })
}

// ViewingItem is a viewing with the viewer's name and what was seen.
type ViewingItem struct {
	Viewing
	ViewerName string
	Seen       []ViewedPage
}

// Viewings tells the actor who looked through his eyes, the newest first.
func (c *Core) Viewings(ctx context.Context, a *Actor) (items []ViewingItem, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		items = nil
		if err := c.require(ctx, tx, a, "user.profile.edit", Object{"person", a.Person.ID}); err != nil {
			return err
		}
		list, err := tx.ListViewings(ctx, a.Account.ID, a.Person.ID, 20)
		if err != nil {
			return err
		}
		for _, v := range list {
			viewer, err := tx.FindPerson(ctx, v.Account, v.Viewer)
			if err != nil {
				return err
			}
			seen, err := tx.ListViewedPages(ctx, v.ID, 200)
			if err != nil {
				return err
			}
			items = append(items, ViewingItem{v, viewer.Name, seen})
		}
		return nil
	})
	return items, err
}

// borrow turns the actor of a session into who he looks through, as long as
// he still may: his right is asked at every request, like any other.
func (c *Core) borrow(ctx context.Context, tx Tx, a *Actor, s *Session) error {
	if s.View == "" || !c.Now().Before(s.ViewUntil) {
		return nil
	}
	v, err := tx.FindViewing(ctx, s.Account, s.View)
	if err != nil || v.Viewer != s.Person || !v.EndedAt.IsZero() {
		return err
	}
	p, err := tx.FindPerson(ctx, s.Account, v.Person)
	if err != nil {
		return err
	}
	ans, err := c.may(ctx, tx, a, "account.impersonate", Object{"person", p.ID})
	if err != nil || !ans.Allowed || !hasEyes(&p) {
		return err
	}
	viewer := a.Person
	a.Person, a.ViewedBy, a.Viewing, a.ViewUntil = p, &viewer, v.ID, s.ViewUntil
	a.Gates.ViewingAs = true
	return nil
}
