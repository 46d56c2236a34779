package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// channel is where processes tell one another. A message is the sender's name
// and then the topics, a line each; topics have no line breaks.
const channel = "planpost:topics"

// everything is the topic that stands for all: somebody may have missed some.
const everything = "*"

// mostWaiting is how many topics wait to be told; more become everything.
const mostWaiting = 4096

func newName() string { return rand.Text() }

// queue holds topics until they are told to the others, each once.
type queue struct {
	mu     *sync.Mutex // guards topics
	topics map[string]struct{}
	signal chan struct{}
}

func newQueue() queue {
	return queue{mu: new(sync.Mutex), topics: make(map[string]struct{}), signal: make(chan struct{}, 1)}
}

func (q *queue) add(topics ...string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range topics {
		q.topics[t] = struct{}{}
	}
	if len(q.topics) > mostWaiting {
		clear(q.topics)
		q.topics[everything] = struct{}{}
	}
	select {
	case q.signal <- struct{}{}:
	default:
	}
}

func (q *queue) take() (list []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for t := range q.topics {
		list = append(list, t)
	}
	clear(q.topics)
	return list
}

// Publish tells everyone in this process at once and those in others as soon
// as Redis takes it. It never waits.
func (r *Redis) Publish(topic string) {
	r.bus.Publish(topic)
	r.queue.add(topic)
}

// Subscribe is Bus.Subscribe, for topics of all processes.
func (r *Redis) Subscribe(topics ...string) (<-chan string, func()) {
	return r.bus.Subscribe(topics...)
}

// send tells the others what was published here, until ctx ends. What could
// not be told becomes everything when Redis is back: what the others missed meanwhile is not known.
func (r *Redis) send(ctx context.Context) {
	wait := pauseLeast
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.queue.signal:
		}
		if err := r.tell(ctx); err == nil {
			wait = pauseLeast
			continue
		}
		r.queue.add(everything)
		if !sleep(ctx, wait) {
			return
		}
		wait = min(2*wait, pauseMost)
	}
}

// tell sends all that waits in one message.
func (r *Redis) tell(ctx context.Context) error {
	topics := r.queue.take()
	if len(topics) == 0 {
		return nil
	}
	if slices.Contains(topics, everything) {
		topics = []string{everything}
	}
	err := r.client.Publish(ctx, channel, r.self+"\n"+strings.Join(topics, "\n")).Err()
	if err != nil {
		r.failed(err)
		return err
	}
	r.answered()
	return nil
}

// hear passes on what the others tell, until ctx ends.
func (r *Redis) hear(ctx context.Context) {
	wait := pauseLeast
	for ctx.Err() == nil {
		if err := r.listen(ctx, func() { wait = pauseLeast }); ctx.Err() == nil {
			r.failed(err)
			sleep(ctx, wait)
			wait = min(2*wait, pauseMost)
		}
	}
}

// listen holds one subscription until it fails; heard is called for whatever comes.
func (r *Redis) listen(ctx context.Context, heard func()) error {
	sub := r.client.Subscribe(ctx, channel)
	defer context.AfterFunc(ctx, func() { _ = sub.Close() })() // a read that waits does not look at ctx
	defer sub.Close()
	asked := false
	for {
		m, err := sub.ReceiveTimeout(ctx, quietTime)
		var quiet net.Error
		if errors.As(err, &quiet) && quiet.Timeout() && !asked {
			asked = true // a connection that died without a word gives no answer to this
			err = sub.Ping(ctx)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		asked = false
		heard()
		r.pass(m)
	}
}

// pass gives a message of another process to who listens here.
func (r *Redis) pass(m any) {
	switch m := m.(type) {
	case *redis.Subscription: // the first, or again after the connection was lost
		r.answered()
		r.bus.publishAll()
	case *redis.Message:
		from, topics, _ := strings.Cut(m.Payload, "\n")
		if from == r.self {
			return
		}
		for topic := range strings.SplitSeq(topics, "\n") {
			if topic == everything {
				r.bus.publishAll()
			} else {
				r.bus.Publish(topic)
			}
		}
	}
}

// sleep waits; false when ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
