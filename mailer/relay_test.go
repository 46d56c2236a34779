package mailer

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"planpost/mail"
)

func relayTo(t *testing.T, addr string, change ...func(*RelayConfig)) *Relay {
	t.Helper()
	cfg := RelayConfig{Address: addr, Hostname: "us.test", Security: NoTLS, Step: 3 * time.Second, Final: 3 * time.Second}
	for _, c := range change {
		c(&cfg)
	}
	r, err := NewRelay(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func outgoing() Outgoing {
	return Outgoing{ReversePath: mail.Address{Local: "b-x", Domain: "in.test"}, Recipient: mail.Address{Name: "A", Local: "a", Domain: "out.test"},
		Raw: []byte("Subject: x\r\n\r\n.hidden\r\nbody\r\n..\r\n")}
}

// always answers every command that begins with verb in the same way.
func always(verb, answer string) func(*peer) {
	return func(p *peer) {
		p.say = func(_ int, line string) string {
			if strings.HasPrefix(line, verb) {
				return answer
			}
			return ""
		}
	}
}

func TestEveryAnswerOfTheServerHasItsOutcome(t *testing.T) {
	after := func(answer string) func(*peer) { return func(p *peer) { p.took = func(int) string { return answer } } }
	for _, c := range []struct {
		name     string
		server   func(*peer)
		class    Class
		code     int
		enhanced string
		taken    int // mails that reached the server
	}{
		{"all is well", func(*peer) {}, Sent, 250, "2.0.0", 1},
		{"no pipelining", func(p *peer) { p.ext = nil }, Sent, 250, "2.0.0", 1},
		{"an old server", always("EHLO", "502 what?"), Sent, 250, "2.0.0", 1},
		{"the recipient is unknown", always("RCPT", "550 5.1.1 no such user"), Permanent, 550, "5.1.1", 0},
		{"the recipient must wait", always("RCPT", "450 4.7.1 greylisted"), Temporary, 450, "4.7.1", 0},
		{"the sender is refused", always("MAIL", "553 5.7.1 not you"), Permanent, 553, "5.7.1", 0},
		{"a password is wanted", always("MAIL", "530 5.7.0 sign in first"), Temporary, 530, "5.7.0", 0},
		{"no mail now", always("DATA", "451 4.3.0 disk full"), Temporary, 451, "4.3.0", 0},
		{"the content is refused", after("554 5.6.0 spam"), Permanent, 554, "5.6.0", 1},
		{"the content must wait", after("452 4.2.2 full"), Temporary, 452, "4.2.2", 1},
		{"the server closes at the end", after("421 4.3.2 closing"), Temporary, 421, "4.3.2", 1},
		{"lost after the dot", after("CLOSE"), Uncertain, 0, "", 1},
		{"nonsense after the dot", after("hello"), Uncertain, 0, "", 1},
		{"a riddle after the dot", after("354 more?"), Uncertain, 354, "", 1},
		{"silence after the dot", after("HANG"), Uncertain, 0, "", 1},
		{"refused with several lines", after("550-5.7.1 no\r\n550-because\r\n550 I say so"), Permanent, 550, "5.7.1", 1},
		{"the greeting refuses", func(p *peer) { p.greeting = "554 go away" }, Temporary, 554, "", 0},
		{"the greeting is nonsense", func(p *peer) { p.greeting = "SSH-2.0-OpenSSH" }, Temporary, 0, "", 0},
		{"the greeting never ends", func(p *peer) { p.greeting = strings.Repeat("220-blah\r\n", 20000) + "220 x" }, Temporary, 0, "", 0},
		{"closed before the mail", always("MAIL", "CLOSE"), Temporary, 0, "", 0},
		{"silence before the mail", always("RCPT", "HANG"), Temporary, 0, "", 0},
		{"an enhanced code that lies", always("RCPT", "550 2.1.5 fine"), Permanent, 550, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, c.server)
			r := relayTo(t, p.addr(), func(cfg *RelayConfig) { cfg.Step, cfg.Final = 300*time.Millisecond, 300*time.Millisecond })
			o := r.Send(t.Context(), outgoing())
			if o.Class != c.class || o.Code != c.code || o.Enhanced != c.enhanced {
				t.Errorf("outcome %+v, want %s %d %q", o, c.class, c.code, c.enhanced)
			}
			if o.Text == "" || strings.ContainsAny(o.Text, "\r\n") || !strings.HasPrefix(o.Remote, "127.0.0.1:") {
				t.Errorf("words %q by %q", o.Text, o.Remote)
			}
			if _, mails, _ := p.seen(); len(mails) != c.taken || c.taken == 1 && mails[0] != string(outgoing().Raw) {
				t.Errorf("the server has %q", mails)
			}
		})
	}
}

