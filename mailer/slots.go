package mailer

import (
	"context"
	"slices"
	"sync"

	"planpost/core"
)

// slots are the leaves to use a connection, and the mails that wait for one.
type slots struct {
	mu sync.Mutex
	// free are for any mail, urgent for the security stream alone. Guarded by mu, like the rest.
	free, urgent int
	secure, rest []*parcel // the first has waited longest
}

// slot is the leave to use one connection.
type slot struct{ urgent bool }

// parcel is a mail on its way through the relay.
type parcel struct {
	ctx context.Context
	out *Outgoing
	// got has room for the slot, if it comes to that: a parcel that follows another
	// on its connection gets none. done has room for the outcome.
	got  chan slot
	done chan Outcome
}

// take gives the parcel a slot, at once or through got.
func (s *slots) take(p *parcel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	secure := p.out.Stream == core.SecurityStream
	switch {
	case s.free > 0:
		s.free--
		p.got <- slot{}
	case secure && s.urgent > 0:
		s.urgent--
		p.got <- slot{urgent: true}
	default:
		queue := s.queue(secure)
		*queue = append(*queue, p)
	}
}

// leave takes a parcel out of the queue; false when it is not there any more.
func (s *slots) leave(p *parcel) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.queue(p.out.Stream == core.SecurityStream)
	i := slices.Index(*queue, p)
	if i >= 0 {
		*queue = slices.Delete(*queue, i, i+1)
	}
	return i >= 0
}

func (s *slots) queue(secure bool) *[]*parcel {
	if secure {
		return &s.secure
	}
	return &s.rest
}

// back takes a slot back, for whoever has waited longest and may have it.
func (s *slots) back(of slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.secure) > 0:
		first(&s.secure).got <- of
	case of.urgent:
		s.urgent++
	case len(s.rest) > 0:
		first(&s.rest).got <- of
	default:
		s.free++
	}
}

// next takes the parcel that may follow on a connection in the same slot, if fits says so; nil when there is none.
// While mail of the security stream waits nothing follows: it gets the slot as soon as that is free.
func (s *slots) next(of slot, fits func(*Outgoing) bool) *parcel {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of.urgent || len(s.secure) > 0 || len(s.rest) == 0 || !fits(s.rest[0].out) {
		return nil
	}
	return first(&s.rest)
}

func first(queue *[]*parcel) *parcel {
	p := (*queue)[0]
	*queue = slices.Delete(*queue, 0, 1)
	return p
}
