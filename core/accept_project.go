package core

import (
	"context"
	"strconv"
	"strings"

	"planpost/core/access"
	"planpost/mail"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// judgeProject decides about a message to a project's address: it becomes a
// task, or somebody is told that it waits.
func (d *decision) judgeProject(ctx context.Context, tx Tx, r *Receipt, route *Route) error {
	if err := d.openTask(ctx, tx, r, route); err != nil {
		return err
	}
	return d.tellKeeper(ctx, tx, r, &route.Project)
}

func (d *decision) openTask(ctx context.Context, tx Tx, r *Receipt, route *Route) error {
	if ended, err := d.common(ctx, tx, r); err != nil || ended {
		return err
	}
	project := route.Project
	if !project.DeletedAt.IsZero() {
		r.end(Held, "in_bin")
		return nil
	}
	if d.tasks[project.ID] {
		r.end(Duplicate, "same.project")
		return nil
	}
	author, err := d.author(ctx, tx, r)
	if err != nil {
		return err
	}
	if ended, err := d.checkNewTask(ctx, tx, r, &author, &project); err != nil || ended {
		return err
	}
	d.tasks[project.ID] = true
	return d.createTask(ctx, tx, r, &author, &project)
}

// author is the person with the From address; an unknown one becomes known as an address.
func (d *decision) author(ctx context.Context, tx Tx, r *Receipt) (Person, error) {
	from := d.in.Message.From[0]
	p, err := tx.FindPersonByAddress(ctx, d.account.ID, from.Norm())
	if KindOf(err) != NotFound {
		r.step("sender", "sender.known", "from", from.Mailbox(), "outcome", string(d.verdict.Outcome))
		return p, err
	}
	name := oneLine(from.Name)
	if name == "" || strings.Contains(name, "@") {
		name = from.Mailbox() // a display name that shows another address would deceive
	}
	p = Person{ID: NewID(), Account: d.account.ID, Kind: AddressKind, Name: name, Status: Active, Access: NoAccess, CreatedAt: d.Message.ReceivedAt}
	p.Addresses = []PersonAddress{{ID: NewID(), Account: p.Account, Person: p.ID, Given: mail.Address{Local: from.Local, Domain: from.Domain}, Norm: from.Norm(), Primary: true}}
	r.step("sender", "sender.new", "from", from.Mailbox(), "outcome", string(d.verdict.Outcome))
	d.People = append(d.People, p)
	return p, nil
}

func (d *decision) checkNewTask(ctx context.Context, tx Tx, r *Receipt, author *Person, project *Project) (ended bool, err error) {
	r.Person = author.ID
	facts, blocked := CapFacts(author), false
	if len(d.People) == 0 {
		if facts, blocked, err = tx.ProjectFacts(ctx, author, project.ID); err != nil {
			return true, err
		}
	}
	switch {
	case blocked || !author.BlockedAt.IsZero():
		r.end(Held, "person.blocked", "name", author.Name)
	case author.Status != Active:
		r.end(Held, "person.inactive", "name", author.Name)
	case !access.Decide(access.Request{Action: "task.create", Subject: author.Subject(), Facts: facts.With(access.AddrIn)}).Allowed:
		r.end(Held, "right.missing", "name", author.Name)
	case author.Staff() && !d.verdict.Verified():
		// A forged mail must not give orders in the name of somebody inside.
		r.end(Held, "auth.staff", "name", author.Name)
	default:
		r.step("route", "right.granted", "action", "task.create")
		return false, nil
	}
	d.People, r.Person = nil, d.knownPerson(author)
	return true, nil
}

// knownPerson is the author's ID if the author is stored, else empty.
func (d *decision) knownPerson(p *Person) ID {
	if p.Kind == AddressKind && p.CreatedAt.Equal(d.Message.ReceivedAt) {
		return ""
	}
	return p.ID
}

func (d *decision) createTask(ctx context.Context, tx Tx, r *Receipt, author *Person, project *Project) error {
	at := d.at()
	t := Task{ID: NewID(), Account: d.account.ID, Project: project.ID, Title: d.title(), Status: TaskNew, Visibility: VisibleParticipants, CreatedAt: at, UpdatedAt: at}
	t.People = []TaskPerson{{author.ID, Assigner}}
	caretaker, err := d.core.caretaker(ctx, tx, d.account.ID, project)
	if err != nil {
		return err
	}
	if caretaker != author.ID {
		t.People = append(t.People, TaskPerson{caretaker, Assignee})
	}
	people, err := peopleByID(ctx, tx, d.account.ID, []ID{caretaker})
	if err != nil {
		return err
	}
	cm := d.comment(&t, author)
	notices := taskNotices(&t, t.People, people)
	cm.Recipients = recipientsOf(notices)
	if notices, err = d.core.withDeputies(ctx, tx, d.account.ID, notices, d.mayInProject(ctx, tx, project, "task.view")); err != nil {
		return err
	}
	if notices, err = throughChannels(ctx, tx, &t, notices); err != nil {
		return err
	}
	d.Tasks = append(d.Tasks, t)
	if err := d.attach(ctx, tx, &cm); err != nil {
		return err
	}
	d.add(&t, cm, notices)
	d.wrote(true)
	r.Task, r.Comment = t.ID, cm.ID
	r.end(Created, "created")
	r.step("accept", "task", "title", t.Title)
	return nil
}

// title is the subject without its reply marks, else the first words.
func (d *decision) title() string {
	s := d.in.Message.Subject
	for {
		head, rest, found := strings.Cut(s, ":")
		if !found || !replyMarks[strings.ToLower(strings.TrimSpace(head))] {
			break
		}
		s = strings.TrimSpace(rest)
	}
	if s = oneLine(s); s != "" {
		return s
	}
	line, _, _ := strings.Cut(strings.TrimSpace(d.in.Words.Reply), "\n")
	if line = oneLine(line); line != "" {
		return cut(line, 80)
	}
	return d.in.Message.From[0].Mailbox()
}

// replyMarks are what clients put before a subject when answering or passing on.
var replyMarks = map[string]bool{
	"re": true, "aw": true, "antw": true, "antwort": true, "sv": true, "vs": true, "odp": true, "ynt": true, "rif": true, "r": true, "ref": true,
	"fw": true, "fwd": true, "wg": true, "tr": true, "rv": true, "pd": true, "i": true, "отг": true, "отн": true, "препр": true, "ответ": true, "на": true,
}
