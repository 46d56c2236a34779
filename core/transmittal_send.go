package core

import (
	"context"
	"slices"
	"strings"
	"time"

	"planpost/core/access"
)

// What a sending may hold at most.
const (
	maxSentPlans  = 1000
	maxRecipients = 200
	maxCopies     = 99
)

// PrintPrintSheets and Foldings are what a print shop can be asked for.
var (
	PrintSheets = []string{"original", "A0", "A1", "A2", "A3", "A4"}
	Foldings    = []string{"flat", "folded", "rolled"}
)

// reasonRecalled is why the mail of a sending does not leave.
const reasonRecalled = "delivery.recalled"

// NewTransmittal is a sending as its form asks for it.
type NewTransmittal struct {
	Project ID
	// Versions are exact indices; all of them current.
	Versions []ID
	// People take part in the project or are known otherwise.
	People []ID
	// Addresses are people outside who have no login.
	Addresses []SendAddress
	Message   string
	PrintOnly bool
	// Copies, Sheet and Folding are for a print shop; zero asks for nothing.
	Copies         int
	Sheet, Folding string
}

// SendAddress is an address to which plans go; Role is the trade role it gets
// when it is written to for the first time (E3), empty for none. An Address may
// come as people copy it, with a name in front of it.
type SendAddress struct{ Address, Role, name string }

// part takes the name off the address.
func (s *SendAddress) part() {
	s.Address = strings.TrimSpace(s.Address)
	name, rest, ok := strings.Cut(s.Address, "<")
	if address, closed := strings.CutSuffix(rest, ">"); ok && closed {
		s.Address, s.name = strings.TrimSpace(address), strings.Trim(strings.TrimSpace(name), `"`)
	}
}

// SendPlans sends plans by link: one mail and one link each, and nobody learns
// of the others (E1 to E7). Mail to people outside can be undone for a while.
func (c *Core) SendPlans(ctx context.Context, a *Actor, n NewTransmittal) (t Transmittal, err error) {
	if err := n.check(); err != nil {
		return t, err
	}
	if ok, wait := c.limiter.Allow(ctx, "transmit:"+string(a.Account.ID), 1000, 10*time.Second); !ok {
		return t, limited("transmittal.limited", wait)
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		t = Transmittal{ID: NewID(), Account: a.Account.ID, Project: n.Project, Sender: a.Person.ID, Message: c.redact(body(n.Message)), PrintOnly: n.PrintOnly,
			Copies: n.Copies, Sheet: n.Sheet, Folding: n.Folding, CreatedAt: tx.Now()}
		project, err := tx.FindProject(ctx, a.Account.ID, n.Project)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "plan.list", Object{"project", n.Project}); err != nil {
			return err
		}
		items, err := c.itemsToSend(ctx, tx, a, &t, n.Versions)
		if err != nil {
			return err
		}
		people, err := c.peopleToSend(ctx, tx, a, &project, &n)
		if err != nil {
			return err
		}
		return c.transmit(ctx, tx, a, &t, &project, items, people)
	})
	if err == nil {
		c.wakeMailer()
		c.plansChanged(a, nil)
	}
	return t, err
}

func (n *NewTransmittal) check() error {
	n.Versions = distinct(n.Versions)
	n.People = distinct(n.People)
	n.Addresses = slices.DeleteFunc(slices.Clone(n.Addresses), func(s SendAddress) bool { return strings.TrimSpace(s.Address) == "" })
	for i := range n.Addresses {
		n.Addresses[i].part()
	}
	switch {
	case len(n.Versions) == 0:
		return Fail(Invalid, "transmittal.nothing")
	case len(n.Versions) > maxSentPlans:
		return Fail(Invalid, "transmittal.many", "most", itoa(maxSentPlans))
	case len(n.People)+len(n.Addresses) == 0:
		return Fail(Invalid, "transmittal.nobody")
	case len(n.People)+len(n.Addresses) > maxRecipients:
		return Fail(Invalid, "transmittal.recipients", "most", itoa(maxRecipients))
	case n.Copies < 0 || n.Copies > maxCopies:
		return Fail(Invalid, "transmittal.copies", "most", itoa(maxCopies))
	case n.Sheet != "" && !slices.Contains(PrintSheets, n.Sheet), n.Folding != "" && !slices.Contains(Foldings, n.Folding):
		return Fail(Invalid, "form")
	}
	return nil
}

