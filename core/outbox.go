package core

import (
	"context"
	"io"
	"time"

	"planpost/core/access"
	"planpost/mail"
)

// leaseLife is how long a claimed delivery belongs to its claimer: longer
// than a transport may take for one mail.
const leaseLife = 10 * time.Minute

// Letter is all that a mail is rendered from, read just before it is sent.
type Letter struct {
	Delivery Delivery
	Account  Account
	// Person is the recipient; To the address; Locale the language to write in.
	Person Person
	To     mail.Address
	Locale string
	// Staff get links to pages; outsiders answer by mail.
	Staff   bool
	Task    Task
	Project Project
	// Description of the task, empty for who may see the title only.
	Description string
	Entries     []LetterEntry
	// Held are messages for the task that wait for the recipient's decision.
	Held []LetterHeld
	// People are all that the task and its entries name.
	People map[ID]Person
	// Outside are the names of outsiders who can read the answer, for staff; Inside of those inside.
	Readers []string
	// Event is the most urgent of the delivery's events; Reasons why this person gets it.
	Event   Event
	Reasons []string
	// From, ReplyTo and ReversePath are our addresses; the last two carry tokens, made here and stored nowhere.
	From, ReplyTo, ReversePath mail.Address
	MessageID                  string
	References                 []string
	Date                       time.Time
	// TaskURL leads staff to the page.
	TaskURL string
	// HeldURL leads to held messages.
	HeldURL string
}

// LetterEntry is one comment of a mail.
type LetterEntry struct {
	Comment Comment
	Author  Person
}

// LetterHeld is one held message that a mail tells of.
type LetterHeld struct {
	Receipt Receipt
	Message Message
}

// ClaimDeliveries leases at most limit due deliveries to the caller.
func (c *Core) ClaimDeliveries(ctx context.Context, limit int) (list []Delivery, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		list, err = tx.ClaimDeliveries(ctx, c.Now(), leaseLife, limit)
		return err
	})
	return list, err
}

// NextDue is when the next delivery is due; ok is false when nothing waits.
func (c *Core) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		at, ok, err = tx.NextDue(ctx)
		return err
	})
	return at, ok, err
}

// Wake is told when a delivery may be due earlier than known. It holds no work.
func (c *Core) Wake() <-chan struct{} { return c.wake }

func (c *Core) wakeMailer() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Letter asks again whether the recipient may have the mail, and reads what
// it is rendered from. A Conflict whose code starts with "delivery." means
// that it must not be sent; the caller then records it as cancelled.
func (c *Core) Letter(ctx context.Context, d Delivery) (Letter, error) {
	l := Letter{Delivery: d}
	if err := c.store.View(ctx, func(tx Tx) error { return c.readLetter(ctx, tx, &l) }); err != nil {
		return l, err
	}
	if err := c.ensureReplyLink(ctx, &l); err != nil {
		return l, err
	}
	c.addressLetter(&l)
	return l, nil
}

func (c *Core) readLetter(ctx context.Context, tx Tx, l *Letter) (err error) {
	d := &l.Delivery
	if l.Account, err = tx.FindAccount(ctx, d.Account); err != nil {
		return err
	}
	if !l.Account.FrozenAt.IsZero() {
		return Fail(Conflict, "delivery.frozen")
	}
	if l.Person, err = tx.FindPerson(ctx, d.Account, d.Person); err != nil {
		return err
	}
	if !l.Person.BlockedAt.IsZero() {
		return Fail(Conflict, "delivery.blocked")
	}
	if !reachable(&l.Person) {
		return Fail(Conflict, "delivery.inactive")
	}
	l.Staff, l.To, l.Locale = l.Person.Staff(), l.Person.Address(), l.Person.Locale
	if l.Locale == "" {
		l.Locale = l.Account.Locale
	}
	if l.Task, err = tx.FindTask(ctx, d.Account, d.Task); err != nil {
		return err
	}
	if l.Task.Project != "" {
		if l.Project, err = tx.FindProject(ctx, d.Account, l.Task.Project); err != nil {
			return err
		}
	}
	return c.readEntries(ctx, tx, l)
}

