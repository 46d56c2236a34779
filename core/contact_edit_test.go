package core_test

import (
	"slices"
	"testing"

	"planpost/core"
)

// edited is a contact's card with one thing changed.
func (h *house) edited(p core.Person, change func(*core.ContactCard)) core.ContactCard {
	p = h.person(p.ID)
	n := core.ContactCardOf(&p)
	change(&n)
	return n
}

func TestAContactsCardIsEditedWithBeforeAndAfterInTheLog(t *testing.T) {
	each(t, func(h *house) {
		n := h.edited(h.klara, func(n *core.ContactCard) {
			n.Name, n.Phone, n.Locale, n.Company = " Klara\nKlein ", "+43 1 234", "fr", h.other.ID
			n.Addresses = []string{"k.klein@other.test", "klara@client.test", "K.KLEIN@other.test", " "}
		})
		h.must(h.c.EditContact(h.ctx, h.as(h.owner), h.klara.ID, n))
		p := h.person(h.klara.ID)
		if p.Name != "Klara Klein" || p.Phone != "+43 1 234" || p.Locale != "fr" || p.Company != h.other.ID {
			t.Errorf("the card is %+v", p)
		}
		if got := core.ContactCardOf(&p).Addresses; !slices.Equal(got, []string{"k.klein@other.test", "klara@client.test"}) || !p.Addresses[0].Primary || p.Addresses[1].Primary {
			t.Errorf("addresses %q", got)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "contact.edit" || len(log[0].Changes) != 5 {
			t.Errorf("the log says %s %v", log[0].Code, log[0].Changes)
		}
		h.must(h.c.EditContact(h.ctx, h.as(h.owner), h.klara.ID, core.ContactCardOf(&p)))
		again, err := h.log(h.as(h.owner))
		h.must(err)
		if len(again) != len(log) {
			t.Error("saved unchanged, it is in the log again")
		}
		// What goes back takes the main place again; a removed mailbox is free for others.
		h.must(h.c.EditContact(h.ctx, h.as(h.owner), h.klara.ID, h.edited(h.klara, func(n *core.ContactCard) { n.Addresses = []string{"klara@client.test"} })))
		if p = h.person(h.klara.ID); len(p.Addresses) != 1 || p.Address().Mailbox() != "klara@client.test" {
			t.Errorf("addresses %v", p.Addresses)
		}
		h.contact("Kim", "k.klein@other.test", h.other.ID)
		for code, change := range map[string]func(*core.ContactCard){
			"address.taken":     func(n *core.ContactCard) { n.Addresses = []string{"karl@client.test"} },
			"contact.addresses": func(n *core.ContactCard) { n.Addresses = nil },
			"address":           func(n *core.ContactCard) { n.Addresses = []string{"no address"} },
			"person.name":       func(n *core.ContactCard) { n.Name = " " },
			"person.phone":      func(n *core.ContactCard) { n.Phone = "call me" },
			"company.unknown":   func(n *core.ContactCard) { n.Company = core.NewID() },
		} {
			if err := h.c.EditContact(h.ctx, h.as(h.owner), h.klara.ID, h.edited(h.klara, change)); core.CodeOf(err) != code {
				t.Errorf("%v, want %s", err, code)
			}
		}
		if p = h.person(h.klara.ID); p.Name != "Klara Klein" || len(p.Addresses) != 1 {
			t.Errorf("refused, it is %+v", p)
		}
	})
}

func TestAnEmployeeEditsWhomHeWorksWithButGivesNoSight(t *testing.T) {
	each(t, func(h *house) {
		eve := h.as(h.eve)
		h.must(h.c.EditContact(h.ctx, eve, h.klara.ID, h.edited(h.klara, func(n *core.ContactCard) { n.Phone = "123" })))
		nick := h.contact("Nick", "nick@client.test", h.client.ID)
		if err := h.c.EditContact(h.ctx, eve, nick.ID, h.edited(nick, func(n *core.ContactCard) { n.Phone = "123" })); core.KindOf(err) != core.Forbidden {
			t.Errorf("somebody he has nothing to do with: %v", err)
		}
		forbidden := func(what string, p core.Person, change func(*core.ContactCard)) {
			t.Helper()
			if err := h.c.EditContact(h.ctx, eve, p.ID, h.edited(p, change)); core.KindOf(err) != core.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
		move := func(n *core.ContactCard) { n.Company = h.other.ID }
		forbidden("company tasks", h.klara, func(n *core.ContactCard) { n.CompanyTasks = true })
		h.must(h.c.EditContact(h.ctx, eve, h.karl.ID, h.edited(h.karl, move)))
		h.must(h.c.SetAccess(h.ctx, h.as(h.owner), h.klara.ID, core.BasicAccess))
		forbidden("another company for who has access", h.klara, move)
		h.must(h.c.EditContact(h.ctx, h.as(h.owner), h.sub.ID, h.edited(h.sub, func(n *core.ContactCard) { n.CompanyTasks = true })))
		forbidden("another company for who sees company tasks", h.sub, func(n *core.ContactCard) { n.Company = h.client.ID })
		if err := h.c.EditContact(h.ctx, eve, h.owner.ID, core.ContactCard{Name: "X", Addresses: []string{"x@x.test"}}); err == nil {
			t.Error("a colleague is edited by this road")
		}
	})
}

func TestTheMainAddressOfWhoSignsInStaysAndAnInvitationFollowsIt(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		owner := h.as(h.owner)
		h.must(h.c.SetAccess(h.ctx, owner, h.klara.ID, core.AdvancedAccess))
		first, _ := h.letters()
		move := func(n *core.ContactCard) { n.Addresses = append([]string{"new@client.test"}, n.Addresses...) }
		h.must(h.c.EditContact(h.ctx, owner, h.klara.ID, h.edited(h.klara, move)))
		if v, err := h.c.VisitLink(h.ctx, core.ActivationLink, tokenOf(first["Klara"]), ""); err != nil || v.State != core.LinkEnded {
			t.Errorf("the link to the old mailbox is %s: %v", v.State, err)
		}
		again, _ := h.letters()
		if again["Klara"].To.Mailbox() != "new@client.test" {
			t.Fatalf("the new invitation goes to %s", again["Klara"].To.Mailbox())
		}
		_, err := h.c.Activate(h.ctx, core.Activation{Pass: h.opened(core.ActivationLink, again["Klara"]), Password: newPhrase})
		h.must(err)
		theft := func(n *core.ContactCard) { n.Addresses = append([]string{"thief@other.test"}, n.Addresses...) }
		if err := h.c.EditContact(h.ctx, owner, h.klara.ID, h.edited(h.klara, theft)); core.CodeOf(err) != "contact.login_address" {
			t.Errorf("the mailbox of a sign-in is moved: %v", err)
		}
		h.must(h.c.EditContact(h.ctx, owner, h.klara.ID, h.edited(h.klara, func(n *core.ContactCard) { n.Addresses = n.Addresses[:1] })))
	})
}

