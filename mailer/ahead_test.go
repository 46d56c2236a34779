package mailer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
)

// row is four mails for one connection: the first is held until all others
// wait and shows that the server is quick; then each announces the next.
type row struct {
	*testing.T
	peer  *peer
	relay *Relay
	outs  []Outgoing
	ctx   []context.Context
	class []Class
}

func newRow(t *testing.T, change ...func(*row)) *row {
	r := &row{T: t, class: make([]Class, 5)}
	for i := range 5 {
		out := outgoing()
		out.Recipient = mail.Address{Local: fmt.Sprint("r", i), Domain: "out.test"}
		out.Raw = fmt.Appendf(nil, "Subject: %d\r\n\r\nx\r\n", i)
		r.outs, r.ctx = append(r.outs, out), append(r.ctx, t.Context())
	}
	queued := make(chan struct{})
	r.peer = newPeer(t, func(p *peer) {
		p.took = func(n int) string {
			if n == 1 {
				<-queued
			}
			return ""
		}
		p.ahead = func(n int) bool { return n == 2 || n == 3 }
	})
	r.relay = relayTo(t, r.peer.addr(), func(c *RelayConfig) { c.Connections, c.atOnce = 1, time.Hour })
	for _, c := range change {
		c(r)
	}
	var all sync.WaitGroup
	all.Go(func() { r.send(1) })
	<-r.peer.arrived
	for i := 2; i <= 4; i++ {
		all.Go(func() { r.send(i) })
		for r.waiting() != i-1 {
			time.Sleep(time.Millisecond)
		}
	}
	close(queued)
	all.Wait()
	return r
}

func (r *row) send(i int) { r.class[i] = r.relay.Send(r.ctx[i], r.outs[i]).Class }

func (r *row) waiting() int {
	r.relay.slots.mu.Lock()
	defer r.relay.slots.mu.Unlock()
	return len(r.relay.slots.rest)
}

// want checks what became of mails 1 to 4, over how many connections, and that
// each mail that the server has bears the name that was last said before it.
func (r *row) want(conns int, classes ...Class) {
	r.Helper()
	if got := r.class[1:]; !slices.Equal(got, classes) {
		r.Errorf("outcomes %v, want %v", got, classes)
	}
	commands, mails, n := r.peer.seen()
	if n != conns {
		r.Errorf("%d connections, want %d", n, conns)
	}
	var sent []string
	for i, class := range r.class {
		if class == Sent {
			sent = append(sent, fmt.Sprint(i))
		}
	}
	var had []string
	for _, m := range mails {
		subject, _, _ := strings.Cut(strings.TrimPrefix(m, "Subject: "), "\r\n")
		had = append(had, subject)
	}
	for _, i := range sent {
		if n := len(slices.DeleteFunc(slices.Clone(had), func(s string) bool { return s != i })); n != 1 {
			r.Errorf("mail %s is there %d times: %q", i, n, had)
		}
	}
	last := ""
	for _, c := range commands {
		switch {
		case strings.HasPrefix(c, "RCPT"):
			last = strings.TrimSuffix(strings.TrimPrefix(c, "RCPT TO:<r"), "@out.test>")
		case c == "DATA" && len(had) > 0 && had[0] == last:
			had = had[1:]
		}
	}
	if len(had) > 0 {
		r.Errorf("these mails came under other names: %q; %q", had, commands)
	}
}

func TestTheNextMailIsAnnouncedBehindTheOneBefore(t *testing.T) {
	newRow(t).want(1, Sent, Sent, Sent, Sent)
}

func TestAnAnnouncedMailThatIsRefusedHarmsNoOther(t *testing.T) {
	for _, verb := range []string{"MAIL", "RCPT", "DATA"} {
		t.Run(verb, func(t *testing.T) {
			named := 0
			r := newRow(t, func(r *row) {
				r.peer.say = func(_ int, line string) string {
					if strings.HasPrefix(line, verb) {
						if named++; named == 3 {
							return "550 5.1.1 unknown"
						}
					}
					return ""
				}
				r.peer.ahead = func(n int) bool { return n == 2 }
			})
			r.want(1, Sent, Sent, Permanent, Sent)
		})
	}
}

