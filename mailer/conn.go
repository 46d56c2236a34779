package mailer

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
)

const (
	// replyLimit is the most bytes that one answer may have. Real ones have a few hundred.
	replyLimit = 64 << 10
	// farewell is how long the parting words may take.
	farewell = time.Second
)

// errLong ends a connection to a server that will not stop talking.
var errLong = errors.New("the answer is too long")

// conn is one SMTP connection. It is used by one mail at a time.
type conn struct {
	cfg    *RelayConfig
	raw    net.Conn // as dialled: deadlines are set on it
	net    net.Conn // raw, or TLS over it
	in     meter
	buf    *bufio.Reader
	text   *textproto.Reader
	out    *bufio.Writer
	remote string
	ext    map[string]string // offered extensions, upper case, with their parameters
	ctx    context.Context   // of the mail in hand

	carried int
	// quick tells that the last mail was taken at once; announced are the commands that name the next one and were sent.
	quick     bool
	announced []string
	// reset asks for RSET before the next mail; broken that there be none.
	reset, broken bool
	// stale tells that a kept connection turned out dead before the mail in hand was begun.
	stale  bool
	expiry *time.Timer
}

// meter counts what may still be read for the answer in hand.
type meter struct {
	from io.Reader
	left int
	// ended tells that reading failed, also where that was taken for the end of a line.
	ended bool
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errLong
	}
	n, err := m.from.Read(p[:min(len(p), m.left)])
	m.left -= n
	m.ended = m.ended || err != nil
	return n, err
}

// answer is one reply of the server; its lines are parted by \n.
type answer struct {
	code int
	text string
}

func (a answer) line() string { return strings.ReplaceAll(a.text, "\n", " ") }

func (a answer) ok() bool { return a.code >= 200 && a.code < 300 }

// fault is trouble on a connection: an answer that is a refusal, or none at all.
type fault struct {
	stage string
	answer
	err error
}

func (f *fault) Error() string {
	if f.err != nil {
		return f.stage + ": " + f.err.Error()
	}
	return f.stage + ": " + f.line()
}

// dial connects, protects the connection and signs in. Whatever goes wrong
// here is no fault of the mail, so it is temporary, also a 5xx.
func (r *Relay) dial(ctx context.Context) (*conn, *Outcome) {
	dialCtx, cancel := context.WithTimeout(ctx, r.cfg.Step)
	defer cancel()
	nc, err := (&net.Dialer{}).DialContext(dialCtx, "tcp", r.cfg.Address)
	if err != nil {
		return nil, early(ctx, r.cfg.Address, &fault{stage: "connect", err: err})
	}
	c := &conn{cfg: &r.cfg, raw: nc, remote: r.cfg.Address + " [" + hostOf(nc.RemoteAddr()) + "]"}
	c.use(nc)
	defer c.under(ctx)()
	if err := c.open(r.tls); err != nil {
		c.net.Close()
		return nil, early(ctx, c.remote, err)
	}
	return c, nil
}

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}

// early is the outcome of trouble before any mail was named.
func early(ctx context.Context, remote string, err error) *Outcome {
	o := &Outcome{Class: Temporary, Remote: remote, Text: err.Error()}
	var f *fault
	if errors.As(err, &f) {
		o.Cause = f.err
	}
	if f != nil && f.code > 0 {
		o.Code, o.Enhanced = f.code, enhanced(f.code, f.text)
	}
	if ctx.Err() == context.Canceled {
		o.Class = Interrupted
	}
	return o
}

// use makes nc the connection, plain or encrypted.
func (c *conn) use(nc net.Conn) {
	c.net = nc
	c.in = meter{from: nc, left: replyLimit}
	c.buf = bufio.NewReader(&c.in)
	c.text = textproto.NewReader(c.buf)
	c.out = bufio.NewWriterSize(nc, 16<<10)
}

// under lets ctx cut the connection off, until the returned function is called.
func (c *conn) under(ctx context.Context) func() bool {
	c.ctx = ctx
	return context.AfterFunc(ctx, func() { c.raw.SetDeadline(time.Unix(1, 0)) })
}

// within gives what follows at most d. A context that ended meanwhile wins.
func (c *conn) within(d time.Duration) {
	c.raw.SetDeadline(time.Now().Add(d))
	if c.ctx.Err() != nil {
		c.raw.SetDeadline(time.Unix(1, 0))
	}
}

// read takes one answer, of one line or several (RFC 5321 §4.2.1).
func (c *conn) read(d time.Duration) (answer, error) {
	c.within(d)
	c.in.left = replyLimit
	code, text, err := c.text.ReadResponse(0)
	c.broken = c.broken || err != nil || c.in.ended // the rest of a line cut off may come yet: never for the next mail
	if err != nil {
		return answer{}, err
	}
	return answer{code, text}, nil
}

// ask sends one line and takes the answer to it.
func (c *conn) ask(stage, line string) (answer, error) {
	c.within(c.cfg.Step)
	c.out.WriteString(line)
	c.out.WriteString("\r\n")
	if err := c.out.Flush(); err != nil {
		c.broken = true
		return answer{}, &fault{stage: stage, err: err}
	}
	a, err := c.read(c.cfg.Step)
	if err != nil {
		return a, &fault{stage: stage, err: err}
	}
	return a, nil
}