func TestX27CompanyTasksAreASwitchOfTheCardForAdministrators(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		bea := h.basic("Bea", "bea@client.test")
		own, err := h.c.CreateTask(h.ctx, owner, core.NewTask{Title: "For the client", Counterparty: h.client.ID})
		h.must(err)
		kept, err := h.c.CreateTask(h.ctx, owner, core.NewTask{Title: "Not automatically", Project: h.project.ID})
		h.must(err)
		no := true
		_, err = h.c.EditTask(h.ctx, owner, kept.ID, core.TaskEdit{NoCompanyAccess: &no})
		h.must(err)
		titles := func() (list []string) {
			tasks, err := h.c.Tasks(h.ctx, h.as(h.person(bea.ID)), core.TaskFilter{})
			h.must(err)
			for _, i := range tasks {
				list = append(list, i.Title)
			}
			slices.Sort(list)
			return list
		}
		if got := titles(); len(got) != 0 {
			t.Fatalf("without the switch: %q", got)
		}
		on := h.edited(bea, func(n *core.ContactCard) { n.CompanyTasks = true })
		sight, err := h.c.PreviewContact(h.ctx, owner, bea.ID, on)
		h.must(err)
		if len(sight.Gains.Tasks) != 2 || h.person(bea.ID).CompanyTasks {
			t.Errorf("the preview shows %d tasks", len(sight.Gains.Tasks))
		}
		h.must(h.c.EditContact(h.ctx, owner, bea.ID, on))
		if got := titles(); !slices.Equal(got, []string{"Door", "For the client"}) {
			t.Errorf("with the switch: %q", got)
		}
		me := h.as(h.person(bea.ID))
		if _, err := h.c.Comment(h.ctx, me, core.NewComment{Task: own.ID, Text: "with participant rights"}); err != nil {
			t.Errorf("a comment: %v", err)
		}
		if err := h.c.DeleteTask(h.ctx, me, own.ID); core.KindOf(err) != core.Forbidden {
			t.Errorf("deletes: %v", err)
		}
	})
}
