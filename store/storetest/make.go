package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
)

// counter makes names and addresses differ within a test process.
type counter struct{ n atomic.Int64 }

// World makes rows in one account. Its people are written with an address of
// their own each.
type World struct {
	T       testing.TB
	S       core.Store
	Account core.Account
	// Owner is a user; the assigner of tasks that name none.
	Owner core.Person
	made  *counter
}

// MakeWorld makes an account with its owner.
func MakeWorld(t testing.TB, s core.Store) *World {
	t.Helper()
	w := &World{T: t, S: s, made: &counter{}}
	w.Account = core.Account{ID: core.NewID(), AccountSettings: core.DefaultSettings(), Key: []byte{1, 2, 3}, CreatedAt: Now()}
	w.Account.Name, w.Account.Locale, w.Account.Zone = "Holz & Söhne", "de", "Europe/Berlin"
	w.tx(func(ctx context.Context, tx core.Tx) error { return tx.CreateAccount(ctx, &w.Account) })
	w.Owner = w.Person(func(p *core.Person) { p.Role = core.Owner })
	return w
}

// Now is the present as the stores keep it.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func (w *World) tx(fn func(ctx context.Context, tx core.Tx) error) {
	w.T.Helper()
	ctx := context.Background()
	if err := w.S.InTx(ctx, func(tx core.Tx) error { return fn(ctx, tx) }); err != nil {
		w.T.Fatal(err)
	}
}

// Person makes an employee with an address; change may make somebody else of it.
func (w *World) Person(change ...func(*core.Person)) core.Person {
	w.T.Helper()
	n := w.made.n.Add(1)
	p := core.Person{ID: core.NewID(), Account: w.Account.ID, Kind: core.UserKind, Name: fmt.Sprintf("Person %d", n), Role: core.Employee,
		Status: core.Active, CreatedAt: Now()}
	p.Addresses = []core.PersonAddress{w.Address(p.ID, fmt.Sprintf("person%d@example.org", n))}
	for _, c := range change {
		c(&p)
	}
	w.tx(func(ctx context.Context, tx core.Tx) error { return tx.CreatePerson(ctx, &p) })
	return p
}

// Contact is a change of Person: somebody outside, with dashboard access.
func Contact(company core.ID) func(*core.Person) {
	return func(p *core.Person) {
		p.Kind, p.Role, p.Access, p.Company = core.ContactKind, "", core.BasicAccess, company
	}
}

// Address is a primary address that is not written.
func (w *World) Address(person core.ID, address string) core.PersonAddress {
	w.T.Helper()
	a, err := mail.ParseAddress(address)
	if err != nil {
		w.T.Fatal(err)
	}
	return core.PersonAddress{ID: core.NewID(), Account: w.Account.ID, Person: person, Given: a, Norm: a.Norm(), Primary: true}
}

// Company makes a company.
func (w *World) Company() core.Company {
	w.T.Helper()
	c := core.Company{ID: core.NewID(), Account: w.Account.ID, Name: fmt.Sprintf("Company %d", w.made.n.Add(1)), CreatedBy: w.Owner.ID, CreatedAt: Now()}
	w.tx(func(ctx context.Context, tx core.Tx) error { return tx.CreateCompany(ctx, &c) })
	return c
}

// Project makes a project of the owner, visible to participants.
func (w *World) Project(change ...func(*core.Project)) core.Project {
	w.T.Helper()
	n := w.made.n.Add(1)
	p := core.Project{ID: core.NewID(), Account: w.Account.ID, Name: fmt.Sprintf("Project %d", n), Owner: w.Owner.ID,
		Visibility: core.VisibleParticipants, Inbound: fmt.Sprintf("project%d-%s", n, randomHex(4)), CreatedAt: Now()}
	for _, c := range change {
		c(&p)
	}
	w.tx(func(ctx context.Context, tx core.Tx) error { return tx.CreateProject(ctx, &p) })
	return p
}

// Participant gives a person a place in a project.
func (w *World) Participant(project, person core.ID, change ...func(*core.Participant)) {
	w.T.Helper()
	p := core.Participant{Account: w.Account.ID, Project: project, Person: person}
	for _, c := range change {
		c(&p)
	}
	w.tx(func(ctx context.Context, tx core.Tx) error { return tx.SetParticipant(ctx, &p) })
}

// NewTask is a task that is not written; its assigner is the owner.
func (w *World) NewTask(change ...func(*core.Task)) core.Task {
	now := Now()
	t := core.Task{ID: core.NewID(), Account: w.Account.ID, Title: fmt.Sprintf("Task %d", w.made.n.Add(1)), Status: core.TaskNew,
		Visibility: core.VisibleParticipants, CreatedAt: now, UpdatedAt: now,
		People: []core.TaskPerson{{Person: w.Owner.ID, Relation: core.Assigner}}}
	for _, c := range change {
		c(&t)
	}
	return t
}

// Task makes a task.
func (w *World) Task(change ...func(*core.Task)) core.Task {
	w.T.Helper()
	t := w.NewTask(change...)
	w.tx(func(ctx context.Context, tx core.Tx) error { return tx.CreateTask(ctx, &t) })
	return t
}

// With is a change of Task: one more person.
func With(person core.ID, relation core.Relation) func(*core.Task) {
	return func(t *core.Task) { t.People = append(t.People, core.TaskPerson{Person: person, Relation: relation}) }
}

// In is a change of Task: the project it belongs to.
func In(project core.ID) func(*core.Task) { return func(t *core.Task) { t.Project = project } }

