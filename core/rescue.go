package core

import "context"

// What is mended on the host when nobody can mend it in the pages any more. It
// needs a shell there; the log says so, and everybody concerned is told.

// ReplaceAdministrator puts a member of staff in the place of an owner or
// administrator who is gone: old becomes an employee and is signed out. It is
// the operator's deed alone (requirements.md A10).
func (c *Core) ReplaceAdministrator(ctx context.Context, a *Actor, old, next ID) error {
	if !a.Operator {
		return Fail(Forbidden, "forbidden")
	}
	err := c.inTxAndWake(ctx, func(tx Tx) error {
		was, err := tx.FindPerson(ctx, a.Account.ID, old)
		if err != nil {
			return err
		}
		if was.Role != Owner && was.Role != Administrator || !was.Staff() {
			return Fail(Conflict, "replace.administrator", "name", was.Name)
		}
		heir, err := tx.FindPerson(ctx, a.Account.ID, next)
		if err != nil {
			return err
		}
		if !canSignIn(&heir) || heir.ID == was.ID {
			return Fail(Conflict, "owner.cannot", "name", heir.Name)
		}
		if heir.Role == Owner || heir.Role == was.Role {
			return Fail(Conflict, "replace.already", "name", heir.Name)
		}
		role, before := was.Role, heir.Role
		if err := c.succeed(ctx, tx, &was, &heir); err != nil {
			return err
		}
		params := []string{"from", was.Name, "to", heir.Name, "account", a.Account.Name}
		if err := c.oweNotice(ctx, tx, was.Account, was.ID, "replaced", params...); err != nil {
			return err
		}
		if err := c.tellAdministrators(ctx, tx, a.Account.ID, "replaced.admins", params); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "account.replace", Object{"person", heir.ID},
			[]Change{{string(role), string(was.ID), string(heir.ID)}, {"role", string(before), string(role)}})
	})
	if err == nil {
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}

// succeed gives heir the role of was, who is signed out.
func (c *Core) succeed(ctx context.Context, tx Tx, was, heir *Person) error {
	if err := tx.DeleteSessionsOfPerson(ctx, was.ID); err != nil {
		return err
	}
	if was.Role == Owner {
		return c.giveAccount(ctx, tx, was, heir, Employee)
	}
	was.Role, heir.Role = Employee, Administrator
	if err := tx.UpdatePerson(ctx, was); err != nil {
		return err
	}
	return tx.UpdatePerson(ctx, heir)
}

// GivePassword sets the password of somebody who lost it while no mail goes
// out. All sessions end and a second factor is asked as ever. A login may lead
// to several accounts: each of them learns of it, for it opens each.
func (c *Core) GivePassword(ctx context.Context, a *Actor, person ID, password string) error {
	if !a.Operator {
		return Fail(Forbidden, "forbidden")
	}
	var p Person
	var login Identity
	err := c.store.View(ctx, func(tx Tx) (err error) {
		if p, err = tx.FindPerson(ctx, a.Account.ID, person); err != nil {
			return err
		}
		if p.Identity == "" {
			return Fail(Conflict, "password.nologin", "name", p.Name)
		}
		login, err = tx.FindIdentityByID(ctx, p.Identity)
		return err
	})
	if err != nil {
		return err
	}
	if err := c.longEnough(ctx, login.ID, &a.Account, password); err != nil {
		return err
	}
	hash, err := c.cfg.PasswordCost.hash(password, p.Name, a.Account.Name, login.Login)
	if err != nil {
		return err
	}
	var people []Person
	err = c.inTxAndWake(ctx, func(tx Tx) error {
		if err := tx.UpdatePassword(ctx, login.ID, hash); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, login.ID); err != nil {
			return err
		}
		if err := c.endResets(ctx, tx, login.ID, ""); err != nil {
			return err
		}
		if people, err = tx.PeopleOfIdentity(ctx, login.ID); err != nil {
			return err
		}
		for i := range people {
			if err := c.tellGiven(ctx, tx, &people[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		for i := range people {
			c.bus.Publish(DoorTopic(people[i].Account))
		}
	}
	return err
}

// tellGiven says in one account that somebody there has a password from the host.
func (c *Core) tellGiven(ctx context.Context, tx Tx, p *Person) error {
	account, err := tx.FindAccount(ctx, p.Account)
	if err != nil {
		return err
	}
	if err := c.oweNotice(ctx, tx, p.Account, p.ID, "password.given"); err != nil {
		return err
	}
	if err := c.tellAdministrators(ctx, tx, p.Account, "password.given.admins", []string{"person", p.Name}, p.ID); err != nil {
		return err
	}
	return c.note(ctx, tx, OperatorOf(account), "user.password.given", Object{"person", p.ID})
}
