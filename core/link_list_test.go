package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

func TestALivingLinkIsListedAndEndedForGood(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		nora := h.invited("Nora", "nora@holzbau.test")
		sent, _ := h.letters()
		l, err := h.c.LinksOfPerson(h.ctx, h.as(h.owner), nora.ID)
		h.must(err)
		if len(l.Links) != 1 || l.Links[0].Link.Kind != core.ActivationLink || !l.Links[0].MayEnd || l.More {
			t.Fatalf("links of Nora: %+v", l)
		}
		id := l.Links[0].Link.ID
		history, err := h.c.LinkHistory(h.ctx, h.as(h.owner), id)
		h.must(err)
		if history.State != core.LinkLive || history.By.ID != h.owner.ID || !history.MayEnd {
			t.Errorf("history %+v", history)
		}
		for name, who := range map[string]core.Person{"an employee": h.eve, "a client": h.klara} {
			if _, err := h.c.RevokeLink(h.ctx, h.as(who), id); core.KindOf(err) != core.Forbidden && core.KindOf(err) != core.NotFound {
				t.Errorf("%s ends it: %v", name, err)
			}
			if _, err := h.c.LinkHistory(h.ctx, h.as(who), id); core.KindOf(err) != core.Forbidden && core.KindOf(err) != core.NotFound {
				t.Errorf("%s looks at it: %v", name, err)
			}
		}
		if _, err := h.c.LinksOfPerson(h.ctx, h.as(h.klara), nora.ID); core.KindOf(err) != core.NotFound {
			t.Errorf("a client asks for the links of a colleague: %v", err)
		}
		if _, err := h.c.LinksOfPerson(h.ctx, h.as(h.eve), nora.ID); core.KindOf(err) != core.Forbidden {
			t.Errorf("an employee asks for the links of a colleague: %v", err)
		}
		before, err := h.log(h.as(h.owner))
		h.must(err)
		for range 2 { // the second time changes nothing
			_, err = h.c.RevokeLink(h.ctx, h.as(h.owner), id)
			h.must(err)
		}
		after, err := h.log(h.as(h.owner))
		h.must(err)
		if len(after) != len(before)+1 || after[0].Code != "link.revoke" || after[0].ObjectID != nora.ID {
			t.Errorf("%d entries more, the newest %+v", len(after)-len(before), after[0])
		}
		if v, err := h.c.VisitLink(h.ctx, core.ActivationLink, tokenOf(sent["Nora"]), ""); err != nil || v.State != core.LinkEnded {
			t.Errorf("the link is %s, %v", v.State, err)
		}
		if l, err = h.c.LinksOfPerson(h.ctx, h.as(h.owner), nora.ID); err != nil || len(l.Links) != 0 {
			t.Errorf("still listed: %+v, %v", l.Links, err)
		}
		h.must(h.c.Invite(h.ctx, h.as(h.owner), nora.ID, false))
		if l, err = h.c.LinksOfPerson(h.ctx, h.as(h.owner), nora.ID); err != nil || len(l.Links) != 1 || l.Links[0].Link.ID == id {
			t.Errorf("invited again: %+v, %v", l.Links, err)
		}
	})
}

func TestAReplyAddressIsEndedLikeALink(t *testing.T) {
	each(t, func(h *house) {
		to := h.replyTo(h.klara)
		l, err := h.c.LinksOfPerson(h.ctx, h.as(h.owner), h.klara.ID)
		h.must(err)
		at := slices.IndexFunc(l.Links, func(i core.LinkItem) bool { return i.Link.Kind == core.ReplyLink })
		if at < 0 || l.Links[at].Task != h.task.Number || l.Links[at].Title != h.task.Title {
			t.Fatalf("links of Klara: %+v", l.Links)
		}
		_, err = h.c.RevokeLink(h.ctx, h.as(h.owner), l.Links[at].Link.ID)
		h.must(err)
		link := l.Links[at].Link
		h.must(h.store.View(h.ctx, func(tx core.Tx) (err error) { link, err = tx.FindLink(h.ctx, link.ID); return err }))
		if link.State(h.now) != core.LinkEnded {
			t.Error("the reply address still works")
		}
		if again := h.replyTo(h.klara); again == to {
			t.Error("the next mail brings the same address")
		}
	})
}

