package core

import (
	"cmp"
	"context"
	"strings"
	"time"
)

// HolderLetter tells somebody that the index he holds is not current any more;
// Delivery.Link is the way to the new one by which he was sent an older, if there is one.
const HolderLetter LetterKind = "holder"

// What a HolderLetter is: at once, the first and second reminder, and the list
// for whoever has to telephone then. Version.Reminded counts those that are sent.
const (
	holderNews   = "news"
	holderRemind = "remind"
	holderPhone  = "phone"
)

// remindAfter is when, after an index became current, those who still hold an
// older one are written to again, and at last the list is given to one person.
var remindAfter = []time.Duration{24 * time.Hour, 3 * 24 * time.Hour, 4 * 24 * time.Hour}

// HolderNews is what a HolderLetter tells.
type HolderNews struct {
	// What is news, remind or phone.
	What string
	Plan Plan
	// Now is the current index, Held the one that the reader holds; of a phone letter it is zero.
	Now, Held Version
	// Still are those who hold an older one, All how many hold the plan; both for a phone letter alone.
	Still []HolderRow
	All   int
}

// HolderRow is a holder with what is needed to reach him.
type HolderRow struct {
	Holder
	Of Person
	// Index is what he holds, Behind tells that it is older than the current one.
	Index  string
	Behind bool
}

// tellHolders owes a mail to exactly those who hold an older index than v,
// which is current from now on; not to who brought it.
func (c *Core) tellHolders(ctx context.Context, tx Tx, a *Actor, p *Plan, v *Version) error {
	return c.writeHolders(ctx, tx, p, v, holderNews, a.Person.ID)
}

// writeHolders owes each holder of an older index than v a letter.
func (c *Core) writeHolders(ctx context.Context, tx Tx, p *Plan, v *Version, what string, but ID) error {
	holders, err := tx.ListHolders(ctx, p.Account, p.ID)
	if err != nil {
		return err
	}
	for _, h := range holders {
		if h.Position >= v.Position || h.Person == but {
			continue
		}
		of, err := tx.FindPerson(ctx, p.Account, h.Person)
		if err != nil {
			return err
		}
		if !writable(&of) {
			continue
		}
		link, err := c.linkToPlan(ctx, tx, p, h.Person)
		if err != nil {
			return err
		}
		d := c.plainLetter(p.Account, h.Person, HolderLetter, "what", what, "plan", string(p.ID), "version", string(v.ID))
		d.Link = link.ID
		if err := tx.CreateDelivery(ctx, &d); err != nil {
			return err
		}
	}
	return nil
}

// linkToPlan is the newest link that works by which the plan was sent to a person; zero where there is none.
func (c *Core) linkToPlan(ctx context.Context, tx Tx, p *Plan, person ID) (Link, error) {
	list, err := tx.ListTransmittals(ctx, p.Account, TransmittalFilter{Project: p.Project, Plan: p.ID, Person: person})
	if err != nil {
		return Link{}, err
	}
	for i := range list {
		to, err := tx.TransmittalRecipients(ctx, p.Account, list[i].ID)
		if err != nil {
			return Link{}, err
		}
		for _, r := range to {
			if r.Person != person || r.Link == "" {
				continue
			}
			l, err := tx.FindLink(ctx, r.Link)
			if err != nil {
				return Link{}, err
			}
			if l.State(c.Now()) == LinkLive {
				return l, nil
			}
		}
	}
	return Link{}, nil
}

