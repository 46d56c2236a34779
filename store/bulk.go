package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"planpost/core"
)

// table is how rows of a table are written: one by one, or many in one
// statement. Values come as a row of any, in the order of the columns.
type table struct {
	name  string
	spec  []string // each column as "name kind"
	kinds []string // key, text, int, bool or bytes
	one   string   // inserts one row
	many  string   // inserts arrays of columns; PostgreSQL only
}

// newTable takes each column as "name kind", and what follows the values.
func newTable(name, suffix string, columns ...string) *table {
	t := &table{name: name, spec: columns}
	var names, values, arrays []string
	for i, c := range columns {
		column, kind, _ := strings.Cut(c, " ")
		t.kinds = append(t.kinds, kind)
		names = append(names, column)
		values = append(values, "$"+strconv.Itoa(i+1))
		arrays = append(arrays, "$"+strconv.Itoa(i+1)+"::"+arrayTypes[kind])
	}
	into := "insert into " + name + " (" + strings.Join(names, ", ") + ") "
	t.one = into + "values (" + strings.Join(values, ", ") + ") " + suffix
	t.many = into + "select * from unnest(" + strings.Join(arrays, ", ") + ") " + suffix
	return t
}

// with is the same table with another end of the statement.
func (t *table) with(suffix string) *table { return newTable(t.name, suffix, t.spec...) }

var arrayTypes = map[string]string{"key": "text[]", "text": "text[]", "int": "bigint[]", "bool": "boolean[]", "bytes": "bytea[]"}

// bulk is rows for one table.
type bulk struct {
	table *table
	rows  [][]any
}

// insert writes rows in one statement where the engine can.
func (x *tx) insert(ctx context.Context, t *table, rows ...[]any) error {
	return x.insertAll(ctx, []bulk{{t, rows}})
}

// insertAll writes rows of several tables, in order.
func (x *tx) insertAll(ctx context.Context, all []bulk) error {
	if t, ok := x.run.(together); ok {
		if err := t.writeAll(ctx, all, false); err != nil {
			return trouble(fmt.Errorf("insert: %w", err))
		}
		return nil
	}
	for _, b := range all {
		for _, r := range b.rows {
			if _, err := x.exec(ctx, b.table.one, r...); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrays turns rows into one array a column.
func (t *table) arrays(rows [][]any) []any {
	columns := make([]any, len(t.kinds))
	for i, kind := range t.kinds {
		switch kind {
		case "int":
			columns[i] = column(rows, i, intOf)
		case "bool":
			columns[i] = column(rows, i, func(v any) bool { return v.(bool) })
		case "bytes":
			columns[i] = column(rows, i, func(v any) []byte { return v.([]byte) })
		default:
			columns[i] = column(rows, i, textOf)
		}
	}
	return columns
}

func column[T any](rows [][]any, i int, of func(any) T) []T {
	c := make([]T, len(rows))
	for n, r := range rows {
		c[n] = of(r[i])
	}
	return c
}

func intOf(v any) int64 {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int64:
		return v
	case micros:
		if time.Time(v).IsZero() {
			return 0
		}
		return time.Time(v).UnixMicro()
	}
	panic(fmt.Sprintf("store: a number is given as %T", v))
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case core.ID:
		return string(v)
	case interface{ text() string }:
		return v.text()
	}
	panic(fmt.Sprintf("store: a text is given as %T", v))
}
