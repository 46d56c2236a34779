package store

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"planpost/core"
)

// ServerPID is the process of the PostgreSQL that the store talks to, when it runs here.
func ServerPID(t testing.TB, s *Store) int {
	t.Helper()
	var backend int
	if err := s.db.QueryRow("select pg_backend_pid()").Scan(&backend); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("/proc/" + strconv.Itoa(backend) + "/stat")
	if err != nil {
		return 0 // on another machine
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	pid, _ := strconv.Atoi(strings.Fields(rest)[1])
	return pid
}

// Analyze lets the planner know what is in the tables, as PostgreSQL does by itself in time.
func Analyze(t testing.TB, s *Store) {
	if s.dialect == postgres {
		if _, err := s.db.Exec("vacuum analyze"); err != nil {
			t.Fatal(err)
		}
	}
}

// LimitPages makes an SQLite database full at n pages, or at those it has.
func LimitPages(ctx context.Context, t core.Tx, n int) error {
	_, err := t.(*tx).count(ctx, "pragma max_page_count = "+strconv.Itoa(n))
	return err
}

// History counts what was written about a row.
func History(ctx context.Context, t core.Tx, record string, id core.ID) (was []string, err error) {
	return list(ctx, t.(*tx), func(r row, s *string) error { return r.Scan(s) }, "select was from history where record = $1 and row_id like $2 order by seq", record, string(id)+"%")
}

// Delete deletes rows, as no method does.
func Delete(ctx context.Context, t core.Tx, table string, id core.ID) error {
	_, err := t.(*tx).exec(ctx, "delete from "+table+" where id = $1", id)
	return err
}

// Waiting is how many requests wait for the SQLite writer.
func Waiting(s *Store) int { return len(s.writer.queue) }

// Tamper changes the database behind the store's back.
func Tamper(t testing.TB, s *Store, q string, args ...any) {
	t.Helper()
	r, err := s.db.Exec(q, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := r.RowsAffected(); n == 0 {
		t.Fatalf("%s changed nothing", q)
	}
}
