package core

import (
	"context"
	"slices"

	"planpost/core/access"
	"planpost/mail"
)

// PersonView is a person's page.
type PersonView struct {
	Person  Person
	Company Company
	Manager Person
	// Team are who answer to this person; Deputy stands in for him.
	Team   []Person
	Deputy Person
	Tasks  []TaskItem
	// Unlinked tells that the contact has access, and nothing is done for its
	// company; Linkable are projects that the viewer may set it as counterparty of (X16).
	Unlinked bool
	Linkable []ProjectItem
	May      Rights
	// Blocks are the receipts of the person's blocks everywhere, for who makes them.
	Blocks []Block
}

// NewUser is a member of staff to be made.
type NewUser struct {
	Name, Address string
	// Password may be empty: such a user exists but cannot sign in.
	Password     string
	Locale, Zone string
	Role         Role
	Manager      ID
	Caps         []string
}

// People lists whom the actor may see: staff by user.view, each outsider by contact.view.
func (c *Core) People(ctx context.Context, a *Actor, f PersonFilter) (people []Person, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		users, err := c.may(ctx, tx, a, "user.view", Object{})
		if err != nil {
			return err
		}
		contacts, err := c.may(ctx, tx, a, "contact.view", Object{}, access.Open)
		if err != nil {
			return err
		}
		if !users.Allowed && !contacts.Allowed {
			return Fail(Forbidden, "forbidden")
		}
		if f.Blocked { // behind the lock
			if err := c.require(ctx, tx, a, "person.block_everywhere", Object{}); err != nil {
				return err
			}
		}
		f.Limit = pageSize(f.Limit)
		people, err = tx.ListPeople(ctx, a.Viewer(), f)
		return err
	})
	return people, err
}

// PersonByAddress finds whom an address belongs to, for the operator; NotFound
// "address.unknown" names the address, for several may have been typed.
func (c *Core) PersonByAddress(ctx context.Context, account ID, address string) (p Person, err error) {
	a, err := mail.ParseMailbox(address)
	if err != nil {
		return p, Fail(Invalid, "address", "address", oneLine(address))
	}
	err = c.store.View(ctx, func(tx Tx) error {
		p, err = tx.FindPersonByAddress(ctx, account, a.Norm())
		return err
	})
	if KindOf(err) == NotFound {
		err = Fail(NotFound, "address.unknown", "address", oneLine(address))
	}
	return p, err
}

// Addressed is PersonByAddress for an actor, who learns nothing of a contact that is hidden from him.
func (c *Core) Addressed(ctx context.Context, a *Actor, address string) (p Person, err error) {
	if p, err = c.PersonByAddress(ctx, a.Account.ID, address); err != nil {
		return p, err
	}
	err = c.store.View(ctx, func(tx Tx) error { return c.mayName(ctx, tx, a, &p) })
	if err != nil && KindOf(err) == Invalid {
		err = Fail(NotFound, "address.unknown", "address", oneLine(address))
	}
	if err != nil {
		return Person{}, err
	}
	return p, nil
}

// mayName refuses to name a contact who is hidden from the actor, as if nobody were there.
func (c *Core) mayName(ctx context.Context, tx Tx, a *Actor, p *Person) error {
	if p.Staff() || p.Visibility != VisibleParticipants {
		return nil
	}
	ans, err := c.may(ctx, tx, a, "contact.view", Object{"person", p.ID})
	if err == nil && !ans.Allowed {
		err = Fail(Invalid, "person.gone")
	}
	return err
}

// Accounts lists all accounts of the host, for the operator.
func (c *Core) Accounts(ctx context.Context) (list []Account, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = tx.ListAccounts(ctx)
		return err
	})
	return list, err
}