func TestAVisitIsWrittenDownWithItsClass(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		nora := h.invited("Nora", "nora@holzbau.test")
		sent, _ := h.letters()
		view, err := h.c.VisitLink(h.ctx, core.ActivationLink, tokenOf(sent["Nora"]), "192.0.2.77")
		h.must(err)
		link := &view.Link
		browser := core.Visitor{IP: "192.0.2.77", Agent: "Mozilla/5.0", Language: true}
		visit := func(by core.Visitor, want core.VisitClass, reason string) {
			t.Helper()
			h.must(h.c.NoteVisit(h.ctx, link, by))
			history, err := h.c.LinkHistory(h.ctx, h.as(h.owner), link.ID)
			h.must(err)
			if v := history.Visits[0]; v.Class != want || strings.Join(v.Reasons, " ") != reason {
				t.Errorf("%+v is called %s (%v), want %s (%s)", by, v.Class, v.Reasons, want, reason)
			}
			h.pass(time.Second)
		}
		visit(browser, core.VisitScanner, "at_once")
		h.pass(2 * time.Minute)
		visit(browser, core.VisitUnknown, "")
		visit(core.Visitor{IP: "192.0.2.77", Agent: "Mozilla/5.0"}, core.VisitScanner, "no_language")
		visit(core.Visitor{IP: "192.0.2.77", Agent: "SafeLinks Preview", Language: true}, core.VisitScanner, "program")
		visit(core.Visitor{IP: "2001:db8:1:2::5"}, core.VisitScanner, "no_language no_name")
		h.must(h.c.NoteReturn(h.ctx, link, core.Visitor{Agent: "SafeLinks Preview"})) // what looked like a program stays one
		l, err := h.c.LinksOfPerson(h.ctx, h.as(h.owner), nora.ID)
		h.must(err)
		if i := l.Links[0]; !i.SeenAt.IsZero() || i.Machines != 5 {
			t.Errorf("seen %v, %d by programs", i.SeenAt, i.Machines)
		}
		h.must(h.c.NoteReturn(h.ctx, link, browser))
		if l, err = h.c.LinksOfPerson(h.ctx, h.as(h.owner), nora.ID); err != nil || l.Links[0].SeenAt.IsZero() || l.Links[0].Machines != 4 {
			t.Errorf("after the browser came back: %+v, %v", l.Links[0], err)
		}
	})
}

func TestTheAddressOfAVisitIsShortenedAfterAMonth(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.invited("Nora", "nora@holzbau.test")
		sent, _ := h.letters()
		view, err := h.c.VisitLink(h.ctx, core.ActivationLink, tokenOf(sent["Nora"]), "")
		h.must(err)
		h.must(h.c.NoteVisit(h.ctx, &view.Link, core.Visitor{IP: "192.0.2.77"}))
		h.must(h.c.NoteVisit(h.ctx, &view.Link, core.Visitor{IP: "2001:db8:1:2::5"}))
		seen := func() (list []string) {
			history, err := h.c.LinkHistory(h.ctx, h.as(h.owner), view.Link.ID)
			h.must(err)
			for _, v := range history.Visits {
				list = append(list, v.IP+"|"+v.Network)
			}
			slices.Sort(list)
			return list
		}
		h.pass(core.VisitAddressLife - time.Hour)
		h.must(h.c.MaskVisits(h.ctx))
		if got := seen(); !slices.Equal(got, []string{"192.0.2.77|192.0.2.0/24", "2001:db8:1:2::5|2001:db8:1::/48"}) {
			t.Errorf("too early: %v", got)
		}
		h.pass(2 * time.Hour)
		h.must(h.c.MaskVisits(h.ctx))
		if got := seen(); !slices.Equal(got, []string{"|192.0.2.0/24", "|2001:db8:1::/48"}) {
			t.Errorf("after a month: %v", got)
		}
	})
}

func TestAllWhoWereBroughtInAreInvitedOnce(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		raw := "Name;E-Mail\nAnna;anna@holzbau.test\nBen;ben@holzbau.test\nCora;cora@holzbau.test\n"
		_, err := h.c.ImportPeople(h.ctx, h.as(h.owner), core.Import{Kind: core.ImportStaff, Raw: []byte(raw)})
		h.must(err)
		nora := h.invited("Nora", "nora@holzbau.test")
		if sent, _ := h.letters(); len(sent) != 1 {
			t.Fatalf("an import mailed: %v", keys(sent))
		}
		people, more, err := h.c.Uninvited(h.ctx, h.as(h.owner))
		h.must(err)
		if len(people) != 3 || more || slices.ContainsFunc(people, func(p core.Person) bool { return p.ID == nora.ID }) {
			t.Fatalf("uninvited: %+v", people)
		}
		if _, _, err := h.c.Uninvited(h.ctx, h.as(h.klara)); core.KindOf(err) != core.Forbidden {
			t.Errorf("a client asks who waits: %v", err)
		}
		var ids []core.ID
		for _, p := range people {
			ids = append(ids, p.ID)
		}
		if _, err := h.c.InviteAll(h.ctx, h.as(h.eve), ids); core.KindOf(err) != core.Forbidden {
			t.Errorf("an employee invites: %v", err)
		}
		n, err := h.c.InviteAll(h.ctx, h.as(h.owner), append(ids, nora.ID))
		h.must(err)
		sent, _ := h.letters()
		if n != 3 || len(sent) != 3 || sent["Nora"].LinkURL != "" {
			t.Errorf("%d invited, mailed %v", n, keys(sent))
		}
		if n, err = h.c.InviteAll(h.ctx, h.as(h.owner), ids); n != 0 || err != nil {
			t.Errorf("a second time: %d, %v", n, err)
		}
		if sent, _ := h.letters(); len(sent) != 0 {
			t.Errorf("mailed twice: %v", keys(sent))
		}
		if _, err := h.c.InviteAll(h.ctx, h.as(h.owner), nil); core.CodeOf(err) != "invite.nobody" {
			t.Errorf("nobody chosen: %v", err)
		}
	})
}
