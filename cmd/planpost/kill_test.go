package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

const (
	killClients  = 10
	killTasks    = 50
	killPerRound = 100
	killLite     = 20
	killPostgres = 6
)

// A 250 means that we own the message: whatever happens to the process
// afterwards, it is there, once. Here the real process is killed under load, in
// every round: at a random moment for what comes in, and after the end of a mail
// and before the answer to it for what goes out. Whoever got no 250 sends again,
// as mail servers do; everybody gets what is owed, and what comes twice is the
// same mail and said to be so.
func TestKilledAtRandomMomentsNothingIsLostOrDoubled(t *testing.T) {
	bothEngines(t, func(t *testing.T, database string) {
		rounds := killLite
		if database != "" {
			rounds = killPostgres
		}
		out := newSink(t)
		k := &killing{t: t, machine: newMachine(t, database, out.addr), out: out}
		k.targets = k.machine.seed(killTasks)
		seed := uint64(time.Now().UnixNano())
		t.Logf("random moments from %d", seed)
		k.random = rand.New(rand.NewPCG(seed, 1))
		cfg := k.machine.config()
		storetest.Ripen(t, cfg.databaseURL())
		p := k.machine.serve()
		idle := func() bool { return storetest.Waiting(t, cfg.databaseURL()) == 0 }
		until(t, "the mails of the new tasks leave", idle) // what they say of the answer's readers changes with the first answer
		for round := range rounds {
			p = k.round(round, p)
		}
		p.quit()
		storetest.Ripen(t, cfg.databaseURL())
		p = k.machine.serve()
		until(t, "all mail leaves", idle)
		p.quit()
		k.check(rounds, out)
	})
}

// killing is the world outside the process: what it sent and what it was promised.
type killing struct {
	t       *testing.T
	machine *machine
	out     *sink
	targets []target
	random  *rand.Rand
	smtp    atomic.Pointer[string]
	again   atomic.Int64 // tries without an answer
	mu      sync.Mutex   // guards kept
	kept    []string     // texts answered with 250
	twice   int          // mails that came more than once
}

// round sends its messages, kills the process after a random number of 250s
// and a little random time, and starts the next one, in which the rest arrives.
func (k *killing) round(round int, p *process) *process {
	k.smtp.Store(&p.smtp)
	after := 1 + k.random.IntN(killPerRound-1)
	wait := time.Duration(k.random.IntN(5000)) * time.Microsecond
	var kept, next atomic.Int64
	now := make(chan struct{})
	var clients sync.WaitGroup
	for range killClients {
		clients.Go(func() {
			var c peer
			defer c.close()
			for i := int(next.Add(1)) - 1; i < killPerRound; i = int(next.Add(1)) - 1 {
				if err := k.deliver(&c, round, i); err != nil {
					k.t.Errorf("round %d, message %d: %v", round, i, err)
					return
				}
				if int(kept.Add(1)) == after {
					close(now)
				}
			}
		})
	}
	select {
	case <-now:
	case <-time.After(patience):
		k.t.Fatalf("round %d: %d messages taken, waiting for %d", round, kept.Load(), after)
	}
	<-time.After(wait)
	k.killWhileSending(p)
	cfg := k.machine.config()
	storetest.Ripen(k.t, cfg.databaseURL()) // what the dead held is free, as later it would be
	p = k.machine.serve()
	k.smtp.Store(&p.smtp)
	clients.Wait()
	return p
}

// killWhileSending kills the process when the other side has a mail of it that it has not answered.
func (k *killing) killWhileSending(p *process) {
	kill := func() { _ = p.cmd.Process.Kill(); <-p.ended }
	k.out.then.Store(&kill)
	select {
	case <-p.ended:
	case <-time.After(patience):
		k.t.Fatal("no mail leaves")
	}
}

// deliver sends one message until it is answered with 250, always the same bytes.
func (k *killing) deliver(c *peer, round, i int) error {
	text := fmt.Sprintf("round %d message %d", round, i)
	to := k.targets[(round*killPerRound+i)%len(k.targets)]
	raw := []byte(letter(to.from, fmt.Sprintf("%d.%d", round, i), text))
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if err = c.send(*k.smtp.Load(), to, raw); err == nil {
			k.mu.Lock()
			k.kept = append(k.kept, text)
			k.mu.Unlock()
			return nil
		}
		if n := code(err); n >= 500 {
			return err
		}
		k.again.Add(1)
		<-time.After(10 * time.Millisecond)
	}
	return fmt.Errorf("%w: %w", errGaveUp, err)
}

