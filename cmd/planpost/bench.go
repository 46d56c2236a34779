package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"planpost/core"
)

type benchCommand struct {
	Seed    benchSeed    `cmd:"" help:"Tasks with reply addresses, and comments that came by mail."`
	Count   benchCount   `cmd:"" help:"How much is stored."`
	Enqueue benchEnqueue `cmd:"" help:"Due deliveries."`
}

type benchSeed struct {
	common
	Tasks    int    `required:"" help:"Tasks to make."`
	Comments int    `help:"Comments to make, spread over the tasks."`
	Targets  string `placeholder:"FILE" help:"Gets a line FROM RCPT for each of up to 5,000 tasks."`
	Pages    string `placeholder:"FILE" help:"Gets lines KIND, COOKIE, PATH (tabs between) to be loaded."`
	Live     string `placeholder:"FILE" help:"Gets up to 20 lines FROM, RCPT, COOKIE, EVENTS, PAGE (tabs between)."`
}

// seeding makes benchmark data through the core and the road in, none by SQL.
type seeding struct {
	*gateway
	term                   *terminal
	owner, worker, watcher core.Person
	account                core.Account
	guests                 []core.Person
	project                core.Project
	tasks                  []core.Task
}

const (
	seedPassword = "a long password for benchmarks"
	seedGuests   = 50
	// seedWatched is how many tasks, the last ones, the reader of few may see. They are no
	// targets, so that each mail to a target owes exactly two mails.
	seedWatched = 50
	maxTargets  = 5000
	maxLive     = 20
)

func (b *benchSeed) Run(ctx context.Context, term *terminal) error {
	g, err := b.open(ctx, term)
	if err != nil {
		return err
	}
	defer g.close()
	if b.Tasks <= seedWatched {
		return fmt.Errorf("--tasks: at least %d, for %d of them are for the reader of few", seedWatched+1, seedWatched)
	}
	s := &seeding{gateway: g, term: term}
	if err := s.people(ctx); err != nil {
		return err
	}
	if err := s.makeTasks(ctx, b.Tasks); err != nil {
		return err
	}
	if b.Comments > 0 {
		if err := s.makeComments(ctx, b.Comments); err != nil {
			return err
		}
	}
	if err := s.index(ctx); err != nil {
		return err
	}
	for file, write := range map[string]func(context.Context, io.Writer) error{b.Targets: s.writeTargets, b.Pages: s.writePages, b.Live: s.writeLive} {
		if file == "" {
			continue
		}
		if err := writeLines(ctx, file, write); err != nil {
			return err
		}
	}
	return nil
}

func writeLines(ctx context.Context, file string, write func(context.Context, io.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = write(ctx, w)
	if ferr := w.Flush(); err == nil {
		err = ferr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// people makes the account with an owner, an employee who does the work, a
// reader of few tasks, and guests who write.
func (s *seeding) people(ctx context.Context) (err error) {
	s.account, s.owner, err = s.core.CreateAccount(ctx, core.Setup{AccountName: "Benchmark", Name: "Olga Owner", Address: "owner@bench.test", Password: seedPassword})
	if err != nil {
		return err
	}
	a := s.actor(s.owner)
	// Few people get more mail here in a minute than others in a week, and none of it shall join a digest.
	if err := s.core.SetSettings(ctx, a, map[string]string{"mailrate": "0"}); err != nil {
		return err
	}
	if s.worker, err = s.core.CreateUser(ctx, a, core.NewUser{Name: "Walter Worker", Address: "worker@bench.test", Password: seedPassword, Role: core.Employee}); err != nil {
		return err
	}
	if s.watcher, err = s.core.CreateUser(ctx, a, core.NewUser{Name: "Wanda Watcher", Address: "watcher@bench.test", Password: seedPassword, Role: core.Employee}); err != nil {
		return err
	}
	firm, err := s.core.CreateCompany(ctx, a, "Sender Ltd")
	if err != nil {
		return err
	}
	for i := range seedGuests {
		p, err := s.core.CreateContact(ctx, a, core.NewContact{Name: fmt.Sprintf("Guest %d", i), Address: fmt.Sprintf("user%d@sender.test", i), Company: firm.ID})
		if err != nil {
			return err
		}
		s.guests = append(s.guests, p)
	}
	s.project, err = s.core.CreateProject(ctx, a, core.NewProject{Name: "Benchmark", Counterparty: firm.ID, Visibility: core.VisibleParticipants})
	return err
}

func (s *seeding) actor(p core.Person) *core.Actor {
	return &core.Actor{Person: p, Account: s.account, Via: "cli"}
}

func (s *seeding) makeTasks(ctx context.Context, n int) error {
	s.tasks = make([]core.Task, n)
	return s.many(ctx, "tasks", n, func(i int) (err error) {
		people := []core.ID{s.guests[i%seedGuests].ID}
		if i >= n-seedWatched {
			people = append(people, s.watcher.ID)
		}
		s.tasks[i], err = s.core.CreateTask(ctx, s.actor(s.owner), core.NewTask{Title: seedTitle(i), Description: seedText(i, 40), Project: s.project.ID, Assignee: s.worker.ID, Participants: people})
		return err
	})
}

// many does n pieces of work side by side, so that they share commits, and shows how far it is.
func (s *seeding) many(ctx context.Context, what string, n int, do func(i int) error) error {
	bar := s.progress(what, n)
	defer bar.Finish()
	var next atomic.Int64
	var first error
	var mu sync.Mutex // guards first
	var wg sync.WaitGroup
	for range 48 {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				if err := do(i); err != nil {
					mu.Lock()
					if first == nil {
						first = fmt.Errorf("%s %d: %w", what, i, err)
					}
					mu.Unlock()
					next.Store(int64(n))
					return
				}
				_ = bar.Add(1)
			}
		})
	}
	wg.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return first
}