// open brings a new connection to where mail can be sent.
func (c *conn) open(cfg *tls.Config) error {
	if c.cfg.Security == ImplicitTLS {
		if err := c.encrypt(cfg); err != nil {
			return err
		}
	}
	a, err := c.read(c.cfg.Step)
	if err != nil {
		return &fault{stage: "greeting", err: err}
	}
	if !a.ok() {
		return &fault{stage: "greeting", answer: a}
	}
	if err := c.hello(); err != nil {
		return err
	}
	if err := c.protect(cfg); err != nil {
		return err
	}
	if c.cfg.Username != "" {
		return c.signIn()
	}
	return nil
}

// hello says who we are and learns what the server can do. A server too old
// for EHLO is greeted the old way (RFC 5321 §3.2).
func (c *conn) hello() error {
	a, err := c.ask("EHLO", "EHLO "+c.cfg.Hostname)
	if err != nil {
		return err
	}
	c.ext = make(map[string]string)
	if a.ok() {
		_, rest, _ := strings.Cut(a.text, "\n") // the first line is a greeting
		for line := range strings.SplitSeq(rest, "\n") {
			name, params, _ := strings.Cut(line, " ")
			c.ext[strings.ToUpper(name)] = params
		}
		return nil
	}
	if a.code/100 == 5 {
		if a, err = c.ask("HELO", "HELO "+c.cfg.Hostname); err != nil {
			return err
		}
	}
	if !a.ok() {
		return &fault{stage: "EHLO", answer: a}
	}
	return nil
}

// protect encrypts as far as is wanted. When it must be and the offer is
// missing, somebody may have taken it out on the way: nothing is sent.
func (c *conn) protect(cfg *tls.Config) error {
	if c.cfg.Security == NoTLS || c.cfg.Security == ImplicitTLS {
		return nil
	}
	if !c.offers("STARTTLS") {
		if c.cfg.Security == StartTLS {
			return &fault{stage: "STARTTLS", err: errors.New("the relay does not offer it, but it is required")}
		}
		return nil
	}
	a, err := c.ask("STARTTLS", "STARTTLS")
	if err != nil {
		return err
	}
	if !a.ok() {
		if c.cfg.Security == StartTLS {
			return &fault{stage: "STARTTLS", answer: a}
		}
		return nil
	}
	if c.buf.Buffered() > 0 {
		// Words sent in the clear would be taken for words of the protected server (RFC 3207 §6, CVE-2011-0411).
		return &fault{stage: "STARTTLS", err: errors.New("more was said before the encryption began")}
	}
	if err := c.encrypt(cfg); err != nil {
		return err
	}
	return c.hello() // RFC 3207 §4.2: what was learned before counts no more
}

func (c *conn) offers(name string) bool {
	_, ok := c.ext[name]
	return ok
}

func (c *conn) encrypt(cfg *tls.Config) error {
	secure := tls.Client(c.net, cfg)
	c.within(c.cfg.Step)
	if err := secure.HandshakeContext(c.ctx); err != nil {
		return &fault{stage: "TLS", err: err}
	}
	c.use(secure)
	return nil
}

// signIn proves who we are by the best way that both know. It is reached only
// over a checked connection: NewRelay sees to that.
func (c *conn) signIn() error {
	offered := strings.Fields(strings.ToUpper(c.ext["AUTH"]))
	var client sasl.Client
	var token string
	switch {
	case c.cfg.OAuth != nil && !slices.Contains(offered, "XOAUTH2"):
		return &fault{stage: "AUTH", err: errors.New("the relay does not offer XOAUTH2")}
	case c.cfg.OAuth != nil:
		var err error
		if token, err = c.cfg.OAuth.Token(c.ctx); err != nil {
			return &fault{stage: "AUTH", err: err}
		}
		client = &xoauth2{c.cfg.Username, token}
	case slices.Contains(offered, sasl.Plain):
		client = sasl.NewPlainClient("", c.cfg.Username, c.cfg.Password)
	case slices.Contains(offered, sasl.Login):
		client = sasl.NewLoginClient(c.cfg.Username, c.cfg.Password)
	default:
		return &fault{stage: "AUTH", err: errors.New("the relay offers neither PLAIN nor LOGIN")}
	}
	mechanism, first, err := client.Start()
	if err != nil {
		return &fault{stage: "AUTH", err: err}
	}
	line := "AUTH " + mechanism
	if first != nil {
		line += " " + base64.StdEncoding.EncodeToString(first)
	}
	err = c.exchange(client, line)
	if err != nil && token != "" {
		c.cfg.OAuth.drop(token)
	}
	return err
}

// exchange follows the challenges of RFC 4954 §4.
func (c *conn) exchange(client sasl.Client, line string) error {
	for range 5 {
		a, err := c.ask("AUTH", line)
		if err != nil {
			return err
		}
		if a.ok() {
			return nil
		}
		if a.code != 334 {
			return &fault{stage: "AUTH", answer: a}
		}
		challenge, err := base64.StdEncoding.DecodeString(a.text)
		if err != nil {
			return &fault{stage: "AUTH", err: err}
		}
		response, err := client.Next(challenge)
		if err != nil {
			return &fault{stage: "AUTH", err: err}
		}
		line = base64.StdEncoding.EncodeToString(response)
	}
	return &fault{stage: "AUTH", err: errors.New("the relay asks without end")}
}

// quit parts without waiting for an answer that changes nothing.
func (c *conn) quit() {
	if !c.broken {
		c.raw.SetDeadline(time.Now().Add(farewell))
		fmt.Fprint(c.net, "QUIT\r\n")
	}
	c.net.Close()
}
