// Package storetest runs a test on both engines and makes rows for it.
//
// It is for tests only, of the store and of the rooms above it. It knows the
// store's public face and nothing of the product's rules.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
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
	var b [8]byte
	_, _ = rand.Read(b[:])
	name := "planpost_test_" + hex.EncodeToString(b[:])
	command(t, server, `create database `+name)
	t.Cleanup(func() { command(t, server, `drop database if exists `+name+` with (force)`) })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s cannot be read", postgresEnv)
	}
	u.Path = "/" + name
	return u.String()
}

func command(t testing.TB, server, q string) {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := db.ExecContext(ctx, q); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
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
