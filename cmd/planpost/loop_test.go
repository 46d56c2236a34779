package main

import (
	"io"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"planpost/core"
	"planpost/mail"
)

// crossroads takes the mail of two hosts and brings to each what is for it.
type crossroads struct {
	sink
	doors map[string]string // by domain
	bend  func(*kept)
}

type crossing struct {
	sinkSession
	roads *crossroads
}

// Data brings mail between the hosts on, and keeps all of it.
func (s *crossing) Data(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	m := kept{s.from, s.to[0], string(raw)}
	_, domain, _ := strings.Cut(m.to, "@")
	if door := s.roads.doors[domain]; door != "" {
		s.roads.bend(&m)
		s.roads.mu.Lock()
		s.roads.got = append(s.roads.got, m)
		s.roads.mu.Unlock()
		return sendMail(door, m.from, []byte(m.raw), m.to)
	}
	return nil
}

func newCrossroads(t *testing.T, bend func(*kept)) *crossroads {
	t.Helper()
	c := &crossroads{doors: map[string]string{}, bend: bend}
	c.serve(t, func() gosmtp.Session { return &crossing{sinkSession{sink: &c.sink}, c} })
	return c
}

// knows lets a contact of w be another host: everything that comes from there is his.
func (w *world) knows(name string, addresses ...string) core.Person {
	w.t.Helper()
	p, err := w.core.CreateContact(w.ctx, w.as(w.olga), core.NewContact{Name: name, Address: addresses[0]})
	must(w.t, err)
	must(w.t, w.store.InTx(w.ctx, func(tx core.Tx) error {
		for _, a := range addresses[1:] {
			given, err := mail.ParseMailbox(a)
			must(w.t, err)
			if err := tx.AddAddress(w.ctx, &core.PersonAddress{ID: core.NewID(), Account: w.account.ID, Person: p.ID, Given: given, Norm: given.Norm()}); err != nil {
				return err
			}
		}
		return nil
	}))
	return p
}

// reaches makes an address the main one of p, in place of the one that was.
func (w *world) reaches(p core.Person, address string) {
	w.t.Helper()
	given, err := mail.ParseMailbox(address)
	must(w.t, err)
	must(w.t, w.store.InTx(w.ctx, func(tx core.Tx) error {
		return tx.ReplaceAddress(w.ctx, &core.PersonAddress{ID: p.Addresses[0].ID, Account: w.account.ID, Person: p.ID, Given: given, Norm: given.Norm(), Primary: true})
	}))
}

// shares makes a task that p has to do with, and gives where he answers on it.
func (w *world) shares(p core.Person) (core.Task, string) {
	w.t.Helper()
	t, err := w.core.CreateTask(w.ctx, w.as(w.olga), core.NewTask{Title: "A task with " + p.Name, Project: w.project.ID, Assignee: w.eve.ID, Participants: []core.ID{p.ID}})
	must(w.t, err)
	a, err := w.core.ReplyAddress(w.ctx, w.account.ID, p.ID, t.ID)
	must(w.t, err)
	return t, a.Mailbox()
}

// waits tells whether mail waits to be sent.
func (w *world) waits() bool {
	n, err := w.core.Counts(w.ctx)
	must(w.t, err)
	return n.DueDeliveries > 0
}

// Two hosts know each other as a contact, by all addresses of theirs, and are each other's answer.
func TestTwoPlanpostsThatAnswerEachOtherFallSilent(t *testing.T) {
	asPeople := func(m *kept) {
		for _, name := range []string{"Auto-Submitted", "X-Auto-Response-Suppress", "X-Planpost-Reason", "List-Id", "List-Unsubscribe"} {
			rewrite(m, name, "")
		}
	}
	for name, bend := range map[string]func(*kept){"as it is sent": func(*kept) {}, "looking like that of people": asPeople} {
		t.Run(name, func(t *testing.T) {
			roads := newCrossroads(t, bend)
			host := func(domain string) *world {
				cfg := localConfig(t, "")
				cfg.MailDomain, cfg.Mailer.Relay, cfg.Notify.Undo = domain, roads.addr, 0
				w := start(t, cfg).furnish()
				roads.doors[domain] = w.smtpAddresses()[0]
				return w
			}
			a, b := host("a.test"), host("b.test")
			senders := func(domain string) []string {
				return []string{"planpost@" + domain, "security@" + domain, "digest@" + domain}
			}
			until(t, "the mails of the beginning", func() bool { return !a.waits() && !b.waits() })
			// Each knows the other before anything is mailed: else the first mail makes a contact of its own, which has the address then.
			atA := a.knows("B", append([]string{b.intake()}, senders("b.test")...)...)
			atB := b.knows("A", append([]string{a.intake()}, senders("a.test")...)...)
			taskA, answersToA := a.shares(atA)
			b.reaches(atB, answersToA)
			taskB, answersToB := b.shares(atB)
			a.reaches(atA, answersToB)
			silent := func() bool { return !a.waits() && !b.waits() && !a.waits() }
			until(t, "silence after the tasks were shared", silent)
			before := len(roads.mails())
			for _, c := range []struct {
				w    *world
				task core.Task
				to   core.Person
			}{{a, taskA, atA}, {b, taskB, atB}} {
				_, err := c.w.core.Comment(c.w.ctx, c.w.as(c.w.olga), core.NewComment{Task: c.task.ID, Text: "Are you there?", Tell: []core.ID{c.to.ID}})
				must(t, err)
			}
			until(t, "silence", silent)
			if n := len(roads.mails()) - before; n < 2 || n > 4 {
				t.Errorf("%d mails between them", n)
			}
			if before > 4 {
				t.Errorf("%d mails before anybody wrote", before)
			}
		})
	}
}
