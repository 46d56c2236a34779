package cluster

import (
	"slices"
	"sync"
)

// Bus carries topics from publishers to subscribers of one process. Use
// NewBus. It is safe for concurrent use and has no goroutines.
type Bus struct {
	mu     sync.RWMutex // guards topics; held for writing while a channel is closed
	topics map[string][]*subscriber
}

// subscriber is one Subscribe. Its channel has room for each of its topics, so
// sending to it never blocks.
type subscriber struct {
	mu     sync.Mutex // guards sent, and sending as a whole
	events chan string
	// sent are the topics of the channel, oldest first, and perhaps some
	// before them that were received since.
	sent []string
}

// NewBus returns a Bus nobody listens to yet.
func NewBus() *Bus {
	return &Bus{topics: make(map[string][]*subscriber)}
}

// Publish tells everyone who subscribed to topic. It never waits: who has not
// yet received the same topic will receive it once, and that is later than
// this call, so what is fetched then contains the change.
func (b *Bus) Publish(topic string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, s := range b.topics[topic] {
		s.offer(topic)
	}
}

// publishAll tells every subscriber each of its topics: it may have missed some.
func (b *Bus) publishAll() {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for topic, list := range b.topics {
		for _, s := range list {
			s.offer(topic)
		}
	}
}

// offer queues topic unless it is queued. A channel is first in, first out, so
// the topics still in it are the newest of those sent.
func (s *subscriber) offer(topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := len(s.events)
	s.sent = append(s.sent[:0], s.sent[len(s.sent)-waiting:]...)
	if slices.Contains(s.sent, topic) {
		return
	}
	s.sent = append(s.sent, topic)
	s.events <- topic
}

// Subscribe gives a channel of the topics that are published from now on, out
// of those asked for, and a function that ends it: after that nothing is sent
// and the channel is closed. It must be called; more than once does no harm.
func (b *Bus) Subscribe(topics ...string) (<-chan string, func()) {
	topics = slices.Compact(slices.Sorted(slices.Values(topics)))
	s := &subscriber{events: make(chan string, len(topics)), sent: make([]string, 0, len(topics))}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range topics {
		b.topics[t] = append(b.topics[t], s)
	}
	return s.events, sync.OnceFunc(func() { b.end(s, topics) })
}

// end forgets s, and topics that nobody listens to any more.
func (b *Bus) end(s *subscriber, topics []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range topics {
		left := slices.DeleteFunc(b.topics[t], func(o *subscriber) bool { return o == s })
		if len(left) == 0 {
			delete(b.topics, t)
			continue
		}
		b.topics[t] = left
	}
	close(s.events) // no Publish is under way: it would hold the lock
}
