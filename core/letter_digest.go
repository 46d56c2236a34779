package core

import (
	"context"
	"slices"
	"time"
)

// DigestLetter tells of what happened in several tasks; its words come from its notifications.
const DigestLetter LetterKind = "digest"

// scopeDigest makes the open digest of a person one, whatever else is gathered for him.
const scopeDigest = "digest"

const (
	// mostDigestTasks and mostDigestEntries bound what one digest shows; the rest is counted.
	mostDigestTasks, mostDigestEntries = 25, 4
)

// DigestTask is one task of a digest.
type DigestTask struct {
	Task    Task
	Project Project
	URL     string
	// Entries are the newest, the oldest of them first; More counts those before.
	Entries []LetterEntry
	More    int
}

// gatherIn makes a delivery the digest of its person that is due at an instant, or lets it join that.
func (d *Delivery) gatherIn(at time.Time) {
	d.Kind, d.Task, d.Stream, d.Scope = DigestLetter, "", DigestStream, scopeDigest
	d.Gather, d.DueAt, d.GatherUntil = true, at, at
}

// readDigest asks the rights again for each task and each entry. What was read meanwhile is left out.
func (c *Core) readDigest(ctx context.Context, tx Tx, l *Letter) error {
	if !l.Staff {
		return Fail(Conflict, "delivery.right") // it was for somebody inside, and names people as those are named them
	}
	notes, err := tx.NotificationsOf(ctx, l.Delivery.Account, l.Delivery.ID)
	if err != nil {
		return err
	}
	why := "delivery.nothing_left"
	var order []ID
	of := make(map[ID][]Notification)
	for _, n := range notes {
		if !n.ReadAt.IsZero() && l.Delivery.Attempts <= 1 {
			why = "delivery.read"
			continue
		}
		if of[n.Task] == nil {
			order = append(order, n.Task)
		}
		of[n.Task] = append(of[n.Task], n)
	}
	for _, task := range order {
		t, unwanted, err := c.digestTask(ctx, tx, l, task, of[task])
		if KindOf(err) == NotFound && err != nil {
			continue // gone meanwhile
		}
		if err != nil {
			return err
		}
		if unwanted != "" {
			why = unwanted
		}
		if len(t.Entries) == 0 {
			continue
		}
		for _, n := range of[task] {
			l.Reasons = appendNew(l.Reasons, n.Reason)
		}
		switch {
		case len(l.Digest) == mostDigestTasks:
			l.MoreTasks++
		default:
			l.Digest = append(l.Digest, t)
		}
	}
	if len(l.Digest) == 0 {
		return Fail(Conflict, why)
	}
	l.links = []Link{{Account: l.Account.ID, Kind: MuteLink, Person: l.Person.ID, Object: l.Person.ID, Scope: l.To.Norm()}}
	if err := c.nameAuthors(ctx, tx, l); err != nil {
		return err
	}
	return l.findLinks(ctx, tx)
}

func (c *Core) digestTask(ctx context.Context, tx Tx, l *Letter, id ID, notes []Notification) (d DigestTask, unwanted string, err error) {
	if d.Task, err = tx.FindTask(ctx, l.Account.ID, id); err != nil {
		return d, "", err
	}
	if d.Task.Project != "" {
		if d.Project, err = tx.FindProject(ctx, l.Account.ID, d.Task.Project); err != nil {
			return d, "", err
		}
	}
	facts, blocked, err := tx.TaskFacts(ctx, &l.Person, id)
	reader := &Actor{Person: l.Person, Account: l.Account, Via: "mail"}
	if err != nil || blocked || !readable(reader, "task.view", facts) {
		return d, "delivery.right", err
	}
	if notes, unwanted, err = stillWanted(ctx, tx, l, d.Task.Project, notes); err != nil {
		return d, "", err
	}
	part := Letter{Delivery: l.Delivery, Account: l.Account, Person: l.Person, Task: d.Task}
	for _, n := range notes {
		if n.Comment == "" {
			continue
		}
		if err := c.readEntry(ctx, tx, reader, &part, facts, n.Comment); err != nil {
			return d, "", err
		}
	}
	d.Entries, d.URL = part.Entries, c.cfg.BaseURL+"/tasks/"+itoa(d.Task.Number)
	if n := len(d.Entries) - mostDigestEntries; n > 0 {
		d.Entries, d.More = slices.Clone(d.Entries[n:]), n
	}
	return d, unwanted, nil
}

func (c *Core) nameAuthors(ctx context.Context, tx Tx, l *Letter) error {
	var ids []ID
	for i := range l.Digest {
		for _, e := range l.Digest[i].Entries {
			ids = append(ids, e.Comment.Author)
		}
	}
	people, err := peopleByID(ctx, tx, l.Account.ID, ids)
	for i := range l.Digest {
		for j := range l.Digest[i].Entries {
			e := &l.Digest[i].Entries[j]
			e.Author = people[e.Comment.Author]
		}
	}
	return err
}
