package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"planpost/core"
	"planpost/mail"
)

// session is one peer after its greeting. go-smtp makes a new one after STARTTLS.
type session struct {
	srv  *Server
	conn *smtp.Conn
	wire *wire
	lmtp bool

	refused, messages int

	mu   sync.Mutex // guards what follows: BDAT runs Data beside the commands
	tx   *transaction
	helo string

	none transaction // what tx is between two messages; never written
}

// transaction is one message from MAIL to its end. It is replaced, never
// cleared: a Data that was left behind by RSET still holds its own.
type transaction struct {
	from       mail.Address
	recipients []mail.Address
	routes     []core.Route
	utf8       bool
	size       int64
}

// newSession greets; a peer that connects too often is sent away.
func (s *Server) newSession(c *smtp.Conn, lmtp bool) (smtp.Session, error) {
	under := c.Conn()
	if t, ok := under.(*tls.Conn); ok {
		under = t.NetConn()
	}
	w := under.(*wire)
	n := &session{srv: s, conn: c, wire: w, lmtp: lmtp, helo: c.Hostname()}
	n.tx = &n.none
	if !w.encrypted.Load() && !n.allow("connections", s.cfg.Flood.Connections, s.cfg.Flood.ConnectionsEvery) {
		w.finish()
		err := n.refuse("flood", "connections", "", nil)
		err.Code = 421 // RFC 5321 §4.3.2: 4yz alone would not announce the end
		return nil, err
	}
	return n, nil
}

// allow takes one of a stranger's tries.
func (s *session) allow(what string, burst int, every time.Duration) bool {
	if s.wire.trusted {
		return true
	}
	ctx, cancel := context.WithTimeout(s.srv.base, time.Second)
	defer cancel()
	ok, _ := s.srv.limiter.Allow(ctx, "smtp:"+what+":"+network(s.wire.peer).String(), burst, every)
	return ok
}

// Mail implements smtp.Session: MAIL FROM.
func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if s.srv.stopping.Load() || s.wire.closing.Load() {
		s.wire.finish()
		return s.refuse("stopping", "", "", nil)
	}
	tx := &transaction{utf8: o.UTF8, size: o.Size}
	if from != "" { // RFC 5321 §4.5.5: "<>" is the null reverse-path of reports.
		a, err := address(from)
		if err != nil || !tx.utf8 && !ascii(from) {
			return s.refuse("sender", "", "", nil)
		}
		tx.from = a
	}
	if s.messages++; !s.wire.trusted && s.messages > s.srv.cfg.Messages {
		s.wire.finish()
		return s.refuse("messages", "", "", nil)
	}
	if !s.allow("messages", s.srv.cfg.Flood.Messages, s.srv.cfg.Flood.MessagesEvery) {
		return s.refuse("flood", "messages", "", nil)
	}
	s.wire.begin()
	s.mu.Lock()
	s.tx, s.helo = tx, s.conn.Hostname() // there may have been another greeting
	s.mu.Unlock()
	return nil
}

// Rcpt implements smtp.Session: an address that leads nowhere is refused while
// the sender still listens.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	tx := s.current()
	if s.wire.closing.Load() { // what was sent ahead after the last word
		return s.refuse("stopping", "", "", nil)
	}
	if !tx.utf8 && !ascii(to) { // RFC 6531 §3.4; go-smtp lets it pass
		return s.deny(tx, "utf8", nil)
	}
	a, err := address(to)
	if err != nil {
		return s.deny(tx, "address", nil)
	}
	route, err := s.srv.road.Route(s.srv.base, a)
	if err != nil {
		return s.trouble("route", err)
	}
	if route.Refuse != "" {
		return s.deny(tx, route.Refuse, &route)
	}
	s.mu.Lock()
	tx.recipients = append(tx.recipients, a)
	tx.routes = append(tx.routes, route)
	s.mu.Unlock()
	return nil
}

// deny refuses a recipient and counts it; a stranger who only tries addresses is sent away.
func (s *session) deny(tx *transaction, code string, route *core.Route) error {
	s.srv.road.Refused(s.wire.peer, code)
	s.refused++
	often := !s.wire.trusted && s.refused >= s.srv.cfg.FailedRecipients
	if often || !s.allow("refused", s.srv.cfg.Flood.Refused, s.srv.cfg.Flood.RefusedEvery) {
		s.wire.finish()
		return s.refuse("tries", code, "", nil)
	}
	locale, shown := localeOf(tx.from.Domain), ""
	if route != nil {
		shown = route.Shown
		if route.Locale != "" {
			locale = route.Locale
		}
	}
	return s.refuse(code, shown, locale, tx)
}

// current is the transaction as it is now.
func (s *session) current() *transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tx
}

// Data implements smtp.Session. In BDAT it runs in a goroutine of its own,
// beside the commands of the peer.
func (s *session) Data(r io.Reader) error {
	tx, env := s.envelope()
	if len(env.Recipients) == 0 { // RSET was quicker than this goroutine
		return s.aborted(r, smtp.ErrDataReset)
	}
	if s.wire.closing.Load() {
		return s.refuse("stopping", "", "", nil)
	}
	s.wire.limit(time.Now().Add(s.srv.cfg.Transfer))
	b := s.srv.bodies.lend(tx.size)
	defer b.giveBack()
	_, chunked := r.(*io.PipeReader)
	strict, err := s.read(b, r, chunked)
	if err != nil {
		return s.aborted(r, err)
	}
	if chunked && s.cutShort() {
		return s.aborted(r, io.ErrUnexpectedEOF)
	}
	if !strict {
		s.wire.finish()
		return s.refuse("bare", "", localeOf(tx.from.Domain), tx)
	}
	env.ReceivedAt = time.Now()
	return s.accept(tx, env, b.b)
}

