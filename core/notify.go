package core

import (
	"context"
	"slices"
)

// notice is one person who is to hear of one event, and why.
type notice struct {
	person Person
	event  Event
	// reason is the person's relation, or "told".
	reason string
	// told people get their mail at once; others when the task has been quiet.
	told bool
	// page and refused are how he hears of it (throughChannels): shown in pages, and why no mail goes.
	page    bool
	refused string
	// taste is what he has chosen, undo the account's UndoSeconds (throughChannels).
	taste *taste
	undo  int
	// scope of the reply address in the mail: what is answered to it stays internal or may go out.
	scope string
}

// The scopes of a reply address, for ever.
const (
	ScopeInternal = "internal"
	ScopeExternal = "external"
)

// reachable tells whether a person may be written to at all.
func reachable(p *Person) bool {
	return p.Status == Active && p.BlockedAt.IsZero() && len(p.Addresses) > 0
}

// commentNotices decides who hears of a comment: everyone inside who has to
// do with the task; outsiders only when the comment is not hidden and they
// were chosen. The author does not hear of it; outside tells that he is no colleague.
func commentNotices(t *Task, people map[ID]Person, cm *Comment, outside bool, told []ID) (list []notice) {
	scope := ScopeExternal
	if cm.Hidden {
		scope = ScopeInternal
	}
	seen := map[ID]bool{cm.Author: true}
	for _, tp := range t.People {
		p, known := people[tp.Person]
		if seen[tp.Person] || !known || !reachable(&p) {
			continue
		}
		chosen := slices.Contains(told, p.ID)
		if !p.Staff() && (cm.Hidden || !chosen) {
			continue
		}
		seen[tp.Person] = true
		n := notice{person: p, event: CommentAdded, reason: string(tp.Relation), told: chosen, scope: scope}
		switch {
		case chosen:
			n.event, n.reason = CommentTold, "told"
		case outside:
			n.event = ClientMessage
		}
		list = append(list, n)
	}
	return list
}

// fromOutside tells whether somebody outside wrote a comment; people are those at hand.
func fromOutside(ctx context.Context, tx Tx, cm *Comment, people map[ID]Person) (bool, error) {
	p, ok := people[cm.Author]
	if !ok && cm.Author != "" {
		var err error
		if p, err = tx.FindPerson(ctx, cm.Account, cm.Author); err != nil {
			return false, err
		}
	}
	return p.ID != "" && !p.Staff(), nil
}

// newTaskNotices tells everyone but the assigner of a new task.
func (c *Core) newTaskNotices(ctx context.Context, tx Tx, t *Task) ([]notice, error) {
	people, err := peopleByID(ctx, tx, t.Account, t.Related())
	if err != nil {
		return nil, err
	}
	return taskNotices(t, t.People, people), nil
}

func taskNotices(t *Task, joined []TaskPerson, people map[ID]Person) (list []notice) {
	seen := map[ID]bool{}
	for _, id := range t.Of(Assigner) {
		seen[id] = true
	}
	for _, tp := range joined {
		p, known := people[tp.Person]
		if seen[tp.Person] || !known || !reachable(&p) {
			continue
		}
		seen[tp.Person] = true
		n := notice{person: p, event: TaskShared, reason: string(tp.Relation), told: true, scope: ScopeExternal}
		if tp.Relation == Assignee || tp.Relation == CoAssignee {
			n.event = TaskAssigned
		}
		list = append(list, n)
	}
	return list
}

// joinedNotices tells those who have a relation now and had none before.
func (c *Core) joinedNotices(ctx context.Context, tx Tx, a *Actor, t *Task, before []TaskPerson) ([]notice, error) {
	old := Task{People: before}
	known := append(old.Related(), a.Person.ID)
	var joined []TaskPerson
	for _, tp := range t.People {
		if !slices.Contains(known, tp.Person) {
			joined = append(joined, tp)
		}
	}
	if len(joined) == 0 {
		return nil, nil
	}
	people, err := peopleByID(ctx, tx, t.Account, t.Related())
	if err != nil {
		return nil, err
	}
	return taskNotices(t, joined, people), nil
}

// changeNotices tells those inside of a changed task, and outsiders of its end.
func (c *Core) changeNotices(ctx context.Context, tx Tx, t *Task, entry *Comment) (list []notice, err error) {
	people, err := peopleByID(ctx, tx, t.Account, t.Related())
	if err != nil {
		return nil, err
	}
	var told []ID
	if Closed(entry.To) {
		told = t.Related()
	}
	for _, n := range commentNotices(t, people, entry, false, told) {
		n.event, n.told = TaskChanged, false
		list = append(list, n)
	}
	return list, nil
}

// Owed is what one notice made: what is shown, and the mail, nil when there is none.
type Owed struct {
	Note Notification
	Mail *Delivery
}

// owe makes the notification and the delivery of one notice that went through
// the channels. A refused mail is kept, ended, where its author chose to send it.
func (c *Core) owe(t *Task, comment ID, n *notice) Owed {
	now := c.Now()
	o := Owed{Note: Notification{ID: NewID(), Account: t.Account, Person: n.person.ID, Event: n.event, Reason: n.reason, Task: t.ID, Comment: comment, Page: n.page, CreatedAt: now}}
	if n.refused != "" && !n.told {
		return o
	}
	d := &Delivery{ID: NewID(), Account: t.Account, Person: n.person.ID, Task: t.ID, Stream: WorkStream, Scope: n.scope, State: DeliveryDue, DueAt: now, CreatedAt: now}
	switch {
	case n.refused != "":
		d.State, d.Reason, d.DoneAt = DeliveryCancelled, n.refused, now
	case n.digest(d):
	case !n.told && c.cfg.Quiet > 0:
		d.Gather, d.DueAt, d.GatherUntil = true, n.taste.open(now.Add(c.cfg.Quiet)), n.taste.open(now.Add(c.cfg.QuietMax))
	case !n.person.Staff():
		d.DueAt = now.Add(c.undoOf(n.undo))
	}
	o.Mail, o.Note.Delivery = d, d.ID
	return o
}

// digest lets a mail that was not sent to its reader by name join his digest, if he has one.
func (n *notice) digest(d *Delivery) bool {
	at, ok := n.taste.digested(n.event, d.CreatedAt)
	if !ok || n.told || !n.person.Staff() {
		return false
	}
	d.gatherIn(at)
	return true
}

// oweAll writes what notices owe, in the caller's transaction.
func (c *Core) oweAll(ctx context.Context, tx Tx, t *Task, comment ID, notices []notice) error {
	hidden := len(notices) > 0 && notices[0].scope == ScopeInternal
	notices, err := c.taskDeputies(ctx, tx, t, hidden, notices)
	if err != nil {
		return err
	}
	if notices, err = throughChannels(ctx, tx, t, notices); err != nil {
		return err
	}
	list := make([]Owed, len(notices))
	for i := range notices {
		list[i] = c.owe(t, comment, &notices[i])
		t.heard = append(t.heard, notices[i].person.ID)
	}
	return tx.Owe(ctx, list)
}