func TestNobodyListensIsTemporary(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if o := relayTo(t, ln.Addr().String()).Send(t.Context(), outgoing()); o.Class != Temporary {
		t.Errorf("%+v", o)
	}
}

func TestDotsSurviveWhereverTheyStand(t *testing.T) {
	p := newPeer(t)
	r := relayTo(t, p.addr())
	var want []string
	for _, raw := range []string{".", ".\r\n", "a\r\n.\r\nb\r\n", "..\r\n.\r\n", strings.Repeat("x", chunk-1) + "\n.\r\n", strings.Repeat("x", chunk-2) + "\r\n.y\r\n.\r\n" + strings.Repeat("\r\n.", 50000)} {
		raw = strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n")
		o := outgoing()
		o.Raw = []byte(raw)
		if got := r.Send(t.Context(), o); got.Class != Sent {
			t.Fatalf("%.20q: %+v", raw, got)
		}
		if !strings.HasSuffix(raw, "\r\n") {
			raw += "\r\n"
		}
		want = append(want, raw)
	}
	if _, got, _ := p.seen(); !slices.Equal(got, want) {
		t.Error("the mails came out changed")
	}
}

func TestAConnectionIsUsedAgainWithinItsBounds(t *testing.T) {
	p := newPeer(t)
	r := relayTo(t, p.addr(), func(c *RelayConfig) { c.PerConnection = 3 })
	for range 7 {
		if o := r.Send(t.Context(), outgoing()); o.Class != Sent {
			t.Fatalf("%+v", o)
		}
	}
	if _, mails, conns := p.seen(); len(mails) != 7 || conns != 3 {
		t.Errorf("%d mails over %d connections", len(mails), conns)
	}
}

func TestARefusedMailLeavesTheConnectionCleanForTheNext(t *testing.T) {
	for _, ext := range [][]string{{"PIPELINING"}, nil} {
		refuse := true
		var mu sync.Mutex
		p := newPeer(t, func(p *peer) {
			p.ext = ext
			p.say = func(_ int, line string) string {
				mu.Lock()
				defer mu.Unlock()
				if strings.HasPrefix(line, "RCPT") && refuse {
					refuse = false
					return "550 5.1.1 unknown"
				}
				return ""
			}
		})
		r := relayTo(t, p.addr())
		if o := r.Send(t.Context(), outgoing()); o.Class != Permanent {
			t.Errorf("%+v", o)
		}
		if o := r.Send(t.Context(), outgoing()); o.Class != Sent {
			t.Errorf("%+v", o)
		}
		commands, mails, conns := p.seen()
		if conns != 1 || !slices.Contains(commands, "RSET") {
			t.Errorf("%d connections, %q", conns, commands)
		}
		if got := mails[len(mails)-1]; got != string(outgoing().Raw) {
			t.Errorf("the server has %q", got)
		}
	}
}

func TestAKeptConnectionThatDiedCostsNoAttempt(t *testing.T) {
	p := newPeer(t)
	r := relayTo(t, p.addr())
	for range 2 {
		if o := r.Send(t.Context(), outgoing()); o.Class != Sent {
			t.Fatalf("%+v", o)
		}
		p.hangUp()
	}
	if _, mails, conns := p.seen(); len(mails) != 2 || conns != 2 {
		t.Errorf("%d mails over %d connections", len(mails), conns)
	}
}

func TestAnIdleConnectionIsClosed(t *testing.T) {
	p := newPeer(t)
	quit := make(chan struct{}, 1)
	p.say = func(_ int, line string) string {
		if line == "QUIT" {
			quit <- struct{}{}
		}
		return ""
	}
	r := relayTo(t, p.addr(), func(c *RelayConfig) { c.Idle = 10 * time.Millisecond })
	r.Send(t.Context(), outgoing())
	select {
	case <-quit:
	case <-time.After(5 * time.Second):
		t.Fatal("it stays open")
	}
}

