package core

import (
	"context"
	"slices"
	"strings"
	"time"

	"planpost/core/access"
)

// Actor is on whose behalf something is done.
type Actor struct {
	Person  Person
	Account Account
	// Session is the signed-in browser's session; empty elsewhere.
	Session string
	// Via is how the deed came: page, mail, cli or system.
	Via string
	// Auth is how the actor proved who he is (LogEntry.Auth).
	Auth string
	// IP is the address the request came from, as text; empty on the command line and for mail.
	IP string
	// Gates are what the door knows of this request: network, second factor, link, looking through another's eyes.
	Gates access.Gates
	// ViewedBy is who looks through Person's eyes; nil when nobody does.
	ViewedBy *Person
	// Viewing is that looking, which ends at ViewUntil.
	Viewing   ID
	ViewUntil time.Time
	// Link carries the request of who comes by it alone; zero for a session.
	Link Link
	// sent is what the sending of the link holds, once it was read.
	sent []TransmittalItem
	// Operator has a shell on the host and is asked no rights; the log says so.
	Operator bool
}

// OperatorOf is the command line acting in an account.
func OperatorOf(a Account) *Actor {
	return &Actor{Account: a, Via: "cli", Auth: "shell", Operator: true}
}

// Viewer is the actor as lists know it.
func (a *Actor) Viewer() Viewer {
	return Viewer{Account: a.Account.ID, Person: a.Person, All: a.Operator, Link: a.Link.Object}
}

// Object is what a right is asked about. The zero ID means the account itself or a thing yet to be made.
type Object struct {
	// Kind is task, project, comment, visit, hours, receipt, plan, version, approval, transmittal, person, company, or empty for the account.
	Kind string
	ID   ID
}

// Rights are the answers that a page needs to decide what it shows.
type Rights map[access.Action]bool

// May asks whether the actor may do action on o, in a snapshot of its own.
func (c *Core) May(ctx context.Context, a *Actor, action access.Action, o Object) (ans access.Answer, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		ans, err = c.may(ctx, tx, a, action, o)
		return err
	})
	return ans, err
}

// may asks one right inside a transaction. Extra facts are those only the caller can know.
func (c *Core) may(ctx context.Context, tx Tx, a *Actor, action access.Action, o Object, extra ...access.Fact) (access.Answer, error) {
	if a.Operator {
		return access.Answer{Allowed: true, Reason: "operator"}, nil
	}
	facts, blocked, err := objectFacts(ctx, tx, a, o)
	if err != nil {
		return access.Answer{}, err
	}
	facts = facts.With(extra...)
	return decide(a, action, facts, blocked, o.mayKnow(a, facts, blocked)), nil
}

// require is may as an error.
func (c *Core) require(ctx context.Context, tx Tx, a *Actor, action access.Action, o Object, extra ...access.Fact) error {
	ans, err := c.may(ctx, tx, a, action, o, extra...)
	if err != nil {
		return err
	}
	if ans.Allowed && a.Link.ID != "" {
		return c.linkWrites(ctx, tx, a, action)
	}
	return denied(ans)
}

// rights answers several actions about one object with one look at its facts.
func (c *Core) rights(ctx context.Context, tx Tx, a *Actor, o Object, actions ...access.Action) (Rights, error) {
	r := make(Rights, len(actions))
	var facts access.Facts
	var blocked bool
	if !a.Operator {
		var err error
		if facts, blocked, err = objectFacts(ctx, tx, a, o); err != nil {
			return nil, err
		}
	}
	for _, action := range actions {
		r[action] = a.Operator || decide(a, action, facts, blocked, true).Allowed
	}
	return r, nil
}

func decide(a *Actor, action access.Action, facts access.Facts, blocked, mayKnow bool) access.Answer {
	return access.Decide(request(a, action, facts, blocked, mayKnow))
}

func request(a *Actor, action access.Action, facts access.Facts, blocked, mayKnow bool) access.Request {
	gates := a.Gates
	gates.Frozen = !a.Account.FrozenAt.IsZero()
	gates.Status = statusGate(a.Person.Status)
	gates.BlockedInProject = blocked
	gates.BlockedEverywhere = !a.Person.BlockedAt.IsZero()
	gates.ProjectOwner = facts.Has(access.Pown)
	gates.InBin = gates.InBin || facts.InBin()
	r := access.Request{Action: action, Subject: a.Person.Subject(), Facts: facts.Closed(), MayKnow: mayKnow, Gates: gates}
	if a.Link.ID != "" {
		r.Subject, r.Addressee = access.Stranger, r.Subject
	}
	return r
}

// denied turns an answer into the error that a door shows; nil when allowed.
func denied(ans access.Answer) error {
	if ans.Allowed {
		return nil
	}
	switch ans.Deny {
	case access.Gone:
		return Fail(Expired, "gone")
	case access.Conflict:
		return Fail(Conflict, "state")
	case access.Forbidden:
		return Fail(Forbidden, "forbidden")
	}
	return Fail(NotFound, "not_found")
}

