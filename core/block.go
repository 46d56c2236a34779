package core

import (
	"context"
	"time"

	"planpost/core/access"
)

// end ends what a person has in a project, or everywhere when project is zero:
// his links, those he had sent to others, the mail that waits for him and his
// sessions in this account; in others the login goes on. Who waits for his
// approval is told. Nothing of it revives when he is let in again; new links are other rows.
func (c *Core) end(ctx context.Context, tx Tx, a *Actor, p *Person, project *Project) (b Block, err error) {
	b = Block{ID: NewID(), Account: p.Account, Person: p.ID, Project: project.ID, By: a.Person.ID, At: c.Now(), Sessions: project.ID == "" && p.Identity != ""}
	f := EndFilter{Account: p.Account, Person: p.ID, Project: project.ID}
	if b.Standing, err = tx.Standing(ctx, f, b.At); err != nil {
		return b, err
	}
	if b.Links, err = tx.EndLinks(ctx, f, "blocked", b.At); err != nil {
		return b, err
	}
	if b.Mails, err = tx.EndDeliveries(ctx, f, "delivery.blocked", b.At); err != nil {
		return b, err
	}
	if err = tx.EndGuestSessions(ctx, f); err != nil {
		return b, err
	}
	f.Person, f.CreatedBy = "", p.ID
	if b.SentLinks, err = tx.EndLinks(ctx, f, "blocked", b.At); err != nil {
		return b, err
	}
	if b.Sessions {
		if err = tx.DeleteSessionsOfPerson(ctx, p.ID); err != nil {
			return b, err
		}
	}
	if err = c.tellUnable(ctx, tx, p, project.ID); err != nil {
		return b, err
	}
	return b, tx.CreateBlock(ctx, &b)
}

// BlockPerson ends everything a person may do, in every project (B10).
func (c *Core) BlockPerson(ctx context.Context, a *Actor, id ID) (b Block, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.toBlock(ctx, tx, a, id)
		if err != nil {
			return err
		}
		p.BlockedAt = tx.Now()
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		if b, err = c.end(ctx, tx, a, &p, &Project{}); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "person.block", Object{"person", id}, b.params(&p)...)
	})
	c.ended(a, err)
	return b, err
}

// UnblockPerson lets a person take part again; what ended meanwhile stays ended.
func (c *Core) UnblockPerson(ctx context.Context, a *Actor, id ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.blockable(ctx, tx, a, id)
		if err != nil || p.BlockedAt.IsZero() {
			return err
		}
		p.BlockedAt = time.Time{}
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		if err := tx.LiftBlocks(ctx, p.Account, p.ID, "", a.Person.ID); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "person.unblock", Object{"person", id}, "person", p.Name)
	})
	c.ended(a, err)
	return err
}

// blockable finds whom the actor may block everywhere: never the account's owner.
func (c *Core) blockable(ctx context.Context, tx Tx, a *Actor, id ID) (Person, error) {
	p, err := tx.FindPerson(ctx, a.Account.ID, id)
	if err != nil {
		return p, err
	}
	if err := c.require(ctx, tx, a, "person.block_everywhere", Object{"person", id}); err != nil {
		return p, err
	}
	if p.Role == Owner {
		return p, Fail(Conflict, "block.owner")
	}
	return p, nil
}

// toBlock finds whom the actor can block everywhere and who is not. An
// administrator is demoted first (requirements.md 14, row 7).
func (c *Core) toBlock(ctx context.Context, tx Tx, a *Actor, id ID) (Person, error) {
	p, err := c.blockable(ctx, tx, a, id)
	switch {
	case err != nil:
		return p, err
	case p.Role == Administrator:
		return p, Fail(Conflict, "block.administrator", "name", p.Name)
	case !p.BlockedAt.IsZero():
		return p, Fail(Conflict, "block.already", "name", p.Name)
	}
	return p, nil
}

// ended wakes who shows or sends something of it.
func (c *Core) ended(a *Actor, err error) {
	if err != nil {
		return
	}
	c.bus.Publish(OutboxTopic(a.Account.ID))
	c.bus.Publish(TasksTopic(a.Account.ID))
}

