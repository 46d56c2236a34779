package core_test

import (
	"slices"
	"testing"
	"time"

	"planpost/core"
)

func TestP6AnInvitedAddressBecomesAContactWithTheClientsPage(t *testing.T) {
	each(t, func(h *house) {
		p, err := h.c.InviteParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Address: "New@Sub.test", Name: "Nina", Locale: "fr", PlaceEdit: core.PlaceEdit{TradeRole: ptr("Carpenter")}})
		h.must(err)
		if p.Kind != core.ContactKind || p.Access != core.BasicAccess || p.Identity != "" || p.CreatedBy != h.owner.ID {
			h.t.Errorf("%+v", p)
		}
		_, list, _, err := h.c.Participants(h.ctx, h.as(h.owner), h.project.ID, false)
		h.must(err)
		if !slices.ContainsFunc(list, func(v core.ParticipantView) bool { return v.Person == p.ID && v.TradeRole == "Carpenter" }) {
			h.t.Error("is not in the list")
		}
		again, err := h.c.InviteParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Address: "new@sub.test"})
		h.must(err)
		if again.ID != p.ID {
			h.t.Error("the same address made another person")
		}
		// An address that only wrote mail keeps its row.
		known, err := h.c.InviteParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Person: h.sub.ID})
		h.must(err)
		if known.ID != h.sub.ID || known.Access != core.BasicAccess {
			h.t.Errorf("%+v", known)
		}
	})
}

func TestP4AProjectAdministratorInvitesBlocksAndGivesApprovals(t *testing.T) {
	each(t, func(h *house) {
		eve := h.as(h.eve)
		invite := func() error {
			_, err := h.c.InviteParticipant(h.ctx, eve, h.project.ID, core.NewParticipant{Person: h.klara.ID})
			return err
		}
		h.wants(invite(), core.Forbidden, "")
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, h.eve.ID, true, false))
		h.must(invite())
		h.must(h.c.EditPlace(h.ctx, eve, h.project.ID, h.klara.ID, core.PlaceEdit{Approves: ptr(true), TradeRole: ptr("Architect")}))
		v, err := h.c.Place(h.ctx, eve, h.project.ID, h.klara.ID)
		h.must(err)
		if !v.Place.Approves || v.Place.TradeRole != "Architect" {
			h.t.Errorf("%+v", v.Place)
		}
		_, err = h.c.BlockParticipant(h.ctx, eve, h.project.ID, h.klara.ID)
		h.must(err)
		h.must(h.c.RemoveParticipant(h.ctx, h.as(h.owner), h.project.ID, h.eve.ID))
		h.wants(invite(), core.Forbidden, "")
	})
}

func TestX25AnOutsiderIsNeverAuditorOfAProject(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.c.InviteParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Person: h.klara.ID, PlaceEdit: core.PlaceEdit{Auditor: ptr(true)}})
		h.wants(err, core.Forbidden, "auditor.outside")
		_, err = h.c.InviteParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Person: h.klara.ID})
		h.must(err)
		h.wants(h.c.EditPlace(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID, core.PlaceEdit{Auditor: ptr(true)}), core.Forbidden, "auditor.outside")
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, h.eve.ID, false, true)) // P9: somebody inside may
	})
}

func TestWhoTakesPartMayLeaveAndTheOwnerMayNot(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, h.eve.ID, false, false))
		h.must(h.c.LeaveProject(h.ctx, h.as(h.eve), h.project.ID))
		h.wants(h.c.LeaveProject(h.ctx, h.as(h.eve), h.project.ID), core.Forbidden, "")
		h.wants(h.c.LeaveProject(h.ctx, h.as(h.owner), h.project.ID), core.Forbidden, "")
		h.wants(h.c.RemoveParticipant(h.ctx, h.as(h.owner), h.project.ID, h.owner.ID), core.Conflict, "participant.owner")
		h.wants(h.c.EditPlace(h.ctx, h.as(h.owner), h.project.ID, h.owner.ID, core.PlaceEdit{Admin: ptr(false)}), core.Conflict, "participant.owner")
	})
}

