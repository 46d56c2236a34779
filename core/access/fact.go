package access

// Fact is one thing that may be true about subject and object. Relations are
// facts, not roles: they are read from ordinary columns in the transaction of
// the action. The zero value is no fact at all and never true.
type Fact uint8

// The facts, each with what must be true.
const (
	noFact Fact = iota

	CapSettings // switch "settings" is on for this user; the same for all Cap…
	CapSecurity
	CapBilling
	CapExport
	CapRollback
	CapRouting
	CapIntake // unassigned and held mail
	CapContacts
	CapGrant // giving contacts access
	CapTasks
	CapVisits
	CapQuotes
	CapInvoices
	CapReports

	Self // the object is the subject
	Mine // the object was created by the subject

	Mem   // active, not blocked participant of the project (follows from Padm)
	Padm  // participant with administrator rights (follows from Pown)
	Pown  // project owner
	Pcpy  // the subject's company is the project's counterparty, project not hidden
	Ptask // may see at least one task of the project
	Pmgr  // internal, and the project's client manager or responsible person
	Open  // the object's visibility is "everyone inside"

	Asg  // assigner
	Ase  // assignee or co-assignee (follows from Ase1)
	Ase1 // assignee proper
	Par  // participant of the task
	Aud  // auditor of the task or project
	Rel  // any of Asg, Ase, Ase1, Par, Aud

	Masg // the subject manages the assigner
	Mase // the subject manages the assignee
	Mpar // the subject manages a participant
	Mgr  // any of Masg, Mase, Mpar

	Cpy    // the subject's company is the task's counterparty and the contact sees company tasks
	Vis    // the comment is not hidden and meant for the subject
	Role   // the subject's trade role in the project equals the role of plan or document, both set
	DelBy  // the subject put it into the bin
	Sealed // the tender's deadline has not passed
	Vault  // the document has an access list
	ACL    // the subject is on that list
	Appr   // selected approver of the pending request for the current version
	Author // author of that version
	Req    // the person who asked for the approval
	Lnk    // the request carries a link for this subject, of the right kind, covering this object
	Addr   // the quote, invoice or review is addressed to the subject
	AddrIn // the mail came to a published inbound address
	SendOK // project setting "participants may send plans"

	TgtLow       // the target ranks below the subject
	TgtNotOwner  // the target is not the account's owner
	TgtAny       // there is a target, anyone (follows from every other Tgt…)
	TgtInt       // the target is internal
	TgtNotPown   // the target is neither project owner nor account owner or administrator
	TgtClientMgr // the target is client manager or responsible person of the project
	MgrTgt       // the target is in the subject's team
	TgtExt       // the target is an outsider
	TgtNotAdmin  // the target is neither owner nor administrator

	lastFact = TgtNotAdmin
)

// factNames are the names used in the table.
var factNames = [...]string{
	CapSettings: "CAP_SETTINGS", CapSecurity: "CAP_SECURITY", CapBilling: "CAP_BILLING", CapExport: "CAP_EXPORT",
	CapRollback: "CAP_ROLLBACK", CapRouting: "CAP_ROUTING", CapIntake: "CAP_INTAKE", CapContacts: "CAP_CONTACTS",
	CapGrant: "CAP_GRANT", CapTasks: "CAP_TASKS", CapVisits: "CAP_VISITS", CapQuotes: "CAP_QUOTES",
	CapInvoices: "CAP_INVOICES", CapReports: "CAP_REPORTS",
	Self: "SELF", Mine: "MINE",
	Mem: "MEM", Padm: "PADM", Pown: "POWN", Pcpy: "PCPY", Ptask: "PTASK", Pmgr: "PMGR", Open: "OPEN",
	Asg: "ASG", Ase: "ASE", Ase1: "ASE1", Par: "PAR", Aud: "AUD", Rel: "REL",
	Masg: "MASG", Mase: "MASE", Mpar: "MPAR", Mgr: "MGR",
	Cpy: "CPY", Vis: "VIS", Role: "ROLE", DelBy: "DELBY", Sealed: "SEALED", Vault: "VAULT", ACL: "ACL",
	Appr: "APPR", Author: "AUTHOR", Req: "REQ", Lnk: "LNK", Addr: "ADDR", AddrIn: "ADDRIN", SendOK: "SENDOK",
	TgtLow: "TGT_LOW", TgtNotOwner: "TGT_NOT_OWNER", TgtAny: "TGT_ANY", TgtInt: "TGT_INT", TgtNotPown: "TGT_NOT_POWN",
	TgtClientMgr: "TGT_CLIENT_MGR", MgrTgt: "MGR_TGT", TgtExt: "TGT_EXT", TgtNotAdmin: "TGT_NOT_ADMIN",
}

