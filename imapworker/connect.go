package imapworker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"planpost/core"
)

// Limits of one command: how long the server may be silent, how long all of it may take, and how much it may send.
const (
	silence      = 30 * time.Second
	commandTime  = 2 * time.Minute
	commandBytes = 4 << 20
)

// session is one connection to a mailbox, signed in.
type session struct {
	c *imapclient.Client
	w *wire
	// news is told that something changed in the folder at hand.
	news chan struct{}
	// silence is how long the server may be silent within a command.
	silence time.Duration
}

// stage is how far a connection has come: what an error means depends on it.
type stage string

const (
	stageReach  stage = "reach"
	stageTLS    stage = "certificate"
	stageSignIn stage = "signin"
	stageFolder stage = "folder"
	stageFetch  stage = "fetch"
)

// at is an error with the stage at which it came.
type at struct {
	stage stage
	err   error
}

func (a *at) Error() string { return string(a.stage) + ": " + a.err.Error() }
func (a *at) Unwrap() error { return a.err }

// command runs one command within its limits. What broke the connection is a better reason than that it is broken.
func (s *session) command(do func() error) error {
	return s.limited(commandTime, commandBytes, do)
}

func (s *session) limited(all time.Duration, size int64, do func() error) error {
	s.w.expect(s.silence, all, size)
	err := do()
	s.w.expect(0, 0, idleBytes)
	if cause := s.w.cause(); err != nil && cause != nil && !errors.Is(err, errTooMuch) && !errors.Is(err, errTooMany) {
		return cause
	}
	return err
}

func (s *session) close() {
	s.w.Conn.Close() // the library waits for its reader, which this ends
	_ = s.c.Close()
}

// logout says goodbye; a server that does not answer is left at once.
func (s *session) logout() {
	s.w.expect(2*time.Second, 2*time.Second, idleBytes)
	_ = s.c.Logout().Wait()
	s.close()
}

// dialer opens connections.
type dialer struct {
	// tls holds what is trusted besides the system's certificates; nil for those alone.
	tls     *tls.Config
	silence time.Duration
	tokens  *tokens
	// dial opens a TCP connection; tests put a broken network in its place.
	dial func(ctx context.Context, address string) (net.Conn, error)
}

func dialTCP(ctx context.Context, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: silence, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 15 * time.Second, Count: 4}}
	return d.DialContext(ctx, "tcp", address)
}

// open connects and signs in. passed is told each stage that is behind; it may be nil.
func (d *dialer) open(ctx context.Context, m *core.Mailbox, secret *core.MailboxSecret, passed func(stage)) (*session, error) {
	if passed == nil {
		passed = func(stage) {}
	}
	conn, err := d.dial(ctx, net.JoinHostPort(m.Host, strconv.Itoa(m.Port)))
	if err != nil {
		return nil, &at{stageReach, err}
	}
	s := &session{w: &wire{Conn: conn}, news: make(chan struct{}, 1), silence: d.silence}
	// Whoever waits for the server is woken when it is time to stop.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := d.greet(ctx, s, m, passed); err != nil {
		conn.Close()
		return nil, err
	}
	if err := d.signIn(ctx, s, m, secret); err != nil {
		cause := s.w.cause() // closing it makes another
		s.close()
		if errors.Is(err, errStale) { // a new one is asked for, once
			return d.open(ctx, m, secret, passed)
		}
		if cause != nil && ctx.Err() == nil {
			var refused *imap.Error
			if !errors.As(err, &refused) {
				err = cause
			}
		}
		return nil, &at{stageSignIn, err}
	}
	passed(stageSignIn)
	return s, nil
}

