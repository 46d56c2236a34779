package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"planpost/core"
)

// putBack keeps what was put back into a comment as JSON text, "" for nothing; never queried inside.
type putBack struct{ v *core.PutBack }

// Value implements driver.Valuer.
func (p putBack) Value() (driver.Value, error) {
	if len(p.v.Cuts) == 0 {
		return "", nil
	}
	b, err := json.Marshal(p.v)
	return text(string(b)), err
}

// Scan implements sql.Scanner.
func (p putBack) Scan(v any) error {
	*p.v = core.PutBack{}
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("what was put back is kept as %T", v)
	}
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), p.v)
}
