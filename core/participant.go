package core

import (
	"context"
	"strconv"

	"planpost/core/access"
	"planpost/mail"
)

// NewParticipant is somebody to be brought into a project, named by Person or,
// known or not, by Address.
type NewParticipant struct {
	Person                ID
	Address, Name, Locale string
	PlaceEdit
	// Login asks for a sign-in for an outsider. Only who may grant access gives
	// one; from others the invitation stands and leads to the dashboard (section 14, row 13).
	Login bool
}

// PlaceEdit is what is to be changed of somebody's place in a project; what is
// nil stays, and is not asked about.
type PlaceEdit struct {
	Admin, Auditor, Approves *bool
	TradeRole                *string
}

// AddParticipant gives a person a place in a project, or changes it. It never unblocks.
func (c *Core) AddParticipant(ctx context.Context, a *Actor, project, person ID, admin, auditor bool) error {
	_, err := c.InviteParticipant(ctx, a, project, NewParticipant{Person: person, PlaceEdit: PlaceEdit{Admin: &admin, Auditor: &auditor}})
	return err
}

// InviteParticipant brings somebody into a project and sends the quick-start
// mail. An outsider gets at least the dashboard; an address that nobody has becomes a contact.
func (c *Core) InviteParticipant(ctx context.Context, a *Actor, project ID, n NewParticipant) (p Person, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		p, err = c.bringIn(ctx, tx, a, project, &n)
		return err
	})
	c.projectChanged(a, err)
	if err == nil {
		c.wakeMailer()
	}
	return p, err
}

func (c *Core) bringIn(ctx context.Context, tx Tx, a *Actor, project ID, n *NewParticipant) (p Person, err error) {
	j, err := tx.FindProject(ctx, a.Account.ID, project)
	if err != nil {
		return p, err
	}
	o := Object{"project", project}
	if err := c.require(ctx, tx, a, "participant.invite", o); err != nil {
		return p, err
	}
	p, err = c.known(ctx, tx, a, n)
	if KindOf(err) == NotFound {
		p, err = c.inviteAddress(ctx, tx, a, n)
	}
	if err != nil {
		return p, err
	}
	place, known, err := tx.FindParticipant(ctx, p.Account, project, p.ID)
	if err != nil {
		return p, err
	}
	if !known {
		place = Participant{Account: p.Account, Project: project, Person: p.ID}
	}
	if !place.BlockedAt.IsZero() {
		return p, Fail(Conflict, "participant.blocked", "name", p.Name)
	}
	isNew := !known || place.Guest
	place.Guest = false
	was := place
	if err := c.applyPlace(ctx, tx, a, &j, &p, &place, &n.PlaceEdit); err != nil {
		return p, err
	}
	if err := c.welcome(ctx, tx, a, &p, n.Login); err != nil {
		return p, err
	}
	if err := tx.SetParticipant(ctx, &place); err != nil {
		return p, err
	}
	if err := c.noteChanges(ctx, tx, a, "participant.add", o, placeChanges(&was, &place), "person", p.Name); err != nil || !isNew {
		return p, err
	}
	return p, c.quickStart(ctx, tx, a, &p, &j)
}

// known finds who is meant; NotFound when nobody has the address yet.
func (c *Core) known(ctx context.Context, tx Tx, a *Actor, n *NewParticipant) (p Person, err error) {
	if n.Person != "" {
		p, err = tx.FindPerson(ctx, a.Account.ID, n.Person)
	} else {
		addr, wrong := mail.ParseMailbox(n.Address)
		if wrong != nil {
			return p, Fail(Invalid, "address", "address", oneLine(n.Address))
		}
		p, err = tx.FindPersonByAddress(ctx, a.Account.ID, addr.Norm())
	}
	switch {
	case KindOf(err) == NotFound && n.Person != "":
		return p, Fail(Invalid, "person.gone")
	case err != nil:
		return p, err
	case p.Status == Inactive, p.Status == Deleted:
		return p, Fail(Invalid, "person.gone")
	case !p.BlockedAt.IsZero():
		return p, Fail(Conflict, "participant.blocked_everywhere", "name", p.Name)
	}
	if n.Person != "" { // who knows the address knows somebody; an ID is no knowledge
		err = c.mayName(ctx, tx, a, &p)
	}
	return p, err
}

