package core

import "context"

// SetContactVisibility says who inside may know of a contact: everyone who may
// see contacts, or only who works with it. In what it takes part it is seen as before.
func (c *Core) SetContactVisibility(ctx context.Context, a *Actor, id ID, visibility string) error {
	if visibility != VisibleInside && visibility != VisibleParticipants {
		return Fail(Invalid, "visibility", "visibility", oneLine(visibility))
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.contactTarget(ctx, tx, a, id, "contact.set_visibility")
		if err != nil || p.Visibility == visibility {
			return err
		}
		was := p.Visibility
		p.Visibility = visibility
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "contact.set_visibility", Object{"person", id}, []Change{{"visibility", was, visibility}})
	})
}