func TestNoMoreConnectionsThanAllowed(t *testing.T) {
	p := newPeer(t)
	r := relayTo(t, p.addr(), func(c *RelayConfig) { c.Connections = 2 })
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if o := r.Send(t.Context(), outgoing()); o.Class != Sent {
				t.Errorf("%+v", o)
			}
		})
	}
	all.Wait()
	if _, mails, conns := p.seen(); len(mails) != 30 || conns > 2 {
		t.Errorf("%d mails over %d connections", len(mails), conns)
	}
}

func TestTheWayIsProtectedAsWanted(t *testing.T) {
	server, pool := certificate(t)
	trusting := &tls.Config{RootCAs: pool}
	for _, c := range []struct {
		name     string
		security Security
		tls      *tls.Config
		offered  bool
		class    Class
	}{
		{"required and offered", StartTLS, trusting, true, Sent},
		{"required and stripped on the way", StartTLS, trusting, false, Temporary},
		{"required and the certificate is nobody's", StartTLS, nil, true, Temporary},
		{"taken where offered, whoever it is", Opportunistic, nil, true, Sent},
		{"not offered and not required", Opportunistic, nil, false, Sent},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t, func(p *peer) {
				if c.offered {
					p.tls = server
				}
			})
			r := relayTo(t, p.addr(), func(cfg *RelayConfig) { cfg.Security, cfg.TLS = c.security, c.tls })
			o := r.Send(t.Context(), outgoing())
			if o.Class != c.class {
				t.Errorf("%+v", o)
			}
			commands, mails, _ := p.seen()
			if (len(mails) > 0) != (c.class == Sent) || c.class != Sent && slices.ContainsFunc(commands, func(s string) bool { return strings.HasPrefix(s, "MAIL") }) {
				t.Errorf("the server was told %q", commands)
			}
			if c.offered && c.class == Sent && !slices.Contains(commands, "STARTTLS") {
				t.Error("sent in the clear")
			}
		})
	}
}

func TestImplicitTLSChecksTheCertificate(t *testing.T) {
	server, pool := certificate(t)
	p := newPeer(t, func(p *peer) { p.tls, p.implicit = server, true })
	with := func(c *tls.Config) Outcome {
		return relayTo(t, p.addr(), func(cfg *RelayConfig) { cfg.Security, cfg.TLS = ImplicitTLS, c }).Send(t.Context(), outgoing())
	}
	if o := with(&tls.Config{RootCAs: pool}); o.Class != Sent {
		t.Errorf("%+v", o)
	}
	if o := with(nil); o.Class != Temporary {
		t.Errorf("an unknown certificate: %+v", o)
	}
}

func TestWordsBeforeTheEncryptionAreNotTakenForTheServers(t *testing.T) {
	server, pool := certificate(t)
	p := newPeer(t, func(p *peer) {
		p.tls = server
		p.say = func(_ int, line string) string {
			if line == "STARTTLS" {
				return "220 go ahead\r\n250 all done" // one write, so one packet
			}
			return ""
		}
	})
	r := relayTo(t, p.addr(), func(cfg *RelayConfig) { cfg.Security, cfg.TLS = StartTLS, &tls.Config{RootCAs: pool} })
	if o := r.Send(t.Context(), outgoing()); o.Class != Temporary {
		t.Errorf("%+v", o)
	}
}

