package ingest

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// mostRefusals bounds the kinds of refusal remembered between two writes;
// beyond it they are counted without their peer.
const mostRefusals = 4096

// refusals counts recipients refused at the door, so that a flood of them
// costs one write per kind and few seconds.
type refusals struct {
	mu    sync.Mutex // guards count
	count map[refusal]int
}

type refusal struct {
	peer   netip.Addr // the first address of its network
	reason string
}

// Refused counts one recipient that a door refused.
func (r *Road) Refused(peer netip.Addr, reason string) {
	k := refusal{network(peer), reason}
	s := &r.refusals
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == nil {
		s.count = make(map[refusal]int)
	}
	if _, known := s.count[k]; !known && len(s.count) >= mostRefusals {
		k.peer = netip.Addr{}
	}
	s.count[k]++
}

// network is the /24 or /48 that peer belongs to, as its first address; it is
// also what the core records.
func network(peer netip.Addr) netip.Addr {
	peer = peer.Unmap()
	bits := 24
	if peer.Is6() {
		bits = 48
	}
	p, err := peer.Prefix(bits)
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr()
}

// Run writes the counted refusals now and then, until ctx ends, and once more then.
func (r *Road) Run(ctx context.Context) error {
	tick := time.NewTicker(r.cfg.FlushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.flush(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			r.flush(last)
			cancel()
			return nil
		}
	}
}

// flush writes what was counted; what cannot be written is kept for the next time.
func (r *Road) flush(ctx context.Context) {
	s := &r.refusals
	s.mu.Lock()
	count := s.count
	s.count = nil
	s.mu.Unlock()
	for k, n := range count {
		if err := r.core.CountRefusal(ctx, k.peer, k.reason, n); err != nil {
			r.log.Warn("refusals not written yet", slog.Any("error", err))
			r.keep(count)
			return
		}
		delete(count, k)
	}
}

func (r *Road) keep(count map[refusal]int) {
	s := &r.refusals
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, n := range s.count {
		count[k] += n
	}
	s.count = count
}
