package smtpd

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"planpost/core"
)

func TestAMessageIsAnsweredOnceItIsKept(t *testing.T) {
	w := serve(t, false, nil)
	p := w.dial().ready()
	p.do("DATA", "354")
	p.send("Subject: hi\r\n\r\n..two dots\r\nend\r\n.\r\n")
	if got := p.expect("250"); got != "250 2.0.0 kept as m1" {
		t.Errorf("got %q", got)
	}
	p.do("QUIT", "221")
	got := w.road.messages()
	if len(got) != 1 || got[0].raw != "Subject: hi\r\n\r\n.two dots\r\nend\r\n" {
		t.Fatalf("kept %+v", got)
	}
	env := got[0].env
	if env.ReversePath.Mailbox() != "a@x.test" || env.Recipients[0].Mailbox() != "ok@in.test" || env.Helo != "client.test" || !env.Trusted || env.Protocol != "ESMTP" || env.ReceivedAt.IsZero() {
		t.Errorf("envelope %+v", env)
	}
}

// Each line is what the client sends, then what the reply begins with.
func TestDialogues(t *testing.T) {
	open := [][2]string{{"", "220 gw.test ESMTP"}, {"EHLO c.test", "250-Hello c.test"}, {"MAIL FROM:<a@x.test>", "250"}}
	for name, lines := range map[string][][2]string{
		"an unknown recipient is refused at once":   {{"RCPT TO:<no+unknown@in.test>", "550 5.1.1 This address does not exist here"}},
		"other domains are not relayed to":          {{"RCPT TO:<a@elsewhere.test>", "550 5.7.1"}, {"RCPT TO:<\"a@elsewhere.test\"@in.test>", "250"}, {"RCPT TO:<a%elsewhere.test@in.test>", "250"}},
		"a source route counts for nothing":         {{"RCPT TO:<@in.test:a@elsewhere.test>", "550 5.7.1"}},
		"a withdrawn reply address says so":         {{"RCPT TO:<no+link.revoked@in.test>", "550 5.7.1"}},
		"an ended reply address says so":            {{"RCPT TO:<no+link.expired@in.test>", "550 5.1.6"}},
		"a closed project says so":                  {{"RCPT TO:<no+project.closed@in.test>", "550 5.2.1"}},
		"our trouble is temporary":                  {{"RCPT TO:<trouble@in.test>", "451 4.3.0"}, {"RCPT TO:<broken@in.test>", "451 4.3.0"}, {"RCPT TO:<ok@in.test>", "250"}},
		"an address that is none is refused":        {{"RCPT TO:<" + strings.Repeat("a", 65) + "@in.test>", "553 5.1.3"}, {"RCPT TO:<a@in..test>", "553 5.1.3"}},
		"a non-ASCII recipient needs SMTPUTF8":      {{"RCPT TO:<müller@in.test>", "553 5.6.7"}, {"RSET", "250"}, {"MAIL FROM:<é@x.test> SMTPUTF8", "250"}, {"RCPT TO:<müller@in.test>", "250"}},
		"a broken UTF-8 recipient is refused":       {{"RSET", "250"}, {"MAIL FROM:<> SMTPUTF8", "250"}, {"RCPT TO:<\xff@in.test>", "553 5.1.3"}},
		"a non-ASCII sender needs SMTPUTF8":         {{"RSET", "250"}, {"MAIL FROM:<é@x.test>", "553 5.1.7"}},
		"the null reverse-path is taken":            {{"RSET", "250"}, {"MAIL FROM:<>", "250"}, {"RCPT TO:<ok@in.test>", "250"}},
		"a size above the limit is refused first":   {{"RSET", "250"}, {"MAIL FROM:<a@x.test> SIZE=99999999", "552 5.3.4"}},
		"too many recipients come again later":      {{"RCPT TO:<a@in.test>", "250"}, {"RCPT TO:<b@in.test>", "250"}, {"RCPT TO:<c@in.test>", "250"}, {"RCPT TO:<d@in.test>", "452 4.5.3"}},
		"nobody can sign in":                        {{"AUTH PLAIN AGEAYg==", "5"}},
		"STARTTLS without a certificate is refused": {{"STARTTLS", "502"}},
		"LHLO is not for SMTP":                      {{"LHLO x", "500"}},
		"DATA needs a recipient":                    {{"DATA", "502"}},
		"a panic ends one connection only":          {{"RCPT TO:<panic@in.test>", "421 4.0.0"}},
		"a sender's language is guessed":            {{"RSET", "250"}, {"MAIL FROM:<a@firma.de>", "250"}, {"RCPT TO:<no+unknown@in.test>", "550 5.1.1 Diese Adresse"}},
		"a known language wins":                     {{"RSET", "250"}, {"MAIL FROM:<a@firma.de>", "250"}, {"RCPT TO:<no+unknown+fr@in.test>", "550 5.1.1 Cette adresse"}},
		"Bulgarian is said in UTF-8 only":           {{"RSET", "250"}, {"MAIL FROM:<a@firma.bg>", "250"}, {"RCPT TO:<no+unknown@in.test>", "550 5.1.1 This address"}, {"RSET", "250"}, {"MAIL FROM:<a@firma.bg> SMTPUTF8", "250"}, {"RCPT TO:<no+unknown@in.test>", "550 5.1.1 Т"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, false, func(c *Config) { c.Recipients, c.Size = 3, 1<<20 }).dial()
			for _, l := range append(open, lines...) {
				if l[0] != "" {
					p.send(l[0] + "\r\n")
				}
				p.expect(l[1])
			}
		})
	}
}

