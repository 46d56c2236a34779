package store

import (
	"os"
	"strconv"
	"strings"
	"testing"
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