// mayKnow tells whether a refusal may admit that the object exists: to
// those who may look at it (permissions.md, Answer).
func (o Object) mayKnow(a *Actor, f access.Facts, blocked bool) bool {
	view := map[string]access.Action{"task": "task.view", "project": "project.view", "comment": "comment.view_public", "attachment": "comment.view_public", "receipt": "inbound.view", "visit": "visit.view", "hours": "time.view", "delivery": "delivery.view", "link": "link.list", "plan": "plan.view", "version": "plan.view", "approval": "approval.view", "transmittal": "plan.list", "person": "contact.view", "company": "contact.view"}[o.Kind]
	if o.Kind == "person" && f.Has(access.TgtInt) {
		view = "user.view"
	}
	if f.InBin() {
		return decide(a, "bin.view", f, blocked, true).Allowed
	}
	return o.ID == "" || f.Has(access.Self) || decide(a, view, f, blocked, true).Allowed
}

// objectFacts reads what is true of the object and the actor, LNK included.
func objectFacts(ctx context.Context, tx Tx, a *Actor, o Object) (access.Facts, bool, error) {
	facts, blocked, err := rowFacts(ctx, tx, a, o)
	if err != nil || a.Link.ID == "" {
		return facts, blocked, err
	}
	covered, err := a.linkCovers(ctx, tx, o)
	return facts.When(covered, access.Lnk), blocked, err
}

func rowFacts(ctx context.Context, tx Tx, a *Actor, o Object) (access.Facts, bool, error) {
	switch {
	case o.ID == "":
		return CapFacts(&a.Person), false, nil
	case o.Kind == "task":
		return tx.TaskFacts(ctx, &a.Person, o.ID)
	case o.Kind == "project":
		return tx.ProjectFacts(ctx, &a.Person, o.ID)
	case o.Kind == "comment":
		return tx.CommentFacts(ctx, &a.Person, o.ID)
	case o.Kind == "attachment":
		att, err := tx.FindAttachment(ctx, a.Account.ID, o.ID)
		if err != nil {
			return 0, false, err
		}
		return tx.CommentFacts(ctx, &a.Person, att.Comment)
	case o.Kind == "visit":
		return tx.VisitFacts(ctx, &a.Person, o.ID)
	case o.Kind == "hours":
		return tx.HoursFacts(ctx, &a.Person, o.ID)
	case o.Kind == "receipt":
		return tx.ReceiptFacts(ctx, &a.Person, o.ID)
	case o.Kind == "plan":
		return tx.PlanFacts(ctx, &a.Person, o.ID)
	case o.Kind == "version":
		return tx.VersionFacts(ctx, &a.Person, o.ID)
	case o.Kind == "approval":
		return tx.ApprovalFacts(ctx, &a.Person, o.ID)
	case o.Kind == "transmittal":
		return tx.TransmittalFacts(ctx, &a.Person, o.ID)
	case o.Kind == "link":
		return tx.LinkFacts(ctx, &a.Person, o.ID)
	case o.Kind == "person":
		p, err := tx.FindPerson(ctx, a.Account.ID, o.ID)
		if err != nil {
			return 0, false, err
		}
		facts, blocked, err := tx.PersonFacts(ctx, &a.Person, o.ID)
		return facts | targetFacts(&a.Person, &p), blocked, err
	case o.Kind == "company":
		return tx.CompanyFacts(ctx, &a.Person, o.ID)
	case o.Kind == "delivery":
		return deliveryFacts(ctx, tx, a, o.ID)
	}
	return CapFacts(&a.Person), false, nil
}

// defaultCaps are the switches a role starts with (permissions.md, CAP_x).
var defaultCaps = map[access.Subject][]string{
	access.Manager:  {"tasks", "contacts", "visits", "reports"},
	access.Employee: {"tasks", "contacts"},
}

// CapFacts are the switches of a member of staff as facts: those of the role and
// the person's own. One with a minus before it turns off what the role brings,
// a minus alone all that it brings.
func CapFacts(p *Person) (f access.Facts) {
	if !p.Staff() {
		return 0
	}
	caps := p.Caps
	if !slices.Contains(caps, "-") {
		caps = append(slices.Clone(defaultCaps[p.Subject()]), caps...)
	}
	for _, name := range caps {
		if fact, ok := access.ParseFact("CAP_" + strings.ToUpper(name)); ok && !slices.Contains(p.Caps, "-"+name) {
			f = f.With(fact)
		}
	}
	return f
}

func statusGate(status string) access.Status {
	switch status {
	case Active:
		return access.StatusActive
	case Pending:
		return access.StatusPending
	case Inactive:
		return access.StatusInactive
	}
	return access.StatusDeleted
}

// rank orders people by what they may do to one another.
func rank(p *Person) int {
	switch p.Subject() {
	case access.Owner:
		return 5
	case access.Administrator:
		return 4
	case access.Manager:
		return 3
	case access.Employee, access.TechnicalAdministrator:
		return 2
	case access.ExternalAdvanced, access.ExternalBasic:
		return 1
	}
	return 0
}

// targetFacts compare the subject with the person he acts on.
func targetFacts(s, t *Person) access.Facts {
	return access.FactsOf(access.TgtAny).
		When(s.ID == t.ID, access.Self).
		When(rank(t) < rank(s), access.TgtLow).
		When(t.Role != Owner, access.TgtNotOwner).
		When(t.Staff(), access.TgtInt).
		When(!t.Staff(), access.TgtExt).
		When(t.Role != Owner && t.Role != Administrator, access.TgtNotAdmin).
		When(t.Manager != "" && t.Manager == s.ID, access.MgrTgt)
}

// viewComment is the right that a comment asks of who wants to see it.
func viewComment(cm *Comment) access.Action {
	if cm.Hidden {
		return "comment.view_hidden"
	}
	return "comment.view_public"
}
