package core

import (
	"context"
	"slices"
	"strings"

	"planpost/core/access"
)

// SwitchState is how a switch of a person stands.
type SwitchState string

// The states: what the role brings counts until somebody says otherwise.
const (
	SwitchDefault SwitchState = "default"
	SwitchOn      SwitchState = "on"
	SwitchOff     SwitchState = "off"
)

// Switch is one capability of a member of staff.
type Switch struct {
	Name  string
	State SwitchState
	// On is what counts; Default what the role brings.
	On, Default bool
	// OwnerOnly tells that nobody but the owner hands it over.
	OwnerOnly bool
}

// ownersSwitches are those that the owner alone hands over, one by one (requirements.md A2, 14 row 12).
var ownersSwitches = []string{"security", "billing", "export", "rollback"}

// SwitchNames are all switches, in the order of pages.
func SwitchNames() []string {
	return []string{"tasks", "contacts", "grant", "intake", "visits", "quotes", "invoices", "reports", "routing", "settings", "security", "billing", "export", "rollback"}
}

// SwitchesOf tells how the switches of a member of staff stand.
func SwitchesOf(p *Person) []Switch {
	role := *p
	role.Caps = nil
	byRole, now := CapFacts(&role), CapFacts(p)
	list := make([]Switch, 0, len(SwitchNames()))
	for _, name := range SwitchNames() {
		fact, _ := access.ParseFact("CAP_" + strings.ToUpper(name))
		s := Switch{Name: name, State: SwitchDefault, On: now.Has(fact), Default: byRole.Has(fact), OwnerOnly: slices.Contains(ownersSwitches, name)}
		switch {
		case slices.Contains(p.Caps, "-"+name), slices.Contains(p.Caps, "-") && !slices.Contains(p.Caps, name):
			s.State = SwitchOff
		case slices.Contains(p.Caps, name):
			s.State = SwitchOn
		}
		list = append(list, s)
	}
	return list
}

// SetSwitches turns switches of a member of staff on, off, or back to what the
// role brings; those not named stay. One entry of the log names each that changed.
func (c *Core) SetSwitches(ctx context.Context, a *Actor, person ID, states map[string]SwitchState) error {
	for name, state := range states {
		if !slices.Contains(SwitchNames(), name) || !slices.Contains([]SwitchState{SwitchDefault, SwitchOn, SwitchOff}, state) {
			return Fail(Invalid, "switch.unknown", "name", oneLine(name))
		}
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		o := Object{"person", person}
		p, err := c.staffTarget(ctx, tx, a, person, "user.set_toggles")
		if err != nil {
			return err
		}
		var changes []Change
		caps := []string{}
		for _, s := range SwitchesOf(&p) {
			want, named := states[s.Name]
			if !named {
				want = s.State
			}
			if want != s.State {
				if s.OwnerOnly && !a.Operator && a.Person.Role != Owner {
					return Fail(Forbidden, "switch.owner", "name", s.Name)
				}
				changes = append(changes, Change{"switch." + s.Name, string(s.State), string(want)})
			}
			switch want {
			case SwitchOn:
				caps = append(caps, s.Name)
			case SwitchOff:
				caps = append(caps, "-"+s.Name)
			}
		}
		if len(changes) == 0 {
			return nil
		}
		p.Caps = caps
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "user.set_toggles", o, changes)
	})
}

// NewRole is a role to be given.
type NewRole struct {
	Role Role
	// Confirmed says that a private mailbox is meant for an administrator.
	Confirmed bool
}

// SetRole gives a member of staff another role. Only the owner makes
// administrators, and asks twice when their address is a private one (A9). The
// owner's own role changes by a transfer only.
func (c *Core) SetRole(ctx context.Context, a *Actor, person ID, n NewRole) error {
	if !slices.Contains([]Role{Administrator, TechnicalAdministrator, Manager, Employee}, n.Role) {
		return Fail(Invalid, "role", "role", oneLine(string(n.Role)))
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		o := Object{"person", person}
		p, err := c.staffTarget(ctx, tx, a, person, "user.edit")
		if err != nil || p.Role == n.Role {
			return err
		}
		if p.Role == Owner {
			return Fail(Conflict, "role.owner")
		}
		var params []string
		if n.Role == Administrator {
			if err := c.require(ctx, tx, a, "account.roles.appoint_admin", Object{}); err != nil {
				return err
			}
			if params, err = privateMailbox(&p, n.Confirmed); err != nil {
				return err
			}
		}
		was := p.Role
		p.Role = n.Role
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "user.role", o, []Change{{"role", string(was), string(n.Role)}}, params...)
	})
}

