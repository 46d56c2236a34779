// Package storetest runs a test on both engines and makes rows for it.
//
// It is for tests only, of the store and of the rooms above it. It knows the
// store's public face and nothing of the product's rules.
package storetest

import (
	"context"
	"database/sql"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"planpost/store"
)

// postgresEnv names the URL of a superuser's connection to a PostgreSQL in
// which each test makes and drops a database of its own.
const postgresEnv = "PLANPOST_TEST_POSTGRES"

// Each runs test on "sqlite" and on "postgres". Every call of open opens the
// same database, as another process or one after a restart would; the stores
// are closed when the test ends, after the self-check has found nothing.
//
// Without a PostgreSQL its half is skipped; with CI=true it fails.
func Each(t *testing.T, test func(t *testing.T, open func() *store.Store)) {
	t.Run("sqlite", func(t *testing.T) { run(t, SQLite(t), test) })
	t.Run("postgres", func(t *testing.T) { run(t, Postgres(t), test) })
}

func run(t *testing.T, url string, test func(t *testing.T, open func() *store.Store)) {
	open := func() *store.Store { return Open(t, store.Config{URL: url}) }
	first := open()
	t.Cleanup(func() { check(t, first) })
	used := false
	test(t, func() *store.Store {
		if !used {
			used = true
			return first
		}
		return open()
	})
}

// SQLite is the address of a new database in a temporary folder.
func SQLite(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "planpost.db") }

// Postgres makes a new database and gives its address; it is dropped when the test ends.
func Postgres(t testing.TB) string {
	server := os.Getenv(postgresEnv)
	if server == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set, and with CI=true PostgreSQL must be there", postgresEnv)
		}
		t.Skipf("%s is not set: no PostgreSQL", postgresEnv)
	}
	name := "planpost_test_" + randomHex(8)
	db := connect(t, server)
	command(t, db, `create database `+name+` template `+template(t, db, server)+copying(t, db))
	t.Cleanup(func() {
		db := connect(t, server)
		command(t, db, `drop database if exists `+name+` with (force)`)
	})
	return within(t, server, name)
}

// within is the address of another database of the same server.
func within(t testing.TB, server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s cannot be read", postgresEnv)
	}
	u.Path = "/" + name
	return u.String()
}

func connect(t testing.TB, server string) *sql.Conn {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Close(), db.Close() })
	return c
}

func command(t testing.TB, c *sql.Conn, q string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := c.ExecContext(ctx, q, args...); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}

// copying is how a database is made of its template at half the work: file by
// file and not through the log, which servers before 15 know no other way of.
func copying(t testing.TB, c *sql.Conn) string {
	var version int
	if err := c.QueryRowContext(context.Background(), `select current_setting('server_version_num')::int`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	if version < 150000 {
		return ""
	}
	return ` strategy file_copy`
}

// templateLock is any number that others do not use.
const templateLock = 7526471

// template names a database with the schema and nothing in it: copying it is
// ten times quicker than making one. Whoever comes first makes it.
func template(t testing.TB, c *sql.Conn, server string) string {
	t.Helper()
	digest, err := store.SchemaDigest()
	if err != nil {
		t.Fatal(err)
	}
	name := "planpost_template_" + digest
	command(t, c, `select pg_advisory_lock($1)`, templateLock)
	defer command(t, c, `select pg_advisory_unlock($1)`, templateLock)
	var n int
	if err := c.QueryRowContext(context.Background(), `select count(*) from pg_database where datname = $1`, name).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n == 1 {
		return name
	}
	unfinished := "planpost_making_" + randomHex(8)
	command(t, c, `create database `+unfinished)
	s, err := store.Open(context.Background(), store.Config{URL: within(t, server, unfinished)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	command(t, c, `alter database `+unfinished+` rename to `+name)
	return name
}

// Open opens a store that is closed when the test ends; what it logs goes to the test's log.
func Open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func check(t *testing.T, s *store.Store) {
	if t.Failed() {
		return
	}
	found, err := s.Check(context.Background())
	if err != nil {
		t.Errorf("self-check: %v", err)
	}
	for _, f := range found {
		t.Errorf("self-check: %s", f)
	}
}
