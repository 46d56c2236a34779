package core

import (
	"context"
	"strings"
	"time"

	"planpost/mail"
)

// FetchedRoutes tells where what was fetched leads by the addresses it went to: those with a token of ours, behind the
// plus of the mailbox's own address or in our domain. The last route is the mailbox itself, for what has none.
// Nothing leads into another account than the mailbox's.
func (c *Core) FetchedRoutes(ctx context.Context, m *Mailbox, to []mail.Address) (list []Route, err error) {
	for _, a := range to {
		r, err := c.fetchedRoute(ctx, m, a)
		if err != nil {
			return nil, err
		}
		if r.Kind == RouteProbe || r.Account == m.Account && (r.Refuse == "" || r.Kind != RouteProject) {
			list = append(list, r)
		}
	}
	return append(list, m.route()), nil
}

// route is the mailbox itself.
func (m *Mailbox) route() Route {
	return Route{Kind: RouteBox, Account: m.Account, Key: "box:" + string(m.ID), Shown: m.Address.Mailbox()}
}

func (c *Core) fetchedRoute(ctx context.Context, m *Mailbox, a mail.Address) (Route, error) {
	if strings.EqualFold(a.Domain, m.Address.Domain) {
		if token, ok := cutPrefixFold(a.Local, m.Address.Local+"+"); ok {
			r, _, err := c.tokenRoute(ctx, token, a)
			return r, err
		}
	}
	r, err := c.Route(ctx, a)
	if r.Kind == RouteBox {
		r.Kind = RouteNone
	}
	return r, err
}

// resolveFetched keeps the routes that tokens gave; what has none is led on by what stands in it, else by what the
// mailbox says about such mail.
func (c *Core) resolveFetched(ctx context.Context, in *Inbound) error {
	m := in.Fetched.Mailbox
	var routes []Route
	for i := range in.Routes {
		if in.Routes[i].Kind != RouteBox {
			routes = append(routes, in.Routes[i])
		}
	}
	if len(routes) > 0 {
		in.Routes = routes
		return nil
	}
	box := m.route()
	r, err := c.boxRoute(ctx, in, &box)
	if err != nil {
		return err
	}
	if r.Kind == RouteBox || r.Account != m.Account && r.Kind != RouteProbe {
		r, err = c.elseRoute(ctx, m)
	}
	in.Routes = []Route{r}
	return err
}

// elseRoute is where mail goes that answers nothing of ours.
func (c *Core) elseRoute(ctx context.Context, m *Mailbox) (Route, error) {
	if m.Else == ElseHold || m.Else == ElseIgnore {
		return m.route(), nil
	}
	r := m.route()
	err := c.store.Ask(ctx, func(tx Tx) error {
		p, err := tx.FindProject(ctx, m.Account, ID(m.Else))
		if err != nil {
			return err
		}
		if p.ClosedAt.IsZero() && p.DeletedAt.IsZero() {
			r.Kind, r.Project, r.Key = RouteProject, p, "project:"+string(p.ID)
		}
		return nil
	})
	if KindOf(err) == NotFound { // then a person decides
		err = nil
	}
	return r, err
}

// judgeBox takes what came to a mailbox and leads nowhere.
func (d *decision) judgeBox(ctx context.Context, tx Tx, r *Receipt) error {
	from := d.in.Fetched
	if ended, err := d.common(ctx, tx, r); err != nil || ended {
		if r.Disposition == Held && r.Reason == "class.list" {
			r.Disposition = Recorded // nobody in particular is addressed
		}
		return err
	}
	if from == nil || from.Mailbox.Else == ElseIgnore {
		r.end(Ignored, "box.unknown")
		return nil
	}
	r.end(Held, "box.unknown")
	return d.tellIntake(ctx, tx, r)
}

// tellIntake lets who is handed mail of nobody know that some waits.
func (d *decision) tellIntake(ctx context.Context, tx Tx, r *Receipt) error {
	owner, err := tx.OwnerOf(ctx, d.account.ID)
	if err != nil {
		return err
	}
	people, err := peopleByID(ctx, tx, d.account.ID, []ID{d.account.IntakePerson})
	if err != nil {
		return err
	}
	for _, p := range []Person{people[d.account.IntakePerson], owner} {
		if p.ID == "" || !reachable(&p) || !decide(&Actor{Person: p, Account: d.account}, "inbound.quarantine.view", CapFacts(&p), false, false).Allowed {
			continue
		}
		return d.oweHeld(ctx, tx, r, []notice{{person: p, event: MessageHeld, reason: "intake", scope: ScopeInternal}})
	}
	return nil
}

// past tells that the message is from before its mailbox was connected.
func (d *decision) past() bool { return d.in.Fetched != nil && d.in.Fetched.Past }

// fetchedLate is how long a message may have lain on its server to count as said now.
const fetchedLate = 2 * time.Minute

// at is when what the message says was said.
func (d *decision) at() time.Time {
	if f := d.in.Fetched; f != nil && !f.At.IsZero() && d.Message.ReceivedAt.Sub(f.At) > fetchedLate {
		return f.At
	}
	return d.Message.ReceivedAt
}

// entry is what the ledger says of a message that was taken in.
func (f *FetchedFrom) entry(message ID) *Fetched {
	e := f.Fetched
	e.Message, e.NextTry = message, time.Time{}
	if e.State != FetchFailed {
		e.State, e.Asked, e.Code, e.Text = FetchDone, false, "", ""
		e.Due = f.Mailbox.After != LeaveFetched
	}
	return &e
}

// keepEntry writes the ledger's entry of what makes no row of its own: a probe that came back.
func (c *Core) keepEntry(ctx context.Context, in *Inbound) error {
	if in.Fetched == nil || len(accountsOf(in.Routes)) > 0 {
		return nil
	}
	return c.store.InTx(ctx, func(tx Tx) error { return tx.PutFetched(ctx, []Fetched{*in.Fetched.entry("")}) })
}

