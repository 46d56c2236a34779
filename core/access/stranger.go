package access

import "slices"

// public are the actions open to somebody without a session. They are those
// whose note in the table begins with "public"; whether the host lets anyone
// create an account is the caller's to ask.
var public = map[Action]bool{
	"session.sign_in":       true,
	"session.request_reset": true,
	"account.create":        true,
}

// byLinkAlone are the session actions a link carries when its addressee is not
// named; a mere address has none of them in its own column.
var byLinkAlone = map[Action]bool{
	"session.activate":       true,
	"session.reset_password": true,
}

// nothing is what most links carry of most actions.
var nothing = compile(Cell{Never: true})

// addStranger fills what the file has no column for: what a stranger may do,
// and what a link carries to each kind of addressee.
func (r *row) addStranger() {
	link := Cell{Any: []Term{{{Fact: Lnk}}}}
	for s := Owner; s.known(); s++ {
		if c := carriedByLink(r.cells[s].cell, r.cells[AddressOnly].cell); c.Never {
			r.carried[s] = nothing
		} else {
			r.carried[s] = compile(c)
		}
	}
	switch {
	case public[r.action]:
		r.cells[Stranger] = compile(Cell{Always: true})
	case byLinkAlone[r.action]:
		r.cells[Stranger] = compile(link)
	default:
		r.cells[Stranger] = r.carried[AddressOnly]
	}
	r.carried[Stranger] = r.cells[Stranger]
}

// carriedByLink is the part of a right that a link alone gives: the terms that
// ask for a link, in the addressee's own cell and in that of a mere address
// (everybody who gets mail is at least that).
func carriedByLink(own, address Cell) Cell {
	carried := Cell{Obligations: own.Obligations}
	for _, t := range slices.Concat(own.Any, address.Any) {
		known := slices.ContainsFunc(carried.Any, func(o Term) bool { return slices.Equal(o, t) })
		if slices.Contains(t, Literal{Fact: Lnk}) && !known {
			carried.Any = append(carried.Any, t)
		}
	}
	if len(carried.Any) == 0 {
		return Cell{Never: true}
	}
	return carried
}

// deciding chooses the cell whose condition answers for the subject. A link
// narrows: whoever comes by it alone needs the addressee's own right of today
// and a link that carries it; the one that fails decides.
func (r *row) deciding(s, addressee Subject, facts Facts) *compiled {
	if s != Stranger || addressee == Stranger || r.cells[Stranger].always {
		return r.cells[s]
	}
	if own := r.cells[addressee]; !own.holds(facts) {
		return own
	}
	return r.carried[addressee]
}
