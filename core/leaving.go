package core

import (
	"context"
	"strconv"

	"planpost/core/access"
)

// Tombstone stands in the place of a deleted person's name. It is one
// character of private use that no name can hold; the doors put words for it
// in the reader's language (templates.Bury).
const Tombstone = "\ue0de"

// Leaving says what becomes of the open work of somebody who is set inactive.
type Leaving struct {
	// Items go to To first.
	Items []WorkRef
	To    ID
	// Leave lets what is then still open stay with the person.
	Leave bool
}

// Deactivate ends somebody's work here: sessions and links die, no mail goes
// out to him. What he did stays under his name. Conflict "work.open" while
// something is open that was neither moved nor explicitly left. It can be
// taken back (Reactivate); ended links stay ended.
func (c *Core) Deactivate(ctx context.Context, a *Actor, person ID, n Leaving) error {
	m := mover{core: c, actor: a, to: n.To}
	err := c.store.InTx(ctx, func(tx Tx) error {
		m.moved = nil
		p, err := c.leaver(ctx, tx, a, person, "user.deactivate")
		if err != nil {
			return err
		}
		if p.Status == Inactive {
			return Fail(Conflict, "user.inactive")
		}
		m.from = p
		if len(n.Items) > 0 {
			if err := m.move(ctx, tx, n.Items); err != nil {
				return err
			}
		}
		if !n.Leave {
			if err := c.nothingOpen(ctx, tx, &p); err != nil {
				return err
			}
		}
		was := p.Status
		p.Status = Inactive
		if err := c.endAll(ctx, tx, &p, "inactive"); err != nil {
			return err
		}
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "user.deactivate", Object{"person", person}, []Change{{"status", was, Inactive}})
	})
	if err == nil {
		m.tell()
	}
	return err
}

// Reactivate lets an inactive member of staff work again, signing in as before.
func (c *Core) Reactivate(ctx context.Context, a *Actor, person ID) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.leaver(ctx, tx, a, person, "user.deactivate")
		if err != nil {
			return err
		}
		if p.Status != Inactive {
			return Fail(Conflict, "user.active")
		}
		p.Status = Active
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "user.reactivate", Object{"person", person}, []Change{{"status", Inactive, Active}})
	})
}

// DeleteUser leaves of somebody only a tombstone where the name stood. The
// addresses and the login become free, and lead to nothing of the old; what
// the person did stays. Conflict "user.still_active" before Deactivate.
func (c *Core) DeleteUser(ctx context.Context, a *Actor, person ID) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.leaver(ctx, tx, a, person, "user.delete")
		if err != nil {
			return err
		}
		if p.Status == Active {
			return Fail(Conflict, "user.still_active")
		}
		if p.Status == Pending {
			if err := c.nothingOpen(ctx, tx, &p); err != nil {
				return err
			}
		}
		return c.bury(ctx, tx, a, &p, "user.delete")
	})
}

// leaver is a member of staff whom the actor may take out. The owner stays
// whatever the right says, and so does the last who can administer: the
// operator, who is asked no rights, must not lock an account either (U13).
func (c *Core) leaver(ctx context.Context, tx Tx, a *Actor, person ID, action access.Action) (Person, error) {
	p, err := c.staffMember(ctx, tx, a, person)
	if err != nil {
		return p, err
	}
	if err := c.require(ctx, tx, a, action, Object{"person", person}); err != nil {
		return p, err
	}
	if p.Role == Owner {
		return p, Fail(Conflict, "user.owner")
	}
	if p.Role == Administrator {
		owner, err := tx.OwnerOf(ctx, p.Account)
		if err != nil && KindOf(err) != NotFound {
			return p, err
		}
		if err != nil || owner.Status != Active || !owner.BlockedAt.IsZero() {
			return p, c.anotherAdministrator(ctx, tx, &p)
		}
	}
	return p, nil
}

// anotherAdministrator demands one besides p who can act.
func (c *Core) anotherAdministrator(ctx context.Context, tx Tx, p *Person) error {
	n, err := tx.CountAdministrators(ctx, p.Account, p.ID)
	if err == nil && n == 0 {
		err = Fail(Conflict, "user.last_admin")
	}
	return err
}

func (c *Core) nothingOpen(ctx context.Context, tx Tx, p *Person) error {
	open, err := tx.OpenWorkOf(ctx, p.Account, p.ID)
	if err == nil && len(open) > 0 {
		err = Fail(Conflict, "work.open", "number", strconv.Itoa(len(open)))
	}
	return err
}

// endAll ends the sessions of a person and all links made for him. Where else
// the login leads to, it goes on: no account ends anything in another.
func (c *Core) endAll(ctx context.Context, tx Tx, p *Person, reason string) error {
	if err := tx.RevokeLinksOf(ctx, p.Account, p.ID, reason, tx.Now()); err != nil {
		return err
	}
	if err := tx.EndGuestSessions(ctx, EndFilter{Account: p.Account, Person: p.ID}); err != nil {
		return err
	}
	return tx.DeleteSessionsOfPerson(ctx, p.ID)
}

// bury makes a tombstone of a person. A login that leads to nobody else goes
// with it: who gets the address later must find nothing to link to.
func (c *Core) bury(ctx context.Context, tx Tx, a *Actor, p *Person, code string) error {
	if err := c.endAll(ctx, tx, p, "deleted"); err != nil {
		return err
	}
	if err := tx.FreeAddresses(ctx, p.Account, p.ID); err != nil {
		return err
	}
	login, was := p.Identity, p.Status
	p.Status, p.DeletedAt, p.Name, p.Identity = Deleted, tx.Now(), Tombstone, ""
	p.Phone, p.Code, p.Deputy, p.AwayFrom, p.AwayUntil, p.Caps = "", "", "", "", "", nil
	if err := tx.UpdatePerson(ctx, p); err != nil {
		return err
	}
	if login != "" {
		others, err := tx.PeopleOfIdentity(ctx, login)
		if err != nil {
			return err
		}
		if len(others) == 0 {
			if err := tx.DeleteIdentity(ctx, login); err != nil {
				return err
			}
		}
	}
	return c.noteChanges(ctx, tx, a, code, Object{"person", p.ID}, []Change{{"status", was, Deleted}})
}
