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
	// Plans are those of the project of which the reader holds an older index; of a phone letter those that somebody does. By number.
	Plans []HolderPlan
}

// HolderPlan is a plan of which older indices are held.
type HolderPlan struct {
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

// holderLetter owes a letter; all that becomes due for a reader in a project
// in the quiet time gathers in one mail, for plans come in batches.
func (c *Core) holderLetter(ctx context.Context, tx Tx, p *Plan, to ID, what string, link ID) error {
	d := c.plainLetter(p.Account, to, HolderLetter, "what", what, "project", string(p.Project))
	d.Link, d.Scope = link, "holder/"+what+"/"+string(p.Project)
	if c.cfg.Quiet > 0 {
		d.Gather, d.DueAt, d.GatherUntil = true, d.CreatedAt.Add(c.cfg.Quiet), d.CreatedAt.Add(c.cfg.QuietMax)
	}
	return tx.CreateDelivery(ctx, &d)
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
		if err := c.holderLetter(ctx, tx, p, h.Person, what, link.ID); err != nil {
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

// readHolder reads a HolderLetter and asks again: who has the current index of
// all of them meanwhile is told nothing, nor who is blocked or may not know of a plan.
func (c *Core) readHolder(ctx context.Context, tx Tx, l *Letter) (err error) {
	m, n := paramsOf(l.Delivery.Params), &l.Holder
	n.What = m["what"]
	if l.Project, err = tx.FindProject(ctx, l.Account.ID, ID(m["project"])); err != nil {
		return err
	}
	if !l.Project.DeletedAt.IsZero() {
		return Fail(Conflict, "delivery.nothing_left")
	}
	if l.Delivery.Link != "" {
		if l.Link, err = tx.FindLink(ctx, l.Delivery.Link); err != nil {
			return err
		}
		if l.Link.State(c.Now()) != LinkLive || !stillFor(&l.Link, &l.Person) {
			l.Link = Link{}
		}
	}
	of := l.Person.ID
	if n.What == holderPhone {
		of = ""
	}
	rows, err := tx.BehindHolders(ctx, l.Account.ID, l.Project.ID, of)
	if err != nil {
		return err
	}
	member := false
	for _, plan := range plansOf(rows) {
		p, known, err := c.heldPlan(ctx, tx, l, plan)
		if err != nil {
			return err
		}
		if p.Plan.ID != "" {
			n.Plans, member = append(n.Plans, p), member || known
		}
	}
	switch {
	case len(n.Plans) == 0:
		return Fail(Conflict, "delivery.nothing_left")
	case !member:
	case len(n.Plans) > 1 && n.What == holderPhone:
		l.LinkURL = c.cfg.BaseURL + "/projects/" + string(l.Project.ID) + "/plans"
	case len(n.Plans) > 1:
		l.LinkURL = c.cfg.BaseURL + "/projects/" + string(l.Project.ID) + "/current"
	default:
		l.LinkURL = c.cfg.BaseURL + "/plans/" + string(n.Plans[0].Plan.ID)
		if n.What == holderPhone {
			l.LinkURL += "/holders"
		}
	}
	return nil
}

func plansOf(rows []Holder) (ids []ID) {
	for i := range rows {
		ids = append(ids, rows[i].Plan)
	}
	return distinct(ids)
}

// heldPlan is what a letter tells of a plan; zero where its reader may not be told. Known tells that he sees it as a member.
func (c *Core) heldPlan(ctx context.Context, tx Tx, l *Letter, plan ID) (p HolderPlan, known bool, err error) {
	if p.Plan, err = tx.FindPlan(ctx, l.Account.ID, plan); err != nil {
		return p, false, err
	}
	if p.Now, err = currentVersion(ctx, tx, &p.Plan); err != nil {
		return p, false, err
	}
	facts, blocked, err := tx.PlanFacts(ctx, &l.Person, plan)
	if err != nil {
		return p, false, err
	}
	if blocked {
		return p, false, Fail(Conflict, "delivery.blocked")
	}
	phone := l.Holder.What == holderPhone
	known = readable(&Actor{Person: l.Person, Account: l.Account, Via: "mail"}, p.Plan.right("plan.view"), facts)
	if !known && (phone || p.Plan.Secured && l.Link.ID == "") || phone && c.Now().Sub(p.Now.CurrentAt) < remindAfter[len(remindAfter)-1] {
		return HolderPlan{}, false, nil
	}
	holders, err := c.holderRows(ctx, tx, &p.Plan)
	if err != nil {
		return p, known, err
	}
	p.All = len(holders)
	for _, h := range holders {
		if h.Behind && phone {
			p.Still = append(p.Still, h)
		} else if h.Behind && h.Person == l.Person.ID {
			p.Held, err = tx.FindVersion(ctx, l.Account.ID, h.Version)
		}
	}
	return p, known, err
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
					err = c.givePhoneList(ctx, tx, &p)
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
func (c *Core) givePhoneList(ctx context.Context, tx Tx, p *Plan) error {
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
	return c.holderLetter(ctx, tx, p, to, holderPhone, "")
}

// Phones is the list as a mail has it: a paragraph for each, with name, index and number.
func (n *HolderPlan) Phones() string {
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
