package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"planpost/core"
	"planpost/imapworker"
	"planpost/ingest"
	"planpost/mail"
)

// badNetwork stands between us and a server. Each connection through it gets a fault of its own.
type badNetwork struct {
	t    testing.TB
	to   string
	mu   sync.Mutex // guards open
	open []net.Conn
	// fault is asked for each connection; it gets what the server sends, and says what becomes of it.
	fault func(n int) fault
	n     atomic.Int64
}

// fault is what happens to what a server sends: it passes, or ends the connection, or nothing moves any more.
type fault func(sent []byte) (pass []byte, then string)

func (b *badNetwork) dial(ctx context.Context, address string) (net.Conn, error) {
	server, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	f := b.fault(int(b.n.Add(1)))
	if f == nil {
		return server, nil
	}
	return &badConn{Conn: server, fault: f, closed: make(chan struct{})}, nil
}

// badConn is the client's end of a bad network.
type badConn struct {
	net.Conn
	fault fault
	rest  []byte

	mu       sync.Mutex // guards deadline
	deadline time.Time
	dead     atomic.Bool
	once     sync.Once
	closed   chan struct{}
}

func (c *badConn) Read(b []byte) (int, error) {
	if len(c.rest) > 0 {
		n := copy(b, c.rest)
		c.rest = c.rest[n:]
		return n, nil
	}
	if c.dead.Load() {
		return c.hang()
	}
	buf := make([]byte, 4096)
	n, err := c.Conn.Read(buf)
	if err != nil {
		return 0, err
	}
	pass, then := c.fault(buf[:n])
	switch then {
	case "cut":
		c.Conn.Close()
		if len(pass) == 0 {
			return 0, io.EOF
		}
	case "stall":
		c.dead.Store(true)
		if len(pass) == 0 {
			return c.hang()
		}
	}
	n = copy(b, pass)
	c.rest = slices.Clone(pass[n:])
	return n, nil
}

// hang is a network that delivers nothing and does not say so: only a deadline ends it.
func (c *badConn) hang() (int, error) {
	for {
		c.mu.Lock()
		end := c.deadline
		c.mu.Unlock()
		if !end.IsZero() && time.Now().After(end) {
			return 0, timedOut{}
		}
		select {
		case <-c.closed:
			return 0, net.ErrClosed
		case <-time.After(5 * time.Millisecond):
		}
	}
}

type timedOut struct{}

func (timedOut) Error() string   { return "no answer" }
func (timedOut) Timeout() bool   { return true }
func (timedOut) Temporary() bool { return true }

