package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Dump reads every table of a database past the store: the rows as text, by
// table, sorted. What a test may not have changed is compared by it.
func Dump(t testing.TB, address string) map[string][]string {
	t.Helper()
	db, lite := past(t, address)
	defer db.Close()
	list := `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`
	if lite {
		list = `select name from sqlite_master where type = 'table' and sql not like '%virtual%' and name not like 'sqlite_%'`
	}
	dump := map[string][]string{}
	for _, table := range rowsOf(t, db, list) {
		table = strings.TrimSuffix(table, "\x1f")
		dump[table] = rowsOf(t, db, `select * from "`+table+`"`)
	}
	return dump
}

// Ripen lets every mail that waits be due, and every lease end, as if hours had gone by.
func Ripen(t testing.TB, address string) {
	t.Helper()
	db, _ := past(t, address)
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), `update delivery set lease_until = 0, due_at = created_at where done_at = 0`); err != nil {
		t.Fatal(err)
	}
}

// Waiting is how many mails wait.
func Waiting(t testing.TB, address string) (n int) {
	t.Helper()
	db, _ := past(t, address)
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), `select count(*) from delivery where done_at = 0`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Snapshot copies a SQLite database as a backup does, and gives the copy's path, alone in its folder.
func Snapshot(t testing.TB, address string) string {
	t.Helper()
	db, _ := past(t, address)
	defer db.Close()
	path := filepath.Join(t.TempDir(), "snapshot.db")
	if _, err := db.ExecContext(context.Background(), `vacuum into ?`, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// past opens a database past the store.
func past(t testing.TB, address string) (db *sql.DB, lite bool) {
	t.Helper()
	driver, source := "pgx", address
	path, lite := strings.CutPrefix(address, "sqlite:")
	if lite {
		driver, source = "sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	return db, lite
}

func rowsOf(t testing.TB, db *sql.DB, q string) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, v := range values {
			if raw, ok := v.([]byte); ok {
				v = string(raw)
			}
			fmt.Fprintf(&b, "%v\x1f", v)
		}
		list = append(list, b.String())
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}
