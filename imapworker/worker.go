// Package imapworker fetches mail from mailboxes on other servers (IMAP4rev1,
// RFC 3501; IMAP4rev2, RFC 9051) and hands each message to the road in.
//
//	Worker (leases) -> box (one mailbox) -> watch (one folder, one connection)
//	watch: open -> select -> new, old, due, compare -> IDLE or wait -> ...
//	                          \-> Road.AcceptFetched: message and ledger in one commit -> what happens on the server
//
// What is new is told by the ledger, (folder, UIDVALIDITY, UID), and by
// nothing else: flags and whoever else reads the mailbox play no part. On the
// server nothing changes before the message is kept here. The server is
// untrusted and may stop answering at any moment, so every command has limits
// of time and bytes (wire.go).
//
// It must not know tasks or SQL, nor what becomes of a message.
package imapworker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"planpost/core"
	"planpost/ingest"
	"planpost/mail"
)

// Core is what the worker needs of *core.Core.
type Core interface {
	FetchedMailboxes(ctx context.Context) ([]core.Mailbox, error)
	ClaimMailboxes(ctx context.Context, owner core.ID, mailboxes []core.ID, ttl time.Duration) (map[core.ID]bool, error)
	LeaveMailboxes(ctx context.Context, owner core.ID, mailboxes []core.ID) error
	OpenMailboxSecret(m *core.Mailbox) (core.MailboxSecret, error)
	KeepMailboxRefresh(ctx context.Context, mailbox core.ID, was, token string) error
	MailFolders(ctx context.Context, m *core.Mailbox) ([]core.MailFolder, error)
	KeepFolder(ctx context.Context, f *core.MailFolder, entries []core.Fetched, forget bool) error
	KeepFolderStates(ctx context.Context, states map[core.ID]core.MailFolderState) error
	KeepFetched(ctx context.Context, entries []core.Fetched) error
	DoneAfter(ctx context.Context, f *core.MailFolder, uids []uint32) error
	DueFetched(ctx context.Context, f *core.MailFolder, limit int) ([]core.Fetched, error)
	FetchedUIDs(ctx context.Context, f *core.MailFolder, from uint32) ([]uint32, error)
	FetchedMarks(ctx context.Context, f *core.MailFolder, but uint32) (map[string]int, error)
	FetchedRoutes(ctx context.Context, m *core.Mailbox, to []mail.Address) ([]core.Route, error)
}

// Road is where messages go; *ingest.Road is one.
type Road interface {
	AcceptFetched(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte, from *core.FetchedFrom) (ingest.Result, error)
	AcceptAside(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte, from *core.FetchedFrom, why string) (ingest.Result, error)
}

// Config says how a Worker works. Zero fields have defaults.
type Config struct {
	// CA is a file of certificates (PEM) to trust besides the system's.
	CA string
	// Poll is how often a server without IDLE is asked; zero means 30 seconds.
	Poll time.Duration
	// Idle is how long one IDLE lasts before the connection is proven anew; zero means 4 minutes. Half an hour is the
	// most that servers bear (RFC 9051 §6.3.13), and a dead connection is noticed only then.
	Idle time.Duration
	// Silence is how long a server may be silent within a command; zero means 30 seconds.
	Silence time.Duration
	// Lease is how long a mailbox stays with a process that is heard of no more; zero means 30 seconds.
	Lease time.Duration
	// Compare is how often server and ledger are compared; zero means 5 minutes.
	Compare time.Duration
	// Retry is the first wait after trouble, which doubles up to five minutes; zero means one second.
	Retry time.Duration
	// TryAgain is the first wait before a message that failed is tried again; zero means 30 seconds.
	TryAgain time.Duration
	// Accepted is told the Message-ID of each message that is kept now; it may be nil.
	Accepted func(messageID string)
	// Only is the one mailbox that is fetched from; empty for all.
	Only core.ID
	// Dial opens connections; nil is the network.
	Dial func(ctx context.Context, address string) (net.Conn, error)
}

