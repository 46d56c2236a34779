package mailer

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
)

var slowDown = Outcome{Class: Temporary, Code: 421, Slow: true}

// rate sends to a destination whatever may go for d, each answered at once, and tells how many a second went.
func rate(s *paces, to string, now *time.Time, d time.Duration, o Outcome) float64 {
	n := 0
	for end := now.Add(d); now.Before(end); *now = now.Add(10 * time.Millisecond) {
		if s.enter(to, *now, false) == 0 {
			s.leave(to, *now, *now, &o)
			n++
		}
	}
	return float64(n) / d.Seconds()
}

func TestADestinationThatAsksForFewerMailsGetsHalfAndNoOtherDoes(t *testing.T) {
	s, now := newPaces(), time.Unix(1000, 0)
	if got := rate(s, "a.test", &now, 3*time.Second, Outcome{Class: Sent}); got != 100 {
		t.Fatalf("without a limit %g a second", got)
	}
	s.enter("a.test", now, false)
	s.leave("a.test", now, now, &slowDown)
	now = now.Add(10 * time.Millisecond)
	if got := rate(s, "a.test", &now, 2*time.Second, Outcome{Class: Temporary}); got < 45 || got > 51 {
		t.Errorf("after a 421 %g a second, 50 were half", got)
	}
	if got := rate(s, "b.test", &now, time.Second, Outcome{Class: Sent}); got != 100 {
		t.Errorf("another gets %g a second", got)
	}
}

func TestAPaceRecoversWithTheMailsThatAreTaken(t *testing.T) {
	s, now := newPaces(), time.Unix(1000, 0)
	rate(s, "a.test", &now, 2*time.Second, Outcome{Class: Sent})
	s.enter("a.test", now, false)
	s.leave("a.test", now, now, &slowDown)
	rate(s, "a.test", &now, 45*time.Second, Outcome{Class: Sent})
	if got := rate(s, "a.test", &now, time.Second, Outcome{Class: Sent}); got != 100 {
		t.Errorf("%g a second after 45 seconds of success", got)
	}
}

func TestMailsUnderWayThatHearTheSameWishCountOnce(t *testing.T) {
	s, now := newPaces(), time.Unix(1000, 0)
	for range 20 {
		s.enter("a.test", now, false)
	}
	for i := range 20 {
		s.leave("a.test", now, now.Add(time.Duration(i)*time.Millisecond), &slowDown)
	}
	if p := s.by["a.test"]; p.atOnce != 10 || p.rate != 10 {
		t.Errorf("%g at once, %g a second", p.atOnce, p.rate)
	}
	later := now.Add(time.Second)
	s.enter("a.test", later, false)
	s.leave("a.test", later, later, &slowDown)
	if p := s.by["a.test"]; p.atOnce != 1 || p.rate > 5 {
		t.Errorf("after a second wish %g at once, %g a second", p.atOnce, p.rate)
	}
}

func TestSomethingAlwaysGoesAndAWishIsForgottenInTime(t *testing.T) {
	s, now := newPaces(), time.Unix(1000, 0)
	for range 30 {
		s.enter("a.test", now, true)
		now = now.Add(time.Second)
		s.leave("a.test", now, now, &slowDown)
		now = now.Add(time.Second)
	}
	if p := s.by["a.test"]; p.rate != slowest || p.atOnce != 1 {
		t.Errorf("%g at once, %g a second", p.atOnce, p.rate)
	}
	now = now.Add(time.Minute + time.Second)
	if wait := s.enter("a.test", now, false); wait != 0 {
		t.Errorf("nothing for a minute, and still %s to wait", wait)
	}
	now = now.Add(lapse)
	for range 50 {
		if wait := s.enter("a.test", now, false); wait != 0 {
			t.Fatalf("the wish is an hour old, and still %s to wait", wait)
		}
	}
}

func TestThoseThatWaitGetTurnsOneAfterTheOther(t *testing.T) {
	s, now := newPaces(), time.Unix(1000, 0)
	for range 8 {
		s.enter("a.test", now, false)
	}
	for range 8 {
		s.leave("a.test", now, now, &slowDown)
	}
	var waits []time.Duration
	for range 5 {
		waits = append(waits, s.enter("a.test", now, false))
	}
	if want := []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, 750 * time.Millisecond, time.Second, 1250 * time.Millisecond}; !slices.Equal(waits, want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
}

func TestPacesDoNotGrowWithoutBounds(t *testing.T) {
	s, now := newPaces(), time.Unix(1000, 0)
	for i := range 10 * crowd {
		to := fmt.Sprint(i, ".test")
		s.enter(to, now, false)
		s.leave(to, now, now, &Outcome{Class: Sent})
		now = now.Add(lull / 100)
	}
	if n := len(s.by); n > 2*crowd {
		t.Errorf("%d destinations are remembered", n)
	}
}

// posts is an outbox whose mails go to domains by the last letter of their id.
func posts(ids ...string) *outbox {
	o := newOutbox(0)
	for _, id := range ids {
		o.add(id)
	}
	o.letter = func(d core.Delivery) (core.Letter, error) {
		l, err := letterOf(d)
		l.To.Domain = string(d.ID[len(d.ID)-1:]) + ".test"
		return l, err
	}
	return o
}