// readEntries asks the rights again, once for the task and once for each comment.
func (c *Core) readEntries(ctx context.Context, tx Tx, l *Letter) error {
	reader := &Actor{Person: l.Person, Account: l.Account, Via: "mail"}
	facts, blocked, err := tx.TaskFacts(ctx, &l.Person, l.Task.ID)
	if err != nil {
		return err
	}
	if blocked {
		return Fail(Conflict, "delivery.blocked")
	}
	if !readable(reader, "task.view", facts) {
		return Fail(Conflict, "delivery.right")
	}
	if readable(reader, "task.view_description", facts) {
		l.Description = l.Task.Description
	}
	notes, err := tx.NotificationsOf(ctx, l.Delivery.Account, l.Delivery.ID)
	if err != nil {
		return err
	}
	for _, n := range notes {
		l.Event = urgent(l.Event, n.Event)
		l.Reasons = appendNew(l.Reasons, n.Reason)
		if n.Event == MessageHeld {
			if err := c.readHeld(ctx, tx, reader, l, n.Receipt); err != nil {
				return err
			}
		}
		if n.Comment == "" {
			continue
		}
		if err := c.readEntry(ctx, tx, reader, l, facts, n.Comment); err != nil {
			return err
		}
	}
	if len(l.Entries) == 0 && len(l.Held) == 0 && (l.Event == CommentAdded || l.Event == MessageHeld) {
		return Fail(Conflict, "delivery.nothing_left")
	}
	return c.readPeople(ctx, tx, l)
}

// readHeld adds a held message unless it was decided meanwhile or is not for this reader any more.
func (c *Core) readHeld(ctx context.Context, tx Tx, reader *Actor, l *Letter, id ID) error {
	r, err := tx.FindReceipt(ctx, l.Delivery.Account, id)
	if err != nil || r.Disposition != Held {
		return err
	}
	ans, err := c.may(ctx, tx, reader, "inbound.quarantine.view", Object{"receipt", id})
	if err != nil || !ans.Allowed {
		return err
	}
	m, err := tx.FindMessage(ctx, r.Account, r.Message)
	if err == nil {
		l.Held = append(l.Held, LetterHeld{Receipt: r, Message: m})
	}
	return err
}

// readable asks for a mail's reader. Whoever has no session reads as the
// addressee of a link to the task, which is what the mail itself is; such a
// link ends when its person has nothing to do with the task any more (links.md, 2).
func readable(a *Actor, action access.Action, facts access.Facts) bool {
	gates := access.Gates{Status: statusGate(a.Person.Status)}
	if facts.Closed().Has(access.Rel) {
		facts, gates.Link = facts.With(access.Lnk), access.LinkActive
	}
	return access.Decide(access.Request{Action: action, Subject: a.Person.Subject(), Facts: facts, Gates: gates}).Allowed
}

func (c *Core) readEntry(ctx context.Context, tx Tx, reader *Actor, l *Letter, taskFacts access.Facts, id ID) error {
	cm, err := tx.FindComment(ctx, l.Delivery.Account, id)
	if err != nil {
		return err
	}
	facts, _, err := tx.CommentFacts(ctx, &reader.Person, id)
	if err != nil {
		return err
	}
	if readable(reader, viewComment(&cm), facts|taskFacts) {
		l.Entries = append(l.Entries, LetterEntry{Comment: cm})
	}
	return nil
}

func (c *Core) readPeople(ctx context.Context, tx Tx, l *Letter) error {
	ids := l.Task.Related()
	for _, e := range l.Entries {
		ids = append(ids, e.Comment.Author)
	}
	people, err := peopleByID(ctx, tx, l.Account.ID, ids)
	if err != nil {
		return err
	}
	l.People = people
	for i := range l.Entries {
		l.Entries[i].Author = people[l.Entries[i].Comment.Author]
	}
	for _, id := range l.Task.Related() {
		p := people[id]
		if id != l.Person.ID && (p.Staff() || l.Staff) && p.Status == Active {
			l.Readers = append(l.Readers, p.Name)
		}
	}
	return nil
}

// urgent orders events by what a subject line must say first.
func urgent(a, b Event) Event {
	order := map[Event]int{"": 0, TaskChanged: 1, TaskShared: 2, CommentAdded: 3, TaskAssigned: 4, MessageHeld: 5}
	if order[b] > order[a] {
		return b
	}
	return a
}

func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// ensureReplyLink finds the row behind the letter's reply address.
func (c *Core) ensureReplyLink(ctx context.Context, l *Letter) error {
	link, err := c.replyLink(ctx, l.Account.ID, l.Person.ID, l.Task.ID, l.Delivery.Scope)
	l.Delivery.Link = link.ID
	return err
}

// replyLink is the one link of (person, task, scope); it is made when first needed and lives with the task.
func (c *Core) replyLink(ctx context.Context, account, person, task ID, scope string) (Link, error) {
	id, err := RandomID(c.rand)
	if err != nil {
		return Link{}, err
	}
	link := Link{ID: id, Account: account, Kind: ReplyLink, Person: person, Object: task, Scope: scope, CreatedAt: c.Now()}
	err = c.store.View(ctx, func(tx Tx) error {
		known, ok, err := tx.FindLinkOf(ctx, ReplyLink, person, task, scope)
		if ok {
			link = known
		}
		return err
	})
	if err == nil && link.ID == id {
		err = c.store.InTx(ctx, func(tx Tx) error { return tx.EnsureLink(ctx, &link) })
	}
	return link, err
}

