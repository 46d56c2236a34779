package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"planpost/core"
)

// On SQLite every write waits for one sync of the disk, and there is one
// writer. So one goroutine owns the writing connection; whoever wants to write
// hands it a request, and all that wait are written in one transaction and
// answered after its one commit. The more wait, the more share a sync.

// maxGroup bounds a transaction, so that the first in it does not wait for ever.
const maxGroup = 256

// request is one caller's transaction or acceptance.
type request struct {
	ctx    context.Context
	fn     func(core.Tx) error
	accept *core.Acceptance
	result core.AcceptResult

	state atomic.Int32 // who has it: the queue, the writer, or nobody any more
	err   error
	// ran is closed when fn has run, done when its outcome is known.
	ran, done chan struct{}
}

const (
	waiting = iota
	taken
	dropped
)

// ownAfter is how many transactions a process writes with connections of the readers before it opens one for writing
// alone: to open one is to read the whole schema, which a command that writes a row need not do twice.
const ownAfter = 8

// writer owns the writing connection. It ends when the queue is closed.
type writer struct {
	s       *Store
	c       *conn // while a group is written; kept once there were ownAfter
	groups  int
	log     *checkpointer
	queue   chan *request
	stopped chan struct{}
	closing sync.RWMutex // guards closed, and sending on queue against its closing
	closed  bool
}

func newWriter(s *Store) *writer {
	w := &writer{s: s, log: newCheckpointer(s), queue: make(chan *request, maxGroup), stopped: make(chan struct{})}
	go w.run() // stopped by close
	return w
}

// begin begins a transaction.
func (w *writer) begin() (err error) {
	if w.c == nil {
		w.c = w.s.readers.pop()
	}
	if w.c == nil {
		if w.c, err = w.s.openConn(); err != nil {
			return err
		}
	}
	return w.c.do("begin immediate")
}

// giveBack lets the first few groups' connection read again.
func (w *writer) giveBack(sound bool) {
	if w.groups++; w.groups < ownAfter && w.c != nil {
		w.s.readers.put(w.c, sound)
		w.c = nil
	}
}

// do hands r to the writer and waits for its answer.
func (w *writer) do(ctx context.Context, r *request) error {
	r.ctx, r.done = ctx, make(chan struct{})
	if r.fn != nil {
		r.ran = make(chan struct{})
	}
	if err := w.send(ctx, r); err != nil {
		return err
	}
	return r.wait(ctx)
}

// wait gives the answer. While r waits for its turn, the end of ctx takes it
// back; afterwards its outcome is unknown, but a function that has begun is
// waited for: it writes into its caller's variables.
func (r *request) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
	}
	if r.state.CompareAndSwap(waiting, dropped) {
		return unlessEnded(ctx, ctx.Err())
	}
	if r.ran != nil {
		select {
		case <-r.ran:
		case <-r.done: // the group failed before its turn
		}
	}
	select {
	case <-r.done:
		return r.err
	default:
		return unknown(ctx.Err())
	}
}

func (w *writer) send(ctx context.Context, r *request) error {
	w.closing.RLock()
	defer w.closing.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- r:
		return nil
	case <-ctx.Done():
		return unlessEnded(ctx, ctx.Err())
	}
}

// close writes what waits and ends the goroutine.
func (w *writer) close() {
	w.closing.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.closing.Unlock()
	<-w.stopped
}

func (w *writer) run() {
	defer close(w.stopped)
	defer func() {
		if w.c != nil {
			w.c.close()
		}
	}()
	defer w.log.close()
	group := make([]*request, 0, maxGroup)
	for r := range w.queue {
		group = gatherRequests(append(group[:0], r), w.queue, maxGroup)
		w.commit(claim(group))
		clear(group)
		if w.c != nil {
			w.log.after(w.c)
		}
	}
}

// gatherRequests adds those that wait already, without waiting for more.
func gatherRequests(group []*request, queue <-chan *request, max int) []*request {
	for len(group) < max {
		select {
		case r, ok := <-queue:
			if !ok {
				return group
			}
			group = append(group, r)
		default:
			return group
		}
	}
	return group
}