func (c Config) defaults() Config {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&c.Poll, 30*time.Second)
	set(&c.Idle, 4*time.Minute)
	set(&c.Silence, silence)
	set(&c.Lease, 30*time.Second)
	set(&c.Compare, 5*time.Minute)
	set(&c.Retry, time.Second)
	set(&c.TryAgain, 30*time.Second)
	if c.Dial == nil {
		c.Dial = dialTCP
	}
	if c.Accepted == nil {
		c.Accepted = func(string) {}
	}
	return c
}

// Worker fetches from mailboxes. It is safe for concurrent use.
type Worker struct {
	cfg    Config
	core   Core
	road   Road
	bus    core.Bus
	log    *slog.Logger
	dialer *dialer
	owner  core.ID

	mu     sync.Mutex // guards states
	states map[core.ID]core.MailFolderState
}

// New makes a Worker; a mistake in its files is told here.
func New(cfg Config, c Core, road Road, bus core.Bus, log *slog.Logger) (*Worker, error) {
	cfg = cfg.defaults()
	w := &Worker{cfg: cfg, core: c, road: road, bus: bus, log: log, owner: core.NewID(), states: make(map[core.ID]core.MailFolderState)}
	w.dialer = &dialer{silence: cfg.Silence, tokens: newTokens(c), dial: cfg.Dial}
	if cfg.CA != "" {
		pool, err := trusted(cfg.CA)
		if err != nil {
			return nil, err
		}
		w.dialer.tls = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	}
	return w, nil
}

func trusted(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificates: %s holds none", file)
	}
	return pool, nil
}

// box is one mailbox that is fetched from by this process.
type box struct {
	mailbox core.Mailbox
	cancel  context.CancelFunc
	ended   sync.WaitGroup
}

func (b *box) stop() {
	b.cancel()
	b.ended.Wait()
}

// Run fetches from all mailboxes whose lease this process gets, until ctx ends; what is being taken in is finished then.
func (w *Worker) Run(ctx context.Context) error {
	changed, unsubscribe := w.bus.Subscribe(core.MailboxesTopic)
	defer unsubscribe()
	running := make(map[core.ID]*box)
	defer w.leave(ctx, running)
	tick := time.NewTicker(w.cfg.Lease / 4)
	defer tick.Stop()
	renewed := time.Now()
	for {
		if err := w.arrange(ctx, running); err == nil {
			renewed = time.Now()
		} else if ctx.Err() == nil {
			w.log.Warn("mailboxes", "err", err)
		}
		if time.Since(renewed) > w.cfg.Lease { // somebody else may have them by now
			for id, b := range running {
				b.stop()
				delete(running, id)
			}
		}
		w.flush(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-changed:
		}
	}
}

