package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Security says how the way to the relay is protected.
type Security string

// The ways. Opportunistic encrypts where the relay offers it and trusts
// whoever answers, which is the most that can be had without a promise by the
// relay; the other two check the relay's certificate and send nothing without it.
const (
	Opportunistic Security = "opportunistic"
	StartTLS      Security = "starttls"
	ImplicitTLS   Security = "tls"
	NoTLS         Security = "none"
)

// RelayConfig says which server takes our mail, and how.
type RelayConfig struct {
	// Address is HOST:PORT. Hostname is our name for EHLO, a domain or an address literal (RFC 5321 §4.1.4).
	Address, Hostname string
	// Security is Opportunistic when empty.
	Security Security
	// Username and Password sign in, if not empty; only over a checked connection.
	Username, Password string
	// OAuth gives a token to sign in with in place of the password; nil without.
	OAuth *OAuth
	// TLS adds to how certificates are checked, e.g. RootCAs; nil is the system's way.
	TLS *tls.Config
	// Connections is how many there are at most; 20 unless set. Mail of the security stream may have a quarter
	// as many more, so that it never waits behind other mail.
	Connections int
	// PerConnection is how many mails one of them carries; 200 unless set.
	PerConnection int
	// Idle is how long an unused one is kept; 20 seconds unless set, as servers keep them a few minutes at most.
	Idle time.Duration
	// Step is the longest that any answer may take; a minute unless set. Final is that for the answer
	// to a whole mail; 5 minutes unless set. RFC 5321 §4.5.3.2.6 suggests 10, but the lease of
	// a delivery is no longer, and a mail whose lease ended would be sent twice.
	Step, Final time.Duration
	// atOnce is within what time a server has to take one mail for the next to be announced behind another: else
	// that one would wait long for its turn. A quarter of a second unless set.
	atOnce time.Duration
}

// Relay hands mail to one SMTP server over a few connections that it keeps
// and uses again.
type Relay struct {
	cfg   RelayConfig
	tls   *tls.Config
	slots slots // one for each connection in use

	mu   sync.Mutex
	idle []*conn // guarded by mu; the last used last
}

// NewRelay checks cfg. It does not connect.
func NewRelay(cfg RelayConfig) (*Relay, error) {
	host, _, err := net.SplitHostPort(cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("relay address %q: %w", cfg.Address, err)
	}
	if cfg.Security == "" {
		cfg.Security = Opportunistic
	}
	switch cfg.Security {
	case Opportunistic, NoTLS:
		if cfg.Username != "" {
			return nil, errors.New("a relay with a password needs security starttls or tls: the password must not go to whoever answers")
		}
	case StartTLS, ImplicitTLS:
	default:
		return nil, fmt.Errorf("relay security %q: it is opportunistic, starttls, tls or none", cfg.Security)
	}
	if cfg.OAuth != nil && cfg.Username == "" {
		return nil, errors.New("a token needs a user whose it is")
	}
	if cfg.Hostname == "" {
		cfg.Hostname = "[127.0.0.1]"
	}
	setDefault(&cfg.Connections, 20)
	setDefault(&cfg.PerConnection, 200)
	setDefault(&cfg.Idle, 20*time.Second)
	setDefault(&cfg.Step, time.Minute)
	setDefault(&cfg.Final, 5*time.Minute)
	setDefault(&cfg.atOnce, 250*time.Millisecond)
	return &Relay{cfg: cfg, tls: tlsConfig(&cfg, host), slots: slots{free: cfg.Connections, urgent: (cfg.Connections + 3) / 4}}, nil
}

