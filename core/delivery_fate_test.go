package core_test

import (
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

func TestAMailsPageTellsWhatBecameOfIt(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		l := h.say(h.owner, "to Klara", false, h.klara.ID)["Klara"]
		h.pass(time.Hour)
		fate := func(id core.ID) core.DeliveryFate {
			v, err := h.c.Delivery(h.ctx, h.as(h.owner), id)
			h.must(err)
			return v.Fate
		}
		if f := fate(l.Delivery.ID); f != (core.DeliveryFate{}) {
			h.t.Errorf("before anything happened: %+v", f)
		}
		link := func(class core.VisitClass) {
			h.pass(time.Minute)
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
				thread, _, err := tx.FindLinkOf(h.ctx, core.ThreadLink, h.klara.ID, h.task.ID, "klara@client.test")
				h.must(err)
				return tx.CreateLinkVisit(h.ctx, &core.LinkVisit{ID: core.NewID(), Account: h.account.ID, Link: thread.ID, At: h.now, Class: class})
			}))
		}
		link(core.VisitScanner)
		if f := fate(l.Delivery.ID); !f.OpenedAt.IsZero() {
			h.t.Errorf("a scanner opened it: %+v", f)
		}
		link(core.VisitPerson)
		first := h.now
		link(core.VisitPerson)
		for _, text := range []string{"an answer", "another"} {
			if r := h.one(h.naming("klara@client.test", text, l.MessageID), auth.Pass, l.ReplyTo.Mailbox()); r.Disposition != core.Posted {
				h.t.Fatal(r.Disposition, r.Reason)
			}
		}
		f := fate(l.Delivery.ID)
		if f.OpenedAt.UnixMicro() != first.UnixMicro() || f.AnsweredAt.IsZero() || f.Answer == "" || f.Answer == h.lastComment().ID {
			h.t.Errorf("%+v, opened %s", f, first)
		}
		later := h.say(h.owner, "to Klara again", false, h.klara.ID)["Klara"]
		if f := fate(later.Delivery.ID); f != (core.DeliveryFate{}) {
			h.t.Errorf("of the next mail: %+v", f)
		}
		of := h.say(h.owner, "to Eve", false, h.eve.ID)["Eve"]
		h.pass(time.Second)
		h.read(h.eve)
		if f := fate(of.Delivery.ID); f.OpenedAt.UnixMicro() != h.now.UnixMicro() {
			h.t.Errorf("who read in the pages: %+v", f)
		}
	})
}

func TestAMailIsKeptBackByHandAndLetGo(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		d := h.owed()
		h.wants(h.c.HoldDelivery(h.ctx, h.as(h.karl), d.ID), core.NotFound, "")
		h.must(h.c.HoldDelivery(h.ctx, h.as(h.owner), d.ID))
		h.wants(h.c.HoldDelivery(h.ctx, h.as(h.owner), d.ID), core.Conflict, "delivery.state")
		if e := h.lastLog("delivery.hold"); e.ObjectID != d.ID {
			h.t.Errorf("logged %+v", e)
		}
		h.pass(time.Hour)
		if sent, _ := h.letters(); sent["Klara"].Task.ID != "" || h.stateOf(d.ID) != core.DeliveryHeld {
			h.t.Errorf("it went: %s", h.stateOf(d.ID))
		}
		h.must(h.c.SendAgain(h.ctx, h.as(h.owner), d.ID))
		if got := h.stateOf(d.ID); got != core.DeliveryDue {
			h.t.Errorf("let go it is %s", got)
		}
	})
}
