package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"planpost/core"
)

// tx implements core.Tx. Its methods are in the files of the nouns.
type tx struct {
	s   *Store
	run runner
	now time.Time
	// begin is called before the first statement that writes; nil when there is nothing to do.
	begin func() error
}

var _ core.Tx = (*tx)(nil)

// Now is the transaction's one time.
func (x *tx) Now() time.Time { return x.now }

// runner runs statements on one connection inside a transaction. exec tells how many rows it touched.
type runner interface {
	exec(ctx context.Context, q string, args []any) (int64, error)
	query(ctx context.Context, q string, args []any) (rows, error)
}

// rows are what a query gives.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// reading is one query of several that do not wait for each other's answers.
type reading struct {
	scan func(row) error
	q    string
	args []any
}

// together is a runner that can send several statements at once.
type together interface {
	// writeAll inserts the rows, and commits when it is the last of the transaction.
	writeAll(ctx context.Context, all []bulk, isLast bool) error
	readAll(ctx context.Context, all []reading) error
}

// readAll asks several questions, at once where the engine can.
func (x *tx) readAll(ctx context.Context, all ...reading) error {
	if t, ok := x.run.(together); ok {
		if err := t.readAll(ctx, all); err != nil {
			return trouble(fmt.Errorf("%s: %w", nameOf(all[0].q), err))
		}
		return nil
	}
	for _, one := range all {
		if err := x.each(ctx, one.scan, one.q, one.args...); err != nil {
			return err
		}
	}
	return nil
}

// exec runs a statement that writes and tells how many rows it touched.
func (x *tx) exec(ctx context.Context, q string, args ...any) (int64, error) {
	if x.begin != nil {
		if err := x.begin(); err != nil {
			return 0, err
		}
	}
	n, err := x.run.exec(ctx, q, args)
	if err != nil {
		return 0, trouble(fmt.Errorf("%s: %w", nameOf(q), err))
	}
	return n, nil
}

// row is what a scanning function reads from.
type row interface{ Scan(dest ...any) error }

// each calls scan for every row.
func (x *tx) each(ctx context.Context, scan func(row) error, q string, args ...any) error {
	all, err := x.run.query(ctx, q, args)
	if err != nil {
		return trouble(fmt.Errorf("%s: %w", nameOf(q), err))
	}
	defer all.Close()
	for all.Next() {
		if err := scan(all); err != nil {
			return fmt.Errorf("%s: %w", nameOf(q), err)
		}
	}
	if err := all.Err(); err != nil {
		return trouble(fmt.Errorf("%s: %w", nameOf(q), err))
	}
	return nil
}

// returning is each for a statement that writes.
func (x *tx) returning(ctx context.Context, scan func(row) error, q string, args ...any) error {
	if x.begin != nil {
		if err := x.begin(); err != nil {
			return err
		}
	}
	return x.each(ctx, scan, q, args...)
}

// list gives all rows.
func list[T any](ctx context.Context, x *tx, scan func(row, *T) error, q string, args ...any) ([]T, error) {
	var all []T
	err := x.each(ctx, func(r row) error {
		var v T
		if err := scan(r, &v); err != nil {
			return err
		}
		all = append(all, v)
		return nil
	}, q, args...)
	return all, err
}

// find gives the one row, or NotFound with the code.
func find[T any](ctx context.Context, x *tx, code string, scan func(row, *T) error, q string, args ...any) (T, error) {
	v, ok, err := lookup(ctx, x, scan, q, args...)
	if err == nil && !ok {
		return v, core.Fail(core.NotFound, code)
	}
	return v, err
}

// lookup gives the one row if it is there.
func lookup[T any](ctx context.Context, x *tx, scan func(row, *T) error, q string, args ...any) (v T, ok bool, err error) {
	err = x.each(ctx, func(r row) error {
		ok = true
		return scan(r, &v)
	}, q, args...)
	return v, ok, err
}

// count reads one number.
func (x *tx) count(ctx context.Context, q string, args ...any) (int64, error) {
	n, _, err := lookup(ctx, x, func(r row, n *int64) error { return r.Scan(n) }, q, args...)
	return n, err
}

// must demands that a change found its row.
func must(n int64, err error, code string) error {
	if err == nil && n == 0 {
		return core.Fail(core.NotFound, code)
	}
	return err
}

// nameOf is the beginning of a statement, for errors: never its values.
func nameOf(q string) string {
	words := strings.Fields(q[:min(len(q), 200)])
	return strings.Join(words[:min(4, len(words))], " ")
}

// args collects values of a statement that is put together from parts.
type args struct{ values []any }

// add gives the placeholder of one more value.
func (a *args) add(v any) string {
	a.values = append(a.values, v)
	return "$" + strconv.Itoa(len(a.values))
}

// in gives "(…)" with a placeholder for each id. The number of placeholders is
// a power of two, the last id repeated, so that few texts have to be prepared.
func (a *args) in(ids []core.ID) string {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	b := strings.Builder{}
	for i := range n {
		b.WriteString(map[bool]string{true: "(", false: ", "}[i == 0])
		if len(ids) == 0 {
			b.WriteString(a.add(core.ID("")))
			continue
		}
		b.WriteString(a.add(ids[min(i, len(ids)-1)]))
	}
	return b.String() + ")"
}
