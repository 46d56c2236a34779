package core_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"planpost/cluster"
	"planpost/core"
	"planpost/files"
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/mail/reply"
	"planpost/store"
	"planpost/store/storetest"
)

// house is a small company with a core over a real store.
type house struct {
	t     *testing.T
	ctx   context.Context
	c     *core.Core
	store *store.Store
	now   time.Time
	// with makes a core over the same parts with something else in its configuration.
	with func(change func(*core.Config)) *core.Core

	account          core.Account
	owner, eve       core.Person // the owner; the employee who does the work
	klara, karl, sub core.Person // klara and karl are of the client's firm, sub is of another
	client, other    core.Company
	project          core.Project
	task             core.Task
	sent             int
}

const domain = "in.test"

func newHouse(t *testing.T, s *store.Store) *house { return newHouseOn(t, s, s) }

// newHouseOn is newHouse with a core that sees the store through another.
func newHouseOn(t *testing.T, s *store.Store, seen core.Store) *house {
	t.Helper()
	h := newBareHouse(t, s, seen)
	var err error
	h.account, h.owner, err = h.c.CreateAccount(h.ctx, core.Setup{AccountName: "Holzbau", Locale: "de", Zone: "Europe/Vienna", Name: "Olga", Address: "olga@holzbau.test", Password: "correct horse battery"})
	h.must(err)
	a := h.as(h.owner)
	h.eve, err = h.c.CreateUser(h.ctx, a, core.NewUser{Name: "Eve", Address: "eve@holzbau.test", Role: core.Employee, Password: "another long phrase"})
	h.must(err)
	h.client, err = h.c.CreateCompany(h.ctx, a, "Client")
	h.must(err)
	h.other, err = h.c.CreateCompany(h.ctx, a, "Other")
	h.must(err)
	h.klara, h.karl, h.sub = h.contact("Klara", "klara@client.test", h.client.ID), h.contact("Karl", "karl@client.test", h.client.ID), h.contact("Sub", "sub@other.test", h.other.ID)
	h.project, err = h.c.CreateProject(h.ctx, a, core.NewProject{Name: "Haus am See", Counterparty: h.client.ID, Responsible: h.eve.ID})
	h.must(err)
	h.task, err = h.c.CreateTask(h.ctx, a, core.NewTask{Title: "Door", Description: "the secret plan", Project: h.project.ID, Assignee: h.eve.ID, Participants: []core.ID{h.klara.ID, h.karl.ID, h.sub.ID}})
	h.must(err)
	return h
}

// newBareHouse is a host where nobody is yet.
func newBareHouse(t *testing.T, s *store.Store, seen core.Store) *house {
	t.Helper()
	folder, err := files.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	keys, err := core.NewKeyring(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, ctx: context.Background(), store: s, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	var ticking sync.Mutex // a mailer of the test asks from many sides at once
	clock := func() time.Time {
		ticking.Lock()
		defer ticking.Unlock()
		h.now = h.now.Add(time.Millisecond)
		return h.now
	}
	parts := core.Parts{Store: seen, Files: folder, Staging: folder, Bus: cluster.NewBus(), Limiter: cluster.NewLimiter(clock), Keys: keys, Now: clock}
	h.with = func(change func(*core.Config)) *core.Core {
		cfg := core.Config{MailDomain: domain, BaseURL: "http://planpost.test", PasswordCost: core.PasswordCost{Passes: 1, Memory: 64}}
		change(&cfg)
		return core.New(cfg, parts)
	}
	h.c = h.with(func(*core.Config) {})
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) contact(name, address string, firm core.ID) core.Person {
	h.t.Helper()
	p, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: name, Address: address, Company: firm})
	h.must(err)
	return p
}

func (h *house) as(p core.Person) *core.Actor {
	return &core.Actor{Person: p, Account: h.account, Via: "page"}
}

// replyTo is the address at which p answers on the task.
func (h *house) replyTo(p core.Person) string {
	h.t.Helper()
	a, err := h.c.ReplyAddress(h.ctx, h.account.ID, p.ID, h.task.ID)
	h.must(err)
	return a.Mailbox()
}

// mailTo brings a message in as the road does.
func (h *house) mailTo(raw string, outcome auth.Outcome, to ...string) ([]core.Receipt, error) {
	h.t.Helper()
	return h.mailFrom(raw, auth.Verdict{Outcome: outcome}, to...)
}

