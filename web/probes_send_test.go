package web

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

// Probes of sendings.
var sendProbes = map[access.Action]probe{
	"plan.send": {ask: func(w *cellWorld, b *browser) (bool, string) {
		sent, why := sends(core.DrawingKind)(w, b)
		if handed, other := w.handsOver(b, core.DrawingKind); handed != sent {
			w.t.Errorf("sending: %v (%s), handing over on paper: %v (%s)", sent, why, handed, other)
		}
		return sent, why
	}},
	"doc.send":             {ask: sends(core.DocumentKind)},
	"plan.confirm_receipt": {ask: func(w *cellWorld, b *browser) (bool, string) { return w.confirms(b, w.drawn(core.DrawingKind)) }},
	"transmittal.recall":   {ask: posts(func(w *cellWorld) string { return sendingURL(w.sent().ID) + "/recall" }, fields())},
}

func sends(kind string) func(*cellWorld, *browser) (bool, string) {
	return func(w *cellWorld, b *browser) (bool, string) {
		p := w.drawn(kind)
		return verdict(w, b.post("/projects/"+string(w.project.ID)+"/send", "sel", string(p.ID), "step", "send", "addresses", "print@shop.example"))
	}
}

// sent is a sending of a plan to the client, whose maker is the subject when that is declared.
func (w *cellWorld) sent() core.Transmittal {
	t, _ := w.sentTo(w.drawn(core.DrawingKind), w.client)
	return t
}

func (w *cellWorld) sentTo(p core.Plan, to core.Person) (t core.Transmittal, l core.Link) {
	ctx, now := context.Background(), w.core.Now()
	t = core.Transmittal{ID: core.NewID(), Account: w.account.ID, Project: p.Project, Sender: w.owner.ID, CreatedAt: now}
	if w.declared.Has(access.Mine) {
		t.Sender = w.subject.ID
	} else if t.Sender == w.subject.ID {
		t.Sender = w.assignee.ID
	}
	l = core.Link{ID: core.NewID(), Account: w.account.ID, Kind: core.DownloadLink, Person: to.ID, Object: t.ID, Scope: to.Address().Norm(), CreatedBy: t.Sender, CreatedAt: now, ExpiresAt: now.AddDate(0, 0, 60)}
	d := core.Delivery{ID: core.NewID(), Account: w.account.ID, Person: to.ID, Kind: core.TransmittalLetter, Stream: core.WorkStream, Link: l.ID, State: core.DeliveryDue, DueAt: now, CreatedAt: now}
	w.tx(func(tx core.Tx) error {
		versions, err := tx.ListVersions(ctx, w.account.ID, p.ID)
		if err != nil {
			return err
		}
		if err := tx.EnsureLink(ctx, &l); err != nil {
			return err
		}
		if err := tx.CreateDelivery(ctx, &d); err != nil {
			return err
		}
		return tx.CreateTransmittal(ctx, &t, []core.TransmittalItem{{Transmittal: t.ID, Version: versions[0].ID, Plan: p.ID}},
			[]core.TransmittalRecipient{{Transmittal: t.ID, Person: to.ID, Link: l.ID, Delivery: d.ID}})
	})
	return t, l
}

// confirms says to have a plan: on its page in a session, on the page of the link else.
func (w *cellWorld) confirms(b *browser, p core.Plan) (bool, string) {
	var versions []core.Version
	w.tx(func(tx core.Tx) (err error) {
		versions, err = tx.ListVersions(context.Background(), w.account.ID, p.ID)
		return err
	})
	if !w.declared.Has(access.Lnk) {
		return verdict(w, b.post(planURL(p.ID)+"/versions/"+string(versions[0].ID)+"/receipt"))
	}
	_, l := w.sentTo(p, w.subject)
	err := w.core.ConfirmReceipt(context.Background(), w.keys.LinkToken(l.Kind, l.ID, l.Generation), "192.0.2.7", []core.ID{versions[0].ID}, core.Visitor{IP: "192.0.2.7", Agent: "Firefox", Language: true})
	return err == nil, core.CodeOf(err)
}

// setsRole gives an address a trade role: on its page, or as a sender with the first sending to it.
func setsRole(w *cellWorld, b *browser) (bool, string) {
	got, why := posts(atAddress(""), fields("fields", "role", "role", "Carpenter"))(w, b)
	if got || !w.declared.Has(access.SendOK) || !w.declared.Has(access.Mem) {
		return got, why
	}
	return verdict(w, b.post("/projects/"+string(w.project.ID)+"/send", "sel", string(w.drawn(core.DrawingKind).ID), "step", "send", "addresses", "new"+string(core.NewID())+"@shop.example", "role", "Carpenter"))
}
