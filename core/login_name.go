package core

import (
	"context"
	"regexp"
	"strings"
	"time"
)

// loginName never has an @, so that it is no address of anybody.
var loginName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{2,39}$`)

// LoginName is the name with which a person signs in besides the address; empty for none.
func (c *Core) LoginName(ctx context.Context, a *Actor, person ID) (name string, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		p, err := c.loginHolder(ctx, tx, a, person)
		if err != nil || p.Identity == "" {
			return err
		}
		login, err := tx.FindIdentityByID(ctx, p.Identity)
		name = login.Name
		return err
	})
	return name, err
}

// SetLoginName gives the login of a member of staff a name that works beside
// the address, or takes it away when empty. Names are unique on the host.
// Outsiders sign in by e-mail only.
func (c *Core) SetLoginName(ctx context.Context, a *Actor, person ID, name string) error {
	name = strings.ToLower(strings.TrimSpace(name))
	if name != "" && !loginName.MatchString(name) {
		return Fail(Invalid, "login_name", "name", oneLine(name))
	}
	// Asking for many names would tell which exist on the host.
	if ok, _ := c.limiter.Allow(ctx, "loginname:"+string(a.Account.ID)+string(a.Person.ID), 10, time.Minute); !ok {
		return Fail(Limited, "login_name.limited")
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.loginHolder(ctx, tx, a, person)
		if err != nil {
			return err
		}
		if p.Identity == "" {
			return Fail(Conflict, "login_name.nologin")
		}
		login, err := tx.FindIdentityByID(ctx, p.Identity)
		if err != nil {
			return err
		}
		if other, err := tx.FindIdentity(ctx, name); name != "" && err == nil && other.ID != login.ID {
			return Fail(Conflict, "login_name.taken", "name", name)
		} else if err != nil && KindOf(err) != NotFound {
			return err
		}
		if err := tx.SetLoginName(ctx, login.ID, name); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "user.login_name", Object{"person", person}, []Change{{"login_name", login.Name, name}})
	})
}

func (c *Core) loginHolder(ctx context.Context, tx Tx, a *Actor, person ID) (Person, error) {
	p, err := tx.FindPerson(ctx, a.Account.ID, person)
	if err != nil {
		return p, err
	}
	if err := c.require(ctx, tx, a, "user.login_name.set", Object{"person", person}); err != nil {
		return p, err
	}
	if !p.Staff() {
		return p, Fail(Forbidden, "login_name.outside")
	}
	return p, nil
}
