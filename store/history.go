package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// The history is what rows of record were before they were changed or deleted.
// Triggers write it, so nothing can go past it, neither a mistake of ours nor
// a hand on the database. They are generated from the schema as it is after the
// last migration. Inserts write nothing, nor do changes of the columns below
// that only count, nor an update that changes nothing.

// recorded are the tables of record with the columns that name a row.
// Identities, sessions and values are secrets and not among them.
func recorded() map[string][]string {
	id := []string{"id"}
	return map[string][]string{
		"account": id, "person": id, "address": id, "company": id, "project": id, "task": id, "comment": id, "attachment": id, "link": id, "receipt": id,
		"participant": {"project_id", "person_id"},
		"person_rate": {"account_id", "person_id", "valid_from"},
		"task_person": {"task_id", "person_id", "relation"},
		"visit":       id, "hours": id, "task_template": id, "factor_policy": {"account_id"}, "factor_chosen": {"account_id", "person_id"}, "ip_rule": id,
		"setting": {"account_id", "name"}, "notif_choice": {"person_id", "event", "channel"}, "mute": {"person_id", "object_id"}, "rhythm": {"person_id"}, "suppression": id,
		"plan": id, "plan_version": id, "plan_access": {"plan_id", "person_id"}, "plan_receipt": {"version_id", "person_id"},
		"transmittal": id, "approval": id, "approver": {"approval_id", "person_id"}, "block": id, "mailbox": id,
	}
}

// unrecorded are columns that count or keep keys: no history is written when
// they alone change, and the keys are not in it.
func unrecorded(table, column string) bool {
	return slices.Contains([]string{"account.next_number", "account.next_block", "account.content_key", "person.tuned", "receipt.again", "mailbox.sealed"}, table+"."+column)
}

const (
	sqliteColumns   = `select name from pragma_table_info($1) order by cid`
	postgresColumns = `select column_name::text from information_schema.columns where table_schema = current_schema() and table_name = $1 order by ordinal_position`
)

func (d dialect) writeHistoryTriggers(ctx context.Context, c *sql.Conn) error {
	tables := recorded()
	for _, table := range sortedNames(tables) {
		columns, err := d.columnsOf(ctx, c, table)
		if err != nil {
			return err
		}
		columns = slices.DeleteFunc(columns, func(column string) bool { return unrecorded(table, column) })
		if len(columns) == 0 {
			return fmt.Errorf("history of %s: the table has no columns", table)
		}
		for _, q := range d.historyTriggers(table, tables[table], columns) {
			if _, err := c.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("history of %s: %w", table, err)
			}
		}
	}
	return nil
}

func sortedNames(m map[string][]string) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (d dialect) columnsOf(ctx context.Context, c *sql.Conn, table string) ([]string, error) {
	q := sqliteColumns
	if d == postgres {
		q = postgresColumns
	}
	rows, err := c.QueryContext(ctx, q, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, rows.Err()
}

// historyTriggers are the statements that make the triggers of one table anew.
func (d dialect) historyTriggers(table string, key, columns []string) []string {
	rowID := strings.Join(prefixed("old.", key), " || '/' || ")
	if d == postgres {
		return postgresTriggers(table, rowID, columns)
	}
	return sqliteTriggers(table, rowID, columns)
}

func prefixed(prefix string, names []string) []string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = prefix + n
	}
	return all
}

func sqliteTriggers(table, rowID string, columns []string) []string {
	var pairs, changed []string
	for _, c := range columns {
		pairs = append(pairs, "'"+c+"', old."+c)
		changed = append(changed, "old."+c+" is not new."+c)
	}
	write := func(deed string) string {
		return ` begin insert into history (record, row_id, deed, at, was) values ('` + table + `', ` + rowID + `, '` + deed + `',
			cast((julianday('now') - 2440587.5) * 86400000000 as integer), json_object(` + strings.Join(pairs, ", ") + `)); end`
	}
	return []string{
		`drop trigger if exists history_` + table + `_update`,
		`drop trigger if exists history_` + table + `_delete`,
		`create trigger history_` + table + `_update after update of ` + strings.Join(columns, ", ") + ` on ` + table +
			` when ` + strings.Join(changed, " or ") + write("update"),
		`create trigger history_` + table + `_delete after delete on ` + table + write("delete"),
	}
}

func postgresTriggers(table, rowID string, columns []string) []string {
	var pairs []string
	for _, c := range columns {
		pairs = append(pairs, "'"+c+"', old."+c)
	}
	// json_build_object takes a hundred values; more columns are put together.
	var objects []string
	for part := range slices.Chunk(pairs, 40) {
		objects = append(objects, "jsonb_build_object("+strings.Join(part, ", ")+")")
	}
	return []string{
		`create or replace function history_` + table + `() returns trigger language plpgsql as $$ begin
			insert into history (record, row_id, deed, at, was) values ('` + table + `', ` + rowID + `, lower(tg_op),
				(extract(epoch from clock_timestamp()) * 1000000)::bigint, (` + strings.Join(objects, " || ") + `)::text);
			return null; end $$`,
		`drop trigger if exists history_` + table + `_update on ` + table,
		`drop trigger if exists history_` + table + `_delete on ` + table,
		`create trigger history_` + table + `_update after update of ` + strings.Join(columns, ", ") + ` on ` + table + ` for each row
			when ((` + strings.Join(prefixed("old.", columns), ", ") + `) is distinct from (` + strings.Join(prefixed("new.", columns), ", ") + `))
			execute function history_` + table + `()`,
		`create trigger history_` + table + `_delete after delete on ` + table + ` for each row execute function history_` + table + `()`,
	}
}
