package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Statements on SQLite go to its own interface, not through database/sql and
// the driver: those look up and copy every column's name at every query,
// allocate memory for every text they bind, and lock twice for every value,
// which together cost more than most statements here do.

// conn is one SQLite connection with its prepared statements: preparing costs
// more than running most statements here, so each text is prepared once. It
// has no lock: one goroutine uses it at a time.
type conn struct {
	tls   *libc.TLS
	db    uintptr
	stmts map[string]*liteStmt
	// room is memory of SQLite's through which texts are handed over: it must
	// not be shown memory of ours, which may move.
	room     uintptr
	roomSize int
}

// maxStatements bounds the prepared statements of a connection: lists put
// together from parts have many texts. Past it all are dropped and come back.
const maxStatements = 300

// keptRoom is how much room a connection keeps between statements.
const keptRoom = 64 << 10

var errNoMemory = &liteError{sqlite3.SQLITE_NOMEM, "out of memory"}

// newConn opens the file at uri. Each pragma is run in order.
func newConn(uri string, pragmas []string) (*conn, error) {
	c := &conn{tls: libc.NewTLS(), stmts: make(map[string]*liteStmt)}
	if err := c.open(uri); err != nil {
		c.close()
		return nil, err
	}
	for _, p := range pragmas {
		all, err := c.query(context.Background(), "pragma "+p, nil)
		if err == nil {
			for all.Next() {
			}
			err = errors.Join(all.Err(), all.Close())
		}
		if err != nil {
			c.close()
			return nil, fmt.Errorf("pragma %s: %w", p, err)
		}
	}
	c.forget()
	return c, nil
}

func (c *conn) open(uri string) error {
	const flags = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_CREATE | sqlite3.SQLITE_OPEN_NOMUTEX | sqlite3.SQLITE_OPEN_URI
	name, err := libc.CString(uri)
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, name)
	handle, err := c.put("", pointerSize)
	if err != nil {
		return err
	}
	rc := sqlite3.Xsqlite3_open_v2(c.tls, name, handle, flags, 0)
	c.db = pointerAt(handle) // there even when opening failed, for its message
	if rc != sqlite3.SQLITE_OK {
		return c.failed(rc)
	}
	sqlite3.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	return c.fixPlans()
}

// fixPlans makes a statement's plan hold for all values. Otherwise SQLite
// prepares whatever has a bound limit anew for each run, to look at its value.
func (c *conn) fixPlans() error {
	va := libc.NewVaList(int32(1), uintptr(0))
	defer libc.Xfree(c.tls, va)
	if rc := sqlite3.Xsqlite3_db_config(c.tls, c.db, sqlite3.SQLITE_DBCONFIG_ENABLE_QPSG, va); rc != sqlite3.SQLITE_OK {
		return c.failed(rc)
	}
	return nil
}

const pointerSize = bits.UintSize / 8

func pointerAt(p uintptr) uintptr {
	b := libc.GoBytes(p, pointerSize)
	if pointerSize == 4 {
		return uintptr(binary.NativeEndian.Uint32(b))
	}
	return uintptr(binary.NativeEndian.Uint64(b))
}

// put copies s into the connection's room, with at least n bytes there.
func (c *conn) put(s string, n int) (uintptr, error) {
	n = max(n, len(s), 1)
	if n > c.roomSize {
		c.dropRoom()
		size := max(4096, 1<<bits.Len(uint(n-1)))
		if c.room = libc.Xmalloc(c.tls, sizeT(size)); c.room == 0 {
			return 0, errNoMemory
		}
		c.roomSize = size
	}
	copy(libc.GoBytes(c.room, n), s)
	return c.room, nil
}

func (c *conn) dropRoom() {
	if c.room != 0 {
		libc.Xfree(c.tls, c.room)
		c.room, c.roomSize = 0, 0
	}
}

func (c *conn) stmt(q string) (*liteStmt, error) {
	if s, ok := c.stmts[q]; ok {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		c.forget()
	}
	s, err := c.prepare(q)
	if err != nil {
		return nil, err
	}
	c.stmts[q] = s
	return s, nil
}

func (c *conn) prepare(q string) (*liteStmt, error) {
	// To SQLite $1 is a name, which it looks for among all before it: ten thousand of them
	// take it a second. ?1 is a number.
	text, err := libc.CString(strings.ReplaceAll(q, "$", "?"))
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, text)
	handle, err := c.put("", pointerSize)
	if err != nil {
		return nil, err
	}
	if rc := sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, text, int32(len(q)+1), sqlite3.SQLITE_PREPARE_PERSISTENT, handle, 0); rc != sqlite3.SQLITE_OK {
		return nil, c.failed(rc)
	}
	s := &liteStmt{c: c, p: pointerAt(handle)}
	if s.p == 0 {
		return nil, errors.New("the statement is empty")
	}
	s.values = int(sqlite3.Xsqlite3_bind_parameter_count(c.tls, s.p))
	s.columns = int(sqlite3.Xsqlite3_column_count(c.tls, s.p))
	return s, nil
}

// forget drops the prepared statements, but none that is in use.
func (c *conn) forget() {
	for q, s := range c.stmts {
		if !s.busy {
			_ = s.finalize()
			delete(c.stmts, q)
		}
	}
}

func (c *conn) close() {
	for _, s := range c.stmts {
		_ = s.finalize()
	}
	clear(c.stmts)
	if c.db != 0 {
		sqlite3.Xsqlite3_close_v2(c.tls, c.db)
	}
	c.dropRoom()
	c.tls.Close()
}

// do runs a statement without values, such as begin and commit.
func (c *conn) do(q string) error {
	_, err := c.exec(context.Background(), q, nil)
	return err
}

// exec and query take no notice of the caller's context: an interrupt on the
// writing connection would roll back everybody's work, and watching a context
// costs a goroutine a statement.
func (c *conn) exec(_ context.Context, q string, args []any) (int64, error) {
	s, err := c.begin(q, args)
	if err != nil {
		return 0, err
	}
	more := true
	for more && err == nil {
		more, err = s.step()
	}
	if end := s.reset(); err == nil {
		err = end
	}
	return int64(sqlite3.Xsqlite3_changes(c.tls, c.db)), err
}

func (c *conn) query(_ context.Context, q string, args []any) (rows, error) {
	s, err := c.begin(q, args)
	if err != nil {
		return nil, err
	}
	return &liteRows{s: s}, nil
}

// begin prepares a statement and binds its values.
func (c *conn) begin(q string, args []any) (*liteStmt, error) {
	s, err := c.stmt(q)
	if err != nil {
		return nil, err
	}
	if s.busy {
		return nil, errors.New("a statement is used within itself")
	}
	if err := s.bind(args); err != nil {
		return nil, errors.Join(err, s.reset())
	}
	s.busy = true
	return s, nil
}

// liteError is what SQLite says.
type liteError struct {
	code int
	text string
}

func (e *liteError) Error() string { return e.text + " (" + strconv.Itoa(e.code) + ")" }

// Code is the extended result code.
func (e *liteError) Code() int { return e.code }

// sqliteError is an error of SQLite, told by the driver, which migrations use, or by ourselves.
type sqliteError interface {
	error
	Code() int
}

func (c *conn) failed(rc int32) error {
	text := libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, rc))
	if c.db != 0 {
		if more := libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db)); more != text {
			text += ": " + more
		}
	}
	return &liteError{int(rc), text}
}
