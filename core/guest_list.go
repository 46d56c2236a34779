package core

import "context"

// guestsShown is how many browsers of one person a list shows.
const guestsShown = 200

// guestItems are the browsers in which a person typed a code, as a list of sessions shows them.
func (c *Core) guestItems(ctx context.Context, tx Tx, a *Actor, p *Person) (items []SessionItem, err error) {
	list, err := tx.GuestSessionsOf(ctx, p.Account, p.ID, c.Now(), guestsShown)
	if err != nil {
		return nil, err
	}
	account, err := tx.FindAccount(ctx, p.Account)
	if err != nil {
		return nil, err
	}
	for i := range list {
		g := &list[i]
		item := SessionItem{ByCode: true, Here: g.ID == a.Session, AccountName: account.Name, Session: Session{ID: g.ID, Person: g.Person, Account: g.Account,
			UserAgent: g.UserAgent, IP: g.IP, CreatedAt: g.CreatedAt, LastSeenAt: g.LastSeenAt, ExpiresAt: g.ExpiresAt, Auth: "code"}}
		if g.Task != "" {
			t, err := tx.FindTask(ctx, g.Account, g.Task)
			if KindOf(err) == NotFound { // it opens nothing any more
				continue
			}
			if err != nil {
				return nil, err
			}
			item.Task = t.Number
		}
		items = append(items, item)
	}
	return items, nil
}

// endGuests ends what codes opened for a person, apart from the actor's own
// browser, and tells how many those were.
func (c *Core) endGuests(ctx context.Context, tx Tx, a *Actor, p *Person) (ended int, err error) {
	list, err := tx.GuestSessionsOf(ctx, p.Account, p.ID, c.Now(), manyGuests)
	for i := range list {
		if err != nil {
			break
		}
		if list[i].ID != a.Session {
			err = tx.DeleteGuestSession(ctx, list[i].ID)
			ended++
		}
	}
	return ended, err
}

// manyGuests is more browsers than the limits of codes let anybody have.
const manyGuests = 10000