// read takes the message, past go-smtp when that is possible, and tells whether
// every CR and LF in it belongs to a CRLF.
func (s *session) read(b *body, r io.Reader, chunked bool) (strict bool, err error) {
	if !chunked && s.wire.alone() {
		err := b.receive(s.wire, s.srv.cfg.Size)
		return !s.wire.bare, err
	}
	if err := b.readFrom(r); err != nil {
		return false, err
	}
	return b.strict() && (s.wire.encrypted.Load() || !s.wire.bare), nil
}

// envelope copies what the transaction holds now: a later command changes another one.
func (s *session) envelope() (*transaction, *mail.Envelope) {
	s.mu.Lock()
	tx, helo := *s.tx, s.helo
	s.mu.Unlock()
	return &tx, &mail.Envelope{
		ReversePath: tx.from, Recipients: tx.recipients, Peer: s.wire.peer, Helo: helo,
		Protocol: s.protocol(), TLS: s.wire.encrypted.Load(), Trusted: s.wire.trusted,
	}
}

// protocol is the word of RFC 3848.
func (s *session) protocol() string {
	p := "ESMTP"
	switch {
	case s.lmtp:
		p = "LMTP"
	case strings.EqualFold(string(s.wire.word[:]), "HELO"):
		return "SMTP"
	}
	if s.wire.encrypted.Load() {
		p += "S"
	}
	return p
}

// accept hands the message in; only when it is kept for good the peer gets its 250.
func (s *session) accept(tx *transaction, env *mail.Envelope, raw []byte) error {
	ctx, cancel := context.WithTimeout(s.srv.base, s.srv.cfg.Accept)
	defer cancel()
	res, err := s.srv.road.Accept(ctx, env, tx.routes, raw)
	if core.CodeOf(err) == "route.unknown" { // it came to the mailbox itself, and nothing in it says where it belongs
		s.srv.road.Refused(s.wire.peer, "unknown")
		return s.refuse("unknown", "", "", tx)
	}
	if err != nil {
		return s.trouble("accept", err)
	}
	s.srv.log.LogAttrs(ctx, slog.LevelInfo, "received", slog.String("message", res.ID),
		slog.String("peer", env.Peer.String()), slog.String("helo", clip(env.Helo)), slog.String("protocol", env.Protocol),
		slog.String("from", env.ReversePath.Masked()), slog.Any("to", shown(tx.routes)), slog.Int("size", len(raw)))
	return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 0, 0}, Message: "kept as " + res.ID}
}

// aborted answers a message that did not come whole.
func (s *session) aborted(r io.Reader, err error) error {
	switch {
	case errors.Is(err, errTooLarge):
		return s.refuse("size", "", "", s.current())
	case errors.Is(err, errMemory):
		return s.refuse("memory", "", "", nil)
	case errors.Is(err, smtp.ErrTooLongLine):
		s.wire.finish()
		return s.refuse("line", "", "", s.current())
	case errors.Is(err, smtp.ErrDataReset):
		// The peer gave up a BDAT. Nobody waits for the result any more, and
		// returning would write it to a channel that belongs to the next
		// transaction by now; so this goroutine of go-smtp ends here.
		if _, chunked := r.(*io.PipeReader); chunked {
			runtime.Goexit()
		}
		return s.refuse("broken", "", "", nil)
	}
	s.wire.finish()
	return s.refuse("broken", "", "", nil)
}

// cutShort tells whether the peer left in the middle of a BDAT chunk, which
// go-smtp takes for its end. Under TLS only the connection itself knows: asked
// for one more byte it answers from memory whether the peer said goodbye.
func (s *session) cutShort() bool {
	if s.wire.ended.Load() {
		return true
	}
	t, ok := s.conn.Conn().(*tls.Conn)
	if !ok {
		return false
	}
	s.wire.probing.Store(true)
	defer s.wire.probing.Store(false)
	var next [1]byte
	n, err := t.Read(next[:])
	if n > 0 {
		// A command was sent ahead; one byte of it is lost now. The message is
		// whole, so it counts, and the connection ends after the reply.
		s.wire.finish()
		return false
	}
	var timeout interface{ Timeout() bool }
	return !errors.As(err, &timeout) || !timeout.Timeout()
}

// greeting is the name the peer gave last.
func (s *session) greeting() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.helo
}

// Reset implements smtp.Session: RSET, the end of a message, a new greeting.
func (s *session) Reset() {
	s.mu.Lock()
	s.tx = &s.none
	s.mu.Unlock()
	s.wire.end()
}

// Logout implements smtp.Session.
func (s *session) Logout() error {
	s.Reset()
	return nil
}

// address reads what go-smtp made of a path: the local part is unquoted by now.
func address(s string) (mail.Address, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 0 || !utf8.ValidString(s) {
		return mail.Address{}, mail.ErrAddress
	}
	return mail.ParseMailbox(mail.Address{Local: s[:at], Domain: s[at+1:]}.Mailbox())
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// shown are the recipients for the log, without their tokens.
func shown(routes []core.Route) []string {
	all := make([]string, len(routes))
	for i := range routes {
		all[i] = routes[i].Shown
	}
	return all
}

// clip shortens what a peer chose.
func clip(s string) string {
	if len(s) > 100 {
		return s[:100]
	}
	return s
}
