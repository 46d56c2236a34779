package core

import (
	"context"
	"strconv"
	"time"

	"planpost/core/access"
)

// ProjectEdit is what is to be changed of a project; what is nil stays, and is
// not asked about.
type ProjectEdit struct {
	Name *string
	// Closed ends the work or takes it up again.
	Closed *bool
	// Counterparty decides which clients see the project; Hidden keeps it from them.
	Counterparty               *ID
	ClientManager, Responsible *ID
	Visibility                 *string
	Hidden                     *bool
	// Sending lets participants send plans, LinkDays is how long links to them live.
	Sending  *bool
	LinkDays *int
	// ReplyApproves lets approvers decide by a reply.
	ReplyApproves *bool
}

// actions are the rights that the edit asks.
func (e *ProjectEdit) actions() (list []access.Action) {
	for _, part := range []struct {
		asked  bool
		action access.Action
	}{
		{e.Name != nil || e.Closed != nil, "project.edit"},
		{e.Counterparty != nil, "project.set_counterparty"},
		{e.ClientManager != nil || e.Responsible != nil, "project.set_client_manager"},
		{e.Visibility != nil || e.Hidden != nil, "project.set_visibility"},
		{e.Sending != nil || e.LinkDays != nil || e.ReplyApproves != nil, "project.settings_backup"},
	} {
		if part.asked {
			list = append(list, part.action)
		}
	}
	if len(list) == 0 {
		return []access.Action{"project.edit"}
	}
	return list
}

// EditProject changes a project in one step, with one line in the change log.
func (c *Core) EditProject(ctx context.Context, a *Actor, id ID, e ProjectEdit) (p Project, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if p, err = tx.FindProject(ctx, a.Account.ID, id); err != nil {
			return err
		}
		o := Object{"project", id}
		for _, action := range e.actions() {
			if err := c.require(ctx, tx, a, action, o); err != nil {
				return err
			}
		}
		was := p
		if err := c.applyEdit(ctx, tx, &p, &e); err != nil {
			return err
		}
		changes := projectChanges(&was, &p)
		if len(changes) == 0 {
			return nil
		}
		if err := tx.UpdateProject(ctx, &p); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "project.edit", o, changes)
	})
	c.projectChanged(a, err)
	return p, err
}

func (c *Core) applyEdit(ctx context.Context, tx Tx, p *Project, e *ProjectEdit) error {
	was := *p
	if e.Name != nil {
		if p.Name = oneLine(*e.Name); p.Name == "" {
			return Fail(Invalid, "project.name")
		}
	}
	if e.Visibility != nil {
		if p.Visibility = *e.Visibility; p.Visibility != VisibleInside && p.Visibility != VisibleParticipants {
			return Fail(Invalid, "visibility", "visibility", oneLine(p.Visibility))
		}
	}
	if e.LinkDays != nil {
		if p.LinkDays = *e.LinkDays; p.LinkDays < 1 || p.LinkDays > 365 {
			return Fail(Invalid, "project.link_days")
		}
	}
	assign(&p.ReplyApproves, e.ReplyApproves)
	if e.Sending != nil {
		p.NoSending = !*e.Sending
	}
	assign(&p.Hidden, e.Hidden)
	assign(&p.Counterparty, e.Counterparty)
	assign(&p.ClientManager, e.ClientManager)
	assign(&p.Responsible, e.Responsible)
	if e.Closed != nil && *e.Closed != !p.ClosedAt.IsZero() {
		p.ClosedAt = map[bool]time.Time{true: tx.Now()}[*e.Closed]
	}
	return c.checkEdit(ctx, tx, &was, p)
}

