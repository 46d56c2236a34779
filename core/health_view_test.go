package core_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"planpost/core"
)

// idFrom is an ID as NewID makes them at a time.
func idFrom(at time.Time, n int) core.ID {
	var b, ms [16]byte
	binary.BigEndian.PutUint64(ms[:8], uint64(at.UnixMilli()))
	copy(b[:6], ms[2:8])
	binary.BigEndian.PutUint32(b[12:], uint32(n))
	return core.IDOf(b)
}

// mails writes n of a state, made at a time.
func (h *house) mails(n int, at time.Time, state core.DeliveryState, reason string) {
	h.t.Helper()
	h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
		for range n {
			h.sent++
			d := core.Delivery{ID: idFrom(at, h.sent), Account: h.account.ID, Person: h.klara.ID, Kind: core.NoticeLetter, Stream: core.WorkStream, Scope: fmt.Sprint(h.sent), State: state, Reason: reason, CreatedAt: at, DueAt: at, SentDate: at, DoneAt: at}
			if err := tx.CreateDelivery(h.ctx, &d); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (h *house) health(who core.Person) core.MailHealth {
	h.t.Helper()
	v, err := h.c.MailHealth(h.ctx, h.as(who))
	h.must(err)
	return v
}

func TestRatesAreOfThirtyDaysAndOfEnoughMail(t *testing.T) {
	each(t, func(h *house) {
		h.mails(500, h.now.Add(-31*24*time.Hour), core.DeliveryFailed, "reported")
		h.mails(90, h.now, core.DeliverySent, "")
		h.mails(8, h.now, core.DeliveryFailed, "delivery.refused")
		h.mails(50, h.now, core.DeliveryCancelled, "delivery.right")
		h.mails(50, h.now, core.DeliveryFailed, "delivery.expired")
		if r := h.health(h.owner).Bounces; r.Of != 98 || r.Bad != 8 || !r.Few() || r.High() {
			h.t.Errorf("%+v: of 98 mails nothing is to be told", r)
		}
		h.mails(62, h.now, core.DeliverySent, "")
		if r := h.health(h.owner).Bounces; r.Of != 160 || r.Bad != 8 || r.Share() != 500 || r.High() {
			h.t.Errorf("%+v: 5 %% is the limit itself", r)
		}
		h.mails(1, h.now, core.DeliveryFailed, "reported")
		if r := h.health(h.owner).Bounces; !r.High() {
			h.t.Errorf("%+v: above 5 %%", r)
		}
		complain := func(who core.Person) {
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
				return tx.Suppress(h.ctx, &core.Suppression{ID: core.NewID(), Account: h.account.ID, Address: who.Address().Norm(), Stream: core.WorkStream, Reason: core.SuppressComplaint, CreatedAt: h.now})
			}))
		}
		complain(h.klara)
		if r := h.health(h.owner).Complaints; r.Of != 161 || r.Bad != 1 || r.High() {
			h.t.Errorf("%+v: one complaint alone tells nothing", r)
		}
		complain(h.karl)
		v := h.health(h.owner)
		if r := v.Complaints; !r.High() {
			h.t.Errorf("%+v: above 0.1 %%", r)
		}
		if len(v.Stopped) != 1 || v.Stopped[0] != (core.StoppedCount{Stream: core.WorkStream, Reason: core.SuppressComplaint, N: 2}) {
			h.t.Errorf("stopped: %+v", v.Stopped)
		}
	})
}

func TestWhatWaitsIsToldByDestinationAndMaskedForTechnicalAdministrators(t *testing.T) {
	each(t, func(h *house) {
		h.letters() // nothing else is due
		tech, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Theo", Address: "theo@holzbau.test", Role: core.TechnicalAdministrator, Password: "a phrase of mine"})
		h.must(err)
		h.letters()
		if v := h.health(h.owner); !v.Oldest.Since.IsZero() || len(v.Deferrals) > 0 {
			h.t.Fatalf("nothing waits: %+v", v)
		}
		first := h.now
		for _, d := range []struct {
			who  core.Person
			text string
		}{{h.klara, "450 4.2.0 earlier words"}, {h.karl, "450 4.2.1 <karl@client.test> try later"}, {h.sub, "421 busy"}} {
			h.pass(time.Minute)
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
				h.sent++
				return tx.CreateDelivery(h.ctx, &core.Delivery{ID: idFrom(h.now, h.sent), Account: h.account.ID, Person: d.who.ID, Kind: core.NoticeLetter, Stream: core.WorkStream, Scope: "x", State: core.DeliveryDue, Reason: "delivery.deferred",
					Text: d.text, Attempts: 2, CreatedAt: h.now, SentDate: h.now, DueAt: h.now.Add(time.Hour)})
			}))
		}
		v := h.health(h.owner)
		if len(v.Deferrals) != 2 || v.Deferrals[0].Domain != "client.test" || v.Deferrals[0].Mails != 2 || v.Deferrals[0].Text != "450 4.2.1 <karl@client.test> try later" || v.Deferrals[1].Domain != "other.test" {
			h.t.Errorf("%+v", v.Deferrals)
		}
		if v.Oldest.Since.Before(first) || v.Oldest.Since.After(first.Add(2*time.Minute)) {
			h.t.Errorf("oldest since %s, first tried after %s", v.Oldest.Since, first)
		}
		if masked := h.health(tech); masked.Deferrals[0].Text != "450 4.2.1 … try later" {
			h.t.Errorf("told to a technical administrator: %+v", masked.Deferrals)
		}
		if _, err := h.c.MailHealth(h.ctx, h.as(h.eve)); err == nil {
			h.t.Error("an employee sees it")
		}
		for range 5 {
			if err := h.c.CheckHealth(h.ctx, h.as(h.eve)); core.KindOf(err) != core.Forbidden {
				h.t.Errorf("an employee has it looked at: %v", err)
			}
		}
		for range 3 {
			h.must(h.c.CheckHealth(h.ctx, h.as(h.owner)))
		}
		h.wants(h.c.CheckHealth(h.ctx, h.as(h.owner)), core.Limited, "health.limited")
		h.pass(time.Minute)
		h.must(h.c.CheckHealth(h.ctx, h.as(h.owner)))
	})
}