func setDefault[T int | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

func tlsConfig(cfg *RelayConfig, host string) *tls.Config {
	c := &tls.Config{}
	if cfg.TLS != nil {
		c = cfg.TLS.Clone()
	}
	if c.ServerName == "" {
		c.ServerName = host
	}
	if c.MinVersion == 0 {
		c.MinVersion = tls.VersionTLS12
	}
	// RFC 7435: where nothing was promised, encryption without a name is better than none.
	c.InsecureSkipVerify = cfg.Security == Opportunistic
	return c
}

// Send gives one mail to the relay.
func (r *Relay) Send(ctx context.Context, out Outgoing) Outcome {
	p := &parcel{ctx: ctx, out: &out, got: make(chan slot, 1), done: make(chan Outcome, 1)}
	stopped := Outcome{Class: Interrupted, Remote: r.cfg.Address, Text: "stopped before it was sent"}
	if ctx.Err() != nil {
		return stopped
	}
	r.slots.take(p)
	select {
	case s := <-p.got:
		go r.carry(s, p)
	case o := <-p.done:
		return o
	case <-ctx.Done():
		if r.slots.leave(p) {
			return stopped
		}
		select { // it has its turn just now
		case s := <-p.got:
			r.slots.back(s)
			return stopped
		case o := <-p.done:
			return o
		}
	}
	return <-p.done
}

// carry sends a mail, and those that follow on the same connection: who reads
// the answer to one has the next at hand, with no other goroutine to wake.
func (r *Relay) carry(s slot, p *parcel) {
	var c *conn
	for p != nil {
		var follows *parcel
		var o Outcome
		o, c, follows = r.send(s, p, c)
		ends := c != nil && (follows == nil || c.broken)
		if ends && r.keep(c) { // before the outcome is told: who sends the next mail at once finds it
			c, ends = nil, false
		}
		p.done <- o
		p = follows
		if ends {
			c.quit()
			c = nil
		}
	}
	r.slots.back(s)
}

// send sends one mail over the connection where it was announced, or any other. It gives the connection, nil when
// there is none, and the mail that follows.
func (r *Relay) send(s slot, p *parcel, c *conn) (o Outcome, used *conn, follows *parcel) {
	if !p.out.Begin.IsZero() && time.Now().After(p.out.Begin) {
		if c != nil {
			c.net.Close() // the server waits for the words of this mail: anything said now would be part of them
		}
		return Outcome{Class: Late, Remote: r.cfg.Address}, nil, nil
	}
	if c == nil {
		c = r.take()
	}
	if c != nil {
		o, follows = r.transact(s, p, c)
		if !c.stale {
			return o, c, follows
		}
		c.quit() // the server had closed the connection before it could hear of this mail
	}
	c, fault := r.dial(p.ctx)
	if fault != nil {
		return *fault, nil, nil
	}
	o, follows = r.transact(s, p, c)
	return o, c, follows
}

// transact sends one mail over the connection, and announces another when there is one and the server is quick.
func (r *Relay) transact(s slot, p *parcel, c *conn) (o Outcome, follows *parcel) {
	o = c.transact(p.ctx, p.out, func() {
		if !c.takesNext() {
			return
		}
		if follows = r.slots.next(s, c.mayFollow); follows != nil {
			c.announce()
		}
	})
	return o, follows
}

// Probe connects, protects the connection and signs in, and parts again: nil when mail could be sent. No mail is named.
func (r *Relay) Probe(ctx context.Context) *Outcome {
	c, fault := r.dial(ctx)
	if fault != nil {
		return fault
	}
	c.quit()
	return nil
}

// take gives the most recently used idle connection, or nil.
func (r *Relay) take() *conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.idle)
	if n == 0 {
		return nil
	}
	c := r.idle[n-1]
	r.idle = r.idle[:n-1]
	c.expiry.Stop()
	return c
}

// keep keeps a connection for the next mail; false when it is done for.
func (r *Relay) keep(c *conn) bool {
	if c.broken || c.carried >= r.cfg.PerConnection {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c.expiry = time.AfterFunc(r.cfg.Idle, func() { r.expire(c) })
	r.idle = append(r.idle, c)
	return true
}

// expire closes a connection that nobody took. It runs on its timer.
func (r *Relay) expire(c *conn) {
	r.mu.Lock()
	found := false
	for i := range r.idle {
		if r.idle[i] == c {
			r.idle = append(r.idle[:i], r.idle[i+1:]...)
			found = true
			break
		}
	}
	r.mu.Unlock()
	if found { // else somebody has taken it just now
		c.quit()
	}
}

// Close ends all connections that are not in use. The Relay can be used again.
func (r *Relay) Close() error {
	r.mu.Lock()
	idle := r.idle
	r.idle = nil
	r.mu.Unlock()
	for _, c := range idle {
		c.expiry.Stop()
		c.quit()
	}
	return nil
}