// mailFrom is mailTo with all that is known about the sender.
func (h *house) mailFrom(raw string, verdict auth.Verdict, to ...string) ([]core.Receipt, error) {
	h.t.Helper()
	raw = strings.ReplaceAll(raw, "\n", "\r\n")
	in := &core.Inbound{Envelope: &mail.Envelope{ReversePath: mail.Address{Local: "bounce", Domain: "sender.test"}, Protocol: "ESMTP", ReceivedAt: h.now}, Raw: []byte(raw), Hash: mail.ContentHash([]byte(raw)), Verdict: verdict}
	m, err := mail.Parse([]byte(raw), mail.Limits{})
	if err != nil {
		in.Unreadable = "not_a_message"
	} else {
		in.Message, in.Class, in.Reports = m, mail.Classify(m, in.Envelope), mail.Reports(m)
		in.Words = reply.Extract(reply.Input{Text: m.Text, HTML: m.HTML})
	}
	for _, s := range to {
		a, err := mail.ParseMailbox(s)
		h.must(err)
		r, err := h.c.Route(h.ctx, a)
		h.must(err)
		if r.Refuse != "" {
			h.t.Fatalf("%s is refused: %s", s, r.Refuse)
		}
		in.Routes = append(in.Routes, r)
	}
	if err := h.c.Resolve(h.ctx, in); err != nil {
		return nil, err
	}
	return h.c.AcceptInbound(h.ctx, in)
}

// letter is a plain message from an address.
func (h *house) letter(from, text string) string {
	h.sent++
	return fmt.Sprintf("From: %s\nTo: x@%s\nSubject: Re: [#1] Door\nMessage-ID: <%d@test>\n\n%s\n", from, domain, h.sent, text)
}

// one is mailTo with one recipient and its receipt.
func (h *house) one(raw string, outcome auth.Outcome, to string) core.Receipt {
	h.t.Helper()
	rs, err := h.mailTo(raw, outcome, to)
	h.must(err)
	if len(rs) != 1 {
		h.t.Fatalf("%d receipts", len(rs))
	}
	return rs[0]
}

// comments are the task's as the owner sees them.
func (h *house) comments() []core.CommentView {
	h.t.Helper()
	v, err := h.c.Task(h.ctx, h.as(h.owner), h.task.Number, "")
	h.must(err)
	return v.Comments
}

func (h *house) lastComment() core.CommentView {
	h.t.Helper()
	list := h.comments()
	if len(list) == 0 {
		h.t.Fatal("no comment")
	}
	return list[len(list)-1]
}

// pass lets time go by, until gathered mail is due.
func (h *house) pass(d time.Duration) { h.now = h.now.Add(d) }

// letters claims and reads all that is due; what must not be sent is in refused, by person.
func (h *house) letters() (sent map[string]core.Letter, refused map[string]string) {
	h.t.Helper()
	sent = map[string]core.Letter{}
	refused = h.eachLetter(func(l core.Letter) {
		if l.Task.ID != "" || sent[l.Person.Name].Task.ID == "" { // a notice beside it does not count
			sent[l.Person.Name] = l
		}
	})
	return sent, refused
}

// lettersTo claims and reads all that is due; given are the newest to somebody, by kind.
func (h *house) lettersTo(name string) map[core.LetterKind]core.Letter {
	h.t.Helper()
	sent := map[core.LetterKind]core.Letter{}
	h.eachLetter(func(l core.Letter) {
		if l.Person.Name == name {
			sent[l.Delivery.Kind] = l
		}
	})
	return sent
}

func (h *house) eachLetter(each func(core.Letter)) (refused map[string]string) {
	h.t.Helper()
	refused = map[string]string{}
	for {
		list, err := storetest.Claim(h.ctx, h.c, 10)
		h.must(err)
		if len(list) == 0 {
			return refused
		}
		all, err := h.c.Letters(h.ctx, list)
		h.must(err)
		for i, d := range list {
			l, err := all[i].Letter, all[i].Err
			result := core.AttemptResult{Delivery: d, State: core.DeliverySent, SentText: "text", Attempt: core.Attempt{StartedAt: h.now}}
			if core.KindOf(err) == core.Conflict {
				refused[l.Person.Name] = core.CodeOf(err)
				result.State, result.Reason = core.DeliveryCancelled, core.CodeOf(err)
			} else {
				h.must(err)
				each(l)
				result.Delivery, result.Attempt.Address = l.Delivery, l.To.Norm()
			}
			h.must(h.c.RecordAttempt(h.ctx, result))
		}
	}
}

func each(t *testing.T, test func(h *house)) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) { test(newHouse(t, open())) })
}

// basic is a contact of the client's firm with a dashboard.
func (h *house) basic(name, address string) core.Person {
	h.t.Helper()
	p, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: name, Address: address, Company: h.client.ID, Access: core.BasicAccess})
	h.must(err)
	return p
}

// log is the newest of the change log, as a may read it.
func (h *house) log(a *core.Actor) ([]core.LogEntry, error) {
	page, err := h.c.Log(h.ctx, a, core.LogFilter{Limit: 200})
	return page.Entries, err
}
