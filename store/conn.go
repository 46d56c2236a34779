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
	if keep {
		r.mu.Lock()
		r.idle = append(r.idle, c)
		r.mu.Unlock()
	} else {
		c.close()
	}
	r.free <- struct{}{}
}

func (r *readers) view(ctx context.Context, s *Store, fn func(core.Tx) error) error {
	c, err := r.take(ctx)
	if err != nil {
		return err
	}
	keep := false // unless fn panics or the transaction will not end
	defer func() { r.give(c, keep) }()
	if err := c.do("begin"); err != nil {
		return trouble(err)
	}
	err = fn(&tx{s: s, run: readOnly{c}, now: s.clock()})
	keep = c.do("rollback") == nil
	return trouble(err)
}

// readOnly refuses to write, as PostgreSQL does in a View.
type readOnly struct{ *conn }

func (readOnly) exec(context.Context, string, []any) (int64, error) {
	return 0, errors.New("a view cannot write")
}

func (r readOnly) query(ctx context.Context, q string, args []any) (rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, unlessEnded(ctx, err)
	}
	return r.conn.query(ctx, q, args)
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
