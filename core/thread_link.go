package core

import (
	"context"
	"time"
)

// threadLife is how long the link in a mail's footer works after the last mail about its task.
const threadLife = 30 * 24 * time.Hour

// letterLinks are the rows behind a task letter's reply address and behind its
// footer's link: to the conversation for those outside, to no more such mail where it can be unsubscribed from.
func (c *Core) letterLinks(l *Letter) []Link {
	links := []Link{{Account: l.Account.ID, Kind: ReplyLink, Person: l.Person.ID, Object: l.Task.ID, Scope: l.Delivery.Scope, Topic: l.Task.Title}}
	if !l.Staff { // of one mailbox: who no longer reads that must not use it
		links = append(links, Link{Account: l.Account.ID, Kind: ThreadLink, Person: l.Person.ID, Object: l.Task.ID, Scope: l.To.Norm(), ExpiresAt: c.Now().Add(threadLife)})
	}
	if l.subscription() {
		links = append(links, Link{Account: l.Account.ID, Kind: MuteLink, Person: l.Person.ID, Object: l.Task.ID, Scope: l.To.Norm()})
	}
	return links
}

// findLinks fills in the rows that are there; those of the others keep no ID.
func (l *Letter) findLinks(ctx context.Context, tx Tx) error {
	for i := range l.links {
		w := &l.links[i]
		known, ok, err := tx.FindLinkOf(ctx, w.Kind, w.Person, w.Object, w.Scope)
		if err != nil {
			return err
		}
		if ok {
			*w = known
			continue
		}
		if err := w.sameTopic(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// sameTopic takes the topic of the row for answers of the other scope: both are of one conversation.
func (l *Link) sameTopic(ctx context.Context, tx Tx) error {
	other := ScopeExternal
	if l.Scope == ScopeExternal {
		other = ScopeInternal
	}
	if l.Kind != ReplyLink {
		return nil
	}
	known, ok, err := tx.FindLinkOf(ctx, l.Kind, l.Person, l.Object, other)
	if ok && known.Topic != "" {
		l.Topic = known.Topic
	}
	return err
}

// ensureLinks makes the rows that are missing, and moves the end of the links
// to conversations: every mail gives them their whole life anew. Letters read
// together share one write, mails of one day none but the first.
func (c *Core) ensureLinks(ctx context.Context, all []LetterRead) error {
	until := c.Now().Add(threadLife)
	var fresh, aged []*Link
	for i := range all {
		if all[i].Err != nil {
			continue
		}
		for j := range all[i].Letter.links {
			switch w := &all[i].Letter.links[j]; {
			case w.ID == "":
				id, err := RandomID(c.rand)
				if err != nil {
					return err
				}
				w.ID, w.CreatedAt = id, c.Now()
				fresh = append(fresh, w)
			case w.ages(until):
				aged = append(aged, w)
			}
		}
	}
	if len(fresh)+len(aged) == 0 {
		return nil
	}
	made := make([]Link, len(fresh))
	err := c.store.InTx(ctx, func(tx Tx) error {
		for i, w := range fresh {
			made[i] = *w
			if err := tx.EnsureLink(ctx, &made[i]); err != nil {
				return err
			}
		}
		for _, w := range aged {
			if err := tx.RenewLink(ctx, w.Account, w.ID, w.Generation, until); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, w := range fresh {
		*w = made[i]
	}
	return nil
}

// addressLinks puts the links into the letter, whose rows are there by now.
func (c *Core) addressLinks(l *Letter) {
	for _, t := range l.links {
		switch t.Kind {
		case ReplyLink:
			l.Delivery.Link, l.Topic = t.ID, t.Topic
		case MuteLink:
			l.UnsubscribeURL = c.cfg.BaseURL + t.Kind.Path() + c.keys.LinkToken(t.Kind, t.ID, t.Generation)
		default:
			l.ThreadURL = c.cfg.BaseURL + t.Kind.Path() + c.keys.LinkToken(t.Kind, t.ID, t.Generation)
		}
	}
}

// ages tells whether a link to a conversation would end a day or more before until.
func (l *Link) ages(until time.Time) bool {
	return l.Kind == ThreadLink && until.Sub(l.ExpiresAt) >= 24*time.Hour
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
