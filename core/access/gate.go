package access

import "strings"

// Gates is what may stop a request before the table is asked, in the order in
// which it is looked at. The zero value stops nobody: same account, active,
// not blocked, no link.
//
// Signing in is asked as Stranger, before an account is chosen and before a
// second factor is given: neither gate stands in its way then.
type Gates struct {
	// OtherTenant: the object belongs to another account.
	OtherTenant bool
	// Frozen: the account is frozen; only its owner may unfreeze, export, order.
	Frozen bool
	// Status of the subject, or of the addressee of the link.
	Status Status
	// BlockedInProject: subject or address is blocked in the object's project.
	BlockedInProject bool
	// BlockedEverywhere: subject or address is blocked in the whole account.
	BlockedEverywhere bool
	// ProjectOwner: the subject owns the project and so cannot be blocked in it.
	// It does not help against BlockedEverywhere. It stands beside the fact POWN
	// because gates are judged before facts are.
	ProjectOwner bool
	// IPRefused: the IP rule of the request's class (session or link) says no.
	IPRefused bool
	// SecondFactorOutstanding: the session still lacks its second factor.
	SecondFactorOutstanding bool
	// ViewingAs: somebody looks through the subject's eyes; reading only.
	ViewingAs bool
	// InBin: the object is in the bin; only bin.* is left.
	InBin bool
	// Link that the request carries. An ended link stops the request even where
	// a session would have sufficed: who wants to know that asks without it.
	Link LinkState
}

// Status says whether a person takes part at present.
type Status uint8

// The statuses.
const (
	StatusActive   Status = iota
	StatusPending         // invited, has not confirmed: only session.activate
	StatusInactive        // switched off
	StatusDeleted
)

// LinkState says what became of the link a request carries.
type LinkState uint8

// The states of a link.
const (
	LinkNone       LinkState = iota // the request carries no link
	LinkActive                      // valid, of the right kind
	LinkExpired                     // its time is over; it may still ask for a new one
	LinkRevoked                     // ended on purpose: block, withdrawal, deletion
	LinkConsumed                    // its one completion has happened
	LinkWrongKind                   // valid for something else
	LinkRightEnded                  // sender or addressee no longer has the right it stands for
)

const requestNewLink Action = "link.request_new"

// wantedLink is the state in which a link serves the action.
func wantedLink(a Action) LinkState {
	if a == requestNewLink {
		return LinkExpired
	}
	return LinkActive
}

type gate uint8

// The gates in their order.
const (
	gateTenant gate = iota + 1
	gateFrozen
	gateStatus
	gateBlocked
	gateIP
	gateSecondFactor
	gateViewingAs
	gateBin
	gateLink

	firstGate = gateTenant
	lastGate  = gateLink
)

func (g gate) String() string {
	return [...]string{"", "tenant", "frozen", "status", "blocked", "ip", "second-factor", "viewing-as", "bin", "link"}[g]
}

// refusal is the reason for which the gate stops the request, or "".
func (g gate) refusal(r *Request, row *row) string {
	switch g {
	case gateTenant:
		return when(r.Gates.OtherTenant, "gate:tenant")
	case gateFrozen:
		return when(r.Gates.Frozen && !openWhenFrozen(r), "gate:frozen")
	case gateStatus:
		return r.Gates.Status.refusal(r.Action)
	case gateBlocked:
		return r.Gates.blocked()
	case gateIP:
		return when(r.Gates.IPRefused, "gate:ip")
	case gateSecondFactor:
		return when(r.Gates.SecondFactorOutstanding, "gate:second-factor")
	case gateViewingAs:
		return when(r.Gates.ViewingAs && !row.reads, "gate:viewing-as")
	case gateBin:
		return when(r.Gates.InBin && !strings.HasPrefix(string(r.Action), "bin."), "gate:bin")
	case gateLink:
		return r.Gates.Link.refusal(wantedLink(r.Action))
	}
	return "gate:unknown"
}

func when(stops bool, reason string) string {
	if stops {
		return reason
	}
	return ""
}

// openWhenFrozen: for thirty days the owner may take the deletion back, fetch
// his data or order a package; nobody may do anything else.
func openWhenFrozen(r *Request) bool {
	if r.Subject != Owner {
		return false
	}
	switch r.Action {
	case "account.unfreeze", "account.export.create", "account.billing.order":
		return true
	}
	return false
}

func (s Status) refusal(a Action) string {
	switch s {
	case StatusActive:
		return ""
	case StatusPending:
		return when(a != "session.activate", "gate:pending")
	case StatusInactive:
		return "gate:inactive"
	}
	return "gate:deleted" // and whatever this version does not know
}

func (g *Gates) blocked() string {
	if g.BlockedEverywhere {
		return "gate:blocked-everywhere"
	}
	return when(g.BlockedInProject && !g.ProjectOwner, "gate:blocked")
}

func (l LinkState) refusal(wanted LinkState) string {
	if l == LinkNone || l == wanted {
		return ""
	}
	switch l {
	case LinkActive:
		return "gate:link-active" // a new one is asked for while the old one works
	case LinkExpired:
		return "gate:link-expired"
	case LinkRevoked:
		return "gate:link-revoked"
	case LinkConsumed:
		return "gate:link-consumed"
	case LinkRightEnded:
		return "gate:link-right-ended"
	}
	return "gate:link-wrong-kind" // and whatever this version does not know
}

// deny says how the refusal of the gate looks from outside.
func (g gate) deny(r *Request) DenyKind {
	switch g {
	case gateTenant:
		return NotFound // never told, not even to those who may know much
	case gateFrozen, gateStatus, gateBlocked:
		// Through a link, blocked, deleted, frozen and withdrawn look the same,
		// so that nothing can be concluded.
		if r.Gates.Link.carried() {
			return Gone
		}
	case gateViewingAs:
		return Forbidden // about the viewer, it tells nothing about the object
	case gateBin:
		return r.denyInBin()
	case gateLink:
		return r.Gates.Link.deny()
	}
	return r.denyByKnowledge()
}

func (r *Request) denyInBin() DenyKind {
	if r.Gates.Link.carried() {
		return Gone
	}
	if r.MayKnow {
		return Conflict // it is there, and must be restored first
	}
	return NotFound
}

// carried reports whether the request came with a link that is or was good for
// it. One of another kind is no better than an unknown one.
func (l LinkState) carried() bool { return l > LinkNone && l <= LinkRightEnded && l != LinkWrongKind }

func (l LinkState) deny() DenyKind {
	switch l {
	case LinkExpired, LinkRevoked, LinkRightEnded:
		return Gone
	case LinkActive, LinkConsumed:
		return Conflict
	}
	return NotFound
}