func distinct(ids []ID) (list []ID) {
	for _, id := range ids {
		if id != "" && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// itemsToSend asks the right to each plan: a secured document leaves only through an administrator.
func (c *Core) itemsToSend(ctx context.Context, tx Tx, a *Actor, t *Transmittal, versions []ID) (items []TransmittalItem, err error) {
	files := map[ID]bool{}
	if t.PrintOnly {
		all, err := tx.ListPlanFiles(ctx, t.Account, versions...)
		if err != nil {
			return nil, err
		}
		for i := range all {
			files[all[i].Version] = files[all[i].Version] || all[i].Class == PrintFile
		}
	}
	for _, id := range versions {
		v, err := tx.FindVersion(ctx, t.Account, id)
		if err != nil {
			return nil, err
		}
		p, err := tx.FindPlan(ctx, t.Account, v.Plan)
		if err != nil {
			return nil, err
		}
		if err := c.require(ctx, tx, a, p.right("plan.send"), v.object()); err != nil {
			return nil, err
		}
		switch {
		case p.Project != t.Project:
			return nil, Fail(NotFound, "version.unknown")
		case v.State != Current:
			return nil, Fail(Conflict, "transmittal.not_current", "plan", p.Name(), "index", v.Index)
		case t.PrintOnly && !files[id]:
			return nil, Fail(Invalid, "transmittal.no_print", "plan", p.Name(), "index", v.Index)
		}
		items = append(items, TransmittalItem{t.ID, v.ID, p.ID})
	}
	return items, nil
}

// peopleToSend finds or makes the recipients; who is blocked gets nothing, and who sends is told.
func (c *Core) peopleToSend(ctx context.Context, tx Tx, a *Actor, project *Project, n *NewTransmittal) (people []Person, err error) {
	add := func(p Person) error {
		if len(p.Addresses) == 0 {
			return Fail(Invalid, "transmittal.no_address", "name", p.Name)
		}
		place, _, err := tx.FindParticipant(ctx, a.Account.ID, n.Project, p.ID)
		if err != nil {
			return err
		}
		if !place.BlockedAt.IsZero() {
			return Fail(Conflict, "transmittal.blocked", "name", p.Name)
		}
		if !slices.ContainsFunc(people, func(q Person) bool { return q.ID == p.ID }) {
			people = append(people, p)
		}
		return nil
	}
	for _, id := range n.People {
		p, err := c.known(ctx, tx, a, &NewParticipant{Person: id})
		if err != nil {
			return nil, err
		}
		if err := add(p); err != nil {
			return nil, err
		}
	}
	for _, s := range n.Addresses {
		p, err := c.addressToSend(ctx, tx, a, project, s)
		if err != nil {
			return nil, err
		}
		if err := add(p); err != nil {
			return nil, err
		}
	}
	return people, nil
}

// addressToSend is whose an address is; somebody not known yet becomes an address of the account, with the role that was chosen.
func (c *Core) addressToSend(ctx context.Context, tx Tx, a *Actor, project *Project, s SendAddress) (p Person, err error) {
	p, err = c.known(ctx, tx, a, &NewParticipant{Address: s.Address})
	if err != nil && KindOf(err) != NotFound {
		return p, err
	}
	if KindOf(err) == NotFound {
		if p, err = c.newPerson(a.Account.ID, AddressKind, s.name, s.Address); err != nil {
			return p, err
		}
		p.CreatedBy = a.Person.ID
		if err := tx.CreatePerson(ctx, &p); err != nil {
			return p, err
		}
	}
	role, err := trade(ctx, tx, a, project.ID, s.Role, p.ID)
	if err != nil {
		return p, err
	}
	place, there, err := tx.FindParticipant(ctx, a.Account.ID, project.ID, p.ID)
	if err != nil || role == "" || there && place.TradeRole != "" {
		return p, err
	}
	if err := c.require(ctx, tx, a, "address.set_role", Object{"project", project.ID}, project.sendFacts()...); err != nil {
		return p, err
	}
	if !there {
		place = Participant{Account: p.Account, Project: project.ID, Person: p.ID, Guest: true}
	}
	place.TradeRole = role
	return p, tx.SetParticipant(ctx, &place)
}

// sendFacts are what the project's setting makes true: participants may send.
func (p *Project) sendFacts() []access.Fact {
	return access.FactsOf().When(!p.NoSending, access.SendOK).List()
}

// transmit writes the sending with a link and a mail for each.
func (c *Core) transmit(ctx context.Context, tx Tx, a *Actor, t *Transmittal, project *Project, items []TransmittalItem, people []Person) error {
	to := make([]TransmittalRecipient, len(people))
	for i := range people {
		p := &people[i]
		id, err := RandomID(c.rand)
		if err != nil {
			return err
		}
		l := Link{ID: id, Account: t.Account, Kind: DownloadLink, Person: p.ID, Object: t.ID, Scope: p.Address().Norm(), CreatedBy: t.Sender,
			CreatedAt: t.CreatedAt, ExpiresAt: t.CreatedAt.Add(project.LinkLife())}
		if err := tx.EnsureLink(ctx, &l); err != nil {
			return err
		}
		d := c.plainLetter(t.Account, p.ID, TransmittalLetter)
		d.Link = l.ID
		if !p.Staff() {
			d.DueAt = d.DueAt.Add(c.undoOf(a.Account.UndoSeconds))
		}
		if err := tx.CreateDelivery(ctx, &d); err != nil {
			return err
		}
		to[i] = TransmittalRecipient{t.ID, p.ID, l.ID, d.ID}
	}
	if err := tx.CreateTransmittal(ctx, t, items, to); err != nil {
		return err
	}
	return c.note(ctx, tx, a, "transmittal.send", t.object(), "number", itoa(t.Number), "project", project.Name, "plans", itoa(int64(len(items))), "people", itoa(int64(len(people))))
}

// RecallTransmittal ends the links of one sending and the mail that has not
// left, and blocks nobody (E9). What was downloaded stays downloaded.
func (c *Core) RecallTransmittal(ctx context.Context, a *Actor, id ID) (links, mails int, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		t, err := tx.FindTransmittal(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "transmittal.recall", t.object()); err != nil {
			return err
		}
		t.RecalledAt, t.RecalledBy = tx.Now(), a.Person.ID
		if err := tx.RecallTransmittal(ctx, &t); err != nil {
			return err
		}
		f := EndFilter{Account: t.Account, Task: t.ID}
		if links, err = tx.EndLinks(ctx, f, "recalled", t.RecalledAt); err != nil {
			return err
		}
		if mails, err = tx.EndDeliveries(ctx, f, reasonRecalled, t.RecalledAt); err != nil {
			return err
		}
		return c.note(ctx, tx, a, "transmittal.recall", t.object(), "number", itoa(t.Number), "links", itoa(int64(links)), "mails", itoa(int64(mails)))
	})
	c.ended(a, err)
	return links, mails, err
}
