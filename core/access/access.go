// Package access answers one question: may this subject do this action?
//
//	Request{Action, Subject, Facts, Gates} -> gates in order -> cell of the table -> Answer
//
// permissions.tsv, embedded here, is the whole rule: one row an action, one
// column a kind of subject, and in each cell a condition over facts. Facts are
// what the caller has read about subject and object in the transaction of the
// action itself ("is assignee", "is on the access list"); gates are what stops
// a request before the table is asked (a block, a frozen account, an ended
// link). The first gate that fails decides. What the table does not know is
// denied.
//
// Decide is a pure function: no clock, no database, no state, no allocation, so
// a page may ask it for every button it draws. The same conditions are handed
// out as trees (CellOf) for those who turn them into the "where" of a list; the
// tree and Decide must always agree.
//
// The package must not know where facts come from, nor HTTP, SMTP, SQL or any
// other package of the product. It never sees an id or a name.
package access

// Request is one question. Its zero value is a stranger asking for nothing,
// which is denied.
type Request struct {
	Action  Action
	Subject Subject
	// Addressee is read only when Subject is Stranger: the kind of person the
	// link of the request is addressed to. A mailed link is no session. Its
	// holder gets what the link carries and the addressee may do today, never
	// the rest of the addressee's rights. Left at Stranger it counts as
	// AddressOnly.
	Addressee Subject
	// Facts that are true. Those that follow from others need not be given.
	Facts Facts
	Gates Gates
	// MayKnow says that the subject may learn that the object exists; it turns
	// "not found" into "forbidden".
	MayKnow bool
}

// Answer is what Decide found.
type Answer struct {
	Allowed bool
	// Reason is stable and meant for logs and tests, not for people:
	// "gate:blocked", "cell:REL|CPY", "unknown-action", "unknown-subject". It
	// names the gate or cell that decided, whichever way.
	Reason string
	// Obligations of an allowed action: Mask, Warn, ReadOnly or "assurance>=n".
	// The slice is shared by all answers: read it, do not write to it.
	Obligations []string
	// Deny says how a refusal looks from outside; NotDenied when allowed.
	Deny DenyKind
}

// Obligations an answer may carry.
const (
	Mask     = "mask"      // show addresses masked, no subjects, no bodies
	Warn     = "warn"      // show the warning page before what was asked for
	ReadOnly = "read-only" // viewing as another: offer nothing that writes
)

// Reasons that name neither a gate nor a cell.
const (
	ReasonUnknownAction  = "unknown-action"
	ReasonUnknownSubject = "unknown-subject"
)

// DenyKind says how a refusal looks from outside.
type DenyKind uint8

// The refusals, with the HTTP status each stands for.
const (
	NotDenied DenyKind = iota
	NotFound           // 404: the subject may not even know
	Forbidden          // 403: it exists, and not for this subject
	Gone               // 410: the link has ended
	Conflict           // 409: the object or link is in the wrong state
)

// String gives the word used by explain and in logs.
func (k DenyKind) String() string {
	switch k {
	case NotDenied:
		return "not-denied"
	case NotFound:
		return "not-found"
	case Forbidden:
		return "forbidden"
	case Gone:
		return "gone"
	case Conflict:
		return "conflict"
	}
	return "unknown"
}

// Must reports whether the answer obliges the caller to do the given thing.
func (a Answer) Must(obligation string) bool {
	for _, o := range a.Obligations {
		if o == obligation {
			return true
		}
	}
	return false
}

// Decide answers the request: unknown things first, then the gates in their
// order, then the cell.
func Decide(r Request) Answer {
	row, ok := permissions.find(r.Action)
	if !ok {
		return Answer{Reason: ReasonUnknownAction, Deny: NotFound}
	}
	if !r.Subject.known() || !r.Addressee.known() {
		return Answer{Reason: ReasonUnknownSubject, Deny: NotFound}
	}
	// Most requests meet no gate at all; the zero Gates passes every one.
	if r.Gates != (Gates{}) {
		for g := firstGate; g <= lastGate; g++ {
			if reason := g.refusal(&r, row); reason != "" {
				return Answer{Reason: reason, Deny: g.deny(&r)}
			}
		}
	}
	return r.ask(row)
}

// ask puts the request to the table, the gates being passed.
func (r *Request) ask(row *row) Answer {
	facts := r.counted()
	cell := row.deciding(r.Subject, r.Addressee, facts)
	if !cell.holds(facts) {
		return Answer{Reason: cell.reason, Deny: r.denyByKnowledge()}
	}
	if r.Gates.ViewingAs {
		return Answer{Allowed: true, Reason: cell.reason, Obligations: cell.readOnly}
	}
	return Answer{Allowed: true, Reason: cell.reason, Obligations: cell.cell.Obligations}
}

// counted closes the facts and drops LNK unless a link has passed its gate. A
// caller that claims LNK from the mere presence of a row gains nothing by it.
func (r *Request) counted() Facts {
	if r.Facts.Has(Lnk) && r.Gates.Link != wantedLink(r.Action) {
		return r.Facts.Without(Lnk).Closed()
	}
	return r.Facts.Closed()
}

func (r *Request) denyByKnowledge() DenyKind {
	if r.MayKnow {
		return Forbidden
	}
	return NotFound
}