// claim leaves out those whose callers have gone.
func claim(group []*request) []*request {
	kept := group[:0]
	for _, r := range group {
		if r.ctx.Err() == nil && r.state.CompareAndSwap(waiting, taken) {
			kept = append(kept, r)
			continue
		}
		if r.state.CompareAndSwap(waiting, dropped) {
			r.answer(unlessEnded(r.ctx, r.ctx.Err()))
		}
	}
	return kept
}

func (r *request) answer(err error) {
	r.err = err
	close(r.done)
}

// commit writes a group in one transaction and answers all of it.
func (w *writer) commit(group []*request) {
	if len(group) == 0 {
		return
	}
	err := w.begin()
	if err == nil {
		err = w.write(group)
	}
	if err == nil {
		if err = w.c.do("commit"); err != nil {
			err = fmt.Errorf("commit: %w", err)
		}
	}
	if err != nil {
		if w.c != nil {
			_ = w.c.do("rollback") // SQLite may have done so by itself; then this one fails, and that is well
		}
		clear(w.s.words)
		err = trouble(err)
		w.s.log.Error("nothing of a group could be written", "requests", len(group), "error", err)
	}
	w.giveBack(err == nil)
	for _, r := range group {
		if err != nil {
			r.err = err // a request that failed by itself may have failed for the same reason
		}
		close(r.done)
	}
}

// write runs the requests of a group. An error is one that fails them all.
func (w *writer) write(group []*request) error {
	var accepts []*request
	for _, r := range group {
		if r.accept != nil {
			accepts = append(accepts, r)
		}
	}
	if err := w.accepts(accepts); err != nil {
		return err
	}
	for _, r := range group {
		if r.accept != nil {
			continue
		}
		if err := w.one(r); err != nil {
			return err
		}
	}
	return nil
}

// accepts writes acceptances together, before all else and without a
// savepoint, which would copy every page before its first change. When that
// fails, the transaction begins anew and each is written by itself.
func (w *writer) accepts(group []*request) error {
	if len(group) == 0 {
		return nil
	}
	x := &tx{s: w.s, run: w.c, now: w.s.clock()}
	err := w.s.guard(func() error { return x.acceptAll(context.Background(), group) })
	x.run = ended{}
	if err == nil || fatal(err) {
		return err
	}
	if err := w.c.do("rollback"); err != nil {
		return err
	}
	if err := w.c.do("begin immediate"); err != nil {
		return err
	}
	return w.oneByOne(group, err)
}

// one runs one closure in a savepoint of its own, which is set before its
// first write: a closure that only refuses needs none.
func (w *writer) one(r *request) error {
	var x *tx
	x = &tx{s: w.s, run: w.c, now: w.s.clock(), begin: func() error {
		x.begin = nil
		return w.c.do("savepoint one")
	}}
	r.err = w.s.guard(func() error { return r.fn(x) })
	if r.ran != nil {
		close(r.ran) // an accepted message has none
	}
	wrote := x.begin == nil
	x.run = ended{}
	if fatal(r.err) {
		return r.err
	}
	if !wrote {
		return nil
	}
	if r.err != nil {
		if err := w.c.do("rollback to one"); err != nil {
			return err
		}
	}
	return w.c.do("release one")
}

// oneByOne writes acceptances that failed together each by itself.
func (w *writer) oneByOne(group []*request, why error) error {
	if len(group) == 1 {
		group[0].err = why
		return nil
	}
	w.s.log.Warn("a group of messages is written one by one", "messages", len(group), "error", why)
	for _, r := range group {
		r.fn = func(t core.Tx) error { return t.(*tx).acceptAll(context.Background(), []*request{r}) }
		if err := w.one(r); err != nil {
			return err
		}
	}
	return nil
}

// guard turns a panic of a function into its error: the others of a group must
// not suffer, nor the goroutine end.
func (s *Store) guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic in a transaction", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic in a transaction: %v", p)
		}
	}()
	return fn()
}

// fatal tells whether an error means that SQLite itself is in trouble: it may
// have rolled back the transaction, so everybody in it has to come again.
func fatal(err error) bool {
	if err == nil {
		return false
	}
	return errors.As(err, new(sqliteError)) && unavailable(err)
}