func TestP2TheProjectOwnerIsTheOnlyOneWhoCannotBeBlocked(t *testing.T) {
	each(t, func(h *house) {
		boss, admin := h.user("boss", core.Employee), h.user("adam", core.Administrator)
		h.must(h.c.TransferProject(h.ctx, h.as(h.owner), h.project.ID, boss.ID))
		_, err := h.c.BlockParticipant(h.ctx, h.as(h.owner), h.project.ID, boss.ID)
		h.wants(err, core.Conflict, "block.project_owner")
		_, err = h.c.BlockParticipant(h.ctx, h.as(boss), h.project.ID, admin.ID) // section 14, row 7: demoted, not blocked
		h.wants(err, core.Forbidden, "block.administrator")
		_, err = h.c.BlockParticipant(h.ctx, h.as(h.eve), h.project.ID, boss.ID) // who may not block learns no reason
		h.wants(err, core.Forbidden, "forbidden")
		_, err = h.c.BlockParticipant(h.ctx, h.as(boss), h.project.ID, h.eve.ID)
		h.must(err)
	})
}

func TestB1B5B8B9ABlockEndsLinksMailAndSightAndUnblockingRevivesNone(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.c.InviteParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Person: h.klara.ID})
		h.must(err)
		klara := h.dashboard(h.klara)
		if sent, _ := h.letters(); sent["Klara"].Person.ID == "" {
			h.t.Error("nobody told her where to begin")
		}
		h.owe("waits too", h.klara)
		reply := h.replyTo(h.klara)
		given := h.link(h.karl.ID, h.task.ID, h.klara.ID)
		elsewhere := h.link(h.karl.ID, core.NewID(), h.klara.ID)
		_, err = h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "waits", Tell: []core.ID{h.klara.ID}})
		h.must(err)
		e, err := h.c.BlockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID)
		h.must(err)
		if e.Links == 0 || e.SentLinks != 1 || e.Mails == 0 || e.Sessions {
			h.t.Errorf("receipt %+v", e)
		}
		h.lastLog("participant.block")
		if got := h.refusal(reply); got != "link.revoked" { // B1
			h.t.Errorf("her reply address: %q", got)
		}
		if l := h.findLink(given); l.RevokedAt.IsZero() || l.Generation != 1 { // B9
			h.t.Errorf("what she had sent to others: %+v", l)
		}
		if l := h.findLink(elsewhere); !l.RevokedAt.IsZero() {
			h.t.Error("a link outside of the project ended")
		}
		if sent, _ := h.letters(); sent["Klara"].Person.ID != "" {
			h.t.Error("mail went to her")
		}
		tasks, err := h.c.Tasks(h.ctx, h.as(klara), core.TaskFilter{}) // B4
		h.must(err)
		if len(tasks) != 0 {
			h.t.Error("she still sees tasks")
		}
		h.listed(false, h.klara.ID, false) // B5
		h.listed(true, h.klara.ID, true)
		_, _, _, err = h.c.Participants(h.ctx, h.as(h.eve), h.project.ID, true)
		h.wants(err, core.Forbidden, "")
		_, err = h.c.BlockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID)
		h.wants(err, core.Conflict, "block.already")
		_, err = h.c.InviteParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Person: h.klara.ID})
		h.wants(err, core.Conflict, "participant.blocked")

		h.must(h.c.UnblockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID)) // B8
		if got := h.refusal(reply); got != "link.revoked" {
			h.t.Errorf("after unblocking her old reply address: %q", got)
		}
		h.listed(false, h.klara.ID, true)
		if fresh := h.replyTo(h.klara); fresh == reply {
			h.t.Error("the new address is the old one")
		}
	})
}

func TestB2B3AnAddressIsBlockedAndIsNoParticipantAfterwards(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.c.BlockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.sub.ID) // takes no part; known by its address
		h.must(err)
		h.listed(true, h.sub.ID, true)
		h.must(h.c.UnblockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.sub.ID))
		h.listed(true, h.sub.ID, false)
		h.listed(false, h.sub.ID, false)
	})
}

func TestB10ABlockEverywhereGivesTheSameReceipt(t *testing.T) {
	each(t, func(h *house) {
		reply := h.replyTo(h.klara)
		elsewhere := h.link(h.karl.ID, core.NewID(), h.klara.ID)
		e, err := h.c.BlockPerson(h.ctx, h.as(h.owner), h.klara.ID)
		h.must(err)
		if e.Links == 0 || e.SentLinks != 1 || e.Mails == 0 {
			h.t.Errorf("receipt %+v", e)
		}
		if h.refusal(reply) != "link.revoked" || h.findLink(elsewhere).RevokedAt.IsZero() {
			h.t.Error("a link lives")
		}
		h.must(h.c.UnblockPerson(h.ctx, h.as(h.owner), h.klara.ID))
		if h.refusal(reply) != "link.revoked" {
			h.t.Error("a link revived")
		}
	})
}

// owe tells somebody of something in the task.
func (h *house) owe(text string, who core.Person) {
	h.t.Helper()
	_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: text, Tell: []core.ID{who.ID}})
	h.must(err)
}