// inviteAddress makes a contact of an address that nobody has.
func (c *Core) inviteAddress(ctx context.Context, tx Tx, a *Actor, n *NewParticipant) (Person, error) {
	p, err := c.newPerson(a.Account.ID, ContactKind, n.Name, n.Address)
	if err == nil {
		err = a.Account.checkLocale(n.Locale)
	}
	if err != nil {
		return p, err
	}
	p.Locale, p.CreatedBy, p.Visibility = n.Locale, a.Person.ID, VisibleInside
	if err := tx.CreatePerson(ctx, &p); err != nil {
		return p, err
	}
	return p, c.note(ctx, tx, a, "contact.create", Object{"person", p.ID})
}

// welcome gives an outsider the way in: the dashboard at least; the row keeps its id.
func (c *Core) welcome(ctx context.Context, tx Tx, a *Actor, p *Person, login bool) error {
	if p.Staff() {
		return nil
	}
	if login && p.Access != AdvancedAccess {
		ans, err := c.may(ctx, tx, a, "contact.grant_access", Object{"person", p.ID})
		if err != nil {
			return err
		}
		if ans.Allowed {
			p.Kind = ContactKind // an address becomes a contact; the row stays
			return c.grantAccess(ctx, tx, a, p)
		}
	}
	if p.Kind == ContactKind && p.Access != NoAccess && p.Access != "" {
		return nil
	}
	was := p.Access
	p.Kind, p.Access = ContactKind, BasicAccess
	if err := tx.UpdatePerson(ctx, p); err != nil {
		return err
	}
	return c.noteChanges(ctx, tx, a, "participant.dashboard", Object{"person", p.ID}, []Change{{"access", was, BasicAccess}})
}

// EditPlace changes what somebody may do in a project.
func (c *Core) EditPlace(ctx context.Context, a *Actor, project, person ID, e PlaceEdit) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		j, p, place, err := findPlace(ctx, tx, a.Account.ID, project, person)
		if err != nil {
			return err
		}
		was := place
		if err := c.applyPlace(ctx, tx, a, &j, &p, &place, &e); err != nil {
			return err
		}
		if place.Guest && (place.Admin || place.Auditor || place.Approves) {
			return Fail(Conflict, "participant.none", "name", p.Name)
		}
		if place.Approves && !was.Approves && p.Subject() == access.AddressOnly { // permissions.md: a mere address decides nothing
			return Fail(Conflict, "participant.approver", "name", p.Name)
		}
		if was == place {
			return nil
		}
		if err := tx.SetParticipant(ctx, &place); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "participant.edit", Object{"project", project}, placeChanges(&was, &place), "person", p.Name)
	})
	c.projectChanged(a, err)
	return err
}

// applyPlace asks each right by itself. An auditor may close and delete all
// tasks of the project, so never somebody from outside, whoever asks (X25).
func (c *Core) applyPlace(ctx context.Context, tx Tx, a *Actor, j *Project, p *Person, place *Participant, e *PlaceEdit) error {
	o := Object{"project", j.ID}
	if e.Auditor != nil && *e.Auditor && !p.Staff() {
		return Fail(Forbidden, "auditor.outside", "name", p.Name)
	}
	ask := func(changes bool, action access.Action, extra ...access.Fact) error {
		if !changes {
			return nil
		}
		return c.require(ctx, tx, a, action, o, extra...)
	}
	role := access.Action("participant.set_role")
	if p.Subject() == access.AddressOnly {
		role = "address.set_role"
	}
	err := firstError(
		ask(differs(e.Admin, place.Admin), "participant.set_admin"),
		ask(differs(e.Auditor, place.Auditor), "project.set_auditor", inProject(a, p, j)...),
		ask(differs(e.Approves, place.Approves), "participant.grant_approval"),
		ask(differs(e.TradeRole, place.TradeRole), role))
	if err != nil {
		return err
	}
	if e.Admin != nil && !*e.Admin && p.ID == j.Owner {
		return Fail(Conflict, "participant.owner", "name", p.Name)
	}
	assign(&place.Admin, e.Admin)
	assign(&place.Auditor, e.Auditor)
	assign(&place.Approves, e.Approves)
	if e.TradeRole != nil {
		place.TradeRole, err = trade(ctx, tx, a, j.ID, *e.TradeRole, p.ID)
	}
	return err
}

