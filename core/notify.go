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
// were chosen. The author does not hear of it.
func commentNotices(t *Task, people map[ID]Person, cm *Comment, told []ID) (list []notice) {
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
		if chosen {
			n.reason = "told"
		}
		list = append(list, n)
	}
	return list
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
	for _, n := range commentNotices(t, people, entry, told) {
		n.event, n.told = TaskChanged, false
		list = append(list, n)
	}
	return list, nil
}

// owe makes the notification and the delivery of one notice.
func (c *Core) owe(t *Task, comment ID, n *notice) (Notification, Delivery) {
	now := c.Now()
	d := Delivery{ID: NewID(), Account: t.Account, Person: n.person.ID, Task: t.ID, Stream: WorkStream, Scope: n.scope, State: DeliveryDue, DueAt: now, CreatedAt: now}
	if !n.told && c.cfg.Quiet > 0 {
		d.Gather, d.DueAt, d.GatherUntil = true, now.Add(c.cfg.Quiet), now.Add(c.cfg.QuietMax)
	}
	return Notification{ID: NewID(), Account: t.Account, Person: n.person.ID, Event: n.event, Reason: n.reason, Task: t.ID, Comment: comment, Delivery: d.ID, CreatedAt: now}, d
}

// oweAll writes what notices owe, in the caller's transaction.
func (c *Core) oweAll(ctx context.Context, tx Tx, t *Task, comment ID, notices []notice) error {
	hidden := len(notices) > 0 && notices[0].scope == ScopeInternal
	notices, err := c.taskDeputies(ctx, tx, t, hidden, notices)
	if err != nil {
		return err
	}
	for i := range notices {
		note, d := c.owe(t, comment, &notices[i])
		if err := tx.CreateDelivery(ctx, &d); err != nil {
			return err
		}
		note.Delivery = d.ID
		if err := tx.CreateNotification(ctx, &note); err != nil {
			return err
		}
	}
	return nil
}
