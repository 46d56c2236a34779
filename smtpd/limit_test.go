package smtpd

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func TestAStrangerWhoTriesAddressesIsSentAway(t *testing.T) {
	w := serve(t, true, func(c *Config) { c.FailedRecipients = 3 })
	p := w.dial()
	p.expect("220")
	p.do("EHLO x", "250")
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("RCPT TO:<ok@in.test>", "250")
	p.do("RCPT TO:<no+unknown@in.test>", "550")
	p.do("RCPT TO:<no+unknown@in.test>", "550")
	p.send("RCPT TO:<no+unknown@in.test>\r\nRCPT TO:<ok@in.test>\r\nDATA\r\nx\r\n.\r\n")
	p.expect("421 4.7.0")
	if got := p.rest(); strings.Contains(got, "kept") || len(w.road.messages()) > 0 {
		t.Errorf("then %q", got)
	}
	if n := w.road.count("unknown"); n != 3 {
		t.Errorf("%d refusals counted", n)
	}
}

func TestAStrangerMayNotFloodUs(t *testing.T) {
	w := serve(t, true, func(c *Config) {
		c.Flood.Messages, c.Flood.Connections, c.Flood.Refused = 2, 3, 2
	})
	p := w.dial()
	p.expect("220")
	p.do("EHLO x", "250")
	for range 2 {
		p.do("MAIL FROM:<a@x.test>", "250")
	}
	p.do("MAIL FROM:<a@x.test>", "450 4.7.1")
	for range 2 {
		q := w.dial()
		q.expect("220")
		q.do("EHLO x", "250")
	}
	q := w.dial()
	q.expect("220")
	q.do("EHLO x", "421 4.7.1")
	if rest := q.rest(); rest != "" {
		t.Errorf("then %q", rest)
	}
}

func TestAStrangersConnectionCarriesSoManyMessages(t *testing.T) {
	w := serve(t, true, func(c *Config) { c.Messages = 2 })
	p := w.dial()
	p.expect("220")
	p.do("EHLO x", "250")
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("MAIL FROM:<a@x.test>", "421")
}

func TestConnectionsAreBounded(t *testing.T) {
	for _, strange := range []bool{true, false} {
		w := serve(t, strange, func(c *Config) { c.Connections, c.ConnectionsPerIP = 4, 2 })
		room := 4
		if strange {
			room = 2
		}
		var open []*peer
		for range room {
			p := w.dial()
			p.expect("220")
			open = append(open, p)
		}
		w.dial().expect("421 4.7.0")
		open[0].do("QUIT", "221")
		open[0].rest()
		for w.srv.open() == room { // the server closes a moment after its last word
			runtime.Gosched()
		}
		w.dial().expect("220")
	}
}

func TestMessagesInTransferAreBoundedTogether(t *testing.T) {
	w := serve(t, false, func(c *Config) { c.Memory = 200 << 10 })
	p := w.dial().ready()
	for _, ahead := range []string{"", "x"} { // what is sent with DATA takes the road through go-smtp
		p.send("DATA\r\n" + ahead)
		p.expect("354")
		p.send(strings.Repeat(strings.Repeat("y", 70)+"\r\n", 10000) + ".\r\n")
		p.expect("452 4.3.1")
		p.do("MAIL FROM:<a@x.test>", "250")
		p.do("RCPT TO:<ok@in.test>", "250")
	}
	p.do("DATA", "354")
	p.send("small\r\n.\r\n")
	p.expect("250 2.0.0 kept")
	if n := w.srv.bodies.lent.Load(); n != 0 {
		t.Errorf("%d bytes are still lent", n)
	}
}

func TestTooManySyntaxErrorsEndTheConnection(t *testing.T) {
	w := serve(t, false, nil)
	p := w.dial()
	p.expect("220")
	for i := range 10 {
		if _, err := fmt.Fprintf(p, "NONSENSE %d\r\n", i); err != nil {
			break
		}
	}
	if n := strings.Count(p.rest(), "\n"); n > 6 {
		t.Errorf("%d replies", n)
	}
}
