package smtpd

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

func TestAStopLetsARunningMessageFinish(t *testing.T) {
	w := serve(t, false, nil)
	w.road.entered, w.road.hold = make(chan struct{}, 1), make(chan struct{})
	idle := w.dial()
	idle.expect("220")
	idle.do("EHLO x", "250")
	open := w.dial().ready() // between RCPT and DATA
	busy := w.dial().ready()
	busy.do("DATA", "354")
	busy.send("a\r\n.\r\nMAIL FROM:<next@x.test>\r\n")
	<-w.road.entered
	w.stop()
	idle.expect("421")
	if _, err := net.Dial("tcp", w.addr()); err == nil {
		c := w.dial() // the listener may close a moment later, but nobody is served
		if got := c.rest(); strings.HasPrefix(got, "220") {
			t.Errorf("a new peer got %q", got)
		}
	}
	close(w.road.hold)
	busy.expect("250 2.0.0 kept as m1")
	if got := busy.rest(); strings.Contains(got, "250") {
		t.Errorf("a new transaction began: %q", got)
	}
	open.do("DATA", "354")
	open.send("b\r\n.\r\n")
	<-w.road.entered
	open.expect("250 2.0.0 kept as m2")
	open.expect("421")
}

func TestAStopDoesNotWaitForEver(t *testing.T) {
	w := serve(t, false, func(c *Config) { c.Stop = 50 * time.Millisecond })
	w.road.entered, w.road.hold = make(chan struct{}, 1), make(chan struct{})
	half := w.dial().ready()
	half.do("DATA", "354")
	half.send("never ends\r\n")
	busy := w.dial().ready()
	busy.do("DATA", "354")
	busy.send("a\r\n.\r\n")
	<-w.road.entered
	w.stop()
	half.expect("421")
	busy.expect("451 4.3.0") // the outcome is unknown: try again
	if err := <-w.done; err != nil {
		t.Error(err)
	}
	w.done <- nil
	if n := w.srv.open(); n != 0 {
		t.Errorf("%d open", n)
	}
}

func TestAnAddressInUseIsToldAndTheOthersAreFreed(t *testing.T) {
	used, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()
	w := newWorld(t, Config{Listeners: []Listener{{Address: "127.0.0.1:0"}, {Address: used.Addr().String()}}})
	if err := w.srv.Listen(t.Context()); err == nil || len(w.srv.Addrs()) != 0 {
		t.Errorf("err %v, %d open", err, len(w.srv.Addrs()))
	}
}

func TestAStopAtTheVeryStartEndsToo(t *testing.T) {
	for range 20 {
		w := newWorld(t, Config{Hostname: "gw.test", Listeners: []Listener{{Address: "127.0.0.1:0"}}})
		if err := w.srv.Listen(t.Context()); err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		done := make(chan error, 1)
		go func() { done <- w.srv.Run(ended) }()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the server does not stop")
		}
	}
}