// The functions below are for the worker that fetches. They ask nobody's rights.

// FetchedMailboxes are all that are to be fetched from, of every account that works.
func (c *Core) FetchedMailboxes(ctx context.Context) (list []Mailbox, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list = nil
		all, err := tx.ListMailboxes(ctx, "")
		if err != nil {
			return err
		}
		frozen := make(map[ID]bool)
		for i := range all {
			m := &all[i]
			if _, known := frozen[m.Account]; !known {
				a, err := tx.FindAccount(ctx, m.Account)
				if err != nil {
					return err
				}
				frozen[m.Account] = !a.FrozenAt.IsZero()
			}
			if m.PausedAt.IsZero() && !frozen[m.Account] {
				list = append(list, *m)
			}
		}
		return nil
	})
	return list, err
}

const purposeMailbox = "mailbox"

// MailFolders gives the watched folders of a mailbox; one that is new is made.
func (c *Core) MailFolders(ctx context.Context, m *Mailbox) (list []MailFolder, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		list = nil
		known, err := tx.MailFolders(ctx, m.ID)
		if err != nil {
			return err
		}
	next:
		for _, name := range m.Folders {
			for i := range known {
				if known[i].Name == name {
					list = append(list, known[i])
					continue next
				}
			}
			f := MailFolder{ID: NewID(), Mailbox: m.ID, Name: name}
			f.Since = tx.Now()
			if err := tx.PutMailFolder(ctx, &f); err != nil {
				return err
			}
			list = append(list, f)
		}
		return nil
	})
	return list, err
}

// KeepFolder keeps how far a folder was read, together with entries of the ledger; with forget, entries from before
// the server numbered anew are dropped.
func (c *Core) KeepFolder(ctx context.Context, f *MailFolder, entries []Fetched, forget bool) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := tx.PutFetched(ctx, entries); err != nil {
			return err
		}
		if forget {
			if err := tx.ForgetFetched(ctx, f.ID, f.Validity); err != nil {
				return err
			}
		}
		return tx.PutMailFolder(ctx, f)
	})
}

// KeepFetched writes entries of the ledger.
func (c *Core) KeepFetched(ctx context.Context, entries []Fetched) error {
	return c.store.InTx(ctx, func(tx Tx) error { return tx.PutFetched(ctx, entries) })
}

// DoneAfter notes that nothing is to be done any more on the server about these.
func (c *Core) DoneAfter(ctx context.Context, f *MailFolder, uids []uint32) error {
	return c.store.InTx(ctx, func(tx Tx) error { return tx.DoneAfter(ctx, f.ID, f.Validity, uids) })
}

// DueFetched are messages with something to do: a try, or what happens on the server afterwards.
func (c *Core) DueFetched(ctx context.Context, f *MailFolder, limit int) (list []Fetched, err error) {
	err = c.store.Ask(ctx, func(tx Tx) error {
		list, err = tx.DueFetched(ctx, f.ID, f.Validity, c.Now(), limit)
		return err
	})
	return list, err
}

// FetchedUIDs are the messages of a folder from a UID on that are in the ledger, sorted.
func (c *Core) FetchedUIDs(ctx context.Context, f *MailFolder, from uint32) (uids []uint32, err error) {
	err = c.store.Ask(ctx, func(tx Tx) error {
		uids, err = tx.FetchedUIDs(ctx, f.ID, f.Validity, from)
		return err
	})
	return uids, err
}

// FetchedMarks counts the messages of a folder, by mark, that were numbered otherwise before.
func (c *Core) FetchedMarks(ctx context.Context, f *MailFolder, but uint32) (marks map[string]int, err error) {
	err = c.store.Ask(ctx, func(tx Tx) error {
		marks, err = tx.FetchedMarks(ctx, f.ID, but)
		return err
	})
	return marks, err
}

// KeepFolderStates keeps how it goes with folders, by their IDs.
func (c *Core) KeepFolderStates(ctx context.Context, states map[ID]MailFolderState) error {
	if len(states) == 0 {
		return nil
	}
	err := c.store.InTx(ctx, func(tx Tx) error {
		for id, s := range states {
			if err := tx.PutMailFolderState(ctx, id, &s); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// MailboxesTopic is the Bus topic of settings of mailboxes, MailboxTopic that of how it goes with those of an account.
const MailboxesTopic = "mailboxes"

// MailboxTopic is told when something about an account's mailboxes changed.
func MailboxTopic(account ID) string { return "mailbox:" + string(account) }

// ClaimMailboxes takes or renews the lease of each mailbox for an owner, and tells which it has. One mailbox is
// fetched from by one process at a time.
func (c *Core) ClaimMailboxes(ctx context.Context, owner ID, mailboxes []ID, ttl time.Duration) (held map[ID]bool, err error) {
	names := make([]string, len(mailboxes))
	for i, id := range mailboxes {
		names[i] = leaseOfMailbox(id)
	}
	got, err := c.store.Leases(ctx, names, owner, time.Now(), ttl)
	if err != nil {
		return nil, err
	}
	held = make(map[ID]bool, len(mailboxes))
	for i, id := range mailboxes {
		held[id] = got[i]
	}
	return held, nil
}

// LeaveMailboxes gives leases back, so that another process need not wait.
func (c *Core) LeaveMailboxes(ctx context.Context, owner ID, mailboxes []ID) error {
	_, err := c.ClaimMailboxes(ctx, owner, mailboxes, -time.Second)
	return err
}

func leaseOfMailbox(id ID) string { return "mailbox " + string(id) }
