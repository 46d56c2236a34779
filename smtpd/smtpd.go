// Package smtpd speaks SMTP (RFC 5321) and LMTP (RFC 2033) to strangers and
// hands each message to the road in.
//
//	socket -> gate -> wire -> go-smtp -> session -> Road.Route (each RCPT)
//	                                            \-> Road.Accept (end of data) -> 250
//
// The protocol is go-smtp's. What stands around it closes what it leaves open:
// the gate bounds connections, the wire puts a deadline on every read, sends
// replies in one piece and makes a broken transfer final, the session bounds
// what a connection may try and refuses what other servers could read
// differently (bare CR or LF). All words a peer may see are chosen in
// reply.go. The text of DATA in the clear is read past go-smtp (intake.go),
// whenever go-smtp holds none of it; under TLS and in BDAT it comes through.
//
// A 250 means that the message is committed. Our own trouble is always 4xx.
//
// It must not know tasks or SQL, nor what becomes of a message.
package smtpd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"planpost/core"
	"planpost/ingest"
	"planpost/mail"
)

// Road is where recipients and messages go; *ingest.Road is one.
type Road interface {
	// Route tells where a recipient leads; a refusal is in the Route, an error is our trouble.
	Route(ctx context.Context, to mail.Address) (core.Route, error)
	// Accept returns once the message is kept for good. raw is the caller's again afterwards.
	Accept(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte) (ingest.Result, error)
	// Refused counts a recipient that was refused.
	Refused(peer netip.Addr, reason string)
}

// Listener is one address to listen on.
type Listener struct {
	// Network is tcp or unix; empty means tcp.
	Network string
	// Address is host:port, or the path of the socket.
	Address string
	// LMTP speaks RFC 2033 to a mail server in front of us instead of SMTP.
	LMTP bool
}

// Config says how a Server works. Zero fields have defaults, see Defaults.
type Config struct {
	Listeners []Listener
	// Hostname is the name in the greeting.
	Hostname string
	// CertFile and KeyFile (PEM) turn STARTTLS on; they are read again when they change.
	CertFile, KeyFile string
	// Trusted are networks of relays whose word about the sender counts as
	// proof and who are not bound by the limits per peer. Loopback always is.
	Trusted []netip.Prefix
	// Connections bounds all open connections, ConnectionsPerIP those of one stranger (an IPv6 /64 is one).
	Connections, ConnectionsPerIP int
	// Recipients and Size (bytes) bound one message.
	Recipients int
	Size       int64
	// Memory bounds the bytes of all messages in transfer together.
	Memory int64
	// FailedRecipients and Messages bound one stranger's connection.
	FailedRecipients, Messages int
	// Idle is how long one read or write may take; Transfer how long one whole message.
	Idle, Transfer time.Duration
	// Accept is how long keeping one message may take before the peer is asked to try again.
	Accept time.Duration
	// Stop is how long running transactions may go on after the stop.
	Stop time.Duration
	// Flood bounds one stranger over all connections.
	Flood Flood
}

// Flood are the tries of one stranger: a burst, and the time in which one comes back.
type Flood struct {
	Connections, Messages, Refused                int
	ConnectionsEvery, MessagesEvery, RefusedEvery time.Duration
}

// Defaults returns c with every zero field set to its default.
func (c Config) Defaults() Config {
	setInt := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	setTime := func(p *time.Duration, v time.Duration) {
		if *p == 0 {
			*p = v
		}
	}
	if c.Hostname == "" {
		c.Hostname = "localhost"
	}
	setInt(&c.Connections, 500)
	setInt(&c.ConnectionsPerIP, 20)
	setInt(&c.Recipients, 100) // RFC 5321 §4.5.3.1.8
	setInt(&c.FailedRecipients, 10)
	setInt(&c.Messages, 1000)
	if c.Size == 0 {
		c.Size = 50 << 20
	}
	if c.Memory == 0 {
		c.Memory = 256 << 20
	}
	setTime(&c.Idle, 5*time.Minute) // RFC 5321 §4.5.3.2.7
	setTime(&c.Transfer, 30*time.Minute)
	setTime(&c.Accept, time.Minute)
	setTime(&c.Stop, 20*time.Second)
	setInt(&c.Flood.Connections, 60)
	setTime(&c.Flood.ConnectionsEvery, time.Second)
	setInt(&c.Flood.Messages, 200)
	setTime(&c.Flood.MessagesEvery, 500*time.Millisecond)
	setInt(&c.Flood.Refused, 50)
	setTime(&c.Flood.RefusedEvery, 10*time.Second)
	return c
}

