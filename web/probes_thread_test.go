package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"planpost/core"
	"planpost/core/access"
)

// Probes of what a mailed link carries. A cell with LNK is asked through the
// link itself, in a browser in which a code was typed.
var threadProbes = map[access.Action]probe{
	"dashboard.view": {ask: func(w *cellWorld, b *browser) (bool, string) {
		if w.thread != "" { // somebody known by an address only has the one conversation
			return verdict(w, b.get(w.thread))
		}
		a := b.get("/c") // who has a password is led to the own pages, everybody else is asked for an address
		allowed := a.status == http.StatusSeeOther && a.location() == "/"
		switch {
		case w.subject.Access != core.BasicAccess:
		case w.shut: // the door says the same as ever, and mails no code
			w.later.Add(int64(time.Hour))
			w.doorOf(w.visitor(), w.subject.Address().Mailbox())
			allowed = allowed && w.code(w.subject.ID) != ""
		default:
			_, page := w.dashboardOf(w.subject)
			allowed = allowed && page.status == http.StatusOK && !strings.Contains(page.body, `name="address"`)
		}
		return allowed, fmt.Sprintf("status %d", a.status)
	}},
	"link.request_new": {ask: func(w *cellWorld, b *browser) (bool, string) {
		if !w.declared.Has(access.Lnk) {
			return verdict(w, b.post("/t/"+strings.Repeat("A", 43)+"/again"))
		}
		if w.thread == "" { // those inside have invitations only
			return w.inviteAgain(b)
		}
		token := strings.TrimPrefix(w.thread, "/t/")
		th, err := w.core.Thread(context.Background(), token, "127.0.0.1")
		must(w.t, err)
		w.tx(func(tx core.Tx) error {
			return tx.RenewLink(context.Background(), w.account.ID, th.Link.ID, th.Link.Generation, w.core.Now().Add(-time.Minute))
		})
		return verdict(w, b.post(w.thread+"/again", "nonce", w.site.nonceAt(th.Pass, w.core.Now().Add(-time.Minute))))
	}},
}

// linkOfCell is the state of the link in a question of the table: a new one is asked for by one that expired.
func linkOfCell(action access.Action, f access.Facts) access.LinkState {
	switch {
	case !f.Has(access.Lnk):
		return access.LinkNone
	case action == "link.request_new":
		return access.LinkExpired
	}
	return access.LinkActive
}

// buildLink gives the subject the link that a mail about the task brings. It
// is of somebody who has to do with the task, as whoever gets such a mail has.
func (w *cellWorld) buildLink() {
	if !w.declared.Has(access.Lnk) || w.subject.Staff() {
		return
	}
	ctx := context.Background()
	if !w.declared.Closed().Has(access.Rel) {
		w.declared = w.declared.With(access.Par)
		w.task.People = append(w.task.People, core.TaskPerson{Person: w.subject.ID, Relation: core.Participate})
		w.tx(func(tx core.Tx) error { return tx.SetTaskPeople(ctx, w.account.ID, w.task.ID, w.task.People) })
	}
	l := w.newLink(core.ThreadLink, w.task.ID, w.core.Now().Add(time.Hour))
	w.thread = "/t/" + w.keys.LinkToken(core.ThreadLink, l.ID, l.Generation)
}

func (w *cellWorld) newLink(kind core.LinkKind, object core.ID, expires time.Time) core.Link {
	id, err := core.RandomID(strings.NewReader(string(core.NewID())))
	must(w.t, err)
	l := core.Link{ID: id, Account: w.account.ID, Kind: kind, Person: w.subject.ID, Object: object, Scope: w.subject.Addresses[0].Norm, CreatedAt: w.core.Now(), ExpiresAt: expires}
	w.tx(func(tx core.Tx) error { return tx.EnsureLink(context.Background(), &l) })
	return l
}

// prove makes the browser one in which the subject typed a code for the link.
func (w *cellWorld) prove(b *browser) *browser {
	if w.thread == "" {
		return b
	}
	th, err := w.core.Thread(context.Background(), strings.TrimPrefix(w.thread, "/t/"), "127.0.0.1")
	must(w.t, err)
	if th.State != core.LinkLive {
		return b
	}
	must(w.t, w.core.AskThreadCode(context.Background(), &th, "127.0.0.1"))
	path := w.thread + "/code"
	w.later.Add(int64(time.Hour)) // the limits are another test's
	a := b.post(path, "code", w.code(w.subject.ID), "nonce", w.site.nonceAt(th.Pass, w.core.Now().Add(-time.Minute)))
	if a.status != http.StatusSeeOther {
		w.t.Fatalf("the code is refused: %d %s", a.status, clip(a.body))
	}
	return b
}

// inviteAgain asks for an invitation anew that expired.
func (w *cellWorld) inviteAgain(b *browser) (bool, string) {
	w.tx(func(tx core.Tx) error {
		return tx.RevokeLinksOf(context.Background(), w.account.ID, w.subject.ID, "test", w.core.Now())
	})
	l := w.newLink(core.ActivationLink, w.subject.ID, w.core.Now().Add(-time.Minute))
	if a := b.get("/i/" + w.keys.LinkToken(core.ActivationLink, l.ID, 0)); a.status != http.StatusSeeOther {
		return verdict(w, a)
	}
	pass := w.keys.LinkPass(core.ActivationLink, l.ID, 0)
	return verdict(w, b.post("/i/again", "nonce", w.site.nonceAt(pass, w.core.Now().Add(-time.Minute))))
}
