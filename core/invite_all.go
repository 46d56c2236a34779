package core

import "context"

// uninvitedShown is how many people one page offers to invite.
const uninvitedShown = 200

// Uninvited are the people who are meant to sign in and were never mailed an
// invitation, as after an import: those whom the actor may invite.
func (c *Core) Uninvited(ctx context.Context, a *Actor) (list []Person, more bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		f := PersonFilter{Uninvited: true, Limit: uninvitedShown + 1}
		staff, err := c.may(ctx, tx, a, "user.invite", Object{})
		if err != nil {
			return err
		}
		if staff.Allowed {
			f.Kinds = append(f.Kinds, UserKind)
		}
		guests, err := c.may(ctx, tx, a, "contact.grant_access", Object{})
		if err != nil {
			return err
		}
		if guests.Allowed {
			f.Kinds = append(f.Kinds, ContactKind)
		}
		if len(f.Kinds) == 0 {
			return denied(staff)
		}
		list, err = tx.ListPeople(ctx, a.Viewer(), f)
		more = len(list) > uninvitedShown
		list = list[:min(uninvitedShown, len(list))]
		return err
	})
	return list, more, err
}

// InviteAll mails the invitation of each of these people who has none yet, in
// one transaction; who was invited meanwhile is left out. It tells how many
// mails are owed: fewer than asked for when the account's limit is reached.
func (c *Core) InviteAll(ctx context.Context, a *Actor, people []ID) (n int, err error) {
	if len(people) == 0 {
		return 0, Fail(Invalid, "invite.nobody")
	}
	if len(people) > uninvitedShown {
		return 0, Fail(TooLarge, "invite.many", "number", itoa(uninvitedShown))
	}
	for i := range people { // the account's limit holds for each mail
		if limit := c.limitInvites(ctx, a); limit != nil {
			if i == 0 {
				return 0, limit
			}
			people = people[:i]
			break
		}
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		n = 0
		for _, id := range people {
			owed, err := c.inviteFirst(ctx, tx, a, id)
			if err != nil {
				return err
			}
			if owed {
				n++
			}
		}
		return nil
	})
	c.wakeMailer()
	return n, err
}

// inviteFirst owes the first invitation of somebody; false when there was one, or nothing to invite to.
func (c *Core) inviteFirst(ctx context.Context, tx Tx, a *Actor, person ID) (bool, error) {
	p, err := c.invitable(ctx, tx, a, person)
	if CodeOf(err) == "invite.state" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	links, err := tx.LinksOf(ctx, p.Account, p.ID, ActivationLink)
	if err != nil || len(links) > 0 {
		return false, err
	}
	if err := c.oweInvitation(ctx, tx, a, &p, ""); err != nil {
		return false, err
	}
	return true, c.note(ctx, tx, a, "user.invite", Object{"person", person}, "role", string(p.Role))
}
