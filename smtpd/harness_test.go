package smtpd

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/ingest"
	"planpost/mail"
)

// fakeRoad keeps messages in memory. The local part of a recipient says what it is.
type fakeRoad struct {
	mu       sync.Mutex
	kept     []kept
	refusals map[string]int
	// err is what Accept returns; hold, when set, is waited for.
	err     error
	drop    bool // keeps nothing
	entered chan struct{}
	hold    chan struct{}
}

type kept struct {
	env *mail.Envelope
	raw string
}

func (f *fakeRoad) Route(_ context.Context, to mail.Address) (core.Route, error) {
	if to.Domain != "in.test" {
		return core.Route{Refuse: "relay", Shown: to.Norm()}, nil
	}
	r := core.Route{Kind: core.RouteReply, Account: "a", Key: to.Local, Shown: "r-…@in.test"}
	switch name, rest, _ := strings.Cut(to.Local, "+"); name {
	case "trouble":
		return r, fmt.Errorf("select secret: %w", &core.Error{Kind: core.Unavailable, Code: "store.unavailable"})
	case "broken":
		return r, fmt.Errorf("wrapped: %w", io.ErrUnexpectedEOF)
	case "panic":
		panic("a test's panic")
	case "no":
		r.Refuse, r.Locale, _ = strings.Cut(rest, "+")
	}
	return r, nil
}

func (f *fakeRoad) Accept(ctx context.Context, env *mail.Envelope, _ []core.Route, raw []byte) (ingest.Result, error) {
	if f.entered != nil {
		f.entered <- struct{}{}
	}
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-ctx.Done():
			return ingest.Result{}, &core.Error{Kind: core.Unavailable, Code: "store.unknown", Err: ctx.Err()}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if bytes.Contains(raw, []byte("X-Panic")) {
		panic("a test's panic")
	}
	if f.err != nil {
		return ingest.Result{}, f.err
	}
	if f.drop {
		return ingest.Result{ID: "m"}, nil
	}
	f.kept = append(f.kept, kept{env, string(raw)})
	return ingest.Result{ID: fmt.Sprintf("m%d", len(f.kept))}, nil
}

func (f *fakeRoad) Refused(_ netip.Addr, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refusals == nil {
		f.refusals = make(map[string]int)
	}
	f.refusals[reason]++
}

func (f *fakeRoad) setErr(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *fakeRoad) count(reason string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refusals[reason]
}

func (f *fakeRoad) messages() []kept {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept
}

// fakeLimiter has bursts that never come back.
type fakeLimiter struct {
	mu   sync.Mutex
	used map[string]int
}

func (l *fakeLimiter) Allow(_ context.Context, key string, burst int, every time.Duration) (bool, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used == nil {
		l.used = make(map[string]int)
	}
	l.used[key]++
	return l.used[key] <= burst, every
}

// stranger makes connections look as if they came from far away.
type stranger struct{ net.Listener }

type strangeConn struct{ net.Conn }

func (s stranger) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return strangeConn{c}, nil
}

func (strangeConn) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 9), Port: 4711}
}

// pipes is a listener in memory, for tests in which only the clock moves.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	mine, theirs := net.Pipe()
	p.conns <- theirs
	return mine
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// world is one server under test.
type world struct {
	t    testing.TB
	srv  *Server
	road *fakeRoad
	stop func()
	done chan error
}

// serve starts a server on loopback. change may alter the settings; strange
// makes its peers strangers.
func serve(t testing.TB, strange bool, change func(*Config)) *world {
	t.Helper()
	cfg := Config{Hostname: "gw.test", Listeners: []Listener{{Address: "127.0.0.1:0"}}, Stop: 5 * time.Second}
	if change != nil {
		change(&cfg)
	}
	w := newWorld(t, cfg)
	if err := w.srv.Listen(context.Background()); err != nil {
		t.Fatal(err)
	}
	if strange {
		for i, l := range w.srv.listening {
			w.srv.listening[i] = stranger{l}
		}
	}
	w.run()
	return w
}

func newWorld(t testing.TB, cfg Config) *world {
	t.Helper()
	w := &world{t: t, road: &fakeRoad{}, done: make(chan error, 1)}
	srv, err := New(cfg, w.road, &fakeLimiter{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w.srv = srv
	return w
}

// run serves until stop is called, at the latest at the end of the test.
func (w *world) run() {
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() { w.done <- w.srv.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-w.done; err != nil {
			w.t.Error("run: ", err)
		}
	})
}

func (w *world) addr() string { return w.srv.Addrs()[0].String() }

// peer is the client's side of a dialogue.
type peer struct {
	net.Conn
	t testing.TB
	r *bufio.Reader
}

func (w *world) dial() *peer {
	w.t.Helper()
	c, err := net.Dial("tcp", w.addr())
	if err != nil {
		w.t.Fatal(err)
	}
	return newPeer(w.t, c)
}

func newPeer(t testing.TB, c net.Conn) *peer {
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second)) // a test that hangs shall fail, not wait
	return &peer{c, t, bufio.NewReader(c)}
}

func (p *peer) send(s string) {
	p.t.Helper()
	if _, err := io.WriteString(p.Conn, s); err != nil {
		p.t.Fatalf("send %.40q: %v", s, err)
	}
}

// reply reads one reply, all its lines.
func (p *peer) reply() string {
	p.t.Helper()
	var all strings.Builder
	for {
		line, err := p.r.ReadString('\n')
		all.WriteString(line)
		if err != nil || len(line) < 4 || line[3] != '-' {
			return strings.TrimSpace(all.String())
		}
	}
}

// expect reads a reply that must begin so.
func (p *peer) expect(start string) string {
	p.t.Helper()
	got := p.reply()
	if !strings.HasPrefix(got, start) {
		p.t.Fatalf("got %q, want %q…", got, start)
	}
	return got
}

// do sends a line and expects the reply.
func (p *peer) do(line, start string) string {
	p.t.Helper()
	p.send(line + "\r\n")
	return p.expect(start)
}

// rest is all that comes until the server closes.
func (p *peer) rest() string {
	b, _ := io.ReadAll(p.r)
	return string(b)
}

// ready greets and opens a transaction.
func (p *peer) ready() *peer {
	p.t.Helper()
	p.expect("220 gw.test")
	p.do("EHLO client.test", "250-Hello")
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("RCPT TO:<ok@in.test>", "250")
	return p
}

// all sends everything at once and reads until the server closes.
func (w *world) all(payload string) string {
	w.t.Helper()
	p := w.dial()
	p.send(payload)
	return p.rest()
}

const upToData = "EHLO client.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<ok@in.test>\r\nDATA\r\n"