// check compares what was promised with what is there.
func (k *killing) check(rounds int, out *sink) {
	want := rounds * killPerRound
	ctx := context.Background()
	cfg := k.machine.config()
	g, err := openGateway(ctx, cfg, newLog(&cfg, &terminal{err: &screen{}}))
	must(k.t, err)
	defer g.close()
	if found, err := g.store.Check(ctx); err != nil || len(found) > 0 {
		k.t.Errorf("self-check: %v, %v", found, err)
	}
	accounts, err := g.core.Accounts(ctx)
	must(k.t, err)
	operator := core.OperatorOf(accounts[0])
	times, mails := map[string]int{}, map[string]bool{}
	sent := bySentID(k.t, out)
	for _, copies := range sent {
		if len(copies) > 1 {
			k.twice++
		}
	}
	people, err := g.core.People(ctx, operator, core.PersonFilter{Kinds: []core.PersonKind{core.UserKind}})
	must(k.t, err)
	for _, task := range allTasks(k.t, g, operator) {
		readers := 0
		for _, p := range people {
			if slices.Contains(task.Task.Related(), p.ID) {
				readers++
			}
		}
		for _, c := range allComments(k.t, g, operator, task.Number) {
			times[c.Text]++
			k.checkMails(g, operator, &c, readers, sent, mails)
		}
	}
	for _, text := range k.kept {
		if times[text] != 1 {
			k.t.Errorf("%q was answered with 250 and is there %d times", text, times[text])
		}
	}
	if len(times) != want || len(k.kept) != want {
		k.t.Errorf("%d comments, %d answers 250, %d messages", len(times), len(k.kept), want)
	}
	n, err := g.core.Counts(ctx)
	must(k.t, err)
	if n.Messages != int64(want) || n.Raw != n.Messages || n.Receipts != n.Messages || n.Comments != n.Messages {
		k.t.Errorf("counts %+v", n)
	}
	k.t.Logf("%d messages, %d tries without an answer, %d mails, %d of them twice", want, k.again.Load(), len(sent), k.twice)
	if k.twice < rounds || n.DueDeliveries > 0 {
		k.t.Errorf("%d mails came twice after %d deaths, %d are due still", k.twice, rounds, n.DueDeliveries)
	}
}

// checkMails: each comment is told to everybody inside, each by a mail of its own that arrived; of one that came more than once the record says that it may.
func (k *killing) checkMails(g *gateway, a *core.Actor, c *core.CommentView, readers int, sent map[string][]string, seen map[string]bool) {
	if len(c.Sent) != readers || readers < 2 {
		k.t.Errorf("%q is told by %d mails, and %d people are concerned", c.Text, len(c.Sent), readers)
	}
	keys, err := openKeyring(&g.cfg)
	must(k.t, err)
	for _, it := range c.Sent {
		id := keys.MessageIDOf(it.Delivery.ID, g.cfg.MailDomain)
		if seen[id] {
			k.t.Errorf("%q shares a mail with another comment", c.Text)
		}
		seen[id] = true
		switch copies := len(sent[id]); {
		case it.Delivery.State != core.DeliverySent:
			k.t.Errorf("the mail for %q is %s (%s)", c.Text, it.Delivery.State, it.Delivery.Reason)
		case copies == 0:
			k.t.Errorf("the mail %s for %q counts as sent and never arrived", id, c.Text)
		case copies > 1:
			v, err := g.core.Delivery(context.Background(), a, it.Delivery.ID)
			must(k.t, err)
			said := 0
			for _, at := range v.Attempts {
				if at.Outcome == "uncertain" {
					said++
				}
			}
			if said < copies-1 {
				k.t.Errorf("the mail %s came %d times, and the record says %d times that it may", id, copies, said)
			}
		}
	}
}

// allComments reads a conversation page by page.
func allComments(t testing.TB, g *gateway, a *core.Actor, number int64) (list []core.CommentView) {
	t.Helper()
	var before core.ID
	for {
		v, err := g.core.Task(context.Background(), a, number, before)
		must(t, err)
		list = append(list, v.Comments...)
		if v.Earlier == "" {
			return list
		}
		before = v.Earlier
	}
}

// bySentID sorts what arrived by Message-ID. A mail may arrive twice; then it is the same, byte for byte.
func bySentID(t testing.TB, out *sink) map[string][]string {
	t.Helper()
	sent := map[string][]string{}
	for _, m := range out.mails() {
		id := parse(t, m.raw).MessageID
		if old := sent[id]; old != nil && old[0] != m.raw {
			t.Errorf("the second copy of %s differs", id)
		}
		sent[id] = append(sent[id], m.raw)
	}
	return sent
}
