// Package mailer is the one road by which mail leaves.
//
//	claim -> core.Letter (rights asked again) -> render -> compose -> sign -> Transport.Send -> core.RecordAttempt
//
// The database says what is due; a wake-up only says "look". Each stream has a
// round of its own: a batch of its deliveries is leased, workers send them side by side, and what became of
// each is recorded under its lease. A mail is a pure function of its rows:
// Message-ID, Date, boundaries and the time of its signatures come from the delivery, so a repeat is the
// same mail, byte for byte, and a second copy does no harm.
//
// Where the mail goes is a Transport: Relay hands it to an SMTP server,
// Capture keeps it for the demo's mailbox page. Without a transport nothing
// is claimed and everything waits.
//
// The package knows tasks only as what a mail tells of. It must not know how a
// comment came to be, nor SQL.
package mailer

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"planpost/core"
)

// Core is what the mailer asks of the rules. *core.Core is one.
type Core interface {
	ClaimDeliveries(ctx context.Context, stream core.Stream, limit int) ([]core.Delivery, error)
	Letter(ctx context.Context, d core.Delivery) (core.Letter, error)
	Letters(ctx context.Context, list []core.Delivery) ([]core.LetterRead, error)
	RecordAttempt(ctx context.Context, r core.AttemptResult) error
	SealCaptured(l *core.Letter, raw []byte) ([]byte, error)
	Sign(ctx context.Context, domain string, raw []byte, at time.Time) ([]byte, error)
	NextDue(ctx context.Context, stream core.Stream, after time.Time) (at time.Time, ok bool, err error)
	Wake() <-chan string
	Now() time.Time
}

// Files gives the bytes of attachments.
type Files interface {
	Open(ctx context.Context, account core.ID, hash string) (io.ReadSeekCloser, error)
}

// Config says how mail is sent. The zero value is right for most hosts.
type Config struct {
	// Workers is how many mails of the work stream are made or on their way at once; 60 unless set: three times the
	// connections that Postfix has for one destination, for one mail on each, one announced behind it and one being
	// made. The other streams have a quarter of that each, of their own: none waits for another.
	Workers int
	// Batch is the most deliveries of a stream claimed at once; four for each worker unless set.
	Batch int
	// Retry are the waits after the first, second, … temporary failure; the last one repeats.
	Retry []time.Duration
	// GiveUp is how long after its first attempt a mail is still tried again; 48 hours unless set. One of the
	// security stream with a link is tried for as long as its link lives.
	GiveUp time.Duration
	// Again is the wait before a mail whose fate is unknown is sent once more; 15 minutes unless set.
	Again time.Duration
	// Grace is how long a mail already on its way may take when the mailer stops; 10 seconds unless set.
	Grace time.Duration
	// AttachLimit is the most bytes of attachments that go along with one mail; 10 MB unless set.
	AttachLimit int64
}

func (c Config) defaults() Config {
	if c.Workers <= 0 {
		c.Workers = 60
	}
	if len(c.Retry) == 0 {
		m, h := time.Minute, time.Hour
		c.Retry = []time.Duration{m, 5 * m, 15 * m, 30 * m, h, 2 * h, 4 * h}
	}
	if c.GiveUp <= 0 {
		c.GiveUp = 48 * time.Hour
	}
	if c.Again <= 0 {
		c.Again = 15 * time.Minute
	}
	if c.Grace <= 0 {
		c.Grace = 10 * time.Second
	}
	if c.AttachLimit <= 0 {
		c.AttachLimit = 10_000_000
	}
	return c
}

// Parts are the things a Mailer works with.
type Parts struct {
	// Core and Files are required.
	Core  Core
	Files Files
	// Transport takes the mail; nil lets everything wait.
	Transport Transport
	// Log is told each station of a mail; nil discards.
	Log *slog.Logger
}

// Mailer sends what is due. Run may be called once at a time.
type Mailer struct {
	cfg       Config
	core      Core
	files     Files
	transport Transport
	log       *slog.Logger
	// spread gives a random share of 0 to 1, so that mails that failed together are not tried together.
	spread func() float64

	paces *paces

	zonesMu sync.RWMutex
	zones   map[string]*time.Location // guarded by zonesMu: loading one reads a file
}

// New builds a Mailer.
func New(cfg Config, p Parts) *Mailer {
	m := &Mailer{cfg: cfg.defaults(), core: p.Core, files: p.Files, transport: p.Transport, log: p.Log, spread: rand.Float64, paces: newPaces(), zones: make(map[string]*time.Location)}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	return m
}

// Run sends mail until ctx ends. It then lets what is on its way come to its
// end for Config.Grace, and gives back what it holds.
func (m *Mailer) Run(ctx context.Context) error { return m.run(ctx, false) }

// UntilIdle sends mail until nothing is due now. Deliveries that wait for
// their time do not keep it.
func (m *Mailer) UntilIdle(ctx context.Context) error { return m.run(ctx, true) }

func (m *Mailer) run(ctx context.Context, untilIdle bool) error {
	if m.transport == nil {
		m.log.Warn("no relay is configured: mail waits in the outbox until there is one")
		if !untilIdle {
			<-ctx.Done()
		}
		return nil
	}
	rounds := make([]*round, len(core.Streams))
	errs := make([]error, len(rounds))
	for i, s := range core.Streams {
		rounds[i] = newRound(m, s, untilIdle)
	}
	waking, stop := context.WithCancel(ctx)
	defer stop()
	go m.passOn(waking, rounds)
	var running sync.WaitGroup
	for i, r := range rounds {
		running.Go(func() { errs[i] = r.run(ctx) })
	}
	running.Wait()
	return errors.Join(errs...)
}

// passOn tells every round of a wake-up, until ctx ends.
func (m *Mailer) passOn(ctx context.Context, rounds []*round) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.core.Wake():
		}
		for _, r := range rounds {
			r.look()
		}
	}
}