// Write says that all went out, as a kernel does whose peer is gone.
func (c *badConn) Write(b []byte) (int, error) {
	if c.dead.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func (c *badConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	c.deadline = t
	c.mu.Unlock()
	return c.Conn.SetReadDeadline(t)
}

func (c *badConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// afterSends lets n pieces through and does then with the next one, of which half passes.
func afterSends(n int, then string) fault {
	sent := 0
	return func(b []byte) ([]byte, string) {
		if sent++; sent <= n {
			return b, ""
		}
		return b[:len(b)/2], then
	}
}

// slowly hands on a few bytes at a time.
func slowly() fault {
	return func(b []byte) ([]byte, string) {
		time.Sleep(20 * time.Millisecond)
		return b, ""
	}
}

// worker runs a worker of its own for the world until the test ends; change may alter its settings.
func (w *world) worker(t *testing.T, change func(*imapworker.Config)) *imapworker.Worker {
	t.Helper()
	worker, err := w.openIMAP(func(cfg *imapworker.Config) {
		cfg.Silence, cfg.Retry, cfg.TryAgain, cfg.Lease = 700*time.Millisecond, 20*time.Millisecond, 50*time.Millisecond, time.Second
		change(cfg)
	})
	must(t, err)
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	go func() { defer close(done); _ = worker.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return worker
}

// everyOnce waits until each text is a comment, and tells those that are there more than once.
func (w *world) everyOnce(t *testing.T, want []string) {
	t.Helper()
	var times map[string]int
	all := func() bool {
		times = map[string]int{}
		for _, c := range allComments(t, w.gateway, w.as(w.olga), 1) {
			times[c.Text]++
		}
		return !slices.ContainsFunc(want, func(s string) bool { return times[s] == 0 })
	}
	for end := time.Now().Add(patience); !all() && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	for _, s := range want {
		if times[s] != 1 {
			t.Errorf("%q is there %d times", s, times[s])
		}
	}
}

// The connection is cut, or goes dead, at every step of it: after each piece that the server sends. Whatever happens,
// every message is taken in exactly once.
func TestMailboxNetworkFailsAtEveryStep(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	w := start(t, localConfig(t, ""), "web").furnish()
	const steps = 22
	faults := map[string]func(step int) fault{
		"cut":   func(step int) fault { return afterSends(step, "cut") },
		"stall": func(step int) fault { return afterSends(step, "stall") },
	}
	var want []string
	for name, f := range faults {
		for step := range steps {
			user := fmt.Sprintf("%s%d", name, step)
			c := d.client(user)
			var address core.Mailbox
			address.Address, _ = core.ParseMailboxAddress(user + "@provider.test")
			for i := range 3 {
				text := fmt.Sprintf("%s, message %d", user, i)
				d.put(c, "INBOX", fetchedLetter(w.taggedTo(address), fmt.Sprintf("%s-%d", user, i), text), time.Now().Add(-time.Hour))
				want = append(want, text)
			}
			must(t, c.Logout().Wait())
			m := w.box(d, user, func(m *core.Mailbox) { m.Since, m.After = time.Now().AddDate(0, 0, -2), core.MarkFetched })
			// Each mailbox meets its fault in a worker of its own, twice in a row, and a good network after that.
			b := &badNetwork{t: t, fault: func(n int) fault {
				if n <= 2 {
					return f(step)
				}
				return nil
			}}
			w.worker(t, func(cfg *imapworker.Config) { cfg.Dial, cfg.Only = b.dial, m.ID })
		}
	}
	w.everyOnce(t, want)
}

// A slow server is waited for, a restart is survived, and people who read, mark and move mail meanwhile change nothing.
func TestMailboxSlowRestartedAndReadByPeople(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	w := start(t, localConfig(t, ""), "web").furnish()
	b := &badNetwork{t: t, fault: func(int) fault { return slowly() }}
	m := w.box(d, "busy", func(m *core.Mailbox) { m.Folders = []string{"INBOX", "Archive"} })
	c := d.client("busy")
	must(t, c.Create("Archive", nil).Wait())
	w.worker(t, func(cfg *imapworker.Config) { cfg.Dial, cfg.Only = b.dial, m.ID })
	until(t, "both folders are looked into", func() bool {
		v := w.view(m)
		return len(v.Folders) == 2 && !v.ContactAt().IsZero()
	})
	var want []string
	for i := range 24 {
		text := fmt.Sprintf("Busy message %d.", i)
		d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), fmt.Sprintf("busy%d", i), text), time.Time{})
		want = append(want, text)
		_, err := c.Select("INBOX", nil).Wait()
		must(t, err)
		switch i % 3 {
		case 0:
			must(t, c.Store(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen, imap.FlagFlagged}}, nil).Close())
		case 1:
			if _, err := c.Move(imap.SeqSetNum(1), "Archive").Wait(); err != nil {
				t.Fatal(err)
			}
		}
		if i == 11 {
			d.run("stop", "kill")
			d.start()
			c = d.client("busy")
		}
	}
	w.everyOnce(t, want)
}

