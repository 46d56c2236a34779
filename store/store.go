// Package store keeps what the core decided, in SQLite or in PostgreSQL.
//
// Every query is written once, in the SQL that both engines share, as a
// constant beside the function that scans its rows; there is one file a noun.
// What differs between the engines sits in dialect.go and in the two ways to
// write: on SQLite one goroutine owns the one writing connection and answers
// all that wait after one commit (group.go); on PostgreSQL transactions run
// side by side, and only acceptances are gathered (flush.go).
//
// Lists that depend on rights are compiled from core/access: fact.go has one
// SQL predicate a fact. The store decides nothing itself and knows no rule, no
// HTTP and no mail beyond the types it keeps.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"planpost/core"
)

// Config says where the records are.
type Config struct {
	// URL is "sqlite:PATH" or a plain path for SQLite, "postgres://…" for PostgreSQL.
	URL string
	// Connections is how many connections PostgreSQL may be asked for; 0 means 12.
	Connections int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes what an operator should know; nil discards.
	Log *slog.Logger
}

// Store implements core.Store. It is safe for concurrent use.
type Store struct {
	dialect dialect
	db      *sql.DB // for the migrations
	uri     string  // of the SQLite file
	now     func() time.Time
	log     *slog.Logger

	// SQLite: the goroutine that writes, and the connections that read.
	writer  *writer
	readers *readers
	words   vocabulary
	// PostgreSQL: its connections, those of the road in apart, and the goroutine that writes acceptances.
	pool  *pgxpool.Pool
	road  *pgxpool.Pool
	flush *flusher
}

var _ core.Store = (*Store)(nil)

// Open opens the database, creating an SQLite file that is not there, and
// brings its schema up to date. The caller closes the Store.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s := &Store{now: cfg.Now, log: cfg.Log}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.open(cfg); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := s.migrate(ctx); err != nil {
		if s.readers != nil {
			s.readers.close()
		}
		_ = s.closeDB()
		return nil, fmt.Errorf("open store: %w", err)
	}
	if s.dialect == postgres {
		s.flush = newFlusher(s) // ended by Close, as the writer
	} else {
		s.words, s.writer = make(vocabulary), newWriter(s)
	}
	return s, nil
}

// Close waits for what is being written and closes the database. Calls made
// afterwards are Unavailable.
func (s *Store) Close() error {
	if s.flush != nil {
		s.flush.close()
	}
	if s.writer != nil {
		s.writer.close()
	}
	if s.readers != nil {
		s.readers.close()
	}
	return s.closeDB()
}

func (s *Store) closeDB() error {
	err := s.db.Close()
	for _, p := range []*pgxpool.Pool{s.road, s.pool} {
		if p != nil {
			p.Close()
		}
	}
	return err
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.View(ctx, func(t core.Tx) error {
		_, err := t.(*tx).count(ctx, "select count(*) from lease where name = ''")
		return err
	})
}

// View runs fn on one consistent snapshot.
func (s *Store) View(ctx context.Context, fn func(core.Tx) error) error {
	if s.dialect == sqlite {
		return s.readers.view(ctx, s, fn)
	}
	return s.again(ctx, func() error { return s.onPostgres(ctx, s.pool, beginReading, func(x *tx) error { return fn(x) }) })
}

// Ask runs fn outside of any transaction, read-only.
func (s *Store) Ask(ctx context.Context, fn func(core.Tx) error) error {
	if s.dialect == sqlite {
		return s.readers.view(ctx, s, fn)
	}
	return s.again(ctx, func() error { return s.onPostgres(ctx, s.road, notBegun, func(x *tx) error { return fn(x) }) })
}

// InTx runs fn in one transaction.
func (s *Store) InTx(ctx context.Context, fn func(core.Tx) error) error {
	if s.dialect == sqlite {
		return s.writer.do(ctx, &request{fn: fn})
	}
	return s.again(ctx, func() error { return s.onPostgres(ctx, s.pool, beginWriting, func(x *tx) error { return fn(x) }) })
}

const takeLease = `
		insert into lease (name, owner, lease_until) values ($1, $2, $4)
		on conflict (name) do update set owner = excluded.owner, lease_until = excluded.lease_until
		where lease.owner = excluded.owner or lease.lease_until <= $3`

// Lease takes or renews the named lease. The condition is in the update
// itself, so that of two who try at the same time one gets no row.
func (s *Store) Lease(ctx context.Context, name string, owner core.ID, now time.Time, ttl time.Duration) (bool, error) {
	got, err := s.Leases(ctx, []string{name}, owner, now, ttl)
	return err == nil && got[0], err
}

// Leases takes or renews many at once.
func (s *Store) Leases(ctx context.Context, names []string, owner core.ID, now time.Time, ttl time.Duration) (taken []bool, err error) {
	err = s.InTx(ctx, func(t core.Tx) error {
		taken = make([]bool, len(names))
		for i, name := range names {
			n, err := t.(*tx).exec(ctx, takeLease, name, owner, micros(now), micros(now.Add(ttl)))
			if err != nil {
				return err
			}
			taken[i] = n == 1
		}
		return nil
	})
	return taken, err
}

// clock is the time of a transaction, in whole microseconds as they are stored.
func (s *Store) clock() time.Time { return s.now().UTC().Truncate(time.Microsecond) }
