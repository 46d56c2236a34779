package core

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
)

// UserCard is what others may change of a member of staff (user.edit).
type UserCard struct {
	Name string
	// Code is a licence number or the like; Color one of the Palette, empty for the default; Phone as people write it.
	Code, Color, Phone string
	// Locale and Zone may be empty: then the account's count.
	Locale, Zone string
	// Manager is the user this one answers to; empty for none.
	Manager ID
}

// CardOf is a person's card as it stands.
func CardOf(p *Person) UserCard {
	return UserCard{Name: p.Name, Code: p.Code, Color: p.Color, Phone: p.Phone, Locale: p.Locale, Zone: p.Zone, Manager: p.Manager}
}

// EditUser changes the card of a member of staff. Conflict "person.manager_cycle"
// when somebody would answer to himself in the end.
func (c *Core) EditUser(ctx context.Context, a *Actor, id ID, n UserCard) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.staffMember(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "user.edit", Object{"person", id}); err != nil {
			return err
		}
		n, err := checkCard(n)
		if err != nil {
			return err
		}
		if n.Locale != p.Locale {
			if err := a.Account.checkLocale(n.Locale); err != nil {
				return err
			}
		}
		if n.Manager != p.Manager {
			if err := c.checkManager(ctx, tx, &p, n.Manager); err != nil {
				return err
			}
		}
		return c.writeCard(ctx, tx, a, &p, n, "user.edit")
	})
}

// Profile is what people set for themselves.
type Profile struct {
	Name string
	// Locale and Zone may be empty: then the account's count.
	Locale, Zone string
	Color, Phone string
}

// SetProfile changes the actor's own name, language, time zone, colour and telephone.
func (c *Core) SetProfile(ctx context.Context, a *Actor, n Profile) error {
	card, err := checkCard(UserCard{Name: n.Name, Locale: n.Locale, Zone: n.Zone, Color: n.Color, Phone: n.Phone})
	if err != nil {
		return err
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "user.profile.edit", Object{"person", a.Person.ID}); err != nil {
			return err
		}
		p, err := tx.FindPerson(ctx, a.Account.ID, a.Person.ID)
		if err != nil {
			return err
		}
		// Code and superior are never one's own to choose.
		own := card
		if own.Locale != p.Locale {
			if err := a.Account.checkLocale(own.Locale); err != nil {
				return err
			}
		}
		own.Code, own.Manager = p.Code, p.Manager
		return c.writeCard(ctx, tx, a, &p, own, "user.profile")
	})
}

// staffMember is a user who is still there; others are not found by this road.
func (c *Core) staffMember(ctx context.Context, tx Tx, a *Actor, id ID) (Person, error) {
	p, err := tx.FindPerson(ctx, a.Account.ID, id)
	if err == nil && (!p.Staff() || p.Status == Deleted) {
		err = Fail(NotFound, "person.unknown")
	}
	return p, err
}

func (c *Core) writeCard(ctx context.Context, tx Tx, a *Actor, p *Person, n UserCard, code string) error {
	changes := []Change{{"name", p.Name, n.Name}, {"code", p.Code, n.Code}, {"color", p.Color, n.Color}, {"phone", p.Phone, n.Phone},
		{"locale", p.Locale, n.Locale}, {"zone", p.Zone, n.Zone}, {"manager", string(p.Manager), string(n.Manager)}}
	p.Name, p.Code, p.Color, p.Phone, p.Locale, p.Zone, p.Manager = n.Name, n.Code, n.Color, n.Phone, n.Locale, n.Zone, n.Manager
	if err := tx.UpdatePerson(ctx, p); err != nil {
		return err
	}
	return c.noteChanges(ctx, tx, a, code, Object{"person", p.ID}, changes)
}

func checkCard(n UserCard) (UserCard, error) {
	n.Name, n.Code = oneLine(n.Name), cut(oneLine(n.Code), 60)
	if n.Name == "" {
		return n, Fail(Invalid, "person.name")
	}
	if _, err := time.LoadLocation(n.Zone); err != nil {
		return n, Fail(Invalid, "zone", "zone", oneLine(n.Zone))
	}
	var err error
	if n.Color, err = checkColor(n.Color); err != nil {
		return n, err
	}
	n.Phone, err = checkPhone(n.Phone)
	return n, err
}

// checkPhone takes what people write as a telephone number; it is never dialled by us.
func checkPhone(s string) (string, error) {
	s = oneLine(s)
	digits := strings.IndexFunc(s, unicode.IsDigit) >= 0
	odd := strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) && !strings.ContainsRune("+-/(). #*,xX", r) })
	if s != "" && (!digits || odd || len(s) > 60) {
		return "", Fail(Invalid, "person.phone", "phone", cut(s, 60))
	}
	return s, nil
}

// checkManager sees that a superior is of the staff and does not answer to p.
func (c *Core) checkManager(ctx context.Context, tx Tx, p *Person, manager ID) error {
	seen := []ID{p.ID}
	for next := manager; next != ""; {
		if slices.Contains(seen, next) {
			return Fail(Conflict, "person.manager_cycle")
		}
		seen = append(seen, next)
		m, err := tx.FindPerson(ctx, p.Account, next)
		if err != nil || !m.Staff() || next == manager && m.Status != Active && m.Status != Pending {
			return firstError(err, Fail(Invalid, "person.gone"))
		}
		next = m.Manager
	}
	return nil
}

// fillStaff reads what only the page of a member of staff tells.
func fillStaff(ctx context.Context, tx Tx, v *PersonView) (err error) {
	if !v.Person.Staff() {
		return nil
	}
	if v.Team, err = tx.TeamOf(ctx, v.Person.Account, v.Person.ID); err != nil || v.Person.Deputy == "" {
		return err
	}
	v.Deputy, err = tx.FindPerson(ctx, v.Person.Account, v.Person.Deputy)
	return err
}