func differs[T comparable](wanted *T, is T) bool { return wanted != nil && *wanted != is }

func placeChanges(was, now *Participant) []Change {
	flag := strconv.FormatBool
	return []Change{{"admin", flag(was.Admin), flag(now.Admin)}, {"auditor", flag(was.Auditor), flag(now.Auditor)},
		{"approves", flag(was.Approves), flag(now.Approves)}, {"trade_role", was.TradeRole, now.TradeRole}}
}

// LeaveProject ends the actor's own place. The owner transfers first.
func (c *Core) LeaveProject(ctx context.Context, a *Actor, project ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		if _, err := tx.FindProject(ctx, a.Account.ID, project); err != nil {
			return err
		}
		o := Object{"project", project}
		if err := c.require(ctx, tx, a, "participant.leave", o); err != nil {
			return err
		}
		if err := tx.DeleteParticipant(ctx, a.Account.ID, project, a.Person.ID); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "participant.leave", o, "person", a.Person.Name)
	})
	c.projectChanged(a, err)
	return err
}

// RemoveParticipant ends somebody's place, for who could have given it. Unlike a
// block it keeps nobody from coming back, so it does not lift one either.
func (c *Core) RemoveParticipant(ctx context.Context, a *Actor, project, person ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		j, p, place, err := findPlace(ctx, tx, a.Account.ID, project, person)
		if err != nil {
			return err
		}
		o := Object{"project", project}
		if err := c.require(ctx, tx, a, "participant.invite", o); err != nil {
			return err
		}
		switch {
		case p.ID == j.Owner:
			return Fail(Conflict, "participant.owner", "name", p.Name)
		case !place.BlockedAt.IsZero():
			return Fail(Conflict, "participant.blocked", "name", p.Name)
		case place.Guest:
			return Fail(Conflict, "participant.none", "name", p.Name)
		}
		nothing, none := false, ""
		was := place
		if err := c.applyPlace(ctx, tx, a, &j, &p, &place, &PlaceEdit{Admin: &nothing, Auditor: &nothing, Approves: &nothing, TradeRole: &none}); err != nil {
			return err
		}
		if err := tx.DeleteParticipant(ctx, p.Account, project, person); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "participant.remove", o, placeChanges(&was, &place), "person", p.Name)
	})
	c.projectChanged(a, err)
	return err
}

// quickStart tells somebody new in a project where to begin; the mail leads to
// the quick start in the reader's language (N13). To outsiders it carries no
// words of whoever invites: an invitation must not become a road for them.
func (c *Core) quickStart(ctx context.Context, tx Tx, a *Actor, p *Person, j *Project) error {
	if p.ID == a.Person.ID {
		return nil
	}
	if p.Staff() {
		return c.oweNotice(ctx, tx, p.Account, p.ID, "project.added", "who", a.name(), "project", j.Name)
	}
	return c.oweNotice(ctx, tx, p.Account, p.ID, "project.invited")
}

// name is what mail calls the actor: the operator speaks for the house.
func (a *Actor) name() string {
	if a.Operator {
		return a.Account.Name
	}
	return a.Person.Name
}

// participantOf is the place that a person has in a project; zero when there is none.
func participantOf(ctx context.Context, tx Tx, account, project, person ID) (Participant, error) {
	p, _, err := tx.FindParticipant(ctx, account, project, person)
	return p, err
}
