package mailer

import (
	"strings"
	"sync"
	"time"

	"planpost/mail"
)

const (
	// slowest is the least pace, in mails a second: one a minute always goes and finds out whether more may.
	slowest = 1.0 / 60
	// faster is what each mail that was taken adds to the pace: at full use it doubles in half a minute.
	faster = 1.0 / 40
	// lapse is how long a destination's wish for fewer mails is remembered.
	lapse = time.Hour
	// longest is the longest that a mail waits for its turn before it is looked at again.
	longest = 5 * time.Minute
	// lull is how long a destination without limits is remembered, and crowd how many of them.
	lull, crowd = 10 * time.Second, 1000
)

// paces keeps how fast mail goes to each destination. A destination has no limit until it asks for fewer
// mails; then it gets half of what it had, and more again with every mail it takes. No other is touched.
type paces struct {
	mu sync.Mutex
	by map[string]*pace // guarded by mu
}

// pace is that of one destination.
type pace struct {
	flying int // mails on their way
	// second and begun count the mails begun within a second, before those of the second before.
	second        time.Time
	begun, before int
	// atOnce and rate are the most mails at once and a second; zero without a limit. They end when they
	// reach enoughAtOnce and enough, what there was before the first limit.
	atOnce, enoughAtOnce, rate, enough float64
	// tokens are mails that may be begun now, as of filled; turn is given to who waits last.
	tokens       float64
	filled, turn time.Time
	slowed       time.Time // when it was last halved
}

func newPaces() *paces { return &paces{by: make(map[string]*pace)} }

// destination is what the pace is kept for.
func destination(a mail.Address) string { return strings.ToLower(a.Domain) }

// enter lets a mail go, or tells how long to wait before it asks again. One that must go never waits.
func (s *paces) enter(to string, now time.Time, must bool) (wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.by[to]
	if p == nil {
		s.sweep(now)
		p = &pace{second: now}
		s.by[to] = p
	}
	if p.rate > 0 && now.Sub(p.slowed) >= lapse {
		p.atOnce, p.rate = 0, 0
	}
	if p.rate > 0 {
		p.tokens = min(p.tokens+p.rate*max(0, now.Sub(p.filled).Seconds()), max(1, p.rate))
		p.filled = now
		if !must && (p.tokens < 1 || float64(p.flying) >= max(1, p.atOnce)) {
			return p.wait(now)
		}
		p.tokens = max(p.tokens-1, -max(1, p.rate))
	}
	p.flying++
	p.count(now)
	return 0
}

// wait queues one more: those that wait get turns at the pace of now.
func (p *pace) wait(now time.Time) time.Duration {
	if p.turn.Before(now) {
		p.turn = now
	}
	if p.turn.Sub(now) > longest {
		return longest
	}
	p.turn = p.turn.Add(time.Duration(float64(time.Second) / p.rate))
	return min(max(p.turn.Sub(now), breath), longest)
}

func (p *pace) count(now time.Time) {
	if since := now.Sub(p.second); since >= time.Second {
		p.before, p.begun, p.second = p.begun, 0, now
		if since >= 2*time.Second {
			p.before = 0
		}
	}
	p.begun++
}

// leave ends what enter began at an instant.
func (s *paces) leave(to string, began, now time.Time, o *Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.by[to]
	switch {
	case o.Slow && (p.rate == 0 || began.After(p.slowed)): // many under way may hear the same wish, which counts once
		p.halve(now)
	case o.Class == Sent && p.rate > 0:
		p.atOnce, p.rate = p.atOnce+1/p.atOnce, p.rate+faster
		if p.atOnce >= p.enoughAtOnce && p.rate >= p.enough {
			p.atOnce, p.rate = 0, 0
		}
	}
	p.flying--
}

func (p *pace) halve(now time.Time) {
	had, atOnce := float64(max(p.begun, p.before)), float64(p.flying)
	if p.rate == 0 {
		p.enough, p.enoughAtOnce = had, atOnce
	} else {
		had, atOnce = min(had, p.rate), min(atOnce, p.atOnce)
	}
	p.rate, p.atOnce = max(slowest, had/2), max(1, atOnce/2)
	p.tokens, p.filled, p.slowed, p.turn = 0, now, now, now
}

// sweep forgets destinations without limits that nothing goes to, when there are many. s is locked.
func (s *paces) sweep(now time.Time) {
	if len(s.by) < crowd {
		return
	}
	for to, p := range s.by {
		if p.flying == 0 && now.Sub(p.second) >= lull && (p.rate == 0 || now.Sub(p.slowed) >= lapse) {
			delete(s.by, to)
		}
	}
}