// String gives the fact's name in the table.
func (f Fact) String() string {
	if !f.known() {
		return "unknown"
	}
	return factNames[f]
}

// ParseFact finds a fact by its name in the table.
func ParseFact(name string) (Fact, bool) {
	for f := noFact + 1; f <= lastFact; f++ {
		if factNames[f] == name {
			return f, true
		}
	}
	return noFact, false
}

// AllFacts lists every fact, in a fixed order.
func AllFacts() []Fact {
	all := make([]Fact, 0, lastFact)
	for f := noFact + 1; f <= lastFact; f++ {
		all = append(all, f)
	}
	return all
}

func (f Fact) known() bool { return f > noFact && f <= lastFact }

// bit is zero for an unknown fact, so that such a fact is never in any set.
func (f Fact) bit() Facts {
	if !f.known() {
		return 0
	}
	return 1 << f
}

// Facts is a set of facts, a plain value; the zero value is the empty set.
type Facts uint64

// FactsOf is the set of the given facts.
func FactsOf(facts ...Fact) Facts { return Facts(0).With(facts...) }

// With is the set with the given facts added.
func (s Facts) With(facts ...Fact) Facts {
	for _, f := range facts {
		s |= f.bit()
	}
	return s
}

// Without is the set with the given facts taken out.
func (s Facts) Without(facts ...Fact) Facts {
	for _, f := range facts {
		s &^= f.bit()
	}
	return s
}

// When adds the fact if it is true; it keeps the reading of columns into facts
// one line a fact.
func (s Facts) When(is bool, f Fact) Facts {
	if !is {
		return s
	}
	return s | f.bit()
}

// Has reports whether the fact is in the set as it stands; see Closed.
func (s Facts) Has(f Fact) bool { return s&f.bit() != 0 }

// inBin is no fact of the table and no cell can ask for it: it tells the bin's
// gate that the object from which the set was read lies in the bin.
const inBin Facts = 1 << 63

// WhenInBin notes that the object lies in the bin, itself or with what it belongs to.
func (s Facts) WhenInBin(is bool) Facts {
	if !is {
		return s
	}
	return s | inBin
}

// InBin reports whether the object lies in the bin.
func (s Facts) InBin() bool { return s&inBin != 0 }

// List gives the facts of the set in their fixed order.
func (s Facts) List() []Fact {
	var list []Fact
	for f := noFact + 1; f <= lastFact; f++ {
		if s.Has(f) {
			list = append(list, f)
		}
	}
	return list
}

const (
	ofRel Facts = 1<<Asg | 1<<Ase | 1<<Ase1 | 1<<Par | 1<<Aud
	ofMgr Facts = 1<<Masg | 1<<Mase | 1<<Mpar
	ofTgt Facts = 1<<TgtLow | 1<<TgtNotOwner | 1<<TgtInt | 1<<TgtNotPown | 1<<TgtClientMgr | 1<<MgrTgt | 1<<TgtExt | 1<<TgtNotAdmin
)

// Closed adds what follows from the facts of the set: an owner of a project is
// its administrator and member, an assignee has a relation to the task, and so
// on. It only ever adds, and it adds nothing that a cell negates, so closing
// never takes a right away.
func (s Facts) Closed() Facts {
	if s&ofRel != 0 {
		s |= 1 << Rel
	}
	if s.Has(Ase1) {
		s |= 1 << Ase
	}
	if s&ofMgr != 0 {
		s |= 1 << Mgr
	}
	if s&(1<<Pown|1<<Padm) != 0 {
		s |= 1<<Padm | 1<<Mem
	}
	if s&ofTgt != 0 {
		s = s.closedTarget()
	}
	return s
}

func (s Facts) closedTarget() Facts {
	s |= 1 << TgtAny
	if s.Has(TgtNotPown) {
		s |= 1 << TgtNotAdmin
	}
	if s&(1<<TgtNotAdmin|1<<TgtLow) != 0 {
		s |= 1 << TgtNotOwner
	}
	return s
}
