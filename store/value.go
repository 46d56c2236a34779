package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"planpost/core"
)

// micros keeps a time as microseconds UTC; the zero time is 0. The engines
// never see a time.Time: SQLite would take one without complaint and give it
// back as text.
type micros time.Time

// Value implements driver.Valuer.
func (m micros) Value() (driver.Value, error) {
	t := time.Time(m)
	if t.IsZero() {
		return int64(0), nil
	}
	return t.UnixMicro(), nil
}

// Scan implements sql.Scanner.
func (m *micros) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time is kept as %T", v)
	}
	*m = microsOf(n)
	return nil
}

func microsOf(n int64) micros {
	if n == 0 {
		return micros{}
	}
	return micros(time.UnixMicro(n).UTC())
}

func into(t *time.Time) *micros { return (*micros)(t) }

// text makes s what both engines take: valid UTF-8 without NUL. PostgreSQL
// refuses what SQLite would keep.
func text(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// asJSON keeps a value as JSON text, "" for none; never queried inside.
type asJSON[T any] struct{ v *[]T }

func jsonOf[T any](v []T) asJSON[T] { return asJSON[T]{&v} }

// Value implements driver.Valuer.
func (j asJSON[T]) Value() (driver.Value, error) { return j.text(), nil }

func (j asJSON[T]) text() string {
	if len(*j.v) == 0 {
		return ""
	}
	b, err := json.Marshal(*j.v)
	if err != nil {
		panic("store: a list of texts is not JSON: " + err.Error()) // there is nothing in it that could fail
	}
	return text(string(b))
}

// Scan implements sql.Scanner.
func (j asJSON[T]) Scan(v any) error {
	*j.v = nil
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a list is kept as %T", v)
	}
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), j.v)
}

// factsText keeps a message's facts as JSON text, "" for none; never queried inside.
type factsText struct{ v *core.MessageFacts }

// Value implements driver.Valuer.
func (f factsText) Value() (driver.Value, error) { return f.text(), nil }

func (f factsText) text() string {
	if f.v.None() {
		return ""
	}
	b, err := json.Marshal(f.v)
	if err != nil {
		panic("store: a message's facts are not JSON: " + err.Error()) // their years are bounded where they are read
	}
	return text(string(b))
}

// Scan implements sql.Scanner.
func (f factsText) Scan(v any) error {
	*f.v = core.MessageFacts{}
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a message's facts are kept as %T", v)
	}
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), f.v)
}

// wordList keeps short codes in one text, a space between them.
type wordList struct{ v *[]string }

// Value implements driver.Valuer.
func (w wordList) Value() (driver.Value, error) { return w.text(), nil }

func (w wordList) text() string { return strings.Join(*w.v, " ") }

// Scan implements sql.Scanner.
func (w wordList) Scan(v any) error {
	s, _ := v.(string)
	*w.v = nil
	if s != "" {
		*w.v = strings.Fields(s)
	}
	return nil
}

// limit bounds the length of a list: n, or the default when n is not sensible.
func limit(n, otherwise int) int {
	if n <= 0 || n > 1000 {
		return otherwise
	}
	return n
}

// upTo is n as the words of a limit. Bound as a value it would cost more: SQLite plans by it, and so prepares the
// statement anew each time. Numbers of rows are few, so the texts are, too.
func upTo(n int) string { return strconv.Itoa(n) }

// last is the ID behind which a list that runs backwards begins; none means from the newest.
func last(id core.ID) core.ID {
	if id == "" {
		return "~" // behind every ID
	}
	return id
}