// ReplyAddress is the address at which a person's answers reach a task. It
// is a live token: for the operator and for mail to that person only.
func (c *Core) ReplyAddress(ctx context.Context, account, person, task ID) (mail.Address, error) {
	link, err := c.replyLink(ctx, account, person, task, ScopeExternal)
	return mail.Address{Local: c.keys.ReplyLocal(link.ID), Domain: c.cfg.MailDomain}, err
}

// addressLetter makes the addresses and ids of the mail out of its rows.
func (c *Core) addressLetter(l *Letter) {
	domain := c.cfg.MailDomain
	l.From = mail.Address{Name: l.Account.Name, Local: "planpost", Domain: domain}
	if n := len(l.Entries); n > 0 && sameAuthor(l.Entries) {
		l.From.Name = l.Entries[n-1].Author.Name + " (" + l.Account.Name + ")"
	}
	l.ReplyTo = mail.Address{Name: l.Account.Name, Local: c.keys.ReplyLocal(l.Delivery.Link), Domain: domain}
	l.ReversePath = mail.Address{Local: c.keys.BounceLocal(l.Delivery.ID), Domain: domain}
	l.MessageID = c.keys.MessageIDOf(l.Delivery.ID, domain)
	l.References = []string{"t-" + string(l.Task.ID) + "@" + domain}
	l.Date = l.Delivery.SentDate
	if l.Staff {
		l.TaskURL = c.cfg.BaseURL + "/tasks/" + itoa(l.Task.Number)
		l.HeldURL = c.cfg.BaseURL + "/held"
	}
}

func sameAuthor(entries []LetterEntry) bool {
	for _, e := range entries {
		if e.Author.ID != entries[0].Author.ID {
			return false
		}
	}
	return true
}

// RecordAttempt writes what became of a claimed delivery. When the lease
// had ended meanwhile, nothing is written: somebody else has it now.
func (c *Core) RecordAttempt(ctx context.Context, r AttemptResult) error {
	r.Attempt.Text = cut(oneLine(c.redact(r.Attempt.Text)), 500)
	if r.Attempt.EndedAt.IsZero() {
		r.Attempt.EndedAt = c.Now()
	}
	if r.Attempt.ID == "" {
		r.Attempt.ID, r.Attempt.Account, r.Attempt.Delivery, r.Attempt.Number = NewID(), r.Delivery.Account, r.Delivery.ID, r.Delivery.Attempts
	}
	var kept bool
	err := c.store.InTx(ctx, func(tx Tx) error {
		var err error
		kept, err = tx.FinishAttempt(ctx, &r)
		return err
	})
	if err != nil || !kept {
		return err
	}
	c.log.Info("delivery", "delivery", r.Delivery.ID, "state", string(r.State), "attempt", r.Attempt.Number, "code", r.Attempt.Code, "remote", r.Attempt.Remote, "reason", r.Reason)
	c.bus.Publish(OutboxTopic(r.Delivery.Account))
	c.bus.Publish(TaskTopic(r.Delivery.Task))
	return nil
}

// SealCaptured seals a mail that the demo keeps instead of sending it.
func (c *Core) SealCaptured(l *Letter, raw []byte) ([]byte, error) {
	return c.Seal(&l.Account, l.Delivery.ID, raw)
}

