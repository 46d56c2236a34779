// Package core holds the rules of Planpost: accounts, people, projects,
// tasks, comments, messages, deliveries, links and who may do what with them.
//
// The path of one message runs through it twice:
//
//	door -> ingest -> core.AcceptInbound -> one Acceptance -> Store (committed) -> 250
//	                                          |
//	                                          +- message, receipt, comment or task,
//	                                             notification and delivery rows
//	mailer -> core.ClaimDeliveries -> core.Letter (rights asked again) -> Transport -> core.RecordAttempt
//
// Decisions are made here, from rows read in one snapshot, and written once:
// the Store only keeps what the core decided. Every method that acts for a
// person takes an Actor and asks core/access before it reads or writes.
//
// The package declares the interfaces it needs (Store, Files, Bus, Limiter)
// and knows no technology behind them: no SQL, no HTTP, no SMTP, no words in
// any language; errors, reasons and dispositions are codes with parameters.
package core

import (
	"crypto/rand"
	"io"
	"log/slog"
	"time"

	"planpost/mail"
)

// Config is what the core must be told about its host.
type Config struct {
	// MailDomain is the domain of our own inbound addresses and Message-IDs, e.g. "in.example.org".
	MailDomain string
	// Senders are the From addresses of the streams; those not given are of MailDomain.
	Senders map[Stream]mail.Address
	// BaseURL is the address of the web pages as people see it, without a slash at the end.
	BaseURL string
	// Quiet is how long a task must be quiet before people who were not told
	// explicitly get their mail; QuietMax is the longest such a mail waits. A
	// negative Quiet gathers nothing: each event is a mail of its own, at once.
	Quiet, QuietMax time.Duration
	// Undo is how long mail to people outside waits, so that it can be taken back; zero lets it go at once.
	Undo time.Duration
	// SessionLife is how long a sign-in lasts without use.
	SessionLife time.Duration
	// Registration lets anybody open an account of his own.
	Registration bool
	// RawInRow is the largest sealed raw mail, in bytes, kept in the database; larger ones go to Files.
	RawInRow int
	// AttachmentLimit is the largest single file, in bytes, that may be attached.
	AttachmentLimit int64
	// PasswordCost is what OWASP asks for unless set; tests that make many people set less.
	PasswordCost PasswordCost
}

// Defaults returns c with every zero field set to its default.
func (c Config) Defaults() Config {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&c.Quiet, time.Minute)
	set(&c.QuietMax, 5*time.Minute)
	set(&c.SessionLife, 14*24*time.Hour)
	if c.RawInRow == 0 {
		c.RawInRow = 256 << 10
	}
	if c.AttachmentLimit == 0 {
		c.AttachmentLimit = 50 << 20
	}
	if c.PasswordCost == (PasswordCost{}) {
		c.PasswordCost = PasswordCost{argonTime, argonMemory}
	}
	if c.MailDomain == "" {
		c.MailDomain = "planpost.localhost"
	}
	return c
}

// Parts are the things a Core works with. Store, Files, Staging, Bus, Limiter and Keys are required.
type Parts struct {
	Store Store
	Files Files
	// Staging keeps what comes in in parts; Sheets reads drawings, nil reads none.
	Staging Staging
	Sheets  Sheets
	Bus     Bus
	Limiter Limiter
	Keys    *Keyring
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Rand is the source of secrets; nil means crypto/rand.
	Rand io.Reader
	// Log takes the stations of messages and mails; nil discards.
	Log *slog.Logger
}

// Core applies the rules. It is safe for concurrent use and holds no state
// that must survive: everything lasting is in the Store.
type Core struct {
	cfg        Config
	store      Store
	files      Files
	staging    Staging
	sheets     Sheets
	bus        Bus
	limiter    Limiter
	keys       *Keyring
	now        func() time.Time
	rand       io.Reader
	log        *slog.Logger
	seals      sealCache
	signers    signers
	replyModes replyModes
	wake       <-chan string // wakes the mailer; holds no work
}

// New builds a Core from its parts.
func New(cfg Config, p Parts) *Core {
	c := &Core{
		cfg: cfg.Defaults(), store: p.Store, files: p.Files, staging: p.Staging, sheets: p.Sheets, bus: p.Bus, limiter: p.Limiter, keys: p.Keys,
		now: p.Now, rand: p.Rand, log: p.Log,
	}
	c.wake, _ = c.bus.Subscribe(mailerTopic) // for the life of the process
	if c.now == nil {
		c.now = time.Now
	}
	if c.rand == nil {
		c.rand = rand.Reader
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Config tells what is in force.
func (c *Core) Config() Config { return c.cfg }

// Now is the core's clock, in UTC, whole microseconds as the stores keep them.
func (c *Core) Now() time.Time { return c.now().UTC().Truncate(time.Microsecond) }

// Bus is where "something changed" is heard and said.
func (c *Core) Bus() Bus { return c.bus }

// Limiter bounds what strangers may try.
func (c *Core) Limiter() Limiter { return c.limiter }