// Person gives one person's page.
func (c *Core) Person(ctx context.Context, a *Actor, id ID) (v PersonView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if v.Person, err = tx.FindPerson(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, viewAction(&v.Person), Object{"person", id}); err != nil {
			return err
		}
		if v.Person.Company != "" {
			if v.Company, err = tx.FindCompany(ctx, a.Account.ID, v.Person.Company); err != nil {
				return err
			}
		}
		if v.Person.Manager != "" {
			if v.Manager, err = tx.FindPerson(ctx, a.Account.ID, v.Person.Manager); err != nil {
				return err
			}
		}
		if v.Tasks, err = tx.ListTasks(ctx, a.Viewer(), TaskFilter{Related: id, Limit: 20}); err != nil {
			return err
		}
		if err := veilTasks(ctx, tx, a, v.Tasks); err != nil {
			return err
		}
		if err := fillStaff(ctx, tx, &v); err != nil {
			return err
		}
		if err := c.fillUnlinked(ctx, tx, a, &v); err != nil {
			return err
		}
		v.May, err = c.rights(ctx, tx, a, Object{"person", id}, "person.block_everywhere", "contact.edit", "contact.delete", "contact.set_visibility", "user.edit", "user.deactivate", "user.delete",
			"user.reassign_work", "user.rate.view", "user.deputy.set", "user.invite")
		if err == nil && v.May["person.block_everywhere"] {
			v.Blocks, err = tx.ListBlocks(ctx, a.Account.ID, id, "")
		}
		return err
	})
	return v, err
}

func viewAction(p *Person) access.Action {
	if p.Staff() {
		return "user.view"
	}
	return "contact.view"
}

// CreateUser makes a member of staff.
func (c *Core) CreateUser(ctx context.Context, a *Actor, n NewUser) (p Person, err error) {
	if !slices.Contains([]Role{Administrator, TechnicalAdministrator, Manager, Employee}, n.Role) {
		return p, Fail(Invalid, "role", "role", string(n.Role))
	}
	if p, err = c.newPerson(a.Account.ID, UserKind, n.Name, n.Address); err != nil {
		return p, err
	}
	if err := a.Account.checkLocale(n.Locale); err != nil {
		return p, err
	}
	p.Role, p.Locale, p.Zone, p.Manager, p.Caps, p.CreatedBy = n.Role, n.Locale, n.Zone, n.Manager, n.Caps, a.Person.ID
	var login Identity
	var proven string
	if n.Password != "" {
		// Asked again with the write; here so that nobody else learns which logins exist.
		if err := c.mayInvite(ctx, a); err != nil {
			return p, err
		}
		if proven, err = c.provenLogin(ctx, n.Address, n.Password); err != nil {
			return p, err
		}
		if proven == "" {
			if err := c.longEnough(ctx, "", &a.Account, n.Password); err != nil {
				return p, err
			}
		}
		if login, err = c.newIdentity(n.Address, n.Password, n.Name, a.Account.Name); err != nil {
			return p, err
		}
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "user.invite", Object{}); err != nil {
			return err
		}
		if n.Role == Administrator {
			if err := c.require(ctx, tx, a, "account.roles.appoint_admin", Object{}); err != nil {
				return err
			}
		}
		if n.Manager != "" {
			if manager, err := tx.FindPerson(ctx, a.Account.ID, n.Manager); err != nil || !manager.Staff() {
				return firstError(err, Fail(Invalid, "person.gone"))
			}
		}
		if n.Password != "" {
			if err := c.linkIdentity(ctx, tx, &p, &login, proven); err != nil {
				return err
			}
		}
		if err := tx.CreatePerson(ctx, &p); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "user.create", Object{"person", p.ID}, "role", string(n.Role))
	})
	return p, err
}

func (c *Core) mayInvite(ctx context.Context, a *Actor) error {
	return c.store.View(ctx, func(tx Tx) error { return c.require(ctx, tx, a, "user.invite", Object{}) })
}

// pageSize is how many rows a list gives: 50 unless told, never more than 200.
func pageSize(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 200)
}
