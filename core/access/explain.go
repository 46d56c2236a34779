package access

import "fmt"

// Explain gives the way of Decide in lines for an operator: each gate until the
// one that stops, the cell, the facts it asks for, the answer. Codes only, for
// the explain command and the log, never for a stranger.
func Explain(r Request) []string {
	answer := Decide(r)
	lines := []string{fmt.Sprintf("action %s, subject %s", r.Action, r.Subject)}
	row, ok := permissions.find(r.Action)
	if ok && r.Subject.known() && r.Addressee.known() {
		lines[0] = fmt.Sprintf("action %s on %s, subject %s", r.Action, row.object, r.Subject)
		gates, passed := explainGates(&r, row)
		lines = append(lines, gates...)
		if passed {
			lines = append(lines, explainCell(&r, row)...)
		}
	}
	return append(lines, explainAnswer(answer)...)
}

func explainGates(r *Request, row *row) (lines []string, passed bool) {
	for g := firstGate; g <= lastGate; g++ {
		if reason := g.refusal(r, row); reason != "" {
			return append(lines, fmt.Sprintf("gate %d %s: stops, %s", g, g, reason)), false
		}
		lines = append(lines, fmt.Sprintf("gate %d %s: passed", g, g))
	}
	return lines, true
}

func explainCell(r *Request, row *row) []string {
	facts := r.counted()
	var lines []string
	if r.Facts.Has(Lnk) && !facts.Has(Lnk) {
		lines = append(lines, "fact LNK: not counted, no link has passed its gate")
	}
	if r.Subject == Stranger && r.Addressee != Stranger {
		own := row.cells[r.Addressee]
		lines = append(lines, fmt.Sprintf("addressee %s: %s, %s", r.Addressee, own.reason, holdsWord(own.holds(facts))))
	}
	cell := row.deciding(r.Subject, r.Addressee, facts)
	lines = append(lines, fmt.Sprintf("%s, %s", cell.reason, holdsWord(cell.holds(facts))))
	for _, t := range cell.cell.Any {
		for _, l := range t {
			lines = append(lines, fmt.Sprintf("  %s of %s: %s", l, t, holdsWord(facts.Has(l.Fact) != l.Negated)))
		}
	}
	return lines
}

func holdsWord(holds bool) string {
	if holds {
		return "holds"
	}
	return "does not hold"
}

func explainAnswer(a Answer) []string {
	if !a.Allowed {
		return []string{fmt.Sprintf("denied: %s, %s", a.Deny, a.Reason)}
	}
	lines := []string{"allowed: " + a.Reason}
	for _, o := range a.Obligations {
		lines = append(lines, "obligation: "+o)
	}
	return lines
}
