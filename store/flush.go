package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"planpost/core"
)

// On PostgreSQL transactions run side by side; but a message is twelve
// inserts, and most of what they cost is the going to and fro. So acceptances
// that wait at the same time are written in one transaction, one statement a
// table, all sent at once (pipelined). One goroutine does it: a second one
// makes the groups smaller, and each message a third dearer.

const (
	maxFlush = 128
	// flushTimeout bounds a group when the server has stopped answering without closing the connection.
	flushTimeout = 30 * time.Second
)

type flusher struct {
	s       *Store
	queue   chan *request
	closing sync.RWMutex // guards closed, and sending on queue against its closing
	closed  bool
	running sync.WaitGroup
}

func newFlusher(s *Store) *flusher {
	f := &flusher{s: s, queue: make(chan *request, maxFlush)}
	f.running.Go(f.run) // stopped by close
	return f
}

func (f *flusher) do(ctx context.Context, r *request) error {
	r.ctx, r.done = ctx, make(chan struct{})
	f.closing.RLock()
	if f.closed {
		f.closing.RUnlock()
		return errClosed
	}
	select {
	case f.queue <- r:
		f.closing.RUnlock()
		return r.wait(ctx)
	case <-ctx.Done():
		f.closing.RUnlock()
		return unlessEnded(ctx, ctx.Err())
	}
}

// close writes what waits and ends the goroutine.
func (f *flusher) close() {
	f.closing.Lock()
	if !f.closed {
		f.closed = true
		close(f.queue)
	}
	f.closing.Unlock()
	f.running.Wait()
}

func (f *flusher) run() {
	group := make([]*request, 0, maxFlush)
	for r := range f.queue {
		group = gatherRequests(append(group[:0], r), f.queue, maxFlush)
		f.write(claim(group))
		clear(group)
	}
}

// write writes a group together; when that fails for a reason of one of them, each by itself.
func (f *flusher) write(group []*request) {
	if len(group) == 0 {
		return
	}
	err := f.once(group)
	if err == nil || len(group) == 1 || core.KindOf(err) == core.Unavailable {
		for _, r := range group {
			r.answer(err)
		}
		return
	}
	f.s.log.Warn("a group of messages is written one by one", "messages", len(group), "error", err)
	for _, r := range group {
		r.answer(f.once([]*request{r}))
	}
}

// once is one transaction. It has its own time: the callers of a group must
// not end each other's work.
func (f *flusher) once(group []*request) error {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	write := func(how func(*tx, context.Context, []*request) error) error {
		return f.s.again(ctx, func() error {
			return f.s.onPostgres(ctx, f.s.road, beginWriting, func(x *tx) error { return how(x, ctx, group) })
		})
	}
	if isPlain(group) {
		if err := write((*tx).acceptNew); !errors.Is(err, errNotNew) {
			return err
		}
	}
	return write((*tx).acceptAll)
}
