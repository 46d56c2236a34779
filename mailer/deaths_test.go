package mailer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"planpost/cluster"
	"planpost/core"
	"planpost/mail"
	"planpost/store"
	"planpost/store/storetest"
)

const (
	deathsLite     = 1000
	deathsPostgres = 60
	deathReaders   = 24
)

// A process dies after the other side has a mail and before its answer is read, again and again: everybody gets
// what is owed, whatever comes twice is the same mail with links that work, and the record says that it may.
func TestDeathsBetweenDataAndReplyLoseNothingAndDoubleNothingUnsaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		deaths := deathsLite
		if strings.HasSuffix(t.Name(), "postgres") {
			deaths = deathsPostgres
		}
		g := newGrave(t, open())
		for g.deaths < deaths {
			if !g.live(1 + g.random.IntN(3)) {
				g.write()
			}
			g.pass(11 * time.Minute) // the lease of what the dead held has ended
		}
		for g.live(0); g.due() > 0; g.live(0) {
			g.pass(time.Hour)
		}
		g.check()
	})
}

// grave is a host whose mailer dies.
type grave struct {
	t       *testing.T
	ctx     context.Context
	core    *core.Core
	store   *store.Store
	peer    *peer
	random  *rand.Rand
	account core.Account
	owner   core.Person
	task    core.Task
	people  []core.ID
	clock   atomic.Int64 // microseconds
	deaths  int

	dies atomic.Pointer[death]
}

// death comes to one process with its nth mail.
type death struct {
	left atomic.Int64
	dead atomic.Bool
	end  context.CancelFunc
}

var errDead = errors.New("the process is dead")

// mortal is the core of a process: once that is dead it does nothing.
type mortal struct {
	*core.Core
	*death
}

func (m mortal) ClaimDeliveries(ctx context.Context, stream core.Stream, limit int) ([]core.Delivery, error) {
	if m.dead.Load() {
		return nil, errDead
	}
	return m.Core.ClaimDeliveries(ctx, stream, limit)
}

func (m mortal) RecordAttempt(ctx context.Context, r core.AttemptResult) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Core.RecordAttempt(ctx, r)
}

func newGrave(t *testing.T, s *store.Store) *grave {
	t.Helper()
	g := &grave{t: t, ctx: t.Context(), store: s, random: rand.New(rand.NewPCG(4, 2))}
	g.clock.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMicro())
	now := func() time.Time { return time.UnixMicro(g.clock.Add(1)).UTC() }
	keys, err := core.NewKeyring(bytes.Repeat([]byte{7}, 32))
	g.must(err)
	g.core = core.New(core.Config{MailDomain: "in.test", BaseURL: "http://planpost.test", PasswordCost: core.PasswordCost{Passes: 1, Memory: 64}},
		core.Parts{Store: s, Bus: cluster.NewBus(), Limiter: cluster.NewLimiter(now), Keys: keys, Now: now})
	g.peer = newPeer(t, func(p *peer) { p.took = g.took })
	g.account, g.owner, err = g.core.CreateAccount(g.ctx, core.Setup{AccountName: "Holzbau", Locale: "de", Zone: "Europe/Vienna", Name: "Olga", Address: "olga@holzbau.test", Password: "correct horse battery"})
	g.must(err)
	for i := range deathReaders {
		p, err := g.core.CreateContact(g.ctx, g.actor(), core.NewContact{Name: fmt.Sprint("Reader ", i), Address: fmt.Sprintf("reader%d@client.test", i)})
		g.must(err)
		g.people = append(g.people, p.ID)
	}
	g.task, err = g.core.CreateTask(g.ctx, g.actor(), core.NewTask{Title: "Door", Participants: g.people})
	g.must(err)
	return g
}

func (g *grave) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

func (g *grave) actor() *core.Actor {
	return &core.Actor{Person: g.owner, Account: g.account, Via: "page"}
}

func (g *grave) pass(d time.Duration) { g.clock.Add(d.Microseconds()) }

// write owes one more mail to everybody.
func (g *grave) write() {
	g.t.Helper()
	_, err := g.core.Comment(g.ctx, g.actor(), core.NewComment{Task: g.task.ID, Text: "When do you come?", Tell: g.people})
	g.must(err)
}

// took decides about the answer to a mail that the other side has by now.
func (g *grave) took(int) string {
	d := g.dies.Load()
	switch left := d.left.Add(-1); {
	case left == 0:
		d.dead.Store(true)
		d.end()
		g.peer.hangUp()
		return "CLOSE"
	case left%16 == 15: // only the connection dies
		return "CLOSE"
	}
	return ""
}