// readHolder reads a HolderLetter and asks again: who has the new index
// meanwhile is told nothing, nor who is blocked or may not know of the plan.
func (c *Core) readHolder(ctx context.Context, tx Tx, l *Letter) (err error) {
	m, n := paramsOf(l.Delivery.Params), &l.Holder
	n.What = m["what"]
	if n.Plan, err = tx.FindPlan(ctx, l.Account.ID, ID(m["plan"])); err != nil {
		return err
	}
	if l.Project, err = tx.FindProject(ctx, l.Account.ID, n.Plan.Project); err != nil {
		return err
	}
	if n.Now, err = tx.FindVersion(ctx, l.Account.ID, ID(m["version"])); err != nil {
		return err
	}
	if n.Now.State != Current || !n.Plan.DeletedAt.IsZero() {
		return Fail(Conflict, "delivery.nothing_left")
	}
	facts, blocked, err := tx.PlanFacts(ctx, &l.Person, n.Plan.ID)
	if err != nil {
		return err
	}
	if blocked {
		return Fail(Conflict, "delivery.blocked")
	}
	member := readable(&Actor{Person: l.Person, Account: l.Account, Via: "mail"}, n.Plan.right("plan.view"), facts)
	if member {
		l.LinkURL = c.cfg.BaseURL + "/plans/" + string(n.Plan.ID)
	} else if l.Delivery.Link != "" {
		if l.Link, err = tx.FindLink(ctx, l.Delivery.Link); err != nil {
			return err
		}
		if l.Link.State(c.Now()) != LinkLive || !stillFor(&l.Link, &l.Person) {
			l.Link = Link{}
		}
	}
	if !member && (n.What == holderPhone || n.Plan.Secured && l.Link.ID == "") {
		return Fail(Conflict, "delivery.right")
	}
	holders, err := c.holderRows(ctx, tx, &n.Plan)
	if err != nil {
		return err
	}
	if n.What == holderPhone {
		l.LinkURL += "/holders"
		n.All = len(holders)
		for _, h := range holders {
			if h.Behind {
				n.Still = append(n.Still, h)
			}
		}
		if len(n.Still) == 0 {
			return Fail(Conflict, "delivery.nothing_left")
		}
		return nil
	}
	for _, h := range holders {
		if h.Person == l.Person.ID && h.Behind {
			n.Held, err = tx.FindVersion(ctx, l.Account.ID, h.Version)
			return err
		}
	}
	return Fail(Conflict, "delivery.nothing_left")
}

func paramsOf(params []string) map[string]string {
	m := make(map[string]string, len(params)/2)
	for i := 0; i+1 < len(params); i += 2 {
		m[params[i]] = params[i+1]
	}
	return m
}

// RemindHolders writes again to those who hold an older index for a day and for
// three, and gives the list to whoever is responsible a day after that; a duty.
func (c *Core) RemindHolders(ctx context.Context) error {
	owed := false
	for step, after := range remindAfter {
		err := c.store.InTx(ctx, func(tx Tx) error {
			due, err := tx.VersionsToRemind(ctx, step, c.Now().Add(-after), 200)
			if err != nil {
				return err
			}
			for i := range due {
				v := &due[i]
				p, err := tx.FindPlan(ctx, v.Account, v.Plan)
				if err != nil {
					return err
				}
				switch {
				case !p.DeletedAt.IsZero():
				case step == len(remindAfter)-1:
					err = c.givePhoneList(ctx, tx, &p, v)
				default:
					err = c.writeHolders(ctx, tx, &p, v, holderRemind, "")
				}
				if err != nil {
					return err
				}
				if err := tx.MarkReminded(ctx, v.Account, v.ID, step+1); err != nil {
					return err
				}
				owed = true
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if owed {
		c.wakeMailer()
	}
	return nil
}

// givePhoneList owes the list to who is responsible for the project, or owns it.
func (c *Core) givePhoneList(ctx context.Context, tx Tx, p *Plan, v *Version) error {
	counts, err := tx.CountHolders(ctx, p.Account, p.ID)
	if err != nil || counts[p.ID].Behind == 0 {
		return err
	}
	j, err := tx.FindProject(ctx, p.Account, p.Project)
	if err != nil {
		return err
	}
	to := cmp.Or(j.Responsible, j.Owner)
	of, err := tx.FindPerson(ctx, p.Account, to)
	if err != nil || !writable(&of) {
		return err
	}
	d := c.plainLetter(p.Account, to, HolderLetter, "what", holderPhone, "plan", string(p.ID), "version", string(v.ID))
	return tx.CreateDelivery(ctx, &d)
}

// Phones is the list as a mail has it: a paragraph for each, with name, index and number.
func (n *HolderNews) Phones() string {
	var lines []string
	for i := range n.Still {
		r := &n.Still[i]
		line := strings.ReplaceAll(r.Of.Name, Tombstone, "") + " (" + r.Index + ")"
		if r.Of.Phone != "" {
			line += ": " + r.Of.Phone
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n\n")
}