// privateMailbox demands a second yes to a private mailbox of somebody who
// manages the account; params are what the log then says of it.
func privateMailbox(p *Person, confirmed bool) (params []string, err error) {
	domain := p.Address().Domain
	switch {
	case !freeMail(domain):
		return nil, nil
	case !confirmed:
		return nil, Fail(Conflict, "role.freemail", "domain", domain)
	}
	return []string{"private", domain}, nil
}

// staffTarget reads a member of staff and asks a right about him.
func (c *Core) staffTarget(ctx context.Context, tx Tx, a *Actor, person ID, action access.Action) (Person, error) {
	p, err := tx.FindPerson(ctx, a.Account.ID, person)
	if err != nil {
		return p, err
	}
	if err := c.require(ctx, tx, a, action, Object{"person", person}); err != nil {
		return p, err
	}
	if !p.Staff() || p.Status == Deleted {
		return p, Fail(NotFound, "not_found")
	}
	return p, nil
}

// freeMail tells that a domain gives mailboxes to everybody: the large ones, and names that say so.
func freeMail(domain string) bool {
	name, _, _ := strings.Cut(strings.ToLower(domain), ".")
	return slices.Contains([]string{"gmail", "googlemail", "outlook", "hotmail", "live", "msn", "yahoo", "ymail", "icloud", "me", "aol", "gmx", "web", "freenet",
		"t-online", "proton", "protonmail", "mail", "yandex", "abv", "orange", "wanadoo", "laposte", "free", "sfr", "libero", "tuta", "posteo", "zoho", "qq", "163"}, name)
}

// RoleReach is what a role may do in one area of the permission table.
type RoleReach struct {
	// Area is the first part of the actions, such as "task".
	Area string
	// All tells that every action is open without a condition, Some that a few are or depend on something.
	All, Some bool
	Deeds     []ReachedDeed
}

// ReachedDeed is one action of an area: open without a condition, on some condition, or closed.
type ReachedDeed struct {
	Action       access.Action
	Always, Some bool
	// Switched tells that a switch is part of every condition.
	Switched bool
}

// ReachOf says what a role may do, area by area, as the permission table has it.
func ReachOf(r Role) (list []RoleReach) {
	subject := (&Person{Kind: UserKind, Role: r}).Subject()
	at := make(map[string]int)
	for _, action := range access.Actions() {
		cell, ok := access.CellOf(action, subject)
		if !ok {
			continue
		}
		area, _, _ := strings.Cut(string(action), ".")
		i, seen := at[area]
		if !seen {
			i = len(list)
			at[area] = i
			list = append(list, RoleReach{Area: area, All: true})
		}
		list[i].All = list[i].All && cell.Always
		list[i].Some = list[i].Some || cell.Always || len(cell.Any) > 0
		list[i].Deeds = append(list[i].Deeds, ReachedDeed{action, cell.Always, len(cell.Any) > 0, len(cell.Any) > 0 && !slices.ContainsFunc(cell.Any, withoutSwitch)})
	}
	return list
}

func withoutSwitch(t access.Term) bool {
	return !slices.ContainsFunc(t, func(l access.Literal) bool { return strings.HasPrefix(l.Fact.String(), "CAP_") })
}

// OpenedBy lists the actions that a switch opens for a role, alone or with something else.
func OpenedBy(name string, r Role) (list []access.Action) {
	fact, ok := access.ParseFact("CAP_" + strings.ToUpper(name))
	if !ok {
		return nil
	}
	subject := (&Person{Kind: UserKind, Role: r}).Subject()
	for _, action := range access.Actions() {
		cell, _ := access.CellOf(action, subject)
		if slices.ContainsFunc(cell.Any, func(t access.Term) bool { return slices.Contains(t, access.Literal{Fact: fact}) }) {
			list = append(list, action)
		}
	}
	return list
}
