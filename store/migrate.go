package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"planpost/core"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

type migration struct {
	number     int
	name, file string
}

// sql is what the migration does on the engine.
func (m *migration) sql(d dialect) (string, error) {
	b, err := migrationFiles.ReadFile(m.file)
	return d.words().Replace(string(b)), err
}

// migrations lists what the engine needs, in order. NNNN_name.sql is for
// both, NNNN_name.sqlite.sql and NNNN_name.postgres.sql for one.
func (d dialect) migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, file := range names {
		parts := strings.Split(strings.TrimPrefix(file, "migrations/"), ".")
		if len(parts) == 3 && parts[1] != d.String() {
			continue
		}
		number, _, _ := strings.Cut(parts[0], "_")
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", file, err)
		}
		all = append(all, migration{n, parts[0], file})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].number < all[j].number })
	return all, nil
}

const createMigration = `create table if not exists migration (number bigint primary key, name text not null, at bigint not null)`

// migrate applies what is missing, each in its own transaction together with
// its number. Several processes may start at once: they wait for one another.
func (s *Store) migrate(ctx context.Context) error {
	all, err := s.dialect.migrations()
	if err != nil {
		return err
	}
	if s.migrated(ctx, all) {
		return nil
	}
	c, err := s.db.Conn(ctx)
	if err != nil {
		return trouble(err)
	}
	defer c.Close()
	applied := 0
	for i := range all {
		did, err := s.apply(ctx, c, all[i], i == len(all)-1)
		if err != nil {
			return trouble(fmt.Errorf("migration %s: %w", all[i].name, err))
		}
		if did {
			applied++
		}
	}
	if applied > 0 {
		s.log.Info("schema brought up to date", "engine", s.dialect.String(), "migrations", applied)
	}
	return nil
}

var errMigrationMissing = errors.New("a migration is missing")

// migrated tells whether an SQLite file has all migrations already. It asks on a connection that readers will need anyway:
// to open one is most of what a short command does.
func (s *Store) migrated(ctx context.Context, all []migration) bool {
	if s.dialect != sqlite {
		return false
	}
	err := s.readers.view(ctx, s, func(t core.Tx) error {
		for i := range all {
			n, err := t.(*tx).count(ctx, "select count(*) from migration where number = $1 and name = $2", all[i].number, all[i].name)
			if err == nil && n == 0 {
				err = errMigrationMissing
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil // the way by hand says what is wrong
}

// apply runs one migration unless it has been. After the last one the history
// triggers are written anew from the schema as it is then.
func (s *Store) apply(ctx context.Context, c *sql.Conn, m migration, isLast bool) (did bool, err error) {
	if err := s.beginMigration(ctx, c); err != nil {
		return false, err
	}
	defer func() {
		if err != nil || !did {
			_, _ = c.ExecContext(context.WithoutCancel(ctx), "rollback")
		}
	}()
	if _, err := c.ExecContext(ctx, createMigration); err != nil {
		return false, err
	}
	var name string
	switch err := c.QueryRowContext(ctx, "select name from migration where number = $1", m.number).Scan(&name); {
	case err == nil && name != m.name:
		return false, fmt.Errorf("the database was made by a version before the first release (%s), which cannot be taken over: start with an empty one", name)
	case err == nil || !errors.Is(err, sql.ErrNoRows):
		return false, err
	}
	text, err := m.sql(s.dialect)
	if err != nil {
		return false, err
	}
	if _, err := c.ExecContext(ctx, text); err != nil {
		return false, err
	}
	if isLast {
		if err := s.dialect.writeHistoryTriggers(ctx, c); err != nil {
			return false, err
		}
	}
	if _, err := c.ExecContext(ctx, "insert into migration (number, name, at) values ($1, $2, $3)", m.number, m.name, s.clock().UnixMicro()); err != nil {
		return false, err
	}
	_, err = c.ExecContext(ctx, "commit")
	return err == nil, err
}

// migrationLock is any number that others do not use.
const migrationLock = 7526470

func (s *Store) beginMigration(ctx context.Context, c *sql.Conn) error {
	if s.dialect == sqlite {
		_, err := c.ExecContext(ctx, "begin immediate")
		return err
	}
	if _, err := c.ExecContext(ctx, "begin"); err != nil {
		return err
	}
	_, err := c.ExecContext(ctx, "select pg_advisory_xact_lock($1)", migrationLock)
	return err
}

// SchemaDigest names the schema that Open makes on PostgreSQL. Tests keep a
// database of each schema to copy.
func SchemaDigest() (string, error) {
	all, err := postgres.migrations()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for i := range all {
		text, err := all[i].sql(postgres)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, all[i].name, text)
	}
	tables := recorded()
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		fmt.Fprintln(h, table, strings.Join(postgres.historyTriggers(table, tables[table], tables[table]), ";"))
	}
	return hex.EncodeToString(h.Sum(nil)[:6]), nil
}
