package core

import (
	"context"
	"time"
)

// threadLife is how long the link in a mail's footer works after the last mail about its task.
const threadLife = 30 * 24 * time.Hour

// ensureThreadLink finds the row behind the footer's link to the conversation
// and moves its end: every mail gives it its whole life anew. Mails of one day
// share one write. It is of one mailbox: who no longer reads that must not use it.
func (c *Core) ensureThreadLink(ctx context.Context, l *Letter) error {
	if l.Staff {
		return nil // those inside sign in
	}
	link, err := c.linkOf(ctx, Link{Account: l.Account.ID, Kind: ThreadLink, Person: l.Person.ID, Object: l.Task.ID, Scope: l.To.Norm(), ExpiresAt: c.Now().Add(threadLife)})
	if err != nil {
		return err
	}
	if until := c.Now().Add(threadLife); until.Sub(link.ExpiresAt) >= 24*time.Hour {
		err = c.store.InTx(ctx, func(tx Tx) error { return tx.RenewLink(ctx, link.Account, link.ID, link.Generation, until) })
	}
	l.ThreadURL = c.cfg.BaseURL + ThreadLink.Path() + c.keys.LinkToken(ThreadLink, link.ID, link.Generation)
	return err
}

// linkOf is the one live link of its kind, person, object and scope; it is made when first needed.
func (c *Core) linkOf(ctx context.Context, want Link) (link Link, err error) {
	if want.ID, err = RandomID(c.rand); err != nil {
		return link, err
	}
	want.CreatedAt = c.Now()
	link = want
	err = c.store.View(ctx, func(tx Tx) error {
		known, ok, err := tx.FindLinkOf(ctx, want.Kind, want.Person, want.Object, want.Scope)
		if ok {
			link = known
		}
		return err
	})
	if err == nil && link.ID == want.ID {
		err = c.store.InTx(ctx, func(tx Tx) error { return tx.EnsureLink(ctx, &link) })
	}
	return link, err
}