// greet sets up TLS and waits for the server's first words.
func (d *dialer) greet(ctx context.Context, s *session, m *core.Mailbox, passed func(stage)) error {
	s.w.expect(d.silence, commandTime, commandBytes)
	defer s.w.expect(0, 0, idleBytes)
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if d.tls != nil {
		cfg = d.tls.Clone()
	}
	cfg.ServerName = m.Host
	opt := &imapclient.Options{TLSConfig: cfg, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) { s.tell() },
		Expunge: func(uint32) {},
		// What people mark is no news, but must be read to its end.
		Fetch: func(f *imapclient.FetchMessageData) {
			for f.Next() != nil {
			}
		},
	}}
	switch m.Security {
	case core.MailboxTLS:
		passed(stageReach)
		c := tls.Client(s.w, cfg)
		if err := c.HandshakeContext(ctx); err != nil {
			return &at{stageTLS, s.because(err)}
		}
		passed(stageTLS)
		s.c = imapclient.New(c, opt)
	case core.MailboxStartTLS:
		passed(stageReach)
		var err error
		if s.c, err = imapclient.NewStartTLS(s.w, opt); err != nil {
			return &at{stageTLS, s.because(err)}
		}
		passed(stageTLS)
		return nil
	default:
		s.c = imapclient.New(s.w, opt)
	}
	if err := s.c.WaitGreeting(); err != nil {
		return &at{stageReach, s.because(err)}
	}
	if m.Security == core.MailboxPlain {
		passed(stageReach)
	}
	return nil
}

// because is what broke the connection, where that is known.
func (s *session) because(err error) error {
	if cause := s.w.cause(); cause != nil {
		return cause
	}
	return err
}

// tell notes that there is news, without waiting for who is told.
func (s *session) tell() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// errMechanism: the server takes nothing that we have.
var errMechanism = errors.New("the server offers no way to sign in that fits")

func (d *dialer) signIn(ctx context.Context, s *session, m *core.Mailbox, secret *core.MailboxSecret) error {
	s.w.expect(d.silence, commandTime, commandBytes)
	defer s.w.expect(0, 0, idleBytes)
	if s.c.State() == imap.ConnStateAuthenticated { // PREAUTH: who that is, the server does not say
		return errMechanism
	}
	caps := s.c.Caps()
	if caps == nil {
		return s.because(errSlow)
	}
	if m.Auth != core.MailboxPassword {
		return d.signInByToken(ctx, s, caps, m, secret)
	}
	switch {
	case caps.Has(imap.AuthCap(sasl.Plain)):
		return s.c.Authenticate(sasl.NewPlainClient("", m.User, secret.Password))
	case !caps.Has(imap.CapLoginDisabled):
		return s.c.Login(m.User, secret.Password).Wait()
	case caps.Has(imap.AuthCap(sasl.Login)):
		return s.c.Authenticate(sasl.NewLoginClient(m.User, secret.Password))
	}
	return errMechanism
}

func (d *dialer) signInByToken(ctx context.Context, s *session, caps imap.CapSet, m *core.Mailbox, secret *core.MailboxSecret) error {
	token, fresh, err := d.tokens.get(ctx, m, secret)
	if err != nil {
		return err
	}
	s.w.expect(d.silence, commandTime, commandBytes) // getting it took a while
	switch {
	case caps.Has(imap.AuthCap(xoauth2Name)):
		x := &xoauth2{user: m.User, token: token}
		err = x.explain(s.c.Authenticate(x))
	case caps.Has(imap.AuthCap(sasl.OAuthBearer)):
		err = s.c.Authenticate(sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: m.User, Token: token, Host: m.Host, Port: m.Port}))
	default:
		return errMechanism
	}
	if err == nil {
		return nil
	}
	d.tokens.drop(m.ID, token)
	if !fresh && s.w.cause() == nil {
		return errStale
	}
	return err
}

// errStale: the server refused a token that was used before; it may have ended early.
var errStale = errors.New("the access token is good no more")

// xoauth2Name is Google's mechanism, which came before OAUTHBEARER (RFC 7628).
const xoauth2Name = "XOAUTH2"

// xoauth2 is its client (developers.google.com/workspace/gmail/imap/xoauth2-protocol).
type xoauth2 struct{ user, token, challenge string }

// Start gives all there is to say.
func (x *xoauth2) Start() (mechanism string, first []byte, err error) {
	return xoauth2Name, []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next is asked when the token was refused; an answer would be malformed, so the exchange ends here.
func (x *xoauth2) Next(challenge []byte) ([]byte, error) {
	x.challenge = string(challenge)
	return nil, errTokenRefused
}

// errTokenRefused: the server did not take the access token.
var errTokenRefused = errors.New("the server did not take the access token")

func (x *xoauth2) explain(err error) error {
	if errors.Is(err, errTokenRefused) && x.challenge != "" {
		return fmt.Errorf("%w: %s", errTokenRefused, x.challenge)
	}
	return err
}