// Captured gives a mail that was captured, as its recipient got it. It holds
// live addresses: only the demo's own mailbox page may show it.
func (c *Core) Captured(ctx context.Context, account, delivery ID) ([]byte, error) {
	var sealed []byte
	var a Account
	err := c.store.View(ctx, func(tx Tx) error {
		var err error
		if a, err = tx.FindAccount(ctx, account); err != nil {
			return err
		}
		sealed, err = tx.FindCaptured(ctx, account, delivery)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.Unseal(&a, delivery, sealed)
}

// DeliveryView is a delivery's page.
type DeliveryView struct {
	Item     DeliveryItem
	Attempts []Attempt
	May      Rights
}

// Deliveries lists mails of the account, newest first.
func (c *Core) Deliveries(ctx context.Context, a *Actor, f DeliveryFilter) (list []DeliveryItem, err error) {
	f.Limit = pageSize(f.Limit)
	err = c.store.View(ctx, func(tx Tx) error {
		ans, err := c.may(ctx, tx, a, "delivery.view", Object{})
		if err != nil {
			return err
		}
		if err := denied(ans); err != nil {
			return err
		}
		if list, err = tx.ListDeliveries(ctx, a.Account.ID, f); err != nil {
			return err
		}
		if ans.Must(access.Mask) {
			maskDeliveries(list)
		}
		return nil
	})
	return list, err
}

// maskDeliveries leaves what a technical administrator needs: times, states, domains (A6).
func maskDeliveries(list []DeliveryItem) {
	for i := range list {
		it := &list[i]
		if a, err := mail.ParseMailbox(it.Address); err == nil {
			it.Address = a.Masked()
		}
		it.PersonName, it.TaskTitle, it.TaskNumber = "", "", 0
	}
}

// Delivery gives one mail with its attempts.
func (c *Core) Delivery(ctx context.Context, a *Actor, id ID) (v DeliveryView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		ans, err := c.may(ctx, tx, a, "delivery.view", Object{"delivery", id})
		if err != nil {
			return err
		}
		if err := denied(ans); err != nil {
			return err
		}
		list, err := tx.ListDeliveries(ctx, a.Account.ID, DeliveryFilter{ID: id, Limit: 1})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return Fail(NotFound, "not_found")
		}
		if ans.Must(access.Mask) {
			maskDeliveries(list)
		}
		v.Item = list[0]
		if v.Attempts, err = tx.ListAttempts(ctx, a.Account.ID, id); err != nil {
			return err
		}
		v.May, err = c.rights(ctx, tx, a, Object{"delivery", id}, "delivery.retry", "delivery.cancel")
		return err
	})
	return v, err
}

// SendAgain makes a delivery that ended due once more; the same mail, byte for byte.
func (c *Core) SendAgain(ctx context.Context, a *Actor, id ID) error {
	return c.redeliver(ctx, a, "delivery.retry", id, DeliveryDue)
}

// CancelDelivery stops one that waits.
func (c *Core) CancelDelivery(ctx context.Context, a *Actor, id ID) error {
	return c.redeliver(ctx, a, "delivery.cancel", id, DeliveryCancelled)
}

func (c *Core) redeliver(ctx context.Context, a *Actor, action access.Action, id ID, to DeliveryState) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, action, Object{"delivery", id}); err != nil {
			return err
		}
		ok, err := tx.SetDeliveryState(ctx, a.Account.ID, id, to, "by_hand", tx.Now())
		if err != nil {
			return err
		}
		if !ok {
			return Fail(Conflict, "delivery.state")
		}
		return c.note(ctx, tx, a, string(action), Object{"delivery", id})
	})
	if err == nil {
		c.bus.Publish(OutboxTopic(a.Account.ID))
		c.wakeMailer()
	}
	return err
}

// Counts are totals that must fit together, for benchmarks and the operator's check.
func (c *Core) Counts(ctx context.Context) (n Counts, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		n, err = tx.Counts(ctx)
		return err
	})
	return n, err
}

// IndexPending moves new texts into the full-text index; a duty. It tells how many it moved.
func (c *Core) IndexPending(ctx context.Context) (n int, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		n, err = tx.IndexPending(ctx, 500)
		return err
	})
	return n, err
}

// readFile gives a whole file of the account.
func (c *Core) readFile(ctx context.Context, a *Account, hash string) ([]byte, error) {
	f, err := c.files.Open(ctx, a.ID, hash)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// PendingSearch is how many texts wait for the full-text index.
func (c *Core) PendingSearch(ctx context.Context) (n int64, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		n, err = tx.PendingSearch(ctx)
		return err
	})
	return n, err
}

// deliveryFacts are those of the delivery's task, and MINE for who wrote what it carries.
func deliveryFacts(ctx context.Context, tx Tx, a *Actor, id ID) (facts access.Facts, blocked bool, err error) {
	d, err := tx.FindDelivery(ctx, a.Account.ID, id)
	if err != nil {
		return 0, false, err
	}
	facts = CapFacts(&a.Person)
	if d.Task != "" {
		if facts, blocked, err = tx.TaskFacts(ctx, &a.Person, d.Task); err != nil {
			return 0, false, err
		}
	}
	notes, err := tx.NotificationsOf(ctx, a.Account.ID, id)
	if err != nil {
		return 0, false, err
	}
	for _, n := range notes {
		if n.Comment == "" {
			continue
		}
		cm, err := tx.FindComment(ctx, a.Account.ID, n.Comment)
		if err != nil {
			return 0, false, err
		}
		facts = facts.When(cm.Author == a.Person.ID && a.Person.ID != "", access.Mine)
	}
	return facts, blocked, nil
}