// One message breaks the connection each time it is fetched. It is set aside, and the others come.
func TestMailboxPoisonIsSetAside(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	w := start(t, localConfig(t, ""), "web").furnish()
	m := w.box(d, "poison", func(m *core.Mailbox) { m.FailedTo = "Planpost failed" })
	b := &badNetwork{t: t, fault: func(int) fault {
		return func(sent []byte) ([]byte, string) {
			if i := bytes.Index(sent, []byte("POISON")); i >= 0 {
				return sent[:i], "cut"
			}
			return sent, ""
		}
	}}
	w.worker(t, func(cfg *imapworker.Config) { cfg.Dial, cfg.Only = b.dial, m.ID })
	w.opened(m)
	c := d.client("poison")
	var want []string
	for i := range 6 {
		text := fmt.Sprintf("Good message %d.", i)
		if i == 2 {
			d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "poison", "POISON"), time.Time{})
		}
		d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), fmt.Sprintf("good%d", i), text), time.Time{})
		want = append(want, text)
	}
	w.everyOnce(t, want)
	until(t, "it is set aside, and says why", func() bool {
		v := w.view(m)
		return len(v.Aside) == 1 && v.Aside[0].State == core.FetchFailed && v.Aside[0].Code == "lost"
	})
	list, err := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Disposition: core.Held, Limit: 5})
	must(t, err)
	if len(list) != 1 || list[0].Receipt.Reason != "parse.unfetched" {
		t.Errorf("the recorder has %+v", list)
	}
	until(t, "it lies in its folder", func() bool {
		sel, err := c.Select("Planpost failed", nil).Wait()
		return err == nil && sel.NumMessages == 1
	})
	// The network is mended, and somebody wants it after all.
	e := w.view(m).Aside[0]
	if !strings.Contains(e.Text, "") || e.Tries != 3 {
		t.Errorf("set aside as %+v", e)
	}
}

// deadlyRoad is a road at whose end the process dies over one message: nothing that it began goes on.
type deadlyRoad struct {
	imapworker.Road
	died chan struct{}
	end  chan struct{} // closed when the test ends
}

func (r *deadlyRoad) AcceptFetched(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte, from *core.FetchedFrom) (ingest.Result, error) {
	if bytes.Contains(raw, []byte("BOMB")) {
		close(r.died)
		<-r.end
		runtime.Goexit()
	}
	return r.Road.AcceptFetched(ctx, env, routes, raw, from)
}

// A message at which processes die stops neither the others nor the mailbox: what a dead process had at hand is tried
// one by one, and after three deaths it is set aside unread.
func TestMailboxMessageThatEndsProcessesIsSetAside(t *testing.T) {
	t.Parallel()
	bothEngines(t, func(t *testing.T, database string) {
		d := newIMAP(t)
		w := start(t, localConfig(t, database), "web").furnish()
		m := w.box(d, "deadly", nil)
		end := make(chan struct{})
		t.Cleanup(func() { close(end) })
		process := func() (died chan struct{}, ended chan error, owner core.ID) {
			r := &deadlyRoad{Road: w.road, died: make(chan struct{}), end: end}
			worker, err := imapworker.New(imapworker.Config{}, w.core, r, w.core.Bus(), w.log)
			must(t, err)
			ended = make(chan error, 1)
			go func() {
				_, err := worker.Pull(w.ctx, &m)
				ended <- err
			}()
			return r.died, ended, worker.Owner()
		}
		_, began, _ := process()
		must(t, <-began)
		c := d.client("deadly")
		var want []string
		for i := range 6 {
			text := fmt.Sprintf("Good message %d.", i)
			if i == 2 {
				d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "bomb", "BOMB"), time.Time{})
			}
			d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), fmt.Sprintf("good%d", i), text), time.Time{})
			want = append(want, text)
		}
		deaths := 0
		for alive := false; !alive; {
			died, ended, owner := process()
			select {
			case <-died:
				deaths++
				must(t, w.core.LeaveMailboxes(w.ctx, owner, []core.ID{m.ID})) // as if the lease had ended
			case err := <-ended:
				must(t, err)
				alive = true
			case <-time.After(patience):
				t.Fatal("a process neither ends nor dies")
			}
			if deaths > 5 {
				t.Fatal("processes die on and on")
			}
		}
		if deaths != 3 {
			t.Errorf("%d processes died", deaths)
		}
		w.everyOnce(t, want)
		v := w.view(m)
		if len(v.Aside) != 1 || v.Aside[0].State != core.FetchFailed || v.Aside[0].Code != "ended" {
			t.Errorf("set aside are %+v", v.Aside)
		}
		list, err := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Disposition: core.Held, Limit: 5})
		must(t, err)
		if len(list) != 1 || list[0].Receipt.Reason != "parse.failed" {
			t.Errorf("the recorder has %+v", list)
		}
	})
}
