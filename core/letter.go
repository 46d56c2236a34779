package core

import (
	"context"
	"time"

	"planpost/core/access"
	"planpost/mail"
)

// Letter is all that a mail is rendered from, read just before it is sent.
type Letter struct {
	Delivery Delivery
	Account  Account
	// Person is the recipient; To the address; Locale the language to write in.
	Person Person
	To     mail.Address
	Locale string
	// Staff get links to pages; outsiders answer by mail.
	Staff bool
	// Task is zero in a letter that only tells of held messages for no task; Project
	// is then theirs, if it is the same for all.
	Task    Task
	Project Project
	// Topic is what the subject says of the task: its title in the first mail to this person.
	Topic string
	// Description of the task, empty for who may see the title only.
	Description string
	Entries     []LetterEntry
	// Earlier are messages before the Entries that the recipient may read, newest first.
	Earlier []LetterEntry
	// Held are messages that wait for the recipient's decision; MoreHeld counts those
	// that came beyond the first maxHeld.
	Held     []LetterHeld
	MoreHeld int
	// People are all that the task and its entries name.
	People map[ID]Person
	// Readers are the names of those inside who get the answer, OutsideReaders of those outside: only for
	// staff. OthersRead tells an outsider that others from outside can read it, too.
	Readers, OutsideReaders []string
	OthersRead              bool
	// Event is the most urgent of the delivery's events; Reasons why this person gets it.
	Event   Event
	Reasons []string
	// From, ReplyTo and ReversePath are our addresses; the last two carry tokens, made here and
	// stored nowhere. ReplyTo is zero when there is no task to answer to.
	From, ReplyTo, ReversePath mail.Address
	MessageID                  string
	References                 []string
	Date                       time.Time
	// TaskURL leads staff to the page; ThreadURL those outside to this one conversation, with a token like LinkURL's.
	TaskURL, ThreadURL string
	// UnsubscribeURL leads to where such mail is stopped, with a token; empty for what is addressed to its reader.
	UnsubscribeURL string
	// FilesURL begins the address of every file of the entries; its ID and its name follow.
	FilesURL string
	// MuteURL leads those inside to where mail about the task is stopped, ChooseURL to what they get mail about.
	MuteURL, ChooseURL string
	// HeldURL leads to all held messages, NotesURL to all that its reader was told.
	HeldURL, NotesURL string
	// Link is the row behind a LinkLetter, By who made it. LinkURL and Code carry its token: like the
	// addresses they are made here and stored nowhere. QuickURL leads to the quick start in the reader's language.
	Link              Link
	By                Person
	LinkURL, QuickURL string
	Code              string
	thread            Link
	links             []Link
	// Digest is what a DigestLetter tells; MoreTasks counts those beyond it.
	Digest    []DigestTask
	MoreTasks int
	taste     *taste
	// Visit is what a VisitLetter tells; VisitURL leads those inside to its page.
	Visit    VisitNews
	VisitURL string
	// Holder is what a HolderLetter tells.
	Holder HolderNews
	// Sending is what a TransmittalLetter brings, Approval what an ApprovalLetter asks.
	Sending  Sending
	Approval ApprovalNews
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
	// Project is where it was sent to; zero when it was to no project.
	Project Project
	// URL leads to the message's page.
	URL string
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
	if !reachable(&l.Person) && (d.Kind == TaskLetter || d.Kind == DigestLetter || !writable(&l.Person)) {
		return Fail(Conflict, "delivery.inactive")
	}
	l.Staff, l.To, l.Locale = l.Person.Staff(), l.Person.Address(), l.Account.LocaleOf(&l.Person)
	if d.Kind == DigestLetter {
		return c.readDigest(ctx, tx, l)
	}
	if d.Kind != TaskLetter {
		return c.readPlain(ctx, tx, l)
	}
	if d.Task == "" {
		return c.readWaiting(ctx, tx, l)
	}
	if l.Task, err = tx.FindTask(ctx, d.Account, d.Task); err != nil {
		return err
	}
	if l.Task.Project != "" {
		if l.Project, err = tx.FindProject(ctx, d.Account, l.Task.Project); err != nil {
			return err
		}
	}
	if err := c.readEntries(ctx, tx, l); err != nil {
		return err
	}
	l.links = c.letterLinks(l)
	return l.findLinks(ctx, tx)
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
	notes, unwanted, err := stillWanted(ctx, tx, l, l.Task.Project, notes)
	if err != nil {
		return err
	}
	for _, n := range notes {
		if !n.ReadAt.IsZero() && n.Reason != "told" && l.Delivery.Attempts <= 1 { // seen in the pages before it left; a repeat is the same mail
			unwanted = "delivery.read"
			continue
		}
		before := len(l.Entries) + len(l.Held)
		if n.Event == MessageHeld {
			if err := c.readHeld(ctx, tx, reader, l, n.Receipt); err != nil {
				return err
			}
		}
		if n.Comment != "" {
			if err := c.readEntry(ctx, tx, reader, l, facts, n.Comment); err != nil {
				return err
			}
		}
		opens := n.Event == TaskAssigned || n.Event == TaskShared
		if !opens && len(l.Entries)+len(l.Held) == before {
			continue // decided or hidden meanwhile: the subject must not speak of it
		}
		l.Event = urgent(l.Event, n.Event.said())
		l.Reasons = appendNew(l.Reasons, n.Reason)
	}
	switch {
	case l.Event == "" && unwanted != "":
		return Fail(Conflict, unwanted)
	case l.Event == "":
		return Fail(Conflict, "delivery.nothing_left")
	}
	if err := c.readEarlier(ctx, tx, reader, l, facts); err != nil {
		return err
	}
	if err := c.readPeople(ctx, tx, l); err != nil {
		return err
	}
	if err := c.readReaders(ctx, tx, l); err != nil {
		return err
	}
	l.veil()
	return nil
}

