package access

// Reasoning is an answer taken apart, so that a person can see what decided it.
type Reasoning struct {
	Answer Answer
	// Stop names the gate that stopped the request, as in Answer.Reason
	// without "gate:"; empty when all were passed.
	Stop string
	// Always and Never tell of a cell without a condition; else any one of Terms is enough.
	Always, Never bool
	Terms         []Checked
}

// Checked is one term with each of its literals looked at.
type Checked struct {
	Holds    bool
	Literals []CheckedLiteral
}

// CheckedLiteral is one fact that is asked for.
type CheckedLiteral struct {
	Literal
	Holds bool
}

// Reason decides r and gives what decided.
func Reason(r Request) Reasoning {
	out := Reasoning{Answer: Decide(r)}
	row, ok := permissions.find(r.Action)
	if !ok || !r.Subject.known() || !r.Addressee.known() {
		out.Never = true
		return out
	}
	for g := firstGate; g <= lastGate; g++ {
		if reason := g.refusal(&r, row); reason != "" {
			out.Stop = reason[len("gate:"):]
			return out
		}
	}
	facts := r.counted()
	cell := row.deciding(r.Subject, r.Addressee, facts).cell
	out.Always, out.Never = cell.Always, !cell.Always && len(cell.Any) == 0
	for _, term := range cell.Any {
		c := Checked{Holds: true}
		for _, l := range term {
			holds := facts.Has(l.Fact) != l.Negated
			c.Holds = c.Holds && holds
			c.Literals = append(c.Literals, CheckedLiteral{l, holds})
		}
		out.Terms = append(out.Terms, c)
	}
	return out
}
