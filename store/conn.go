package store

import (
	"context"
	"errors"
	"sync"

	"planpost/core"
)

// sqliteReaders is how many may read at a time. Readers that spin on few
// cores starve the writer, so there are few.
const sqliteReaders = 4

// readers are the connections that read; made when first needed.
type readers struct {
	open func() (*conn, error)
	free chan struct{} // one for each that may read
	mu   sync.Mutex
	idle []*conn // the last used is the next: its memory is at hand, and few are made when few read

	closed chan struct{}
	once   sync.Once
}

func newReaders(open func() (*conn, error)) *readers {
	r := &readers{open: open, free: make(chan struct{}, sqliteReaders), closed: make(chan struct{})}
	for range sqliteReaders {
		r.free <- struct{}{}
	}
	return r
}

var errClosed = &core.Error{Kind: core.Unavailable, Code: "store.unavailable", Err: errors.New("the store is closed")}

// take waits for a connection.
func (r *readers) take(ctx context.Context) (*conn, error) {
	select {
	case <-r.closed:
		return nil, errClosed
	default:
	}
	select {
	case <-r.free:
	case <-r.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, unlessEnded(ctx, ctx.Err())
	}
	if c := r.pop(); c != nil {
		return c, nil
	}
	c, err := r.open()
	if err != nil {
		r.free <- struct{}{}
		return nil, trouble(err)
	}
	return c, nil
}

func (r *readers) pop() *conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.idle) == 0 {
		return nil
	}
	c := r.idle[len(r.idle)-1]
	r.idle = r.idle[:len(r.idle)-1]
	return c
}

// give takes c back, or closes it when it may not be used again.
func (r *readers) give(c *conn, keep bool) {
	r.put(c, keep)
	r.free <- struct{}{}
}

// put is give for a connection that was not taken.
func (r *readers) put(c *conn, keep bool) {
	if !keep {
		c.close()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, c)
}

// view runs fn on a snapshot that begins with its first question; a view that
// asks nothing costs nothing.
func (r *readers) view(ctx context.Context, s *Store, fn func(core.Tx) error) error {
	v := &viewing{readers: r}
	defer v.end()
	return trouble(fn(&tx{s: s, run: v, now: s.clock()}))
}

// viewing is one view. It refuses to write, as PostgreSQL does in one.
type viewing struct {
	readers *readers
	c       *conn // nil before the first question
}

var errViewWrites = errors.New("a view cannot write")

func (*viewing) exec(context.Context, string, []any) (int64, error) { return 0, errViewWrites }

func (v *viewing) query(ctx context.Context, q string, args []any) (rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, unlessEnded(ctx, err)
	}
	if v.c == nil {
		if err := v.begin(ctx); err != nil {
			return nil, err
		}
	}
	return v.c.query(ctx, q, args)
}

func (v *viewing) begin(ctx context.Context) error {
	c, err := v.readers.take(ctx)
	if err != nil {
		return err
	}
	if err := c.do("begin"); err != nil {
		v.readers.give(c, false)
		return trouble(err)
	}
	v.c = c
	return nil
}

// end gives the connection back, unless the transaction will not end, as when fn panics with rows open.
func (v *viewing) end() {
	if v.c != nil {
		v.readers.give(v.c, v.c.do("rollback") == nil)
		v.c = nil
	}
}

// close waits until nobody reads.
func (r *readers) close() {
	r.once.Do(func() {
		close(r.closed)
		for range sqliteReaders {
			<-r.free
		}
		for c := r.pop(); c != nil; c = r.pop() {
			c.close()
		}
	})
}

// ended is what a Tx runs on after its function has returned: it must not be kept.
type ended struct{}

var errEnded = errors.New("the transaction has ended")

func (ended) exec(context.Context, string, []any) (int64, error) { return 0, errEnded }
func (ended) query(context.Context, string, []any) (rows, error) { return nil, errEnded }
