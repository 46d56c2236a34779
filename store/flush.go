package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"planpost/core"
)

// On PostgreSQL transactions run side by side; but a message is twelve
// inserts, and most of what they cost is the going to and fro. So acceptances
// that wait at the same time are written in one transaction, one statement a
// table, all sent at once (pipelined). Two goroutines do it: while one waits
// for the server's disk, the other fills the next group.

const (
	flushers = 2
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
	for range flushers {
		f.running.Go(f.run) // stopped by close
	}
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

// close writes what waits and ends the goroutines.
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
	return f.s.again(ctx, func() error {
		return f.s.guard(func() error {
			return f.s.pipelined(ctx, func(x *tx) error { return x.acceptAll(ctx, group) })
		})
	})
}

// pipelined runs fn in a transaction on a connection of pgx itself, without
// database/sql between: only there can statements be sent together.
func (s *Store) pipelined(ctx context.Context, fn func(*tx) error) error {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer c.Close()
	return rawError(c.Raw(func(driver any) error {
		p := driver.(*stdlib.Conn).Conn()
		t, err := p.Begin(ctx)
		if err != nil {
			return notBadConn{fmt.Errorf("begin: %w", err)}
		}
		done := false
		defer func() {
			if !done {
				ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
				defer cancel()
				_ = t.Rollback(ctx)
			}
		}()
		if err := fn(&tx{s: s, run: pgxRunner{t}, now: s.clock()}); err != nil {
			return notBadConn{err}
		}
		done = true
		if err := t.Commit(ctx); err != nil {
			return notBadConn{commitFailed(err)}
		}
		return nil
	}))
}

// notBadConn keeps database/sql from reading meaning into our errors.
type notBadConn struct{ err error }

func (e notBadConn) Error() string { return e.err.Error() }

func rawError(err error) error {
	var ours notBadConn
	if errors.As(err, &ours) {
		return ours.err
	}
	return err
}

// pipeliner is a runner that can send many statements at once.
type pipeliner interface {
	pipeline(ctx context.Context, all []bulk) error
}

// pgxRunner runs statements on pgx without database/sql.
type pgxRunner struct{ t pgx.Tx }

type rowsAffected int64

func (n rowsAffected) LastInsertId() (int64, error) { return 0, errors.New("there is none") }
func (n rowsAffected) RowsAffected() (int64, error) { return int64(n), nil }

func (r pgxRunner) exec(ctx context.Context, q string, args []any) (sql.Result, error) {
	tag, err := r.t.Exec(ctx, q, args...)
	return rowsAffected(tag.RowsAffected()), err
}

type pgxRows struct{ pgx.Rows }

func (r pgxRows) Close() error { r.Rows.Close(); return nil }

func (r pgxRunner) query(ctx context.Context, q string, args []any) (rows, error) {
	all, err := r.t.Query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	return pgxRows{all}, nil
}

func (r pgxRunner) pipeline(ctx context.Context, all []bulk) error {
	b := &pgx.Batch{}
	for _, one := range all {
		switch len(one.rows) {
		case 0:
		case 1:
			b.Queue(one.table.one, one.rows[0]...)
		default:
			b.Queue(one.table.many, one.table.arrays(one.rows)...)
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return trouble(r.t.SendBatch(ctx, b).Close())
}
