package store

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	sqlite3 "modernc.org/sqlite/lib"

	"planpost/core"
)

type sizeT = types.Size_t

// liteStmt is one prepared statement.
type liteStmt struct {
	c       *conn
	p       uintptr
	values  int // how many it takes: the highest number of a placeholder
	columns int
	busy    bool // its rows are being read
	large   bool // large values are bound, which should not be kept
}

func (s *liteStmt) finalize() error {
	rc := sqlite3.Xsqlite3_finalize(s.c.tls, s.p)
	s.p = 0
	if rc != sqlite3.SQLITE_OK {
		return s.c.failed(rc)
	}
	return nil
}

// reset ends a run. Values stay bound, so that their memory serves the next
// run; every run binds all of them.
func (s *liteStmt) reset() error {
	rc := sqlite3.Xsqlite3_reset(s.c.tls, s.p)
	s.busy = false
	if s.large {
		sqlite3.Xsqlite3_clear_bindings(s.c.tls, s.p)
		s.c.dropRoom()
		s.large = false
	}
	if rc != sqlite3.SQLITE_OK {
		return s.c.failed(rc)
	}
	return nil
}

// step tells whether there is a row.
func (s *liteStmt) step() (bool, error) {
	switch rc := sqlite3.Xsqlite3_step(s.c.tls, s.p); rc {
	case sqlite3.SQLITE_ROW:
		return true, nil
	case sqlite3.SQLITE_DONE:
		return false, nil
	default:
		return false, s.c.failed(rc)
	}
}

func (s *liteStmt) bind(args []any) error {
	if len(args) < s.values {
		return fmt.Errorf("there is no value %d", len(args)+1)
	}
	for i := range s.values {
		if err := s.value(int32(i+1), args[i]); err != nil {
			return err
		}
	}
	return nil
}

// value binds one. Whatever database/sql would take is taken.
func (s *liteStmt) value(i int32, v any) error {
	switch v := v.(type) {
	case string:
		return s.text(i, v)
	case core.ID:
		return s.text(i, string(v))
	case int64:
		return s.number(i, v)
	case int:
		return s.number(i, int64(v))
	case micros:
		return s.number(i, intOf(v))
	case bool:
		if v {
			return s.number(i, 1)
		}
		return s.number(i, 0)
	case []byte:
		return s.blob(i, v)
	case interface{ text() string }:
		return s.text(i, v.text())
	case nil:
		return s.check(sqlite3.Xsqlite3_bind_null(s.c.tls, s.p, i))
	}
	plain, err := driver.DefaultParameterConverter.ConvertValue(v)
	if err != nil {
		return err
	}
	if reflect.TypeOf(plain) == reflect.TypeOf(v) {
		return fmt.Errorf("a value of type %T cannot be kept", v)
	}
	return s.value(i, plain)
}

func (s *liteStmt) check(rc int32) error {
	if rc != sqlite3.SQLITE_OK {
		return s.c.failed(rc)
	}
	return nil
}

func (s *liteStmt) number(i int32, n int64) error {
	return s.check(sqlite3.Xsqlite3_bind_int64(s.c.tls, s.p, i, n))
}

func (s *liteStmt) text(i int32, v string) error {
	p, err := s.c.put(v, 0)
	if err != nil {
		return err
	}
	s.large = s.large || len(v) > keptRoom
	return s.check(sqlite3.Xsqlite3_bind_text(s.c.tls, s.p, i, p, int32(len(v)), sqlite3.SQLITE_TRANSIENT))
}

// blob: nil is no value, as with database/sql.
func (s *liteStmt) blob(i int32, v []byte) error {
	if v == nil {
		return s.value(i, nil)
	}
	p, err := s.c.put("", len(v))
	if err != nil {
		return err
	}
	copy(libc.GoBytes(p, len(v)), v)
	s.large = s.large || len(v) > keptRoom
	return s.check(sqlite3.Xsqlite3_bind_blob(s.c.tls, s.p, i, p, int32(len(v)), sqlite3.SQLITE_TRANSIENT))
}

// liteRows are the rows of one query. Closing them frees the statement.
type liteRows struct {
	s    *liteStmt
	err  error
	done bool
}

func (r *liteRows) Next() (more bool) {
	if r.done {
		return false
	}
	more, r.err = r.s.step()
	r.done = !more
	return more
}

func (r *liteRows) Err() error { return r.err }

func (r *liteRows) Close() error {
	if r.s == nil {
		return nil
	}
	err := r.s.reset()
	r.s, r.done = nil, true
	if r.err != nil {
		return nil // told by Err
	}
	return err
}

// Scan reads the row at hand. There are no nulls in what we keep, so one is an error.
func (r *liteRows) Scan(dest ...any) error {
	if r.s == nil || r.done || len(dest) != r.s.columns {
		return fmt.Errorf("scan: %d places for the columns of a row", len(dest))
	}
	for i, d := range dest {
		if err := r.s.column(int32(i), d); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

func (s *liteStmt) column(i int32, dest any) error {
	kind := sqlite3.Xsqlite3_column_type(s.c.tls, s.p, i)
	switch d := dest.(type) {
	case *string:
		*d = s.string(i)
	case *core.ID:
		*d = core.ID(s.string(i))
	case *int64:
		*d = sqlite3.Xsqlite3_column_int64(s.c.tls, s.p, i)
		return wants(kind, sqlite3.SQLITE_INTEGER, dest)
	case *int:
		*d = int(sqlite3.Xsqlite3_column_int64(s.c.tls, s.p, i))
		return wants(kind, sqlite3.SQLITE_INTEGER, dest)
	case *bool:
		*d = sqlite3.Xsqlite3_column_int64(s.c.tls, s.p, i) != 0
		return wants(kind, sqlite3.SQLITE_INTEGER, dest)
	case *micros:
		*d = microsOf(sqlite3.Xsqlite3_column_int64(s.c.tls, s.p, i))
		return wants(kind, sqlite3.SQLITE_INTEGER, dest)
	case *[]byte:
		*d = bytes.Clone(s.bytes(i))
	case sql.Scanner:
		return d.Scan(s.string(i)) // our lists, which are kept as text
	default:
		v := reflect.ValueOf(dest)
		if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.String {
			return fmt.Errorf("nothing can be read into %T", dest)
		}
		v.Elem().SetString(s.string(i))
	}
	if kind == sqlite3.SQLITE_NULL {
		return fmt.Errorf("there is no value for %T", dest)
	}
	return nil
}

func wants(kind, want int32, dest any) error {
	if kind != want {
		return fmt.Errorf("a value of kind %d cannot be read into %T", kind, dest)
	}
	return nil
}

func (s *liteStmt) string(i int32) string {
	p := sqlite3.Xsqlite3_column_text(s.c.tls, s.p, i)
	n := sqlite3.Xsqlite3_column_bytes(s.c.tls, s.p, i)
	if p == 0 || n == 0 {
		return ""
	}
	return string(libc.GoBytes(p, int(n)))
}

// bytes are SQLite's own until the next step.
func (s *liteStmt) bytes(i int32) []byte {
	p := sqlite3.Xsqlite3_column_blob(s.c.tls, s.p, i)
	n := sqlite3.Xsqlite3_column_bytes(s.c.tls, s.p, i)
	if p == 0 || n == 0 {
		return []byte{}
	}
	return libc.GoBytes(p, int(n))
}