func assign[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// checkEdit sees that what is new can be: people who left meanwhile may stay named.
func (c *Core) checkEdit(ctx context.Context, tx Tx, was, p *Project) error {
	now := *p
	if now.ClientManager == was.ClientManager {
		now.ClientManager = ""
	}
	if now.Responsible == was.Responsible {
		now.Responsible = ""
	}
	if now.Counterparty == was.Counterparty {
		now.Counterparty = ""
	}
	if err := c.checkProject(ctx, tx, &now); err != nil {
		return err
	}
	people, err := peopleByID(ctx, tx, p.Account, []ID{now.ClientManager, now.Responsible})
	for _, person := range people {
		if err == nil && !reachable(&person) {
			err = Fail(Invalid, "project.manager_away", "name", person.Name)
		}
	}
	return err
}

func projectChanges(was, now *Project) []Change {
	all := []Change{
		{"name", was.Name, now.Name}, {"owner", string(was.Owner), string(now.Owner)},
		{"counterparty", string(was.Counterparty), string(now.Counterparty)}, {"hidden", strconv.FormatBool(was.Hidden), strconv.FormatBool(now.Hidden)},
		{"client_manager", string(was.ClientManager), string(now.ClientManager)}, {"responsible", string(was.Responsible), string(now.Responsible)},
		{"visibility", was.Visibility, now.Visibility}, {"closed", strconv.FormatBool(!was.ClosedAt.IsZero()), strconv.FormatBool(!now.ClosedAt.IsZero())},
		{"sending", strconv.FormatBool(!was.NoSending), strconv.FormatBool(!now.NoSending)}, {"reply_approves", strconv.FormatBool(was.ReplyApproves), strconv.FormatBool(now.ReplyApproves)}, {"link_days", strconv.Itoa(was.Days()), strconv.Itoa(now.Days())},
	}
	var changes []Change
	for _, ch := range all {
		if ch.Was != ch.Now {
			changes = append(changes, ch)
		}
	}
	return changes
}

// TransferProject gives a project to another member of staff. The one before
// stays its administrator.
func (c *Core) TransferProject(ctx context.Context, a *Actor, id, to ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := tx.FindProject(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		o := Object{"project", id}
		if err := c.require(ctx, tx, a, "project.transfer", o); err != nil {
			return err
		}
		heir, err := tx.FindPerson(ctx, a.Account.ID, to)
		if KindOf(err) == NotFound {
			return Fail(Invalid, "person.gone")
		}
		if err != nil {
			return err
		}
		place, err := participantOf(ctx, tx, p.Account, p.ID, to)
		switch {
		case err != nil:
			return err
		case !heir.Staff():
			return Fail(Invalid, "project.owner_outside", "name", heir.Name)
		case !reachable(&heir), !place.BlockedAt.IsZero():
			return Fail(Conflict, "project.owner_away", "name", heir.Name)
		case heir.ID == p.Owner:
			return nil
		}
		return c.handOver(ctx, tx, a, &p, &heir, place)
	})
	c.projectChanged(a, err)
	c.wakeMailer()
	return err
}

// handOver writes the new owner and what both are in the project now.
func (c *Core) handOver(ctx context.Context, tx Tx, a *Actor, p *Project, heir *Person, place Participant) error {
	before := *p
	p.Owner = heir.ID
	if err := tx.UpdateProject(ctx, p); err != nil {
		return err
	}
	place.Account, place.Project, place.Person, place.Admin, place.Guest = p.Account, p.ID, heir.ID, true, false
	if err := tx.SetParticipant(ctx, &place); err != nil {
		return err
	}
	old, err := participantOf(ctx, tx, p.Account, p.ID, before.Owner)
	if err != nil {
		return err
	}
	old.Account, old.Project, old.Person, old.Admin, old.Guest = p.Account, p.ID, before.Owner, true, false
	if err := tx.SetParticipant(ctx, &old); err != nil {
		return err
	}
	for _, id := range []ID{before.Owner, heir.ID} {
		if id == a.Person.ID {
			continue
		}
		if err := c.oweNotice(ctx, tx, p.Account, id, "project.transferred", "who", a.name(), "project", p.Name, "to", heir.Name); err != nil {
			return err
		}
	}
	return c.noteChanges(ctx, tx, a, "project.transfer", Object{"project", p.ID}, projectChanges(&before, p), "to", heir.Name)
}

// RenewInbound gives a project another address for its mail; the one before
// leads nowhere from now on.
func (c *Core) RenewInbound(ctx context.Context, a *Actor, id ID) (p Project, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if p, err = tx.FindProject(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "project.settings_backup", Object{"project", id}); err != nil {
			return err
		}
		was := p.Inbound
		if p.Inbound, err = c.inboundLocal(p.Name); err != nil {
			return err
		}
		if err := tx.UpdateProject(ctx, &p); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "project.inbound", Object{"project", id}, []Change{{"inbound", was, p.Inbound}})
	})
	return p, err
}
