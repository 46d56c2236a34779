package core

import (
	"context"

	"planpost/core/access"
)

// keeper is somebody who may be told of held mail of a project, and why.
type keeper struct {
	id     ID
	reason string
}

// tellKeeper lets one person know that a message to a project waits: the
// first of those who look after the project and may decide about its held mail.
// There is no task to speak of, so the delivery has none: it gathers whatever
// waits for the same person until it is sent, and a flood is one mail.
func (d *decision) tellKeeper(ctx context.Context, tx Tx, r *Receipt, project *Project) error {
	if r.Disposition != Held || !d.account.FrozenAt.IsZero() {
		return nil // nobody works in a frozen account
	}
	p, reason, err := d.keeper(ctx, tx, project)
	if err != nil || p.ID == "" {
		return err
	}
	told, err := d.core.withDeputies(ctx, tx, d.account.ID, []notice{{person: p, event: MessageHeld, reason: reason, scope: ScopeInternal}},
		d.mayInProject(ctx, tx, project, "inbound.quarantine.view"))
	if err != nil {
		return err
	}
	return d.oweHeld(ctx, tx, r, told)
}

// oweHeld owes mail about a message that waits and belongs to no task.
func (d *decision) oweHeld(ctx context.Context, tx Tx, r *Receipt, told []notice) (err error) {
	none := &Task{Account: d.account.ID}
	if told, err = throughChannels(ctx, tx, none, told); err != nil {
		return err
	}
	for i := range told {
		o := d.core.owe(none, "", &told[i])
		if o.Mail != nil && !o.Mail.Gather { // with no quiet time it is due at once, and still joins one that is unsent
			o.Mail.Gather, o.Mail.GatherUntil = true, o.Mail.DueAt
		}
		o.Note.Receipt = r.ID
		d.keepOwed(o)
	}
	return nil
}

// mayInProject asks a right to something of a project that is not written yet: its facts are the project's.
func (d *decision) mayInProject(ctx context.Context, tx Tx, project *Project, action access.Action) func(*Person) (bool, error) {
	return func(p *Person) (bool, error) {
		facts, blocked, err := tx.ProjectFacts(ctx, p, project.ID)
		return err == nil && decide(&Actor{Person: *p, Account: d.account}, action, facts, blocked, false).Allowed, err
	}
}

// keeper is the first who can be reached and may decide: those named in the
// project, the intake person, and at last the owner, who may everything.
func (d *decision) keeper(ctx context.Context, tx Tx, project *Project) (Person, string, error) {
	list := []keeper{{project.Responsible, "manager"}, {project.ClientManager, "manager"}, {project.Owner, "manager"}, {d.account.IntakePerson, "intake"}}
	p, reason, err := d.firstKeeper(ctx, tx, project, list)
	if err != nil || p.ID != "" {
		return p, reason, err
	}
	owner, err := tx.OwnerOf(ctx, d.account.ID)
	if err != nil {
		return Person{}, "", err
	}
	return d.firstKeeper(ctx, tx, project, []keeper{{owner.ID, "intake"}})
}

func (d *decision) firstKeeper(ctx context.Context, tx Tx, project *Project, list []keeper) (Person, string, error) {
	ids := make([]ID, len(list))
	for i := range list {
		ids[i] = list[i].id
	}
	people, err := peopleByID(ctx, tx, d.account.ID, ids)
	if err != nil {
		return Person{}, "", err
	}
	for _, k := range list {
		p := people[k.id]
		if p.ID == "" || !reachable(&p) {
			continue
		}
		// The receipt is not written yet; without a task its facts are those of its project.
		facts, blocked, err := tx.ProjectFacts(ctx, &p, project.ID)
		if err != nil {
			return Person{}, "", err
		}
		if decide(&Actor{Person: p, Account: d.account}, "inbound.quarantine.view", facts, blocked, false).Allowed {
			return p, k.reason, nil
		}
	}
	return Person{}, "", nil
}