func TestMailForASlowDestinationWaitsAndTheRestGoes(t *testing.T) {
	o := posts("1a", "2a", "3a", "4a", "1b", "2b")
	n := map[string]int{}
	var mu sync.Mutex
	tr := &function{func(_ context.Context, out Outgoing) Outcome {
		mu.Lock()
		defer mu.Unlock()
		n[out.Recipient.Domain]++
		if out.Recipient.Domain == "a.test" && n["a.test"] == 1 {
			return slowDown
		}
		return Outcome{Class: Sent, Code: 250}
	}}
	m := mailerFor(o, tr)
	m.cfg.Workers = 1
	idle(t, m)
	if n["a.test"] != 1 || n["b.test"] != 2 {
		t.Fatalf("sent %v", n)
	}
	d := o.row(1)
	if d.State != core.DeliveryDue || d.Attempts != 0 || d.Reason != reasonPace || !d.DueAt.After(o.Now()) || d.DueAt.After(o.Now().Add(10*time.Second)) {
		t.Errorf("one that waits: %+v", d)
	}
	for range 30 {
		o.pass(10 * time.Second)
		idle(t, m)
	}
	if n["a.test"] != 5 {
		t.Errorf("later %v", n)
	}
}

func TestSecurityMailWaitsForNoPace(t *testing.T) {
	o := posts("1a", "2a")
	tr := outcome(slowDown)
	m := mailerFor(o, tr)
	m.cfg.Workers = 1
	idle(t, m)
	o.add("3a")
	o.rows[2].Stream = core.SecurityStream
	idle(t, m)
	if got := tr.mails(); len(got) != 2 || got[1].Stream != core.SecurityStream {
		t.Errorf("%d mails went", len(got))
	}
}

// function is a Transport as a function.
type function struct {
	send func(context.Context, Outgoing) Outcome
}

func (f *function) Send(ctx context.Context, out Outgoing) Outcome { return f.send(ctx, out) }

func TestSecurityMailOfALinkIsTriedAsLongAsTheLinkLives(t *testing.T) {
	o := posts("1a")
	o.rows[0].Stream = core.SecurityStream
	life := o.now.Add(7 * 24 * time.Hour)
	o.letter = func(d core.Delivery) (core.Letter, error) {
		l, err := letterOf(d)
		l.Link.ExpiresAt = life
		return l, err
	}
	m := mailerFor(o, outcome(Outcome{Class: Temporary, Code: 451}))
	var last time.Time
	for range 60 {
		idle(t, m)
		d := o.row(0)
		if d.State != core.DeliveryDue {
			break
		}
		last = o.Now()
		o.pass(d.DueAt.Sub(last))
	}
	if d := o.row(0); d.State != core.DeliveryFailed || d.Reason != reasonExpired || last.After(life) || life.Sub(last) > 8*time.Hour {
		t.Errorf("%s %s, last tried %s before the link ends", d.State, d.Reason, life.Sub(last))
	}
}

func TestSecurityMailHasConnectionsOfItsOwn(t *testing.T) {
	var busy atomic.Int32
	full := make(chan struct{})
	release := make(chan struct{})
	p := newPeer(t, func(p *peer) {
		p.took = func(n int) string {
			if n > 2 {
				return ""
			}
			if busy.Add(1) == 2 {
				close(full)
			}
			<-release
			return ""
		}
	})
	r := relayTo(t, p.addr(), func(c *RelayConfig) { c.Connections = 2 })
	var all sync.WaitGroup
	defer all.Wait()
	defer close(release)
	for range 5 {
		all.Go(func() { r.Send(context.Background(), outgoing()) })
	}
	<-full
	out := outgoing()
	out.Stream = core.SecurityStream
	if o := r.Send(t.Context(), out); o.Class != Sent {
		t.Errorf("%+v", o)
	}
	if _, mails, conns := p.seen(); len(mails) != 3 || conns != 3 {
		t.Errorf("%d mails over %d connections", len(mails), conns)
	}
}

func TestTheSendersDomainChoosesTheRelay(t *testing.T) {
	own, other := outcome(Outcome{Class: Sent}), outcome(Outcome{Class: Sent})
	r := &Routes{By: map[string]Transport{"bau.test": own}, Else: other}
	for _, sender := range []string{"Bau.test", "in.test", "sub.bau.test"} {
		r.Send(t.Context(), Outgoing{Sender: sender, Recipient: mail.Address{Local: "a", Domain: "bau.test"}})
	}
	if len(own.mails()) != 1 || len(other.mails()) != 2 {
		t.Errorf("%d by its own, %d by the other", len(own.mails()), len(other.mails()))
	}
	o := newOutbox(1)
	tr := outcome(Outcome{Class: Sent})
	idle(t, mailerFor(o, tr))
	if got := tr.mails()[0].Sender; got != "in.test" {
		t.Errorf("sender %q", got)
	}
}