// live runs a process until its nth mail, or until nothing is due; it tells whether it died.
func (g *grave) live(n int) bool {
	g.t.Helper()
	ctx, end := context.WithCancel(g.ctx)
	defer end()
	d := &death{end: end}
	d.left.Store(int64(n))
	g.dies.Store(d)
	relay, err := NewRelay(RelayConfig{Address: g.peer.addr(), Security: NoTLS})
	g.must(err)
	defer relay.Close()
	m := New(Config{Workers: 2, Batch: 4, Grace: time.Millisecond}, Parts{Core: mortal{g.core, d}, Files: memory{}, Transport: relay})
	if err := m.UntilIdle(ctx); err != nil && !d.dead.Load() {
		g.t.Fatal(err)
	}
	if d.dead.Load() {
		g.deaths++
	}
	return d.dead.Load()
}

func (g *grave) deliveries() (list []core.DeliveryItem) {
	g.t.Helper()
	g.must(g.store.View(g.ctx, func(tx core.Tx) error {
		for f := (core.DeliveryFilter{Limit: 100}); ; f.Before = list[len(list)-1].Delivery.ID {
			page, err := tx.ListDeliveries(g.ctx, g.account.ID, f)
			if list = append(list, page...); err != nil || len(page) < f.Limit {
				return err
			}
		}
	}))
	return list
}

func (g *grave) due() (n int) {
	for _, it := range g.deliveries() {
		if it.Delivery.State == core.DeliveryDue {
			n++
		}
	}
	return n
}

var (
	messageID  = regexp.MustCompile(`(?mi)^Message-ID: <d-([0-9a-z]+)\.`)
	threadLink = regexp.MustCompile(`http://planpost\.test/t/([\w-]+)`)
)

func (g *grave) check() {
	g.t.Helper()
	_, mails, _ := g.peer.seen()
	copies := map[string][]string{}
	for _, raw := range mails {
		id := messageID.FindStringSubmatch(raw)
		if id == nil {
			g.t.Fatalf("a mail without our Message-ID:\n%s", raw)
		}
		copies[id[1]] = append(copies[id[1]], raw)
	}
	twice, unsaid := 0, 0
	list := g.deliveries()
	for _, it := range list {
		d := &it.Delivery
		got := copies[string(d.ID)]
		if len(got) == 0 {
			g.t.Errorf("%s never came to %s: %s", d.ID, it.Address, d.State)
			continue
		}
		for _, other := range got[1:] {
			if other != got[0] {
				g.t.Errorf("the copies of %s differ:\n%s\n%s", d.ID, got[0], other)
				return
			}
		}
		g.answerable(got[0], d.ID)
		if len(got) == 1 {
			continue
		}
		twice++
		unknown := 0
		v, err := g.core.Delivery(g.ctx, core.OperatorOf(g.account), d.ID)
		g.must(err)
		for _, a := range v.Attempts {
			if a.Outcome == "uncertain" {
				unknown++
			}
		}
		if unknown < len(got)-1 {
			unsaid++
		}
	}
	if len(copies) != len(list) || unsaid > 0 || twice < g.deaths/10 {
		g.t.Errorf("%d mails of %d; %d came twice, of %d of them the record does not say so", len(copies), len(list), twice, unsaid)
	}
	g.t.Logf("%d deaths, %d mails, %d copies, %d came twice", g.deaths, len(list), len(mails), twice)
}

// answerable: the mail's reply address and its link lead to the conversation.
func (g *grave) answerable(raw string, id core.ID) {
	g.t.Helper()
	m, err := mail.Parse([]byte(raw), mail.Limits{})
	g.must(err)
	r, err := g.core.Route(g.ctx, m.ReplyTo[0])
	g.must(err)
	token := threadLink.FindStringSubmatch(m.Text)
	if r.Refuse != "" || token == nil {
		g.t.Errorf("%s: answers are refused: %q; link %q in %s", id, r.Refuse, token, m.Text)
		return
	}
	if t, err := g.core.Thread(g.ctx, token[1], "192.0.2.1"); core.KindOf(err) != core.Limited && (err != nil || t.State != core.LinkLive || t.Number != g.task.Number) {
		g.t.Errorf("%s: the link leads to %v, task %d: %v", id, t.State, t.Number, err)
	}
}