// The mail before an announced one ends the connection: nothing of the
// announced one was taken, so it goes another way and costs no attempt.
func TestAnAnnouncedMailOutlivesTheConnection(t *testing.T) {
	for answer, class := range map[string]Class{"421 4.3.2 closing": Temporary, "CLOSE": Uncertain, "PART25": Uncertain, "HANG": Uncertain} {
		t.Run(answer, func(t *testing.T) {
			r := newRow(t, func(r *row) {
				if answer == "HANG" {
					r.relay.cfg.Final = 200 * time.Millisecond
				}
				held := r.peer.took
				r.peer.took = func(n int) string {
					if n == 2 {
						return answer
					}
					return held(n)
				}
				r.peer.ahead = func(n int) bool { return n == 2 }
			})
			r.want(2, Sent, class, Sent, Sent)
		})
	}
}

func TestAnAnnouncedMailThatIsTooLateIsNotSent(t *testing.T) {
	r := newRow(t, func(r *row) {
		r.outs[3].Begin = time.Unix(1, 0)
		r.peer.ahead = func(n int) bool { return n == 2 }
	})
	r.want(2, Sent, Sent, Late, Sent)
	if _, mails, _ := r.peer.seen(); len(mails) != 3 {
		t.Errorf("%d mails: an empty one or a piece of one is among them: %q", len(mails), mails)
	}
}

func TestAnAnnouncedMailThatIsStoppedIsNotSent(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := newRow(t, func(r *row) {
		r.ctx[3] = ctx
		held := r.peer.took
		r.peer.took = func(n int) string {
			if n == 2 {
				cancel()
			}
			return held(n)
		}
		r.peer.ahead = func(n int) bool { return n == 2 }
	})
	if r.class[3] != Interrupted {
		t.Errorf("outcome %v", r.class)
	}
	for _, i := range []int{1, 2, 4} {
		if r.class[i] != Sent {
			t.Errorf("outcome %v", r.class)
		}
	}
	if _, mails, _ := r.peer.seen(); len(mails) != 3 {
		t.Errorf("%d mails: %q", len(mails), mails)
	}
}

// A slow server, one that has no pipelining and a connection that has carried
// enough let each mail wait for its turn.
func TestNothingIsAnnouncedWhereItWouldWait(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*row)
		conns  int
	}{
		"slow":      {func(r *row) { r.relay.cfg.atOnce = 1 }, 1},
		"one a go":  {func(r *row) { r.relay.cfg.PerConnection = 1 }, 4},
		"no groups": {func(r *row) { r.peer.ext = nil }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			newRow(t, func(r *row) { r.peer.ahead = nil }, c.change).want(c.conns, Sent, Sent, Sent, Sent)
		})
	}
	cfg := &RelayConfig{PerConnection: 2}
	all := conn{cfg: cfg, quick: true, carried: 1, ext: map[string]string{"PIPELINING": ""}}
	slow, worn, old := all, all, all
	slow.quick, worn.carried, old.ext = false, 2, nil
	if !all.takesNext() || slow.takesNext() || worn.takesNext() || old.takesNext() {
		t.Error("another mail is announced where it should not be, or is not where it might")
	}
}

func TestMailOfTheSecurityStreamGoesFirst(t *testing.T) {
	s := slots{free: 1, urgent: 1}
	parcelOf := func(stream core.Stream) *parcel {
		p := &parcel{ctx: t.Context(), out: &Outgoing{Stream: stream}, got: make(chan slot, 1), done: make(chan Outcome, 1)}
		s.take(p)
		return p
	}
	has := func(p *parcel) bool { return len(p.got) > 0 }
	any := func(*Outgoing) bool { return true }
	work1, work2, secure1, secure2 := parcelOf(core.WorkStream), parcelOf(core.WorkStream), parcelOf(core.SecurityStream), parcelOf(core.SecurityStream)
	if !has(work1) || has(work2) || !has(secure1) || has(secure2) {
		t.Fatal("one of each can be under way")
	}
	if s.next(slot{}, any) != nil {
		t.Error("a mail follows while security mail waits")
	}
	if s.back(<-work1.got); !has(secure2) || has(work2) {
		t.Error("the slot went to other mail while security mail waited")
	}
	if s.back(<-secure1.got); has(work2) {
		t.Error("other mail got the slot of the security stream")
	}
	if s.next(slot{urgent: true}, any) != nil {
		t.Error("other mail follows in the slot of the security stream")
	}
	if s.next(slot{}, func(*Outgoing) bool { return false }) != nil {
		t.Error("what does not fit follows")
	}
	if s.next(slot{}, any) != work2 || s.leave(work2) {
		t.Error("what waits may follow, and waits no more")
	}
	if s.back(<-secure2.got); s.free != 1 || s.urgent != 1 {
		t.Errorf("%d and %d slots in the end", s.free, s.urgent)
	}
}
