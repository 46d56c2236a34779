package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// On PostgreSQL a way to the server and back costs both sides more than most
// statements do, so "begin" goes with the first statement, and what can go
// together does. A connection is taken when the first statement needs one.

const (
	beginWriting = "begin"
	beginReading = "begin isolation level repeatable read read only"
	// notBegun is for single questions: each is a transaction of its own.
	notBegun = ""
)

// onPostgres is one run of fn in a transaction.
func (s *Store) onPostgres(ctx context.Context, pool *pgxpool.Pool, begin string, fn func(*tx) error) error {
	r := &pgRunner{pool: pool, begin: begin}
	defer r.release()
	x := &tx{s: s, run: r, now: s.clock()}
	if begin == notBegun {
		x.run = asking{r}
	}
	err := s.guard(func() error { return fn(x) })
	x.run = ended{}
	return unlessEnded(ctx, r.end(ctx, err))
}

// pgRunner runs statements on one connection of pgx.
type pgRunner struct {
	pool  *pgxpool.Pool
	held  *pgxpool.Conn
	c     *pgx.Conn // of held; nil before the first statement
	begin string    // what begins the transaction
	begun bool
}

// take gets a connection unless there is one.
func (r *pgRunner) take(ctx context.Context) (err error) {
	if r.c != nil {
		return nil
	}
	if r.held, err = r.pool.Acquire(ctx); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	r.c, r.begun = r.held.Conn(), r.begin == notBegun
	return nil
}

// release gives the connection back; the pool drops one that is closed or still in a transaction.
func (r *pgRunner) release() {
	if r.held != nil {
		r.held.Release()
	}
}

// asking answers questions outside of any transaction, and writes nothing.
type asking struct{ *pgRunner }

func (asking) exec(context.Context, string, []any) (int64, error) { return 0, errViewWrites }
func (asking) writeAll(context.Context, []bulk, bool) error       { return errViewWrites }

// end commits, or rolls back when fn has failed.
func (r *pgRunner) end(ctx context.Context, err error) error {
	if r.c == nil || !r.begun || r.begin == notBegun {
		return err
	}
	if err != nil {
		r.rollback()
		return err
	}
	tag, err := r.c.Exec(ctx, "commit")
	if err != nil {
		return commitFailed(err)
	}
	if tag.String() == "ROLLBACK" { // a statement had failed, and fn took no notice
		return errors.New("commit: the transaction had failed")
	}
	return nil
}

// rollback gives the connection back clean, or not at all. The caller's
// context may have ended.
func (r *pgRunner) rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	if r.c.IsClosed() {
		return
	}
	if _, err := r.c.Exec(ctx, "rollback"); err != nil {
		_ = r.c.Close(ctx)
	}
}

// first puts what begins the transaction before the first statement.
func (r *pgRunner) first(b *pgx.Batch) {
	if !r.begun {
		b.Queue(r.begin)
	}
}

// send sends a batch and takes the answer to the beginning. The connection has been taken.
func (r *pgRunner) send(ctx context.Context, b *pgx.Batch) (pgx.BatchResults, error) {
	begins := !r.begun
	r.begun = true
	answers := r.c.SendBatch(ctx, b)
	if begins {
		if _, err := answers.Exec(); err != nil {
			_ = answers.Close()
			return nil, fmt.Errorf("begin: %w", err)
		}
	}
	return answers, nil
}

func (r *pgRunner) exec(ctx context.Context, q string, args []any) (int64, error) {
	if err := r.take(ctx); err != nil {
		return 0, err
	}
	if r.begun {
		tag, err := r.c.Exec(ctx, q, args...)
		return tag.RowsAffected(), err
	}
	b := &pgx.Batch{}
	r.first(b)
	b.Queue(q, args...)
	answers, err := r.send(ctx, b)
	if err != nil {
		return 0, err
	}
	tag, err := answers.Exec()
	if end := answers.Close(); err == nil {
		err = end
	}
	return tag.RowsAffected(), err
}

// pgRows are the rows of one query, with the batch that ends with them.
type pgRows struct {
	pgx.Rows
	answers pgx.BatchResults
}

func (r pgRows) Close() error {
	r.Rows.Close()
	if r.answers != nil {
		return r.answers.Close()
	}
	return nil
}

func (r *pgRunner) query(ctx context.Context, q string, args []any) (rows, error) {
	if err := r.take(ctx); err != nil {
		return nil, err
	}
	if r.begun {
		all, err := r.c.Query(ctx, q, args...)
		return pgRows{Rows: all}, err
	}
	b := &pgx.Batch{}
	r.first(b)
	b.Queue(q, args...)
	answers, err := r.send(ctx, b)
	if err != nil {
		return nil, err
	}
	all, err := answers.Query()
	if err != nil {
		_ = answers.Close()
		return nil, err
	}
	return pgRows{all, answers}, nil
}

// writeAll inserts rows of several tables at once. When the end of the
// transaction goes with them, an answer that got lost leaves it unknown.
func (r *pgRunner) writeAll(ctx context.Context, all []bulk, isLast bool) error {
	if err := r.take(ctx); err != nil {
		return err
	}
	b := &pgx.Batch{}
	r.first(b)
	empty := b.Len()
	for _, one := range all {
		switch len(one.rows) {
		case 0:
		case 1:
			b.Queue(one.table.one, one.rows[0]...)
		default:
			b.Queue(one.table.many, one.table.arrays(one.rows)...)
		}
	}
	if b.Len() == empty {
		return nil
	}
	if isLast {
		b.Queue("commit")
	}
	answers, err := r.send(ctx, b)
	if err != nil {
		return err
	}
	err = answers.Close()
	if !isLast {
		return err
	}
	if err != nil {
		return commitFailed(err)
	}
	r.begun = false
	return nil
}

// readAll asks several questions at once.
func (r *pgRunner) readAll(ctx context.Context, all []reading) error {
	if err := r.take(ctx); err != nil {
		return err
	}
	b := &pgx.Batch{}
	r.first(b)
	for _, one := range all {
		b.Queue(one.q, one.args...)
	}
	answers, err := r.send(ctx, b)
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := readOne(answers, one); err != nil {
			_ = answers.Close()
			return err
		}
	}
	return answers.Close()
}

func readOne(answers pgx.BatchResults, one reading) error {
	found, err := answers.Query()
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		if err := one.scan(found); err != nil {
			return err
		}
	}
	return found.Err()
}
