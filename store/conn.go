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
	free chan *conn // nil stands for one not made yet

	closed chan struct{}
	once   sync.Once
}

func newReaders(open func() (*conn, error)) *readers {
	r := &readers{open: open, free: make(chan *conn, sqliteReaders), closed: make(chan struct{})}
	for range sqliteReaders {
		r.free <- nil
	}
	return r
}

var errClosed = &core.Error{Kind: core.Unavailable, Code: "store.unavailable", Err: errors.New("the store is closed")}

// take waits for a connection. One that was used lately is taken first: it
// is the next in the channel only by chance, which is good enough for four.
func (r *readers) take(ctx context.Context) (*conn, error) {
	select {
	case <-r.closed:
		return nil, errClosed
	default:
	}
	select {
	case c := <-r.free:
		if c != nil {
			return c, nil
		}
		c, err := r.open()
		if err != nil {
			r.free <- nil
			return nil, trouble(err)
		}
		return c, nil
	case <-r.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, unlessEnded(ctx, ctx.Err())
	}
}

func (r *readers) view(ctx context.Context, s *Store, fn func(core.Tx) error) error {
	c, err := r.take(ctx)
	if err != nil {
		return err
	}
	keep := false
	defer func() {
		if !keep { // fn panicked, or the transaction would not end: a fresh connection next time
			c.close()
			c = nil
		}
		r.free <- c
	}()
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
			if c := <-r.free; c != nil {
				c.close()
			}
		}
	})
}

// ended is what a Tx runs on after its function has returned: it must not be kept.
type ended struct{}

var errEnded = errors.New("the transaction has ended")

func (ended) exec(context.Context, string, []any) (int64, error) { return 0, errEnded }
func (ended) query(context.Context, string, []any) (rows, error) { return nil, errEnded }
