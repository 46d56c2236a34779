package access

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed permissions.tsv
var permissionsTSV string

// permissions is the table, read once and never changed. A table that does not
// parse cannot be shipped, so it panics at start.
var permissions = mustReadTable(permissionsTSV)

type table struct {
	rows  []row
	index map[Action]int
}

// row is one action in the form Decide wants.
type row struct {
	action Action
	object string
	reads  bool
	cells  [subjects]*compiled
	// carried is, for each addressee, what a link carries of the action.
	carried [subjects]*compiled
}

// compiled is a cell as bit masks, with all that an answer may need made
// beforehand.
type compiled struct {
	cell     Cell
	always   bool
	any      []masks
	reason   string   // "cell:" and the cell
	readOnly []string // the cell's obligations and ReadOnly
}

type masks struct{ need, forbid Facts }

// holds expects closed facts.
func (c *compiled) holds(facts Facts) bool {
	if c.always {
		return true
	}
	for _, m := range c.any {
		if facts&m.need == m.need && facts&m.forbid == 0 {
			return true
		}
	}
	return false
}

func compile(cell Cell) *compiled {
	cell.Obligations = slices.Clip(cell.Obligations)
	c := &compiled{
		cell:     cell,
		always:   cell.Always,
		reason:   "cell:" + cell.String(),
		readOnly: slices.Clip(append(slices.Clone(cell.Obligations), ReadOnly)),
	}
	for _, t := range cell.Any {
		var m masks
		for _, l := range t {
			if l.Negated {
				m.forbid = m.forbid.With(l.Fact)
				continue
			}
			m.need = m.need.With(l.Fact)
		}
		c.any = append(c.any, m)
	}
	return c
}

func (t *table) find(a Action) (*row, bool) {
	i, ok := t.index[a]
	if !ok {
		return nil, false
	}
	return &t.rows[i], true
}

// CellOf gives the condition of an action for a subject as a tree that the
// caller may keep and change; false when either is unknown. For Stranger it is
// what is public, or carried by a link to a mere address.
func CellOf(a Action, s Subject) (Cell, bool) {
	row, ok := permissions.find(a)
	if !ok || !s.known() {
		return Cell{}, false
	}
	return row.cells[s].cell.clone(), true
}

func mustReadTable(text string) *table {
	t, err := readTable(text)
	if err != nil {
		panic(fmt.Sprintf("permissions.tsv: %v", err))
	}
	return t
}

func readTable(text string) (*table, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if err := checkHeader(lines[0]); err != nil {
		return nil, err
	}
	t := &table{rows: make([]row, 0, len(lines)), index: make(map[Action]int, len(lines))}
	seen := make(map[string]*compiled)
	for i, line := range lines[1:] {
		row, err := readRow(line, seen)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		if _, twice := t.index[row.action]; twice {
			return nil, fmt.Errorf("line %d: action %s stands twice", i+2, row.action)
		}
		t.index[row.action] = len(t.rows)
		t.rows = append(t.rows, row)
	}
	for a := range readings {
		if _, ok := t.index[a]; !ok {
			return nil, fmt.Errorf("reading action %s is not in the table", a)
		}
	}
	return t, nil
}

// The columns: action, object, one for each subject from Owner to AddressOnly,
// source, note.
const (
	columnsBefore = 2
	columns       = columnsBefore + subjects - 1 + 2
)

func checkHeader(line string) error {
	fields := strings.Split(line, "\t")
	if len(fields) != columns || fields[0] != "# action" || fields[1] != "object" {
		return fmt.Errorf("header: %q, want %d columns from \"# action\" on", line, columns)
	}
	for s := Owner; s.known(); s++ {
		if got := fields[columnsBefore+int(s-Owner)]; got != s.String() {
			return fmt.Errorf("header: column %q where %q was expected", got, s)
		}
	}
	return nil
}

// readRow reads a line. Many cells say the same; seen keeps each once.
func readRow(line string, seen map[string]*compiled) (row, error) {
	fields := strings.Split(line, "\t")
	if len(fields) != columns || fields[0] == "" || fields[1] == "" {
		return row{}, fmt.Errorf("%d columns, want %d with action and object", len(fields), columns)
	}
	r := row{action: Action(fields[0]), object: fields[1]}
	r.reads = readings[r.action]
	for s := Owner; s.known(); s++ {
		text := fields[columnsBefore+int(s-Owner)]
		known, ok := seen[text]
		if !ok {
			cell, err := parseCell(text)
			if err != nil {
				return row{}, fmt.Errorf("%s, %s: %w", r.action, s, err)
			}
			known = compile(cell)
			seen[text] = known
		}
		r.cells[s] = known
	}
	r.addStranger()
	return r, nil
}
