package mail

import "strings"

// Field is one header field: Name as written, Value unfolded and decoded.
type Field struct{ Name, Value string }

// Header holds the fields of a header section in their order.
type Header []Field

// Get returns the value of the first field of this name (any case), or "".
func (h Header) Get(name string) string {
	for i := range h {
		if len(h[i].Name) == len(name) && strings.EqualFold(h[i].Name, name) {
			return h[i].Value
		}
	}
	return ""
}

// Values returns the values of all fields of this name, in order.
func (h Header) Values(name string) []string {
	var out []string
	for i := range h {
		if len(h[i].Name) == len(name) && strings.EqualFold(h[i].Name, name) {
			out = append(out, h[i].Value)
		}
	}
	return out
}

// Has tells whether a field of this name is there, even an empty one.
func (h Header) Has(name string) bool { return h.Count(name) > 0 }

// Count tells how many fields of this name there are.
func (h Header) Count(name string) int {
	n := 0
	for i := range h {
		if len(h[i].Name) == len(name) && strings.EqualFold(h[i].Name, name) {
			n++
		}
	}
	return n
}
