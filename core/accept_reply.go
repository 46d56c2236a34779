package core

import (
	"context"
	"slices"
	"strings"

	"planpost/core/access"
)

// judgeReply decides about a message to a reply address, or to the thread of one.
func (d *decision) judgeReply(ctx context.Context, tx Tx, r *Receipt, route *Route) error {
	rc, err := d.replyContext(ctx, tx, r.Link)
	if KindOf(err) == NotFound {
		r.end(Held, "link.unknown")
		return d.readAccount(ctx, tx)
	}
	if err != nil {
		return err
	}
	d.account = rc.Account
	r.Person, r.Task, r.Project = rc.Person.ID, rc.Task.ID, rc.Project.ID
	if reason := d.core.deadReply(&rc); reason != "" {
		r.end(Held, reason)
		return d.tellHeld(ctx, tx, r, &rc)
	}
	if ended, err := d.common(ctx, tx, r); err != nil || ended {
		return firstError(err, d.tellHeld(ctx, tx, r, &rc))
	}
	if route.Named && !d.verdict.Verified() {
		r.end(Held, "auth.thread", "domain", d.in.Message.From[0].Domain)
		return d.tellHeld(ctx, tx, r, &rc)
	}
	if ended, err := d.checkSender(ctx, tx, r, &rc); err != nil || ended {
		return firstError(err, d.tellHeld(ctx, tx, r, &rc))
	}
	if ended, err := d.checkRight(ctx, tx, r, &rc); err != nil || ended {
		return firstError(err, d.tellHeld(ctx, tx, r, &rc))
	}
	switch {
	case d.tasks[rc.Task.ID]:
		r.end(Duplicate, "same.task")
		return nil
	case d.in.Words.Reply == "" && d.in.Words.Forwarded == "" && len(d.in.Message.Attachments) == 0:
		r.end(Recorded, "reply.empty")
		return nil
	}
	d.tasks[rc.Task.ID] = true
	return d.postReply(ctx, tx, r, &rc)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkSender sees that who wrote is who the address was given to. A token
// is a route, never an identity: in other hands it leads to a person's decision.
func (d *decision) checkSender(ctx context.Context, tx Tx, r *Receipt, rc *ReplyContext) (ended bool, err error) {
	from := d.in.Message.From[0]
	norm := from.Norm()
	if slices.ContainsFunc(rc.Person.Addresses, func(a PersonAddress) bool { return a.Norm == norm }) {
		r.step("sender", "sender.addressee", "from", from.Mailbox(), "outcome", string(d.verdict.Outcome))
		return false, nil
	}
	known, err := tx.FindPersonByAddress(ctx, d.account.ID, norm)
	switch {
	case KindOf(err) == NotFound:
		r.end(Held, "token.stranger", "from", from.Mailbox(), "owner", rc.Person.Name)
	case err != nil:
		return true, err
	default:
		r.end(Held, "token.other", "from", from.Mailbox(), "name", known.Name, "owner", rc.Person.Name)
	}
	r.step("sender", "sender.other", "from", from.Mailbox(), "outcome", string(d.verdict.Outcome))
	return true, nil
}

// checkRight asks whether the addressee may comment now.
func (d *decision) checkRight(ctx context.Context, tx Tx, r *Receipt, rc *ReplyContext) (ended bool, err error) {
	p := &rc.Person
	switch {
	case rc.Blocked || !p.BlockedAt.IsZero():
		r.end(Held, "person.blocked", "name", p.Name)
		return true, nil
	case p.Status != Active:
		r.end(Held, "person.inactive", "name", p.Name)
		return true, nil
	case rc.Link.Scope == ScopeInternal && !p.Staff():
		r.end(Held, "scope.internal", "name", p.Name)
		return true, nil
	}
	// Most answers come from somebody with a relation to the task, which is at hand;
	// only when that does not suffice are all facts read. The rule has no negation, so more facts never take away.
	if d.mayReply(p, relationFacts(&rc.Task, p.ID)) {
		r.step("route", "right.granted", "action", "task.comment")
		return false, nil
	}
	all, blocked, err := tx.TaskFacts(ctx, p, rc.Task.ID)
	if err != nil {
		return true, err
	}
	if !blocked && d.mayReply(p, all) {
		r.step("route", "right.granted", "action", "task.comment")
		return false, nil
	}
	r.end(Held, "right.missing", "name", p.Name)
	return true, nil
}

func (d *decision) mayReply(p *Person, facts access.Facts) bool {
	return readable(&Actor{Person: *p}, "task.comment", facts)
}

// relationFacts are the facts that a task's own people give.
func relationFacts(t *Task, person ID) (f access.Facts) {
	for _, tp := range t.People {
		if tp.Person != person {
			continue
		}
		switch tp.Relation {
		case Assigner:
			f = f.With(access.Asg)
		case Assignee:
			f = f.With(access.Ase1)
		case CoAssignee:
			f = f.With(access.Ase)
		case Participate:
			f = f.With(access.Par)
		case Auditor:
			f = f.With(access.Aud)
		}
	}
	return f
}

// postReply makes the comment and what it owes.
func (d *decision) postReply(ctx context.Context, tx Tx, r *Receipt, rc *ReplyContext) error {
	cm := d.comment(&rc.Task, &rc.Person)
	cm.Hidden = rc.Link.Scope == ScopeInternal
	if done, err := d.recordHours(ctx, tx, r, rc, &cm); err != nil || done {
		r.end(Recorded, "hours.only")
		return err
	}
	if rc.Person.Staff() {
		d.Answered = append(d.Answered, Answered{rc.Task.ID, rc.Person.ID})
	}
	told, err := d.answeredOutsiders(ctx, tx, rc)
	if err != nil {
		return err
	}
	people := make(map[ID]Person, len(rc.People))
	for _, p := range rc.People {
		people[p.ID] = p
	}
	notices := commentNotices(&rc.Task, people, &cm, !rc.Person.Staff(), told)
	cm.Recipients = recipientsOf(notices)
	if notices, err = d.core.taskDeputies(ctx, tx, &rc.Task, cm.Hidden, notices); err != nil {
		return err
	}
	if notices, err = throughChannels(ctx, tx, &rc.Task, notices); err != nil {
		return err
	}
	if err := d.attach(ctx, tx, &cm); err != nil {
		return err
	}
	d.add(&rc.Task, cm, notices)
	d.wrote(rc.Stopped)
	r.Comment = cm.ID
	r.end(Posted, "posted", "number", itoa(rc.Task.Number))
	r.step("accept", "comment", "number", itoa(rc.Task.Number), "told", itoa(int64(len(notices))))
	return nil
}

// answeredOutsiders are the outsiders whom a reply goes to: somebody inside
// answers those of the comment answered, else of the last visible exchange; an outsider only
// colleagues of the same firm who work on the same task.
func (d *decision) answeredOutsiders(ctx context.Context, tx Tx, rc *ReplyContext) (ids []ID, err error) {
	if rc.Link.Scope == ScopeInternal {
		return nil, nil
	}
	if !rc.Person.Staff() {
		for _, p := range rc.People {
			if !p.Staff() && p.Company != "" && p.Company == rc.Person.Company && p.ID != rc.Person.ID {
				ids = append(ids, p.ID)
			}
		}
		return ids, nil
	}
	if !slices.ContainsFunc(rc.People, func(p Person) bool { return !p.Staff() }) {
		return nil, nil
	}
	answered, known, err := d.answeredComment(ctx, tx, rc)
	if err == nil && !known {
		answered, known, err = tx.LastExchange(ctx, rc.Task.Account, rc.Task.ID)
	}
	if err != nil || !known {
		return nil, err
	}
	return append(answered.Recipients, answered.Author), nil
}

// answeredComment is the newest comment in the mail that is answered. Since
// that mail others may have written to others: its own circle counts, or an
// answer to one client would go to another.
func (d *decision) answeredComment(ctx context.Context, tx Tx, rc *ReplyContext) (cm Comment, known bool, err error) {
	delivery, ours := d.core.keys.OpenMessageID(d.Message.InReplyTo, d.core.cfg.MailDomain)
	if !ours {
		return cm, false, nil
	}
	notes, err := tx.NotificationsOf(ctx, rc.Task.Account, delivery)
	if err != nil {
		return cm, false, err
	}
	for _, n := range notes {
		if n.Comment == "" || n.Task != rc.Task.ID || n.Person != rc.Person.ID {
			continue
		}
		one, err := tx.FindComment(ctx, rc.Task.Account, n.Comment)
		if err != nil {
			return cm, false, err
		}
		if one.Change == "" && !one.Hidden {
			cm, known = one, true
		}
	}
	return cm, known, nil
}

// comment is the message as a comment by its proven or claimed author.
func (d *decision) comment(t *Task, author *Person) Comment {
	id := NewID()
	if at := d.at(); at.Before(d.Message.ReceivedAt) {
		id = newIDAt(at)
	}
	return Comment{ID: id, Account: t.Account, Task: t.ID, Author: author.ID, Text: d.commentText(d.in.Words.Reply), HTML: d.core.redact(d.in.HTML), Via: "mail",
		Message: d.Message.ID, Verified: string(d.verdict.Outcome), CreatedAt: d.at()}
}

// commentText is what was written with what was passed on below it.
func (d *decision) commentText(reply string) string {
	if d.in.Words.Forwarded != "" {
		reply = strings.TrimSpace(reply + "\n\n" + d.in.Words.Forwarded)
	}
	return d.core.redact(body(reply))
}

// add puts a comment with its notifications and deliveries into the acceptance; attach its files.
func (d *decision) add(t *Task, cm Comment, notices []notice) {
	d.Comments = append(d.Comments, cm)
	for i := range notices {
		d.keepOwed(d.core.owe(t, cm.ID, &notices[i]))
	}
	d.Log = append(d.Log, LogEntry{ID: NewID(), Account: t.Account, At: d.Message.ReceivedAt, Actor: cm.Author, Via: "mail", Code: "comment.create", Object: "comment", ObjectID: cm.ID, Params: []string{"task", string(t.ID)}})
}

// keepOwed keeps who is told; of old mail nobody is.
func (d *decision) keepOwed(o Owed) {
	if d.past() {
		return
	}
	d.Notifications = append(d.Notifications, o.Note)
	if o.Mail != nil {
		d.Deliveries = append(d.Deliveries, *o.Mail)
	}
}

// tellHeld lets somebody inside know that a message waits for a decision:
// the first of those who may decide it: assignee, assigner, co-assignees, auditors.
func (d *decision) tellHeld(ctx context.Context, tx Tx, r *Receipt, rc *ReplyContext) error {
	if r.Disposition != Held {
		return nil
	}
	for _, rel := range []Relation{Assignee, Assigner, CoAssignee, Auditor} {
		for _, id := range rc.Task.Of(rel) {
			i := slices.IndexFunc(rc.People, func(p Person) bool { return p.ID == id && p.Staff() && reachable(&p) })
			if i < 0 {
				continue
			}
			told, err := throughChannels(ctx, tx, &rc.Task, []notice{{person: rc.People[i], event: MessageHeld, reason: string(rel), scope: ScopeInternal}})
			if err != nil || len(told) == 0 {
				return err
			}
			o := d.core.owe(&rc.Task, "", &told[0])
			o.Note.Receipt = r.ID
			d.keepOwed(o)
			return nil
		}
	}
	return nil
}

// keepWords keeps the author's words with the message where any of its
// recipients made no comment of them; reports have none.
func (d *decision) keepWords() {
	for i := range d.Receipts {
		r := &d.Receipts[i]
		if r.Comment == "" && r.Disposition != Duplicate && (r.Route != RouteBounce || r.Disposition == Held) {
			d.Message.Text = d.heldText()
			return
		}
	}
}

// heldText is kept with a message that became no comment, to be read before deciding.
func (d *decision) heldText() string {
	if d.in.Message == nil {
		return ""
	}
	return d.core.redact(body(strings.TrimSpace(d.in.Words.Reply + "\n\n" + d.in.Words.Forwarded)))
}