func TestWeSignInOnlyWhereNobodyListens(t *testing.T) {
	server, pool := certificate(t)
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		p := newPeer(t, func(p *peer) {
			p.tls, p.ext = server, []string{"AUTH " + mechanism}
			p.say = func(_ int, line string) string {
				switch {
				case line == "AUTH PLAIN "+plainAuth("we", "secret"):
					return "235 welcome"
				case line == "AUTH LOGIN "+b64("we"):
					return "334 " + b64("Password:")
				case line == b64("secret"):
					return "235 welcome"
				case strings.HasPrefix(line, "AUTH"):
					return "535 5.7.8 no"
				}
				return ""
			}
		})
		sign := func(password string) Outcome {
			return relayTo(t, p.addr(), func(cfg *RelayConfig) {
				cfg.Security, cfg.TLS, cfg.Username, cfg.Password = StartTLS, &tls.Config{RootCAs: pool}, "we", password
			}).Send(t.Context(), outgoing())
		}
		if o := sign("secret"); o.Class != Sent {
			t.Errorf("%s: %+v", mechanism, o)
		}
		if mechanism == "PLAIN" {
			if o := sign("wrong"); o.Class != Temporary || o.Code != 535 || strings.Contains(o.Text, "wrong") {
				t.Errorf("a wrong password: %+v", o)
			}
		}
	}
	for _, s := range []Security{"", Opportunistic, NoTLS, "maybe"} {
		if _, err := NewRelay(RelayConfig{Address: "127.0.0.1:25", Security: s, Username: "we", Password: "secret"}); err == nil {
			t.Errorf("security %q takes a password", s)
		}
	}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestExtensionsAreUsedWhereNeededAndOffered(t *testing.T) {
	eightBit, foreign := outgoing(), outgoing()
	eightBit.Raw = []byte("X: y\r\n\r\nGrüße\r\n")
	foreign.Recipient = mail.Address{Local: "иван", Domain: "пример.бг"}
	foreign.Raw = []byte("To: иван@xn--e1afmkfd.xn--90ae\r\n\r\nx\r\n")
	idn := outgoing()
	idn.Recipient.Domain = "bücher.example"
	for _, c := range []struct {
		name  string
		ext   []string
		out   Outgoing
		class Class
		want  string
	}{
		{"plain", []string{"8BITMIME", "SMTPUTF8", "SIZE"}, outgoing(), Sent, "MAIL FROM:<b-x@in.test> SIZE=33"},
		{"8-bit", []string{"8BITMIME"}, eightBit, Sent, "MAIL FROM:<b-x@in.test> BODY=8BITMIME"},
		{"8-bit not taken", nil, eightBit, Permanent, ""},
		{"letters", []string{"8BITMIME", "SMTPUTF8"}, foreign, Sent, "RCPT TO:<иван@xn--e1afmkfd.xn--90ae>"},
		{"letters not taken", []string{"8BITMIME"}, foreign, Permanent, ""},
		{"a domain with letters", nil, idn, Sent, "RCPT TO:<a@xn--bcher-kva.example>"},
		{"too large", []string{"SIZE 20"}, outgoing(), Permanent, ""},
	} {
		p := newPeer(t, func(p *peer) { p.ext = c.ext })
		o := relayTo(t, p.addr()).Send(t.Context(), c.out)
		commands, _, _ := p.seen()
		if o.Class != c.class || c.want != "" && !slices.Contains(commands, c.want) {
			t.Errorf("%s: %+v after %q", c.name, o, commands)
		}
	}
}

func TestBeingStoppedIsNoAttemptUnlessTheMailWasOut(t *testing.T) {
	reached := make(chan struct{}, 1)
	for _, c := range []struct {
		name   string
		server func(*peer)
		class  Class
	}{
		{"before the greeting", func(p *peer) { p.greeting = "HANG"; reached <- struct{}{} }, Interrupted},
		{"while naming the mail", func(p *peer) {
			p.say = func(_ int, line string) string {
				if !strings.HasPrefix(line, "RCPT") {
					return ""
				}
				reached <- struct{}{}
				return "HANG"
			}
		}, Interrupted},
		{"after the dot", func(p *peer) {
			p.took = func(int) string {
				reached <- struct{}{}
				return "HANG"
			}
		}, Uncertain},
	} {
		p := newPeer(t, c.server)
		ctx, cancel := context.WithCancel(t.Context())
		outcome := make(chan Outcome, 1)
		go func() { outcome <- relayTo(t, p.addr()).Send(ctx, outgoing()) }()
		<-reached
		cancel()
		select {
		case o := <-outcome:
			if o.Class != c.class {
				t.Errorf("%s: %+v", c.name, o)
			}
		case <-time.After(time.Second):
			t.Errorf("%s: it goes on for a second", c.name)
		}
	}
}
