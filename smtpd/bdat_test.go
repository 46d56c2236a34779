package smtpd

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
)

func TestChunksAreOneMessage(t *testing.T) {
	w := serve(t, false, nil)
	p := w.dial().ready()
	long := strings.Repeat("y", 5000)
	p.send(fmt.Sprintf("BDAT 14\r\nSubject: x\r\n\r\nBDAT %d\r\n%sBDAT 2 LAST\r\n\r\nNOOP\r\n", len(long), long))
	p.expect("250 2.0.0 Continue")
	p.expect("250 2.0.0 Continue")
	p.expect("250 2.0.0 kept as m1")
	p.expect("250")
	if got := w.road.messages(); len(got) != 1 || got[0].raw != "Subject: x\r\n\r\n"+long+"\r\n" {
		t.Errorf("kept %+v", got)
	}
}

// A message in chunks runs beside the commands. Whatever a peer does in
// between, no envelope meets the content of another and no reply is another's.
func TestAnAbandonedChunkNeverMeetsTheNextMessage(t *testing.T) {
	w := serve(t, false, nil)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			p := w.dial()
			p.expect("220")
			p.do("EHLO x", "250")
			for i := range 50 {
				name := fmt.Sprintf("w%d-%d", worker, i)
				p.do("MAIL FROM:<lost@x.test>", "250")
				p.do("RCPT TO:<lost@in.test>", "250")
				p.send([]string{"BDAT 0\r\n", "BDAT 4\r\nlost"}[i%2])
				p.expect("250")
				if i%3 == 0 {
					p.do("EHLO other", "250")
				} else {
					p.do("RSET", "250")
				}
				p.do("MAIL FROM:<"+name+"@x.test>", "250")
				p.do("RCPT TO:<"+name+"@in.test>", "250")
				p.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(name), name))
				p.expect("250 2.0.0 kept as")
			}
			p.do("QUIT", "221")
		})
	}
	wg.Wait()
	got := w.road.messages()
	if len(got) != 200 {
		t.Errorf("%d kept", len(got))
	}
	for _, m := range got {
		if m.env.ReversePath.Local != m.raw || m.env.Recipients[0].Local != m.raw || len(m.env.Recipients) != 1 {
			t.Errorf("%q came with %v", m.raw, m.env)
		}
	}
}

// go-smtp takes the end of the connection for the end of the chunk.
func TestAChunkCutShortIsNotAMessage(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprint("tls=", secure), func(t *testing.T) {
			w := serve(t, false, withCertificate(t))
			p := w.dial()
			if secure {
				p = p.startTLS()
				p.do("EHLO c", "250")
				p.do("MAIL FROM:<a@x.test>", "250")
				p.do("RCPT TO:<ok@in.test>", "250")
			} else {
				p.ready()
			}
			p.send("BDAT 100 LAST\r\nonly a part")
			if c, ok := p.Conn.(*net.TCPConn); ok {
				_ = c.CloseWrite()
				if got := p.rest(); strings.Contains(got, "250") {
					t.Errorf("got %q", got)
				}
			} else {
				p.Close()
			}
			w.stop()
			<-w.done
			w.done <- nil
			if got := w.road.messages(); len(got) > 0 {
				t.Errorf("kept %q", got[0].raw)
			}
		})
	}
}

func TestACommandSentBehindTheLastChunkUnderTLSCostsTheConnectionOnly(t *testing.T) {
	w := serve(t, false, withCertificate(t))
	p := w.dial().startTLS()
	p.do("EHLO c", "250")
	p.send("MAIL FROM:<a@x.test>\r\nRCPT TO:<ok@in.test>\r\nBDAT 3 LAST\r\na\r\nQUIT\r\n")
	p.expect("250")
	p.expect("250")
	p.expect("250 2.0.0 kept as m1")
	p.rest()
	if n := len(w.road.messages()); n != 1 {
		t.Errorf("%d kept", n)
	}
}
