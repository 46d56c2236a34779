package core

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// VisitLetter brings a visit into the reader's calendar, or takes it out of it.
const VisitLetter LetterKind = "visit"

// VisitNews is what a VisitLetter tells: the visit as it was when the mail was
// owed, for a mail that calls off must name what it calls off.
type VisitNews struct {
	Visit    ID
	Cancel   bool
	Sequence int
	Number   int64
	Title    string
	// Day, From and Until are civil, in Zone.
	Day, From, Until, Zone string
	// Resource is a name; Note is empty for who is not inside.
	Resource, Note string
}

func (n *VisitNews) params() []string {
	return []string{"visit", string(n.Visit), "cancel", strconv.FormatBool(n.Cancel), "sequence", strconv.Itoa(n.Sequence), "number", itoa(n.Number),
		"title", n.Title, "day", n.Day, "from", n.From, "until", n.Until, "zone", n.Zone, "resource", n.Resource, "note", n.Note}
}

func visitNewsOf(params []string) (n VisitNews) {
	m := make(map[string]string, len(params)/2)
	for i := 0; i+1 < len(params); i += 2 {
		m[params[i]] = params[i+1]
	}
	n = VisitNews{Visit: ID(m["visit"]), Cancel: m["cancel"] == "true", Title: m["title"], Day: m["day"], From: m["from"], Until: m["until"], Zone: m["zone"],
		Resource: m["resource"], Note: m["note"]}
	n.Sequence, _ = strconv.Atoi(m["sequence"])
	n.Number, _ = strconv.ParseInt(m["number"], 10, 64)
	return n
}

// Span is when the visit is; with allDay from and until are midnights of civil dates.
func (n *VisitNews) Span() (from, until time.Time, allDay bool) {
	zone, err := time.LoadLocation(n.Zone)
	if err != nil {
		zone = time.UTC
	}
	v := Visit{Day: n.Day, From: n.From, Until: n.Until}
	from, until = v.Span(zone)
	return from, until, v.AllDay()
}

// tellVisit owes the mails of a change: the one who is sent learns what is
// new, one who is not any more that it is off, outsiders of the task only when
// they were chosen. was is nil for a new visit.
func (c *Core) tellVisit(ctx context.Context, tx Tx, a *Actor, v, was *Visit, tell []ID) error {
	if was != nil && was.State == VisitPlanned && was.Person != "" && was.Person != v.Person {
		gone := *was
		gone.Sequence = v.Sequence
		if err := c.oweVisit(ctx, tx, a, &gone, true, was.Person); err != nil {
			return err
		}
	}
	concerned, err := c.chosenOutside(ctx, tx, v, tell)
	if err != nil {
		return err
	}
	fresh := was == nil || was.Sequence != v.Sequence || was.Note != v.Note
	if v.Person != "" && v.State != VisitDone && fresh {
		concerned = append(concerned, v.Person)
	}
	for _, id := range concerned {
		if err := c.oweVisit(ctx, tx, a, v, v.State == VisitCancelled, id); err != nil {
			return err
		}
	}
	return nil
}

// chosenOutside takes people from outside only who have to do with the task.
func (c *Core) chosenOutside(ctx context.Context, tx Tx, v *Visit, tell []ID) (list []ID, err error) {
	if len(tell) == 0 {
		return nil, nil
	}
	t, err := tx.FindTask(ctx, v.Account, v.Task)
	if err != nil {
		return nil, err
	}
	people, err := peopleByID(ctx, tx, v.Account, t.Related())
	if err != nil {
		return nil, err
	}
	for _, id := range tell {
		p, ok := people[id]
		if !ok || p.Staff() {
			return nil, Fail(Invalid, "visit.tell")
		}
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list, nil
}

func (c *Core) oweVisit(ctx context.Context, tx Tx, a *Actor, v *Visit, cancel bool, to ID) error {
	p, err := tx.FindPerson(ctx, v.Account, to)
	if err != nil || !writable(&p) {
		return err
	}
	t, err := tx.FindTask(ctx, v.Account, v.Task)
	if err != nil {
		return err
	}
	n := VisitNews{Visit: v.ID, Cancel: cancel, Sequence: v.Sequence, Number: t.Number, Title: t.Title, Day: v.Day, From: v.From, Until: v.Until, Zone: a.Account.Zone}
	if v.Person != "" {
		resource, err := tx.FindPerson(ctx, v.Account, v.Person)
		if err != nil {
			return err
		}
		n.Resource = strings.ReplaceAll(resource.Name, Tombstone, "")
	}
	if p.Staff() {
		n.Note = v.Note
	}
	told, err := throughChannels(ctx, tx, &t, []notice{{person: p, event: VisitTold, reason: "visit", told: !p.Staff()}})
	if err != nil || len(told) == 0 {
		return err
	}
	o := c.owe(&t, "", &told[0])
	if m := o.Mail; m != nil {
		d := c.plainLetter(v.Account, to, VisitLetter, n.params()...)
		d.State, d.Reason, d.DoneAt = m.State, m.Reason, m.DoneAt
		o.Mail, o.Note.Delivery = &d, d.ID
	}
	return tx.Owe(ctx, []Owed{o})
}

// readVisit asks again whether the reader may know of the visit. What is not
// so any more is not mailed; to call off needs no right, for the reader has it
// in the calendar.
func (c *Core) readVisit(ctx context.Context, tx Tx, l *Letter) error {
	l.Visit = visitNewsOf(l.Delivery.Params)
	v, err := tx.FindVisit(ctx, l.Account.ID, l.Visit.Visit)
	if err != nil {
		return err
	}
	facts, blocked, err := tx.VisitFacts(ctx, &l.Person, v.ID)
	if err != nil {
		return err
	}
	notes, err := tx.NotificationsOf(ctx, l.Account.ID, l.Delivery.ID)
	if err != nil {
		return err
	}
	project := ID("")
	if l.Person.Tuned {
		t, err := tx.FindTask(ctx, v.Account, v.Task)
		if err != nil {
			return err
		}
		project = t.Project
	}
	_, unwanted, err := stillWanted(ctx, tx, l, project, notes)
	if err != nil {
		return err
	}
	switch {
	case blocked:
		return Fail(Conflict, "delivery.blocked")
	case unwanted != "":
		return Fail(Conflict, unwanted)
	case l.Visit.Cancel:
		return nil
	case v.State != VisitPlanned || v.Sequence != l.Visit.Sequence:
		return Fail(Conflict, "delivery.nothing_left")
	case !readable(&Actor{Person: l.Person, Account: l.Account, Via: "mail"}, "visit.view", facts):
		return Fail(Conflict, "delivery.right")
	}
	return nil
}
