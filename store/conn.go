package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"planpost/core"
)

// conn is one SQLite connection with its prepared statements. Preparing costs
// more than running most statements here, so each text is prepared once.
type conn struct {
	c     *sql.Conn
	stmts map[string]*sql.Stmt
}

// maxStatements bounds the prepared statements of a connection: lists put
// together from parts have many texts. Past it all are dropped and come back.
const maxStatements = 300

func newConn(ctx context.Context, db *sql.DB) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{c: c, stmts: make(map[string]*sql.Stmt)}, nil
}

func (c *conn) stmt(q string) (*sql.Stmt, error) {
	if s, ok := c.stmts[q]; ok {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		c.forget()
	}
	s, err := c.c.PrepareContext(context.Background(), q)
	if err != nil {
		return nil, err
	}
	c.stmts[q] = s
	return s, nil
}

func (c *conn) forget() {
	for q, s := range c.stmts {
		_ = s.Close()
		delete(c.stmts, q)
	}
}

func (c *conn) close() {
	c.forget()
	_ = c.c.Close()
}

// do runs a statement without values, such as begin and commit.
func (c *conn) do(q string) error {
	s, err := c.stmt(q)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(context.Background())
	return err
}

// exec and query look at the caller's context before a statement, never
// during it: an interrupt on the writing connection would roll back
// everybody's work, and watching a context costs a goroutine a statement.
func (c *conn) exec(_ context.Context, q string, args []any) (sql.Result, error) {
	s, err := c.stmt(q)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.Background(), args...)
}

func (c *conn) query(_ context.Context, q string, args []any) (rows, error) {
	s, err := c.stmt(q)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

// sqliteReaders is how many may read at a time. Readers that spin on few
// cores starve the writer, so there are few.
const sqliteReaders = 4

// readers are the connections that read; made when first needed.
type readers struct {
	db   *sql.DB
	free chan *conn // nil stands for one not made yet

	closed chan struct{}
	once   sync.Once
}

func newReaders(db *sql.DB) *readers {
	r := &readers{db: db, free: make(chan *conn, sqliteReaders), closed: make(chan struct{})}
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
		c, err := newConn(ctx, r.db)
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

func (readOnly) exec(context.Context, string, []any) (sql.Result, error) {
	return nil, errors.New("a view cannot write")
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

func (ended) exec(context.Context, string, []any) (sql.Result, error) { return nil, errEnded }
func (ended) query(context.Context, string, []any) (rows, error)      { return nil, errEnded }