// readable asks for a mail's reader. Whoever has no session reads as the
// addressee of a link to the task, which is what the mail itself is; such a
// link ends when its person has nothing to do with the task any more (links.md, 2).
func readable(a *Actor, action access.Action, facts access.Facts) bool {
	gates := access.Gates{Status: statusGate(a.Person.Status), InBin: facts.InBin()}
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
	if cm.Task != l.Task.ID {
		return nil // moved meanwhile: an answer to this mail would not reach it
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

// replyLink is the one link of (person, task, scope); it lives with the task.
func (c *Core) replyLink(ctx context.Context, account, person, task ID, scope string) (Link, error) {
	return c.linkOf(ctx, Link{Account: account, Kind: ReplyLink, Person: person, Object: task, Scope: scope})
}

// ReplyAddress is the address at which a person's answers reach a task. It
// is a live token: for the operator and for mail to that person only.
func (c *Core) ReplyAddress(ctx context.Context, account, person, task ID) (mail.Address, error) {
	link, err := c.replyLink(ctx, account, person, task, ScopeExternal)
	return mail.Address{Local: c.keys.ReplyLocal(link.ID), Domain: c.cfg.MailDomain}, err
}

// addressLetter makes the addresses and ids of the mail out of its rows.
func (c *Core) addressLetter(l *Letter, mode ReplyMode) {
	domain := c.cfg.MailDomain
	l.From = c.sender(l.Delivery.Stream, mode)
	l.From.Name = senderName(l)
	l.ReversePath = mail.Address{Local: ownLocal(mode, c.keys.BounceLocal(l.Delivery.ID)), Domain: domain}
	l.MessageID = c.keys.MessageIDOf(l.Delivery.ID, domain)
	l.Date = l.Delivery.SentDate
	if l.Staff && l.Delivery.Stream != SecurityStream {
		l.ChooseURL = c.cfg.BaseURL + "/me/notifications"
	}
	if l.Delivery.Kind != TaskLetter {
		if l.Delivery.isTest() {
			l.ReplyTo = c.replyAddress(&l.Account, mode, c.keys.ProbeLocal(l.Delivery.ID))
		}
		c.addressPlain(l)
		if l.Delivery.Kind == ApprovalLetter {
			c.addressApproval(l, mode)
		}
		return
	}
	if l.Task.ID != "" {
		l.ReplyTo = c.replyAddress(&l.Account, mode, c.keys.ReplyLocal(l.Delivery.Link))
		l.References = []string{"t-" + string(l.Task.ID) + "@" + domain}
	}
	if !l.Staff {
		l.FilesURL = l.ThreadURL + "/attachments/"
		return
	}
	l.FilesURL = c.cfg.BaseURL + "/attachments/"
	l.HeldURL = c.cfg.BaseURL + "/held"
	if l.Task.ID != "" {
		l.TaskURL = c.cfg.BaseURL + "/tasks/" + itoa(l.Task.Number)
		l.MuteURL = l.TaskURL + "#mute"
	}
}
