package cluster

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// clock is a clock that only the test moves.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time        { return time.Unix(1_700_000_000, c.at.Load()) }
func (c *clock) move(by time.Duration) { c.at.Add(int64(by)) }

func newLimiter(keys int) (*Limiter, *clock) {
	c := new(clock)
	l := NewLimiter(c.now)
	l.keys = cmp.Or(keys, l.keys)
	return l, c
}

func TestABurstIsAllowedAndThenOneAtATime(t *testing.T) {
	l, c := newLimiter(0)
	steps := []struct {
		move  time.Duration
		ok    bool
		retry time.Duration
	}{
		{0, true, 0}, {0, true, 0}, {0, true, 0},
		{0, false, time.Second}, {400 * time.Millisecond, false, 600 * time.Millisecond},
		{600 * time.Millisecond, true, 0}, {0, false, time.Second},
		{2 * time.Second, true, 0}, {0, true, 0}, {0, false, time.Second},
		{time.Hour, true, 0}, {0, true, 0}, {0, true, 0}, {0, false, time.Second},
	}
	for i, s := range steps {
		c.move(s.move)
		if ok, retry := l.Allow(t.Context(), "k", 3, time.Second); ok != s.ok || retry != s.retry {
			t.Errorf("step %d: got %v, %s; want %v, %s", i, ok, retry, s.ok, s.retry)
		}
	}
}

func TestARefusedTryCostsNothing(t *testing.T) {
	l, c := newLimiter(0)
	l.Allow(t.Context(), "k", 1, time.Second)
	for range 100 {
		l.Allow(t.Context(), "k", 1, time.Second)
	}
	c.move(time.Second)
	if ok, _ := l.Allow(t.Context(), "k", 1, time.Second); !ok {
		t.Error("still refused after the time it was told")
	}
}

func TestKeysAreCountedApart(t *testing.T) {
	l, _ := newLimiter(0)
	for _, key := range []string{"a", "b", "", strings.Repeat("a", 1<<20)} {
		if ok, _ := l.Allow(t.Context(), key, 1, time.Hour); !ok {
			t.Errorf("%.5q was refused at first", key)
		}
		if ok, _ := l.Allow(t.Context(), key, 1, time.Hour); ok {
			t.Errorf("%.5q was allowed twice", key)
		}
	}
}

func TestOddBoundsAreHarmless(t *testing.T) {
	l, _ := newLimiter(0)
	if ok, retry := l.Allow(t.Context(), "k", 0, time.Minute); ok || retry != time.Minute {
		t.Errorf("burst 0: %v, %s", ok, retry)
	}
	if ok, retry := l.Allow(t.Context(), "k", 0, 0); ok || retry <= 0 {
		t.Errorf("burst 0, every 0: %v, %s", ok, retry)
	}
	for range 3 {
		if ok, _ := l.Allow(t.Context(), "k", 1, 0); !ok {
			t.Error("every 0 was refused")
		}
		if ok, _ := l.Allow(t.Context(), "big", math.MaxInt, time.Hour); !ok {
			t.Error("an endless burst was refused")
		}
	}
}

func TestManyAtOnceGetExactlyTheBurst(t *testing.T) {
	l, _ := newLimiter(0)
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if ok, _ := l.Allow(t.Context(), "k", 250, time.Hour); ok {
					allowed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := allowed.Load(); n != 250 {
		t.Errorf("%d were allowed, want 250", n)
	}
}

func TestAFloodOfKeysIsBoundedAndSparesWhoeverIsHeldOff(t *testing.T) {
	l, c := newLimiter(2000)
	l.Allow(t.Context(), "guesser", 1, 24*time.Hour)
	for i := range 20_000 {
		c.move(time.Millisecond)
		l.Allow(t.Context(), fmt.Sprint(i), 10, time.Hour)
	}
	if n := len(l.full); n > 2000 {
		t.Errorf("%d keys are kept", n)
	}
	if ok, _ := l.Allow(t.Context(), "guesser", 1, 24*time.Hour); ok {
		t.Error("the flood freed the one who was held off")
	}
}

func TestSpentKeysAreForgotten(t *testing.T) {
	l, c := newLimiter(0)
	for i := range 5000 {
		l.Allow(t.Context(), fmt.Sprint(i), 10, time.Second)
	}
	l.Allow(t.Context(), "held", 1, time.Hour)
	c.move(2 * time.Minute)
	l.Allow(t.Context(), "new", 1, time.Second)
	if n := len(l.full); n != 2 {
		t.Errorf("%d keys are kept, want the held and the new one", n)
	}
	if ok, _ := l.Allow(t.Context(), "held", 1, time.Hour); ok {
		t.Error("the held one was forgotten")
	}
}

func BenchmarkAllow(b *testing.B) {
	l := NewLimiter(nil)
	b.ReportAllocs()
	for b.Loop() {
		l.Allow(b.Context(), "connection:192.0.2.1", 1000, time.Millisecond)
	}
}
