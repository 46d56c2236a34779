package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"
)

// sink is somebody else's mail server: it keeps all it is given.
type sink struct {
	addr string
	mu   sync.Mutex // guards got
	got  []kept
	// then is called once, after the next mail arrived and before that is answered.
	then atomic.Pointer[func()]
}

// kept is a mail as the sink got it.
type kept struct{ from, to, raw string }

func newSink(t testing.TB) *sink {
	t.Helper()
	s := &sink{}
	s.serve(t, func() smtp.Session { return &sinkSession{sink: s} })
	return s
}

// serve takes mail at s.addr until the test ends, each connection by a session of its own.
func (s *sink) serve(t testing.TB, session func() smtp.Session) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s.addr = l.Addr().String()
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session(), nil }))
	srv.Domain, srv.EnableSMTPUTF8, srv.ErrorLog = "sink.test", true, quiet{}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
}

// quiet drops what go-smtp says about connections that end without a word.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (s *sink) mails() []kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]kept(nil), s.got...)
}

// find waits for a mail to somebody that holds the words.
func (s *sink) find(t testing.TB, to, words string) (found kept) {
	t.Helper()
	until(t, "a mail to "+to+" with "+words, func() bool {
		for _, m := range s.mails() {
			if strings.EqualFold(m.to, to) && strings.Contains(parse(t, m.raw).Text, words) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

type sinkSession struct {
	sink *sink
	from string
	to   []string
}

func (s *sinkSession) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.sink.mu.Lock()
	for _, to := range s.to {
		s.sink.got = append(s.sink.got, kept{s.from, to, string(raw)})
	}
	s.sink.mu.Unlock()
	if then := s.sink.then.Swap(nil); then != nil {
		(*then)()
	}
	return nil
}

func (s *sinkSession) Reset()        { s.from, s.to = "", nil }
func (s *sinkSession) Logout() error { return nil }