func (h *house) listed(blocked bool, person core.ID, want bool) {
	h.t.Helper()
	_, list, _, err := h.c.Participants(h.ctx, h.as(h.owner), h.project.ID, blocked)
	h.must(err)
	if got := slices.ContainsFunc(list, func(v core.ParticipantView) bool { return v.Person == person }); got != want {
		h.t.Errorf("in the list (blocked %v): %v", blocked, got)
	}
}

// link writes a link to an object that somebody had sent to another.
func (h *house) link(to, object, by core.ID) core.ID {
	h.t.Helper()
	l := core.Link{ID: core.NewID(), Account: h.account.ID, Kind: core.ThreadLink, Person: to, Object: object, Scope: "sent", CreatedBy: by, CreatedAt: time.Now()}
	h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.EnsureLink(h.ctx, &l) }))
	return l.ID
}

func (h *house) findLink(id core.ID) (l core.Link) {
	h.t.Helper()
	h.must(h.store.View(h.ctx, func(tx core.Tx) (err error) {
		l, err = tx.FindLink(h.ctx, id)
		return err
	}))
	return l
}

func TestX24BeforeSomebodyIsAddedItIsShownWhatBecomesVisible(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "inside words", Hidden: true})
		h.must(err)
		rosa := h.user("rosa", core.Employee)
		seen, err := h.c.PreviewTaskPerson(h.ctx, h.as(h.owner), h.task.ID, rosa.ID, core.Participate)
		h.must(err)
		if len(seen.Tasks) != 1 || !seen.Tasks[0].IsNew || seen.Comments != 1 || seen.Tasks[0].Newest[0].Text != "inside words" {
			h.t.Errorf("somebody inside: %+v", seen)
		}
		fresh := h.contact("Fresh", "fresh@third.test", "")
		seen, err = h.c.PreviewTaskPerson(h.ctx, h.as(h.owner), h.task.ID, fresh.ID, core.Participate)
		h.must(err)
		if len(seen.Tasks) != 1 || seen.Comments != 0 {
			h.t.Errorf("an outsider: %+v", seen)
		}
		tasks, err := h.c.Tasks(h.ctx, h.as(rosa), core.TaskFilter{Status: "any"})
		h.must(err)
		if len(tasks) != 0 {
			h.t.Error("the preview wrote")
		}
		runs, err := h.c.PreviewParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Person: rosa.ID, PlaceEdit: core.PlaceEdit{Admin: ptr(true)}})
		h.must(err)
		if len(runs.Tasks) != 1 || runs.Comments != 1 {
			h.t.Errorf("an administrator: %+v", runs)
		}
		unknown, err := h.c.PreviewParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Address: "who@nowhere.test"})
		h.must(err)
		if !unknown.Nothing() {
			h.t.Errorf("an unknown address: %+v", unknown)
		}
		if _, err := h.c.PersonByAddress(h.ctx, h.account.ID, "who@nowhere.test"); core.KindOf(err) != core.NotFound {
			h.t.Error("the preview made a person")
		}
		_, err = h.c.PreviewTaskPerson(h.ctx, h.as(rosa), h.task.ID, rosa.ID, core.Participate)
		h.wants(err, core.NotFound, "")
	})
}

// Section 14, row 13: the invitation stands; a sign-in comes only from who may grant one.
func TestP5AnInvitedOutsiderGetsASignInOnlyFromWhoMayGrantIt(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, h.eve.ID, true, false))
		one, err := h.c.InviteParticipant(h.ctx, h.as(h.eve), h.project.ID, core.NewParticipant{Address: "one@third.test", Login: true})
		h.must(err)
		if one.Access != core.BasicAccess || one.Status != core.Active {
			h.t.Errorf("by who may not grant: %s %s", one.Access, one.Status)
		}
		two, err := h.c.InviteParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Address: "two@third.test", Login: true})
		h.must(err)
		if two.Access != core.AdvancedAccess || two.Identity != "" {
			h.t.Errorf("by the owner: %s %s", two.Access, two.Status)
		}
		kinds := map[core.LetterKind]int{}
		list, err := h.c.Deliveries(h.ctx, h.as(h.owner), core.DeliveryFilter{})
		h.must(err)
		for _, d := range list {
			if d.Delivery.Person == two.ID {
				kinds[d.Delivery.Kind]++
			}
		}
		if kinds[core.LinkLetter] != 1 {
			h.t.Errorf("mails to the invited: %v", kinds)
		}
	})
}