// progress is a bar on a terminal, and silent elsewhere.
func (s *seeding) progress(what string, n int) *progressbar.ProgressBar {
	var out io.Writer = io.Discard
	if f, ok := s.term.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		out = f
	}
	return progressbar.NewOptions(n, progressbar.OptionSetDescription(what), progressbar.OptionSetWriter(out), progressbar.OptionShowCount(), progressbar.OptionThrottle(200e6), progressbar.OptionClearOnFinish())
}

func (s *seeding) index(ctx context.Context) error {
	counts, err := s.core.Counts(ctx)
	if err != nil {
		return err
	}
	bar := s.progress("search index", int(counts.PendingSearch))
	defer bar.Finish()
	for {
		n, err := s.core.IndexPending(ctx)
		if err != nil || n == 0 {
			return err
		}
		_ = bar.Add(n)
	}
}

type benchCount struct {
	common
	Only string `help:"Just this number."`
}

func (b *benchCount) Run(ctx context.Context, term *terminal) error {
	g, err := b.open(ctx, term)
	if err != nil {
		return err
	}
	defer g.close()
	if b.Only == "pending_search" {
		n, err := g.core.PendingSearch(ctx)
		fmt.Fprintln(term.out, n)
		return err
	}
	n, err := g.core.Counts(ctx)
	if err != nil {
		return err
	}
	counts := map[string]int64{"messages": n.Messages, "raw": n.Raw, "receipts": n.Receipts, "comments": n.Comments, "tasks": n.Tasks,
		"notifications": n.Notifications, "deliveries": n.Deliveries, "attempts": n.Attempts, "due": n.DueDeliveries, "pending_search": n.PendingSearch}
	if b.Only != "" {
		fmt.Fprintln(term.out, counts[b.Only])
		return nil
	}
	return json.NewEncoder(term.out).Encode(counts)
}

type benchEnqueue struct {
	common
	N int `arg:"" help:"How many."`
}

// seedCircle is how many people outside have to do with one task.
const seedCircle = 5

// Run makes exactly N due deliveries: tasks that are each shared with a few
// guests, and a comment told to all of them, as the owner writes them. The last
// ones are told to as many as are left.
func (b *benchEnqueue) Run(ctx context.Context, term *terminal) error {
	g, err := b.open(ctx, term)
	if err != nil {
		return err
	}
	defer g.close()
	s := &seeding{gateway: g, term: term}
	if err := s.people(ctx); err != nil {
		return err
	}
	circle := func(i int) (list []core.ID) {
		for j := range seedCircle {
			list = append(list, s.guests[(i*seedCircle+j)%seedGuests].ID)
		}
		return list
	}
	s.tasks = make([]core.Task, (b.N+2*seedCircle-1)/(2*seedCircle)) // half of the mails share a task, half bring a comment
	left := b.N
	for i := range s.tasks {
		n := min(left, seedCircle)
		s.tasks[i], err = s.core.CreateTask(ctx, s.actor(s.owner), core.NewTask{Title: seedTitle(i), Project: s.project.ID, Participants: circle(i)[:n]})
		if err != nil {
			return err
		}
		left -= n
	}
	for i := 0; left > 0; i++ {
		at := i % len(s.tasks)
		n := min(left, seedCircle)
		if _, err := s.core.Comment(ctx, s.actor(s.owner), core.NewComment{Task: s.tasks[at].ID, Text: seedText(i, 60), Tell: circle(at)[:n]}); err != nil {
			return err
		}
		left -= n
	}
	return nil
}
