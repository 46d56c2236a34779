package core

import "context"

// ExtendLink gives a link to plans, or to a request for approval, its whole
// life anew from now on. One that ran out works again in every mail that
// brought it; one that was ended never does.
func (c *Core) ExtendLink(ctx context.Context, a *Actor, id ID) (l Link, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if l, err = tx.FindLink(ctx, id); err != nil {
			return err
		}
		if l.Account != a.Account.ID {
			return Fail(NotFound, "link.unknown")
		}
		if err := c.require(ctx, tx, a, "link.extend", Object{"link", id}); err != nil {
			return err
		}
		if !l.extendable() {
			return Fail(Conflict, "link.not_extendable")
		}
		until := c.Now().Add(approvalLife)
		if l.Kind == DownloadLink {
			t, err := tx.FindTransmittal(ctx, l.Account, l.Object)
			if err != nil {
				return err
			}
			j, err := tx.FindProject(ctx, l.Account, t.Project)
			if err != nil {
				return err
			}
			until = c.Now().AddDate(0, 0, j.Days())
		}
		if until.Before(l.ExpiresAt) { // the project's links live shorter by now
			return Fail(Conflict, "link.lives_longer")
		}
		l.ExpiresAt = until
		if err := tx.RenewLink(ctx, l.Account, l.ID, l.Generation, until); err != nil {
			return err
		}
		if err := c.noteLink(ctx, tx, &l, LinkExtended, a.Person.ID, Visitor{IP: a.IP}); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "link.extend", Object{"person", l.Person}, "kind", string(l.Kind), "link", string(id))
	})
	return l, err
}

// extendable tells whether the link is of a kind that runs out and can be given more time, and was not ended.
func (l *Link) extendable() bool {
	return (l.Kind == DownloadLink || l.Kind == ApprovalLink) && l.RevokedAt.IsZero()
}
