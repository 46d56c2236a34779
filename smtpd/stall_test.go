package smtpd

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"
)

// inMemory runs f with a server on pipes and a clock that jumps; f gets a
// connection and what came back so far.
func inMemory(t *testing.T, f func(w *world, c io.ReadWriteCloser, got func() string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{Hostname: "gw.test"})
		p := newPipes()
		w.srv.listening = append(w.srv.listening, p)
		w.srv.servers = []*smtp.Server{w.srv.protocol(false)}
		ctx, cancel := context.WithCancel(context.Background())
		go func() { w.done <- w.srv.Run(ctx) }()
		c := p.dial()
		var back strings.Builder
		done := make(chan struct{})
		go func() { // net.Pipe has no buffer: somebody must listen
			defer close(done)
			_, _ = io.Copy(&back, c)
		}()
		f(w, c, func() string { synctest.Wait(); return back.String() })
		c.Close()
		<-done
		cancel()
		if err := <-w.done; err != nil {
			t.Error(err)
		}
	})
}

func send(t *testing.T, c io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

func TestASlowButLiveTransferIsTaken(t *testing.T) {
	for _, first := range []string{upToData, upToData + "X: y\r\n"} {
		inMemory(t, func(w *world, c io.ReadWriteCloser, got func() string) {
			send(t, c, first)
			send(t, c, "Subject: slow\r\n\r\n")
			for range 6 {
				time.Sleep(w.srv.cfg.Idle - time.Second) // the clock of synctest: nobody waits
				send(t, c, "line\r\n")
			}
			send(t, c, ".\r\n")
			if !strings.Contains(got(), "250 2.0.0 kept as m1") {
				t.Errorf("got %q", got())
			}
		})
	}
}

func TestATransferWithoutEndIsEnded(t *testing.T) {
	for _, first := range []string{upToData, upToData + "X: y\r\n"} {
		inMemory(t, func(w *world, c io.ReadWriteCloser, got func() string) {
			send(t, c, first)
			for start := time.Now(); time.Since(start) < w.srv.cfg.Transfer+w.srv.cfg.Idle; {
				if _, err := io.WriteString(c, "x\r\n"); err != nil {
					break
				}
				time.Sleep(time.Minute)
			}
			if !strings.Contains(got(), "421 4.4.2") || len(w.road.messages()) > 0 {
				t.Errorf("got %q", got())
			}
		})
	}
}

// A server that goes back to reading commands after a stall obeys what was
// meant to be the message.
func TestAStalledMessageIsNeverReadAsCommands(t *testing.T) {
	for _, start := range [][]string{
		{upToData}, {upToData, "Subject: x\r\n\r\n"}, {upToData, "Subject: x\r\n."}, {upToData, strings.Repeat("x\r\n", 40_000)},
		{upToData + "Subject: x\r\n\r\n"},
		{strings.TrimSuffix(upToData, "DATA\r\n") + "BDAT 5000\r\nSubject: x\r\n\r\n"},
	} {
		inMemory(t, func(w *world, c io.ReadWriteCloser, got func() string) {
			for _, s := range start {
				send(t, c, s)
			}
			time.Sleep(w.srv.cfg.Idle + time.Second)
			_, err := io.WriteString(c, "MAIL FROM:<evil@x.test>\r\nRCPT TO:<ok@in.test>\r\nDATA\r\nevil\r\n.\r\n")
			if all := got(); !strings.Contains(all, "421 4.4.2") || strings.Contains(all, "evil") || strings.Contains(all, "554") || err == nil {
				t.Errorf("got %q, %v", all, err)
			}
			if len(w.road.messages()) > 0 {
				t.Error("something was kept")
			}
		})
	}
}

func TestASilentPeerIsSentAway(t *testing.T) {
	inMemory(t, func(w *world, c io.ReadWriteCloser, got func() string) {
		send(t, c, "EHLO x\r\n")
		time.Sleep(w.srv.cfg.Idle + time.Second)
		if all := got(); !strings.Contains(all, "\r\n421 4.4.2") || w.srv.open() != 0 {
			t.Errorf("got %q, %d open", all, w.srv.open())
		}
	})
}

func TestAPeerThatDoesNotListenHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{})
		p := newPipes()
		w.srv.listening = append(w.srv.listening, p)
		w.srv.servers = []*smtp.Server{w.srv.protocol(false)}
		ctx, cancel := context.WithCancel(context.Background())
		go func() { w.done <- w.srv.Run(ctx) }()
		c := p.dial()
		time.Sleep(w.srv.cfg.Idle + time.Second)
		synctest.Wait()
		if n := w.srv.open(); n != 0 {
			t.Errorf("%d open", n)
		}
		c.Close()
		cancel()
		<-w.done
	})
}