func TestTheGreetingOffersNoAuthAndTheSize(t *testing.T) {
	p := serve(t, false, func(c *Config) { c.Size = 12345 }).dial()
	p.expect("220")
	got := p.do("EHLO c", "250-")
	if strings.Contains(got, "AUTH") || strings.Contains(got, "STARTTLS") || !strings.Contains(got, "SIZE 12345") || !strings.Contains(got, "PIPELINING") {
		t.Errorf("got %q", got)
	}
}

func TestErrorsOfTheCoreBecomeReplies(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&core.Error{Kind: core.Unavailable, Code: "store.unavailable", Err: errors.New("pq: secret")}, "451 4.3.0"},
		{fmt.Errorf("wrapped: %w", core.Fail(core.TooLarge, "file.too_large")), "552 5.3.4"},
		{core.Fail(core.Limited, "flood"), "450 4.7.1"},
		{core.Fail(core.Forbidden, "x"), "451 4.3.0"},
		{&smtp.SMTPError{Code: 554, Message: "secret"}, "451 4.3.0"},
		{errors.New("secret"), "451 4.3.0"},
	} {
		w := serve(t, false, nil)
		w.road.err = c.err
		p := w.dial().ready()
		p.do("DATA", "354")
		p.send("a\r\n.\r\n")
		if got := p.expect(c.want); strings.Contains(got, "secret") || strings.Contains(got, "wrapped") {
			t.Errorf("%v: told %q", c.err, got)
		}
		p.do("NOOP", "250") // a refused message is no reason to part
	}
}

func TestAPanicWhileKeepingIsTemporary(t *testing.T) {
	for _, payload := range []string{"DATA\r\nX-Panic: 1\r\n\r\n.\r\n", "BDAT 12 LAST\r\nX-Panic: 1\r\n"} {
		w := serve(t, false, nil)
		p := w.dial().ready()
		p.send(payload)
		if strings.HasPrefix(payload, "DATA") {
			p.expect("354")
		}
		p.expect("421")
		if got := p.rest(); strings.Contains(got, "250") {
			t.Errorf("then %q", got)
		}
		if w.dial().ready() == nil {
			t.Error("the server is gone")
		}
	}
}

func TestTheLibrarysOwnClientWorks(t *testing.T) {
	w := serve(t, false, nil)
	c, err := smtp.Dial(w.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SendMail("a@x.test", []string{"one@in.test", "two@in.test"}, strings.NewReader("Subject: x\n\nhi\n.dot\n")); err != nil {
		t.Fatal(err)
	}
	got := w.road.messages()
	if len(got) != 1 || len(got[0].env.Recipients) != 2 || got[0].raw != "Subject: x\r\n\r\nhi\r\n.dot\r\n" {
		t.Errorf("kept %+v", got)
	}
}

// Reply addresses are keys: who reads the log must not get them.
func TestTheLogHoldsNoAddressThatOpensAnything(t *testing.T) {
	var log safeBuffer
	w := newWorld(t, Config{Listeners: []Listener{{Address: "127.0.0.1:0"}}})
	w.srv.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err := w.srv.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.run()
	p := w.dial()
	p.expect("220")
	p.do("EHLO c", "250")
	p.do("MAIL FROM:<secretperson@x.test>", "250")
	p.do("RCPT TO:<no+unknown+en+secrettoken@in.test>", "550")
	p.do("RCPT TO:<secrettoken@in..test>", "553")
	p.do("RCPT TO:<r-secrettoken@in.test>", "250")
	p.do("DATA", "354")
	p.send("secretwords\r\n.\r\n")
	p.expect("250")
	w.road.setErr(errors.New("x"))
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("RCPT TO:<r-secrettoken@in.test>", "250")
	p.do("DATA", "354")
	p.send("secretwords\r\n.\r\n")
	p.expect("451")
	all := log.String()
	if strings.Contains(all, "secret") || !strings.Contains(all, "received") || !strings.Contains(all, "message=m1") || !strings.Contains(all, "refused") || !strings.Contains(all, "put off") {
		t.Errorf("the log: %s", all)
	}
}

type safeBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestLMTPAnswersForEachRecipient(t *testing.T) {
	sock := t.TempDir() + "/lmtp"
	w := serve(t, false, func(c *Config) { c.Listeners = []Listener{{Network: "unix", Address: sock, LMTP: true}} })
	c, err := net.Dial("unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, c)
	p.expect("220 gw.test LMTP")
	p.do("EHLO x", "500")
	p.do("LHLO relay.test", "250-")
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("RCPT TO:<one@in.test>", "250")
	p.do("RCPT TO:<no+unknown@in.test>", "550 5.1.1")
	p.do("RCPT TO:<two@in.test>", "250")
	p.do("DATA", "354")
	p.send("a\r\n.\r\n")
	p.expect("250 2.0.0 <one@in.test> kept as m1")
	p.expect("250 2.0.0 <two@in.test> kept as m1")
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("RCPT TO:<one@in.test>", "250")
	p.do("RCPT TO:<two@in.test>", "250")
	p.send("BDAT 3 LAST\r\nb\r\n")
	p.expect("250 2.0.0 <one@in.test> kept as m2")
	p.expect("250 2.0.0 <two@in.test> kept as m2")
	if env := w.road.messages()[0].env; env.Protocol != "LMTP" || !env.Trusted || env.Peer.IsValid() {
		t.Errorf("envelope %+v", env)
	}
}
