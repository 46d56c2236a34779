package store

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"planpost/core"
)

func openLite(t *testing.T) *conn {
	t.Helper()
	c, err := newConn("file:"+filepath.Join(t.TempDir(), "lite.db"), sqlitePragmas())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	if err := c.do("create table v (id integer primary key, a text, b blob, n integer)"); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestValuesComeBackFromSQLiteAsTheyWent(t *testing.T) {
	c, ctx := openLite(t), context.Background()
	at := time.UnixMicro(1_700_000_000_123_456).UTC()
	long := strings.Repeat("ä\U0001F600", keptRoom)
	for _, row := range [][]any{
		{int64(1), "plain", []byte{0, 1, 255}, 7}, {int64(2), core.ID("an id"), []byte{}, true}, {int64(3), long, []byte(long), micros(at)},
		{int64(4), "", []byte("x"), int64(-1 << 62)}, {int64(5), string("after"), []byte("after a large one"), false},
	} {
		// The placeholders do not appear in their order, and one appears twice.
		n, err := c.exec(ctx, "insert into v (n, b, a, id) select $4, $3, $2, $1 where $1 > 0", row)
		if err != nil || n != 1 {
			t.Fatalf("%v: %d rows, %v", row[0], n, err)
		}
	}
	all, err := c.query(ctx, "select a, b, n from v order by id", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	var texts []string
	var blobs [][]byte
	var numbers []int64
	for all.Next() {
		var a string
		var b []byte
		var n int64
		if err := all.Scan(&a, &b, &n); err != nil {
			t.Fatal(err)
		}
		texts, blobs, numbers = append(texts, a), append(blobs, b), append(numbers, n)
	}
	if err := all.Err(); err != nil || len(texts) != 5 {
		t.Fatal(len(texts), err)
	}
	if texts[0] != "plain" || texts[1] != "an id" || texts[2] != long || texts[3] != "" {
		t.Error("a text came back changed")
	}
	if !bytes.Equal(blobs[0], []byte{0, 1, 255}) || blobs[1] == nil || len(blobs[1]) != 0 || string(blobs[2]) != long || string(blobs[4]) != "after a large one" {
		t.Error("bytes came back changed")
	}
	if numbers[0] != 7 || numbers[1] != 1 || numbers[2] != at.UnixMicro() || numbers[3] != -1<<62 || numbers[4] != 0 {
		t.Errorf("numbers came back as %v", numbers)
	}
	if c.roomSize > keptRoom {
		t.Errorf("after a large value %d bytes are kept", c.roomSize)
	}
}

func TestSQLiteReadsNothingIntoTheWrongPlace(t *testing.T) {
	c, ctx := openLite(t), context.Background()
	for name, dest := range map[string]any{"null": new(string), "null ": new(int64), "'text'": new(int), "1.5": new(bool), "'x'": new(struct{})} {
		all, err := c.query(ctx, "select "+name, nil)
		if err != nil || !all.Next() {
			t.Fatal(name, err)
		}
		if err := all.Scan(dest); err == nil {
			t.Errorf("%s was read into %T", name, dest)
		}
		if all.Scan() == nil || all.Scan(dest, dest) == nil {
			t.Error("a wrong number of places is taken")
		}
		if err := all.Close(); err != nil {
			t.Error(err)
		}
		if all.Next() || all.Scan(dest) == nil {
			t.Error("closed rows give a row")
		}
	}
}

func TestAStatementOfSQLiteServesAgainAfterItsErrors(t *testing.T) {
	c, ctx := openLite(t), context.Background()
	const insert = "insert into v (id, a) values ($1, $2)"
	for i, want := range []bool{true, false, true} {
		_, err := c.exec(ctx, insert, []any{[]int64{1, 1, 2}[i], "x"})
		if (err == nil) != want || err != nil && !uniqueViolation(err) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if _, err := c.exec(ctx, insert, []any{int64(9)}); err == nil {
		t.Error("a missing value is taken")
	}
	if _, err := c.exec(ctx, insert, []any{int64(9), struct{}{}}); err == nil {
		t.Error("a value of no kind is taken")
	}
	for _, q := range []string{"", "select ?", "select nothing from nowhere"} {
		if err := c.do(q); err == nil {
			t.Errorf("%q is a statement", q)
		}
	}
	outer, err := c.query(ctx, "select id from v", nil)
	if err != nil || !outer.Next() {
		t.Fatal(err)
	}
	if _, err := c.query(ctx, "select id from v", nil); err == nil {
		t.Error("a statement runs within itself")
	}
	c.forget()
	if !outer.Next() || outer.Close() != nil {
		t.Error("rows were cut short")
	}
}

func TestAStatementOfSQLiteIsPreparedOnce(t *testing.T) {
	c, ctx := openLite(t), context.Background()
	const q = "select a from v where id < $1 order by id desc limit $2"
	for i := range int64(3) {
		all, err := c.query(ctx, q, []any{i, i + 1})
		if err != nil {
			t.Fatal(err)
		}
		for all.Next() {
		}
		if err := all.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := sqlite3.Xsqlite3_stmt_status(c.tls, c.stmts[q].p, sqlite3.SQLITE_STMTSTATUS_REPREPARE, 0); n != 0 {
		t.Errorf("prepared again %d times", n)
	}
}