// leave ends all boxes and gives their leases back.
func (w *Worker) leave(ctx context.Context, running map[core.ID]*box) {
	var ids []core.ID
	for id, b := range running {
		b.cancel()
		ids = append(ids, id)
	}
	for _, b := range running {
		b.stop()
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	w.flush(last)
	if err := w.core.LeaveMailboxes(last, w.owner, ids); err != nil {
		w.log.Warn("mailboxes", "err", err)
	}
}

// arrange makes what runs what should run.
func (w *Worker) arrange(ctx context.Context, running map[core.ID]*box) error {
	list, err := w.core.FetchedMailboxes(ctx)
	if err != nil {
		return err
	}
	if w.cfg.Only != "" {
		list = slices.DeleteFunc(list, func(m core.Mailbox) bool { return m.ID != w.cfg.Only })
	}
	ids := make([]core.ID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	held, err := w.core.ClaimMailboxes(ctx, w.owner, ids, w.cfg.Lease)
	if err != nil {
		return err
	}
	wanted := make(map[core.ID]*core.Mailbox, len(list))
	for i := range list {
		if held[list[i].ID] {
			wanted[list[i].ID] = &list[i]
		}
	}
	for id, b := range running {
		if m := wanted[id]; m == nil || !m.UpdatedAt.Equal(b.mailbox.UpdatedAt) {
			w.dialer.tokens.forget(id)
			b.stop()
			delete(running, id)
		}
	}
	for id, m := range wanted {
		if running[id] != nil {
			continue
		}
		b, err := w.start(ctx, m)
		if err != nil {
			return err
		}
		running[id] = b
	}
	return nil
}

func (w *Worker) start(ctx context.Context, m *core.Mailbox) (*box, error) {
	folders, err := w.core.MailFolders(ctx, m)
	if err != nil {
		return nil, err
	}
	secret, err := w.core.OpenMailboxSecret(m)
	if err != nil {
		return nil, err
	}
	b := &box{mailbox: *m}
	var boxed context.Context
	boxed, b.cancel = context.WithCancel(ctx)
	shared := &sharedSecret{secret: secret}
	for i := range folders {
		v := w.watch(m, shared, folders[i])
		b.ended.Go(func() { v.run(boxed) }) // ends with boxed
	}
	return b, nil
}

// sharedSecret is what the folders of a mailbox sign in with; a new token is all of theirs.
type sharedSecret struct {
	mu     sync.Mutex
	secret core.MailboxSecret
}

// errElsewhere: another process fetches from the mailbox.
var errElsewhere = &core.Error{Kind: core.Conflict, Code: "mailbox.elsewhere"}

// Pull looks once into all folders of a mailbox and takes in what is there; it tells how many messages came.
func (w *Worker) Pull(ctx context.Context, m *core.Mailbox) (n int, err error) {
	held, err := w.core.ClaimMailboxes(ctx, w.owner, []core.ID{m.ID}, w.cfg.Lease)
	if err != nil {
		return 0, err
	}
	if !held[m.ID] {
		return 0, errElsewhere
	}
	ctx, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { w.renew(ctx, m.ID, cancel) })
	defer func() {
		cancel()
		renewing.Wait()
		last, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer done()
		w.flush(last)
		err = errors.Join(err, w.core.LeaveMailboxes(last, w.owner, []core.ID{m.ID}))
	}()
	folders, err := w.core.MailFolders(ctx, m)
	if err != nil {
		return 0, err
	}
	secret, err := w.core.OpenMailboxSecret(m)
	if err != nil {
		return 0, err
	}
	shared := &sharedSecret{secret: secret}
	for i := range folders {
		v := w.watch(m, shared, folders[i])
		got, err := v.once(ctx)
		n += got
		if err != nil {
			t := troubleOf(err)
			v.note(t)
			return n, &core.Error{Kind: core.Unavailable, Code: "mailbox.trouble", Params: []string{"code", t.Code, "text", t.Text}, Err: err}
		}
	}
	return n, nil
}

// renew keeps a lease until ctx ends; who loses it is cancelled.
func (w *Worker) renew(ctx context.Context, id core.ID, lost context.CancelFunc) {
	tick := time.NewTicker(w.cfg.Lease / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if held, err := w.core.ClaimMailboxes(ctx, w.owner, []core.ID{id}, w.cfg.Lease); err == nil && !held[id] {
				lost()
				return
			}
		}
	}
}

// noted keeps how it goes with a folder, to be written with the others'.
func (w *Worker) noted(id core.ID, s core.MailFolderState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states[id] = s
}

// flush writes how it goes with the folders; what cannot be written is kept for the next time.
func (w *Worker) flush(ctx context.Context) {
	w.mu.Lock()
	states := w.states
	w.states = make(map[core.ID]core.MailFolderState, len(states))
	w.mu.Unlock()
	err := w.core.KeepFolderStates(ctx, states)
	if err == nil {
		return
	}
	w.log.Warn("the state of mailboxes is not written yet", "err", err)
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, s := range states {
		if _, newer := w.states[id]; !newer {
			w.states[id] = s
		}
	}
}

// Owner is the name by which this worker holds its leases.
func (w *Worker) Owner() core.ID { return w.owner }