// maxLine is the longest line in bytes, of commands and of mail. Mail has
// longer lines than RFC 5321 §4.5.3.1.6 allows, and go-smtp knows one limit only.
const maxLine = 256 << 10

// Server is the door. It serves once: New, Listen, Run.
type Server struct {
	cfg     Config
	road    Road
	limiter core.Limiter
	log     *slog.Logger
	certs   *certificates
	bodies  bodies

	// base is the context of all work; it ends when a stop has waited long enough.
	base   context.Context
	cancel context.CancelFunc

	stopping  atomic.Bool
	listening []net.Listener
	servers   []*smtp.Server

	mu    sync.Mutex // guards wires and perIP
	wires map[*wire]struct{}
	perIP map[netip.Addr]int
}

// New makes a Server; a mistake in its files is told here.
func New(cfg Config, road Road, limiter core.Limiter, log *slog.Logger) (*Server, error) {
	cfg = cfg.Defaults()
	s := &Server{
		cfg: cfg, road: road, limiter: limiter, log: log,
		bodies: bodies{budget: cfg.Memory},
		wires:  make(map[*wire]struct{}), perIP: make(map[netip.Addr]int),
	}
	s.base, s.cancel = context.WithCancel(context.Background())
	if cfg.CertFile != "" || cfg.KeyFile != "" {
		certs, err := newCertificates(cfg.CertFile, cfg.KeyFile, log)
		if err != nil {
			return nil, err
		}
		s.certs = certs
	}
	return s, nil
}

// Listen opens the addresses, all or none.
func (s *Server) Listen(ctx context.Context) error {
	for _, l := range s.cfg.Listeners {
		network := l.Network
		if network == "" {
			network = "tcp"
		}
		ln, err := (&net.ListenConfig{}).Listen(ctx, network, l.Address)
		if err != nil {
			for _, open := range s.listening {
				open.Close()
			}
			s.listening, s.servers = nil, nil
			return err
		}
		s.listening = append(s.listening, ln)
		s.servers = append(s.servers, s.protocol(l.LMTP))
	}
	return nil
}

// Addrs are the addresses listened on, in the order of the Config.
func (s *Server) Addrs() []net.Addr {
	var a []net.Addr
	for _, l := range s.listening {
		a = append(a, l.Addr())
	}
	return a
}

// protocol sets go-smtp up. AUTH is not offered: no mail is sent from here.
func (s *Server) protocol(lmtp bool) *smtp.Server {
	p := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return s.newSession(c, lmtp) }))
	p.LMTP = lmtp
	p.Domain = s.cfg.Hostname
	p.MaxRecipients = s.cfg.Recipients
	p.MaxMessageBytes = s.cfg.Size
	p.MaxLineLength = maxLine
	p.EnableSMTPUTF8 = true
	p.ErrorLog = protocolLog{s.log}
	if s.certs != nil {
		p.TLSConfig = s.certs.config()
	}
	return p
}

// Run serves until ctx ends, lets running transactions finish for at most
// Config.Stop, says 421 to the rest and returns. Listen must have been called.
func (s *Server) Run(ctx context.Context) error {
	defer s.cancel()
	failed := make(chan error, len(s.listening))
	var serving sync.WaitGroup
	for i, l := range s.listening {
		// Ends when the listener is closed, which stop does.
		serving.Go(func() {
			if err := s.servers[i].Serve(&gate{Listener: l, srv: s}); err != nil && !errors.Is(err, net.ErrClosed) {
				failed <- err
			}
		})
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.stop()
	serving.Wait()
	return err
}

// stop ends the connections: those between transactions at once, the others
// when theirs is done, all when the time is over.
func (s *Server) stop() {
	s.stopping.Store(true)
	for _, l := range s.listening {
		l.Close() // go-smtp forgets those whose Serve begins after the Shutdown: the server was stopped as it started
	}
	limit, cancel := context.WithTimeout(context.Background(), s.cfg.Stop)
	defer cancel()
	var ended sync.WaitGroup
	for _, p := range s.servers {
		ended.Go(func() { _ = p.Shutdown(limit) })
	}
	s.eachWire(func(w *wire) { w.wake(false) })
	ended.Wait()
	s.cancel()
	s.eachWire(func(w *wire) { w.wake(true) })
	last := time.After(time.Second) // for the 421s to leave
	for s.open() > 0 {
		select {
		case <-last:
			s.eachWire(func(w *wire) { w.Close() })
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (s *Server) eachWire(f func(*wire)) {
	s.mu.Lock()
	all := make([]*wire, 0, len(s.wires))
	for w := range s.wires {
		all = append(all, w)
	}
	s.mu.Unlock()
	for _, w := range all {
		f(w)
	}
}

func (s *Server) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.wires)
}
