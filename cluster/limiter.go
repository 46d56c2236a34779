package cluster

import (
	"context"
	"hash/maphash"
	"math"
	"sync"
	"time"
)

// Bounds of a Limiter.
const (
	// mostKeys is how many keys a Limiter remembers, about 4 MB of them.
	mostKeys = 100_000
	// crowd is the number of keys below which forgetting is not worth the walk.
	crowd = 1024
	// pause is the least time between two walks over all keys.
	pause = time.Minute
	// sample is how many keys are compared to find one to drop.
	sample = 16
)

// Limiter bounds tries by key with the generic cell rate algorithm: of each
// key one instant is remembered, at which all its tries will have come back.
// Use NewLimiter. It is safe for concurrent use.
type Limiter struct {
	keys  int // the most remembered
	now   func() time.Time
	start time.Time // instants are counted from here
	seed  maphash.Seed

	mu sync.Mutex // guards what follows
	// full holds for each key, by its hash, when it has all its tries again.
	// Hashes keep memory small however long the keys of strangers are.
	full map[uint64]time.Duration
	// walked is when spent keys were last forgotten.
	walked time.Duration
}

// NewLimiter returns a Limiter that remembers nobody yet. now is its clock;
// nil means time.Now.
func NewLimiter(now func() time.Time) *Limiter {
	if now == nil {
		now = time.Now
	}
	return &Limiter{
		keys: mostKeys, now: now, start: now(), seed: maphash.MakeSeed(),
		full: make(map[uint64]time.Duration),
	}
}

// Allow takes one of the burst tries of key, which come back at one per every.
// When none is left it tells how long to wait for the next; such a call costs
// nothing more. A burst below one allows nothing, an every of zero everything.
// It never waits, so ctx does not matter here.
func (l *Limiter) Allow(_ context.Context, key string, burst int, every time.Duration) (ok bool, retry time.Duration) {
	if burst < 1 {
		return false, max(every, time.Second)
	}
	if every <= 0 {
		return true, 0
	}
	id := maphash.String(l.seed, key)
	now := l.now().Sub(l.start)
	l.mu.Lock()
	defer l.mu.Unlock()
	full := max(l.full[id], now) + every
	if wait := full - now - span(burst, every); wait > 0 {
		return false, wait
	}
	l.remember(id, full, now)
	return true, 0
}

// span is burst times every, or the longest time there is.
func span(burst int, every time.Duration) time.Duration {
	if int64(burst) > math.MaxInt64/int64(every) {
		return math.MaxInt64
	}
	return time.Duration(burst) * every
}

// remember stores an instant and keeps the number of keys within bounds.
func (l *Limiter) remember(id uint64, full, now time.Duration) {
	_, known := l.full[id]
	if !known && len(l.full) >= crowd && now-l.walked >= pause {
		l.forget(now)
	}
	if !known && len(l.full) >= l.keys {
		l.drop()
	}
	l.full[id] = full
}

// forget leaves out every key that has all its tries again: it is as good as
// unknown. It makes a new map because an old one never gives memory back.
func (l *Limiter) forget(now time.Duration) {
	l.walked = now
	kept := make(map[uint64]time.Duration)
	for id, full := range l.full {
		if full > now {
			kept[id] = full
		}
	}
	l.full = kept
}

// drop makes room for one key. Of a few, as the map's random order gives
// them, the one goes that would be forgotten first: a flood of new keys then
// pushes out itself rather than those who are held off for long.
func (l *Limiter) drop() {
	var (
		victim uint64
		least  time.Duration = math.MaxInt64
		seen   int
	)
	for id, full := range l.full {
		if full <= least {
			victim, least = id, full
		}
		if seen++; seen == sample {
			break
		}
	}
	delete(l.full, victim)
}