// blockAction is the right to block the person in a project, or with "unblock" to lift that.
func blockAction(p *Person, deed string) access.Action {
	if p.Subject() == access.AddressOnly {
		return access.Action("address." + deed)
	}
	return access.Action("participant." + deed)
}

// inProject are the facts of a person as the target of a deed in a project.
func inProject(a *Actor, p *Person, project *Project) []access.Fact {
	return targetFacts(&a.Person, p).
		When(p.ID != project.Owner && p.Role != Owner && p.Role != Administrator, access.TgtNotPown).
		When(p.ID == project.ClientManager || p.ID == project.Responsible, access.TgtClientMgr).List()
}

// BlockParticipant ends everything a person, or an address, may do in one
// project (B1 to B9). It need not take part: a block can come first.
func (c *Core) BlockParticipant(ctx context.Context, a *Actor, project, person ID) (b Block, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		j, p, place, err := findPlace(ctx, tx, a.Account.ID, project, person)
		if err != nil {
			return err
		}
		if err := c.mayBlock(ctx, tx, a, &p, &j); err != nil {
			return err
		}
		if !place.BlockedAt.IsZero() {
			return Fail(Conflict, "block.already", "name", p.Name)
		}
		place.BlockedAt = tx.Now()
		if err := tx.SetParticipant(ctx, &place); err != nil {
			return err
		}
		if b, err = c.end(ctx, tx, a, &p, &j); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "participant.block", Object{"project", project}, b.params(&p)...)
	})
	c.ended(a, err)
	return b, err
}

// mayBlock: the owner is the only one who cannot be blocked (P2), and says so
// to who could block others; the account's own administrators are demoted instead.
func (c *Core) mayBlock(ctx context.Context, tx Tx, a *Actor, p *Person, j *Project) error {
	o, action := Object{"project", j.ID}, blockAction(p, "block")
	if p.ID == j.Owner || p.Role == Owner || p.Role == Administrator {
		if err := c.require(ctx, tx, a, action, o, access.TgtNotPown, access.TgtExt); err != nil {
			return err
		}
		if p.ID == j.Owner {
			return Fail(Conflict, "block.project_owner", "name", p.Name)
		}
		return Fail(Forbidden, "block.administrator", "name", p.Name)
	}
	return c.require(ctx, tx, a, action, o, inProject(a, p, j)...)
}

// UnblockParticipant lets a person take part again as before; links stay dead.
func (c *Core) UnblockParticipant(ctx context.Context, a *Actor, project, person ID) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		_, p, place, err := findPlace(ctx, tx, a.Account.ID, project, person)
		if err != nil {
			return err
		}
		o := Object{"project", project}
		if err := c.require(ctx, tx, a, blockAction(&p, "unblock"), o); err != nil {
			return err
		}
		if place.BlockedAt.IsZero() {
			return nil
		}
		place.BlockedAt = time.Time{}
		if place.Guest && place.TradeRole == "" { // the row held the block and nothing else
			err = tx.DeleteParticipant(ctx, p.Account, project, person)
		} else {
			err = tx.SetParticipant(ctx, &place)
		}
		if err != nil {
			return err
		}
		if err := tx.LiftBlocks(ctx, p.Account, p.ID, project, a.Person.ID); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "participant.unblock", o, "person", p.Name)
	})
	c.ended(a, err)
	return err
}

// findPlace reads a project, a person and the place that person has there; a
// person without one gets a guest's, which is not written yet.
func findPlace(ctx context.Context, tx Tx, account, project, person ID) (j Project, p Person, place Participant, err error) {
	if j, err = tx.FindProject(ctx, account, project); err != nil {
		return j, p, place, err
	}
	if p, err = tx.FindPerson(ctx, account, person); err != nil {
		return j, p, place, err
	}
	place, ok, err := tx.FindParticipant(ctx, account, project, person)
	if !ok {
		place = Participant{Account: account, Project: project, Person: person, Guest: true}
	}
	return j, p, place, err
}
