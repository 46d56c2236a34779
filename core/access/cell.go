package access

import (
	"fmt"
	"slices"
	"strings"
)

// Literal is one fact of a condition, as it stands or negated.
type Literal struct {
	Fact    Fact
	Negated bool
}

// String writes the literal as the table does.
func (l Literal) String() string {
	if l.Negated {
		return "!" + l.Fact.String()
	}
	return l.Fact.String()
}

// Term holds when all of its literals hold.
type Term []Literal

// Cell is the condition of one action for one subject: always, never, or when
// any one of its terms holds. The zero value never holds.
type Cell struct {
	Always, Never bool
	Any           []Term   // empty when Always or Never
	Obligations   []string // what an allowed action obliges to
}

// Eval reports whether the condition holds for the facts and what follows from
// them. It walks the tree; Decide has a faster form of the same.
func (c Cell) Eval(facts Facts) bool {
	facts = facts.Closed()
	if c.Always || c.Never {
		return c.Always && !c.Never
	}
	return slices.ContainsFunc(c.Any, func(t Term) bool { return t.eval(facts) })
}

func (t Term) eval(facts Facts) bool {
	for _, l := range t {
		if facts.Has(l.Fact) == l.Negated {
			return false
		}
	}
	return len(t) > 0
}

// String writes the cell as the table does.
func (c Cell) String() string {
	text := strings.Builder{}
	switch {
	case c.Always:
		text.WriteString("Y")
	case len(c.Any) == 0:
		text.WriteString("N")
	}
	for i, t := range c.Any {
		if i > 0 {
			text.WriteString("|")
		}
		text.WriteString(t.String())
	}
	for _, o := range c.Obligations {
		text.WriteString("+" + o)
	}
	return text.String()
}

// String writes the term as the table does.
func (t Term) String() string {
	words := make([]string, len(t))
	for i, l := range t {
		words[i] = l.String()
	}
	return strings.Join(words, "&")
}

// clone copies the tree, so that a caller may keep and change what it got.
func (c Cell) clone() Cell {
	c.Any = slices.Clone(c.Any)
	for i := range c.Any {
		c.Any[i] = slices.Clone(c.Any[i])
	}
	c.Obligations = slices.Clone(c.Obligations)
	return c
}

// parseCell reads the cell language: Y, N, or literals with & before | and !
// for not, then +obligation.
func parseCell(text string) (Cell, error) {
	condition, obligations, err := splitObligations(text)
	if err != nil {
		return Cell{}, err
	}
	switch condition {
	case "Y":
		return Cell{Always: true, Obligations: obligations}, nil
	case "N":
		if len(obligations) > 0 {
			return Cell{}, fmt.Errorf("cell %q: an obligation on what is never allowed", text)
		}
		return Cell{Never: true}, nil
	}
	cell := Cell{Obligations: obligations}
	for word := range strings.SplitSeq(condition, "|") {
		term, err := parseTerm(word)
		if err != nil {
			return Cell{}, fmt.Errorf("cell %q: %w", text, err)
		}
		cell.Any = append(cell.Any, term)
	}
	// The language does not say whether A|B+x binds x to B or to both.
	if len(cell.Any) > 1 && len(obligations) > 0 {
		return Cell{}, fmt.Errorf("cell %q: an obligation on alternatives is ambiguous", text)
	}
	return cell, nil
}

func splitObligations(text string) (string, []string, error) {
	condition, rest, found := strings.Cut(text, "+")
	if !found {
		return condition, nil, nil
	}
	obligations := strings.Split(rest, "+")
	for _, o := range obligations {
		if !knownObligation(o) {
			return "", nil, fmt.Errorf("cell %q: unknown obligation %q", text, o)
		}
	}
	return condition, obligations, nil
}

func knownObligation(o string) bool {
	if level, ok := strings.CutPrefix(o, "assurance>="); ok {
		return len(level) == 1 && level[0] >= '1' && level[0] <= '9'
	}
	return o == Mask || o == Warn || o == ReadOnly
}

func parseTerm(text string) (Term, error) {
	var term Term
	for word := range strings.SplitSeq(text, "&") {
		name, negated := strings.CutPrefix(word, "!")
		fact, ok := ParseFact(name)
		if !ok {
			return nil, fmt.Errorf("unknown fact %q", name)
		}
		if slices.ContainsFunc(term, func(l Literal) bool { return l.Fact == fact }) {
			return nil, fmt.Errorf("fact %s stands twice in %q", name, text)
		}
		term = append(term, Literal{Fact: fact, Negated: negated})
	}
	return term, nil
}