// Comment makes a comment by the owner.
func (w *World) Comment(task core.ID, text string, change ...func(*core.Comment)) core.Comment {
	w.T.Helper()
	c := core.Comment{ID: core.NewID(), Account: w.Account.ID, Task: task, Author: w.Owner.ID, Text: text, Via: "page", CreatedAt: Now()}
	for _, ch := range change {
		ch(&c)
	}
	w.tx(func(ctx context.Context, tx core.Tx) error { return tx.CreateComment(ctx, &c) })
	return c
}

// Link makes the reply link of a person and a task, or finds it.
func (w *World) Link(person, task core.ID) core.Link {
	w.T.Helper()
	id, err := core.RandomID(rand.Reader)
	if err != nil {
		w.T.Fatal(err)
	}
	l := core.Link{ID: id, Account: w.Account.ID, Kind: core.ReplyLink, Person: person, Object: task, Scope: core.ScopeExternal, CreatedAt: Now()}
	w.tx(func(ctx context.Context, tx core.Tx) error { return tx.EnsureLink(ctx, &l) })
	return l
}

// Reply is what a reply by e-mail makes: a message with its source, posted as
// a comment by the link's person, and for each of told a notification with a
// delivery. It is not written.
func (w *World) Reply(link core.Link, text string, told ...core.ID) *core.Acceptance {
	now := Now()
	m := core.Message{ID: core.NewID(), Account: w.Account.ID, Hash: hash(string(w.Account.ID) + text), Kind: "message", From: "person@example.org", FromName: "A Person",
		Verified: "pass", Subject: "Re: a task", HeaderID: randomHex(12) + "@example.org", ReversePath: "person@example.org", Peer: "192.0.2.7",
		Helo: "mx.example.org", Protocol: "ESMTPS", Evidence: `{"spf":"pass","dkim":"pass"}`, Text: "", Size: 4096, ReceivedAt: now,
		Trace: []core.Step{{Station: "parse", Code: "parsed", Params: []string{"parts", "2"}}, {Station: "verify", Code: "auth.pass"}},
		Cuts:  []core.Cut{{Why: "quote", Text: "On Monday somebody wrote"}}}
	c := core.Comment{ID: core.NewID(), Account: w.Account.ID, Task: link.Object, Author: link.Person, Text: text, Via: "mail", Message: m.ID,
		Verified: "pass", CreatedAt: now, Recipients: told}
	r := core.Receipt{ID: core.NewID(), Account: w.Account.ID, Message: m.ID, Recipient: "r-…@in.example.org", Key: string(link.ID), Route: core.RouteReply,
		Link: link.ID, Disposition: core.Posted, Reason: "posted", Person: link.Person, Task: link.Object, Comment: c.ID, ReceivedAt: now,
		Trace: []core.Step{{Station: "route", Code: "link"}, {Station: "accept", Code: "comment", Params: []string{"number", "7"}}}}
	a := &core.Acceptance{Message: m, Raw: make([]byte, 1800), Receipts: []core.Receipt{r}, Comments: []core.Comment{c},
		Log: []core.LogEntry{{ID: core.NewID(), Account: w.Account.ID, At: now, Actor: link.Person, Via: "mail", Code: "comment.create", Object: "comment", ObjectID: c.ID}}}
	_, _ = rand.Read(a.Raw)
	for _, p := range told {
		d := core.Delivery{ID: core.NewID(), Account: w.Account.ID, Person: p, Task: link.Object, Stream: core.WorkStream, Scope: core.ScopeExternal, State: core.DeliveryDue, DueAt: now, CreatedAt: now}
		a.Deliveries = append(a.Deliveries, d)
		a.Notifications = append(a.Notifications, core.Notification{ID: core.NewID(), Account: w.Account.ID, Person: p, Event: core.CommentAdded,
			Reason: "participant", Task: link.Object, Comment: c.ID, Delivery: d.ID, CreatedAt: now})
	}
	return a
}

// Claim leases at most limit due deliveries of each stream.
func Claim(ctx context.Context, c *core.Core, limit int) (all []core.Delivery, err error) {
	for _, s := range core.Streams {
		list, err := c.ClaimDeliveries(ctx, s, limit)
		if err != nil {
			return all, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// Plan makes a drawing with versions in these states, the oldest first; each has one file.
func (w *World) Plan(project core.ID, states []core.VersionState, change ...func(*core.Plan)) (core.Plan, []core.Version) {
	w.T.Helper()
	n := w.made.n.Add(1)
	now := Now()
	p := core.Plan{ID: core.NewID(), Account: w.Account.ID, Project: project, Kind: core.DrawingKind, Number: fmt.Sprintf("A-%d", n), Title: fmt.Sprintf("Floor %d", n),
		CreatedBy: w.Owner.ID, CreatedAt: now, UpdatedAt: now}
	for _, c := range change {
		c(&p)
	}
	var all []core.Version
	w.tx(func(ctx context.Context, tx core.Tx) error {
		all = nil
		if err := tx.CreatePlan(ctx, &p); err != nil {
			return err
		}
		for i, s := range states {
			v := core.Version{ID: core.NewID(), Account: w.Account.ID, Plan: p.ID, Index: string(rune('A' + i)), State: s, Author: p.CreatedBy, UploadedBy: p.CreatedBy, CreatedAt: now}
			if s != core.InReview {
				v.CurrentAt = now
			}
			if s == core.Superseded || s == core.Withdrawn {
				v.EndedAt = now
			}
			f := core.PlanFile{ID: core.NewID(), Account: w.Account.ID, Version: v.ID, Name: "plan.pdf", Type: "application/pdf", Class: core.PrintFile, Size: 9, Hash: randomHex(32)}
			if err := tx.CreateVersion(ctx, &v, []core.PlanFile{f}); err != nil {
				return err
			}
			all = append(all, v)
		}
		return nil
	})
	return p, all
}
