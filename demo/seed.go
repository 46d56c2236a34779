package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"planpost/core"
	"planpost/mail"
)

// patience is how long the sample company may take in all. The mailer and the
// SMTP port must be running: the conversations need them.
const patience = 2 * time.Minute

// Seed makes the sample company when the host has no account yet. Everything
// comes in by the public road: people sign in and call the core as pages do,
// outsiders answer captured mail through the SMTP port.
func Seed(ctx context.Context, c *core.Core, deliver Deliver) error {
	needed, err := c.SetupNeeded(ctx)
	if err != nil || !needed {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s := &seeder{core: c, deliver: deliver, actors: map[string]*core.Actor{}, people: map[string]core.ID{}, firms: map[string]core.ID{}, projects: map[string]core.ID{}}
	for _, step := range []func(context.Context) error{s.account, s.staff, s.outside, s.begin, s.talk, s.write, s.plans} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// seeder remembers what it made, by key.
type seeder struct {
	core     *core.Core
	deliver  Deliver
	house    core.Account
	actors   map[string]*core.Actor
	people   map[string]core.ID
	firms    map[string]core.ID
	projects map[string]core.ID
}

// account is made as on a first visit: with the code from the console.
func (s *seeder) account(ctx context.Context) error {
	code, err := s.core.NewSetupCode(ctx)
	if err != nil {
		return err
	}
	owner := staff[0]
	var p core.Person
	s.house, p, err = s.core.SetUp(ctx, core.Setup{Code: code, AccountName: companyName, Locale: companyLocale, Zone: companyZone, Name: owner.name, Address: owner.address, Password: password, Acknowledged: true})
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	s.people[owner.key] = p.ID
	return s.signIn(ctx, &owner)
}

func (s *seeder) signIn(ctx context.Context, w *worker) error {
	token, _, err := s.core.SignIn(ctx, core.Credentials{Login: w.address, Password: password, IP: "127.0.0.1", UserAgent: "planpost demo"})
	if err != nil {
		return fmt.Errorf("sign in %s: %w", w.key, err)
	}
	s.actors[w.key], err = s.core.Session(ctx, token, "127.0.0.1")
	return err
}

func (s *seeder) staff(ctx context.Context) error {
	for _, w := range staff[1:] {
		p, err := s.core.CreateUser(ctx, s.actors["helene"], core.NewUser{Name: w.name, Address: w.address, Password: password, Locale: w.locale, Role: w.role, Manager: s.people[w.manager]})
		if err != nil {
			return fmt.Errorf("user %s: %w", w.key, err)
		}
		s.people[w.key] = p.ID
		if err := s.signIn(ctx, &w); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) outside(ctx context.Context) error {
	mira := s.actors["mira"]
	for _, name := range firms {
		co, err := s.core.CreateCompany(ctx, mira, name)
		if err != nil {
			return fmt.Errorf("company %s: %w", name, err)
		}
		s.firms[name] = co.ID
	}
	for _, o := range outsiders {
		p, err := s.core.CreateContact(ctx, mira, core.NewContact{Name: o.name, Address: o.address, Locale: o.locale, Company: s.firms[o.firm]})
		if err != nil {
			return fmt.Errorf("contact %s: %w", o.key, err)
		}
		s.people[o.key] = p.ID
	}
	return nil
}

// begin makes the projects.
func (s *seeder) begin(ctx context.Context) error {
	for _, p := range sampleProjects {
		made, err := s.core.CreateProject(ctx, s.actors["helene"], core.NewProject{Name: p.name, Counterparty: s.firms[p.firm], ClientManager: s.people[p.manager], Responsible: s.people[p.responsible]})
		if err != nil {
			return fmt.Errorf("project %s: %w", p.key, err)
		}
		s.projects[p.key] = made.ID
	}
	return nil
}

// talk makes the tasks with their conversations.
func (s *seeder) talk(ctx context.Context) error {
	for i := range sampleTasks {
		if err := s.task(ctx, &sampleTasks[i]); err != nil {
			return fmt.Errorf("task %q: %w", sampleTasks[i].title, err)
		}
	}
	return nil
}

func (s *seeder) task(ctx context.Context, t *sampleTask) error {
	n := core.NewTask{Title: t.title, Description: t.description, Project: s.projects[t.project], Assignee: s.people[t.assignee], Visibility: core.VisibleInside}
	if t.due > 0 {
		n.DueDate = s.core.Now().AddDate(0, 0, t.due).Format(time.DateOnly)
	}
	for _, key := range t.others {
		n.Participants = append(n.Participants, s.people[key])
	}
	made, err := s.core.CreateTask(ctx, s.actors[t.by], n)
	if err != nil {
		return err
	}
	// last is the comment that the next answer by mail answers.
	var last core.ID
	for i := range t.lines {
		l := &t.lines[i]
		if s.actors[l.by] == nil || l.client != "" {
			if err := s.answer(ctx, made.ID, last, l); err != nil {
				return fmt.Errorf("line %d: %w", i, err)
			}
			continue
		}
		cm, err := s.comment(ctx, made.ID, l)
		if err != nil {
			return fmt.Errorf("line %d: %w", i, err)
		}
		last = cm.ID
	}
	for _, w := range t.worked {
		day := s.core.Now().AddDate(0, 0, -w.ago).Format(time.DateOnly)
		if _, err := s.core.RecordHours(ctx, s.actors[t.assignee], made.Number, core.NewHours{Day: day, Spent: w.spent, Note: w.note}); err != nil {
			return fmt.Errorf("hours: %w", err)
		}
	}
	for _, r := range t.visits {
		if err := s.visit(ctx, made.Number, &r); err != nil {
			return fmt.Errorf("visit: %w", err)
		}
	}
	if t.status == "" {
		return nil
	}
	by := t.assignee
	if core.Closed(t.status) {
		by = t.by // who gave the work says that it is done
	}
	return s.core.SetStatus(ctx, s.actors[by], made.ID, t.status)
}

// visit is planned by the manager, who plans all rounds.
func (s *seeder) visit(ctx context.Context, number int64, r *round) error {
	n := core.NewVisit{Person: s.people[r.by], Day: s.core.Now().AddDate(0, 0, r.in).Format(time.DateOnly), From: r.from, Until: r.until, Note: r.note}
	for _, key := range r.tell {
		n.Tell = append(n.Tell, s.people[key])
	}
	_, err := s.core.AddVisit(ctx, s.actors["mira"], number, n)
	return err
}

func (s *seeder) comment(ctx context.Context, task core.ID, l *line) (core.Comment, error) {
	n := core.NewComment{Task: task, Text: l.text, Hidden: l.hidden}
	for _, key := range l.tell {
		n.Tell = append(n.Tell, s.people[key])
	}
	files, err := sampleFiles(l.files)
	if err != nil {
		return core.Comment{}, err
	}
	for _, f := range files {
		n.Files = append(n.Files, core.Upload{Name: f.Name, Type: f.Type, Content: bytes.NewReader(f.Content)})
	}
	return s.core.Comment(ctx, s.actors[l.by], n)
}

func sampleFiles(names []string) (list []mail.Attachment, err error) {
	for _, name := range names {
		f, err := sampleFile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}
