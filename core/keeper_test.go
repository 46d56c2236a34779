package core_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

// hold brings a mail in that ends held at a project's address.
func (h *house) hold(p *core.Project, text string) core.Receipt {
	h.t.Helper()
	h.sent++
	r := h.one(fmt.Sprintf("From: Olga <olga@holzbau.test>\nSubject: %s\nMessage-ID: <h%d@test>\n\n%s\n", text, h.sent, text), auth.None, p.Inbound+"@"+domain)
	if r.Disposition != core.Held || r.Task != "" {
		h.t.Fatalf("%s (%s), task %q", r.Disposition, r.Reason, r.Task)
	}
	return r
}

// waiting are the deliveries without a task that are not sent yet.
func (h *house) waiting() (list []core.DeliveryItem) {
	h.t.Helper()
	all, err := h.c.Deliveries(h.ctx, h.as(h.owner), core.DeliveryFilter{State: core.DeliveryDue})
	h.must(err)
	for _, it := range all {
		if it.Delivery.Task == "" {
			list = append(list, it)
		}
	}
	return list
}

func TestHeldMailToAProjectIsToldToWhoMayDecide(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		r := h.hold(&h.project, "pay the bill")
		if list := h.waiting(); len(list) != 1 || list[0].PersonName != "Eve" || list[0].TaskNumber != 0 {
			h.t.Fatalf("owed %+v", list)
		}
		found, err := h.store.Check(h.ctx)
		h.must(err)
		if len(found) > 0 {
			h.t.Errorf("the check finds %v", found)
		}
		h.pass(2 * time.Minute)
		sent, _ := h.letters()
		l := sent["Eve"]
		if len(sent) != 1 || l.Event != core.MessageHeld || len(l.Held) != 1 || l.Held[0].Message.Subject != "pay the bill" || l.Held[0].Receipt.Reason != "auth.staff" {
			h.t.Fatalf("sent %v: %+v", keys(sent), l.Held)
		}
		if l.Held[0].URL != "http://planpost.test/messages/"+string(r.ID) || l.Project.ID != h.project.ID || l.Task.ID != "" {
			h.t.Errorf("link %q, project %q, task %q", l.Held[0].URL, l.Project.Name, l.Task.ID)
		}
		if v, err := h.c.Message(h.ctx, h.as(h.eve), r.ID); err != nil || !v.May["inbound.quarantine.refuse"] {
			h.t.Errorf("who was told cannot decide: %v, %v", v.May, err)
		}
		if l.ReplyTo.Local != "" || len(l.References) > 0 || l.TaskURL != "" || l.Delivery.Link != "" || !h.c.OwnMessageID(l.MessageID) {
			h.t.Errorf("reply to %v, references %v, id %s", l.ReplyTo, l.References, l.MessageID)
		}
		list, err := h.c.Deliveries(h.ctx, h.as(h.owner), core.DeliveryFilter{Person: h.eve.ID, State: core.DeliverySent, Limit: 1})
		h.must(err)
		v, err := h.c.Delivery(h.ctx, h.as(h.owner), list[0].Delivery.ID)
		h.must(err)
		if v.Item.Delivery.Task != "" || len(v.Attempts) != 1 {
			h.t.Errorf("its page: %+v", v)
		}
	})
}

func TestAFloodOfHeldMailIsOneLetter(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		second, err := h.c.CreateProject(h.ctx, h.as(h.owner), core.NewProject{Name: "Garten", Responsible: h.eve.ID})
		h.must(err)
		start := h.now
		for i := range 30 {
			h.hold(&h.project, fmt.Sprint("offer ", i))
			h.pass(5 * time.Second)
		}
		h.hold(&second, "another project")
		if list := h.waiting(); len(list) != 1 || list[0].Delivery.GatherUntil.After(start.Add(6*time.Minute)) {
			h.t.Fatalf("%d mails owed", len(list))
		}
		h.pass(5 * time.Minute)
		sent, _ := h.letters()
		if l := sent["Eve"]; len(l.Held) != 20 || l.MoreHeld != 11 {
			h.t.Errorf("%d listed, %d more", len(l.Held), l.MoreHeld)
		}
		h.hold(&h.project, "the next one")
		if list := h.waiting(); len(list) != 1 {
			h.t.Errorf("what came after the letter is told in %d mails", len(list))
		}
	})
}

func TestWhoHearsOfHeldMailIsTheFirstWhoMayDecide(t *testing.T) {
	each(t, func(h *house) {
		user := func(name string, n core.NewUser) core.Person {
			n.Name, n.Address, n.Password = name, strings.ToLower(name)+"@holzbau.test", "another long phrase"
			if n.Role == "" {
				n.Role = core.Employee
			}
			p, err := h.c.CreateUser(h.ctx, h.as(h.owner), n)
			h.must(err)
			return p
		}
		rosa, max, adam := user("Rosa", core.NewUser{}), user("Max", core.NewUser{}), user("Adam", core.NewUser{Role: core.Administrator})
		gone := user("Gone", core.NewUser{})
		_, blockErr := h.c.BlockPerson(h.ctx, h.as(h.owner), gone.ID)
		h.must(blockErr)
		for name, c := range map[string]struct {
			by   core.Person
			n    core.NewProject
			want string
		}{
			"the responsible":                            {h.owner, core.NewProject{Responsible: rosa.ID, ClientManager: max.ID}, "Rosa"},
			"the client manager":                         {h.owner, core.NewProject{ClientManager: max.ID}, "Max"},
			"a blocked responsible":                      {h.owner, core.NewProject{Responsible: gone.ID, ClientManager: max.ID}, "Max"},
			"the project's owner":                        {adam, core.NewProject{}, "Adam"},
			"an owner with the switch for held mail":     {user("Ede", core.NewUser{Caps: []string{"intake"}}), core.NewProject{}, "Ede"},
			"nobody who may decide: the account's owner": {rosa, core.NewProject{}, "Olga"},
		} {
			h.pass(10 * time.Minute)
			h.letters()
			c.n.Name = "Project of " + name
			p, err := h.c.CreateProject(h.ctx, h.as(c.by), c.n)
			h.must(err)
			h.hold(&p, name)
			h.pass(10 * time.Minute)
			sent, refused := h.letters()
			if _, ok := sent[c.want]; !ok || len(sent) != 1 || len(refused) > 0 {
				h.t.Errorf("%s: told %v, refused %v, want %s", name, keys(sent), refused, c.want)
			}
		}
	})
}

func TestALetterOfHeldMailAsksTheRightAgain(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.hold(&h.project, "secret offer")
		h.project.Responsible = h.owner.ID
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdateProject(h.ctx, &h.project) }))
		h.pass(2 * time.Minute)
		if sent, refused := h.letters(); refused["Eve"] != "delivery.nothing_left" {
			h.t.Errorf("sent %v, refused %v", keys(sent), refused)
		}
		decided := h.hold(&h.project, "to be refused")
		h.must(h.c.RefuseHeld(h.ctx, h.as(h.owner), decided.ID))
		h.pass(2 * time.Minute)
		if sent, refused := h.letters(); refused["Olga"] != "delivery.nothing_left" {
			h.t.Errorf("what is decided is told: %v, refused %v", keys(sent), refused)
		}
	})
}
